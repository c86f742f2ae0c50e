/*
 * export --roll-up: sums by hour, day, week or month, and by names.  The
 * same query as that of the reports, so that they cannot disagree.
 */
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "export.h"
#include "out/out.h"
#include "report/report.h"
#include "report_out.h"

enum { MAX_COLS = REPORT_MAX_DIMS + REPORT_SUM_COLS };

static int
add_by(struct report_query *q, const char *list, struct tk_err *err)
{
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		const struct tk_choice *c = report_dims;

		while (c->name != NULL &&
		    (strncmp(c->name, s, n) != 0 || c->name[n] != '\0'))
			c++;
		if (c->name == NULL ||
		    (c->value >= DIM_HOUR && c->value <= DIM_MONTH))
			return tk_fail(err, TK_USAGE,
			    "--by: '%.*s' is no name to sum by", (int)n, s);
		for (size_t d = 0; d < q->dims; d++)
			if (q->dim[d] == (enum report_dim)c->value)
				return tk_fail(err, TK_USAGE,
				    "--by: '%s' is there twice", c->name);
		if (q->dims == REPORT_MAX_DIMS)
			return tk_fail(err, TK_USAGE,
			    "--by: more than %d names", REPORT_MAX_DIMS - 1);
		q->dim[q->dims++] = (enum report_dim)c->value;
		s += n;
		if (*s == '\0')
			return 0;
	}
}

static int
read_query(const struct export_args *args, struct report_query *q,
    struct tk_err *err)
{
	q->dim[q->dims++] = (enum report_dim)args->roll_up;
	for (size_t i = 0; i < args->by.n; i++)
		if (add_by(q, args->by.v[i], err) < 0)
			return -1;
	return 0;
}

int
export_roll_up_check(const struct export_args *args, struct tk_err *err)
{
	struct report_query q = { 0 };

	if (args->by.n > 0 && args->roll_up == ROLL_UP_NONE)
		return tk_fail(err, TK_USAGE, "--by goes with --roll-up");
	if (args->roll_up == ROLL_UP_NONE)
		return 0;
	if (args->all || args->columns != NULL || args->common.split != 0)
		return tk_fail(err, TK_USAGE, "--%s does not go with --roll-up",
		    args->all                   ? "all"
			: args->columns != NULL ? "columns"
						: "split-by");
	return read_query(args, &q, err);
}

static void
print_row(struct out *o, const struct report_query *q,
    const struct report_row *row, const struct anonymizer *hide)
{
	struct tk_buf text = TK_BUF_INIT, hidden = TK_BUF_INIT;

	for (size_t d = 0; d < q->dims; d++) {
		const char *key = report_dim_key(q->dim[d]);

		tk_buf_reset(&text);
		report_key_text(&text, q, row, d);
		if (text.len == 0)
			out_null(o);
		else if (hide != NULL)
			out_text(o, anonymize_text(hide, key, text.s, &hidden));
		else
			out_text(o, text.s);
	}
	report_out_sums(o, &row->sums);
	out_null(o);
	out_end_row(o);
	tk_buf_release(&hidden);
	tk_buf_release(&text);
}

int
export_roll_up(struct cmd_ctx *ctx, const struct export_args *args,
    const struct ledger_filter *filter, const struct anonymizer *hide,
    struct tk_err *err)
{
	struct report_query q = { .filter = *filter,
		.zone = ctx->zone,
		.now = ctx->now,
		.week_start = ctx->week_start };
	struct out_doc doc = { .schema = "tokctl.export.rollup/1",
		.title = "Usage, rolled up" };
	struct out_col cols[MAX_COLS];
	struct report r;
	size_t n = 0;

	if (read_query(args, &q, err) < 0 ||
	    report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	for (size_t d = 0; d < q.dims; d++)
		cols[n++] = (struct out_col){ report_dim_key(q.dim[d]),
			report_dim_key(q.dim[d]), OUT_TEXT,
			d == 0 ? OUT_PERIOD : 0 };
	memcpy(cols + n, report_sum_cols, sizeof(report_sum_cols));
	report_out_range(ctx, filter, r.first, r.last, &doc);
	out_document(ctx->out, &doc);
	out_begin(ctx->out, cols);
	for (size_t i = 0; i < r.rows; i++)
		print_row(ctx->out, &q, &r.row[i], hide);
	report_release(&r);
	return 0;
}
