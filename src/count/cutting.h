#ifndef COUNT_CUTTING_H
#define COUNT_CUTTING_H

#include <string.h>

#include "count/count_int.h"
#include "count/split.h"
#include "count/window.h"
#include "vocab/table.h"

/*
 * A text becomes batches of pieces: by windows of 64 bytes where it is ASCII,
 * piece by piece elsewhere, and divided at seams.  Included by engine.h.
 */

#if ENGINE_WINDOW
#if !ENGINE_OWN
/* Write which bits are set; always so many, as how many are needed cannot be
 * foreseen, so there is room. */
enum { BITS_AT_ONCE = 16 };

static inline void
put_bits(uint32_t *to, uint32_t base, uint64_t bits)
{
	do {
		for (int i = 0; i < BITS_AT_ONCE; i++) {
			to[i] = base +
			    (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
			bits &= bits - 1;
		}
		to += BITS_AT_ONCE;
	} while (bits != 0);
}
#endif

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

/* Of these places, those that are seams. */
ALWAYS_INLINE uint64_t
seams_among(const struct text *t, uint32_t at, uint64_t places, bool bare)
{
	uint64_t seams = 0;

	for (; places != 0; places &= places - 1) {
		unsigned i = (unsigned)__builtin_ctzll(places);
		const uint8_t *p = t->s + at + i;

		seams |= (uint64_t)(bare ? vocab_is_bare_seam(t->seams, p)
					 : vocab_is_seam(t->seams, p))
		    << i;
	}
	return seams;
}

/* The seams in the pieces that end in a window, in which not all is ASCII. */
ALWAYS_INLINE uint64_t
window_seams(const struct text *t, uint32_t at, const struct window *w,
    uint64_t starts)
{
	unsigned last = 63 - (unsigned)__builtin_clzll(starts);
	uint64_t first = ~w->cont & ~starts & window_low_bits(last);
	uint64_t both = first & w->high & w->high << 1;
	uint64_t odd = w->high | w->control, seams;

	seams = seams_among(t, at, both, false);
	if (t->bare)
		seams |= seams_among(t, at,
		    first & ~both & (odd | odd << 1) & ~UINT64_C(1), true);
	return seams;
}

ALWAYS_INLINE void
window_keep(struct window *w, unsigned n)
{
	uint64_t mask = window_low_bits(n);

	w->letter &= mask;
	w->upper &= mask;
	w->digit &= mask;
	w->space &= mask;
	w->tab &= mask;
	w->newline &= mask;
	w->quote &= mask;
	w->slash &= mask;
}

/* Add the pieces of the first n bytes of a window, of which it says all, and
 * of no other; returns where they end, or 0. */
ALWAYS_INLINE uint32_t
window_pieces(const struct text *t, uint32_t at, struct batch *b,
    struct window *w, unsigned n, const struct split_rule r)
{
	uint64_t starts;
	uint32_t last;

	if (n < 2)
		return 0;
	starts = window_starts(w, t->s + at, n, r) & ~UINT64_C(1);
	if (starts == 0)
		return 0;
	last = 63 - (uint32_t)__builtin_clzll(starts);
	if (w->cont != 0 && t->seams != NULL && t->whole < 64)
		starts |= window_seams(t, at, w, starts);
	put_bits(b->at + b->n + 1, at, starts);
	b->n += (uint32_t)__builtin_popcountll(starts);
	return last;
}

/* The same of as much as is ASCII. */
ALWAYS_INLINE uint32_t
window_ascii(const struct text *t, uint32_t at, struct batch *b,
    struct window *w, const struct split_rule r)
{
	/* To that pattern control characters are like no others. */
	uint64_t stop = w->high | (r.family == SPLIT_DEEPSEEK ? w->control : 0);
	unsigned n = stop != 0 ? (unsigned)__builtin_ctzll(stop) : 64;

	n = window_min(n, t->len - at);
	if (n < 64)
		window_keep(w, n);
	return window_pieces(t, at, b, w, n, r);
}

/* Where characters are of many blocks, so many bytes are cut piece by piece. */
enum { MIXED = 512 };

/*
 * As many pieces as one window gives; 0: one ends at *end or, if that is
 * NULL, ask split_next().  Up to *ascii windows are for ASCII alone.
 */
ALWAYS_INLINE uint32_t
cut_window(const struct text *t, uint32_t at, struct batch *b, struct split *s,
    const uint8_t **end, const struct split_rule r, uint32_t *ascii)
{
	struct window w = window_read(t->s + at);
	uint32_t n;

	if (w.high != 0 && at >= *ascii) {
		n = window_high(&w, t->s + at, window_min(64, t->len - at),
		    r.cased);
		if (w.mixed)
			*ascii = at + MIXED;
		window_keep(&w, n);
		return window_pieces(t, at, b, &w, n, r);
	}
	n = window_ascii(t, at, b, &w, r);
	/* Deepseek's words end in ways that depend on their start. */
	if (n == 0 && w.high == 0 && t->len - at >= 64 &&
	    r.family != SPLIT_DEEPSEEK)
		*end = cut_run(w, t->s + at, s, r);
	return n;
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
			n += bare ? vocab_is_any_seam(t->seams, t->s, i)
				  : vocab_is_seam(t->seams, t->s + i);
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
#if ENGINE_WINDOW
	uint32_t ascii = r.family == SPLIT_DEEPSEEK ? UINT32_MAX : 0;
#endif

	b->n = 0;
	b->at[0] = at;
	if (b->rest > at)
		at = t->bare ? divide_bare(t, b, at, b->rest)
			     : divide(t, b, at, b->rest);
	while (b->n < BATCH_MAX && at < t->len) {
		struct split s = { t->s + t->len, false };
		const uint8_t *end = NULL;

#if ENGINE_WINDOW
		if (at >= ascii || !has_high(t->s + at)) {
			uint32_t n = cut_window(t, at, b, &s, &end, r, &ascii);

			at += n;
			if (n > 0)
				continue;
		}
#endif
		if (end == NULL)
			end = split_next(t->s + at, &s, r);
		if (s.open && !t->final)
			break;
		if (t->seams != NULL && end - t->s - at > t->whole) {
			at = t->bare
			    ? divide_bare(t, b, at, (uint32_t)(end - t->s))
			    : divide(t, b, at, (uint32_t)(end - t->s));
			continue;
		}
		at = (uint32_t)(end - t->s);
		b->at[++b->n] = at;
	}
}

/* What is the same for some patterns is constant here, and compiled once. */
static void
cut(const struct text *t, uint32_t pattern, uint32_t at, struct batch *b)
{
	struct split_rule r;

	if (pattern >= VOCAB_PATTERNS)
		return;
	r = split_rules[pattern];
	switch ((enum vocab_pattern)pattern) {
	case VOCAB_O200K:
	case VOCAB_TEKKEN:
		r.family = SPLIT_WORDS;
		r.cased = r.slash = true;
		cut_by_rule(t, at, b, r);
		break;
	case VOCAB_CL100K:
	case VOCAB_QWEN2:
		r.family = SPLIT_WORDS;
		r.contractions = SPLIT_ALONE;
		r.cased = r.slash = false;
		cut_by_rule(t, at, b, r);
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

#endif
