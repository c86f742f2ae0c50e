/*
 * tokctl report trend - whether usage rises, falls or stays
 */
#include <math.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"
#include "config/config.h"
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

/* Each metric is a row; money and counts are in columns of their own. */
static const struct out_col trend_cols[] = {
	{ "metric", "Metric", OUT_TEXT, 0 },
	{ "direction", "Direction", OUT_TEXT, 0 },
	{ "periods", "", OUT_INT, OUT_MACHINE },
	{ "growth_ratio", "Growth", OUT_RATIO, 0 },
	{ "typical", "", OUT_JSON, OUT_MACHINE },
	{ "slope", "", OUT_JSON, OUT_MACHINE },
	{ "slope_low", "", OUT_JSON, OUT_MACHINE },
	{ "slope_high", "", OUT_JSON, OUT_MACHINE },
	{ "typical_usd", "", OUT_MONEY, OUT_MACHINE },
	{ "slope_usd", "", OUT_MONEY, OUT_MACHINE },
	{ "slope_low_usd", "", OUT_MONEY, OUT_MACHINE },
	{ "slope_high_usd", "", OUT_MONEY, OUT_MACHINE },
	{ "", "Typical", OUT_TEXT, OUT_PEOPLE | OUT_MEDIUM },
	{ "", "Change", OUT_TEXT, OUT_PEOPLE },
	{ "", "between", OUT_TEXT, OUT_PEOPLE | OUT_MEDIUM },
	{ "", "and", OUT_TEXT, OUT_PEOPLE | OUT_MEDIUM },
	{ "p_value", "Chance", OUT_RATIO, OUT_WIDE },
	OUT_COL_END,
};

static const double significant = 0.05;

enum { COURSE_MAX = 60 };

/* For people, money and counts share columns. */
static void
print_text(struct out *o, const struct tk_digits *d, enum series_metric metric,
    double v)
{
	struct tk_buf b = TK_BUF_INIT;

	if (metric == SERIES_COST)
		tk_money_add_human(&b, (tk_int128)(v / 1e6) * 1000000, -1, d);
	else if (fabs(v) < 100)
		tk_buf_addf(&b, "%.2f", v);
	else
		tk_int_add_grouped(&b, (tk_int128)round(v), d);
	out_text(o, b.s);
	tk_buf_release(&b);
}

static void
print_numbers(struct out *o, const struct tk_digits *d,
    enum series_metric metric, const double v[4])
{
	for (int money = 0; money < 2; money++)
		for (int i = 0; i < 4; i++) {
			if (money != (metric == SERIES_COST))
				out_null(o);
			else if (money)
				series_out(o, metric, v[i]);
			else
				series_out_decimal(o, v[i]);
		}
	for (int i = 0; i < 4; i++)
		print_text(o, d, metric, v[i]);
}

static void
print_trend(struct out *o, const struct tk_digits *d, const struct series *s,
    enum series_metric metric)
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
	print_numbers(o, d, metric,
	    (const double[]){ typical, t.slope, t.low, t.high });
	series_out_ratio(o, t.p);
	out_end_row(o);
	free(y);
}

/* The last values, each by its part of the largest of them. */
static void
put_course(struct out *o, const double *y, size_t n)
{
	char text[COURSE_MAX + 1] = "";
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, y[i]);
	for (size_t i = 0; i < n; i++) {
		double part = most > 0 ? fmax(y[i], 0) / most : 0;

		text[i] = (char)(OUT_HEIGHT + ceil(part * OUT_HEIGHT_MAX));
	}
	out_shades(o, text);
}

/* For people: how it went, as far back as there is room. */
static void
print_course(struct out *o, const struct series *s, const char *step)
{
	static const struct out_col cols[] = {
		{ "metric", "", OUT_TEXT, 0 },
		{ "course", "", OUT_SHADES, 0 },
		OUT_COL_END,
	};
	enum { NAME = 10 }; /* columns for the metric's */
	size_t n = COURSE_MAX, width = (size_t)out_width(o);
	struct tk_buf title = TK_BUF_INIT;
	struct out_part part = { .key = "course", .flags = OUT_PEOPLE };

	if (width > NAME && width - NAME < n)
		n = width - NAME;
	n = n < s->n ? n : s->n;
	tk_buf_addf(&title, "The last %zu %ss", n, step);
	part.title = title.s;
	out_part(o, &part, cols);
	for (int m = 0; m < SERIES_METRICS; m++) {
		double *y = series_numbers(s, (enum series_metric)m);

		out_text(o, series_metrics[m].name);
		put_course(o, y + s->n - n, n);
		out_end_row(o);
		free(y);
	}
	tk_buf_release(&title);
}

static int
trend_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct series_args *args = args_;
	struct out *o = ctx->out;
	struct series_query q;
	struct tk_digits d;
	struct series s;
	const char *step = series_step_name((enum report_dim)args->step);
	int rc;

	(void)argc, (void)argv;
	if (config_digits(ctx->config, &d, err) < 0 ||
	    series_read(ctx, args, "tokctl.report.trend/1", "Trend of usage",
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
			print_trend(o, &d, &s, (enum series_metric)m);
		print_course(o, &s, step);
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
