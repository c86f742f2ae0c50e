#ifndef COUNT_SPECIAL_H
#define COUNT_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vocab/vocab.h"

struct tk_buf;

/*
 * Special tokens: texts that are one token each, when asked for.
 *
 * Those of the encodings that are built in are rows of a table (builtin.c);
 * those of a packed file stand in it.  An encoding has the one or the other.
 */
struct special_row {
	uint32_t first, last; /* ids */
	const char *text;     /* of all of them, if there is no tail; else: */
	const char *tail;     /* text, a number counted from start, tail */
	uint32_t start;
};

struct special_source {
	const struct special_row *rows; /* ends with a row without text */
	const struct vocab *v;          /* or NULL */
	bool always;                    /* rows: found without being asked */
};

/* Append the text of an id: 1, or 0 when it is none of them. */
int special_text(const struct special_source *from, uint32_t id,
    struct tk_buf *out);

struct special {
	const uint8_t *text;
	uint32_t len;
	uint32_t id;
};

/* All of them, or those alone that are always found, sorted by text for the
 * search. */
struct special_set;
struct special_set *special_set_new(const struct special_source *from,
    bool all);
void special_set_free(struct special_set *set);        /* NULL is fine */
size_t special_longest(const struct special_set *set); /* 0: there is none */

/* The n-th, NULL after the last. */
const struct special *special_at(const struct special_set *set, size_t n);

/*
 * The first that begins at *at or later in a text of n bytes, the longest of
 * those there; *at is where.  NULL: there is none, and *at is n.
 */
const struct special *special_find(const struct special_set *set,
    const uint8_t *p, size_t n, size_t *at);

#endif
