#ifndef COUNT_SPARSE_H
#define COUNT_SPARSE_H

#include <string.h>

#include "count/count_int.h"
#include "count/rounds.h"
#include "vocab/table.h"

/*
 * Text in which hardly any two neighbours merge: most bytes are tokens of
 * their own, and it is cheaper to look for the pairs that merge than to look
 * pieces up.  Included by engine.h.
 *
 * A token is made of two tokens, so one of more than two bytes has in it one
 * of three, or two of two side by side.  Where neither is near, only bytes
 * and pairs are left, and of one pair, or of two that share a byte, one
 * merges, whatever the ranks.  Everything else is odd, and becomes a part for
 * the rounds of engine.h: from seam to seam around the odd place.
 */
/* When it turns out to be such text, or not, that holds for so many batches.
 */
enum { SPARSE = 31 };

enum { SPARSE_WORDS = SPARSE_BYTES / 64 };

/* Bit i is about byte i; there is a word more than needed, of zeros. */
struct sparse {
	uint64_t start[SPARSE_WORDS + 1]; /* of a piece */
	uint64_t pair[SPARSE_WORDS + 1];  /* it merges with the next byte */
	const struct vocab *v;
	const uint8_t *s; /* the text */
	uint32_t from, n; /* these of its bytes; whole pieces */
};

/* The 64 bits k bits behind those of word w. */
static inline uint64_t
sparse_behind(const uint64_t *bits, uint32_t w, unsigned k)
{
	return bits[w] >> k | bits[w + 1] << (64 - k);
}

static void
sparse_find_pairs(struct sparse *k)
{
	const uint8_t *p = k->s + k->from;
	uint32_t words = (k->n + 63) / 64;

	for (uint32_t w = 0; w < words; w++, p += 64) {
		uint64_t pairs = 0;

		for (unsigned i = 0; i < 64; i++) {
			uint32_t two = p[i] | (uint32_t)p[i + 1] << 8;

			pairs |= (uint64_t)vocab_has_two(k->v, two) << i;
		}
		/* Not over the end of a piece. */
		k->pair[w] = pairs & ~sparse_behind(k->start, w, 1);
	}
	if (k->n % 64 != 0)
		k->pair[words - 1] &= ~UINT64_C(0) >> (64 - k->n % 64);
	k->pair[words] = 0;
}

/* Whether more than a pair may come of one, at byte i. */
ALWAYS_INLINE bool
sparse_is_odd(const struct sparse *k, uint32_t i)
{
	const struct vocab *v = k->v;
	const uint8_t *p = k->s + k->from + i;
	bool room = !count_has_bit(k->start, i + 2);
	bool before = !count_has_bit(k->start, i);
	bool next = count_has_bit(k->pair, i + 1);
	bool third = count_has_bit(k->pair, i + 2);
	const struct vocab_three *here, *there;
	uint32_t three;
	unsigned odd;

	memcpy(&three, p, sizeof(three));
	here = &v->three[vocab_three_at(three, v->three_mask)];
	odd = (here->whole >> (three >> 16 & 63) & 1) |
	    ((here->more >> (three >> 16 & 63) & 1) & third);
	odd &= room;
	odd |= next & third;
	/* Of the first byte of a piece nothing is used. */
	memcpy(&three, p - before, sizeof(three));
	there = &v->three[vocab_three_at(three, v->three_mask)];
	return odd | ((there->whole >> (three >> 16 & 63) & 1) & before);
}

/* List the odd pairs. */
static uint32_t
sparse_find_odd(const struct sparse *k, uint16_t *odd)
{
	uint32_t n = 0;

	for (uint32_t w = 0; w < (k->n + 63) / 64; w++) {
		for (uint64_t x = k->pair[w]; x != 0; x &= x - 1) {
			uint32_t i = 64 * w + (uint32_t)__builtin_ctzll(x);

			odd[n] = (uint16_t)i;
			n += sparse_is_odd(k, i);
		}
	}
	return n;
}

/* Whether no token reaches over the place before byte i. */
static inline bool
sparse_is_end(const struct sparse *k, uint32_t i)
{
	if (count_has_bit(k->start, i))
		return true;
	i += k->from;
	/* Within a character nothing is known. */
	return k->s[i] >> 6 != 2 && vocab_is_any_seam(k->v->seams, k->s, i);
}

/* The part around an odd pair, and its pairs are forgotten. */
static void
sparse_take(struct sparse *k, uint32_t i, uint32_t *from, uint32_t *end)
{
	uint32_t a = i, b = i + 2;

	while (!sparse_is_end(k, a))
		a--;
	while (!sparse_is_end(k, b))
		b++;
	for (uint32_t j = a; j < b; j++)
		k->pair[j / 64] &= ~(UINT64_C(1) << j % 64);
	*from = a;
	*end = b;
}

/* The merges of the pairs that are left. */
static uint32_t
sparse_merges(const struct sparse *k)
{
	uint64_t before = 0;
	uint32_t n = 0;

	for (uint32_t w = 0; w < (k->n + 63) / 64; w++) {
		uint64_t x = k->pair[w];

		n += (uint32_t)__builtin_popcountll(
		    x & ~(x << 1 | before >> 63));
		before = x;
	}
	return n;
}

/* The odd parts of some whole pieces; the tokens of the others. */
static int64_t
sum_pairs_alone(struct sparse *k, struct batch *parts, uint32_t *bytes)
{
	uint16_t odd[SPARSE_BYTES];
	uint32_t n, from, end = 0, gone = 0;

	sparse_find_pairs(k);
	n = sparse_find_odd(k, odd);
	for (uint32_t i = 0; i < n; i++) {
		if (odd[i] < end)
			continue;
		sparse_take(k, odd[i], &from, &end);
		parts->at[parts->n++] = k->from + from;
		parts->at[parts->n++] = k->from + end;
		gone += end - from;
	}
	*bytes += gone;
	return (int64_t)k->n - gone - sparse_merges(k);
}

/* The rounds for parts of which every other one is counted already. */
static int64_t
sum_parts(struct counter *c, const uint8_t *s, struct batch *b)
{
	uint64_t key[BATCH_MAX + 64];
	struct round shorts = { 0 }, longer = { 0 };
	int64_t tokens = 0;

	if (b->n == 0)
		return 0;
	b->n--; /* the last one is odd, and ends there */
	for (uint32_t i = 0; i < b->n; i += 2)
		tokens += sum_hot_one(c->memo, s + b->at[i],
		    b->at[i + 1] - b->at[i], i, key, &shorts, &longer);
	tokens += sum_rounds(c, s, b, key, &shorts, &longer);
	b->n = 0;
	return tokens;
}

/* Take up whole pieces, from i on, as many as there is room for: one is. */
static uint32_t
sparse_start(struct sparse *k, const struct batch *b, uint32_t i)
{
	memset(k->start, 0, sizeof(k->start));
	k->from = b->at[i];
	do {
		uint32_t p = b->at[i] - k->from;

		k->start[p / 64] |= UINT64_C(1) << p % 64;
		i++;
	} while (i < b->n && b->at[i + 1] - k->from <= SPARSE_BYTES);
	k->n = b->at[i] - k->from;
	if (k->n <= SPARSE_BYTES)
		k->start[k->n / 64] |= UINT64_C(1) << k->n % 64;
	return i;
}

/* So many bytes may be odd, of text as this: forward() is slower where its
 * pieces are short, as they are of scripts. */
static uint32_t
sparse_limit(const uint8_t *p, uint32_t n)
{
	uint32_t high = 0;

	for (uint32_t i = 0; i < COUNT_PAD; i++)
		high += p[i] >> 7;
	return high > COUNT_PAD / 2 ? n / 8 * 3 : n / 4;
}

/* Few odd parts, even if they are new, are no reason to count all bytes
 * forward; many are, or to look up all pieces. */
static void
sparse_decide(struct counter *c, uint32_t odd, uint32_t limit)
{
	if (c->probe) {
		c->probe = false;
		c->sparse = odd <= limit ? SPARSE : -SPARSE;
		c->direct = odd <= limit ? 0 : DIRECT;
	} else if (odd <= limit) {
		c->direct = 0;
	} else if (c->direct == 0) {
		c->sparse = -SPARSE;
	}
}

static int64_t
sum_sparse(struct counter *c, const uint8_t *s, const struct batch *b)
{
	struct batch parts = { .n = 0 };
	struct sparse k = { .v = c->v, .s = s };
	int64_t tokens = 0;
	uint32_t odd = 0;

	for (uint32_t i = 0; i < b->n;) {
		i = sparse_start(&k, b, i);
		if (k.n > SPARSE_BYTES) {
			parts.at[parts.n++] = k.from;
			parts.at[parts.n++] = k.from + k.n;
			odd += k.n;
		} else {
			tokens += sum_pairs_alone(&k, &parts, &odd);
		}
		if (parts.n > BATCH_MAX - SPARSE_BYTES)
			tokens += sum_parts(c, s, &parts);
	}
	tokens += sum_parts(c, s, &parts);
	sparse_decide(c, odd,
	    sparse_limit(s + b->at[0], b->at[b->n] - b->at[0]));
	return tokens;
}

#endif
