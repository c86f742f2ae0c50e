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

#endif
