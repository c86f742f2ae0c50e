#ifndef CMD_FILTER_KEPT_H
#define CMD_FILTER_KEPT_H

#include "base/err.h"

struct cmd_ctx;
struct cmd_filter;
struct kept;
struct ledger_filter;

/* The part of a filter that looks at each record; what it knows is ctx's. */
int filter_kept_check(const struct cmd_filter *args, struct tk_err *err);
int filter_kept_read(struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct ledger_filter *f, struct tk_err *err);
void filter_kept_free(struct kept *k); /* all of them; NULL is fine */

#endif
