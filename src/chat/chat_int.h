#ifndef CHAT_CHAT_INT_H
#define CHAT_CHAT_INT_H

#include "chat/chat.h"
#include "chat/rules.h"

/*
 * How a request is read:
 *
 *	parse.c    the document: which API it is, and what stands where
 *	message.c  messages, and which of them belong together
 *	define.c   definitions: of tools, of the form of the answer
 *	content.c  what one message holds -> parts
 *	count.c    texts, roles and images -> tokens
 *	tools.c    definitions of tools -> tokens
 *	write.c    back to JSON, with fewer messages
 */

/* parse.c */

/* Not there, or null: both are the same. */
bool chat_is_null(struct json_text raw);

/* A text into *to; none leaves it; anything else is an error with the name
 * of the member. */
int chat_read_text(const struct chat_request *r, struct json_text raw,
    const char *what, struct json_text *to, struct tk_err *err);

/* message.c */

/* raw is the value that it stands in; it is the last message then. */
struct chat_message *chat_add_message(struct chat_request *r,
    struct json_text raw);

/* An array of messages, or (Responses, Gemini) the text of one; what is the
 * name of the member. */
int chat_read_messages(struct chat_request *r, struct json_text raw,
    const char *what, struct tk_err *err);
void chat_find_groups(struct chat_request *r);

/* define.c */

/* An array of objects, or nothing. */
int chat_read_tools(struct chat_request *r, struct json_text raw,
    const char *what, struct tk_err *err);

/* A schema for the answer, in an object or in the "format" of one. */
void chat_read_answer(struct chat_request *r, struct json_text raw);

/* content.c: add what a value holds to the message that was added last. */

void chat_add_content(struct chat_request *r, struct json_text raw, int depth);
void chat_add_part(struct chat_request *r, enum chat_part_kind kind,
    struct json_text text, bool is_json);
/* An object with the name and the arguments of a call. */
void chat_add_call(struct chat_request *r, struct json_text raw);
/* id.p NULL is fine: there is none. */
void chat_add_link(struct chat_request *r, struct json_text id, bool result);

/* Gemini's MEDIA_RESOLUTION_..., wherever in raw. */
enum chat_detail chat_media_detail(struct json_text raw);

/* The inside of a string; false when it is none. */
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
