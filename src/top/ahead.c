/* What is to come, by the rules that do not promise too much. */
#include "base/time.h"
#include "report/block.h"
#include "top/model_int.h"

enum { CALLS = 3, GONE_MS = 5 * MINUTE_MS };

/* used, and the same again for as long as is left, at the slower pace. */
static bool
ahead(const struct top_model *m, int64_t start, int64_t end, tk_int128 used,
    tk_int128 requests, tk_int128 per_hour, tk_int128 *at_end)
{
	int64_t gone = m->now - start, left = end - m->now;
	tk_int128 more;

	if (requests < CALLS || gone < GONE_MS || left < 0 || used <= 0)
		return false;
	more = block_scale(used, left, gone);
	if (per_hour >= 0 && block_scale(per_hour, left, HOUR_MS) < more)
		more = block_scale(per_hour, left, HOUR_MS);
	*at_end = used + more;
	return true;
}

bool
top_day_ahead(const struct top_model *m, const struct tk_zone *zone,
    tk_int128 *tokens)
{
	const struct usage_sums *s = &m->figures.today;
	int64_t minutes = m->now / MINUTE_MS - m->figures.day / MINUTE_MS + 1;
	struct now_rate hour;

	/* What was used yesterday is no pace of today. */
	now_rate(&m->figures, m->now,
	    minutes < 1        ? 1
		: minutes > 60 ? 60
			       : (int)minutes,
	    &hour);
	return hour.tokens_per_minute > 0 &&
	    ahead(m, m->figures.day,
		tk_zone_day_start(zone, tk_zone_day(zone, m->now) + 1),
		sums_total(s), s->v[SUM_REQUESTS], hour.tokens_per_minute * 60,
		tokens);
}

bool
top_month_ahead(const struct top_model *m, const struct tk_zone *zone,
    tk_int128 *cost)
{
	const struct usage_sums *s = &m->figures.this_month;
	int32_t month = tk_day_month(tk_zone_day(zone, m->now));

	return ahead(m, m->figures.month,
	    tk_zone_day_start(zone, tk_month_first_day(month + 1)),
	    s->v[SUM_COST], s->v[SUM_REQUESTS], -1, cost);
}

bool
top_limit_lasts(const struct top_model *m, const struct top_limit *l,
    int64_t *ms)
{
	const struct usage_sums *s = &m->figures.today;
	struct now_rate five;
	tk_int128 left, minutes;

	now_rate(&m->figures, m->now, 5, &five);
	if (l == NULL || l->kind != LIMIT_QUOTA ||
	    five.tokens_per_minute <= 0 || s->v[SUM_REQUESTS] < CALLS ||
	    m->now - m->figures.day < GONE_MS)
		return false;
	left = l->amount - l->used;
	minutes = left / five.tokens_per_minute;
	if (left <= 0 || minutes > INT64_MAX / MINUTE_MS)
		return false;
	*ms = (int64_t)minutes * MINUTE_MS;
	return l->resets_at == 0 || m->now + *ms < l->resets_at;
}
