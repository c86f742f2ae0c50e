#ifndef TOKENIZER_REGEX_PARSE_H
#define TOKENIZER_REGEX_PARSE_H

#include <string.h>

#include "tokenizer/regex_int.h"

/*
 * What the two halves of reading an expression share: regex_parse.c makes
 * the program, regex_set.c the sets that it asks for.
 */
struct regex_parse {
	struct regex *r;
	const char *s, *end;
	const char *wrong; /* why it cannot be done; NULL so far */
	uint32_t before;   /* the letter before, where case does not matter */
	bool fold;         /* (?i: */
	int depth;
};

/* The items of a set, until all of them are known. */
struct regex_items {
	struct regex_item *item;
	uint32_t n;
};

/* The first reason stays; false. */
static inline bool
regex_wrong(struct regex_parse *x, const char *why)
{
	if (x->wrong == NULL)
		x->wrong = why;
	return false;
}

static inline bool
regex_is_next(const struct regex_parse *x, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(x->end - x->s) >= n && memcmp(x->s, text, n) == 0;
}

static inline bool
regex_skip(struct regex_parse *x, const char *text)
{
	bool there = regex_is_next(x, text);

	x->s += there ? strlen(text) : 0;
	return there;
}

/* The character that is next, as it is. */
uint32_t regex_literal(struct regex_parse *x);

/*
 * What stands behind a backslash: a character, or items of a set, and then
 * *cp is REGEX_NONE.
 */
bool regex_escape(struct regex_parse *x, struct regex_items *to, bool in_set,
    uint32_t *cp);

void regex_add_item(struct regex_items *to, enum regex_item_kind kind,
    uint32_t a, uint32_t b, bool negated);

/* Characters a to b, in both cases where that is asked for. */
bool regex_add_range(struct regex_parse *x, struct regex_items *to, uint32_t a,
    uint32_t b);

/* A set of these items, which are let go of. */
uint32_t regex_add_set(struct regex_parse *x, struct regex_items *from,
    uint32_t also, bool negated);

/* Behind "[", or behind "&&", which goes on to the same "]". */
bool regex_parse_set(struct regex_parse *x, bool inner, uint32_t *set);

#endif
