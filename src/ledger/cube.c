#include "ledger/cube.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "store/store.h"

#define DIM(kind) (1u << (kind))

/*
 * The sets that are kept, the larger first: what has a larger one is made
 * from that when it is there.
 */
static const uint32_t sets[] = {
	CUBE_HOUR | DIM(NAME_USER) | DIM(NAME_APPLICATION) | DIM(NAME_MODEL),
	CUBE_HOUR | DIM(NAME_USER),
	CUBE_HOUR | DIM(NAME_APPLICATION),
	CUBE_HOUR | DIM(NAME_MODEL),
	CUBE_HOUR | DIM(NAME_PROJECT),
	DIM(NAME_USER) | DIM(NAME_APPLICATION),
	DIM(NAME_USER) | DIM(NAME_MODEL),
	DIM(NAME_APPLICATION) | DIM(NAME_MODEL),
	DIM(NAME_USER),
	DIM(NAME_APPLICATION),
	DIM(NAME_MODEL),
	DIM(NAME_PROVIDER) | DIM(NAME_SOURCE) | DIM(NAME_ERROR) | CUBE_TIER,
	DIM(NAME_PROJECT),
	DIM(NAME_AGENT),
	DIM(NAME_ENDPOINT),
	DIM(NAME_SESSION),
	0,
};

/* What is no name. */
enum { KIND_HOUR = -2, KIND_TIER = -1 };

enum { SETS = TK_LEN(sets) };

/* A number of a record that is larger makes no cube: 2^16 of them fit. */
#define LARGEST (INT64_C(1) << 46)

struct entry {
	uint32_t id[CUBE_MAX_DIMS];
	int64_t first, last;
	int64_t v[SUMS];
};

/* What is summed by one set: an open-addressed table of entry numbers. */
struct table {
	uint32_t dims;
	int kind[CUBE_MAX_DIMS]; /* of the ids; or KIND_HOUR, KIND_TIER */
	size_t kinds;
	bool full;      /* too many: not kept */
	bool by_record; /* else made of a larger one at the end */
	size_t most;    /* entries */
	struct entry *entry;
	size_t n, room;
	uint32_t *slot; /* entry number + 1; a power of two of them */
	size_t slots;
	size_t latest; /* the entry that was added to last */
};

struct cube {
	struct table table[SETS];
	bool too_large;
	int64_t records;
	size_t next; /* set to give */
	struct tk_buf data;
};

static void
table_init(struct table *t, uint32_t dims)
{
	*t = (struct table){ .dims = dims,
		.most = dims & CUBE_HOUR ? CUBE_MAX_HOURLY : CUBE_MAX_ENTRIES };
	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (dims & DIM(kind))
			t->kind[t->kinds++] = kind;
	if (dims & CUBE_HOUR)
		t->kind[t->kinds++] = KIND_HOUR;
	if (dims & CUBE_TIER)
		t->kind[t->kinds++] = KIND_TIER;
}

static void
table_empty(struct table *t)
{
	t->full = false;
	t->n = t->latest = 0;
	if (t->slots > 0)
		memset(t->slot, 0, t->slots * sizeof(*t->slot));
}

static uint32_t *
find_slot(const struct table *t, const uint32_t id[CUBE_MAX_DIMS])
{
	uint64_t h = 0;

	for (size_t i = 0; i < t->kinds; i++) {
		h = (h ^ id[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (size_t i = h & (t->slots - 1);; i = (i + 1) & (t->slots - 1)) {
		uint32_t n = t->slot[i];

		if (n == 0 ||
		    memcmp(t->entry[n - 1].id, id, sizeof(*id) * t->kinds) == 0)
			return &t->slot[i];
	}
}

static void
grow(struct table *t)
{
	t->room = t->room ? t->room * 2 : 64;
	t->entry = tk_xreallocarray(t->entry, t->room, sizeof(*t->entry));
	free(t->slot);
	t->slots = t->room * 2;
	t->slot = tk_xcalloc(t->slots, sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		*find_slot(t, t->entry[i].id) = (uint32_t)i + 1;
}

/* The entry with those ids, made if need be; NULL: there are too many. */
static struct entry *
entry_of(struct table *t, const uint32_t id[CUBE_MAX_DIMS])
{
	uint32_t *slot;

	if (t->latest < t->n &&
	    memcmp(t->entry[t->latest].id, id, sizeof(*id) * t->kinds) == 0)
		return &t->entry[t->latest];
	if (t->n == t->room)
		grow(t);
	slot = find_slot(t, id);
	if (*slot == 0) {
		struct entry *e = &t->entry[t->n];

		if (t->n == t->most) {
			t->full = true;
			return NULL;
		}
		*e = (struct entry){ .first = INT64_MAX, .last = INT64_MIN };
		memcpy(e->id, id, sizeof(*id) * t->kinds);
		*slot = (uint32_t)++t->n;
	}
	t->latest = *slot - 1;
	return &t->entry[t->latest];
}

static void
table_add(struct table *t, const uint32_t id[CUBE_MAX_DIMS], int64_t first,
    int64_t last, const int64_t v[SUMS])
{
	struct entry *e = entry_of(t, id);

	if (e == NULL)
		return;
	if (first < e->first)
		e->first = first;
	if (last > e->last)
		e->last = last;
	for (int i = 0; i < SUMS; i++)
		e->v[i] += v[i];
}

struct cube *
cube_new(void)
{
	struct cube *t = tk_xcalloc(1, sizeof(*t));

	t->data = (struct tk_buf)TK_BUF_INIT;
	for (size_t i = 0; i < SETS; i++)
		table_init(&t->table[i], sets[i]);
	return t;
}

void
cube_free(struct cube *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < SETS; i++) {
		free(t->table[i].entry);
		free(t->table[i].slot);
	}
	tk_buf_release(&t->data);
	free(t);
}

/* A set with all dimensions of t, and more, that is not full; or NULL. */
static const struct table *
larger(const struct cube *y, const struct table *t)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct table *o = &y->table[i];

		if (o->dims != t->dims && (o->dims & t->dims) == t->dims &&
		    !o->full)
			return o;
	}
	return NULL;
}

/* Sum t again by its own dimensions, from what a larger set has so far. */
static void
fold(struct table *t, const struct table *from)
{
	size_t at[CUBE_MAX_DIMS] = { 0 };

	for (size_t i = 0; i < t->kinds; i++)
		while (from->kind[at[i]] != t->kind[i])
			at[i]++;
	for (size_t i = 0; i < from->n; i++) {
		const struct entry *e = &from->entry[i];
		uint32_t id[CUBE_MAX_DIMS] = { 0 };

		for (size_t k = 0; k < t->kinds; k++)
			id[k] = e->id[at[k]];
		table_add(t, id, e->first, e->last, e->v);
	}
}

/* One set became full before it had the latest record: those that were to be
 * made of it and have no other go on by themselves. */
static void
pass_on(struct cube *y, const struct table *full)
{
	for (size_t i = 0; i < SETS; i++) {
		struct table *t = &y->table[i];

		if (t != full && (full->dims & t->dims) == t->dims &&
		    !t->by_record && larger(y, t) == NULL) {
			t->by_record = true;
			fold(t, full);
		}
	}
}

static bool
numbers_of(const struct packed_record *v, int64_t n[SUMS])
{
	struct usage_sums s = { 0 };

	sums_add_record(&s, &v->r, v->name[NAME_ERROR] != 0);
	for (int i = 0; i < SUMS; i++) {
		if (s.v[i] > LARGEST || s.v[i] < -LARGEST)
			return false;
		n[i] = (int64_t)s.v[i];
	}
	return true;
}

static uint32_t
id_of(int kind, const struct packed_record *v)
{
	switch (kind) {
	case KIND_HOUR:
		return (uint32_t)(v->r.time / CUBE_HOUR_MS);
	case KIND_TIER:
		return (uint32_t)v->r.tier;
	default:
		return v->name[kind];
	}
}

void
cube_add(struct cube *y, const struct packed_record *v)
{
	int64_t n[SUMS];

	if (y->records++ == 0)
		for (size_t i = 0; i < SETS; i++)
			y->table[i].by_record = larger(y, &y->table[i]) == NULL;
	if (y->too_large || !numbers_of(v, n)) {
		y->too_large = true;
		return;
	}
	for (size_t i = 0; i < SETS; i++) {
		struct table *t = &y->table[i];
		uint32_t id[CUBE_MAX_DIMS] = { 0 };

		if (t->full || !t->by_record)
			continue;
		for (size_t k = 0; k < t->kinds; k++)
			id[k] = id_of(t->kind[k], v);
		table_add(t, id, v->r.time, v->r.time, n);
		if (t->full)
			pass_on(y, t);
	}
}

static void
set_write(const struct table *t, struct cube_set *set)
{
	struct usage_sums sums;

	set->dims = t->dims;
	set->n = (int64_t)t->n;
	tk_buf_reset(&set->data);
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entry[i];

		for (size_t k = 0; k < t->kinds; k++)
			pack_varint(&set->data, e->id[k]);
		pack_varint(&set->data, (uint64_t)(e->first - set->t_min));
		pack_varint(&set->data, (uint64_t)(e->last - e->first));
		for (int s = 0; s < SUMS; s++)
			sums.v[s] = e->v[s];
		sums_pack(&set->data, &sums);
	}
}

static void
make_the_others(struct cube *y)
{
	for (size_t i = 0; i < SETS; i++) {
		struct table *t = &y->table[i];

		if (!t->by_record)
			fold(t, larger(y, t));
	}
}

int
cube_next(struct cube *y, struct cube_set *set)
{
	if (y->next == 0 && !y->too_large)
		make_the_others(y);
	while (y->next < SETS && !y->too_large && y->records > 0) {
		struct table *t = &y->table[y->next++];
		const struct entry *all = y->table[SETS - 1].entry;

		if (t->full)
			continue;
		set->t_min = all->first;
		set->t_max = all->last;
		set_write(t, set);
		return 1;
	}
	for (size_t i = 0; i < SETS; i++)
		table_empty(&y->table[i]);
	y->too_large = false;
	y->records = 0;
	y->next = 0;
	return 0;
}

static int
store_sets(struct cube *y, struct stmt *insert, int64_t group,
    struct tk_err *err)
{
	struct cube_set set = { .data = TK_BUF_INIT };
	int rc = 0;

	while (rc == 0 && cube_next(y, &set)) {
		stmt_bind_int(insert, 1, group << 16 | set.dims);
		stmt_bind_int(insert, 2, set.t_min);
		stmt_bind_int(insert, 3, set.t_max);
		stmt_bind_int(insert, 4, set.n);
		stmt_bind_blob(insert, 5, set.data.s, set.data.len);
		rc = stmt_step(insert, err) < 0 ? -1 : 0;
	}
	tk_buf_release(&set.data);
	return rc;
}

static int
add_segments(struct cube *y, struct stmt *q, int64_t group, struct tk_err *err)
{
	int64_t first = group * CUBE_GROUP + 1;
	int more;

	stmt_bind_int(q, 1, first);
	stmt_bind_int(q, 2, first + CUBE_GROUP);
	while ((more = stmt_step(q, err)) > 0) {
		struct packed_record v;
		size_t len;
		const uint8_t *p = stmt_blob(q, 0, &len), *end = p + len;

		while (p < end) {
			if (!pack_read(&p, end, &v) || v.r.time < 0 ||
			    v.r.time > RECORD_LAST_TIME)
				return tk_fail(err, TK_DATA,
				    "the ledger is damaged: its sums by name "
				    "cannot be made");
			cube_add(y, &v);
		}
	}
	return more;
}

/* The first group without a cube; a group has one row at least, unless its
 * numbers are too large. */
static int
first_missing(struct store *st, int64_t *group, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(st, &q, "SELECT max(id) FROM cube", err) < 0)
		return -1;
	more = stmt_step(q, err);
	*group =
	    more > 0 && !stmt_is_null(q, 0) ? (stmt_int(q, 0) >> 16) + 1 : 0;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
cube_update(struct store *st, int64_t last_id, int max, struct tk_err *err)
{
	static const char data_sql[] =
	    "SELECT data FROM segment WHERE first_id >= $1 AND first_id < $2"
	    " ORDER BY first_id";
	static const char insert_sql[] =
	    "INSERT INTO cube (id, t_min, t_max, n, data)"
	    " VALUES ($1, $2, $3, $4, $5)";
	struct stmt *data = NULL, *insert = NULL;
	struct cube *y = NULL;
	int64_t group, complete = last_id / CUBE_GROUP;
	int rc = -1;

	if (first_missing(st, &group, err) < 0)
		return -1;
	if (group >= complete)
		return 0;
	if (store_prepare(st, &data, data_sql, err) < 0 ||
	    store_prepare(st, &insert, insert_sql, err) < 0)
		goto out;
	y = cube_new();
	for (rc = 0; rc == 0 && group < complete && max > 0; group++, max--)
		if (add_segments(y, data, group, err) < 0 ||
		    store_sets(y, insert, group, err) < 0)
			rc = -1;
out:
	stmt_free(data);
	stmt_free(insert);
	cube_free(y);
	return rc;
}

static bool
is_stored(const struct stmt *q, int64_t group, const struct cube_set *set)
{
	size_t len;
	const void *data = stmt_blob(q, 4, &len);

	return stmt_int(q, 0) == (group << 16 | set->dims) &&
	    stmt_int(q, 1) == set->t_min && stmt_int(q, 2) == set->t_max &&
	    stmt_int(q, 3) == set->n && len == set->data.len &&
	    (len == 0 || memcmp(data, set->data.s, len) == 0);
}

int
cube_check(struct cube *y, struct store *st, int64_t group, struct tk_err *err)
{
	static const char sql[] = "SELECT id, t_min, t_max, n, data FROM cube"
				  " WHERE id >= $1 AND id < $2";
	struct cube_set set = { .data = TK_BUF_INIT };
	struct stmt *q = NULL;
	int64_t stored = 0, same = 0;
	int more;

	if (store_prepare(st, &q, sql, err) < 0)
		return -1;
	while (cube_next(y, &set)) {
		stmt_bind_int(q, 1, group << 16 | set.dims);
		stmt_bind_int(q, 2, (group << 16 | set.dims) + 1);
		more = stmt_step(q, err);
		if (more < 0)
			goto out;
		same += more > 0 && is_stored(q, group, &set);
		stmt_reset(q);
	}
	stmt_bind_int(q, 1, group << 16);
	stmt_bind_int(q, 2, (group + 1) << 16);
	while ((more = stmt_step(q, err)) > 0)
		stored++;
out:
	stmt_free(q);
	tk_buf_release(&set.data);
	if (more < 0)
		return -1;
	return stored == same;
}

/* Damaged numbers must not overflow a time. */
static bool
read_time(const uint8_t **p, const uint8_t *end, int64_t from, int64_t *time)
{
	uint64_t n;

	if (!pack_read_varint(p, end, &n) || n > (uint64_t)RECORD_LAST_TIME ||
	    from < 0 || from > RECORD_LAST_TIME)
		return false;
	*time = from + (int64_t)n;
	return *time <= RECORD_LAST_TIME;
}

int
cube_read(struct cube_iter *it)
{
	struct cube_entry *e = &it->entry;
	int n = __builtin_popcount(it->dims);

	if (it->p == it->end)
		return 0;
	if (n > CUBE_MAX_DIMS)
		return -1;
	for (int i = 0; i < n; i++) {
		uint64_t id;

		if (!pack_read_varint(&it->p, it->end, &id) || id > UINT32_MAX)
			return -1;
		e->id[i] = (uint32_t)id;
	}
	if (!read_time(&it->p, it->end, it->t_min, &e->first) ||
	    !read_time(&it->p, it->end, e->first, &e->last) ||
	    !sums_read(&it->p, it->end, &e->sums))
		return -1;
	return 1;
}
