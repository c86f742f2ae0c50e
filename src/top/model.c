#include "top/top.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "report/block.h"
#include "store/store.h"
#include "top/model_int.h"

enum { WINDOW_MS = 5 * HOUR_MS };

const struct tk_choice top_views[] = {
	{ "user", TOP_USER },
	{ "application", TOP_APPLICATION },
	{ "model", TOP_MODEL },
	{ "session", TOP_SESSION },
	{ "project", TOP_PROJECT },
	{ "live", TOP_LIVE },
	{ "limits", TOP_LIMITS },
	{ "alerts", TOP_ALERTS },
	{ "home", TOP_HOME },
	{ NULL, 0 },
};

enum name_kind
top_view_kind(enum top_view view)
{
	static const enum name_kind kinds[TOP_VIEWS] = { NAME_USER,
		NAME_APPLICATION, NAME_MODEL, NAME_SESSION, NAME_PROJECT };

	return kinds[view];
}

static struct tk_range
day_of(const struct top_query *q)
{
	int32_t today = tk_zone_day(q->zone, q->now);

	return (struct tk_range){ tk_zone_day_start(q->zone, today),
		tk_zone_day_start(q->zone, today + 1) };
}

static struct tk_range
month_of(const struct top_query *q)
{
	int32_t month = tk_day_month(tk_zone_day(q->zone, q->now));

	return (struct tk_range){ tk_zone_day_start(q->zone,
				      tk_month_first_day(month)),
		tk_zone_day_start(q->zone, tk_month_first_day(month + 1)) };
}

/* The days, weeks or months that the table of a view is of. */
static void
range_of(const struct top_query *q, struct tk_range *r)
{
	int32_t today = tk_zone_day(q->zone, q->now), first, end;

	if (q->range == 0) {
		first = today - q->shift;
		end = first + 1;
	} else if (q->range == 1) {
		first = tk_day_week(today, q->week_start) - 7 * q->shift;
		end = first + 7;
	} else {
		int32_t month = tk_day_month(today) - q->shift;

		first = tk_month_first_day(month);
		end = tk_month_first_day(month + 1);
	}
	r->since = tk_zone_day_start(q->zone, first);
	r->until = tk_zone_day_start(q->zone, end);
}

/* What is still to come goes into its minute when it has. */
static void
add_minute(struct top_model *m, const struct usage_record *u)
{
	int64_t minute = u->time / MINUTE_MS;
	struct now_minute *at = &m->figures.minute[minute % NOW_MINUTES];

	if (u->time > m->now) {
		if (u->time < m->next)
			m->next = u->time;
		return;
	}
	if (minute < at->minute || minute <= m->now / MINUTE_MS - NOW_MINUTES)
		return;
	if (minute > at->minute)
		*at = (struct now_minute){ .minute = minute };
	at->tokens += record_total(u);
	if (u->cost != RECORD_UNKNOWN)
		at->cost += u->cost;
	else
		at->unpriced += u->requests;
}

static int
read_minutes(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct ledger_filter filter = q->filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	filter.since = (q->now / MINUTE_MS - NOW_MINUTES + 1) * MINUTE_MS;
	filter.until = INT64_MAX;
	if (ledger_scan_open(&s, l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		add_minute(m, &v->r);
	ledger_scan_close(s);
	return more;
}

/* What the filter lets through in that time. */
static int
read_sums(struct usage_sums *sums, struct ledger *l, const struct top_query *q,
    const struct tk_range *r, struct tk_err *err)
{
	struct report_query query = { .filter = q->filter,
		.zone = q->zone,
		.now = q->now,
		.dims = 1 };
	struct report all = { 0 };

	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (q->filter.names[kind] > 0)
			query.dim[0] = (enum report_dim)kind;
	query.filter.since = r->since;
	query.filter.until = r->until;
	if (report_run(&all, l, &query, err) < 0)
		return -1;
	*sums = all.total;
	report_release(&all);
	return 0;
}

/* The earliest call that is still to come, in the minutes of now_read(). */
static int
find_next(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct ledger_filter filter = q->filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	filter.since = q->now + 1;
	filter.until = INT64_MAX;
	if (ledger_scan_open(&s, l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		if (v->r.time < m->next)
			m->next = v->r.time;
	ledger_scan_close(s);
	return more;
}

static int
read_header(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct now_query now = { .now = q->now,
		.zone = q->zone,
		.window = WINDOW_MS,
		.folder = q->folder };

	m->next = INT64_MAX;
	if (!m->filtered)
		return now_read(&m->figures, l, &now, err) < 0
		    ? -1
		    : find_next(m, l, q, err);
	m->figures.day = m->day.since;
	m->figures.month = m->month.since;
	return read_sums(&m->figures.today, l, q, &m->day, err) < 0 ||
		read_sums(&m->figures.this_month, l, q, &m->month, err) < 0
	    ? -1
	    : read_minutes(m, l, q, err);
}

/* What tables there are besides that of the view: of what else there is. */
static int
read_further(struct top_model *m, struct ledger *l, const struct top_query *q,
    const struct tk_range *r, struct tk_err *err)
{
	static const enum name_kind kinds[] = { NAME_MODEL, NAME_APPLICATION,
		NAME_SESSION, NAME_USER, NAME_PROJECT };
	enum name_kind first = top_view_kind(q->view);
	int table = TABLE_SECOND;

	for (size_t i = 0; i < TK_LEN(kinds) && table <= TABLE_THIRD; i++)
		if (kinds[i] != first && q->filter.names[kinds[i]] == 0 &&
		    top_table_read(m, (enum top_tables)table++, l, q, kinds[i],
			r, err) < 0)
			return -1;
	return 0;
}

static int
read_tables(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct tk_range r, recent = { 0, INT64_MAX };

	range_of(q, &r);
	if (top_table_read(m, TABLE_VIEW, l, q, top_view_kind(q->view), &r,
		err) < 0)
		return -1;
	if (q->drilled && q->view < TOP_LIVE &&
	    read_further(m, l, q, &r, err) < 0)
		return -1;
	if (q->panes &&
	    top_table_read(m, TABLE_MODELS, l, q, NAME_MODEL, &m->day, err) < 0)
		return -1;
	if (q->view != TOP_HOME && !q->session)
		return 0;
	m->table[TABLE_SESSIONS].split = true;
	recent.since =
	    tk_zone_day_start(q->zone, tk_zone_day(q->zone, q->now) - 1);
	return top_table_read(m, TABLE_APPS, l, q, NAME_APPLICATION, &m->day,
		   err) < 0
	    ? -1
	    : top_table_read(m, TABLE_SESSIONS, l, q, NAME_SESSION, &recent,
		  err);
}

/* Whose the header is: of one user, application, model, or everyone. */
static void
set_scope(struct top_model *m, const struct top_query *q)
{
	static const struct {
		enum name_kind kind;
		enum limit_scope scope;
	} of[] = { { NAME_USER, SCOPE_USER },
		{ NAME_APPLICATION, SCOPE_APPLICATION },
		{ NAME_MODEL, SCOPE_MODEL } };
	const struct ledger_filter *f = &q->filter;
	size_t kinds = 0;

	for (int kind = 0; kind < NAME_KINDS; kind++)
		kinds += f->names[kind] > 0;
	m->filtered = kinds > 0;
	m->scope = kinds == 0 ? SCOPE_EVERYONE : -1;
	if (f->names[NAME_USER] == 1)
		m->user = tk_xstrdup(f->name[NAME_USER][0]);
	for (size_t i = 0; i < TK_LEN(of); i++)
		if (kinds == 1 && f->names[of[i].kind] == 1) {
			m->scope = (int)of[i].scope;
			m->name = tk_xstrdup(f->name[of[i].kind][0]);
		}
}

static int
read_place(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	if (store_epoch(ledger_store(l), &m->epoch, err) < 0 ||
	    ledger_last_id(l, &m->last_id, err) < 0)
		return -1;
	m->empty = m->last_id == 0;
	return 0;
}

static int
read_panes(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	if (!q->panes)
		return 0;
	if (top_panes_read(m, l, q, err) < 0)
		return -1;
	/* Without a filter they are in roll-ups. */
	return q->no_days && m->filtered ? 0 : top_days_read(m, l, q, err);
}

int
top_model_read(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	int rc = -1;

	*m = (struct top_model){ .now = q->now,
		.view = q->view,
		.day = day_of(q),
		.month = month_of(q) };
	set_scope(m, q);
	if (ledger_begin_read(l, err) < 0) {
		top_model_release(m);
		return -1;
	}
	if (read_place(m, l, err) == 0 && read_header(m, l, q, err) == 0 &&
	    read_tables(m, l, q, err) == 0 && read_panes(m, l, q, err) == 0 &&
	    top_limits_read(m, l, err) == 0 && top_alerts_read(m, l, err) == 0)
		rc = top_calls_read(m, l, q, err);
	ledger_end_read(l);
	if (rc < 0)
		top_model_release(m);
	return rc;
}

void
top_model_release(struct top_model *m)
{
	for (int i = 0; i < TABLES; i++)
		top_table_release(&m->table[i]);
	top_limits_release(m);
	top_alerts_release(m);
	top_names_release(&m->names);
	free(m->pulse.v);
	free(m->touched);
	free(m->user);
	free(m->name);
	*m = (struct top_model){ .now = m->now };
}

/* One more record, in every part of the model. */
static int
add_record(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct packed_record *v, struct tk_err *err)
{
	bool failed = v->name[NAME_ERROR] != 0;

	if (v->r.time >= m->month.since && v->r.time < m->month.until)
		sums_add_record(&m->figures.this_month, &v->r, failed);
	if (v->r.time >= m->day.since && v->r.time < m->day.until)
		sums_add_record(&m->figures.today, &v->r, failed);
	add_minute(m, &v->r);
	if (q->panes)
		top_panes_add(m, q, v);
	for (int i = 0; i < TABLES; i++)
		if (top_table_add(m, &m->table[i], l, v, err) < 0)
			return -1;
	return top_calls_add(m, l, v, err);
}

/* 1: something was taken back, which only a new reading gets right. */
static int
add_records(struct top_model *m, struct ledger *l, const struct top_query *q,
    int64_t last_id, struct tk_err *err)
{
	struct ledger_filter all, filter = q->filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more, back = 0;

	/* Limits are touched by what the filter leaves out, too. */
	ledger_filter_init(&all);
	all.min_id = filter.min_id = m->last_id + 1;
	all.max_id = filter.max_id = last_id;
	filter.since = INT64_MIN;
	filter.until = INT64_MAX;
	if (ledger_scan_open(&s, l, &all, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0 && !back) {
		top_limits_touch(m, v);
		back = v->r.requests < 0;
		if (!back && !m->filtered && add_record(m, l, q, v, err) < 0) {
			more = -1;
			break;
		}
	}
	ledger_scan_close(s);
	if (more < 0 || back || !m->filtered)
		return more < 0 ? -1 : back;
	if (ledger_scan_open(&s, l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		if (add_record(m, l, q, v, err) < 0) {
			more = -1;
			break;
		}
	ledger_scan_close(s);
	return more < 0 ? -1 : 0;
}

/* Whether what was summed still is of the right time. */
static bool
is_of_now(const struct top_model *m, const struct top_query *q)
{
	return q->now >= m->now && q->now < m->day.until && q->now < m->next;
}

static int
read_anew(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct top_model fresh;

	if (top_model_read(&fresh, l, q, err) < 0)
		return -1;
	top_model_release(m);
	*m = fresh;
	return 1;
}

/* Inside ledger_begin_read().  1: it has to be read anew. */
static int
follow(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	int64_t epoch, last_id;
	int back;

	if (store_epoch(ledger_store(l), &epoch, err) < 0 ||
	    ledger_last_id(l, &last_id, err) < 0)
		return -1;
	if (epoch != m->epoch || last_id < m->last_id || !is_of_now(m, q))
		return 1;
	m->now = q->now;
	back = last_id > m->last_id ? add_records(m, l, q, last_id, err) : 0;
	if (back != 0)
		return back;
	m->last_id = last_id;
	m->empty = last_id == 0;
	if (q->panes && !q->no_days && !m->has_days &&
	    top_days_read(m, l, q, err) < 0)
		return -1;
	return top_limits_follow(m, l, err) < 0 ? -1
						: top_alerts_read(m, l, err);
}

int
top_model_follow(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err)
{
	int rc;

	if (ledger_begin_read(l, err) < 0)
		return -1;
	rc = follow(m, l, q, err);
	ledger_end_read(l);
	if (rc < 0)
		m->epoch = -1; /* a part may have been added: read it anew */
	return rc > 0 ? read_anew(m, l, q, err) : rc;
}
