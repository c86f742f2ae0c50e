#ifndef COUNT_WINDOW_H
#define COUNT_WINDOW_H

#include <stdint.h>

#include "count/count_int.h"
#include "count/split.h"

/*
 * The same as split.h for up to 64 bytes at once, in the bits of 64-bit
 * words: bit i is about byte i.
 *
 * A window begins where a piece begins, and no pattern looks back, so
 * nothing is carried from window to window.  What cannot be known before the
 * text behind the window is seen (white space at its end, an apostrophe near
 * it) is left to the next window, which begins at the last certain start.
 */
struct window {
	uint64_t letter, upper, digit, space, tab, newline, quote, slash;
	uint64_t control; /* neither white space nor anything visible */
	uint64_t high;    /* not ASCII */
	/* Of what is not, by window_high.h: */
	uint64_t cont; /* the bytes of a character but the first */
	uint64_t free; /* letters that have no case, and marks that are */
	uint64_t mark; /* those marks, their first byte */
	bool mixed;    /* they are of too many blocks: not all are told */
};

/* For n up to 127. */
static inline uint64_t
window_low_bits(unsigned n)
{
	/* Without a branch: of other scripts it cannot be foreseen. */
	return ((UINT64_C(1) << n % 64) - 1) | (0 - (uint64_t)(n / 64));
}

static inline unsigned
window_min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Starts of white space.  A run is cut behind its last newline, and before
 * its last character if that is not a newline; not so before what stops it.
 */
static inline uint64_t
window_spaces(const struct window *w, uint64_t white, uint64_t absorbed,
    uint64_t stops)
{
	uint64_t blank = w->space | w->tab;
	uint64_t after = blank & w->newline << 1; /* blanks after a newline */
	uint64_t again = (blank + after) & ~blank & w->newline;
	uint64_t mine = white & ~absorbed;

	/* Blanks between two newlines of one run start nothing. */
	for (; again != 0; again &= again - 1) {
		uint64_t before =
		    after & window_low_bits((unsigned)__builtin_ctzll(again));

		after &= ~(UINT64_C(1) << (63 - __builtin_clzll(before)));
	}
	return (mine & ~(mine << 1)) | after |
	    (blank & ~(white >> 1) & ~(stops >> 1));
}

/* Every third digit of a run, from its first. */
static inline uint64_t
window_digits(uint64_t digit)
{
	uint64_t first = digit & ~(digit << 1), starts = first;
	uint64_t fourth = digit & digit << 1 & digit << 2 & digit << 3;

	while ((first = first << 3 & fourth) != 0)
		starts |= first;
	return starts;
}

/*
 * Contractions: no piece starts inside of one, and the next starts right
 * behind.  As suffixes they follow a letter, otherwise they start a piece.
 */
static inline uint64_t
window_contractions(const struct window *w, const uint8_t *p, unsigned n,
    uint64_t starts, uint64_t quotes, bool suffix, bool fold, unsigned *limit)
{
	while (quotes != 0) {
		unsigned i = (unsigned)__builtin_ctzll(quotes);
		uint64_t next;
		size_t k;

		quotes &= quotes - 1;
		if (i + 3 > n) {
			*limit = window_min(*limit, i);
			break;
		}
		k = split_contraction(p + i, p + n, fold);
		if (k == 0)
			continue;
		next = i + k < 64 ? UINT64_C(1) << (i + k) : 0;
		if (suffix) {
			starts &= ~(window_low_bits((unsigned)k) << i);
			quotes &= ~next;
		}
		starts |= next & w->letter;
	}
	return starts;
}

/* How far starts are certain: not beyond the first of white space that may
 * go on behind the window. */
static inline unsigned
window_limit(uint64_t white, uint64_t dark, unsigned n)
{
	unsigned more = (white >> (n - 1) & 1) & (dark != 0);

	/* Without a branch: it cannot be foreseen where words end. */
	return 64 - (unsigned)__builtin_clzll(dark | 1) + more;
}

/* SPLIT_WORDS and SPLIT_DEEPSEEK; marks that are alone take a word in. */
ALWAYS_INLINE uint64_t
window_words(const struct window *w, const uint8_t *p, unsigned n,
    const struct split_rule r, unsigned *limit)
{
	uint64_t white = w->space | w->tab | w->newline;
	uint64_t all = window_low_bits(n);
	uint64_t punct = all & ~(w->letter | w->digit | white);
	uint64_t tails = w->newline & punct << 1; /* newlines after it */
	uint64_t carried = w->newline + tails;
	uint64_t absorbed = w->newline & ~carried;
	uint64_t lone, behind, starts;

	*limit = window_limit(white, all & ~white, n);
	if (r.slash && (carried & ~w->newline & w->slash) != 0)
		*limit = window_min(*limit,
		    (unsigned)__builtin_ctzll(
			carried & ~w->newline & w->slash));
	/* A punctuation mark that starts a piece takes the next letter in,
	 * which is behind its last byte. */
	lone = punct & ~(punct << 1) & ~(w->space << 1);
	behind = ((lone << 1) + w->cont) & ~w->cont;
	starts = lone | (r.digits == 1 ? w->digit : window_digits(w->digit)) |
	    window_spaces(w, white, absorbed,
		r.family == SPLIT_DEEPSEEK ? w->digit : 0) |
	    (w->letter & ~(w->letter << 1) &
		~(behind | (w->space | w->tab) << 1));
	if (r.cased) {
		/* Where a word ends that has upper case behind letters without
		 * depends on the rest of it, and marks go with more than one
		 * of punctuation. */
		uint64_t unclear = (w->upper & w->free << 1) |
		    (w->mark & punct << 1 & ~behind);

		starts |= w->upper & (w->letter & ~w->upper) << 1;
		if (unclear != 0)
			*limit = window_min(*limit,
			    (unsigned)__builtin_ctzll(unclear));
	}
	if (w->quote != 0 && r.contractions != SPLIT_NONE)
		starts = window_contractions(w, p, n, starts,
		    w->quote &
			(r.contractions == SPLIT_SUFFIX ? w->letter << 1
							: lone),
		    r.contractions == SPLIT_SUFFIX, true, limit);
	return starts;
}

/* SPLIT_GPT2: runs of one kind, each with the space before it. */
ALWAYS_INLINE uint64_t
window_gpt2(const struct window *w, const uint8_t *p, unsigned n,
    unsigned *limit)
{
	uint64_t white = w->space | w->tab | w->newline;
	uint64_t all = window_low_bits(n);
	uint64_t punct = all & ~(w->letter | w->digit | white);
	uint64_t own = (w->letter & ~(w->letter << 1)) |
	    (w->digit & ~(w->digit << 1)) | (punct & ~(punct << 1));
	uint64_t starts;

	*limit = window_limit(white, all & ~white, n);
	own &= ~(w->space << 1);
	starts = own | (white & ~(white << 1)) | (white & ~(white >> 1));
	if (w->quote == 0)
		return starts;
	/* A contraction is one piece: the letter in it does not start. */
	for (uint64_t q = w->quote & own; q != 0; q &= q - 1) {
		unsigned i = (unsigned)__builtin_ctzll(q);

		if (i + 3 <= n && split_contraction(p + i, p + n, false) > 0)
			starts &= ~(UINT64_C(2) << i);
	}
	return window_contractions(w, p, n, starts, w->quote & own, false,
	    false, limit);
}

/*
 * The certain starts of pieces among the first n bytes at p, of which w says
 * all; it has only bits below n.  Bit 0 is set unless nothing is certain.
 */
ALWAYS_INLINE uint64_t
window_starts(const struct window *w, const uint8_t *p, unsigned n,
    const struct split_rule r)
{
	unsigned limit;
	uint64_t starts;

	starts = r.family == SPLIT_GPT2 ? window_gpt2(w, p, n, &limit)
					: window_words(w, p, n, r, &limit);
	return starts & window_low_bits(limit);
}

#endif
