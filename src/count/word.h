#ifndef COUNT_WORD_H
#define COUNT_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "vocab/table.h"

/*
 * Words of 8 to 12 bytes as numbers below 2^56: 7 to 11 ASCII letters, perhaps
 * behind one other byte.  From the lowest digit on
 *
 *	the letters, in base 27: 1 to 26, or 0 behind the last
 *	the form: what is before them, and their case
 *
 * so that two words have different numbers.  Three of four new pieces of that
 * length are such words in English, half of them in programs.
 */
enum { WORD_LEAST = 7, WORD_MOST = 11 };

#define WORD_BASE3 UINT64_C(19683)        /* 27^3 */
#define WORD_BASE8 UINT64_C(282429536481) /* 27^8 */

/* Eight times the same byte. */
#define WORD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Which of eight bytes are letters, as their topmost bits. */
static inline uint64_t
word_letters(uint64_t x)
{
	uint64_t low = (x | WORD_EACH(0x20)) & WORD_EACH(0x7f);

	return (low + WORD_EACH(0x80 - 'a')) & ~(low + WORD_EACH(0x7f - 'z')) &
	    ~x & WORD_EACH(0x80);
}

/* Up to eight letters in base 27; behind them are zeros. */
static inline uint64_t
word_base27(uint64_t x)
{
	const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
	const uint64_t pairs = UINT64_C(0x0000ffff0000ffff);

	x &= WORD_EACH(0x1f);
	x = (x & even) + 27 * (x >> 8 & even);
	x = (x & pairs) + 729 * (x >> 16 & pairs);
	return (x & UINT32_MAX) + 531441 * (x >> 32);
}

/* The number of what has this key (vocab/table.h), or 0: it is no word, or of
 * a form for which there is no room.  Without branches, which could not be
 * foreseen. */
static inline uint64_t
word_number(struct vocab_key16 key)
{
	/* By what is before them, 'a' for nothing: lower case, the first one
	 * upper case, all. */
	static const uint8_t forms[256][4] = { ['a'] = { 1, 2, 3 },
		[' '] = { 4, 5, 6 },
		['_'] = { 7, 0, 8 },
		['.'] = { 9, 0, 0 },
		['-'] = { 10, 0, 0 },
		['/'] = { 11, 0, 0 },
		['\t'] = { 12, 0, 0 } };
	unsigned before = (word_letters(key.lo) >> 7 & 1) ^ 1, form;
	unsigned first = 'a' ^ (('a' ^ key.lo) & 0xff & (0 - before));
	unsigned n = (unsigned)(key.hi >> 56) - before, under8 = (n - 8) >> 31;
	uint64_t lo = key.lo, hi = key.hi << 8 >> 8;
	uint64_t in_lo, in_hi, up_lo, up_hi, odd, number;
	bool all, one, is_word;

	/* As in text of other scripts, of one piece after the other. */
	if ((key.lo & WORD_EACH(0x80)) != 0)
		return 0;
	lo = lo >> 8 * before | hi << 1 << (63 - 8 * before);
	hi >>= 8 * before;
	in_lo = word_letters(lo);
	in_hi = word_letters(hi);
	up_lo = ~lo & in_lo >> 2;
	up_hi = ~hi & in_hi >> 2;
	all = up_lo == in_lo >> 2 && up_hi == in_hi >> 2;
	one = up_lo == 0x20 && up_hi == 0;
	form = forms[first][2 * all + one];
	/* All that is behind that one, and only that, is letters. */
	odd = (in_lo ^ WORD_EACH(0x80) >> 8 * under8) |
	    (in_hi ^
		(WORD_EACH(0x80) &
		    ((UINT64_C(1) << (8 * (n - 8 + under8) & 63)) - 1)));
	number = word_base27(lo) +
	    WORD_BASE8 * (word_base27(hi) + WORD_BASE3 * (form - 1));
	is_word = (n - WORD_LEAST <= WORD_MOST - WORD_LEAST) & (form != 0) &
	    (odd == 0) & (all | one | ((up_lo | up_hi) == 0));
	return number & (0 - (uint64_t)is_word);
}

#endif
