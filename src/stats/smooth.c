#include "stats/smooth.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/mem.h"

/* Squared one-step errors of SES with this alpha; the level at the end. */
static double
simple_errors(const double *y, size_t n, double alpha, double *level)
{
	double l = y[0], sum = 0;

	for (size_t i = 1; i < n; i++) {
		double e = y[i] - l;

		sum += e * e;
		l += alpha * e;
	}
	*level = l;
	return sum;
}

void
smooth_simple(const double *y, size_t n, size_t h, double *out)
{
	double best = INFINITY, level = y[n - 1];

	for (int percent = 2; percent <= 100; percent += 2) {
		double l, sum = simple_errors(y, n, percent / 100.0, &l);

		if (sum < best) {
			best = sum;
			level = l;
		}
	}
	for (size_t i = 0; i < h; i++)
		out[i] = level;
}

struct damped {
	double alpha, beta, phi; /* beta as a share of alpha */
	double errors;           /* squared, summed */
	double level, trend;     /* at the end */
};

static void
damped_fit(struct damped *d, const double *y, size_t n)
{
	size_t span = n < 10 ? n - 1 : 9;
	double l = y[0], t = (y[span] - y[0]) / (double)span, sum = 0;

	for (size_t i = 1; i < n; i++) {
		double f = l + d->phi * t, e = y[i] - f;

		sum += e * e;
		l = f + d->alpha * e;
		t = d->phi * t + d->alpha * d->beta * e;
	}
	d->errors = sum;
	d->level = l;
	d->trend = t;
}

static void
keep_better(struct damped *best, struct damped d, const double *y, size_t n)
{
	if (d.alpha <= 0 || d.alpha > 1 || d.beta < 0 || d.beta > 1)
		return;
	damped_fit(&d, y, n);
	if (d.errors < best->errors)
		*best = d;
}

/* A coarse grid, then smaller and smaller steps from its best point. */
static struct damped
damped_best(const double *y, size_t n)
{
	static const double alphas[] = { .05, .1, .2, .3, .4, .5, .6, .7, .8,
		.9, .99 };
	static const double betas[] = { 0, .02, .05, .1, .2, .35, .5, .8 };
	static const double phis[] = { .8, .85, .9, .95, .98 };
	struct damped best = { .errors = INFINITY };

	for (size_t i = 0; i < TK_LEN(alphas); i++)
		for (size_t j = 0; j < TK_LEN(betas); j++)
			for (size_t k = 0; k < TK_LEN(phis); k++)
				keep_better(&best,
				    (struct damped){ .alpha = alphas[i],
					.beta = betas[j],
					.phi = phis[k] },
				    y, n);
	for (double step = .05; step > .005; step /= 2) {
		for (int way = -1; way <= 1; way += 2) {
			struct damped d = best;

			d.alpha += way * step;
			keep_better(&best, d, y, n);
			d = best;
			d.beta += way * step;
			keep_better(&best, d, y, n);
		}
	}
	return best;
}

void
smooth_damped(const double *y, size_t n, size_t h, double *out)
{
	struct damped d = damped_best(y, n);
	double f = d.level, step = d.phi * d.trend;

	for (size_t i = 0; i < h; i++) {
		f += step;
		step *= d.phi;
		out[i] = f;
	}
}

void
smooth_theta(const double *y, size_t n, size_t h, double *out)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0, slope, start;
	double *bent = tk_xcalloc(n, sizeof(*bent));
	double count = (double)n;

	for (size_t i = 0; i < n; i++) {
		double x = (double)i;

		sx += x;
		sy += y[i];
		sxx += x * x;
		sxy += x * y[i];
	}
	slope = (count * sxy - sx * sy) / (count * sxx - sx * sx);
	start = (sy - slope * sx) / count;
	for (size_t i = 0; i < n; i++)
		bent[i] = 2 * y[i] - (start + slope * (double)i);
	smooth_simple(bent, n, h, out);
	for (size_t i = 0; i < h; i++)
		out[i] = (out[i] + start + slope * (count + (double)i)) / 2;
	free(bent);
}
