#ifndef COUNT_MERGE_H
#define COUNT_MERGE_H

#include <string.h>

#include "count/count_int.h"
#include "count/sieve.h"

/*
 * Merging many short pieces at the same time, for one kind of processor;
 * included by engine.h.
 *
 * One merge after the other is a chain of look-ups in a large table, each of
 * which waits for memory.  So a group of pieces takes turns: each does a step,
 * which makes two new pairs; those that the sieve does not keep back are
 * announced to the cache, then read.
 */
enum { MERGE_MAX = 126, MERGE_LANES = 128, MERGE_GROUP = 32 };

/* A look-up on its way: the rank of the bytes between two places. */
struct look {
	struct vocab_key16 key; /* of a short one, lo is the mixed key alone */
	uint32_t line, from, n;
};

struct merge {
	/* The parts that begin at byte i, if one does. */
	_Alignas(64) uint32_t pair[MERGE_LANES]; /* of it and the next */
	const uint8_t *p;
	uint32_t n;
	uint32_t lanes; /* 32, 64 or 128: the numbers in use */
	uint32_t parts;
	uint8_t next[MERGE_LANES];     /* where it ends; behind the last: n */
	uint8_t prev[MERGE_LANES + 1]; /* where the one before begins */
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
	return pair >> 31 != 0;
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
	m->lanes = n <= 32 ? 32 : n <= 64 ? 64 : 128;
	m->prev[0] = 0;
	for (uint32_t i = 0; i < m->lanes; i += 16) {
		memcpy(m->next + i, merge_count + 1 + i, 16);
		memcpy(m->prev + 1 + i, merge_count + i, 16);
		memset(m->pair + i, 0xff, 16 * sizeof(*m->pair));
	}
	for (uint32_t i = 0; i + 1 < n; i++) {
		m->pair[i] = pair_at(vocab_merge_two(v, p[i], p[i + 1]), i);
		/* One at a time: of several it cannot be foreseen how many
		 * are left over. */
		__asm__("" : "+r"(i));
	}
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
		l->line = vocab_scale(l->key.lo, v->s.lines);
		__builtin_prefetch(v->shorts + 8ul * l->line);
	} else {
		l->key = count_key16(p + from, n);
		l->line = vocab_scale(vocab_mix16(l->key), v->m.lines);
		__builtin_prefetch(v->mids + 4ul * l->line);
	}
}

/* What is not at home in the first table, but may be elsewhere. */
static __attribute__((noinline)) uint32_t
look_away(const struct look *l, const struct vocab *v, const uint8_t *p)
{
	bool is_short = l->n <= VOCAB_SHORT_MAX;
	struct vocab_key16 key = { 0, 0 };
	uint32_t line;
	uint64_t mix;

	if (is_short)
		key.lo = count_key8(p + l->from, l->n);
	else
		key = l->key;
	mix = vocab_mix16(key);
	line = vocab_scale(mix, v->m.lines);
	if (is_short) {
		unsigned found =
		    line_find16(v->mids + 4ul * line, key.lo, mix, v->m.tag);

		if (found != 0)
			return vocab_slot_rank(&v->m,
			    v->mids[4ul * line + __builtin_ctz(found) / 2].hi);
	}
	if (l->n <= VOCAB_MID_MAX && !vocab_away(v->mid_away, line, mix))
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
	uint32_t rank, none, away;

	if (l->n <= VOCAB_SHORT_MAX) {
		const uint64_t *line = v->shorts + 8ul * l->line;

		found = line_find(line, l->key.lo, v->s.tag);
		rank = vocab_slot_rank(&v->s,
		    line[(unsigned)__builtin_ctz(found | 0x80)]);
		away = vocab_away(v->short_away, l->line, l->key.lo);
	} else {
		const struct vocab_key16 *line = v->mids + 4ul * l->line;
		uint64_t mix = vocab_mix16(l->key);

		found = line_find16(line, l->key.lo, mix, v->m.tag);
		rank = vocab_slot_rank(&v->m,
		    line[(unsigned)__builtin_ctz(found | 0x40) / 2].hi);
		away = (l->n > VOCAB_MID_MAX) |
		    vocab_away(v->mid_away, l->line, mix);
	}
	/* Not as conditions, of which branches would be made. */
	none = (uint32_t)((int32_t)(found - 1) >> 31);
	rank |= none;
	if (__builtin_expect((none & away) != 0, 0))
		rank = look_away(l, v, p);
	return rank | (0 - (uint32_t)(rank >= v->merges));
}

/* A pair of which the tables are to be asked. */
struct ask {
	struct merge *m;
	struct look look;
};

/*
 * Merge this pair, the lowest, and list the two that it makes, if they may be
 * tokens, behind n that are listed; returns how many are.
 */
ALWAYS_INLINE unsigned
merge_step(struct merge *m, uint32_t pair, const struct vocab *v,
    struct ask *ask, unsigned n)
{
	uint32_t at = pair & 127, gone = m->next[at], end = m->next[gone];
	uint32_t before = m->prev[at], left, right;

	/* Of no bytes where there is no neighbour; as a condition it would be a
	 * branch, which could not be foreseen. */
	right = (m->next[end] - at) & (0 - (uint32_t)(end < m->n));
	left = (end - before) & (0 - (uint32_t)(at > 0));
	m->pair[gone] = m->pair[at] = m->pair[before] = VOCAB_NONE;
	m->parts--;
	m->next[at] = (uint8_t)end;
	m->prev[end] = (uint8_t)at;
	/* Without a branch, as it cannot be foreseen. */
	ask[n].m = m;
	ask[n].look.from = before;
	ask[n].look.n = left;
	n += may_merge(v, m->p + before, left);
	ask[n].m = m;
	ask[n].look.from = at;
	ask[n].look.n = right;
	return n + may_merge(v, m->p + at, right);
}

/* Each loop is over all pieces, so that what one has to wait for another uses.
 */
static void
merge_group(const struct vocab *v, struct merge *group, unsigned n)
{
	struct merge *turn[MERGE_GROUP];
	struct ask ask[2 * MERGE_GROUP + 2];
	uint32_t lowest[MERGE_GROUP];
	unsigned live = n;

	for (unsigned i = 0; i < n; i++)
		turn[i] = &group[i];
	for (;;) {
		unsigned still = 0, asked = 0;

		for (unsigned i = 0; i < live; i++) {
			struct merge *m = turn[i];

			lowest[still] = least(m->pair, m->lanes);
			turn[still] = m;
			still += !is_no_pair(lowest[still]);
		}
		if (still == 0)
			break;
		for (unsigned i = 0; i < still; i++)
			asked = merge_step(turn[i], lowest[i], v, ask, asked);
		for (unsigned i = 0; i < asked; i++) {
			struct ask *a = &ask[i];

			look_for(&a->look, v, a->m->p, a->look.from,
			    a->look.from + a->look.n);
		}
		for (unsigned i = 0; i < asked; i++) {
			struct ask *a = &ask[i];

			a->m->pair[a->look.from] =
			    pair_at(look_at(&a->look, v, a->m->p),
				a->look.from);
		}
		live = still;
	}
}

/*
 * Pieces that are merged together.  Of what is new some comes again at once:
 * it is merged once, for as many times.
 */
enum { MERGING_SEEN = 256 };

struct merging {
	unsigned n;
	struct vocab_key16 key[MERGE_GROUP]; /* of those of up to 15 bytes */
	uint32_t times[MERGE_GROUP];
	/* By eight bits of a mixed key: which came last, plus one. */
	uint8_t seen[MERGING_SEEN];
	struct merge of[MERGE_GROUP];
};

/* None yet.  The rest is written before it is read: it is too much to clear. */
ALWAYS_INLINE void
merging_start(struct merging *g)
{
	g->n = 0;
	memset(g->seen, 0, sizeof(g->seen));
}

/* Whether this piece is among them, and then it is counted there; else it is
 * noted as the next, which merge_start() is to be called for. */
ALWAYS_INLINE bool
merging_again(struct merging *g, const uint8_t *p, uint32_t n)
{
	struct vocab_key16 key = { 0, 0 };
	uint8_t *seen;

	if (n <= VOCAB_SHORT_MAX)
		key.lo = count_key8(p, n);
	else if (n <= VOCAB_MID_MAX)
		key = count_key16(p, n);
	seen = &g->seen[vocab_mix16(key) >> 56];
	if (*seen > 0 && n <= VOCAB_MID_MAX) {
		unsigned i = *seen - 1u;

		if (g->key[i].lo == key.lo && g->key[i].hi == key.hi) {
			g->times[i]++;
			return true;
		}
	}
	g->key[g->n] = key;
	g->times[g->n] = 1;
	*seen = (uint8_t)(g->n + 1);
	return false;
}

/* Merge and remember them; returns the tokens of all, and there are none. */
static int64_t
merging_end(struct merging *g, struct counter *c)
{
	int64_t tokens = 0;

	merge_group(c->v, g->of, g->n);
	for (unsigned i = 0; i < g->n; i++) {
		const struct merge *m = &g->of[i];

		piece_learn(c, m->p, m->n, m->parts);
		tokens += (int64_t)m->parts * g->times[i];
	}
	merging_start(g);
	return tokens;
}

#endif
