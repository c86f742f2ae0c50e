#ifndef OUT_OUT_GRID_INT_H
#define OUT_OUT_GRID_INT_H

#include <string.h>

#include "out/out_cells.h"
#include "out/out_int.h"

/* What out_grid.c keeps, for those that look at each cell of millions. */
struct special {
	size_t row;
	enum out_row kind;
	char *label;
};

struct out_grid {
	struct out_cells *cells; /* texts are clean, each with its NUL */
	int *at;                 /* by column: its cell in a row, or -1 */
	size_t rows;
	struct special *specials; /* rows that are not data */
	size_t nspecials;
};

static inline struct out_cell *
out_grid_cell_at(const struct out *o, size_t row, int col)
{
	const struct out_grid *g = o->grid;

	return out_cells_at(g->cells, row) + g->at[col];
}

/* What stands beside the cell that was asked for last. */
static inline const char *
out_grid_text_at(const struct out *o, const struct out_cell *c)
{
	return out_cells_text(o->grid->cells)->s + c->n;
}

static inline tk_int128
out_grid_value(const struct out *o, const struct out_cell *c)
{
	tk_int128 n = c->n;

	if (c->wide)
		memcpy(&n, out_grid_text_at(o, c), sizeof(n));
	return c->null || c->word ? 0 : n;
}

/* Close enough for the least number, which has no positive twin. */
static inline tk_int128
out_grid_magnitude(tk_int128 n)
{
	const tk_int128 least = -((((tk_int128)1 << 126) - 1) * 2 + 1) - 1;

	return n >= 0 ? n : n == least ? -(n + 1) : -n;
}

/* The least that so many decimals show. */
static inline tk_int128
out_grid_unit(int decimals)
{
	tk_int128 unit = TK_PICO_PER_USD;

	while (decimals-- > 0)
		unit /= 10;
	return unit;
}

#endif
