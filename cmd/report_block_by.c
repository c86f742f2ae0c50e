/* The windows of "report block", by users, models and what else there is. */
#include <string.h>

#include "base/attr.h"
#include "limit/people.h"
#include "out/out.h"
#include "report/block.h"
#include "report_block_by.h"
#include "report_int.h"
#include "report_out.h"
#include "report_part.h"

static const struct out_col window_cols[] = {
	{ "start", "Window", OUT_TIME, 0 },
	{ "end", "Until", OUT_TIME, OUT_MEDIUM },
	{ "state", "State", OUT_TEXT, 0 },
};

int
block_by_read(struct report_query *q, const struct cmd_ctx *ctx,
    const struct opt_list *by, struct tk_err *err)
{
	*q = (struct report_query){ .zone = ctx->zone,
		.now = ctx->now,
		.week_start = ctx->week_start,
		.departments = person_departments,
		.order = ORDER_TOKENS };
	for (size_t i = 0; i < by->n; i++)
		if (report_args_dims(q, by->v[i], err) < 0)
			return -1;
	return 0;
}

static void
begin(struct out *o, const struct report_query *q)
{
	struct out_col
	    cols[TK_LEN(window_cols) + REPORT_MAX_DIMS + REPORT_SUM_COLS];
	size_t n = TK_LEN(window_cols);

	memcpy(cols, window_cols, sizeof(window_cols));
	for (size_t d = 0; d < q->dims; d++)
		cols[n++] = (struct out_col){ report_dim_key(q->dim[d]),
			report_dim_title(q->dim[d]), report_dim_type(q->dim[d]),
			0 };
	memcpy(cols + n, report_sum_cols, sizeof(report_sum_cols));
	out_begin(o, cols);
}

static void
print_row(struct out *o, const struct block *b, const struct report_query *q,
    const struct report_row *row)
{
	out_time(o, b->start);
	out_time(o, b->end);
	out_text(o, b->active ? "active" : "over");
	for (size_t d = 0; d < q->dims; d++)
		report_dim_out(o, q, row, d);
	report_out_sums(o, &row->sums);
	out_bar(o, sums_total(&row->sums));
	out_end_row(o);
}

/* Two windows may share a millisecond, but no call. */
static int
print_window(struct cmd_ctx *ctx, const struct block *b,
    const struct report_query *all, struct tk_err *err)
{
	struct report_query q = *all;
	struct report r = { 0 };

	q.filter.since = b->first;
	q.filter.until = b->last + 1;
	if (report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	for (size_t i = 0; i < r.rows; i++)
		print_row(ctx->out, b, &q, &r.row[i]);
	report_release(&r);
	return 0;
}

static void
print_total(struct out *o, const struct report_query *q,
    const struct usage_sums *total)
{
	out_total(o);
	for (size_t i = 0; i < TK_LEN(window_cols) + q->dims; i++)
		out_null(o);
	report_out_sums(o, total);
	out_null(o);
	out_end_row(o);
}

int
block_by_print(struct cmd_ctx *ctx, const struct report_query *q,
    const struct block *const *window, size_t n, const struct usage_sums *total,
    struct tk_err *err)
{
	begin(ctx->out, q);
	out_empty(ctx->out, "no usage");
	for (size_t i = 0; i < n; i++)
		if (print_window(ctx, window[i], q, err) < 0)
			return -1;
	print_total(ctx->out, q, total);
	return 0;
}
