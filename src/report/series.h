#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "report/report.h"

/*
 * Usage as a series of numbers, one for each hour, day, week or month of a
 * zone: what trends, forecasts and anomalies are computed from.
 *
 * Periods without usage are there, with 0.  Only whole periods are: the one
 * that is not over, and one that the range cuts, would look like a fall.
 * The series begins with the first period that has usage.
 */
enum series_metric {
	SERIES_TOKENS,
	SERIES_COST,
	SERIES_REQUESTS,
	SERIES_METRICS
};

/* "tokens", "cost", "requests"; "hour", "day", "week", "month". */
extern const struct tk_choice series_metrics[];
extern const struct tk_choice series_steps[];

struct series_query {
	struct ledger_filter filter;
	const struct tk_zone *zone;
	int64_t now;
	int week_start;
	enum report_dim step; /* DIM_HOUR, DIM_DATE, DIM_WEEK, DIM_MONTH */
};

struct series {
	enum report_dim step;
	size_t n;
	int64_t *start; /* of n periods and of the one after them, ms */
	tk_int128 *value[SERIES_METRICS]; /* tokens, pico-dollars, requests */
	struct usage_sums total;          /* of the periods in it */
};

/* More periods than this are an error with a hint. */
enum { SERIES_MAX = 200000 };

int series_run(struct series *s, struct ledger *l, const struct series_query *q,
    struct tk_err *err);
void series_release(struct series *s);

/* One metric for the statistics, which is to be freed. */
double *series_numbers(const struct series *s, enum series_metric metric);

/* How many periods make a season, as stats/forecast.h wants them. */
void series_seasons(enum report_dim step, size_t season[2]);

/* The n-th period after the series, n >= 0: where it begins. */
int64_t series_after(const struct series_query *q, const struct series *s,
    size_t n);

#endif
