#ifndef TOKENIZER_FLOW_H
#define TOKENIZER_FLOW_H

#include "tokenizer/stage.h"

/* Give bytes to the first stage, with those that are not UTF-8 mended. */
int flow_add(struct flow *f, const uint8_t *p, size_t n, struct tk_err *err);
int flow_end(struct flow *f, int64_t *tokens, struct tk_err *err);

/* What the first steps of a model make of a text. */
int flow_normalize(const struct model *m, size_t steps, const char *text,
    size_t n, struct tk_buf *to, struct tk_err *err);

/* The pattern of that name in this program. */
int pattern_find(const char *name, size_t n, uint32_t *pattern,
    struct tk_err *err);

#endif
