#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/time.h"
#include "ledger/cube.h"
#include "ledger/names.h"
#include "report/derive.h"
#include "report/groups.h"
#include "report/latency.h"
#include "report/order.h"
#include "report/stream.h"

/* The query while it runs. */
struct running {
	const struct report_query *q;
	struct groups groups;
	struct derive *derive;
	bool split; /* a cube has records of more than one group */
	int64_t hour, time_key[REPORT_MAX_DIMS]; /* of the latest cube */
	bool failed;
	struct tk_err *err;
	struct running *other; /* what another thread sums; NULL: none does */
};

/* The kind of name that a dimension follows from. */
static enum name_kind
kind_of(enum report_dim dim)
{
	switch (dim) {
	case DIM_SUCCESS:
		return NAME_ERROR;
	case DIM_DEPARTMENT:
		return NAME_USER;
	case DIM_FAMILY:
		return NAME_MODEL;
	default:
		return (enum name_kind)dim;
	}
}

/* The key of a dimension of names; what is known of the user or model may
 * have changed from "from" to "to". */
static int64_t
name_key(struct running *g, enum report_dim dim, const uint32_t *names,
    int64_t from, int64_t to)
{
	uint32_t name = names[kind_of(dim)];
	int64_t key;
	int same;

	if (dim == DIM_SUCCESS)
		return name == 0;
	if (dim < DIM_NAMES)
		return name;
	if (g->failed)
		return 0;
	same = derive_key(g->derive, dim, name, from, to, &key, g->err);
	g->failed |= same < 0;
	g->split |= same == 0;
	return key;
}

static int
add_slot(const struct ledger_slot *slot, void *data, struct tk_err *err)
{
	struct running *g = data;
	int64_t key[REPORT_MAX_DIMS] = { 0 };

	(void)err;
	if (slot->end - slot->start > 1 && slot->start <= g->q->now &&
	    slot->end > g->q->now)
		return LEDGER_SPLIT;
	for (size_t i = 0; i < g->q->dims; i++) {
		key[i] = report_time_key(g->q, g->q->dim[i], slot->start);
		if (slot->end - slot->start > 1 &&
		    key[i] !=
			report_time_key(g->q, g->q->dim[i], slot->end - 1))
			return LEDGER_SPLIT;
	}
	groups_add(&g->groups, key, slot->start, slot->end - 1, &slot->sums);
	return 0;
}

static int64_t
record_key(struct running *g, enum report_dim dim,
    const struct packed_record *v)
{
	if (dim == DIM_TIER)
		return v->r.tier;
	if (dim == DIM_PRIORITY)
		return v->r.priority == RECORD_UNKNOWN ? 0 : v->r.priority;
	if (report_dim_is_time(dim))
		return report_time_key(g->q, dim, v->r.time);
	return name_key(g, dim, v->name, v->r.time, v->r.time);
}

static void
add_record(const struct packed_record *v, void *data)
{
	struct running *g = data;
	struct arrival *a = groups_arrival(&g->groups);

	for (size_t i = 0; i < g->q->dims; i++)
		a->key[i] = record_key(g, g->q->dim[i], v);
	sums_of_record(a->v, &v->r, v->name[NAME_ERROR] != 0);
	a->first = a->last = v->r.time;
	a->latency_ms = g->q->latency ? v->r.latency_ms : -1;
	groups_take(&g->groups);
}

static int
add_records(struct running *g, struct ledger *l, struct tk_err *err)
{
	/* With what was taken back the sums are the same, but not the time
	 * of the first and last record. */
	if (ledger_scan_all(l, &g->q->filter, SCAN_STANDING, add_record, g,
		g->other, err) < 0)
		return -1;
	return g->failed ? -1 : 0;
}

/* The hour or quarter of an hour is of two days, say. */
static bool
splits(int64_t start, int64_t end, void *data)
{
	const struct running *g = data;

	for (size_t i = 0; i < g->q->dims; i++)
		if (report_dim_is_time(g->q->dim[i]) &&
		    report_time_key(g->q, g->q->dim[i], start) !=
			report_time_key(g->q, g->q->dim[i], end - 1))
			return true;
	return false;
}

/* Entries of one hour mostly follow each other. */
static void
keys_of_hour(struct running *g, int64_t ms)
{
	int64_t hour = ms / CUBE_HOUR_MS;

	if (hour == g->hour)
		return;
	g->hour = hour;
	for (size_t i = 0; i < g->q->dims; i++)
		if (report_dim_is_time(g->q->dim[i]))
			g->time_key[i] =
			    report_time_key(g->q, g->q->dim[i], ms);
}

static int64_t
cube_key(struct running *g, size_t i, const struct ledger_cube *t)
{
	enum report_dim dim = g->q->dim[i];

	return report_dim_is_time(dim) ? g->time_key[i]
	    : dim == DIM_TIER          ? t->tier
	    : dim == DIM_PRIORITY
	    ? t->priority
	    : name_key(g, dim, t->name, t->first, t->last);
}

static void
add_cube(const struct ledger_cube *t, void *data)
{
	struct running *g = data;
	struct arrival *a = groups_arrival(&g->groups);
	bool wide = false;

	keys_of_hour(g, t->first);
	for (size_t i = 0; i < g->q->dims; i++)
		a->key[i] = cube_key(g, i, t);
	for (int i = 0; i < SUMS; i++) {
		a->v[i] = (int64_t)t->sums.v[i];
		wide |= a->v[i] != t->sums.v[i];
	}
	a->first = t->first;
	a->last = t->last;
	a->latency_ms = -1;
	if (wide)
		groups_add(&g->groups, a->key, t->first, t->last, &t->sums);
	else
		groups_take(&g->groups);
}

static uint32_t
cube_kind(enum report_dim dim)
{
	return dim == DIM_TIER        ? (uint32_t)CUBE_TIER
	    : dim == DIM_PRIORITY     ? (uint32_t)CUBE_PRIORITY
	    : report_dim_is_time(dim) ? (uint32_t)CUBE_HOUR
				      : 1u << kind_of(dim);
}

/* By names and time: whole groups of records are summed already. */
static int
add_cubes(struct running *g, struct ledger *l, struct tk_err *err)
{
	static const struct ledger_cube_fns fn = { add_cube, add_record,
		splits };
	uint32_t kinds = 0;

	for (size_t i = 0; i < g->q->dims; i++)
		kinds |= cube_kind(g->q->dim[i]);
	g->hour = -1;
	if (ledger_each_cube(l, &g->q->filter, kinds, &fn, g, g->other, err) <
		0 ||
	    g->failed)
		return -1;
	if (!g->split)
		return 0;
	/* Somebody changed departments: only records say when. */
	groups_release(&g->groups);
	groups_init(&g->groups);
	return add_records(g, l, err);
}

static bool
roll_ups_know(const struct report_query *q)
{
	for (size_t i = 0; i < q->dims; i++)
		if (!report_dim_is_time(q->dim[i]))
			return false;
	return !q->latency && ledger_filter_is_all(&q->filter);
}

/* Departments and families are looked up in the ledger, which is one
 * thread's. */
static bool
may_share(const struct report_query *q)
{
	for (size_t i = 0; i < q->dims; i++)
		if (q->dim[i] == DIM_DEPARTMENT || q->dim[i] == DIM_FAMILY)
			return false;
	return true;
}

static int
sum_up(struct running *g, struct ledger *l, struct tk_err *err)
{
	const struct report_query *q = g->q;
	struct report_query twin = *q;
	struct running other = { .q = &twin, .err = err };
	struct tk_zone *zone = NULL;
	int rc;

	if (roll_ups_know(q))
		return ledger_each_slot(l, q->filter.since, q->filter.until,
		    add_slot, g, err);
	if (may_share(q)) {
		if (q->zone != NULL)
			twin.zone = zone = tk_zone_twin(q->zone);
		groups_init(&other.groups);
		g->other = &other;
	}
	rc = q->latency ? add_records(g, l, err) : add_cubes(g, l, err);
	if (g->other != NULL) {
		groups_join(&g->groups, &other.groups);
		groups_release(&other.groups);
		g->other = NULL;
	}
	tk_zone_free(zone);
	return rc;
}

int
report_run(struct report *r, struct ledger *l, const struct report_query *q,
    struct tk_err *err)
{
	struct running g = { .q = q, .err = err };
	int rc;

	*r = (struct report){ .first = INT64_MAX, .last = INT64_MIN };
	if (ledger_begin_read(l, err) < 0)
		return -1;
	groups_init(&g.groups);
	g.derive = derive_new(r, l, q);
	rc = sum_up(&g, l, err);
	groups_flush(&g.groups);
	if (rc == 0)
		rc = order_rows(r, &g.groups, q, l, err);
	groups_release(&g.groups);
	derive_free(g.derive);
	ledger_end_read(l);
	if (rc < 0)
		report_release(r);
	return rc < 0 ? -1 : 0;
}

int
report_next(struct report *r, const struct report_row **row, struct tk_err *err)
{
	if (r->stream != NULL)
		return stream_next(r->stream, row, err);
	if (r->at == r->rows)
		return 0;
	*row = &r->row[r->at++];
	return 1;
}

int
report_name(struct report *r, struct tk_err *err)
{
	return r->stream == NULL ? 0 : stream_name(r->stream, err);
}

void
report_release(struct report *r)
{
	for (size_t i = 0; r->row != NULL && i < r->rows; i++)
		latency_free(r->row[i].latency);
	for (size_t i = 0; i < r->texts; i++)
		free(r->text[i]);
	free(r->text);
	free(r->row);
	stream_free(r->stream);
	*r = (struct report){ 0 };
}

enum { LOOK_AT_MOST = 50000 };

int
report_unpriced_models(struct tk_buf *b, struct ledger *l,
    const struct ledger_filter *f, int max, struct tk_err *err)
{
	uint32_t seen[8];
	struct ledger_scan *s;
	struct packed_record *v;
	int more = 0, n = 0, left = LOOK_AT_MOST;

	if (ledger_scan_open(&s, l, f, SCAN_STANDING, err) < 0)
		return -1;
	while (n < max && n < (int)TK_LEN(seen) && left-- > 0 &&
	    (more = ledger_scan_next(s, &v, err)) > 0) {
		uint32_t id = v->name[NAME_MODEL];
		const char *name;
		int i = 0;

		while (i < n && seen[i] != id)
			i++;
		if (v->r.cost != RECORD_UNKNOWN || id == 0 || i < n)
			continue;
		seen[n++] = id;
		if (names_text(ledger_names(l), id, &name, err) < 0) {
			more = -1;
			break;
		}
		tk_buf_addf(b, "%s%s", b->len > 0 ? ", " : "", name);
	}
	ledger_scan_close(s);
	return more < 0 ? -1 : 0;
}
