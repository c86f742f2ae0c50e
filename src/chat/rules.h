#ifndef CHAT_RULES_H
#define CHAT_RULES_H

#include <stdbool.h>

#include "chat/chat.h"

/*
 * What a model's template adds to the texts of a request.
 *
 * A request is base + message for each but the first, and the tokens of the
 * roles.  So of the rule that OpenAI published (three for each message, its
 * role, and three for the reply) base is 6 and message is 3.  That rule is
 * exact; the other rows were fitted to counts of the vendors' APIs by
 * ai-tokenizer 1.0.6 (MIT), and Anthropic publishes what its tools' prompt
 * takes.
 *
 * Tools, unless they are counted by OpenAI's published formula: tools (or
 * forced, when one must be called) once, tool for each, desc for each that
 * has a description, first and next for their properties, and so on; and
 * the texts themselves.
 */
struct chat_rule {
	const char *glob; /* of the model; the first that fits */
	int base, message;
	int tools, forced;
	int tool, desc, first, next, prop_desc, choice, nested, array;
	bool exact;  /* messages of text alone */
	int formula; /* of OpenAI's tools: what each begins with; 0: fitted */
};

const struct chat_rule *chat_rule_of(const char *model, enum chat_api api);

#endif
