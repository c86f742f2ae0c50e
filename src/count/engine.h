/*
 * The loops that text goes through, for one kind of processor.  Included by
 * engine_*.c, which defines
 *
 *	ENGINE		the engine's name
 *	ENGINE_WINDOW	1 when there is
 *	window_read(p)	the struct window of 64 bytes
 *	line_find(line, mix, tag)	the slots of 8 with the bits tag of mix
 *	line_find16(line, lo, mix, tag)	of 4 of 128 bits, in bits 0, 2, 4, 6
 *	line_short(line, key)	of the memo's, the slot of that key, or 0
 *	line_memo(line, key)	the count of that key, or 0
 *	valid(p, i, n)	as struct engine has it
 *	least(v, n)	the least of n numbers; n is 16, 32, 64 or 128
 */
#include <string.h>

#include "base/attr.h"
#include "count/chunk.h"
#include "count/count_int.h"
#include "count/forward.h"
#include "count/memo.h"
#include "count/merge.h"
#include "count/split.h"
#include "count/window.h"
#include "vocab/table.h"

#define ENGINE_JOIN_(a, b) a##_##b
#define ENGINE_JOIN(a, b) ENGINE_JOIN_(a, b)

#if ENGINE_WINDOW
/* Write where the set bits are; always in fours, so there is room. */
ALWAYS_INLINE void
put_starts(struct batch *b, uint32_t base, uint64_t starts)
{
	uint32_t *to = b->at + b->n + 1;

	b->n += (uint32_t)__builtin_popcountll(starts);
	while (starts != 0) {
		for (int i = 0; i < 4; i++) {
			to[i] = base +
			    (uint32_t)__builtin_ctzll(
				starts | UINT64_C(1) << 63);
			starts &= starts - 1;
		}
		to += 4;
	}
}

/* Of which kind all bytes of a run are. */
enum run { RUN_LOWER, RUN_UPPER, RUN_PUNCT, RUN_WHITE, RUN_NONE };

ALWAYS_INLINE uint64_t
run_bits(const struct window *w, enum run run)
{
	switch (run) {
	case RUN_LOWER:
		return w->letter & ~w->upper;
	case RUN_UPPER:
		return w->upper;
	case RUN_PUNCT:
		return ~(w->letter | w->digit | w->space | w->tab | w->newline |
		    w->high);
	case RUN_WHITE:
		return w->space | w->tab | w->newline;
	case RUN_NONE:
		break;
	}
	return 0;
}

/*
 * A window of 64 bytes that is within one piece: mostly they are a run of
 * one kind, but for the first.  Step over the run, 64 bytes at a time, and
 * end the piece by the rule, of which the state is the same near the run's
 * end as after its first bytes.  NULL: it is no run.
 */
static const uint8_t *
cut_run(struct window w, const uint8_t *p, struct split *s,
    const struct split_rule r)
{
	enum run run = RUN_LOWER;
	const uint8_t *newline = NULL;

	/* White space has no first byte of another kind. */
	while (run < RUN_NONE &&
	    (run_bits(&w, run) | (run < RUN_WHITE ? 1 : 0)) != ~UINT64_C(0))
		run++;
	if (run == RUN_NONE)
		return NULL;
	do {
		if (w.newline != 0)
			newline = p + 63 - __builtin_clzll(w.newline);
		p += 64;
		if (s->end - p < 64)
			break;
		w = window_read(p);
	} while (run_bits(&w, run) == ~UINT64_C(0));
	switch (run) {
	case RUN_LOWER:
	case RUN_UPPER:
		return split_word(p - 1, s, r);
	case RUN_PUNCT:
		return split_punct(p - 1, s, r);
	case RUN_WHITE:
		return split_space_from(p - 2, newline, s,
		    r.family != SPLIT_GPT2);
	case RUN_NONE:
		break;
	}
	return NULL;
}

/* As many pieces as one window gives; 0: ask split_next(). */
ALWAYS_INLINE uint32_t
cut_window(const struct text *t, uint32_t at, struct batch *b, struct split *s,
    const uint8_t **end, const struct split_rule r)
{
	struct window w = window_read(t->s + at);
	/* To that pattern control characters are like no others. */
	uint64_t stop = w.high | (r.family == SPLIT_DEEPSEEK ? w.control : 0);
	unsigned n = stop != 0 ? (unsigned)__builtin_ctzll(stop) : 64;
	uint64_t starts, mask;

	if (t->len - at < n)
		n = t->len - at;
	if (n < 64) {
		if (n < 2)
			return 0;
		mask = window_low_bits(n);
		w.letter &= mask;
		w.upper &= mask;
		w.digit &= mask;
		w.space &= mask;
		w.tab &= mask;
		w.newline &= mask;
		w.quote &= mask;
		w.slash &= mask;
	}
	starts = window_starts(&w, t->s + at, n, r) & ~UINT64_C(1);
	if (starts == 0) {
		/* Deepseek's words end in ways that depend on their start. */
		if (n == 64 && r.family != SPLIT_DEEPSEEK)
			*end = cut_run(w, t->s + at, s, r);
		return 0;
	}
	put_starts(b, at, starts);
	return 63 - (uint32_t)__builtin_clzll(starts);
}
#endif

static inline bool
has_high(const uint8_t *p)
{
	uint64_t bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return (bytes & UINT64_C(0x8080808080808080)) != 0;
}

/*
 * Of eight bytes at p, the topmost bits of those where there may be a seam:
 * where a character that is not ASCII follows another; with bare, also where
 * one begins that is not ASCII, or a control character, or stands behind such
 * a one, and some other places.
 */
ALWAYS_INLINE uint64_t
seam_candidates(const uint8_t *p, bool bare)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	const uint64_t blank = UINT64_C(0x2020202020202020);
	uint64_t x, before;

	memcpy(&x, p, 8);
	memcpy(&before, p - 1, 8);
	if (!bare)
		return x & x << 1 & before & high;
	before |= (before - blank) | x | (x - blank);
	return high & before & (~x | x << 1);
}

/* Whether there is a seam at a candidate; without a branch, as that cannot be
 * foreseen. */
ALWAYS_INLINE bool
is_seam(const struct text *t, uint32_t i, bool bare)
{
	bool both;

	if (!bare)
		return vocab_is_seam(t->seams, t->s + i);
	both = (t->s[i] & t->s[i - 1] & 0x80) != 0;
	/* Before the first byte of a text nothing can be read. */
	return (vocab_is_seam(t->seams, t->s + (i > 1 ? i : 2)) & both) |
	    (vocab_is_bare_seam(t->seams, t->s + i) & !both);
}

/* Add a piece, divided at its seams; returns how far the batch had room. */
ALWAYS_INLINE uint32_t
divide_at(const struct text *t, struct batch *b, uint32_t from, uint32_t end,
    bool bare)
{
	uint32_t n = b->n;

	for (uint32_t at = from + 1; at < end; at += 8) {
		uint64_t lead = seam_candidates(t->s + at, bare);

		if (end - at < 8)
			lead &= (UINT64_C(1) << 8 * (end - at)) - 1;
		for (; lead != 0; lead &= lead - 1) {
			uint32_t i = at + (uint32_t)__builtin_ctzll(lead) / 8;

			b->at[n + 1] = i;
			n += is_seam(t, i, bare);
		}
		if (n >= BATCH_MAX) {
			b->n = n;
			b->rest = end;
			return b->at[n];
		}
	}
	b->at[++n] = end;
	b->n = n;
	b->rest = 0;
	return end;
}

static uint32_t
divide(const struct text *t, struct batch *b, uint32_t from, uint32_t end)
{
	return divide_at(t, b, from, end, false);
}

static __attribute__((noinline)) uint32_t
divide_bare(const struct text *t, struct batch *b, uint32_t from, uint32_t end)
{
	return divide_at(t, b, from, end, true);
}

ALWAYS_INLINE void
cut_by_rule(const struct text *t, uint32_t at, struct batch *b,
    const struct split_rule r)
{
	b->n = 0;
	b->at[0] = at;
	if (b->rest > at)
		at = t->bare ? divide_bare(t, b, at, b->rest)
			     : divide(t, b, at, b->rest);
	while (b->n < BATCH_MAX && at < t->len) {
		struct split s = { t->s + t->len, false };
		const uint8_t *end = NULL;

#if ENGINE_WINDOW
		if (!has_high(t->s + at)) {
			uint32_t n = cut_window(t, at, b, &s, &end, r);

			at += n;
			if (n > 0)
				continue;
		}
#endif
		if (end == NULL)
			end = split_next(t->s + at, &s, r);
		if (s.open && !t->final)
			break;
		if (t->seams != NULL && end - t->s - at > 3) {
			at = t->bare
			    ? divide_bare(t, b, at, (uint32_t)(end - t->s))
			    : divide(t, b, at, (uint32_t)(end - t->s));
			continue;
		}
		at = (uint32_t)(end - t->s);
		b->at[++b->n] = at;
	}
}

static void
cut(const struct text *t, uint32_t pattern, uint32_t at, struct batch *b)
{
	switch ((enum vocab_pattern)pattern) {
	case VOCAB_O200K:
		cut_by_rule(t, at, b, split_rules[VOCAB_O200K]);
		break;
	case VOCAB_CL100K:
		cut_by_rule(t, at, b, split_rules[VOCAB_CL100K]);
		break;
	case VOCAB_TEKKEN:
		cut_by_rule(t, at, b, split_rules[VOCAB_TEKKEN]);
		break;
	case VOCAB_QWEN2:
		cut_by_rule(t, at, b, split_rules[VOCAB_QWEN2]);
		break;
	case VOCAB_GPT2:
		cut_by_rule(t, at, b, split_rules[VOCAB_GPT2]);
		break;
	case VOCAB_DEEPSEEK3:
		cut_by_rule(t, at, b, split_rules[VOCAB_DEEPSEEK3]);
		break;
	case VOCAB_PATTERNS:
		break;
	}
}

/* When one in so many pieces had to be merged, the next so many batches are
 * counted without looking their pieces up. */
enum { NEW_MOST = 4, DIRECT = 31 };

/* When one in so many had to be, pieces of the next so many batches are
 * divided wherever they can be. */
enum { BARE_MOST = 8, BARE = 32 };

/*
 * The look-ups of a batch go in rounds, each over what the round before has
 * left, so that the memory of many pieces is fetched at the same time.
 */
struct round {
	uint32_t n;
	uint16_t piece[BATCH_MAX + 64];
};

/* Round one: pieces of 1 to 7 bytes that come again and again. */
ALWAYS_INLINE int64_t
sum_hot(struct memo *m, const uint8_t *s, const struct batch *b, uint64_t *key,
    struct round *shorts, struct round *longer)
{
	int64_t tokens = 0;
	uint32_t at = b->at[0];

	shorts->n = longer->n = 0;
	for (uint32_t i = 0; i < b->n; i++) {
		uint64_t len = b->at[i + 1] - at, k, slot;
		bool is_short = len <= VOCAB_SHORT_MAX, hot;

		k = count_key8(s + at, len);
		at = b->at[i + 1];
		slot = *memo_hot_slot(m, k);
		hot = is_short & ((slot ^ k) << (64 - MEMO_SHORT_BITS) == 0);
		tokens +=
		    (int64_t)(slot >> MEMO_SHORT_BITS & (0 - (uint64_t)hot));
		/* Without a branch: which it is cannot be foreseen. */
		key[shorts->n] = k;
		shorts->piece[shorts->n] = longer->piece[longer->n] =
		    (uint16_t)i;
		shorts->n += is_short & !hot;
		longer->n += !is_short;
	}
	return tokens;
}

ALWAYS_INLINE unsigned
has_two(const struct vocab *v, uint32_t bytes)
{
	uint64_t has = v->two[(bytes & 0xff) << 2 | (bytes >> 14 & 3)].has;

	return has >> (bytes >> 8 & 63) & 1;
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
		pairs |= has_two(v, (uint32_t)(bytes >> 8 * i)) << i;
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
		*hot = count != 0 ? k | count << MEMO_SHORT_BITS : *hot;
		key[out] = k;
		in->piece[out] = (uint16_t)i;
		out += count == 0;
	}
	in->n = out;
	return tokens;
}

/* Round two: the others, at home in the short table; leaves their keys. */
ALWAYS_INLINE int64_t
sum_short(const struct counter *c, uint64_t *key, struct round *in)
{
	const struct vocab *v = c->v;
	uint32_t line[BATCH_MAX + 64], n = in->n;

	for (uint32_t j = 0; j < n; j++) {
		line[j] = vocab_scale(vocab_mix8(key[j]), v->s.lines);
		__builtin_prefetch(v->shorts + 8ul * line[j]);
	}
	in->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		uint64_t k = key[j], *hot = memo_hot_slot(c->memo, k);
		bool found = line_find(v->shorts + 8ul * line[j], vocab_mix8(k),
				 v->s.tag) != 0;

		*hot = found ? k | UINT64_C(1) << MEMO_SHORT_BITS : *hot;
		key[in->n] = k;
		in->piece[in->n] = in->piece[j];
		in->n += !found;
	}
	return n - in->n;
}

/* Round three: the rest of those, merged before. */
ALWAYS_INLINE int64_t
sum_short_memo(const struct counter *c, const uint64_t *key,
    const struct round *in, struct round *left)
{
	const struct memo *m = c->memo;
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++)
		__builtin_prefetch(memo_short_line(m, key[j]));
	for (uint32_t j = 0; j < in->n; j++) {
		uint64_t k = key[j], *hot = memo_hot_slot(m, k);
		uint64_t slot = line_short(memo_short_line(m, k), k);

		tokens += (int64_t)(slot >> MEMO_SHORT_BITS);
		*hot = slot != 0 ? slot : *hot;
		left->piece[left->n] = in->piece[j];
		left->n += slot == 0;
	}
	return tokens;
}

/* Round four: 8 to 15 bytes at home in the mid table; the keys of the rest. */
ALWAYS_INLINE void
sum_mid(const struct counter *c, const uint8_t *s, const struct batch *b,
    const struct round *in, struct vocab_key16 *left_key, struct round *left)
{
	const struct vocab *v = c->v;
	struct vocab_key16 k[BATCH_MAX + 64];
	uint64_t mix[BATCH_MAX + 64];

	for (uint32_t j = 0; j < in->n; j++) {
		uint32_t i = in->piece[j];

		k[j] = count_key16(s + b->at[i], b->at[i + 1] - b->at[i]);
		mix[j] = vocab_mix16(k[j]);
		__builtin_prefetch(
		    v->mids + 4ul * vocab_scale(mix[j], v->m.lines));
	}
	left->n = 0;
	for (uint32_t j = 0; j < in->n; j++) {
		left->piece[left->n] = in->piece[j];
		left_key[left->n] = k[j];
		left->n +=
		    line_find16(v->mids + 4ul * vocab_scale(mix[j], v->m.lines),
			k[j].lo, mix[j], v->m.tag) == 0;
	}
}

/* Round five: those, merged before. */
ALWAYS_INLINE int64_t
sum_memo(const struct counter *c, const struct vocab_key16 *k,
    const struct round *in, struct round *left)
{
	const struct memo *m = c->memo;
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n; j++)
		__builtin_prefetch(memo_line(m, k[j]));
	for (uint32_t j = 0; j < in->n; j++) {
		unsigned found = line_memo(memo_line(m, k[j]), k[j]);

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

/* Round seven: merging. */
static int64_t
sum_merged(struct counter *c, const uint8_t *s, const struct batch *b,
    const struct round *in)
{
	struct merge group[MERGE_GROUP];
	int64_t tokens = 0;

	for (uint32_t j = 0; j < in->n;) {
		unsigned n = 0;

		for (; n < MERGE_GROUP && j < in->n; n++, j++) {
			uint32_t i = in->piece[j];

			merge_start(&group[n], c->v, s + b->at[i],
			    b->at[i + 1] - b->at[i]);
		}
		merge_group(c->v, group, n);
		for (unsigned k = 0; k < n; k++) {
			uint32_t i = in->piece[j - n + k];
			unsigned count = group[k].parts;

			piece_learn(c, s + b->at[i], b->at[i + 1] - b->at[i],
			    count);
			tokens += count;
		}
	}
	return tokens;
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

static int64_t
sum_looked_up(struct counter *c, const uint8_t *s, const struct batch *b)
{
	uint64_t key[BATCH_MAX + 64];
	struct vocab_key16 key16[BATCH_MAX + 64];
	struct round shorts, longer, left, rare;
	int64_t tokens;
	bool much;

	tokens = sum_hot(c->memo, s, b, key, &shorts, &longer);
	if (shorts.n > b->n / 2 && c->v->three != NULL)
		tokens += sum_small(c, s, b, key, &shorts);
	tokens += sum_short(c, key, &shorts);
	sum_mid(c, s, b, &longer, key16, &left);
	tokens += (int64_t)longer.n - left.n;
	rare.n = 0;
	tokens += sum_short_memo(c, key, &shorts, &rare);
	tokens += sum_memo(c, key16, &left, &rare);
	tokens += sum_rare(c, s, b, &rare, &left);
	much = left.n > b->n / BARE_MOST;
	if (much)
		c->bare = BARE;
	else if (c->bare > 0)
		c->bare--;
	/* Of text that does not repeat itself nothing is remembered for some
	 * time; then it is seen how it goes. */
	if (left.n > b->n / NEW_MOST &&
	    piece_forward(c, b->at[b->n] - b->at[0]))
		c->direct = DIRECT;
	if (much && c->v->three != NULL)
		tokens += sum_pairs(c->v, s, b, &left);
	return tokens + sum_merged(c, s, b, &left);
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
	return sum_looked_up(c, s, b);
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
