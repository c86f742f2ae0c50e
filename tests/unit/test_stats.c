/* Statistics against series whose answers are known, and slow versions. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/anomaly.h"
#include "stats/forecast.h"
#include "stats/robust.h"
#include "stats/season.h"
#include "stats/trend.h"
#include "tap.h"

static uint32_t seed = 1;

static double
noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (double)(seed >> 8) / (1 << 24) - 0.5;
}

static int
near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
mad_is_the_median_of_distances(void)
{
	int wrong = 0;

	for (size_t n = 1; n < 200; n++) {
		double v[200], d[200], median;

		for (size_t i = 0; i < n; i++)
			v[i] = floor(noise() * (n % 3 ? 1000 : 8));
		median = stats_median(v, n);
		for (size_t i = 0; i < n; i++)
			d[i] = fabs(v[i] - median);
		qsort(d, n, sizeof(*d), by_value);
		wrong += !near(stats_sorted_mad(v, n),
		    n % 2 ? d[n / 2] : (d[n / 2 - 1] + d[n / 2]) / 2);
	}
	CHECK(wrong == 0);
}

static void
window_keeps_the_latest(void)
{
	struct stats_window w;
	double all[300];
	int wrong = 0;

	stats_window_init(&w, 50);
	for (int i = 0; i < 300; i++) {
		double v[50];
		int n = i < 49 ? i + 1 : 50;

		all[i] = floor(noise() * 20);
		stats_window_add(&w, all[i]);
		for (int k = 0; k < n; k++)
			v[k] = all[i - k];
		qsort(v, (size_t)n, sizeof(*v), by_value);
		for (int k = 0; k < n; k++)
			wrong += v[k] != w.sorted[k];
	}
	CHECK(wrong == 0);
	stats_window_release(&w);
}

static void
a_line_is_a_trend(void)
{
	double y[60];
	struct trend t;

	for (int i = 0; i < 60; i++)
		y[i] = 5 + 2 * i;
	CHECK(trend_of(&t, y, 60) == 1);
	CHECK(near(t.slope, 2) && near(t.low, 2) && near(t.high, 2));
	CHECK(near(t.intercept, 5) && t.p < 1e-6);
	for (int i = 0; i < 60; i++)
		y[i] = -y[i] + noise();
	CHECK(trend_of(&t, y, 60) == 1);
	CHECK(t.low < -2 && t.high > -2.01 && t.high < -1.9 && t.p < 1e-6);
}

/* White noise, and a random walk, which wanders without a trend: of 200 a
 * test of 5 % may call few trends; uncorrected it would half of the walks. */
static void
noise_is_none(void)
{
	int found = 0, wandering = 0;

	for (int k = 0; k < 200; k++) {
		double y[50], walk[50];
		struct trend t;

		for (int i = 0; i < 50; i++) {
			y[i] = floor(noise() * 30);
			walk[i] = noise() + (i > 0 ? 0.7 * walk[i - 1] : 0);
		}
		trend_of(&t, y, 50);
		found += t.p < 0.05;
		trend_of(&t, walk, 50);
		wandering += t.p < 0.05;
	}
	CHECK(found <= 20);
	CHECK(wandering <= 60);
}

static void
all_the_same_is_no_trend(void)
{
	double y[20] = { 0 };
	struct trend t;

	CHECK(trend_of(&t, y, 20) == 1);
	CHECK(t.slope == 0 && t.p == 1);
	CHECK(trend_of(&t, y, 7) == 0);
}

static void
a_season_repeats(void)
{
	double y[70];
	struct forecast_series s = { .y = y, .n = 70, .season = { 7 } };
	struct forecast f;
	int wrong = 0;

	for (size_t i = 0; i < 70; i++)
		y[i] = 100 + (double)(i % 7 * i % 7) * 10;
	CHECK(season_test(y, 70, 7));
	CHECK(forecast_run(&f, &s, 14, 0.95) == 1);
	for (size_t i = 0; i < 14; i++)
		wrong += fabs(f.mean[i] - y[i % 7]) > 1;
	CHECK(wrong == 0);
	CHECK(f.low[0] <= f.mean[0] && f.mean[0] <= f.high[0]);
	forecast_release(&f);
}

static void
any_series_has_a_finite_forecast(void)
{
	int wrong = 0;

	for (size_t n = 0; n < 120; n++) {
		double y[120];
		struct forecast_series s = { y, n, { n % 9, n % 9 * 4 } };
		struct forecast_score score;
		struct forecast f;
		size_t h = n % 40 + 1;

		for (size_t i = 0; i < n; i++)
			y[i] = n % 4 == 0 ? 0
			    : n % 4 == 1  ? (double)(i == n / 2) * 1e15
					  : floor(20 + noise() * 40);
		wrong += forecast_run(&f, &s, h, 0.9) != (n >= FORECAST_MIN);
		for (size_t i = 0; n >= FORECAST_MIN && i < h; i++)
			wrong += !isfinite(f.mean[i]) || !isfinite(f.low[i]) ||
			    !isfinite(f.high[i]) || f.low[i] > f.mean[i] ||
			    f.mean[i] > f.high[i] || f.low[i] < 0;
		forecast_release(&f);
		forecast_backtest(&score, &s, h, 0.9, 3);
		wrong += !isfinite(score.smape) || !isfinite(score.mase);
	}
	CHECK(wrong == 0);
}

static void
a_backtest_scores_what_is_known(void)
{
	double y[100];
	struct forecast_series s = { .y = y, .n = 100, .season = { 7 } };
	struct forecast_score score;

	for (size_t i = 0; i < 100; i++)
		y[i] = 50 + 10 * (double)(i % 7) + noise();
	forecast_backtest(&score, &s, 7, 0.95, 4);
	CHECK(score.origins == 4 && score.values == 28);
	CHECK(score.smape < 2 && score.mase < 2);
	CHECK(score.coverage > 0.7);
	s.n = 13;
	forecast_backtest(&score, &s, 7, 0.95, 4);
	CHECK(score.origins == 0);
}

static void
a_spike_is_one_episode(void)
{
	double y[200], score[200];
	struct anomaly_episode e;
	size_t at = 100; /* by then the daily peaks are known */

	for (size_t i = 0; i < 200; i++)
		y[i] = 100 + 20 * (i % 24 == 9) + noise();
	y[150] = 400;
	anomaly_scores(y, 200, 3, score);
	CHECK(score[0] == 0 && score[ANOMALY_LEARN - 1] == 0);
	CHECK(anomaly_next(score, 200, 8, 24, &at, &e) == 1);
	CHECK(e.from == 150 && e.peak >= 150 && e.end <= 154);
	CHECK(anomaly_next(score, 200, 8, 24, &at, &e) == 0);
}

int
main(void)
{
	mad_is_the_median_of_distances();
	window_keeps_the_latest();
	a_line_is_a_trend();
	noise_is_none();
	all_the_same_is_no_trend();
	a_season_repeats();
	any_series_has_a_finite_forecast();
	a_backtest_scores_what_is_known();
	a_spike_is_one_episode();
	return tap_done();
}
