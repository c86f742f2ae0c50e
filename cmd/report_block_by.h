#ifndef CMD_REPORT_BLOCK_BY_H
#define CMD_REPORT_BLOCK_BY_H

#include "cmd.h"
#include "report/report.h"

struct block;
struct usage_sums;

/* "report block --by": the dimensions, with all but the filter. */
int block_by_read(struct report_query *q, const struct cmd_ctx *ctx,
    const struct opt_list *by, struct tk_err *err);

/* A row for each combination in each of n windows, the most tokens first in
 * each, and their total, after out_document(); in one transaction with
 * block_run(). */
int block_by_print(struct cmd_ctx *ctx, const struct report_query *q,
    const struct block *const *window, size_t n, const struct usage_sums *total,
    struct tk_err *err);

#endif
