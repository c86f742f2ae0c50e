#ifndef COUNT_CLASS_H
#define COUNT_CLASS_H

#include <stdint.h>

/*
 * What a code point is to the patterns that cut text into pieces: its
 * general category in Unicode 16.0, as far as they ask for it.  White space
 * is the property White_Space, and comes before the category.
 */
enum count_class {
	CLASS_LOWER,    /* Ll */
	CLASS_UPPER,    /* Lu Lt */
	CLASS_CASELESS, /* Lm Lo */
	CLASS_MARK,     /* Mn Mc Me */
	CLASS_NUMBER,   /* Nd Nl No */
	CLASS_SPACE,
	CLASS_OTHER, /* Cc Cf Co Cs and not assigned */
	CLASS_PUNCT, /* P* S* */
};

/*
 * Made by class_tool.c: the upper bits of a code point give a block of 64.
 * The six bits of a UTF-8 continuation byte are one step, so the walk needs
 * no code point.
 */
extern const uint16_t count_class_block[0x110000 / 64];
extern const uint8_t count_class_of[][64];

/*
 * By the lower half of the first of three bytes: the last range of second
 * ones, from [0] to [1], of which all third ones make a letter without case.
 * Those of Han and Hangul are among them, but for a few.
 */
extern const uint8_t count_class_caseless[2][16];

static inline enum count_class
count_class_at(uint32_t block, uint32_t low)
{
	return (enum count_class)count_class_of[count_class_block[block]][low];
}

#endif
