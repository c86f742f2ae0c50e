#ifndef TOKENIZER_JSON_STEPS_H
#define TOKENIZER_JSON_STEPS_H

#include "tokenizer/read.h"

/* For json_normal.c and json_steps.c: reading steps from their objects. */

/* Sequences in sequences are read, but not for ever. */
enum { JSON_DEEP = 8 };

/* "<what> cannot be read"; -1. */
int json_bad(const char *what, struct tk_err *err);

/* For lists: each element's text; false after the last. */
bool json_next_item(struct json_scan *s, struct json_text *item);

void json_step_text(struct model *m, struct model_text *to,
    const struct tk_buf *b);

/* {"String": "x"} or {"Regex": "x"}: 1 for text, 2 for an expression. */
int json_get_pattern(const struct json_text *o, struct tk_buf *b,
    struct tk_err *err);

/* Whether an expression is one that can be done; who asks for it. */
int json_check_regex(const char *who, const struct tk_buf *b,
    struct tk_err *err);

#endif
