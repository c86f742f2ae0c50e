#ifndef COUNT_MERGE_H
#define COUNT_MERGE_H

#include "count/count_int.h"
#include "count/pairs.h"

/*
 * Merging many short pieces at the same time, for one kind of processor;
 * included by engine.h.
 *
 * One merge after the other is a chain of look-ups in a large table, each of
 * which waits for memory.  So a group of pieces takes turns: each step ends
 * with two look-ups announced to the cache, and begins with reading the two
 * of the step before.
 */
enum { MERGE_MAX = 126, MERGE_LANES = 128, MERGE_GROUP = 32 };

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
	uint32_t at;     /* what was made last begins there, */
	uint32_t before; /* and the part before it there */
	uint64_t left_mix, right_mix;
	bool left_open, right_open; /* the cache does not know the pair */
	struct look left, right;
	/* The parts that begin at byte i, if one does. */
	uint8_t next[MERGE_LANES];     /* where it ends; behind the last: n */
	uint8_t prev[MERGE_LANES + 1]; /* where the one before begins */
	uint32_t part[MERGE_LANES];    /* which it is, see pairs.h */
	uint32_t pair[MERGE_LANES];    /* of it and the next */
};

/*
 * A pair of parts, as a number: its rank, then where it is, so that the least
 * of several numbers says both.  Those of pairs that do not merge are larger
 * than all others.
 */
ALWAYS_INLINE uint32_t
pair_at(uint32_t rank, uint32_t lane)
{
	return rank << 7 | lane;
}

ALWAYS_INLINE bool
is_no_pair(uint32_t pair)
{
	return pair >= (uint32_t)PAIR_NONE << 7;
}

static const uint8_t merge_count[MERGE_LANES + 1] = {
#define FOUR(n) n, n + 1, n + 2, n + 3
#define SIXTEEN(n) FOUR(n), FOUR(n + 4), FOUR(n + 8), FOUR(n + 12)
	SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48), SIXTEEN(64),
	SIXTEEN(80), SIXTEEN(96), SIXTEEN(112), 128
#undef FOUR
#undef SIXTEEN
};

ALWAYS_INLINE void
merge_start(struct merge *m, const struct vocab *v, const uint8_t *p,
    uint32_t n)
{
	m->p = p;
	m->n = m->parts = n;
	m->lanes = n <= 16 ? 16 : n <= 32 ? 32 : n <= 64 ? 64 : 128;
	m->prev[0] = 0;
	for (uint32_t i = 0; i < m->lanes; i += 16) {
		memcpy(m->next + i, merge_count + 1 + i, 16);
		memcpy(m->prev + 1 + i, merge_count + i, 16);
	}
	for (uint32_t i = 0; i < n; i++)
		m->part[i] = p[i];
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
	/* Not as a condition, of which a branch would be made. */
	rank |= 0 - (uint32_t)(found == 0);
	if (__builtin_expect((found == 0) & away, 0))
		rank = look_away(l, v, p);
	return rank < v->merges ? rank : VOCAB_NONE;
}

/* Merge the lowest pair and announce the two that this makes; false: there is
 * none. */
ALWAYS_INLINE bool
merge_step(struct merge *m, const struct pairs *known)
{
	uint32_t pair = least(m->pair, m->lanes), at = pair & 127;
	uint32_t gone, end, before, part = part_of_rank(pair >> 7);

	if (is_no_pair(pair))
		return false;
	gone = m->next[at];
	end = m->next[gone];
	before = m->prev[at];
	m->pair[gone] = VOCAB_NONE;
	m->parts--;
	m->next[at] = (uint8_t)end;
	m->prev[end] = (uint8_t)at;
	m->part[at] = part;
	m->at = at;
	m->before = before;
	m->left_mix = pair_mix(m->part[before], part);
	m->right_mix = pair_mix(part, m->part[end & 127]);
	pair_fetch(known, m->left_mix);
	pair_fetch(known, m->right_mix);
	return true;
}

/*
 * What the cache knows of them.  Whether it does cannot be foreseen, so there
 * is no branch; true: not of both.
 */
ALWAYS_INLINE bool
merge_known(struct merge *m, const struct pairs *known)
{
	uint64_t left = pair_find(known, m->left_mix);
	uint64_t right = pair_find(known, m->right_mix);
	/* All bits where there is no neighbour. */
	uint64_t no_left = 0 - (uint64_t)(m->at == 0);
	uint64_t no_right = 0 - (uint64_t)(m->next[m->at] == m->n);

	left = (left & ~no_left) | (no_left & PAIR_NONE);
	right = (right & ~no_right) | (no_right & PAIR_NONE);
	m->left_open = left > PAIR_NONE;
	m->right_open = right > PAIR_NONE;
	/* Without a left neighbour both are at 0: left first. */
	m->pair[m->before] = pair_at((uint32_t)left & PAIR_NONE, m->before);
	m->pair[m->at] = pair_at((uint32_t)right & PAIR_NONE, m->at);
	return m->left_open | m->right_open;
}

/* Ask the tables for the pairs that the cache does not know. */
ALWAYS_INLINE void
merge_ask(struct merge *m, const struct vocab *v)
{
	uint32_t end = m->next[m->at];

	if (m->left_open)
		look_for(&m->left, v, m->p, m->before, end);
	if (m->right_open)
		look_for(&m->right, v, m->p, m->at, m->next[end]);
}

ALWAYS_INLINE void
merge_answer(struct merge *m, const struct vocab *v, struct pairs *known)
{
	uint32_t rank;

	if (m->left_open) {
		rank = look_at(&m->left, v, m->p) & PAIR_NONE;
		pair_put(known, m->left_mix, rank);
		m->pair[m->before] = pair_at(rank, m->before);
	}
	if (m->right_open) {
		rank = look_at(&m->right, v, m->p) & PAIR_NONE;
		pair_put(known, m->right_mix, rank);
		m->pair[m->at] = pair_at(rank, m->at);
	}
}

static void
merge_group(const struct vocab *v, struct pairs *known, struct merge *group,
    unsigned n)
{
	struct merge *turn[MERGE_GROUP], *open[MERGE_GROUP];
	unsigned live = n;

	for (unsigned i = 0; i < n; i++)
		turn[i] = &group[i];
	while (live > 0) {
		unsigned still = 0, opened = 0;

		for (unsigned i = 0; i < live; i++) {
			struct merge *m = turn[i];

			turn[still] = m;
			still += merge_step(m, known);
		}
		for (unsigned i = 0; i < still; i++) {
			open[opened] = turn[i];
			opened += merge_known(turn[i], known);
		}
		for (unsigned i = 0; i < opened; i++)
			merge_ask(open[i], v);
		for (unsigned i = 0; i < opened; i++)
			merge_answer(open[i], v, known);
		live = still;
	}
}

#endif
