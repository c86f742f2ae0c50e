#ifndef CMD_REPORT_PART_H
#define CMD_REPORT_PART_H

#include "cmd.h"
#include "out/out.h"
#include "report/report.h"

struct cmd_filter;

/*
 * Parts that several reports have: the records of a report once more, by
 * other dimensions.  All are to be written inside one ledger_begin_read(),
 * so that they agree.
 */
struct report_part {
	const char *key, *title;
	enum report_dim dim;
	enum report_order order;
	size_t top;      /* 0: all */
	bool named_only; /* without the row of those that name none */
};

/* A row for each value, with its share of the tokens. */
int report_part_by(struct cmd_ctx *ctx, const struct report_query *base,
    const struct report_part *part, struct tk_err *err);

/* When most is used: hours of the day by days of the week. */
int report_part_hours(struct cmd_ctx *ctx, const struct report_query *base,
    struct tk_err *err);

/* What would have cost less, and which quotas do not fit; ctx->prices is
 * there.  part: of another report; else the rows of a document.  only: what
 * q->filter was read from. */
int report_part_advice(struct cmd_ctx *ctx, const struct report_query *base,
    const struct cmd_filter *only, bool part, struct tk_err *err);

/* What a request takes, for each row of a report. */
void report_part_efficiency(struct cmd_ctx *ctx, const struct report_query *q,
    const struct report_row *row, size_t rows);

/* The title of a dimension for people. */
const char *report_dim_title(enum report_dim dim);

/* The type of its column, and a key in it. */
enum out_type report_dim_type(enum report_dim dim);
void report_dim_out(struct out *o, const struct report_query *q,
    const struct report_row *row, size_t d);

#endif
