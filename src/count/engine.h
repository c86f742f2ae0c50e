/*
 * The loops that text goes through, for one kind of processor.  Included by
 * engine_*.c, which defines
 *
 *	ENGINE		the engine's name
 *	ENGINE_WINDOW	1 when there is
 *	window_read(p)	the struct window of 64 bytes, as far as it is ASCII;
 *		with it what window_high.h asks for, which is then included
 *	line_find(line, mix, tag)	the slots of 8 with the bits tag of mix
 *	line_find16(line, lo, mix, tag)	of 4 of 128 bits, in bits 0, 2, 4, 6
 *	line_short(line, key)	of the memo's, the slot of that key, or 0
 *	line_memo(line, key)	the count of that key, or 0
 *	valid(p, i, n)	as struct engine has it
 *	least(v, n)	the least of n numbers; n is 32, 64 or 128
 *	ENGINE_OWN	1 when there are, in place of the plain ones,
 *	put_bits(to, base, bits)	of cutting.h
 *	hot_fours(hot, s, b, n, key, shorts, longer)	of rounds.h
 *	choose(x, zero, other), pairs_read(pair, p, last, to) and
 *	starts_read(v, p)	of forward_find.h
 */
#include <string.h>

#include "count/chunk.h"
#include "count/count_int.h"
#include "count/cutting.h"
#include "count/forward.h"
#include "count/merge.h"
#include "count/rounds.h"
#include "count/sparse.h"

#define ENGINE_JOIN_(a, b) a##_##b
#define ENGINE_JOIN(a, b) ENGINE_JOIN_(a, b)

static int64_t
sum_looked_up(struct counter *c, const uint8_t *s, const struct batch *b)
{
	uint64_t key[BATCH_MAX + 64];
	struct round shorts, longer;
	int64_t tokens;

	tokens = sum_hot(c->memo, s, b, key, &shorts, &longer);
	if (shorts.n > b->n / 3 && c->v->three != NULL && c->v->seams != NULL) {
		tokens += sum_small(c, s, b, key, &shorts);
		c->sparse += c->sparse < 0 ? 1 : SPARSE;
	}
	return tokens + sum_rounds(c, s, b, key, &shorts, &longer);
}

static int64_t
sum(struct counter *c, const uint8_t *s, const struct batch *b)
{
	int64_t tokens;

	if (c->direct > 0) {
		c->direct--;
		tokens = forward(c, s, b->at, b->n);
		if (tokens >= 0)
			return tokens;
		c->direct = 0;
	}
	if (c->sparse > 0) {
		c->sparse--;
		return sum_sparse(c, s, b);
	}
	return sum_looked_up(c, s, b);
}

/* For bpe.c: merge windows, and put the starts of their parts as bits. */
static void
windows(const struct vocab *v, const uint8_t *p, unsigned n,
    struct count_window *w)
{
	struct merge group[WINDOWS];

	for (unsigned i = 0; i < n; i++)
		merge_start(&group[i], v, p + i * WINDOW_STEP, WINDOW_SIZE);
	merge_group(v, group, n);
	for (unsigned i = 0; i < n; i++) {
		w[i].bits[0] = w[i].bits[1] = 0;
		for (unsigned k = 0; k < WINDOW_SIZE; k = group[i].next[k])
			w[i].bits[k / 64] |= UINT64_C(1) << k % 64;
		w[i].bits[WINDOW_SIZE / 64] |= UINT64_C(1) << WINDOW_SIZE % 64;
	}
}

const struct engine ENGINE_JOIN(engine, ENGINE) = {
	.name = ENGINE_NAME,
	.works = works,
	.cut = cut,
	.sum = sum,
	.merge = merge_chunk,
	.windows = windows,
	.forward = forward,
	.valid = valid,
};
