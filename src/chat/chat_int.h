#ifndef CHAT_CHAT_INT_H
#define CHAT_CHAT_INT_H

#include "chat/chat.h"
#include "chat/rules.h"

/*
 * How a request is read:
 *
 *	parse.c    the document: which API it is, messages, tools
 *	content.c  what one message holds -> parts
 *	count.c    texts, roles and images -> tokens
 *	tools.c    definitions of tools -> tokens
 *	write.c    back to JSON, with fewer messages
 */

/* content.c: add what a value holds to the message that was added last. */

void chat_add_content(struct chat_request *r, struct json_text raw, int depth);
void chat_add_part(struct chat_request *r, enum chat_part_kind kind,
    struct json_text text, bool is_json);
/* id.p NULL is fine: there is none. */
void chat_add_link(struct chat_request *r, struct json_text id, bool result);

/* The whole value as JSON; a string as its inside. */
bool chat_text_of(struct json_text raw, struct json_text *text);

/* Nesting of contents; what is deeper is counted as the JSON that it is. */
enum { CHAT_DEPTH = 8 };

/* tools.c, in millionths. */
int chat_count_tools(const struct chat_request *r, const struct chat_rule *rule,
    const struct chat_options *o, int64_t *tokens, struct tk_err *err);

/* count.c: the tokens of a text; 0 when there is none. */
int chat_text_tokens(const struct chat_options *o, const struct json_text *t,
    bool is_json, int64_t *tokens, struct tk_err *err);

#endif
