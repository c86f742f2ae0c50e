#ifndef COUNT_WINDOW_HIGH_H
#define COUNT_WINDOW_HIGH_H

#include "count/class.h"
#include "count/window.h"

/*
 * What is not ASCII in a window, as the bits of window.h; a character has its
 * bits at all of its bytes.  Included by an engine that defines
 *
 *	struct wide	64 bytes
 *	wide_read(p)
 *	wide_all(c)
 *	wide_and(x, y), wide_or(x, y)
 *	wide_equal(x, c), wide_not_below(x, y)	all bits of a byte, or none
 *	wide_in_16(t, x)	t[x & 15], of bytes x below 128
 *	wide_in_64(t, x)	t[x & 63], of bytes x above 127
 *	wide_bits(x, left)	the bytes of which so many bits from the left
 *		is one that is set
 *
 * The characters of a script are in few blocks of 64, whose characters differ
 * in the last byte alone.  So it goes by block: where is it, and of which
 * class is each character?  Han and Hangul have hundreds of blocks; what their
 * characters are follows from ranges.
 */
enum { HIGH_BLOCKS = 8 }; /* what is in more of them is left */

/* By class, from the left: a letter, one in upper case, one that has no case,
 * what ends the window, and a mark that is a letter. */
enum {
	HIGH_LETTER = 0x80,
	HIGH_UPPER = 0x40,
	HIGH_FREE = 0x20,
	HIGH_STOP = 0x10,
	HIGH_MARK = 0x08
};

static const uint8_t high_kinds[16] = {
	[CLASS_LOWER] = HIGH_LETTER,
	[CLASS_UPPER] = HIGH_LETTER | HIGH_UPPER,
	[CLASS_CASELESS] = HIGH_LETTER | HIGH_FREE,
	[CLASS_NUMBER] = HIGH_STOP,
	[CLASS_SPACE] = HIGH_STOP,
};
/* Where marks are letters. */
static const uint8_t high_kinds_cased[16] = {
	[CLASS_LOWER] = HIGH_LETTER,
	[CLASS_UPPER] = HIGH_LETTER | HIGH_UPPER,
	[CLASS_CASELESS] = HIGH_LETTER | HIGH_FREE,
	[CLASS_MARK] = HIGH_LETTER | HIGH_FREE | HIGH_MARK,
	[CLASS_NUMBER] = HIGH_STOP,
	[CLASS_SPACE] = HIGH_STOP,
};

/* The classes of what is in the block of the character at c, in the window at
 * p, which is v; *at is where. */
ALWAYS_INLINE struct wide
high_block(struct wide v, const uint8_t *p, const uint8_t *c, struct wide *at)
{
	struct wide last = wide_read(p + 1);
	uint32_t block = c[0] & 31;

	*at = wide_equal(v, c[0]);
	if (c[0] >= 0xe0) {
		*at = wide_and(*at, wide_equal(last, c[1]));
		block = (c[0] & 15u) << 6 | (c[1] & 63u);
		last = wide_read(p + 2);
	}
	if (c[0] >= 0xf0) {
		*at = wide_and(*at, wide_equal(wide_read(p + 2), c[2]));
		block = (c[0] & 7u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u);
		last = wide_read(p + 3);
	}
	return wide_and(*at,
	    wide_in_64(count_class_of[count_class_block[block]], last));
}

/* Where characters of three bytes are, of those of count_class_caseless. */
ALWAYS_INLINE struct wide
high_caseless(struct wide v, const uint8_t *p)
{
	struct wide low = wide_and(v, wide_all(15)), second = wide_read(p + 1);

	return wide_and(wide_equal(wide_and(v, wide_all(0xf0)), 0xe0),
	    wide_and(wide_not_below(second,
			 wide_in_16(count_class_caseless[0], low)),
		wide_not_below(wide_in_16(count_class_caseless[1], low),
		    second)));
}

ALWAYS_INLINE uint64_t
high_spread(uint64_t lead, uint64_t cont)
{
	lead |= lead << 1 & cont;
	lead |= lead << 1 & cont;
	return lead | (lead << 1 & cont);
}

/*
 * Add the characters of the first n bytes at p; returns of how many bytes w
 * then says all.
 */
ALWAYS_INLINE unsigned
window_high(struct window *w, const uint8_t *p, unsigned n, bool marks)
{
	struct wide v = wide_read(p), class, at;
	uint64_t cont = w->high & ~wide_bits(v, 1), lead, todo, stop;
	unsigned last, more;

	lead = w->high & ~cont & window_low_bits(n);
	/* The last one may end behind the window. */
	last = 63 - (unsigned)__builtin_clzll(lead | 1);
	more = 1u + (p[last] >= 0xe0) + (p[last] >= 0xf0);
	/* Not as a condition, of which a branch would be made. */
	n += (last - n) & (unsigned)((int)(n - 1 - last - more) >> 31);
	lead &= window_low_bits(n);
	at = high_caseless(v, p);
	class = wide_and(at, wide_all(CLASS_CASELESS));
	todo = lead & ~wide_bits(at, 0);
	for (int i = 0; i < HIGH_BLOCKS && todo != 0; i++) {
		class = wide_or(class,
		    high_block(v, p, p + __builtin_ctzll(todo), &at));
		todo &= ~wide_bits(at, 0);
	}
	class = wide_in_16(marks ? high_kinds_cased : high_kinds, class);
	w->mixed = todo != 0;
	lead &= ~todo;
	w->cont = cont;
	w->letter |= high_spread(lead & wide_bits(class, 0), cont);
	w->upper |= high_spread(lead & wide_bits(class, 1), cont);
	w->free = high_spread(lead & wide_bits(class, 2), cont);
	w->mark = lead & wide_bits(class, 4);
	stop = todo | (lead & wide_bits(class, 3));
	return window_min(n, stop != 0 ? (unsigned)__builtin_ctzll(stop) : 64);
}

#endif
