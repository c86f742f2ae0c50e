#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "report/block.h"
#include "top/top.h"

static const int64_t hour_ms = INT64_C(3600000);
enum { WINDOW_HOURS = 5, MINUTE_MS = 60000 };

const struct tk_choice top_views[] = {
	{ "user", TOP_USER },
	{ "application", TOP_APPLICATION },
	{ "model", TOP_MODEL },
	{ "session", TOP_SESSION },
	{ "project", TOP_PROJECT },
	{ NULL, 0 },
};

static enum report_dim
dim_of(enum top_view view)
{
	static const enum name_kind kinds[TOP_VIEWS] = { NAME_USER,
		NAME_APPLICATION, NAME_MODEL, NAME_SESSION, NAME_PROJECT };

	return (enum report_dim)kinds[view];
}

static void
add_minute(struct now_figures *f, const struct usage_record *u, int64_t now)
{
	int64_t minute = u->time / MINUTE_MS;
	struct now_minute *m = &f->minute[minute % NOW_MINUTES];

	if (u->time > now || minute <= now / MINUTE_MS - NOW_MINUTES)
		return;
	m->minute = minute;
	m->tokens += record_total(u);
	if (u->cost != RECORD_UNKNOWN)
		m->cost += u->cost;
	else
		m->unpriced += u->requests;
}

/* The header of what a filter lets through: the records of this month, once. */
static int
read_filtered(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct now_figures *f = &m->figures;
	struct ledger_filter filter = q->filter;
	int32_t today = tk_zone_day(q->zone, q->now);
	int32_t month = tk_day_month(today);
	int64_t day_end = tk_zone_day_start(q->zone, today + 1);
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	f->day = tk_zone_day_start(q->zone, today);
	f->month = tk_zone_day_start(q->zone, tk_month_first_day(month));
	filter.since = f->month;
	if (q->now - hour_ms < filter.since)
		filter.since = q->now - hour_ms;
	filter.until =
	    tk_zone_day_start(q->zone, tk_month_first_day(month + 1));
	if (ledger_scan_open(&s, l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0) {
		bool failed = v->name[NAME_ERROR] != 0;

		if (v->r.time >= f->month)
			sums_add_record(&f->this_month, &v->r, failed);
		if (v->r.time >= f->day && v->r.time < day_end)
			sums_add_record(&f->today, &v->r, failed);
		add_minute(f, &v->r, q->now);
	}
	ledger_scan_close(s);
	return more;
}

static int
read_header(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct now_query now = { .now = q->now,
		.zone = q->zone,
		.window = WINDOW_HOURS * hour_ms,
		.folder = q->folder };

	if (ledger_filter_is_all(&q->filter))
		return now_read(&m->figures, l, &now, err);
	return read_filtered(m, l, q, err);
}

static int
read_table(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct report_query *r = &m->query;

	*r = (struct report_query){ .filter = q->filter,
		.zone = q->zone,
		.now = q->now,
		.dim = { dim_of(q->view) },
		.dims = 1 };
	r->filter.since = m->figures.day;
	r->filter.until =
	    tk_zone_day_start(q->zone, tk_zone_day(q->zone, q->now) + 1);
	if (report_run(&m->table, l, r, err) < 0)
		return -1;
	report_sort(&m->table, r, ORDER_TOKENS, false);
	return 0;
}

static char *
copy(const char *s)
{
	return s != NULL ? tk_xstrdup(s) : NULL;
}

static int
take_call(struct packed_record *v, void *data, struct tk_err *err)
{
	struct top_model *m = data;

	(void)err;
	m->call[m->calls++] = (struct top_call){ .time = v->r.time,
		.user = copy(v->r.user),
		.application = copy(v->r.application),
		.model = copy(v->r.model),
		.input = v->r.input_tokens,
		.output = v->r.output_tokens,
		.cost = v->r.cost };
	return 0;
}

int
top_model_read(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct ledger_filter all = q->filter;
	int rc = -1;

	*m = (struct top_model){ .now = q->now, .view = q->view };
	all.since = INT64_MIN;
	all.until = INT64_MAX;
	if (ledger_begin_read(l, err) < 0)
		return -1;
	if (read_header(m, l, q, err) == 0 && read_table(m, l, q, err) == 0)
		rc = ledger_latest(l, &all, SCAN_STANDING, TOP_LATEST,
		    take_call, m, err);
	ledger_end_read(l);
	if (rc < 0)
		top_model_release(m);
	return rc;
}

void
top_model_release(struct top_model *m)
{
	for (size_t i = 0; i < m->calls; i++) {
		free(m->call[i].user);
		free(m->call[i].application);
		free(m->call[i].model);
	}
	report_release(&m->table);
	m->calls = 0;
}

/* used, and the same again for as long as is left, at the slower pace. */
static bool
ahead(const struct top_model *m, int64_t start, int64_t end, tk_int128 used,
    tk_int128 requests, tk_int128 per_hour, tk_int128 *at_end)
{
	int64_t gone = m->now - start, left = end - m->now;
	tk_int128 more;

	if (requests < 3 || gone < 5 * MINUTE_MS || left < 0 || used <= 0)
		return false;
	more = block_scale(used, left, gone);
	if (per_hour >= 0 && block_scale(per_hour, left, hour_ms) < more)
		more = block_scale(per_hour, left, hour_ms);
	*at_end = used + more;
	return true;
}

bool
top_day_ahead(const struct top_model *m, const struct tk_zone *zone,
    tk_int128 *tokens)
{
	const struct usage_sums *s = &m->figures.today;
	struct now_rate hour;

	now_rate(&m->figures, m->now, 60, &hour);
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
