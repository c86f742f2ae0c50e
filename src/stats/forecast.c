#include "stats/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/season.h"
#include "stats/smooth.h"
#include "stats/spike.h"

enum { SHORTEST_PAST = 10 };

/* Each either repeats seasons or smooths what is left without them. */
static const struct method {
	const char *name;
	int season;    /* index into series.season; -1: none */
	size_t repeat; /* this many seasons; 0: smooth */
	smooth_fn *smooth;
} methods[FORECAST_METHODS] = {
	{ "last value", -1, 1, NULL },
	{ "seasonal naive", 0, 1, NULL },
	{ "mean of three seasons", 0, 3, NULL },
	{ "long seasonal naive", 1, 1, NULL },
	{ "mean of two long seasons", 1, 2, NULL },
	{ "exponential smoothing", 0, 0, smooth_simple },
	{ "damped trend", 0, 0, smooth_damped },
	{ "theta", 0, 0, smooth_theta },
	{ "exponential smoothing, long season", 1, 0, smooth_simple },
	{ "damped trend, long season", 1, 0, smooth_damped },
	{ "theta, long season", 1, 0, smooth_theta },
};

const char *
forecast_method(size_t method)
{
	return methods[method].name;
}

static size_t
season_of(const struct forecast_series *s, const struct method *m)
{
	return m->season < 0 ? 1 : s->season[m->season];
}

/* Whether a past of n values is enough for the method. */
static bool
applies(const struct forecast_series *s, const struct method *m, size_t n)
{
	size_t season = season_of(s, m);

	if (m->repeat > 0)
		return season > 0 && n >= season * m->repeat;
	return m->season == 0 || (season > 0 && n >= 3 * season);
}

static void
run_method(const struct forecast_series *s, const struct method *m, size_t n,
    size_t h, double *out)
{
	size_t season = season_of(s, m);

	if (m->repeat > 0)
		season_repeat(s->y, n, season, m->repeat, h, out);
	else
		season_forecast(s->y, n, season, h, out, m->smooth);
}

/* Stretches at the end of a series that are forecast from what is before. */
struct origins {
	size_t n, at[FORECAST_ORIGINS];
	size_t h;
	double *made; /* [origin][method][h] */
};

static double *
made_at(const struct origins *o, size_t origin, size_t method)
{
	return o->made + (origin * FORECAST_METHODS + method) * o->h;
}

static void
origins_choose(struct origins *o, const struct forecast_series *s, size_t h)
{
	size_t least = s->n >= 3 * s->season[0] ? 2 * s->season[0] : 0;
	size_t step;

	if (least < SHORTEST_PAST)
		least = SHORTEST_PAST;
	o->h = h < s->n / 4 ? h : s->n / 4;
	step = o->h > 6 ? o->h / 2 : o->h;
	for (o->n = 0; o->n < FORECAST_ORIGINS; o->n++) {
		size_t back = o->h + o->n * step;

		if (back + least > s->n)
			break;
		o->at[o->n] = s->n - back;
	}
}

static double
mean_error(const double *y, const double *made, size_t h)
{
	double sum = 0;

	for (size_t i = 0; i < h; i++)
		sum += fabs(y[i] - made[i]);
	return sum / (double)h;
}

/* Forecast from each origin by each method, and weigh the methods by it. */
static void
weigh(struct forecast *f, struct origins *o, const struct forecast_series *s)
{
	double error[FORECAST_METHODS] = { 0 }, least = INFINITY, sum = 0;

	o->made = tk_xcalloc(FORECAST_ORIGINS * FORECAST_METHODS * o->h,
	    sizeof(*o->made));
	for (size_t m = 0; m < FORECAST_METHODS; m++) {
		/* All origins, or none: errors are to be compared. */
		bool possible =
		    applies(s, &methods[m], o->n > 0 ? o->at[o->n - 1] : s->n);

		for (size_t k = 0; possible && k < o->n; k++) {
			double *made = made_at(o, k, m);

			run_method(s, &methods[m], o->at[k], o->h, made);
			error[m] += mean_error(s->y + o->at[k], made, o->h);
		}
		if (!possible)
			error[m] = INFINITY;
		least = fmin(least, error[m]);
	}
	for (size_t m = 0; m < FORECAST_METHODS; m++) {
		double ratio = isinf(error[m]) ? INFINITY
		    : least > 0                ? error[m] / least
		    : error[m] > 0             ? INFINITY
					       : 1;

		f->weight[m] = pow(ratio, -8);
		sum += f->weight[m];
	}
	for (size_t m = 0; m < FORECAST_METHODS; m++)
		f->weight[m] /= sum;
	f->origins = o->n;
}

/* What the combination was off by, by the distance from the origin. */
static double *
residuals(const struct forecast *f, const struct origins *o,
    const struct forecast_series *s)
{
	double *off = tk_xcalloc(FORECAST_ORIGINS * o->h, sizeof(*off));

	for (size_t k = 0; k < o->n; k++)
		for (size_t i = 0; i < o->h; i++) {
			double mean = 0;

			for (size_t m = 0; m < FORECAST_METHODS; m++)
				if (f->weight[m] > 0)
					mean +=
					    f->weight[m] * made_at(o, k, m)[i];
			off[k * o->h + i] = fabs(s->y[o->at[k] + i] - mean);
		}
	return off;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The conformal quantile: of n values and the one to come. */
static double
quantile(double *v, size_t n, double level)
{
	double rank = ceil((double)(n + 1) * level);

	qsort(v, n, sizeof(*v), by_value);
	if (rank <= (double)n)
		return v[(size_t)rank - 1];
	return v[n - 1] * (1 + 2.0 / (double)n);
}

static void
spread(struct forecast *f, const struct origins *o, const double *off,
    double level)
{
	size_t around = o->h / 4 + 1;
	double *near = tk_xcalloc(FORECAST_ORIGINS * o->h, sizeof(*near));
	double wide = 0;

	for (size_t i = 0; i < f->h; i++) {
		size_t at = i < o->h ? i : o->h - 1, n = 0;

		for (size_t k = 0; k < o->n; k++)
			for (size_t j = at < around ? 0 : at - around;
			     j < o->h && j <= at + around; j++)
				near[n++] = off[k * o->h + j];
		if (i < o->h)
			wide = fmax(wide, quantile(near, n, level));
		else /* as the error of a random walk grows */
			wide *= sqrt((double)(i + 1) / (double)i);
		f->low[i] = f->mean[i] - wide;
		f->high[i] = f->mean[i] + wide;
	}
	free(near);
}

static void
combine(struct forecast *f, const struct forecast_series *s)
{
	double *made = tk_xcalloc(f->h, sizeof(*made));

	for (size_t m = 0; m < FORECAST_METHODS; m++) {
		if (f->weight[m] <= 0)
			continue;
		run_method(s, &methods[m], s->n, f->h, made);
		for (size_t i = 0; i < f->h; i++)
			f->mean[i] += f->weight[m] * made[i];
	}
	free(made);
}

static void
not_below_zero(struct forecast *f, const struct forecast_series *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->y[i] < 0)
			return;
	for (size_t i = 0; i < f->h; i++) {
		f->mean[i] = fmax(f->mean[i], 0);
		f->low[i] = fmax(f->low[i], 0);
		f->high[i] = fmax(f->high[i], 0);
	}
}

int
forecast_run(struct forecast *f, const struct forecast_series *s, size_t h,
    double level)
{
	struct forecast_series clean = *s;
	struct origins o = { 0 };
	double *off, *y;

	*f = (struct forecast){ .h = h };
	if (s->n < FORECAST_MIN)
		return 0;
	clean.y = y = spikes_removed(s->y, s->n, s->season[0]);
	s = &clean;
	f->mean = tk_xcalloc(h, sizeof(*f->mean));
	f->low = tk_xcalloc(h, sizeof(*f->low));
	f->high = tk_xcalloc(h, sizeof(*f->high));
	origins_choose(&o, s, h);
	weigh(f, &o, s);
	combine(f, s);
	off = residuals(f, &o, s);
	spread(f, &o, off, level);
	not_below_zero(f, s);
	free(off);
	free(o.made);
	free(y);
	return 1;
}

void
forecast_release(struct forecast *f)
{
	free(f->mean);
	free(f->low);
	free(f->high);
	*f = (struct forecast){ 0 };
}

/* The mean absolute error of the naive forecast within the sample. */
static double
scale(const double *y, size_t n, size_t season)
{
	double sum = 0;

	if (season == 0 || season >= n)
		season = 1;
	for (size_t i = season; i < n; i++)
		sum += fabs(y[i] - y[i - season]);
	return sum / (double)(n - season);
}

static double
symmetric_error(const double *y, const double *made, size_t h)
{
	double sum = 0;

	for (size_t i = 0; i < h; i++) {
		double size = fabs(y[i]) + fabs(made[i]);

		if (size > 0)
			sum += 200 * fabs(y[i] - made[i]) / size;
	}
	return sum / (double)h;
}

/* Add what one origin shows; false when nothing can be compared there. */
static bool
score_origin(struct forecast_score *score, const struct forecast_series *s,
    size_t at, size_t h, double level)
{
	struct forecast_series past = *s;
	double unit = scale(s->y, at, s->season[0]), *naive;
	const double *y = s->y + at;
	struct forecast f;

	past.n = at;
	if (unit <= 0 || !forecast_run(&f, &past, h, level))
		return false;
	naive = tk_xcalloc(h, sizeof(*naive));
	season_repeat(s->y, at, s->season[0] ? s->season[0] : 1, 1, h, naive);
	score->smape += symmetric_error(y, f.mean, h);
	score->mase += mean_error(y, f.mean, h) / unit;
	score->naive_smape += symmetric_error(y, naive, h);
	score->naive_mase += mean_error(y, naive, h) / unit;
	for (size_t i = 0; i < h; i++)
		score->coverage += y[i] >= f.low[i] && y[i] <= f.high[i];
	score->values += h;
	score->origins++;
	free(naive);
	forecast_release(&f);
	return true;
}

void
forecast_backtest(struct forecast_score *score, const struct forecast_series *s,
    size_t h, double level, size_t origins)
{
	*score = (struct forecast_score){ 0 };
	for (size_t back = h; origins > 0 && s->n >= back + FORECAST_MIN;
	     back += h, origins--)
		if (!score_origin(score, s, s->n - back, h, level))
			break;
	if (score->origins == 0)
		return;
	score->smape /= (double)score->origins;
	score->mase /= (double)score->origins;
	score->naive_smape /= (double)score->origins;
	score->naive_mase /= (double)score->origins;
	score->coverage /= (double)score->values;
}
