#ifndef LIMIT_DETAIL_H
#define LIMIT_DETAIL_H

#include "base/num.h"

struct tk_buf;

/* A JSON object for the audit chain, member by member. */
void detail_begin(struct tk_buf *b);
void detail_text(struct tk_buf *b, const char *key, const char *text);
void detail_int(struct tk_buf *b, const char *key, tk_int128 n);
void detail_money(struct tk_buf *b, const char *key, tk_int128 pico);
void detail_end(struct tk_buf *b);

#endif
