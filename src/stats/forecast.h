#ifndef STATS_FORECAST_H
#define STATS_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What comes next in a series of numbers, with an interval, and how good
 * such forecasts were on the series' own past.
 *
 * Several simple methods (smooth.h, season.h) each forecast the end of the
 * series from the part before it, from a few origins; each gets a weight by
 * how well it did, its mean absolute error to the power of -8, and the
 * forecast is the weighted mean.  No single method is best for all series,
 * and picking one loses to this mean.
 *
 * Single wild values are smoothed over first (spike.h): they say nothing of
 * what comes, and a method that starts from one would.
 *
 * The interval is conformal: what the combination was off by at those
 * origins, by the distance from the origin.  Its nominal level is a wish;
 * forecast_backtest() says what was reached.
 *
 * sMAPE and MASE are those of the M4 competition (Makridakis, Spiliotis and
 * Assimakopoulos, 2020): sMAPE in percent, of 200; MASE against the naive
 * forecast of the first season within the sample.
 *
 * Numbers are double: a forecast is no account.
 */
enum {
	FORECAST_MIN = 14,    /* values; with fewer nothing is said */
	FORECAST_SEASONS = 2, /* a day and a week of hours, ... */
	FORECAST_ORIGINS = 5, /* at most, for the weights */
	FORECAST_METHODS = 11,
};

struct forecast_series {
	const double *y; /* finite, in order of time, none missing */
	size_t n;
	size_t season[FORECAST_SEASONS]; /* in values, rising; 0: none */
};

struct forecast {
	double *mean, *low, *high; /* h of each */
	size_t h;
	double weight[FORECAST_METHODS]; /* sum to 1 */
	size_t origins;
};

/*
 * h >= 1 values ahead, with an interval that should hold each of them with
 * probability level.  A series that is never negative has no negative
 * forecast.  Returns 0 when there are fewer than FORECAST_MIN values; else 1,
 * and f is to be released.
 */
int forecast_run(struct forecast *f, const struct forecast_series *s, size_t h,
    double level);
void forecast_release(struct forecast *f);

/* "seasonal naive", ... */
const char *forecast_method(size_t method);

struct forecast_score {
	size_t origins; /* 0: too little data for a back-test */
	size_t values;  /* that were forecast and compared */
	double smape, mase;
	double naive_smape, naive_mase; /* the seasonal naive method's */
	double coverage; /* share of the values within their interval */
};

/* Forecast up to "origins" of the last stretches of h values, each from what
 * was before it alone. */
void forecast_backtest(struct forecast_score *score,
    const struct forecast_series *s, size_t h, double level, size_t origins);

#endif
