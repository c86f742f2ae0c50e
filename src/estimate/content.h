#ifndef ESTIMATE_CONTENT_H
#define ESTIMATE_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"

/*
 * What a text is like, as far as tokenizers treat it differently: prose,
 * code, East Asian script, or another script than Latin.
 *
 * Sums of bytes, so the parts of a text can be looked at in any order and by
 * several threads: add up, then ask for the class.  Bytes may be anything.
 */
struct content {
	int64_t bytes;
	int64_t chars; /* bytes that begin a character */
	int64_t letters, digits, space;
	int64_t
	    marks;   /* braces, operators and the like: what code is made of */
	int64_t cjk; /* U+3000 to U+DFFF: kana, hanzi, Hangul */
	int64_t other; /* the other characters that are not ASCII */
};

enum content_class {
	CONTENT_PROSE,
	CONTENT_CODE,
	CONTENT_CJK,
	CONTENT_OTHER,
	CONTENT_CLASSES,
};

/* "prose", "code", "cjk", "other". */
extern const struct tk_choice content_classes[];
const char *content_class_name(enum content_class c);

void content_add(struct content *c, const void *bytes, size_t n);
void content_sum(struct content *to, const struct content *more);

/*
 * More than an eighth of the characters decides for East Asian, a sixth for
 * another script than Latin; code is where more than 6 in 100 are marks.
 */
enum content_class content_class(const struct content *c);

#endif
