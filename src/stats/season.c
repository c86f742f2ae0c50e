#include "stats/season.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

bool
season_test(const double *y, size_t n, size_t m)
{
	double mean = 0, variance = 0, squares = 0, at_season = 0;

	if (m < 2 || n < 3 * m)
		return false;
	for (size_t i = 0; i < n; i++)
		mean += y[i];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		variance += (y[i] - mean) * (y[i] - mean);
	if (variance <= 0)
		return false;
	for (size_t lag = 1; lag <= m; lag++) {
		double r = 0;

		for (size_t i = lag; i < n; i++)
			r += (y[i] - mean) * (y[i - lag] - mean);
		r /= variance;
		if (lag < m)
			squares += r * r;
		else
			at_season = r;
	}
	return fabs(at_season) > 1.645 * sqrt((1 + 2 * squares) / (double)n);
}

/* The mean of the m values around y[i], those at the ends of an even m
 * counting half. */
static double
moving_mean(const double *y, size_t i, size_t m)
{
	size_t half = m / 2;
	double sum = 0;

	for (size_t k = i - half; k <= i + half; k++)
		sum += y[k];
	if (m % 2 == 0)
		sum -= (y[i - half] + y[i + half]) / 2;
	return sum / (double)m;
}

/* What each place of the season adds or multiplies; n >= 3 m. */
static void
indices(const double *y, size_t n, size_t m, bool ratio, double *index)
{
	size_t *count = tk_xcalloc(m, sizeof(*count));
	double total = 0;

	for (size_t k = 0; k < m; k++)
		index[k] = 0;
	for (size_t i = m / 2; i + m / 2 < n; i++) {
		double mean = moving_mean(y, i, m);

		index[i % m] += ratio ? y[i] / mean : y[i] - mean;
		count[i % m]++;
	}
	for (size_t k = 0; k < m; k++) {
		index[k] /= (double)count[k];
		total += index[k];
	}
	for (size_t k = 0; k < m; k++) {
		if (!ratio)
			index[k] -= total / (double)m;
		else
			index[k] = fmax(index[k] * (double)m / total, 0.01);
	}
	free(count);
}

void
season_forecast(const double *y, size_t n, size_t m, size_t h, double *out,
    smooth_fn *method)
{
	double *index, *flat;
	bool ratio = true;

	if (!season_test(y, n, m)) {
		method(y, n, h, out);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ratio = ratio && y[i] > 0;
	index = tk_xcalloc(m, sizeof(*index));
	flat = tk_xcalloc(n, sizeof(*flat));
	indices(y, n, m, ratio, index);
	for (size_t i = 0; i < n; i++)
		flat[i] = ratio ? y[i] / index[i % m] : y[i] - index[i % m];
	method(flat, n, h, out);
	for (size_t i = 0; i < h; i++) {
		double k = index[(n + i) % m];

		out[i] = ratio ? out[i] * k : out[i] + k;
	}
	free(index);
	free(flat);
}

void
season_repeat(const double *y, size_t n, size_t m, size_t k, size_t h,
    double *out)
{
	if (n < m)
		m = 1;
	if (k > n / m)
		k = n / m;
	for (size_t i = 0; i < h; i++) {
		double sum = 0;

		for (size_t back = 1; back <= k; back++)
			sum += y[n - back * m + i % m];
		out[i] = sum / (double)k;
	}
}
