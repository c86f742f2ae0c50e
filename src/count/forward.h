#ifndef COUNT_FORWARD_H
#define COUNT_FORWARD_H

#include "base/mem.h"
#include "count/count_int.h"
#include "count/merge.h"

/*
 * Counting by going over the bytes once, without merging; included by
 * engine.h.  For pieces that are not worth a look-up, as they never come
 * again.
 *
 * What merging makes of the bytes up to i ends in one token; let L(i) be its
 * length.  A token of k bytes that ends at i is that one if, and only if, it
 * and the last token of the bytes up to i - k are what merging the bytes of
 * the two gives (bpe.c has the reason).  So L(i) follows from what is before,
 * and the tokens are counted by n(i) = n(i - L(i)) + 1.
 *
 * Two neighbours A and B stay as they are unless a part that is A's last at
 * some time, and one that is then B's first, merge.  A part ends when it is
 * merged with what is beside it in its own token, which is at the rank of
 * the token that makes; until then a pair of a lower rank comes first, and of
 * equal ones the left.  Merging a token's bytes goes from lower to higher
 * ranks, which VOCAB_ALL_MERGE says of each.
 *
 * Nearly all tokens of text that is hard have up to three bytes.  Where
 * no longer one is near, three comparisons tell if A and B stay:
 *
 *	two[j - 1]     the bytes beside the boundary j
 *	three[j - 1]   the byte before and B's first two
 *	three[j - 2]   A's last two and the byte behind
 *
 * each with when these parts end.  For A that depends on what was found, for
 * B on the text alone, so that most is done for many places at a time.
 */
enum {
	FORWARD_BLOCK = 256, /* bytes */
	FORWARD_BACK = 32,   /* what of the block before is seen */
	FORWARD_ROWS = FORWARD_BACK + FORWARD_BLOCK + 32,
	FORWARD_MAX = 15, /* bytes of a token; text with longer ones is left */
	FORWARD_WORDS = FORWARD_BLOCK / 64 + 2,
	FORWARD_SLOW = 48, /* places of a block that take long */
	FORWARD_ASKS = 64, /* look-ups at a time */
};

/* Later than every rank.  Ranks are one more than they are: 0 is never. */
#define FORWARD_FAR INT32_MAX

/*
 * Two of them side by side, the first in the lower half.  Bounds have the top
 * bit of each half set besides, and when ends are taken away those that stay
 * set say which bound is not lower.
 */
#define FORWARD_BOUND INT32_MIN

/*
 * Rows are places in the block, FORWARD_BACK being its first.  Of what begins
 * there:
 */
struct forward {
	/* By two bytes: a rank or FAR.  Rows apart, for the cache's sake. */
	int32_t pair[256][256 + 16];
	int32_t two[FORWARD_ROWS], three[FORWARD_ROWS]; /* ranks or FAR */
	uint8_t room[FORWARD_ROWS];    /* bytes until the piece ends */
	uint16_t longer[FORWARD_ROWS]; /* bit k: a token of k > 3 bytes */
	int32_t rank[FORWARD_ROWS][FORWARD_MAX - 3];
	uint8_t left[FORWARD_ROWS][FORWARD_MAX - 3]; /* 0: not known */
	/* A token of two or three bytes follows only one of which the last
	 * byte and the last two end within these bounds, ... */
	int32_t bound2[FORWARD_ROWS][2], bound3[FORWARD_ROWS][2];
	int32_t end3[FORWARD_ROWS][2]; /* and these are its own ends. */
	/* Of what ends there: */
	uint64_t ends[FORWARD_ROWS];
	int32_t count[FORWARD_ROWS];
	uint8_t len[FORWARD_ROWS];     /* L(i) */
	uint16_t ending[FORWARD_ROWS]; /* bit k: one of k > 3 bytes */
	/* Bit i: one ends there, or one or two bytes before. */
	uint64_t slow[FORWARD_WORDS];
};

static inline uint64_t
forward_ends(int32_t last, int32_t two)
{
	return (uint32_t)last | (uint64_t)(uint32_t)two << 32;
}

/* The rank of the bytes a..end, of which there are two at least. */
static inline int32_t
forward_rank(const struct forward *f, uint32_t a, uint32_t end)
{
	uint32_t n = end - a;

	if (n <= 3)
		return n == 2 ? f->two[a] : f->three[a];
	if (n > FORWARD_MAX || (f->longer[a] >> n & 1) == 0)
		return FORWARD_FAR;
	return f->rank[a][n - 4];
}

/* Where the left one of the two that are merged last to make a..end ends. */
static uint32_t
forward_parts(const struct forward *f, uint32_t a, uint32_t end)
{
	uint32_t start[FORWARD_MAX + 1], n = end - a;

	for (uint32_t i = 0; i <= n; i++)
		start[i] = a + i;
	for (; n > 2; n--) {
		int32_t least = FORWARD_FAR;
		uint32_t at = 0;

		for (uint32_t i = 0; i + 1 < n; i++) {
			int32_t rank = forward_rank(f, start[i], start[i + 2]);

			if (rank < least) {
				least = rank;
				at = i;
			}
		}
		memmove(start + at + 1, start + at + 2,
		    (n - at - 1) * sizeof(*start));
	}
	return start[1];
}

static inline uint32_t
forward_middle(struct forward *f, uint32_t a, uint32_t end)
{
	uint32_t n = end - a;

	if (n == 2)
		return a + 1;
	if (n == 3)
		return f->two[a] <= f->two[a + 1] ? a + 2 : a + 1;
	if (f->left[a][n - 4] == 0)
		f->left[a][n - 4] = (uint8_t)(forward_parts(f, a, end) - a);
	return a + f->left[a][n - 4];
}

/* Whether the tokens a..at and at..end stay as they are, from the last
 * merges in them to the first. */
static bool
forward_stay(struct forward *f, uint32_t a, uint32_t at, uint32_t end)
{
	int32_t until = FORWARD_FAR;

	for (;;) {
		int32_t left = 0, right = 0;

		if (forward_rank(f, a, end) < until)
			return false;
		if (at - a > 1)
			left = forward_rank(f, a, at);
		if (end - at > 1)
			right = forward_rank(f, at, end);
		if (left > right) {
			until = left;
			a = forward_middle(f, a, at);
		} else if (right > 0) {
			until = right + 1;
			end = forward_middle(f, at, end);
		} else {
			return true;
		}
	}
}

/* The last token up to i, by trying each that ends there. */
static uint32_t
forward_try(struct forward *f, uint32_t i)
{
	uint32_t lengths = f->ending[i], k;

	lengths |= (f->three[i - 3] != FORWARD_FAR ? 1u << 3 : 0) |
	    (f->two[i - 2] != FORWARD_FAR ? 1u << 2 : 0);
	for (; lengths != 0; lengths ^= 1u << k) {
		uint32_t at, before;

		k = 31 - (uint32_t)__builtin_clz(lengths);
		at = i - k;
		before = f->len[at];
		if (before == 0 || forward_stay(f, at - before, at, i))
			return k;
	}
	return 1;
}

static void
forward_slow(struct forward *f, uint32_t i)
{
	uint32_t k = forward_try(f, i), a = i - k;
	int32_t last = FORWARD_FAR, two = 0;

	f->len[i] = (uint8_t)k;
	f->count[i] = f->count[a] + 1;
	while (i - a > 1) {
		if (i - a == 2)
			two = last;
		last = forward_rank(f, a, i);
		a = forward_middle(f, a, i);
	}
	f->ends[i] = forward_ends(last, two);
}

/* All ones when the ends are within the bounds, else 0. */
ALWAYS_INLINE uint64_t
forward_within(const int32_t bound[2], uint64_t ends)
{
	uint64_t x;

	memcpy(&x, bound, sizeof(x));
	x -= ends;
	return (uint64_t)((int64_t)(x & x << 32) >> 63);
}

/* Without a branch, as none could be foreseen. */
ALWAYS_INLINE void
forward_fast(struct forward *f, uint32_t i)
{
	const uint64_t one = forward_ends(FORWARD_FAR, 0);
	uint64_t is3 = forward_within(f->bound3[i - 3], f->ends[i - 3]);
	uint64_t is2 = forward_within(f->bound2[i - 2], f->ends[i - 2]);
	uint64_t ends = forward_ends(f->two[i - 2], FORWARD_FAR), ends3;
	uint32_t k = 1 - (uint32_t)is2;

	memcpy(&ends3, f->end3[i - 3], sizeof(ends3));
	ends = one ^ ((one ^ ends) & is2);
	k ^= (k ^ 3) & (uint32_t)is3;
	f->ends[i] = ends ^ ((ends ^ ends3) & is3);
	f->len[i] = (uint8_t)k;
	f->count[i] = f->count[i - k] + 1;
}

/* What of a token of two or three bytes is known from the text. */
ALWAYS_INLINE void
forward_prepare(struct forward *f, uint32_t from, uint32_t to)
{
	const int32_t top = FORWARD_BOUND;

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
		f->bound2[p][0] = (two == FORWARD_FAR ? 0 : x2) | top;
		f->bound2[p][1] = y2 | top;
		f->bound3[p][0] = (three == FORWARD_FAR ? 0 : x3) | top;
		f->bound3[p][1] = y3 | top;
		f->end3[p][0] = first ? three : next;
		f->end3[p][1] = first ? 0 : three;
	}
}

/* How many bytes are left of each one's piece, up to 64. */
static const uint8_t forward_left[64 + 16] = {
#define FOUR(n) n, n - 1, n - 2, n - 3
#define SIXTEEN(n) FOUR(n), FOUR(n - 4), FOUR(n - 8), FOUR(n - 12)
	SIXTEEN(64), SIXTEEN(48), SIXTEEN(32), SIXTEEN(16)
#undef FOUR
#undef SIXTEEN
};

/* For bytes from..to, of pieces that end at end[0], end[1], ... */
static const uint32_t *
forward_room(struct forward *f, uint32_t from, uint32_t to, const uint32_t *end)
{
	uint8_t *room = f->room + FORWARD_BACK;
	uint32_t p = from;

	while (p < to) {
		uint32_t left = *end - p;

		if (left > 64) {
			uint32_t n = left - 64 < to - p ? left - 64 : to - p;

			memset(room + (p - from), 64, n);
			p += n;
			continue;
		}
		for (uint32_t n = 0; n < left && p + n < to; n += 16)
			memcpy(room + (p - from) + n,
			    forward_left + (64 - left) + n, 16);
		p += left;
		if (p <= to)
			end++;
	}
	return end;
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

		k = forward_reach(v, s + at, f->room[FORWARD_BACK + at]);
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

/*
 * Find the tokens that begin at the n bytes from s on; ends: pieces end among
 * them.  False: one is too long.
 */
ALWAYS_INLINE bool
forward_find(struct forward *f, const struct vocab *v, const uint8_t *s,
    uint32_t n, bool ends)
{
	uint16_t three[FORWARD_BLOCK + 1], four[FORWARD_BLOCK + 1];
	uint32_t threes = 0, fours = 0, k = 0;
	const uint8_t *room = f->room + FORWARD_BACK;

	for (uint32_t p = 0; p < n; p++) {
		uint32_t word, third;
		const struct vocab_three *t;
		int32_t pair;

		memcpy(&word, s + p, sizeof(word));
		pair = f->pair[word >> 8 & 0xff][word & 0xff];
		pair = ends && room[p] < 2 ? FORWARD_FAR : pair;
		f->two[FORWARD_BACK + p] = pair;
		f->three[FORWARD_BACK + p] = FORWARD_FAR;
		f->longer[FORWARD_BACK + p] = 0;
		t = &v->three[vocab_three_at(word, v->three_mask)];
		third = word >> 16 & 63;
		three[threes] = four[fours] = (uint16_t)p;
		threes += (t->whole >> third & 1) & (!ends | (room[p] > 2));
		fours += (t->more >> third & 1) & (!ends | (room[p] > 3));
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

/* L(i) for i to n; false: it takes too long. */
static bool
forward_block(struct forward *f, uint32_t n)
{
	uint32_t i = 1, slow = 0;

	for (uint32_t w = 0; i <= n; w++) {
		uint64_t bits = f->slow[w] & ~UINT64_C(0) << i % 64;
		uint32_t end = 64 * w + 64 < n + 1 ? 64 * w + 64 : n + 1;

		while (i < end) {
			uint32_t stop = bits != 0
			    ? 64 * w + (uint32_t)__builtin_ctzll(bits)
			    : end;

			stop = stop < end ? stop : end;
			for (; i < stop; i++)
				forward_fast(f, FORWARD_BACK + i);
			if (i < end) {
				forward_slow(f, FORWARD_BACK + i);
				i++;
				slow++;
			}
			bits &= bits - 1;
		}
	}
	return slow <= FORWARD_SLOW;
}

/* The last rows become those before the first; FORWARD_BLOCK rows on. */
static void
forward_next(struct forward *f)
{
	const uint32_t back = FORWARD_BACK, n = FORWARD_BLOCK;
	uint16_t any = 0;

	/* These are of boundaries, of which the first is the last of before. */
	for (uint32_t i = 0; i <= back; i++) {
		f->ends[i] = f->ends[n + i];
		f->len[i] = f->len[n + i];
	}
	for (uint32_t i = 0; i <= back; i++)
		f->count[i] = f->count[n + i] - f->count[n + back];
	for (uint32_t i = 0; i < back; i++) {
		f->two[i] = f->two[n + i];
		f->three[i] = f->three[n + i];
	}
	for (uint32_t i = back - 4; i < back; i++) {
		memcpy(f->bound2[i], f->bound2[n + i], sizeof(f->bound2[i]));
		memcpy(f->bound3[i], f->bound3[n + i], sizeof(f->bound3[i]));
		memcpy(f->end3[i], f->end3[n + i], sizeof(f->end3[i]));
	}
	for (uint32_t i = 0; i < back + FORWARD_MAX + 1; i++)
		f->ending[i] = f->ending[n + i];
	for (uint32_t i = back + FORWARD_MAX + 1; i < FORWARD_ROWS; i++)
		f->ending[i] = 0;
	for (uint32_t i = 0; i < back; i++)
		any |= f->longer[i] = f->longer[n + i];
	if (any != 0) {
		for (uint32_t i = 0; i < back; i++) {
			memcpy(f->rank[i], f->rank[n + i], sizeof(f->rank[i]));
			memcpy(f->left[i], f->left[n + i], sizeof(f->left[i]));
		}
	}
	for (uint32_t w = 0; w < FORWARD_WORDS; w++) {
		f->slow[w] =
		    w < FORWARD_WORDS - n / 64 ? f->slow[n / 64 + w] : 0;
	}
}

static void
forward_start(struct forward *f)
{
	for (uint32_t i = 0; i <= FORWARD_BACK; i++) {
		f->two[i] = f->three[i] = FORWARD_FAR;
		for (int k = 0; k < 2; k++)
			f->bound2[i][k] = f->bound3[i][k] = FORWARD_BOUND;
		f->longer[i] = 0;
		f->ends[i] = forward_ends(FORWARD_FAR, 0);
		f->len[i] = 0;
		f->count[i] = 0;
	}
	memset(f->ending, 0, sizeof(f->ending));
	memset(f->slow, 0, sizeof(f->slow));
}

static struct forward *
forward_new(const struct vocab *v)
{
	struct forward *f = tk_xcalloc(1, sizeof(*f));

	for (uint32_t i = 0; i < 1 << 16; i++) {
		uint32_t rank =
		    vocab_merge_two(v, (uint8_t)i, (uint8_t)(i >> 8));

		f->pair[i >> 8][i & 0xff] =
		    rank == VOCAB_NONE ? FORWARD_FAR : (int32_t)rank + 1;
	}
	return f;
}

static __attribute__((noinline)) int64_t
forward(struct counter *c, const uint8_t *s, const uint32_t *at,
    uint32_t pieces)
{
	struct forward *f = c->forward;
	const uint32_t *end = at + 1;
	uint32_t p = at[0], last = at[pieces];
	int64_t tokens = 0;

	if (f == NULL)
		f = c->forward = forward_new(c->v);
	forward_start(f);
	for (;;) {
		uint32_t n = last - p;
		bool ends, found;

		n = n < FORWARD_BLOCK ? n : FORWARD_BLOCK;
		ends = *end - p < n + FORWARD_MAX;
		end = forward_room(f, p, p + n, end);
		found = ends ? forward_find(f, c->v, s + p, n, true)
			     : forward_find(f, c->v, s + p, n, false);
		if (!found)
			return -1;
		f->two[FORWARD_BACK + n] = FORWARD_FAR;
		forward_prepare(f, FORWARD_BACK - 1, FORWARD_BACK + n);
		if (!forward_block(f, n))
			return -1;
		tokens += f->count[FORWARD_BACK + n];
		p += n;
		if (p == last)
			return tokens;
		forward_next(f);
	}
}

#endif
