#ifndef COUNT_FORWARD_FIND_H
#define COUNT_FORWARD_FIND_H

#include "count/count_int.h"
#include "count/merge.h"

/*
 * What forward.h knows from the text alone: which tokens begin where, and for
 * those of two and three bytes what they may stand behind.  Included by it.
 */
enum {
	FORWARD_BLOCK = 256, /* bytes */
	FORWARD_BACK = 32,   /* what of the block before is seen */
	FORWARD_ROWS = FORWARD_BACK + FORWARD_BLOCK + 32,
	FORWARD_MAX = 15, /* bytes of a token; text with longer ones is left */
	FORWARD_WORDS = FORWARD_BLOCK / 64 + 2, /* of bits, by place */
	FORWARD_SLOW = 48, /* places of a block that take long */
	FORWARD_ASKS = 64, /* look-ups at a time */
};

/* Later than every rank.  Ranks are one more than they are: 0 is never. */
enum { FORWARD_BITS = 21, FORWARD_FAR = PAIR_NONE };

/*
 * The last token of the bytes up to a place: when its last byte and its last
 * two end as parts, its length, and the number of tokens.  In one word,
 * from the lowest bit on:
 *
 *	21  when the last one ends	1  zero		10  the length
 *	21  when the last two end	1  zero		10  the number, modulo
 *2^10
 *
 * Bounds of the ends have ones where the zeros are, so that taking the word
 * away from one leaves those of the bounds that are not lower.  Their length
 * has all bits set, lest one is borrowed from the other half.
 */
#define FORWARD_GUARDS \
	(UINT64_C(1) << FORWARD_BITS | UINT64_C(1) << (32 + FORWARD_BITS))
#define FORWARD_NUMBER (~UINT64_C(0) << (32 + FORWARD_BITS + 1))

/* A token of k bytes; its number is one. */
ALWAYS_INLINE uint64_t
forward_token(uint32_t k, int32_t last, int32_t two)
{
	uint32_t one = 1;

	return ((uint32_t)last | k << (FORWARD_BITS + 1)) |
	    (uint64_t)((uint32_t)two | one << (FORWARD_BITS + 1)) << 32;
}

/* That token behind what x is about. */
ALWAYS_INLINE uint64_t
forward_one_more(uint64_t x, uint64_t token)
{
	return (x & FORWARD_NUMBER) + token;
}

/* Before a text. */
static inline uint64_t
forward_none(void)
{
	return forward_token(0, FORWARD_FAR, 0);
}

static inline uint32_t
forward_len(uint64_t x)
{
	return (uint32_t)x >> (FORWARD_BITS + 1);
}

/* How many more tokens the bytes up to a place have than up to another that
 * is near; it can be less than none. */
static inline int32_t
forward_since(uint64_t x, uint64_t y)
{
	uint64_t more = (y & FORWARD_NUMBER) - (x & FORWARD_NUMBER);

	return (int32_t)(more >> 32) >> (FORWARD_BITS + 1);
}

ALWAYS_INLINE uint64_t
forward_bound(int32_t last, int32_t two)
{
	uint32_t low = ~UINT32_C(0) << FORWARD_BITS;

	return ((uint32_t)last | low) |
	    (uint64_t)((uint32_t)two | UINT32_C(1) << FORWARD_BITS) << 32;
}

/* 0 when the ends are within the bounds. */
ALWAYS_INLINE uint64_t
forward_lower(uint64_t bound, uint64_t x)
{
	return ~(bound - x) & FORWARD_GUARDS;
}

/*
 * Rows are places in the block, FORWARD_BACK being its first.  Of what begins
 * there:
 */
struct forward {
	int32_t pair[256][PAIR_ROW]; /* by two bytes: a rank or FAR */
	int32_t two[FORWARD_ROWS], three[FORWARD_ROWS]; /* ranks or FAR */
	uint16_t longer[FORWARD_ROWS]; /* bit k: a token of k > 3 bytes */
	int32_t rank[FORWARD_ROWS][FORWARD_MAX - 3];
	uint8_t left[FORWARD_ROWS][FORWARD_MAX - 3]; /* 0: not known */
	/* A token of two or three bytes follows only one of which the last
	 * byte and the last two end within these bounds, ... */
	uint64_t bound2[FORWARD_ROWS], bound3[FORWARD_ROWS];
	uint64_t token3[FORWARD_ROWS]; /* and this is the one of three. */
	/* Of what ends there: */
	uint64_t last[FORWARD_ROWS];
	uint16_t ending[FORWARD_ROWS]; /* bit k: one of k > 3 bytes */
	/* Bit i: one ends there, or one or two bytes before. */
	uint64_t slow[FORWARD_WORDS];
	uint64_t edge[FORWARD_WORDS]; /* bit i: a piece ends before byte i */
};

/* What of a token of two or three bytes is known from the text. */
ALWAYS_INLINE void
forward_prepare(struct forward *f, uint32_t from, uint32_t to)
{
	for (uint32_t p = from; p < to; p++) {
		int32_t two = f->two[p], three = f->three[p];
		int32_t cross = f->two[p - 1], next = f->two[p + 1];
		int32_t head = f->three[p - 1], tail = f->three[p - 2];
		bool first = two <= next;
		int32_t one3 = first ? two : three;
		int32_t two3 = first ? three : 0;
		int32_t x2 = cross <= two ? cross : FORWARD_FAR;
		int32_t x3 = cross <= one3 ? cross : FORWARD_FAR;
		int32_t h3 = head <= two3 ? head : FORWARD_FAR;
		int32_t y2 = tail <= two ? tail : FORWARD_FAR;
		int32_t y3 = tail <= one3 ? tail : FORWARD_FAR;

		x2 = x2 < head ? x2 : head;
		x3 = x3 < h3 ? x3 : h3;
		f->bound2[p] = forward_bound(two == FORWARD_FAR ? 0 : x2, y2);
		f->bound3[p] = forward_bound(three == FORWARD_FAR ? 0 : x3, y3);
		f->token3[p] =
		    forward_token(3, first ? three : next, first ? 0 : three);
	}
}

/*
 * Note where pieces end, from word w of the block at "at" on.  *end is the
 * first of those ends, last the last of all; returns the first that is not in
 * these words.
 */
static const uint32_t *
forward_edges(struct forward *f, uint32_t at, uint32_t w, const uint32_t *end,
    const uint32_t *last)
{
	for (; w < FORWARD_WORDS; w++) {
		uint32_t from = at + 64 * w;
		uint64_t bits = 0;

		for (; end <= last && *end - from < 64; end++)
			bits |= UINT64_C(1) << (*end - from);
		f->edge[w] = bits;
	}
	return end;
}

/* The 64 bits k bits behind those of word w. */
ALWAYS_INLINE uint64_t
forward_behind(const uint64_t *bits, uint32_t w, uint32_t k)
{
	return bits[w] >> k | bits[w + 1] << 1 << (63 - k);
}

/* How many bytes from byte i on, up to 64, are of its piece. */
ALWAYS_INLINE uint32_t
forward_room(const struct forward *f, uint32_t i)
{
	uint32_t next = i + 1;
	uint64_t bits = forward_behind(f->edge, next / 64, next % 64);

	return 1 + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* Look for tokens of more than three bytes. */
static void
forward_longer(struct forward *f, const struct vocab *v, const uint8_t *s,
    struct look *look, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		look_for(&look[i], v, s, look[i].from,
		    look[i].from + look[i].n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t rank = look_at(&look[i], v, s), k = look[i].n;
		uint32_t row = FORWARD_BACK + look[i].from;
		uint32_t end = look[i].from + k;

		if (rank == VOCAB_NONE)
			continue;
		f->longer[row] |= (uint16_t)(1 << k);
		f->rank[row][k - 4] = (int32_t)rank + 1;
		f->left[row][k - 4] = 0;
		f->ending[row + k] |= (uint16_t)(1 << k);
		f->slow[end / 64] |= UINT64_C(7) << end % 64;
		f->slow[end / 64 + 1] |= UINT64_C(7) >> (63 - end % 64) >> 1;
	}
}

/* A token of more than FORWARD_MAX bytes that begins with n at p. */
static __attribute__((noinline)) bool
forward_too_long(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	uint32_t most = v->head->max_len < n ? v->head->max_len : n;

	for (uint32_t k = FORWARD_MAX + 1; k <= most; k++)
		if (vocab_rank(v, p, k) < v->merges)
			return true;
	return false;
}

/*
 * How many of n bytes at p, where a token of four or more may begin, are to
 * be looked at; 0: one is too long.
 */
ALWAYS_INLINE uint32_t
forward_reach(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	uint64_t key[2];

	memcpy(key, p, sizeof(key));
	if (n < 8 || !vocab_starts(v, key[0], 0))
		return n < 7 ? n : 7;
	if (n < 12 || !vocab_starts(v, key[0], key[1] & UINT32_MAX))
		return n < 11 ? n : 11;
	if (n <= FORWARD_MAX || !vocab_starts(v, key[0], key[1]) ||
	    !may_merge(v, p, FORWARD_MAX))
		return n < FORWARD_MAX ? n : FORWARD_MAX;
	/* What is counted as 64 may be more. */
	return forward_too_long(v, p, n < 64 ? n : 128) ? 0 : FORWARD_MAX;
}

/* Announce what of more than three bytes may be a token at these places;
 * false: one is too long. */
static bool
forward_fours(struct forward *f, const struct vocab *v, const uint8_t *s,
    const uint16_t *place, uint32_t n)
{
	struct look look[FORWARD_ASKS + FORWARD_MAX];
	uint32_t asks = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = place[i], k;

		k = forward_reach(v, s + at, forward_room(f, at));
		if (k == 0)
			return false;
		for (; k >= 4; k--) {
			look[asks].from = at;
			look[asks].n = k;
			asks += may_merge(v, s + at, k);
		}
		if (asks >= FORWARD_ASKS) {
			forward_longer(f, v, s, look, asks);
			asks = 0;
		}
	}
	forward_longer(f, v, s, look, asks);
	return true;
}

/* The ranks of tokens of three bytes at these places. */
static void
forward_threes(struct forward *f, const struct vocab *v, const uint8_t *s,
    const uint16_t *place, uint32_t n)
{
	struct look look[FORWARD_ASKS];

	for (uint32_t i = 0; i < n; i += FORWARD_ASKS) {
		uint32_t k = n - i < FORWARD_ASKS ? n - i : FORWARD_ASKS;

		for (uint32_t j = 0; j < k; j++)
			look_for(&look[j], v, s, place[i + j],
			    place[i + j] + 3u);
		for (uint32_t j = 0; j < k; j++) {
			uint32_t rank = look_at(&look[j], v, s);

			f->three[FORWARD_BACK + place[i + j]] =
			    rank == VOCAB_NONE ? FORWARD_FAR
					       : (int32_t)rank + 1;
		}
	}
}

#if !ENGINE_OWN
/* "zero" when x is 0, else the other; x is below 2^63. */
static inline uint64_t
choose(uint64_t x, uint64_t zero, uint64_t other)
{
	/* Not as a condition, of which a branch would be made. */
	return other ^ ((other ^ zero) & (uint64_t)((int64_t)(x - 1) >> 63));
}

/* The ranks of the pairs that begin at eight bytes, of which those with a bit
 * in last are the last of their piece. */
static inline void
pairs_read(const int32_t *pair, const uint8_t *p, unsigned last, int32_t *to)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = pair[p[i + 1] * PAIR_ROW + p[i]] |
		    (PAIR_NONE & (0 - (int32_t)(last >> i & 1)));
}

/* Of the eight bytes at p. */
static inline struct starts
starts_read(const struct vocab *v, const uint8_t *p)
{
	struct starts s = { 0, 0 };

	for (unsigned i = 0; i < 8; i++) {
		const struct vocab_three *t;
		uint32_t word;

		memcpy(&word, p + i, sizeof(word));
		t = &v->three[vocab_three_at(word, v->three_mask)];
		s.three |= (unsigned)(t->whole >> (p[i + 2] & 63) & 1) << i;
		s.more |= (unsigned)(t->more >> (p[i + 2] & 63) & 1) << i;
	}
	return s;
}
#endif

/* List which bits are set, behind n that are listed. */
ALWAYS_INLINE uint32_t
forward_list(uint16_t *place, uint32_t n, uint32_t base, uint64_t bits)
{
	for (; bits != 0; bits &= bits - 1)
		place[n++] = (uint16_t)(base + (uint32_t)__builtin_ctzll(bits));
	return n;
}

/*
 * Find the tokens that begin at the n bytes from s on; f->edge is known.
 * False: one is too long.
 */
static bool
forward_find(struct forward *f, const struct vocab *v, const uint8_t *s,
    uint32_t n)
{
	uint16_t three[FORWARD_BLOCK], four[FORWARD_BLOCK];
	uint32_t threes = 0, fours = 0, k = 0;

	for (uint32_t w = 0; w < (n + 63) / 64; w++) {
		uint64_t one = forward_behind(f->edge, w, 1);
		uint64_t two = one | forward_behind(f->edge, w, 2);
		uint64_t is3 = 0, is4 = 0;

		for (uint32_t i = 0; i < 64 && 64 * w + i < n; i += 8) {
			uint32_t p = 64 * w + i;
			struct starts at = starts_read(v, s + p);

			pairs_read(f->pair[0], s + p, (unsigned)(one >> i),
			    f->two + FORWARD_BACK + p);
			is3 |= (uint64_t)at.three << i;
			is4 |= (uint64_t)at.more << i;
		}
		if (n - 64 * w < 64)
			two |= ~UINT64_C(0) << (n - 64 * w);
		is3 &= ~two;
		is4 &= ~(two | forward_behind(f->edge, w, 3));
		threes = forward_list(three, threes, 64 * w, is3);
		fours = forward_list(four, fours, 64 * w, is4);
	}
	for (uint32_t p = 0; p < n; p++) {
		f->three[FORWARD_BACK + p] = FORWARD_FAR;
		f->longer[FORWARD_BACK + p] = 0;
	}
	forward_threes(f, v, s, three, threes);
	for (uint32_t i = 0; i < fours; i++) {
		uint32_t word, p = four[i];

		memcpy(&word, s + p, sizeof(word));
		four[k] = (uint16_t)p;
		k += vocab_starts(v, word, 0);
	}
	return forward_fours(f, v, s, four, k);
}

#endif
