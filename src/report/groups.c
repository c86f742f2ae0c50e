/* Rows while they grow: see groups.h. */
#include "report/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/latency.h"
#include "report/spill.h"

static inline uint64_t
hash_more(uint64_t h, int64_t key)
{
	h = (h ^ (uint64_t)key) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t
hash_of(const int64_t *key, size_t dims)
{
	uint64_t h = 0;

	for (size_t d = 0; d < dims; d++)
		h = hash_more(h, key[d]);
	return h;
}

static inline bool
is_key(const int64_t a[REPORT_MAX_DIMS], const int64_t b[REPORT_MAX_DIMS])
{
	int64_t differ = 0;

	for (size_t i = 0; i < REPORT_MAX_DIMS; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

/* The slot of a key, or the one for it, with its tag. */
static inline struct group_slot *
find_slot(const struct groups *g, const int64_t *key, uint64_t h)
{
	uint32_t tag = (uint32_t)(h >> 32);

	for (size_t i = h & (g->slots - 1);; i = (i + 1) & (g->slots - 1)) {
		struct group_slot *s = &g->slot[i];

		if (s->row == 0)
			s->tag = tag;
		if (s->tag == tag &&
		    (s->row == 0 || is_key(g->group[s->row - 1].key, key)))
			return s;
	}
}

static void
grow(struct groups *g)
{
	g->room = g->room ? g->room * 2 : 64;
	g->group = tk_xreallocarray(g->group, g->room, sizeof(*g->group));
	free(g->slot);
	g->slots = g->room * 2;
	g->slot = tk_xcalloc(g->slots, sizeof(*g->slot));
	for (size_t i = 0; i < g->n; i++)
		find_slot(g, g->group[i].key, hash_of(g->group[i].key, g->dims))
		    ->row = (uint32_t)i + 1;
}

void
groups_init(struct groups *g, size_t dims)
{
	*g = (struct groups){ .dims = dims };
	grow(g);
}

void
group_release(struct group *g)
{
	free(g->carry);
	g->carry = NULL;
}

void
groups_empty(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		group_release(&g->group[i]);
		latency_free(g->group[i].latency);
	}
	g->n = g->bytes = 0;
	if (g->slots > 0)
		memset(g->slot, 0, g->slots * sizeof(*g->slot));
}

void
groups_release(struct groups *g)
{
	groups_empty(g);
	free(g->group);
	free(g->slot);
	spill_free(g->spill);
	spill_free(g->joined);
}

/* The number of the group of a key, which there is from now on. */
static inline size_t
row_of(struct groups *g, const int64_t key[REPORT_MAX_DIMS], uint64_t hash)
{
	struct group_slot *slot;

	if (g->n == g->room)
		grow(g);
	slot = find_slot(g, key, hash);
	if (slot->row == 0) {
		struct group *group = &g->group[g->n++];

		*group =
		    (struct group){ .first = INT64_MAX, .last = INT64_MIN };
		memcpy(group->key, key, sizeof(group->key));
		slot->row = (uint32_t)g->n;
	}
	return slot->row - 1;
}

static void
carry(struct group *g, int i, int64_t n)
{
	if (n == 0)
		return;
	if (g->carry == NULL)
		g->carry = tk_xcalloc(SUMS, sizeof(*g->carry));
	g->carry[i] += n;
}

static inline void
add_number(struct group *g, int i, int64_t n)
{
	if (__builtin_add_overflow(g->v[i], n, &g->v[i]))
		carry(g, i, n > 0 ? 1 : -1);
}

static void
add_wide(struct group *g, int i, tk_int128 n)
{
	int64_t low = (int64_t)n;

	add_number(g, i, low);
	carry(g, i, (int64_t)((n - low) >> 64));
}

void
groups_add(struct groups *g, const int64_t key[REPORT_MAX_DIMS], int64_t first,
    int64_t last, const struct usage_sums *sums)
{
	size_t row = row_of(g, key, hash_of(key, g->dims));
	struct group *group = &g->group[row];

	for (int i = 0; i < SUMS; i++)
		add_wide(group, i, sums->v[i]);
	group->first = first < group->first ? first : group->first;
	group->last = last > group->last ? last : group->last;
}

static void
add_latency(struct groups *g, struct group *group, int64_t ms)
{
	size_t before;

	if (group->latency == NULL) {
		group->latency = tk_xcalloc(1, sizeof(*group->latency));
		g->bytes += sizeof(*group->latency);
	}
	before = latency_size(group->latency);
	latency_add(group->latency, ms, 1);
	g->bytes += latency_size(group->latency) - before;
}

void
arrivals_init(struct arrivals *a)
{
	a->n = 0;
	for (size_t d = 0; d < REPORT_MAX_DIMS; d++)
		a->key[d] = a->own_key[d];
	for (int i = 0; i < SUMS; i++)
		a->v[i] = a->own[i];
	a->first = a->own[SUMS];
	a->last = a->own[SUMS + 1];
	a->latency_ms = NULL;
}

/* Their memory will be here when they are found. */
static void
expect(const struct groups *g, const struct arrivals *a, uint64_t *hash)
{
	for (size_t i = 0; i < a->n; i++) {
		uint64_t h = 0;

		for (size_t d = 0; d < g->dims; d++)
			h = hash_more(h, a->key[d][i]);
		hash[i] = h;
		__builtin_prefetch(&g->slot[h & (g->slots - 1)]);
	}
	for (size_t i = 0; i < a->n; i++) {
		const struct group_slot *s = &g->slot[hash[i] & (g->slots - 1)];
		const char *group = (const char *)&g->group[s->row - 1];

		for (size_t at = 0; s->row != 0 && at < sizeof(*g->group); at +=
		     64)
			__builtin_prefetch(group + at, 1);
	}
}

/* Find the groups; they stay where they are until the next are looked for. */
static void
find(struct groups *g, const struct arrivals *a, struct group **group)
{
	uint64_t hash[GROUPS_ROWS];
	int64_t key[REPORT_MAX_DIMS] = { 0 };
	uint32_t row[GROUPS_ROWS];

	expect(g, a, hash);
	for (size_t i = 0; i < a->n; i++) {
		for (size_t d = 0; d < g->dims; d++)
			key[d] = a->key[d][i];
		row[i] = (uint32_t)row_of(g, key, hash[i]);
	}
	for (size_t i = 0; i < a->n; i++)
		group[i] = &g->group[row[i]];
}

void
groups_take(struct groups *g, const struct arrivals *a)
{
	struct group *group[GROUPS_ROWS];

	find(g, a, group);
	for (int k = 0; k < SUMS; k++)
		for (size_t i = 0; a->v[k] != NULL && i < a->n; i++)
			add_number(group[i], k, a->v[k][i]);
	for (size_t i = 0; i < a->n; i++) {
		if (a->first[i] < group[i]->first)
			group[i]->first = a->first[i];
		if (a->last[i] > group[i]->last)
			group[i]->last = a->last[i];
	}
	for (size_t i = 0; a->latency_ms != NULL && i < a->n; i++)
		if (a->latency_ms[i] >= 0)
			add_latency(g, group[i], a->latency_ms[i]);
	if ((g->n > spill_most || g->bytes > SPILL_BYTES) && !g->stays)
		spill_groups(g);
}

void
group_sums(const struct group *g, struct usage_sums *sums)
{
	for (int i = 0; i < SUMS; i++)
		sums->v[i] = group_sum(g, (enum sum)i);
}

void
group_row(const struct group *group, struct report_row *row)
{
	*row = (struct report_row){ .first = group->first,
		.last = group->last,
		.latency = group->latency };
	memcpy(row->key, group->key, sizeof(row->key));
	group_sums(group, &row->sums);
}

void
group_of_row(struct group *group, const struct report_row *row)
{
	*group = (struct group){ .first = row->first,
		.last = row->last,
		.latency = row->latency };
	memcpy(group->key, row->key, sizeof(group->key));
	for (int i = 0; i < SUMS; i++)
		add_wide(group, i, row->sums.v[i]);
}

uint64_t
group_hash(const struct groups *g, const struct group *group)
{
	return hash_of(group->key, g->dims);
}

void
groups_add_group(struct groups *g, struct group *from)
{
	size_t row = row_of(g, from->key, hash_of(from->key, g->dims));
	struct group *to = &g->group[row];

	for (int i = 0; i < SUMS; i++) {
		add_number(to, i, from->v[i]);
		if (from->carry != NULL)
			carry(to, i, from->carry[i]);
	}
	to->first = from->first < to->first ? from->first : to->first;
	to->last = from->last > to->last ? from->last : to->last;
	if (to->latency == NULL) {
		to->latency = from->latency;
	} else if (from->latency != NULL) {
		latency_merge(to->latency, from->latency);
		latency_free(from->latency);
	}
	from->latency = NULL;
	group_release(from);
}

void
groups_join(struct groups *g, struct groups *more)
{
	if (g->spill != NULL || more->spill != NULL)
		spill_both(g, more);
	for (size_t i = 0; i < more->n; i++)
		groups_add_group(g, &more->group[i]);
	groups_empty(more);
}
