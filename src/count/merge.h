#ifndef COUNT_MERGE_H
#define COUNT_MERGE_H

#include "count/count_int.h"

/*
 * Merging many short pieces at the same time, for one kind of processor;
 * included by engine.h.
 *
 * One merge after the other is a chain of look-ups in a large table, each of
 * which waits for memory.  So a group of pieces takes turns: each step ends
 * with two look-ups announced to the cache, and begins with reading the two
 * of the step before.
 */
enum { MERGE_MAX = 126, MERGE_LANES = 128, MERGE_GROUP = 16 };

/* A look-up on its way: the rank of the bytes between two places. */
struct look {
	const void *line;
	struct vocab_key16 key; /* lo: of a short one, the mixed key */
	uint32_t from, n;
};

struct merge {
	const uint8_t *p;
	uint32_t n;
	uint32_t lanes; /* 16, 32, 64 or 128: the numbers in use */
	uint32_t parts;
	struct look left, right;
	/* The parts that begin at byte i, if one does. */
	uint8_t next[MERGE_LANES];  /* where it ends; behind the last: n */
	uint8_t prev[MERGE_LANES];  /* where the one before begins */
	uint32_t pair[MERGE_LANES]; /* of it and the next */
};

/*
 * A pair of parts, as a number: its rank, then where it is, so that the least
 * of several numbers says both.  Those of pairs that do not merge have the
 * topmost bit.
 */
ALWAYS_INLINE uint32_t
pair_at(uint32_t rank, uint32_t lane)
{
	return rank << 7 | lane;
}

ALWAYS_INLINE bool
is_no_pair(uint32_t pair)
{
	return pair >> 31 != 0;
}

ALWAYS_INLINE void
merge_start(struct merge *m, const struct vocab *v, const uint8_t *p,
    uint32_t n)
{
	m->p = p;
	m->n = m->parts = n;
	m->lanes = n <= 16 ? 16 : n <= 32 ? 32 : n <= 64 ? 64 : 128;
	for (uint32_t i = 0; i < m->lanes; i++) {
		m->next[i] = (uint8_t)(i + 1);
		m->prev[i] = (uint8_t)(i - 1);
	}
	for (uint32_t i = 0; i + 1 < n; i++)
		m->pair[i] = pair_at(vocab_merge_two(v, p[i], p[i + 1]), i);
	for (uint32_t i = n - 1; i < m->lanes; i++)
		m->pair[i] = VOCAB_NONE;
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
		l->key.hi = 0;
		l->line = v->shorts + 8ul * vocab_scale(l->key.lo, v->s.lines);
	} else {
		l->key = count_key16(p + from, n);
		l->line = v->mids +
		    4ul * vocab_scale(vocab_mix16(l->key), v->m.lines);
	}
	__builtin_prefetch(l->line);
}

/* What is not at home in the first table, but may be elsewhere. */
static __attribute__((noinline)) uint32_t
look_away(const struct look *l, const struct vocab *v, const uint8_t *p)
{
	const struct vocab_key16 *line = l->line;
	struct vocab_key16 key = l->key;
	uint64_t mix = vocab_mix16(key);
	unsigned found;

	if (l->n <= VOCAB_SHORT_MAX) {
		key.lo = count_key8(p + l->from, l->n);
		mix = vocab_mix16(key);
		line = v->mids + 4ul * vocab_scale(mix, v->m.lines);
		found = line_find16(line, key.lo, mix, v->m.tag);
		if (found != 0)
			return vocab_slot_rank(&v->m,
			    line[__builtin_ctz(found) / 2].hi);
	}
	if (l->n <= VOCAB_MID_MAX &&
	    !vocab_away(v->mid_away, (uint32_t)((line - v->mids) / 4), mix))
		return VOCAB_NONE;
	return l->n <= v->head->max_len ? vocab_rank_long(v, p + l->from, l->n)
					: VOCAB_NONE;
}

/*
 * The rank that the look-up gives.  Whether there is one cannot be foreseen,
 * so there is no branch on it; that it is elsewhere is rare.
 */
ALWAYS_INLINE uint32_t
look_at(const struct look *l, const struct vocab *v, const uint8_t *p)
{
	unsigned found;
	uint32_t rank;
	bool away;

	if (l->n <= VOCAB_SHORT_MAX) {
		const uint64_t *line = l->line;

		found = line_find(line, l->key.lo, v->s.tag);
		rank = vocab_slot_rank(&v->s,
		    line[(unsigned)__builtin_ctz(found | 0x80)]);
		away = vocab_away(v->short_away,
		    (uint32_t)((line - v->shorts) / 8), l->key.lo);
	} else {
		const struct vocab_key16 *line = l->line;
		uint64_t mix = vocab_mix16(l->key);

		found = line_find16(line, l->key.lo, mix, v->m.tag);
		rank = vocab_slot_rank(&v->m,
		    line[(unsigned)__builtin_ctz(found | 0x40) / 2].hi);
		away = (l->n > VOCAB_MID_MAX) |
		    vocab_away(v->mid_away, (uint32_t)((line - v->mids) / 4),
			mix);
	}
	rank = found != 0 ? rank : VOCAB_NONE;
	if (__builtin_expect((found == 0) & away, 0))
		rank = look_away(l, v, p);
	return rank < v->merges ? rank : VOCAB_NONE;
}

/* Merge the lowest pair and ask for the two that this makes; false: none. */
ALWAYS_INLINE bool
merge_step(struct merge *m, const struct vocab *v)
{
	uint32_t pair = least(m->pair, m->lanes), at = pair & 127, gone, end;

	if (is_no_pair(pair))
		return false;
	gone = m->next[at];
	end = m->next[gone];
	m->pair[gone] = VOCAB_NONE;
	m->parts--;
	m->next[at] = (uint8_t)end;
	m->prev[end] = (uint8_t)at;
	/* Of no bytes where there is no neighbour: no token. */
	look_for(&m->right, v, m->p, at, end < m->n ? m->next[end] : at);
	look_for(&m->left, v, m->p, at > 0 ? m->prev[at] : 0, at > 0 ? end : 0);
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
			m->pair[m->left.from] =
			    pair_at(look_at(&m->left, v, m->p), m->left.from);
			m->pair[m->right.from] =
			    pair_at(look_at(&m->right, v, m->p), m->right.from);
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
