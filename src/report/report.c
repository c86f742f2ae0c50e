#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "ledger/columns.h"
#include "ledger/cube.h"
#include "ledger/names.h"
#include "report/derive.h"
#include "report/groups.h"
#include "report/latency.h"
#include "report/order.h"
#include "report/records.h"
#include "report/stream.h"

/* The query while it runs. */
struct running {
	const struct report_query *q;
	struct groups groups;
	struct arrivals *records, *cubes;
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
name_key(struct running *g, enum report_dim dim, uint32_t name, int64_t from,
    int64_t to)
{
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

/* The key of a record, by what its field has. */
static int64_t
record_key(struct running *g, enum report_dim dim, int64_t v, int64_t time)
{
	if (dim == DIM_TIER)
		return v;
	if (dim == DIM_PRIORITY)
		return v == RECORD_UNKNOWN ? 0 : v;
	if (report_dim_is_time(dim))
		return report_time_key(g->q, dim, v);
	return name_key(g, dim, (uint32_t)v, time, time);
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

static int
field_of(enum report_dim dim)
{
	return dim == DIM_TIER        ? PACK_FIELD(tier)
	    : dim == DIM_PRIORITY     ? PACK_FIELD(priority)
	    : report_dim_is_time(dim) ? PACK_FIELD(time)
				      : pack_field_of_name(kind_of(dim));
}

/* What the report looks at. */
static uint64_t
fields_of(const struct report_query *q)
{
	uint64_t fields = records_fields() | PACK_BIT(time);

	for (size_t d = 0; d < q->dims; d++)
		fields |= UINT64_C(1) << field_of(q->dim[d]);
	return q->latency ? fields | PACK_BIT(latency_ms) : fields;
}

/* Most keys are in the columns as they are. */
static const int64_t *
record_keys(struct running *g, enum report_dim dim,
    const struct record_columns *c, int64_t *own)
{
	const int64_t *v = c->v[field_of(dim)];
	const int64_t *time = c->v[PACK_FIELD(time)];

	if (dim < DIM_NAMES || dim == DIM_TIER)
		return v;
	for (size_t i = 0; i < c->n; i++)
		own[i] = record_key(g, dim, v[i], time[i]);
	return own;
}

static void
add_records(const struct record_columns *c, void *data)
{
	struct running *g = data;
	struct arrivals *a = g->records;

	_Static_assert((int)GROUPS_ROWS >= (int)COLUMNS_ROWS, "all at once");
	a->n = c->n;
	for (size_t d = 0; d < g->q->dims; d++)
		a->key[d] = record_keys(g, g->q->dim[d], c, a->own_key[d]);
	records_sums(a, c);
	a->first = a->last = c->v[PACK_FIELD(time)];
	a->latency_ms = g->q->latency ? c->v[PACK_FIELD(latency_ms)] : NULL;
	groups_take(&g->groups, a);
}

static int
scan_records(struct running *g, struct ledger *l, struct tk_err *err)
{
	/* With what was taken back the sums are the same, but not the time
	 * of the first and last record. */
	if (ledger_scan_all(l, &g->q->filter, SCAN_STANDING, fields_of(g->q),
		add_records, g, g->other, err) < 0)
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
	    : name_key(g, dim, t->name[kind_of(dim)], t->first, t->last);
}

static void
add_cube(const struct ledger_cube *t, void *data)
{
	struct running *g = data;
	struct arrivals *a = g->cubes;
	int64_t key[REPORT_MAX_DIMS] = { 0 };
	bool wide = false;

	keys_of_hour(g, t->first);
	for (size_t i = 0; i < g->q->dims; i++)
		a->own_key[i][a->n] = key[i] = cube_key(g, i, t);
	for (int i = 0; i < SUMS; i++) {
		a->own[i][a->n] = (int64_t)t->sums.v[i];
		wide |= a->own[i][a->n] != t->sums.v[i];
	}
	a->own[SUMS][a->n] = t->first;
	a->own[SUMS + 1][a->n] = t->last;
	if (wide)
		groups_add(&g->groups, key, t->first, t->last, &t->sums);
	else
		arrivals_add(a, &g->groups);
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
	struct ledger_cube_fns fn = { add_cube, add_records, fields_of(g->q),
		splits };
	uint32_t kinds = 0;
	int rc;

	for (size_t i = 0; i < g->q->dims; i++)
		kinds |= cube_kind(g->q->dim[i]);
	g->hour = -1;
	g->cubes = tk_xcalloc(1, sizeof(*g->cubes));
	arrivals_init(g->cubes);
	rc = ledger_each_cube(l, &g->q->filter, kinds, &fn, g, g->other, err);
	arrivals_flush(g->cubes, &g->groups);
	free(g->cubes);
	if (rc < 0 || g->failed)
		return -1;
	if (!g->split)
		return 0;
	/* Somebody changed departments: only records say when. */
	groups_release(&g->groups);
	groups_init(&g->groups, g->q->dims);
	return scan_records(g, l, err);
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
		groups_init(&other.groups, q->dims);
		other.records = tk_xcalloc(1, sizeof(*other.records));
		g->other = &other;
	}
	g->records = tk_xcalloc(1, sizeof(*g->records));
	rc = q->latency ? scan_records(g, l, err) : add_cubes(g, l, err);
	if (g->other != NULL) {
		groups_join(&g->groups, &other.groups);
		groups_release(&other.groups);
		g->other = NULL;
	}
	free(g->records);
	free(other.records);
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
	groups_init(&g.groups, q->dims);
	g.derive = derive_new(r, l, q);
	rc = sum_up(&g, l, err);
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
	uint32_t seen[9];
	struct ledger_scan *s;
	struct packed_record *v;
	int more = 0, n = 0, left = LOOK_AT_MOST;

	if (ledger_scan_open(&s, l, f, SCAN_STANDING, err) < 0)
		return -1;
	while (n < (int)TK_LEN(seen) && left-- > 0 &&
	    (more = ledger_scan_next(s, &v, err)) > 0) {
		uint32_t id = v->name[NAME_MODEL];
		const char *name;
		int i = 0;

		while (i < n && seen[i] != id)
			i++;
		if (v->r.cost != RECORD_UNKNOWN || id == 0 || i < n)
			continue;
		if (n == max) {
			tk_buf_adds(b, ", ...");
			break;
		}
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
