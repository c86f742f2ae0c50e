/*
 * tokctl report trend - whether usage rises, falls or stays
 */
#include <stdlib.h>

#include "base/attr.h"
#include "out/out.h"
#include "report.h"
#include "report_out.h"
#include "report_series.h"
#include "stats/robust.h"
#include "stats/trend.h"

static const struct opt trend_opts[] = {
	OPT_SERIES,
	OPT_END,
};

/* Money and counts in one column are not comparable: each metric is a row,
 * and its numbers are in its own columns. */
static const struct out_col trend_cols[] = {
	{ "metric", "Metric", OUT_TEXT, 0 },
	{ "direction", "Direction", OUT_TEXT, 0 },
	{ "periods", "", OUT_INT, OUT_MACHINE },
	{ "growth_ratio", "Growth", OUT_RATIO, 0 },
	{ "typical", "Typical", OUT_INT, OUT_WIDE },
	{ "slope", "Slope", OUT_INT, 0 },
	{ "slope_low", "Low", OUT_INT, OUT_MEDIUM },
	{ "slope_high", "High", OUT_INT, OUT_MEDIUM },
	{ "typical_usd", "Typical cost", OUT_MONEY, OUT_WIDE },
	{ "slope_usd", "Slope cost", OUT_MONEY, 0 },
	{ "slope_low_usd", "Low cost", OUT_MONEY, OUT_MEDIUM },
	{ "slope_high_usd", "High cost", OUT_MONEY, OUT_MEDIUM },
	{ "p_value", "Chance", OUT_RATIO, OUT_WIDE },
	OUT_COL_END,
};

static const double significant = 0.05;

static void
print_numbers(struct out *o, enum series_metric metric, const double v[4])
{
	for (int money = 0; money < 2; money++)
		for (int i = 0; i < 4; i++) {
			if (money == (metric == SERIES_COST))
				series_out(o, metric, v[i]);
			else
				out_null(o);
		}
}

static void
print_trend(struct out *o, const struct series *s, enum series_metric metric)
{
	double *y = series_numbers(s, metric), typical;
	struct trend t;

	trend_of(&t, y, s->n);
	typical = t.intercept + t.slope * (double)(s->n - 1) / 2;
	out_text(o, series_metrics[metric].name);
	out_text(o,
	    t.p >= significant ? "steady"
		: t.slope > 0  ? "increasing"
		: t.slope < 0  ? "decreasing"
			       : "steady");
	out_int(o, (tk_int128)s->n);
	if (typical > 0)
		series_out_ratio(o, t.slope / typical);
	else
		out_null(o);
	print_numbers(o, metric,
	    (const double[]){ typical, t.slope, t.low, t.high });
	series_out_ratio(o, t.p);
	out_end_row(o);
	free(y);
}

static int
trend_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct series_args *args = args_;
	struct out *o = ctx->out;
	struct series_query q;
	struct series s;
	const char *step = series_step_name((enum report_dim)args->step);
	int rc;

	(void)argc, (void)argv;
	if (series_read(ctx, args, "tokctl.report.trend/1", "Trend of usage",
		&q, &s, err) < 0)
		return -1;
	out_begin(o, trend_cols);
	if (s.n < TREND_MIN) {
		out_empty(o, "too little usage for a trend");
		out_warning(o, "too_little_data",
		    "%zu whole %ss of usage; a trend needs %d", s.n, step,
		    TREND_MIN);
	} else {
		for (int m = 0; m < SERIES_METRICS; m++)
			print_trend(o, &s, (enum series_metric)m);
		out_note(o,
		    "by %s, over %zu whole %ss: the median slope, with an "
		    "interval of 95 %%",
		    step, s.n, step);
		out_note(o,
		    "steady: chance alone gives as clear a trend in more "
		    "than 1 of 20");
	}
	rc = report_out_unpriced(ctx, &q.filter, &s.total, err);
	series_release(&s);
	return rc;
}

const struct cmd cmd_report_trend = {
	.name = "trend",
	.summary = "show whether usage rises or falls",
	.examples = "tokctl report trend --since 90d\tby day\n"
		    "tokctl report trend -g week --user alice\tby week\n",
	.opts = trend_opts,
	.args_size = sizeof(struct series_args),
	.defaults = series_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = series_check,
	.run = trend_run,
};
