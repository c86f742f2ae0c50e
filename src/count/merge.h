#ifndef COUNT_MERGE_H
#define COUNT_MERGE_H

#include "count/count_int.h"
#include "count/window.h"

/*
 * Merging many short pieces at the same time, for one kind of processor;
 * included by engine.h.
 *
 * One merge after the other is a chain of look-ups in a large table, each of
 * which waits for memory.  So a group of pieces takes turns: each step ends
 * with two look-ups announced to the cache, and begins with reading the two
 * of the step before.
 */
enum { MERGE_MAX = 62, MERGE_LANES = 64, MERGE_GROUP = 32 };

/* A look-up on its way: the rank of the bytes between two places. */
struct look {
	const void *line;
	struct vocab_key16 key; /* lo: of a short one, the mixed key */
	uint32_t from, n;
};

struct merge {
	uint64_t alive; /* a part begins there; its last bit is the end */
	const uint8_t *p;
	uint32_t lanes; /* 16, 32 or 64: the numbers in use */
	struct look left, right;
	uint32_t pair[MERGE_LANES]; /* the rank of merging with the next */
};

ALWAYS_INLINE void
merge_start(struct merge *m, const struct vocab *v, const uint8_t *p,
    uint32_t n)
{
	m->p = p;
	m->alive = window_low_bits(n + 1);
	m->lanes = n <= 16 ? 16 : n <= 32 ? 32 : 64;
	for (uint32_t i = 0; i + 1 < n; i++)
		m->pair[i] = vocab_merge_two(v, p[i], p[i + 1]);
	for (uint32_t i = n - 1; i < m->lanes; i++)
		m->pair[i] = VOCAB_NONE;
}

static inline unsigned
merge_count(const struct merge *m)
{
	return (unsigned)__builtin_popcountll(m->alive) - 1;
}

/* Announce the look-up of p[from] to p[end]. */
ALWAYS_INLINE void
look_for(struct look *l, const struct vocab *v, const uint8_t *p, uint32_t from,
    uint32_t end)
{
	uint32_t n = end - from;

	l->from = from;
	l->n = n;
	if (n <= VOCAB_SHORT_MAX) {
		l->key.lo = vocab_mix8(count_key8(p + from, n));
		l->line = v->shorts + 8ul * vocab_scale(l->key.lo, v->s.lines);
	} else {
		l->key = count_key16(p + from, n);
		l->line = v->mids +
		    4ul * vocab_scale(vocab_mix16(l->key), v->m.lines);
	}
	__builtin_prefetch(l->line);
}

/* What the look-up gives. */
ALWAYS_INLINE uint32_t
look_at(const struct look *l, const struct vocab *v, const uint8_t *p)
{
	uint32_t rank;
	unsigned found;

	if (l->n <= VOCAB_SHORT_MAX) {
		const uint64_t *line = l->line;

		found = line_find(line, l->key.lo, v->s.tag);
		if (found != 0)
			rank =
			    vocab_slot_rank(&v->s, line[__builtin_ctz(found)]);
		else if (!vocab_away(v->short_away,
			     (uint32_t)((line - v->shorts) / 8)))
			return VOCAB_NONE;
		else
			rank = vocab_rank(v, p + l->from, l->n);
	} else {
		const struct vocab_key16 *line = l->line;

		found =
		    line_find16(line, l->key.lo, vocab_mix16(l->key), v->m.tag);
		if (found != 0)
			rank = vocab_slot_rank(&v->m,
			    line[__builtin_ctz(found) / 2].hi);
		else if (l->n <= VOCAB_MID_MAX &&
		    !vocab_away(v->mid_away, (uint32_t)((line - v->mids) / 4)))
			return VOCAB_NONE;
		else
			rank = vocab_rank(v, p + l->from, l->n);
	}
	return rank < v->merges ? rank : VOCAB_NONE;
}

/* Merge the lowest pair and ask for the two that this makes; false: none. */
ALWAYS_INLINE bool
merge_step(struct merge *m, const struct vocab *v)
{
	unsigned at = lowest(m->pair, m->lanes), end, left;
	uint64_t after = m->alive & ~UINT64_C(1) << at;

	if (m->pair[at] == VOCAB_NONE)
		return false;
	m->pair[__builtin_ctzll(after)] = VOCAB_NONE;
	m->alive ^= after & -after;
	after &= after - 1;
	end = (unsigned)__builtin_ctzll(after);
	after &= after - 1;
	left = 63 -
	    (unsigned)__builtin_clzll(
		(m->alive & ((UINT64_C(1) << at) - 1)) | 1);
	/* Of no bytes where there is no neighbour: no token. */
	look_for(&m->right, v, m->p, at,
	    after != 0 ? (unsigned)__builtin_ctzll(after) : at);
	look_for(&m->left, v, m->p, left, at != 0 ? end : left);
	return true;
}

static void
merge_group(const struct vocab *v, struct merge *group, unsigned n)
{
	struct merge *turn[MERGE_GROUP];
	unsigned live = 0;

	for (unsigned i = 0; i < n; i++) {
		turn[live] = &group[i];
		live += merge_step(&group[i], v);
	}
	while (live > 0) {
		unsigned still = 0;

		for (unsigned i = 0; i < live; i++) {
			struct merge *m = turn[i];

			/* Without a left neighbour both are at 0: left first.
			 */
			m->pair[m->left.from] = look_at(&m->left, v, m->p);
			m->pair[m->right.from] = look_at(&m->right, v, m->p);
		}
		/* Apart, so that the stores are done before the loads. */
		for (unsigned i = 0; i < live; i++) {
			struct merge *m = turn[i];

			turn[still] = m;
			still += merge_step(m, v);
		}
		live = still;
	}
}

#endif
