/* Rows while they grow: see groups.h. */
#include "report/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/latency.h"
#include "report/spill.h"

static inline uint64_t
hash_of(const int64_t key[REPORT_MAX_DIMS])
{
	uint64_t h = 0;

	for (size_t i = 0; i < REPORT_MAX_DIMS; i++) {
		h = (h ^ (uint64_t)key[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
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
static struct group_slot *
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
		find_slot(g, g->group[i].key, hash_of(g->group[i].key))->row =
		    (uint32_t)i + 1;
}

void
groups_init(struct groups *g)
{
	*g = (struct groups){ 0 };
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
	g->n = g->waiting = g->latest = g->bytes = 0;
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

static struct group *
group_of(struct groups *g, const int64_t key[REPORT_MAX_DIMS], uint64_t hash)
{
	struct group_slot *slot;

	/* Neighbours are mostly of one group. */
	if (g->latest < g->n && is_key(g->group[g->latest].key, key))
		return &g->group[g->latest];
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
	g->latest = slot->row - 1;
	return &g->group[g->latest];
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
stretch(struct group *g, int64_t first, int64_t last)
{
	if (first < g->first)
		g->first = first;
	if (last > g->last)
		g->last = last;
}

void
groups_add(struct groups *g, const int64_t key[REPORT_MAX_DIMS], int64_t first,
    int64_t last, const struct usage_sums *sums)
{
	struct group *group = group_of(g, key, hash_of(key));

	for (int i = 0; i < SUMS; i++) {
		int64_t low = (int64_t)sums->v[i];

		add_number(group, i, low);
		carry(group, i, (int64_t)((sums->v[i] - low) >> 64));
	}
	stretch(group, first, last);
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

static void
fetch(const struct groups *g, const struct arrival *a)
{
	const struct group_slot *s = &g->slot[a->hash & (g->slots - 1)];
	const char *group;

	if (s->row == 0)
		return;
	group = (const char *)&g->group[s->row - 1];
	for (size_t at = 0; at < sizeof(*g->group); at += 64)
		__builtin_prefetch(group + at, 1);
}

void
groups_flush(struct groups *g)
{
	for (size_t i = 0; i < g->waiting; i++)
		fetch(g, &g->batch[i]);
	for (size_t i = 0; i < g->waiting; i++) {
		const struct arrival *a = &g->batch[i];
		struct group *group = group_of(g, a->key, a->hash);

		for (int k = 0; k < SUMS; k++)
			add_number(group, k, a->v[k]);
		stretch(group, a->first, a->last);
		if (a->latency_ms >= 0)
			add_latency(g, group, a->latency_ms);
	}
	g->waiting = 0;
	if ((g->n > spill_most || g->bytes > SPILL_BYTES) && !g->stays)
		spill_groups(g);
}

void
groups_take(struct groups *g)
{
	struct arrival *a = &g->batch[g->waiting++];

	a->hash = hash_of(a->key);
	__builtin_prefetch(&g->slot[a->hash & (g->slots - 1)]);
	if (g->waiting == GROUPS_BATCH)
		groups_flush(g);
}

void
group_sums(const struct group *g, struct usage_sums *sums)
{
	for (int i = 0; i < SUMS; i++)
		sums->v[i] = g->carry == NULL
		    ? g->v[i]
		    : g->v[i] + g->carry[i] * ((tk_int128)1 << 64);
}

uint64_t
group_row(const struct group *group, struct report_row *row)
{
	*row = (struct report_row){ .first = group->first,
		.last = group->last,
		.latency = group->latency };
	memcpy(row->key, group->key, sizeof(row->key));
	group_sums(group, &row->sums);
	return hash_of(row->key);
}

void
groups_add_latency(struct groups *g, struct latency *l)
{
	struct group *to = &g->group[g->latest];

	if (to->latency == NULL) {
		to->latency = l;
	} else if (l != NULL) {
		latency_merge(to->latency, l);
		latency_free(l);
	}
}

void
groups_join(struct groups *g, struct groups *more)
{
	groups_flush(g);
	groups_flush(more);
	if (g->spill != NULL || more->spill != NULL)
		spill_both(g, more);
	for (size_t i = 0; i < more->n; i++) {
		struct group *from = &more->group[i];
		struct usage_sums sums;

		group_sums(from, &sums);
		groups_add(g, from->key, from->first, from->last, &sums);
		groups_add_latency(g, from->latency);
		from->latency = NULL;
	}
	groups_empty(more);
}
