#ifndef STATS_TREND_H
#define STATS_TREND_H

#include <stddef.h>

/*
 * Whether a series rises or falls, and by how much a step.
 *
 * The slope is that of Theil and Sen, the median of the slopes between all
 * pairs, with the 95 % interval that ranks give (Sen, 1968).  Whether there
 * is a trend at all is the test of Mann and Kendall, its variance corrected
 * for autocorrelation of the ranks (Hamed and Rao, 1998), ties included.
 */
enum { TREND_MIN = 8, TREND_MAX = 2000 };

struct trend {
	double slope, low, high; /* a step; the interval of 95 % */
	double intercept;        /* of the line at the first value */
	double p;                /* of so clear a trend by chance alone */
};

/* Of y[0..n-1]: 1; 0 when n < TREND_MIN.  Of more than TREND_MAX values, the
 * last ones. */
int trend_of(struct trend *t, const double *y, size_t n);

#endif
