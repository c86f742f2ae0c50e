#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "ledger/cube.h"
#include "ledger/names.h"
#include "report/derive.h"
#include "report/latency.h"

/* Where a row is, and some bits of its hash: rows are far apart. */
struct slot {
	uint32_t row; /* its number + 1; 0: none */
	uint32_t tag;
};

/* A record on its way into its row. */
struct arrival {
	int64_t key[REPORT_MAX_DIMS];
	uint64_t hash;
	struct usage_sums sums;
	int64_t time, latency_ms;
};

/*
 * The rows while they grow: an open-addressed table of them.  There may be
 * more than a cache holds: so records are added in batches, and while one is
 * worked on, the memory of the next ones is on its way.
 */
enum { BATCH = 16 };

struct groups {
	const struct report_query *q;
	struct report *r;
	size_t room;
	struct slot *slot; /* a power of two of them */
	size_t slots;
	size_t latest; /* the row that was added to last */
	struct arrival batch[BATCH];
	size_t waiting;
	struct derive *derive;
	bool split; /* a cube has records of more than one group */
	int64_t hour, time_key[REPORT_MAX_DIMS]; /* of the latest cube */
	bool failed;
	struct tk_err *err;
};

static uint64_t
hash_of(const int64_t *key, size_t n)
{
	uint64_t h = 0;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ (uint64_t)key[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

/* The slot of a key, or the one for it, with its tag. */
static struct slot *
find_slot(const struct groups *g, const int64_t *key, uint64_t h)
{
	size_t n = g->q->dims;
	uint32_t tag = (uint32_t)(h >> 32);

	for (size_t i = h & (g->slots - 1);; i = (i + 1) & (g->slots - 1)) {
		struct slot *s = &g->slot[i];

		if (s->row == 0)
			s->tag = tag;
		if (s->tag == tag &&
		    (s->row == 0 ||
			memcmp(g->r->row[s->row - 1].key, key,
			    n * sizeof(*key)) == 0))
			return s;
	}
}

static void
grow(struct groups *g)
{
	struct report *r = g->r;

	g->room = g->room ? g->room * 2 : 64;
	r->row = tk_xreallocarray(r->row, g->room, sizeof(*r->row));
	free(g->slot);
	g->slots = g->room * 2;
	g->slot = tk_xcalloc(g->slots, sizeof(*g->slot));
	for (size_t i = 0; i < r->rows; i++)
		find_slot(g, r->row[i].key, hash_of(r->row[i].key, g->q->dims))
		    ->row = (uint32_t)i + 1;
}

static struct report_row *
row_of(struct groups *g, const int64_t key[REPORT_MAX_DIMS], uint64_t hash)
{
	struct report *r = g->r;
	struct slot *slot;

	/* Neighbours are mostly of one group. */
	if (g->latest < r->rows &&
	    memcmp(r->row[g->latest].key, key, g->q->dims * sizeof(*key)) == 0)
		return &r->row[g->latest];
	if (r->rows == g->room)
		grow(g);
	slot = find_slot(g, key, hash);
	if (slot->row == 0) {
		struct report_row *row = &r->row[r->rows++];

		*row = (struct report_row){ .first = INT64_MAX,
			.last = INT64_MIN };
		memcpy(row->key, key, g->q->dims * sizeof(*key));
		slot->row = (uint32_t)r->rows;
	}
	g->latest = slot->row - 1;
	return &r->row[g->latest];
}

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
name_key(struct groups *g, enum report_dim dim, const uint32_t *names,
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

static void
stretch(struct report_row *row, int64_t first, int64_t last)
{
	if (first < row->first)
		row->first = first;
	if (last > row->last)
		row->last = last;
}

static int
add_slot(const struct ledger_slot *slot, void *data, struct tk_err *err)
{
	struct groups *g = data;
	int64_t key[REPORT_MAX_DIMS] = { 0 };
	struct report_row *row;

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
	row = row_of(g, key, hash_of(key, g->q->dims));
	sums_add(&row->sums, &slot->sums);
	sums_add(&g->r->total, &slot->sums);
	stretch(row, slot->start, slot->end - 1);
	return 0;
}

static void
add_batch(struct groups *g)
{
	for (size_t i = 0; i < g->waiting; i++) {
		const struct slot *s =
		    &g->slot[g->batch[i].hash & (g->slots - 1)];

		if (s->row != 0) {
			const char *row = (const char *)&g->r->row[s->row - 1];

			for (size_t at = 0; at < sizeof(*g->r->row); at += 64)
				__builtin_prefetch(row + at, 1);
		}
	}
	for (size_t i = 0; i < g->waiting; i++) {
		const struct arrival *a = &g->batch[i];
		struct report_row *row = row_of(g, a->key, a->hash);

		sums_add(&row->sums, &a->sums);
		stretch(row, a->time, a->time);
		if (!g->q->latency || a->latency_ms < 0)
			continue;
		if (row->latency == NULL)
			row->latency = tk_xcalloc(1, sizeof(*row->latency));
		latency_add(row->latency, a->latency_ms, 1);
	}
	g->waiting = 0;
}

static void
add_record(const struct packed_record *v, void *data)
{
	struct groups *g = data;
	int64_t key[REPORT_MAX_DIMS] = { 0 };
	bool failed = v->name[NAME_ERROR] != 0;
	static const struct usage_sums none;
	struct arrival *a;

	for (size_t i = 0; i < g->q->dims; i++) {
		enum report_dim dim = g->q->dim[i];

		if (dim == DIM_TIER)
			key[i] = v->r.tier;
		else if (dim == DIM_PRIORITY)
			key[i] =
			    v->r.priority == RECORD_UNKNOWN ? 0 : v->r.priority;
		else if (report_dim_is_time(dim))
			key[i] = report_time_key(g->q, dim, v->r.time);
		else
			key[i] =
			    name_key(g, dim, v->name, v->r.time, v->r.time);
	}
	a = &g->batch[g->waiting++];
	memcpy(a->key, key, sizeof(key));
	a->hash = hash_of(key, g->q->dims);
	a->sums = none;
	sums_add_record(&a->sums, &v->r, failed);
	a->time = v->r.time;
	a->latency_ms = v->r.latency_ms;
	__builtin_prefetch(&g->slot[a->hash & (g->slots - 1)]);
	if (g->waiting == BATCH)
		add_batch(g);
}

static int
add_records(struct groups *g, struct ledger *l, struct tk_err *err)
{
	struct ledger_scan *s;
	struct packed_record *v;
	int more = 0;

	/* With what was taken back the sums are the same, but not the time
	 * of the first and last record. */
	if (ledger_scan_open(&s, l, &g->q->filter, SCAN_STANDING, err) < 0)
		return -1;
	while (!g->failed && (more = ledger_scan_next(s, &v, err)) > 0)
		add_record(v, g);
	add_batch(g);
	ledger_scan_close(s);
	if (g->failed)
		return -1;
	for (size_t i = 0; i < g->r->rows; i++)
		sums_add(&g->r->total, &g->r->row[i].sums);
	return more;
}

/* The hour or quarter of an hour is of two days, say. */
static bool
splits(int64_t start, int64_t end, void *data)
{
	const struct groups *g = data;

	for (size_t i = 0; i < g->q->dims; i++)
		if (report_dim_is_time(g->q->dim[i]) &&
		    report_time_key(g->q, g->q->dim[i], start) !=
			report_time_key(g->q, g->q->dim[i], end - 1))
			return true;
	return false;
}

/* Entries of one hour mostly follow each other. */
static void
keys_of_hour(struct groups *g, int64_t ms)
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

static void
add_cube(const struct ledger_cube *t, void *data)
{
	struct groups *g = data;
	int64_t key[REPORT_MAX_DIMS] = { 0 };
	struct report_row *row;

	keys_of_hour(g, t->first);
	for (size_t i = 0; i < g->q->dims; i++)
		key[i] = report_dim_is_time(g->q->dim[i]) ? g->time_key[i]
		    : g->q->dim[i] == DIM_TIER            ? t->tier
		    : g->q->dim[i] == DIM_PRIORITY
		    ? t->priority
		    : name_key(g, g->q->dim[i], t->name, t->first, t->last);
	row = row_of(g, key, hash_of(key, g->q->dims));
	sums_add(&row->sums, &t->sums);
	stretch(row, t->first, t->last);
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
add_cubes(struct groups *g, struct ledger *l, struct tk_err *err)
{
	static const struct ledger_cube_fns fn = { add_cube, add_record,
		splits };
	uint32_t kinds = 0;

	for (size_t i = 0; i < g->q->dims; i++)
		kinds |= cube_kind(g->q->dim[i]);
	g->hour = -1;
	if (ledger_each_cube(l, &g->q->filter, kinds, &fn, g, err) < 0 ||
	    g->failed)
		return -1;
	add_batch(g);
	if (g->split) {
		/* Somebody changed departments: only records say when. */
		g->r->rows = 0;
		memset(g->slot, 0, g->slots * sizeof(*g->slot));
		return add_records(g, l, err);
	}
	for (size_t i = 0; i < g->r->rows; i++)
		sums_add(&g->r->total, &g->r->row[i].sums);
	return 0;
}

static bool
roll_ups_know(const struct report_query *q)
{
	for (size_t i = 0; i < q->dims; i++)
		if (!report_dim_is_time(q->dim[i]))
			return false;
	return !q->latency && ledger_filter_is_all(&q->filter);
}

static void
free_latency(struct latency *l)
{
	if (l != NULL)
		latency_release(l);
	free(l);
}

/* Drop rows in which everything was taken back; from when to when the
 * others are. */
static void
drop_empty(struct report *r)
{
	static const struct usage_sums none;
	size_t kept = 0;

	for (size_t i = 0; i < r->rows; i++) {
		const struct report_row *row = &r->row[i];

		if (sums_equal(&row->sums, &none)) {
			free_latency(row->latency);
			continue;
		}
		r->first = row->first < r->first ? row->first : r->first;
		r->last = row->last > r->last ? row->last : r->last;
		r->row[kept++] = *row;
	}
	r->rows = kept;
}

/* Look the names up, once for each row and dimension. */
static int
resolve(struct report *r, const struct report_query *q, struct ledger *l,
    struct tk_err *err)
{
	for (size_t i = 0; i < r->rows; i++) {
		struct report_row *row = &r->row[i];

		for (size_t d = 0; d < q->dims; d++)
			if (q->dim[d] >= DIM_NAMES &&
			    report_dim_is_name(q->dim[d]))
				row->name[d] = row->key[d] > 0
				    ? r->text[row->key[d] - 1]
				    : NULL;
			else if (q->dim[d] < DIM_NAMES &&
			    names_text(ledger_names(l), (uint32_t)row->key[d],
				&row->name[d], err) < 0)
				return -1;
	}
	return 0;
}

struct order {
	const struct report_query *q;
	enum report_order by;
	int sign;
};

static int
compare_keys(const struct report_row *a, const struct report_row *b,
    const struct report_query *q)
{
	for (size_t d = 0; d < q->dims; d++) {
		int c = 0;

		if (report_dim_is_name(q->dim[d]))
			c = strcmp(a->name[d] ? a->name[d] : "",
			    b->name[d] ? b->name[d] : "");
		if (c == 0 && a->key[d] != b->key[d])
			c = a->key[d] < b->key[d] ? -1 : 1;
		if (c != 0)
			return c;
	}
	return 0;
}

static tk_int128
measure(const struct report_row *row, enum report_order by)
{
	switch (by) {
	case ORDER_KEYS:
		return 0;
	case ORDER_TOKENS:
		return sums_total(&row->sums);
	case ORDER_COST:
		return row->sums.v[SUM_COST];
	case ORDER_REQUESTS:
		return row->sums.v[SUM_REQUESTS];
	case ORDER_LAST:
		return row->last;
	}
	return 0;
}

static int
compare_rows(const void *a, const void *b, void *data)
{
	const struct order *o = data;
	tk_int128 x = measure(a, o->by), y = measure(b, o->by);
	int c = compare_keys(a, b, o->q);

	if (o->by == ORDER_KEYS)
		return c * o->sign;
	return x == y ? c : (x > y ? -1 : 1) * o->sign;
}

void
report_sort(struct report *r, const struct report_query *q,
    enum report_order by, bool reverse)
{
	struct order o = { q, by, reverse ? -1 : 1 };

	if (r->rows > 1)
		qsort_r(r->row, r->rows, sizeof(*r->row), compare_rows, &o);
}

int
report_run(struct report *r, struct ledger *l, const struct report_query *q,
    struct tk_err *err)
{
	struct groups g = { .q = q, .r = r, .err = err };
	int rc;

	*r = (struct report){ .first = INT64_MAX, .last = INT64_MIN };
	if (ledger_begin_read(l, err) < 0)
		return -1;
	grow(&g);
	g.derive = derive_new(r, l, q);
	if (roll_ups_know(q))
		rc = ledger_each_slot(l, q->filter.since, q->filter.until,
		    add_slot, &g, err);
	else if (!q->latency)
		rc = add_cubes(&g, l, err);
	else
		rc = add_records(&g, l, err);
	free(g.slot);
	derive_free(g.derive);
	drop_empty(r);
	if (rc == 0)
		rc = resolve(r, q, l, err);
	ledger_end_read(l);
	if (rc < 0) {
		report_release(r);
		return -1;
	}
	report_sort(r, q, ORDER_KEYS, false);
	return 0;
}

void
report_release(struct report *r)
{
	for (size_t i = 0; i < r->rows; i++)
		free_latency(r->row[i].latency);
	for (size_t i = 0; i < r->texts; i++)
		free(r->text[i]);
	free(r->text);
	free(r->row);
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
