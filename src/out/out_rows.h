#ifndef OUT_OUT_ROWS_H
#define OUT_OUT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out/out.h"

/*
 * Rows of CSV, JSON and JSON Lines, many at once, straight from structs.
 *
 * What out_text(), out_int() and the others write, byte for byte, for who has
 * millions of rows: what a column is, is said once, and rows are spelled into
 * memory of their own, by any thread, before they join a document in order:
 *
 *	out_begin(o, cols);
 *	if (out_takes_rows(o)) {
 *		names = out_names_new(o, most);
 *		rows = out_rows_new(o, names, fields);
 *		out_names_add(names, 7, "alice");
 *		if (out_rows_add(rows, structs) != 0)
 *			...a name is missing...
 *		out_put_rows(o, rows);
 *	}
 */
struct out_rows;
struct out_names;

/* Whether the format has such rows; else they are written cell by cell. */
bool out_takes_rows(const struct out *o);

/* Where the value of a column is, in one of two structs; one for each column,
 * whether the format shows it or not.  OUT_NONE in place of a number is null.
 */
#define OUT_NONE INT64_MIN

enum out_field_kind {
	OUT_FIELD_NULL,  /* always null */
	OUT_FIELD_INT,   /* int64_t */
	OUT_FIELD_MONEY, /* int64_t */
	OUT_FIELD_TIME,  /* int64_t */
	OUT_FIELD_TEXT,  /* const char *, may be NULL */
	OUT_FIELD_JSON,  /* const char *, may be NULL */
	OUT_FIELD_NAME,  /* uint32_t: the number of a name; 0: null */
	OUT_FIELD_WORD,  /* int64_t: the value of a word of OUT_TEXT, if any;
			  * for OUT_BOOL 0 or 1, and words are not needed */
};

enum { OUT_STRUCTS = 2 };

struct out_field {
	enum out_field_kind kind;
	int from; /* which of the structs */
	size_t at;
	const struct tk_choice *words; /* with values from 0 to 15 */
};

/*
 * Texts that come again and again, spelled once, by number.  One thread adds,
 * before the rows or while others spell some: they see it, or not yet.
 */
struct out_names *out_names_new(const struct out *o, uint32_t most);
void out_names_free(struct out_names *n); /* NULL is fine */
bool out_names_has(const struct out_names *n, uint32_t id);
/* NULL text is null; ids from 1 to most. */
void out_names_add(struct out_names *n, uint32_t id, const char *text);

/*
 * There may be more names than a processor's nearest memory holds: say early
 * which one a row will have, and nearly so late once more, and it will not
 * be waited for.
 */
void out_names_expect(const struct out_names *n, uint32_t id, bool soon);

/* For the writers of documents with the same format and columns as o has,
 * which is not looked at later, but for its zone.  names is shared, and may be
 * NULL if no field is one. */
struct out_rows *out_rows_new(const struct out *o, const struct out_names *n,
    const struct out_field *fields);
void out_rows_free(struct out_rows *r); /* NULL is fine */
void out_rows_clear(struct out_rows *r);

/* 0: a row more; else the number of a name that is not there yet, and the
 * rows are as before. */
uint32_t out_rows_add(struct out_rows *r, const void *const from[OUT_STRUCTS]);

size_t out_rows_count(const struct out_rows *r);

/* They join the document, and are cleared. */
void out_put_rows(struct out *o, struct out_rows *r);

#endif
