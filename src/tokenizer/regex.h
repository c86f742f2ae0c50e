#ifndef TOKENIZER_REGEX_H
#define TOKENIZER_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Regular expressions of tokenizer.json files, those that cut text or
 * replace parts of it, as Oniguruma has them: characters, sets with ranges,
 * properties of categories, nested sets and "&&", groups, alternatives,
 * greedy quantifiers, possessive ones of one character or set, (?i:...), and
 * looking ahead at one character.  The leftmost match is found, and of those
 * there the one that is tried first.
 *
 * What else there is (looking behind, anchors, references, lazy quantifiers)
 * is an error of regex_new(), as is an expression that can match nothing.
 * Categories are of Unicode 16.0.
 */
struct regex;

enum regex_flags {
	/* \w is of Unicode Technical Standard 18, as in Rust's expressions. */
	REGEX_UTS18 = 1 << 0,
};

int regex_new(struct regex **r, const char *s, size_t n, enum regex_flags flags,
    struct tk_err *err);
void regex_free(struct regex *r); /* NULL is fine */

enum regex_answer {
	REGEX_NO,
	REGEX_YES,
	REGEX_UNSURE, /* more text could change it */
	REGEX_LONG,   /* so many steps that it is given up */
};

/*
 * Whether a match begins at p[at] of n bytes of valid UTF-8, and where it
 * ends; final says that the text ends there.
 */
enum regex_answer regex_match(struct regex *r, const uint8_t *p, size_t n,
    size_t at, bool final, size_t *end);

/* So many steps were taken since regex_new(). */
uint64_t regex_steps(const struct regex *r);

#endif
