/* Growth, trend and what comes next: see outlook.h. */
#include "report/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "stats/forecast.h"
#include "stats/trend.h"

static const double significant = 0.05, level = 0.8, most = 1e36;

enum { ORIGINS = 8 };

static void
find_trends(struct outlook *o, const struct series *s)
{
	double *tokens = series_numbers(s, SERIES_TOKENS), typical;
	double *cost = series_numbers(s, SERIES_COST);
	struct trend t;

	if (trend_of(&t, tokens, s->n)) {
		typical = t.intercept + t.slope * (double)(s->n - 1) / 2;
		o->grows = typical > 0 && isfinite(t.slope / typical);
		if (o->grows)
			o->growth = t.slope / typical;
	}
	if (trend_of(&t, cost, s->n))
		o->cost_trend = t.p >= significant || t.slope == 0 ? "steady"
		    : t.slope > 0 ? "increasing"
				  : "decreasing";
	free(tokens);
	free(cost);
}

static void
predict(struct outlook *o, const struct series *s)
{
	double *y = series_numbers(s, SERIES_TOKENS), sum = 0;
	struct forecast_series in = { .y = y, .n = s->n };
	struct forecast_score score;
	struct forecast f = { 0 };

	series_seasons(DIM_DATE, in.season);
	if (forecast_run(&f, &in, OUTLOOK_AHEAD, level)) {
		for (size_t i = 0; i < f.h; i++)
			sum += f.mean[i];
		o->predicted = isfinite(sum) && sum < most;
		if (o->predicted)
			o->next_week_tokens = (tk_int128)(sum + 0.5);
		forecast_backtest(&score, &in, OUTLOOK_AHEAD, level, ORIGINS);
		o->tested = o->predicted && score.origins > 0;
		if (o->tested)
			o->confidence = 1 - fmin(score.smape, 200) / 200;
	}
	forecast_release(&f);
	free(y);
}

int
outlook_run(struct outlook *o, struct ledger *l, const struct report_query *q,
    struct tk_err *err)
{
	struct series_query sq = { .filter = q->filter,
		.zone = q->zone,
		.now = q->now,
		.week_start = q->week_start,
		.step = DIM_DATE };
	int64_t until = q->filter.until < q->now ? q->filter.until : q->now;
	int64_t since;
	struct series s;

	*o = (struct outlook){ 0 };
	since = tk_zone_day_start(q->zone,
	    tk_zone_day(q->zone, until) - OUTLOOK_DAYS);
	if (since < sq.filter.since)
		sq.filter.since = since;
	if (series_run(&s, l, &sq, err) < 0)
		return -1;
	o->days = s.n;
	find_trends(o, &s);
	predict(o, &s);
	series_release(&s);
	return 0;
}
