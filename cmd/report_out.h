#ifndef CMD_REPORT_OUT_H
#define CMD_REPORT_OUT_H

#include "cmd.h"
#include "ledger/scan.h"
#include "out/out.h"
#include "report/report.h"

struct usage_sums;

/* The columns of sums that every report ends with, a bar the last of them;
 * REPORT_SUM_COLS with the end of the list. */
enum { REPORT_SUM_COLS = 14 };
extern const struct out_col report_sum_cols[REPORT_SUM_COLS];

/* Their cells, but for the bar. */
void report_out_sums(struct out *o, const struct usage_sums *s);

/* The same as numbers, OUT_NONE for none, which the ratio for people is, too;
 * false: one is larger than 63 bits. */
bool report_sum_numbers(const struct usage_sums *s,
    int64_t n[REPORT_SUM_COLS - 2]);

/* The cost, of what has a price. */
void report_out_cost(struct out *o, const struct usage_sums *s);

/*
 * The range of a document.  An end that was not asked for is where the usage
 * ends; first > last: there is none.
 */
void report_out_range(const struct cmd_ctx *ctx, const struct ledger_filter *f,
    int64_t first, int64_t last, struct out_doc *doc);

/* A warning that names the models without a price, if a total has any; f is
 * what the total is of, or NULL: then they are not known. */
int report_out_unpriced(const struct cmd_ctx *ctx,
    const struct ledger_filter *f, const struct usage_sums *total,
    struct tk_err *err);

/* The dimensions as words for a title: " user, hour of day and model". */
void report_out_dims(const struct report_query *q, struct tk_buf *title);

#endif
