#include "stats/spike.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/robust.h"

/* What differences of one season usually are. */
static double
usual_difference(const double *y, size_t n, size_t m)
{
	double *d = tk_xcalloc(n, sizeof(*d)), sigma;
	size_t count = 0;

	for (size_t i = m; i < n; i++)
		d[count++] = fabs(y[i] - y[i - m]);
	sigma = STATS_MAD_SIGMA * stats_median(d, count);
	free(d);
	return sigma;
}

/* The values to compare y[i] with. */
static void
peers(const double *y, size_t n, size_t m, size_t i, double *a, double *b)
{
	size_t before = i >= m ? i - m : i + 2 * m;
	size_t after = i + m < n ? i + m : i - 2 * m;

	*a = y[before];
	*b = y[after];
}

static bool
is_far(const double *y, size_t n, size_t m, size_t i, double limit)
{
	double a, b;

	peers(y, n, m, i, &a, &b);
	return (y[i] - a > limit && y[i] - b > limit) ||
	    (a - y[i] > limit && b - y[i] > limit);
}

double *
spikes_removed(const double *y, size_t n, size_t season)
{
	size_t m = season > 0 ? season : 1;
	double *clean = tk_xcalloc(n + 1, sizeof(*clean)), limit;

	memcpy(clean, y, n * sizeof(*y));
	if (n < 4 * m)
		return clean;
	limit = SPIKE_SIGMAS * usual_difference(y, n, m);
	for (size_t i = 0; limit > 0 && i < n; i++) {
		double a, b;

		if (!is_far(y, n, m, i, limit) ||
		    (i > 0 && is_far(y, n, m, i - 1, limit)) ||
		    (i + 1 < n && is_far(y, n, m, i + 1, limit)))
			continue;
		peers(y, n, m, i, &a, &b);
		clean[i] = (a + b) / 2;
	}
	return clean;
}
