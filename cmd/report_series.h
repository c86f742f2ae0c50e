#ifndef CMD_REPORT_SERIES_H
#define CMD_REPORT_SERIES_H

#include "cmd.h"
#include "filter.h"
#include "out/out.h"
#include "report/series.h"

/*
 * What "report trend", "forecast" and "anomalies" share: a series of usage,
 * by the options that choose it.
 */
struct series_args {
	struct cmd_common common;
	struct cmd_filter filter;
	int step;        /* enum report_dim */
	int metric;      /* enum series_metric */
	int64_t horizon; /* periods, or that of the step */
	int64_t level;
	bool backtest;
};

#define SERIES_ITS_HORIZON INT64_MIN

#define OPT_SERIES \
	OPT_CHOICE('g', "granularity", struct series_args, step, "period", \
	    series_steps, "one value for each hour, day, week or month"), \
	    OPT_SENT(struct series_args), OPT_FILTER(struct series_args), \
	    OPT_COMMON(struct series_args)
#define OPT_METRIC \
	OPT_CHOICE('M', "metric", struct series_args, metric, "metric", \
	    series_metrics, "look at tokens, cost or requests")

void series_defaults(void *args);
int series_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err);

/* Read the series; the document's title is "TITLE, all users". */
int series_read(struct cmd_ctx *ctx, const struct series_args *args,
    const char *schema, const char *title, struct series_query *q,
    struct series *s, struct tk_err *err);

/* "day", "days": a period of the series. */
const char *series_step_name(enum report_dim step);

/* A number of the metric, rounded: money or a count. */
void series_out(struct out *o, enum series_metric metric, double value);
void series_out_bar(struct out *o, enum series_metric metric, double value);
enum out_type series_out_type(enum series_metric metric);

/* A period: its day, or when it begins. */
void series_out_period(struct out *o, enum report_dim step,
    const struct tk_zone *zone, int64_t start);

/* A ratio of 0 to 1 in the writer's terms, exact to six decimals. */
void series_out_ratio(struct out *o, double ratio);

/* A plain number with up to three decimals, for a column of OUT_JSON. */
void series_out_decimal(struct out *o, double v);

/* Did the last period of a series stand out?  Then why, as in "5.2 times the
 * usual tokens". */
bool series_last_is_odd(const struct series *s, enum series_metric metric,
    struct tk_buf *why);

#endif
