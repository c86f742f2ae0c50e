#include "ledger/cube.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"

#define DIM(kind) (1u << (kind))

/*
 * The sets that are kept, the larger first: what has a larger one is made
 * from that when it is there.
 */
static const uint32_t sets[] = {
	CUBE_HOUR | DIM(NAME_USER) | DIM(NAME_APPLICATION) | DIM(NAME_MODEL),
	DIM(NAME_USER) | DIM(NAME_APPLICATION) | DIM(NAME_MODEL),
	CUBE_HOUR | DIM(NAME_USER),
	CUBE_HOUR | DIM(NAME_APPLICATION),
	CUBE_HOUR | DIM(NAME_MODEL),
	CUBE_HOUR | DIM(NAME_PROJECT),
	DIM(NAME_USER) | DIM(NAME_APPLICATION),
	DIM(NAME_USER) | DIM(NAME_MODEL),
	DIM(NAME_APPLICATION) | DIM(NAME_MODEL),
	DIM(NAME_USER) | DIM(NAME_PROJECT),
	DIM(NAME_USER),
	DIM(NAME_APPLICATION),
	DIM(NAME_MODEL),
	DIM(NAME_PROVIDER) | DIM(NAME_SOURCE) | DIM(NAME_ERROR) |
	    CUBE_PRIORITY | CUBE_TIER,
	DIM(NAME_PROVIDER) | DIM(NAME_SOURCE) | DIM(NAME_ERROR) | CUBE_TIER,
	DIM(NAME_AGENT) | DIM(NAME_ENDPOINT) | DIM(NAME_MACHINE) |
	    DIM(NAME_KEY),
	DIM(NAME_PROJECT),
	DIM(NAME_AGENT),
	DIM(NAME_ENDPOINT),
	DIM(NAME_USER) | DIM(NAME_SESSION),
	DIM(NAME_SESSION),
	0,
};

enum { SETS = TK_LEN(sets) };

/* A number of a record that is larger makes no cube: 2^16 of them fit. */
#define LARGEST (INT64_C(1) << 46)

/* What a record is summed by: 0 where a set has fewer dimensions. */
struct key {
	uint64_t ids[CUBE_MAX_DIMS / 2]; /* two in each */
};

struct entry {
	struct key key;
	int64_t first, last;
	int64_t v[SUMS];
};

/* What is summed by one set: an open-addressed table of entry numbers. */
struct table {
	uint32_t dims;
	int bit[CUBE_MAX_DIMS]; /* of the dimensions */
	int bits;
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
	for (; dims != 0; dims &= dims - 1)
		t->bit[t->bits++] = __builtin_ctz(dims);
}

static inline uint32_t
key_get(const struct key *key, int i)
{
	return (uint32_t)(key->ids[i / 2] >> (i % 2 * 32));
}

static inline void
key_set(struct key *key, int i, uint32_t id)
{
	key->ids[i / 2] |= (uint64_t)id << (i % 2 * 32);
}

static inline bool
is_key(const struct key *a, const struct key *b)
{
	uint64_t differ = 0;

	for (size_t i = 0; i < TK_LEN(a->ids); i++)
		differ |= a->ids[i] ^ b->ids[i];
	return differ == 0;
}

static void
table_empty(struct table *t)
{
	t->full = false;
	t->n = t->latest = 0;
	if (t->slots > 0)
		memset(t->slot, 0, t->slots * sizeof(*t->slot));
}

static inline uint64_t
hash_of(const struct key *key)
{
	uint64_t h = 0;

	for (size_t i = 0; i < TK_LEN(key->ids); i++) {
		h = (h ^ key->ids[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

static inline uint32_t *
find_slot(const struct table *t, const struct key *key, uint64_t h)
{
	for (size_t i = h & (t->slots - 1);; i = (i + 1) & (t->slots - 1)) {
		uint32_t n = t->slot[i];

		if (n == 0 || is_key(&t->entry[n - 1].key, key))
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
		*find_slot(t, &t->entry[i].key, hash_of(&t->entry[i].key)) =
		    (uint32_t)i + 1;
}

/* The entry with that key, made if need be; NULL: there are too many. */
static struct entry *
entry_of(struct table *t, const struct key *key, uint64_t h)
{
	uint32_t *slot;

	if (t->n == t->room)
		grow(t);
	slot = find_slot(t, key, h);
	if (*slot == 0) {
		if (t->n == t->most) {
			t->full = true;
			return NULL;
		}
		t->entry[t->n] = (struct entry){ .key = *key,
			.first = INT64_MAX,
			.last = INT64_MIN };
		*slot = (uint32_t)++t->n;
	}
	t->latest = *slot - 1;
	return &t->entry[t->latest];
}

static bool
is_latest(const struct table *t, const struct key *key)
{
	return t->latest < t->n && is_key(&t->entry[t->latest].key, key);
}

static inline void
entry_add(struct entry *e, int64_t first, int64_t last,
    const int64_t *restrict v)
{
	int64_t *restrict sum = e->v;

	if (first < e->first)
		e->first = first;
	if (last > e->last)
		e->last = last;
	for (int i = 0; i < SUMS; i++)
		sum[i] += v[i];
}

static void
table_add(struct table *t, const struct key *key, int64_t first, int64_t last,
    const int64_t v[SUMS])
{
	struct entry *e = is_latest(t, key) ? &t->entry[t->latest]
					    : entry_of(t, key, hash_of(key));

	if (e != NULL)
		entry_add(e, first, last, v);
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
	int at[CUBE_MAX_DIMS] = { 0 };

	for (int i = 0; i < t->bits; i++)
		while (from->bit[at[i]] != t->bit[i])
			at[i]++;
	for (size_t i = 0; i < from->n; i++) {
		const struct entry *e = &from->entry[i];
		struct key key = { 0 };

		for (int k = 0; k < t->bits; k++)
			key_set(&key, k, key_get(&e->key, at[k]));
		table_add(t, &key, e->first, e->last, e->v);
	}
}

/* The numbers of a record; false if one is too large. */
static bool
numbers_of(const struct packed_record *v, int64_t n[SUMS])
{
	bool fit = true;

	sums_of_record(n, &v->r, v->name[NAME_ERROR] != 0);
	for (int i = 0; i < SUMS; i++)
		fit &= n[i] <= LARGEST && n[i] >= -LARGEST;
	return fit;
}

/* What a record is in each dimension, by its bit. */
static void
ids_of(const struct packed_record *v, uint32_t id[CUBE_BITS])
{
	_Static_assert(1 << NAME_KINDS <= CUBE_PRIORITY, "no bit is left");
	memcpy(id, v->name, sizeof(v->name));
	id[__builtin_ctz(CUBE_PRIORITY)] =
	    v->r.priority == RECORD_UNKNOWN ? 0 : (uint32_t)v->r.priority;
	id[__builtin_ctz(CUBE_HOUR)] = (uint32_t)(v->r.time / CUBE_HOUR_MS);
	id[__builtin_ctz(CUBE_TIER)] = (uint32_t)v->r.tier;
}

static inline void
key_of(const struct table *t, const uint32_t id[CUBE_BITS], struct key *key)
{
	*key = (struct key){ 0 };
	for (int k = 0; k < t->bits; k++)
		key_set(key, k, id[t->bit[k]]);
}

/* A record on its way into one table. */
struct arrival {
	struct table *table;
	struct key key;
	uint64_t hash;
	bool latest;
};

/*
 * The tables are larger than a processor's nearest memory: what the tables
 * of a record need is fetched for all of them at once, not one by one.
 */
static size_t
fetch(struct cube *y, const uint32_t id[CUBE_BITS], struct arrival at[SETS])
{
	size_t n = 0;

	for (size_t i = 0; i < SETS; i++) {
		struct table *t = &y->table[i];
		struct arrival *a = &at[n];

		if (t->full || !t->by_record)
			continue;
		n++;
		a->table = t;
		key_of(t, id, &a->key);
		a->latest = is_latest(t, &a->key);
		if (a->latest)
			continue;
		a->hash = hash_of(&a->key);
		if (t->slots > 0)
			__builtin_prefetch(&t->slot[a->hash & (t->slots - 1)]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct table *t = at[i].table;
		uint32_t e = at[i].latest || t->slots == 0
		    ? 0
		    : t->slot[at[i].hash & (t->slots - 1)];

		for (size_t b = 0; e != 0 && b < sizeof(*t->entry); b += 64)
			__builtin_prefetch((char *)&t->entry[e - 1] + b, 1);
	}
	return n;
}

/* One set became full before it had this record: those that were to be made
 * of it and have no other go on by themselves. */
static void
pass_on(struct cube *y, const struct table *full, const uint32_t id[CUBE_BITS],
    int64_t time, const int64_t n[SUMS])
{
	for (size_t i = 0; i < SETS; i++) {
		struct table *t = &y->table[i];
		struct key key;

		if (t != full && (full->dims & t->dims) == t->dims &&
		    !t->by_record && larger(y, t) == NULL) {
			t->by_record = true;
			fold(t, full);
			key_of(t, id, &key);
			if (!t->full)
				table_add(t, &key, time, time, n);
		}
	}
}

void
cube_add(struct cube *y, const struct packed_record *v)
{
	uint32_t id[CUBE_BITS];
	struct arrival at[SETS];
	int64_t n[SUMS];
	size_t tables;

	if (y->records++ == 0)
		for (size_t i = 0; i < SETS; i++)
			y->table[i].by_record = larger(y, &y->table[i]) == NULL;
	if (y->too_large || !numbers_of(v, n)) {
		y->too_large = true;
		return;
	}
	ids_of(v, id);
	tables = fetch(y, id, at);
	for (size_t i = 0; i < tables; i++) {
		struct table *t = at[i].table;
		struct entry *e = at[i].latest
		    ? &t->entry[t->latest]
		    : entry_of(t, &at[i].key, at[i].hash);

		if (e != NULL)
			entry_add(e, v->r.time, v->r.time, n);
	}
	for (size_t i = 0; i < tables; i++)
		if (at[i].table->full)
			pass_on(y, at[i].table, id, v->r.time, n);
}

/* As pack_varint() and sums_pack() would, without a call for each byte. */
static uint8_t *
put_varint(uint8_t *p, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (uint8_t)(n | 0x80);
	*p++ = (uint8_t)n;
	return p;
}

static void
entry_write(struct tk_buf *b, const struct table *t, const struct entry *e,
    int64_t t_min)
{
	enum { VARINT_MAX = 10 };
	uint8_t bytes[(CUBE_MAX_DIMS + 3 + SUMS) * VARINT_MAX], *p = bytes;
	uint64_t mask = 0;

	for (int k = 0; k < t->bits; k++)
		p = put_varint(p, key_get(&e->key, k));
	p = put_varint(p, (uint64_t)(e->first - t_min));
	p = put_varint(p, (uint64_t)(e->last - e->first));
	for (int i = 0; i < SUMS; i++)
		mask |= (uint64_t)(e->v[i] != 0) << i;
	p = put_varint(p, mask);
	for (; mask != 0; mask &= mask - 1)
		p = put_varint(p, pack_zigzag(e->v[__builtin_ctzll(mask)]));
	tk_buf_add(b, bytes, (size_t)(p - bytes));
}

static void
set_write(const struct table *t, struct cube_set *set)
{
	set->dims = t->dims;
	set->n = (int64_t)t->n;
	tk_buf_reset(&set->data);
	for (size_t i = 0; i < t->n; i++)
		entry_write(&set->data, t, &t->entry[i], set->t_min);
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
