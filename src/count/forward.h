#ifndef COUNT_FORWARD_H
#define COUNT_FORWARD_H

#include "base/mem.h"
#include "count/count_int.h"
#include "count/forward_find.h"

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

/* The same for four bytes. */
static inline uint32_t
forward_parts4(const struct forward *f, uint32_t a)
{
	int32_t ab = f->two[a], bc = f->two[a + 1], cd = f->two[a + 2];
	int32_t abc = f->three[a], bcd = f->three[a + 1];

	if (bc < ab && bc <= cd)
		return abc <= bcd ? a + 3 : a + 1;
	if (ab <= cd)
		return abc <= cd ? a + 3 : a + 2;
	return ab <= bcd ? a + 2 : a + 1;
}

static inline uint32_t
forward_middle(struct forward *f, uint32_t a, uint32_t end)
{
	uint32_t n = end - a;

	if (n == 2)
		return a + 1;
	if (n == 3)
		return f->two[a] <= f->two[a + 1] ? a + 2 : a + 1;
	if (n == 4)
		return forward_parts4(f, a);
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
		before = forward_len(f->last[at]);
		if (before == 0 || forward_stay(f, at - before, at, i))
			return k;
	}
	return 1;
}

static void
forward_slow(struct forward *f, uint32_t i)
{
	uint32_t k = forward_try(f, i), a = i - k;
	uint64_t before = f->last[a];
	int32_t last = FORWARD_FAR, two = 0;

	while (i - a > 1) {
		if (i - a == 2)
			two = last;
		last = forward_rank(f, a, i);
		a = forward_middle(f, a, i);
	}
	f->last[i] = forward_one_more(before, forward_token(k, last, two));
}

/*
 * L(i) for places that are not slow.  Without a branch, as none could be
 * foreseen; what the next steps ask for stays in registers.
 */
static __attribute__((noinline)) void
forward_fast(struct forward *f, size_t i, size_t end)
{
	const uint64_t one = forward_token(1, FORWARD_FAR, 0);
	const uint64_t two = forward_token(2, 0, FORWARD_FAR);
	uint64_t x3 = f->last[i - 3], x2 = f->last[i - 2], x1 = f->last[i - 1];

	for (; i < end; i++) {
		uint64_t x = forward_one_more(x1, one);
		uint64_t is2 =
		    forward_one_more(x2, two | (uint32_t)f->two[i - 2]);
		uint64_t is3 = forward_one_more(x3, f->token3[i - 3]);

		x = choose(forward_lower(f->bound2[i - 2], x2), is2, x);
		x = choose(forward_lower(f->bound3[i - 3], x3), is3, x);
		f->last[i] = x;
		x3 = x2;
		x2 = x1;
		x1 = x;
	}
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
			if (i < stop)
				forward_fast(f, FORWARD_BACK + i,
				    FORWARD_BACK + stop);
			i = stop;
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
	for (uint32_t i = 0; i <= back; i++)
		f->last[i] = f->last[n + i];
	for (uint32_t i = 0; i < back; i++) {
		f->two[i] = f->two[n + i];
		f->three[i] = f->three[n + i];
	}
	for (uint32_t i = back - 4; i < back; i++) {
		f->bound2[i] = f->bound2[n + i];
		f->bound3[i] = f->bound3[n + i];
		f->token3[i] = f->token3[n + i];
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
	for (uint32_t w = 0; w < FORWARD_WORDS - n / 64; w++) {
		f->slow[w] = f->slow[n / 64 + w];
		f->edge[w] = f->edge[n / 64 + w];
	}
	for (uint32_t w = FORWARD_WORDS - n / 64; w < FORWARD_WORDS; w++)
		f->slow[w] = 0;
}

static void
forward_start(struct forward *f)
{
	for (uint32_t i = 0; i <= FORWARD_BACK; i++) {
		f->two[i] = f->three[i] = FORWARD_FAR;
		f->bound2[i] = f->bound3[i] = forward_bound(0, 0);
		f->longer[i] = 0;
		f->last[i] = forward_none();
	}
	memset(f->ending, 0, sizeof(f->ending));
	memset(f->slow, 0, sizeof(f->slow));
}

static struct forward *
forward_new(const struct vocab *v)
{
	struct forward *f = tk_xcalloc(1, sizeof(*f));

	for (uint32_t i = 0; i < 256; i++)
		for (uint32_t k = 0; k < PAIR_ROW; k++)
			f->pair[i][k] = FORWARD_FAR;
	/* Few pairs merge; their ranks are one behind the other. */
	for (uint32_t i = 0; i < 65536 / 64; i++) {
		const struct vocab_two *t = &v->two[i];
		uint32_t at = t->first;

		for (uint64_t has = t->has; has != 0; has &= has - 1, at++) {
			uint32_t pair = 64 * i + (uint32_t)__builtin_ctzll(has);

			if (at < v->two_ranks)
				f->pair[pair & 0xff][pair >> 8] =
				    (int32_t)v->two_rank[at] + 1;
		}
	}
	return f;
}

static __attribute__((noinline)) int64_t
forward(struct counter *c, const uint8_t *s, const uint32_t *at,
    uint32_t pieces)
{
	struct forward *f = c->forward;
	const uint32_t *end;
	uint32_t p = at[0], last = at[pieces];
	int64_t tokens = 0;

	if (f == NULL)
		f = c->forward = forward_new(c->v);
	forward_start(f);
	end = forward_edges(f, p, 0, at + 1, at + pieces);
	for (;;) {
		uint32_t n = last - p;

		n = n < FORWARD_BLOCK ? n : FORWARD_BLOCK;
		if (!forward_find(f, c->v, s + p, n))
			return -1;
		f->two[FORWARD_BACK + n] = FORWARD_FAR;
		forward_prepare(f, FORWARD_BACK - 1, FORWARD_BACK + n);
		if (!forward_block(f, n))
			return -1;
		tokens += forward_since(f->last[FORWARD_BACK],
		    f->last[FORWARD_BACK + n]);
		p += n;
		if (p == last)
			return tokens;
		forward_next(f);
		end = forward_edges(f, p, FORWARD_WORDS - FORWARD_BLOCK / 64,
		    end, at + pieces);
	}
}

#endif
