#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stddef.h>

#include "store/store.h"

/*
 * All rows of a statement as structs, with texts of their own: for who tells
 * of them to a function that may write or ask itself, which it may not while
 * the statement is open.
 *
 *	static const struct row_kind quotas = { sizeof(struct quota), read_row,
 *		{ offsetof(struct quota, zone), ROW_END } };
 *	struct rows rows;
 *
 *	rc = rows_read(&rows, &quotas, st, sql, err);
 *	for (size_t i = 0; rc == 0 && i < rows.n; i++)
 *		rc = fn(rows_at(&rows, i), data, err);
 *	rows_release(&rows);
 */
#define ROW_END ((size_t)-1)

struct row_kind {
	size_t size;
	void (*read)(const struct stmt *q, void *row);
	size_t texts[8]; /* where a row has its const char *, to ROW_END */
};

struct rows {
	const struct row_kind *kind;
	char *v;
	size_t n, room;
};

int rows_read(struct rows *r, const struct row_kind *kind, struct store *st,
    const char *sql, struct tk_err *err);
const void *rows_at(const struct rows *r, size_t i);
void rows_release(struct rows *r);

#endif
