#include "stats/trend.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/robust.h"

static const double z95 = 1.959963984540054;

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The sum of (t - 1) t (2t + 5) over groups of t equal values. */
static double
tie_term(const double *sorted, size_t n)
{
	double sum = 0;

	for (size_t i = 0, j; i < n; i = j) {
		double t;

		for (j = i + 1; j < n && sorted[j] == sorted[i];)
			j++;
		t = (double)(j - i);
		sum += t * (t - 1) * (2 * t + 5);
	}
	return sum;
}

/* The mean rank of each value once the slope is taken out. */
static void
ranks_of(const double *y, size_t n, double slope, double *rank)
{
	double *flat = tk_xcalloc(n, sizeof(*flat));

	for (size_t i = 0; i < n; i++)
		flat[i] = y[i] - slope * (double)i;
	for (size_t i = 0; i < n; i++) {
		double less = 0, same = 0;

		for (size_t k = 0; k < n; k++) {
			less += flat[k] < flat[i];
			same += flat[k] == flat[i];
		}
		rank[i] = less + (same + 1) / 2;
	}
	free(flat);
}

/* By how much autocorrelation makes the variance larger; at least 1, as a
 * smaller one would find trends that are none. */
static double
correction(const double *y, size_t n, double slope)
{
	double *rank = tk_xcalloc(n, sizeof(*rank)), sum = 0, variance = 0;
	double size = (double)n, mean = (size + 1) / 2;

	ranks_of(y, n, slope, rank);
	for (size_t i = 0; i < n; i++)
		variance += (rank[i] - mean) * (rank[i] - mean);
	for (size_t lag = 1; variance > 0 && lag + 2 < n; lag++) {
		double r = 0, left = (double)(n - lag);

		for (size_t i = lag; i < n; i++)
			r += (rank[i] - mean) * (rank[i - lag] - mean);
		r /= variance;
		if (fabs(r) > z95 / sqrt(size)) /* others are noise */
			sum += left * (left - 1) * (left - 2) * r;
	}
	free(rank);
	return fmax(1 + 2 / (size * (size - 1) * (size - 2)) * sum, 1);
}

static double
at_rank(const double *sorted, size_t n, double rank)
{
	if (rank < 0)
		rank = 0;
	if (rank > (double)(n - 1))
		rank = (double)(n - 1);
	return sorted[(size_t)rank];
}

int
trend_of(struct trend *t, const double *y, size_t n)
{
	double *slope, *sorted, s = 0, variance, size;
	size_t pairs = 0;

	*t = (struct trend){ .p = 1 };
	if (n < TREND_MIN)
		return 0;
	if (n > TREND_MAX) {
		y += n - TREND_MAX;
		n = TREND_MAX;
	}
	size = (double)n;
	slope = tk_xcalloc(n * (n - 1) / 2, sizeof(*slope));
	sorted = tk_xcalloc(n, sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++) {
			slope[pairs++] = (y[j] - y[i]) / (double)(j - i);
			s += (y[j] > y[i]) - (y[j] < y[i]);
		}
	t->slope = stats_median(slope, pairs);
	for (size_t i = 0; i < n; i++)
		sorted[i] = y[i];
	qsort(sorted, n, sizeof(*sorted), by_value);
	variance = (size * (size - 1) * (2 * size + 5) - tie_term(sorted, n)) /
	    18 * correction(y, n, t->slope);
	if (variance > 0 && s != 0)
		t->p = erfc((fabs(s) - 1) / sqrt(variance) / M_SQRT2);
	t->low =
	    at_rank(slope, pairs, ((double)pairs - z95 * sqrt(variance)) / 2);
	t->high =
	    at_rank(slope, pairs, ((double)pairs + z95 * sqrt(variance)) / 2);
	for (size_t i = 0; i < n; i++)
		sorted[i] = y[i] - t->slope * (double)i;
	t->intercept = stats_median(sorted, n);
	free(slope);
	free(sorted);
	return 1;
}
