/*
 * tokctl report forecast - what is to come, and how good such guesses were
 */
#include <stdlib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "out/out.h"
#include "report.h"
#include "report_out.h"
#include "report_series.h"
#include "stats/forecast.h"

static const struct opt forecast_opts[] = {
	OPT_INT('n', "horizon", struct series_args, horizon, "n",
	    "so many periods (24, 14, 8 or 6)"),
	OPT_INT(0, "level", struct series_args, level, "percent",
	    "how sure the interval should be (95)"),
	OPT_FLAG(0, "backtest", struct series_args, backtest,
	    "forecast the past instead, and compare"),
	OPT_METRIC,
	OPT_PLOT(struct series_args),
	OPT_SERIES,
	OPT_END,
};

enum { BACKTEST_ORIGINS = 8 };

static size_t
horizon_of(const struct series_args *args)
{
	if (args->horizon != SERIES_ITS_HORIZON)
		return (size_t)args->horizon;
	switch ((enum report_dim)args->step) {
	case DIM_HOUR:
		return 24;
	case DIM_DATE:
		return 14;
	case DIM_WEEK:
		return 8;
	default:
		return 6;
	}
}

/* Columns have another type for money: this fills in that of three. */
static void
forecast_cols(const struct series_args *args, struct out_col cols[6])
{
	enum series_metric metric = (enum series_metric)args->metric;
	enum out_type type = series_out_type(metric);
	static const char *const key[SERIES_METRICS][3] = {
		{ "total_tokens", "total_tokens_low", "total_tokens_high" },
		{ "cost_usd", "cost_low_usd", "cost_high_usd" },
		{ "requests", "requests_low", "requests_high" },
	};
	static const char *const title[SERIES_METRICS] = { "Tokens", "Cost",
		"Requests" };
	bool hour = args->step == DIM_HOUR;

	cols[0] = (struct out_col){ hour ? "hour" : "date",
		hour ? "Hour" : "From", hour ? OUT_TIME : OUT_DAY, 0 };
	cols[1] = (struct out_col){ key[metric][0], title[metric], type, 0 };
	cols[2] = (struct out_col){ key[metric][1], "Low", type, 0 };
	cols[3] = (struct out_col){ key[metric][2], "High", type, 0 };
	cols[4] = (struct out_col){ "bar", "", OUT_BAR, 0 };
	cols[5] = (struct out_col)OUT_COL_END;
}

static void
say_methods(struct out *o, const struct forecast *f)
{
	struct tk_buf b = TK_BUF_INIT;

	for (size_t m = 0; m < FORECAST_METHODS; m++)
		if (f->weight[m] >= 0.1)
			tk_buf_addf(&b, "%s%s %.0f%%", b.len > 0 ? ", " : "",
			    forecast_method(m), f->weight[m] * 100);
	out_note(o, "weighed by how they did before: %s", b.s);
	tk_buf_release(&b);
}

static void
say_score(struct out *o, const struct forecast_score *score, int64_t level)
{
	if (score->origins == 0) {
		out_warning(o, "no_backtest",
		    "too little usage to say how good this is");
		return;
	}
	out_note(o,
	    "on its own past: off by %.1f %% (sMAPE; the same as last time: "
	    "%.1f), MASE %.2f (%.2f)",
	    score->smape, score->naive_smape, score->mase, score->naive_mase);
	out_note(o, "%.0f %% of those values were within an interval of %d %%",
	    score->coverage * 100, (int)level);
}

static void
print_forecast(struct out *o, const struct series_args *args,
    const struct series_query *q, const struct series *s,
    const struct forecast *f)
{
	enum series_metric metric = (enum series_metric)args->metric;

	for (size_t i = 0; i < f->h; i++) {
		series_out_period(o, s->step, q->zone, series_after(q, s, i));
		series_out(o, metric, f->mean[i]);
		series_out(o, metric, f->low[i]);
		series_out(o, metric, f->high[i]);
		series_out_bar(o, metric, f->mean[i]);
		out_end_row(o);
	}
}

static const struct out_col backtest_cols[] = {
	{ "metric", "Metric", OUT_TEXT, 0 },
	{ "horizon", "Ahead", OUT_INT, 0 },
	{ "origins", "Times", OUT_INT, 0 },
	{ "smape_ratio", "sMAPE", OUT_RATIO, 0 },
	{ "naive_smape_ratio", "naive", OUT_RATIO, OUT_MEDIUM },
	{ "mase", "MASE", OUT_JSON, 0 },
	{ "naive_mase", "naive", OUT_JSON, OUT_MEDIUM },
	{ "level_ratio", "Wanted", OUT_RATIO, OUT_WIDE },
	{ "coverage_ratio", "Within", OUT_RATIO, 0 },
	OUT_COL_END,
};

static void
print_score(struct out *o, const struct series_args *args,
    const struct forecast_score *score)
{
	out_text(o, series_metrics[args->metric].name);
	out_int(o, (tk_int128)horizon_of(args));
	out_int(o, (tk_int128)score->origins);
	series_out_ratio(o, score->smape / 100);
	series_out_ratio(o, score->naive_smape / 100);
	series_out_decimal(o, score->mase);
	series_out_decimal(o, score->naive_mase);
	out_ratio(o, args->level, 100);
	series_out_ratio(o, score->coverage);
	out_end_row(o);
	out_note(o,
	    "each time from what was before it alone; naive: the same as "
	    "one season before");
}

static void
too_little(struct out *o, const struct series_args *args, size_t n)
{
	out_empty(o, "too little usage for a forecast");
	out_warning(o, "too_little_data",
	    "%zu whole %ss of usage; a forecast needs %d", n,
	    series_step_name((enum report_dim)args->step), FORECAST_MIN);
}

static void
run(struct out *o, const struct series_args *args, const struct series_query *q,
    const struct series *s)
{
	double *y = series_numbers(s, (enum series_metric)args->metric);
	struct forecast_series in = { .y = y, .n = s->n };
	double level = (double)args->level / 100;
	size_t h = horizon_of(args);
	struct forecast_score score;
	struct forecast f = { 0 };
	struct out_col cols[6];

	series_seasons(s->step, in.season);
	forecast_cols(args, cols);
	out_begin(o, args->backtest ? backtest_cols : cols);
	if (s->n < FORECAST_MIN) {
		too_little(o, args, s->n);
		free(y);
		return;
	}
	forecast_backtest(&score, &in, h, level, BACKTEST_ORIGINS);
	if (!args->backtest) {
		forecast_run(&f, &in, h, level);
		print_forecast(o, args, q, s, &f);
		say_methods(o, &f);
		say_score(o, &score, args->level);
	} else if (score.origins > 0) {
		print_score(o, args, &score);
	} else {
		too_little(o, args, s->n);
	}
	forecast_release(&f);
	free(y);
}

static int
forecast_cmd_run(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct series_args *args = args_;
	struct series_query q;
	struct series s;
	int rc;

	(void)argc, (void)argv;
	if (series_read(ctx, args,
		args->backtest ? "tokctl.report.backtest/1"
			       : "tokctl.report.forecast/1",
		args->backtest ? "Forecasts of the past" : "Forecast", &q, &s,
		err) < 0)
		return -1;
	run(ctx->out, args, &q, &s);
	rc = report_out_unpriced(ctx, &q.filter, &s.total, err);
	series_release(&s);
	return rc;
}

const struct cmd cmd_report_forecast = {
	.name = "forecast",
	.summary = "say what usage is to come, and how sure that is",
	.examples =
	    "tokctl report forecast --horizon 7\tcost of the next seven days\n"
	    "tokctl report forecast --backtest -M tokens\thow good that is\n",
	.opts = forecast_opts,
	.args_size = sizeof(struct series_args),
	.defaults = series_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = series_check,
	.run = forecast_cmd_run,
};
