#include "stats/anomaly.h"

#include <math.h>

#include "base/attr.h"
#include "stats/robust.h"

/* What the outermost values count, in units of the score. */
static const double tail_share = 0.005, tail_score = 2.5;

/* Where all values are about the same, this share of them is one unit. */
static const double least_unit = 1e-3;

/* And where all were exactly zero, anything else scores this. */
static const double from_nothing = 10;

static double
surprise(const struct stats_window *w, double value)
{
	double median, unit, tail;
	size_t last = w->n - 1, outer;

	if (w->n < ANOMALY_LEARN)
		return 0;
	outer = (size_t)((1 - tail_share) * (double)last);
	median = stats_sorted_median(w->sorted, w->n);
	tail = value > median ? w->sorted[outer] - median
			      : median - w->sorted[last - outer];
	unit = STATS_MAD_SIGMA * stats_sorted_mad(w->sorted, w->n);
	unit = fmax(unit, tail / tail_score);
	unit = fmax(unit, least_unit * fabs(median));
	if (unit > 0)
		return fabs(value - median) / unit;
	return value == median ? 0 : from_nothing;
}

/* The mean of the latest values up to y[i], and the sum of their steps. */
static void
latest_of(const double *y, size_t i, size_t latest, double *mean, double *churn)
{
	size_t n = 0;

	*mean = *churn = 0;
	for (; n < latest && n <= i; n++) {
		*mean += y[i - n];
		if (n < i)
			*churn += fabs(y[i - n] - y[i - n - 1]);
	}
	*mean /= (double)n;
}

void
anomaly_scores(const double *y, size_t n, size_t latest, double *score)
{
	struct stats_window past[3];

	for (size_t k = 0; k < TK_LEN(past); k++)
		stats_window_init(&past[k], ANOMALY_WINDOW);
	for (size_t i = 0; i < n; i++) {
		double now[3] = { y[i] };

		latest_of(y, i, latest, &now[1], &now[2]);
		score[i] = 0;
		for (size_t k = 0; k < TK_LEN(past); k++) {
			score[i] += surprise(&past[k], now[k]) / TK_LEN(past);
			stats_window_add(&past[k], now[k]);
		}
	}
	for (size_t k = 0; k < TK_LEN(past); k++)
		stats_window_release(&past[k]);
}

int
anomaly_next(const double *score, size_t n, double threshold, size_t rest,
    size_t *at, struct anomaly_episode *e)
{
	size_t i = *at;

	while (i < n && score[i] < threshold)
		i++;
	if (i >= n)
		return 0;
	*e = (struct anomaly_episode){ .from = i, .peak = i, .end = i + 1 };
	for (; i < n && i <= e->from + rest; i++) {
		if (score[i] > score[e->peak])
			e->peak = i;
		if (score[i] >= threshold)
			e->end = i + 1;
	}
	*at = i;
	return 1;
}
