#ifndef COUNT_ROUNDS_H
#define COUNT_ROUNDS_H

#include <string.h>

#include "count/count_int.h"
#include "count/forward.h"
#include "count/memo.h"
#include "count/merge.h"
#include "vocab/table.h"

/*
 * The tokens of a batch of pieces, looked up in rounds: what a round does not
 * find is left to the next, and the last merges.  Included by engine.h.
 */

/* When one in so many pieces had to be merged, the next so many batches are
 * counted without looking their pieces up. */
enum { NEW_MOST = 4, DIRECT = 31 };

/* Likewise when so many batches came of which so much was new; at the start
 * of a text that is so for a few. */
enum { FRESH_BYTES = 4, FRESH_MOST = 8 };

/* When one in so many had to be, pieces of the next so many batches are
 * divided wherever they can be. */
enum { BARE_MOST = 8, BARE = 32 };

/* Round one, for piece i, of len bytes at p: the tokens of one of up to 7
 * bytes that comes again and again; others are listed. */
ALWAYS_INLINE int64_t
sum_hot_one(const struct memo *m, const uint8_t *p, uint64_t len, uint32_t i,
    uint64_t *key, struct round *shorts, struct round *longer)
{
	bool is_short = len <= VOCAB_SHORT_MAX, hot;
	uint64_t k = count_key8(p, len), slot = *memo_hot_slot(m, k);

	hot = is_short & ((slot ^ k) << (64 - MEMO_SHORT_BITS) == 0);
	/* Without a branch: which it is cannot be foreseen. */
	key[shorts->n] = k;
	shorts->piece[shorts->n] = longer->piece[longer->n] = (uint16_t)i;
	shorts->n += is_short & !hot;
	longer->n += !is_short;
	return (int64_t)(slot >> MEMO_SHORT_BITS & (0 - (uint64_t)hot));
}

ALWAYS_INLINE int64_t
sum_hot(const struct memo *m, const uint8_t *s, const struct batch *b,
    uint64_t *key, struct round *shorts, struct round *longer)
{
	int64_t tokens = 0;
	uint32_t i = 0, at;

	shorts->n = longer->n = 0;
#if ENGINE_OWN
	i = b->n - b->n % 4;
	tokens = hot_fours(m->hot, s, b, i, key, shorts, longer);
#endif
	for (at = b->at[i]; i < b->n; i++) {
		uint32_t end = b->at[i + 1];

		tokens +=
		    sum_hot_one(m, s + at, end - at, i, key, shorts, longer);
		at = end;
	}
	return tokens;
}

enum { SMALL = 8 };

/*
 * The tokens of a piece of 1 to SMALL bytes, of which only single bytes and
 * pairs are parts; 0: there may be other parts, or the ranks matter, which is
 * when more than two pairs follow each other.
 */
ALWAYS_INLINE unsigned
count_small(const struct vocab *v, uint64_t bytes, uint32_t n, uint32_t most)
{
	unsigned pairs = 0, other = 0, any;

	for (uint32_t i = 0; i + 1 < most; i++)
		pairs |= vocab_has_two(v, (uint32_t)(bytes >> 8 * i)) << i;
	pairs &= (1u << (n - 1)) - 1;
	/* A longer token is made of a pair: without one nothing is read but
	 * what is near. */
	any = 0 - (unsigned)(pairs != 0);
	for (uint32_t i = 0; i + 2 < most; i++) {
		uint32_t three = (uint32_t)(bytes >> 8 * i);
		const struct vocab_three *t =
		    &v->three[vocab_three_at(three, v->three_mask) & any];
		unsigned third = three >> 16 & 63;

		other |= (t->whole >> third & 1) << i;
		if (i + 3 < most)
			other |= (t->more >> third & 1) << (i + 1);
	}
	other &= ((1u << (n - 1)) / 2 - (n > 1)) & any;
	other |= pairs & pairs >> 1 & pairs >> 2;
	n -= (unsigned)__builtin_popcount(pairs & ~(pairs << 1));
	return other == 0 ? n : 0;
}

/* Between: those of few bytes need not be looked up, nor remembered. */
static __attribute__((noinline)) int64_t
sum_small(const struct counter *c, const uint8_t *s, const struct batch *b,
    uint64_t *key, struct round *in)
{
	uint16_t small[BATCH_MAX + 64];
	uint32_t n = 0, out = 0;
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++) {
		uint64_t k = key[j];
		uint16_t piece = in->piece[j];
		bool is_small = k >> 56 <= 4;

		small[n] = piece;
		n += is_small;
		key[out] = k;
		in->piece[out] = piece;
		out += !is_small;
	}
	for (uint32_t j = 0; j < n; j++) {
		uint32_t i = small[j], at = b->at[i], len = b->at[i + 1] - at;
		uint64_t k = count_key8(s + at, len), count;
		uint64_t *hot = memo_hot_slot(c->memo, k);

		count = count_small(c->v, k, len, 4);
		tokens += (int64_t)count;
		memo_hot_put(hot, k | count << MEMO_SHORT_BITS, count != 0);
		key[out] = k;
		in->piece[out] = (uint16_t)i;
		out += count == 0;
	}
	in->n = out;
	return tokens;
}

/*
 * What is asked of the vocabulary's tables, by place in a list.  All that a
 * table is asked is announced to the cache before the tables before it are
 * read, so that there is something to do meanwhile.
 */
struct asked {
	uint32_t line[BATCH_MAX + 64];          /* of the short table */
	struct vocab_key16 key[BATCH_MAX + 64]; /* of the mid table, */
	uint64_t mix[BATCH_MAX + 64];           /* mixed */
};

ALWAYS_INLINE void
ask_short(const struct vocab *v, const uint64_t *key, const struct round *in,
    struct asked *ask)
{
	for (uint32_t j = 0; j < in->n; j++) {
		ask->line[j] = vocab_scale(vocab_mix8(key[j]), v->s.lines);
		__builtin_prefetch(v->shorts + 8ul * ask->line[j]);
	}
}

ALWAYS_INLINE void
ask_mid(const struct vocab *v, const uint8_t *s, const struct batch *b,
    const struct round *in, struct asked *ask)
{
	for (uint32_t j = 0; j < in->n; j++) {
		uint32_t i = in->piece[j];
		struct vocab_key16 k =
		    count_key16(s + b->at[i], b->at[i + 1] - b->at[i]);

		ask->key[j] = k;
		ask->mix[j] = vocab_mix16(k);
		__builtin_prefetch(
		    v->mids + 4ul * vocab_scale(ask->mix[j], v->m.lines));
	}
}

/* Round two: the others, at home in the short table; leaves their keys, and
 * asks the memo of them. */
ALWAYS_INLINE int64_t
sum_short(const struct counter *c, const struct asked *ask, uint64_t *key,
    struct round *in)
{
	const struct vocab *v = c->v;
	uint32_t n = in->n;

	in->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		uint64_t k = key[j], *hot = memo_hot_slot(c->memo, k);
		bool found = line_find(v->shorts + 8ul * ask->line[j],
				 vocab_mix8(k), v->s.tag) != 0;

		memo_hot_put(hot, k | UINT64_C(1) << MEMO_SHORT_BITS, found);
		key[in->n] = k;
		in->piece[in->n] = in->piece[j];
		in->n += !found;
	}
	for (uint32_t j = 0; j < in->n; j++)
		__builtin_prefetch(memo_short_line(c->memo, key[j]));
	return n - in->n;
}

/* Round three: the rest of those, and words, merged before. */
ALWAYS_INLINE int64_t
sum_short_memo(const struct counter *c, const uint64_t *key,
    const struct round *in, struct round *left)
{
	const struct memo *m = c->memo;
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++) {
		uint64_t k = key[j], *hot = memo_hot_slot(m, k);
		const uint64_t *line = memo_short_line(m, k);
		uint64_t slot = line_short(line, k);

		if (__builtin_expect(slot == 0, 0) &&
		    memo_is_full(line, MEMO_LINE))
			slot = line_short(memo_beside(line, MEMO_LINE), k);
		tokens += (int64_t)(slot >> MEMO_SHORT_BITS);
		/* Those are for short ones. */
		memo_hot_put(hot, slot, (slot != 0) & (k >> 56 != 0));
		left->piece[left->n] = in->piece[j];
		left->n += slot == 0;
	}
	return tokens;
}

/* Round four: 8 to 15 bytes at home in the mid table; the keys of the rest. */
ALWAYS_INLINE void
sum_mid(const struct vocab *v, const struct round *in, struct asked *ask,
    struct round *left)
{
	left->n = 0;
	for (uint32_t j = 0; j < in->n; j++) {
		struct vocab_key16 k = ask->key[j];
		uint64_t mix = ask->mix[j];

		left->piece[left->n] = in->piece[j];
		ask->key[left->n] = k;
		left->n +=
		    line_find16(v->mids + 4ul * vocab_scale(mix, v->m.lines),
			k.lo, mix, v->m.tag) == 0;
	}
}

/* Words among those are in the same table of the memo as the short ones.  It
 * is asked of all of them. */
ALWAYS_INLINE void
list_words(const struct memo *m, struct vocab_key16 *k, struct round *in,
    uint64_t *key, struct round *shorts)
{
	uint32_t n = in->n;

	in->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		struct vocab_key16 k16 = k[j];
		uint64_t word = word_number(k16);
		uint16_t piece = in->piece[j];

		__builtin_prefetch(
		    word != 0 ? memo_short_line(m, word) : memo_line(m, k16));
		key[shorts->n] = word;
		shorts->piece[shorts->n] = piece;
		shorts->n += word != 0;
		k[in->n] = k16;
		in->piece[in->n] = piece;
		in->n += word == 0;
	}
}

/* Round five: those, merged before. */
ALWAYS_INLINE int64_t
sum_memo(const struct counter *c, const struct vocab_key16 *k,
    const struct round *in, struct round *left)
{
	const struct memo *m = c->memo;
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++) {
		const uint64_t *line = memo_line(m, k[j]);
		unsigned found = line_memo(line, k[j]);

		if (__builtin_expect(found == 0, 0) &&
		    memo_is_full(line, MEMO_LINE))
			found = line_memo(memo_beside(line, MEMO_LINE), k[j]);
		tokens += found;
		left->piece[left->n] = in->piece[j];
		left->n += found == 0;
	}
	return tokens;
}

/* Round six: tokens that are not at home, and what is too long. */
static int64_t
sum_rare(struct counter *c, const uint8_t *s, const struct batch *b,
    const struct round *in, struct round *left)
{
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++) {
		uint32_t i = in->piece[j], len = b->at[i + 1] - b->at[i];

		if (len > VOCAB_MID_MAX && len <= MEMO_MEDIUM_MAX) {
			const uint64_t *line = memo_medium_line(c->memo,
			    memo_key32(s + b->at[i], len));

			__builtin_prefetch(line);
			__builtin_prefetch(line + 8);
		}
	}
	left->n = 0;
	for (uint32_t j = 0; j < in->n; j++) {
		uint32_t i = in->piece[j], len = b->at[i + 1] - b->at[i];
		unsigned known;

		if (len > MERGE_MAX) {
			tokens += piece_count(c, s + b->at[i], len);
			continue;
		}
		known = piece_known(c, s + b->at[i], len);
		tokens += known;
		left->piece[left->n] = (uint16_t)i;
		left->n += known == 0;
	}
	return tokens;
}

/* Before it, where much is left: short ones without a token of three bytes. */
static __attribute__((noinline)) int64_t
sum_pairs(const struct vocab *v, const uint8_t *s, const struct batch *b,
    struct round *in)
{
	int64_t tokens = 0;
	uint32_t n = in->n;

	in->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		uint32_t i = in->piece[j], at = b->at[i],
			 len = b->at[i + 1] - at;
		unsigned count = 0;
		uint64_t bytes;

		if (len <= SMALL) {
			memcpy(&bytes, s + at, sizeof(bytes));
			count = count_small(v, bytes, len, SMALL);
		}
		tokens += count;
		in->piece[in->n] = (uint16_t)i;
		in->n += count == 0;
	}
	return tokens;
}

/* Likewise: of text of few different bytes those of more than a few. */
static __attribute__((noinline)) int64_t
sum_few(struct counter *c, const uint8_t *s, const struct batch *b,
    struct round *in)
{
	int64_t tokens = 0;
	uint32_t n = in->n;

	if (!bpe_is_few(c->work, c->v, s + b->at[0], b->at[b->n] - b->at[0]))
		return 0;
	in->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		uint32_t i = in->piece[j], at = b->at[i],
			 len = b->at[i + 1] - at;
		size_t count = bpe_count_few(c->work, s + at, len);

		if (count > 0)
			piece_learn(c, s + at, len, (unsigned)count);
		tokens += (int64_t)count;
		in->piece[in->n] = (uint16_t)i;
		in->n += count == 0;
	}
	return tokens;
}

/* Round seven: merging. */
static int64_t
sum_merged(struct counter *c, const uint8_t *s, const struct batch *b,
    const struct round *in)
{
	struct merging g;
	int64_t tokens = 0;

	merging_start(&g);
	for (uint32_t j = 0; j < in->n; j++) {
		uint32_t i = in->piece[j], n = b->at[i + 1] - b->at[i];
		const uint8_t *p = s + b->at[i];

		if (merging_again(&g, p, n))
			continue;
		merge_start(&g.of[g.n++], c->v, p, n);
		if (g.n == MERGE_GROUP)
			tokens += merging_end(&g, c);
	}
	return g.n > 0 ? tokens + merging_end(&g, c) : tokens;
}

/* Whether text such as base64 goes on, whose pieces do not come again. */
static bool
is_fresh(struct counter *c, const struct batch *b, const struct round *left)
{
	uint32_t bytes = 0;

	for (uint32_t j = 0; j < left->n; j++)
		bytes += b->at[left->piece[j] + 1] - b->at[left->piece[j]];
	if (bytes <= (b->at[b->n] - b->at[0]) / FRESH_BYTES)
		c->fresh = 0;
	else if (c->fresh < FRESH_MOST)
		c->fresh++;
	return c->fresh == FRESH_MOST && count_can_forward(c->v);
}

/* Count without looking up; by pairs, if that is the way, as the next batch
 * shows. */
static void
count_anew(struct counter *c)
{
	if (c->sparse == 0 && c->v->three != NULL && c->v->seams != NULL) {
		c->probe = true;
		c->sparse = 1;
	} else {
		c->direct = DIRECT;
	}
}

/* All rounds but the first. */
static int64_t
sum_rounds(struct counter *c, const uint8_t *s, const struct batch *b,
    uint64_t *key, struct round *shorts, const struct round *longer)
{
	struct asked ask;
	struct round left, rare;
	int64_t tokens;
	bool much;

	ask_short(c->v, key, shorts, &ask);
	ask_mid(c->v, s, b, longer, &ask);
	tokens = sum_short(c, &ask, key, shorts);
	sum_mid(c->v, longer, &ask, &left);
	tokens += (int64_t)longer->n - left.n;
	list_words(c->memo, ask.key, &left, key, shorts);
	rare.n = 0;
	tokens += sum_short_memo(c, key, shorts, &rare);
	tokens += sum_memo(c, ask.key, &left, &rare);
	tokens += sum_rare(c, s, b, &rare, &left);
	much = left.n > b->n / BARE_MOST;
	if (much)
		c->bare = BARE;
	else if (c->bare > 0)
		c->bare--;
	/* Of text that does not repeat itself nothing is remembered for some
	 * time; then it is seen how it goes. */
	if (is_fresh(c, b, &left) ||
	    (left.n > b->n / NEW_MOST &&
		piece_forward(c, b->at[b->n] - b->at[0])))
		count_anew(c);
	if (much && c->v->three != NULL)
		tokens += sum_pairs(c->v, s, b, &left);
	if (much)
		tokens += sum_few(c, s, b, &left);
	return tokens + sum_merged(c, s, b, &left);
}

#endif
