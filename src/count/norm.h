#ifndef COUNT_NORM_H
#define COUNT_NORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "count/bytes.h"

/*
 * Normalization forms C and KC of Unicode 16.0 (Unicode Standard Annex 15),
 * for text that comes in parts.
 *
 * Between two characters there is a boundary when nothing before it can
 * change what becomes of the text behind it: the second one decomposes to
 * what begins with a character of class 0 that is never the second of a
 * composition.  What stands between two boundaries is decomposed, ordered
 * and composed by itself; a single character that is in the form already is
 * copied, so most text costs one look at a table for each character, and
 * ASCII less.
 *
 * Memory grows with the longest text without a boundary only: that is, with
 * an endless run of combining marks.
 */
enum norm_form { NORM_NONE, NORM_C, NORM_KC };

/* What is needed while one segment is worked on; all zero at first. */
struct norm {
	uint32_t *cp;
	uint8_t *class; /* canonical combining class of each */
	size_t n, cap;
	uint32_t *sorted; /* of the same capacity */
};

void norm_release(struct norm *z);

/*
 * Append the form of the n bytes at p, which are valid UTF-8, to out, as far
 * as it is certain: all of it if it is the final part.  Returns how many
 * bytes were used; the rest is to be given again, with more behind it.
 */
size_t norm_add(struct norm *z, enum norm_form form, const uint8_t *p, size_t n,
    bool final, struct count_bytes *out);

/* The tables, made by norm_tool.c; see there. */
enum norm_flags {
	NORM_C_BOUNDARY = 1 << 0, /* there is one before it */
	NORM_C_SAME = 1 << 1,     /* and alone it is what it becomes */
	NORM_KC_BOUNDARY = 1 << 2,
	NORM_KC_SAME = 1 << 3,
	NORM_HAS_CLASS = 1 << 4,
};

struct norm_map {
	uint32_t code, at; /* norm_codes[at] and following */
	uint32_t len;
};

struct norm_pair {
	uint32_t first, second, code;
};

struct norm_class {
	uint32_t from, to;
	uint8_t class;
};

extern const uint8_t norm_block[0x110000 / 64];
extern const uint8_t norm_flags_of[][64];
extern const uint32_t norm_codes[];
/* All sorted, by code, by first and second, by from. */
extern const struct norm_map norm_canon[], norm_compat[];
extern const struct norm_pair norm_pairs[];
extern const struct norm_class norm_classes[];
extern const size_t norm_canons, norm_compats, norm_pair_count,
    norm_class_count;

/* Hangul syllables, chapter 3.12 of the standard. */
enum {
	HANGUL_S = 0xac00,
	HANGUL_L = 0x1100,
	HANGUL_V = 0x1161,
	HANGUL_T = 0x11a7,
	HANGUL_LS = 19,
	HANGUL_VS = 21,
	HANGUL_TS = 28,
	HANGUL_SS = HANGUL_LS * HANGUL_VS * HANGUL_TS,
};

#endif
