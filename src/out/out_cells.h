#ifndef OUT_OUT_CELLS_H
#define OUT_OUT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The cells of a table, row by row, as they are kept until all are known.
 * There may be millions of rows: memory has the first ones, and the others, if
 * there can be such a file, are in one without a name.  So going over them in
 * their order costs little, and a cell stays where it is only until one of
 * another row is asked for.
 */
struct out_cell {
	int64_t n; /* the value, or where it stands in out_cells_text() */
	bool null;
	bool wide; /* it is a number that stands there */
	bool word; /* a text in a column of another type */
	char mark;
};

struct out_cells;

struct out_cells *out_cells_new(size_t per_row);
void out_cells_free(struct out_cells *c); /* NULL is fine */

/* Another row, whose cells are null. */
void out_cells_add(struct out_cells *c);

/* The cells of a row, and the texts of the row that was asked for last. */
struct out_cell *out_cells_at(struct out_cells *c, size_t row);
struct tk_buf *out_cells_text(struct out_cells *c);

/* The errno of what went wrong with the file; cells are null then. */
int out_cells_error(const struct out_cells *c);

#endif
