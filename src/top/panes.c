/* What a wide screen has more: rows by minutes, days by cost, a week by hour.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "top/model_int.h"

enum { FIVE_MS = 5 * MINUTE_MS };

/* The kinds of names that a table may have. */
static const enum name_kind pulse_kinds[] = { NAME_USER, NAME_APPLICATION,
	NAME_MODEL, NAME_SESSION, NAME_PROJECT };

static struct top_pulse *
find_pulse(const struct top_pulses *p, uint32_t name)
{
	size_t i = name * UINT32_C(0x9e3779b1) & (p->room - 1);

	while (p->v[i].name != 0 && p->v[i].name != name)
		i = (i + 1) & (p->room - 1);
	return &p->v[i];
}

static struct top_pulse *
make_pulse(struct top_pulses *p, uint32_t name)
{
	struct top_pulse *at;

	if (2 * (p->n + 1) > p->room) {
		struct top_pulses old = *p;

		p->room = old.room == 0 ? 256 : old.room * 2;
		p->v = tk_xcalloc(p->room, sizeof(*p->v));
		for (size_t i = 0; i < old.room; i++)
			if (old.v[i].name != 0)
				*find_pulse(p, old.v[i].name) = old.v[i];
		free(old.v);
	}
	at = find_pulse(p, name);
	if (at->name == 0) {
		at->name = name;
		p->n++;
	}
	return at;
}

static void
add_pulse(struct top_model *m, const struct packed_record *v)
{
	int64_t five = v->r.time / FIVE_MS;
	size_t k = (size_t)(five % TOP_PULSES);

	if (v->r.time > m->now || five <= m->now / FIVE_MS - TOP_PULSES)
		return;
	for (size_t i = 0; i < TK_LEN(pulse_kinds); i++) {
		uint32_t name = v->name[pulse_kinds[i]];
		struct top_pulse *p;

		if (name == 0)
			continue;
		p = make_pulse(&m->pulse, name);
		if (p->at[k] < five) {
			p->at[k] = five;
			p->tokens[k] = 0;
		}
		if (p->at[k] == five)
			p->tokens[k] += record_total(&v->r);
	}
}

void
top_model_pulse(const struct top_model *m, int64_t name, tk_int128 *tokens)
{
	int64_t last = m->now / FIVE_MS;
	const struct top_pulse *p = NULL;

	if (m->pulse.room > 0 && name > 0)
		p = find_pulse(&m->pulse, (uint32_t)name);
	for (int i = 0; i < TOP_PULSES; i++) {
		int64_t five = last - TOP_PULSES + 1 + i;
		size_t k = (size_t)(five % TOP_PULSES);

		tokens[i] = p != NULL && p->name != 0 && p->at[k] == five
		    ? p->tokens[k]
		    : 0;
	}
}

static void
add_day(struct top_model *m, int32_t day, tk_int128 cost)
{
	if (day <= m->last_day && day > m->last_day - TOP_DAYS)
		m->day_cost[m->last_day - day] += cost;
}

static void
add_hour(struct top_model *m, int32_t day, int64_t hour, tk_int128 tokens)
{
	if (day <= m->last_day && day > m->last_day - 7)
		m->hour_tokens[tk_day_weekday(day)][hour] += tokens;
}

int
top_days_read(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct report_query r = { .filter = q->filter,
		.zone = q->zone,
		.now = q->now,
		.dim = { DIM_DATE },
		.dims = 1 };
	struct report days = { 0 };

	r.filter.since = tk_zone_day_start(q->zone, m->last_day - TOP_DAYS + 1);
	r.filter.until = tk_zone_day_start(q->zone, m->last_day + 1);
	if (report_run(&days, l, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < days.rows; i++)
		add_day(m, (int32_t)days.row[i].key[0],
		    days.row[i].sums.v[SUM_COST]);
	report_release(&days);
	r.filter.since = tk_zone_day_start(q->zone, m->last_day - 6);
	r.dim[1] = DIM_HOUR_OF_DAY;
	r.dims = 2;
	if (report_run(&days, l, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < days.rows; i++)
		add_hour(m, (int32_t)days.row[i].key[0], days.row[i].key[1],
		    sums_total(&days.row[i].sums));
	report_release(&days);
	m->has_days = true;
	return 0;
}

int
top_panes_read(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct ledger_filter filter = q->filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	filter.since = (q->now / FIVE_MS - TOP_PULSES + 1) * FIVE_MS;
	filter.until = INT64_MAX;
	if (ledger_scan_open(&s, l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		add_pulse(m, v);
	ledger_scan_close(s);
	m->last_day = tk_zone_day(q->zone, q->now);
	return more < 0 ? -1 : 0;
}

void
top_panes_add(struct top_model *m, const struct top_query *q,
    const struct packed_record *v)
{
	struct report_query r = { .zone = q->zone };
	int32_t day;

	add_pulse(m, v);
	if (!m->has_days)
		return;
	day = tk_zone_day(q->zone, v->r.time);
	if (day <= m->last_day - TOP_DAYS)
		return;
	if (v->r.cost != RECORD_UNKNOWN)
		add_day(m, day, v->r.cost);
	add_hour(m, day, report_time_key(&r, DIM_HOUR_OF_DAY, v->r.time),
	    record_total(&v->r));
}
