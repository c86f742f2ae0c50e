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

/*
 * Byte i of a piece is lane i + 1; the lanes before the first and behind the
 * last are parts that merge with nothing, so that every part has neighbours.
 */
struct merge {
	uint64_t alive;       /* a part begins there */
	uint32_t lanes;       /* 16, 32 or 64: the numbers in use */
	uint32_t left, right; /* where the two results go */
	uint64_t left_key, right_key;
	uint32_t rank[MERGE_LANES];
	uint32_t pair[MERGE_LANES]; /* the rank of merging with the next */
};

ALWAYS_INLINE void
merge_start(struct merge *m, const struct vocab *v, const uint8_t *p,
    uint32_t n)
{
	m->alive = window_low_bits(n + 2);
	m->lanes = n + 2 <= 16 ? 16 : n + 2 <= 32 ? 32 : 64;
	m->rank[0] = m->rank[n + 1] = VOCAB_NO_RANK;
	m->pair[0] = VOCAB_NONE;
	for (uint32_t i = 0; i < n; i++) {
		m->rank[i + 1] = v->byte_rank[p[i]];
		m->pair[i + 1] = v->byte_pair[(uint32_t)p[i] << 8 | p[i + 1]];
	}
	for (uint32_t i = n; i < m->lanes; i++)
		m->pair[i] = VOCAB_NONE;
}

static inline unsigned
merge_count(const struct merge *m)
{
	return (unsigned)__builtin_popcountll(m->alive) - 2;
}

ALWAYS_INLINE const uint64_t *
pair_line(const struct vocab *v, uint64_t key)
{
	return v->pair + 8ul * vocab_scale(vocab_mix8(key), v->pair_lines);
}

ALWAYS_INLINE uint32_t
pair_find(const struct vocab *v, uint64_t key)
{
	const uint64_t *line = pair_line(v, key);
	uint64_t slot = line_pair(line, key);

	if (__builtin_expect(line[7] != 0, 0) && slot == 0)
		return vocab_merge_from(v, key,
		    (uint32_t)((line - v->pair) / VOCAB_PAIR_WAYS));
	return vocab_pair_rank(slot);
}

/* Merge the lowest pair and ask for the two that this makes; false: none. */
ALWAYS_INLINE bool
merge_step(struct merge *m, const struct vocab *v)
{
	unsigned at = lowest(m->pair, m->lanes);
	uint32_t rank = m->pair[at];
	uint64_t after = m->alive & ~UINT64_C(1) << at;

	if (rank == VOCAB_NONE)
		return false;
	m->pair[__builtin_ctzll(after)] = VOCAB_NONE;
	m->alive ^= after & -after;
	after &= after - 1;
	m->rank[at] = rank;
	m->right = at;
	m->right_key = vocab_pair_key(rank, m->rank[__builtin_ctzll(after)]);
	m->left = 63 -
	    (uint32_t)__builtin_clzll(m->alive & ((UINT64_C(1) << at) - 1));
	m->left_key = vocab_pair_key(m->rank[m->left], rank);
	__builtin_prefetch(pair_line(v, m->right_key));
	__builtin_prefetch(pair_line(v, m->left_key));
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

			m->pair[m->right] = pair_find(v, m->right_key);
			m->pair[m->left] = pair_find(v, m->left_key);
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
