#ifndef CMD_REPORT_COMPAT_INT_H
#define CMD_REPORT_COMPAT_INT_H

#include "base/num.h"
#include "ledger/sums.h"
#include "report_compat.h"

struct json_write;
struct tk_buf;

/* What the files of report_compat share. */

/* A time as JavaScript writes it: UTC, always with milliseconds. */
void compat_stamp(struct tk_buf *b, int64_t ms);
void compat_time(struct json_write *w, const char *key, int64_t ms);

/* Their input, so that the four classes add up to the total: what is not
 * split into classes counts here. */
tk_int128 compat_input(const struct usage_sums *s);

/* Their costs have no word for "not known": it is said on stderr. */
void compat_say_unpriced(const struct cmd_ctx *ctx, const struct usage_sums *s);

/* Write the document and a line break. */
int compat_print(struct cmd_ctx *ctx, struct tk_buf *b, struct tk_err *err);

#endif
