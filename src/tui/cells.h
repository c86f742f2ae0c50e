#ifndef TUI_CELLS_H
#define TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/num.h"

struct tk_buf;

/*
 * A screen as a grid of cells.
 *
 * What is drawn goes here first, and knows nothing of terminals: the same
 * grid is printed as text (top -b) or shown on a terminal.  So what a screen
 * looks like is tested without one, at any size.
 *
 * A cell holds one character of one or two columns.  Texts may be anything:
 * what must not reach a terminal becomes '?', and marks that combine are left
 * out.  With ascii, every glyph has a twin of the same width.
 *
 * Two things are always mistakes of a layout, and are counted in "faults": to
 * draw on what is drawn already, and to cut a number at the edge.
 */
enum cell_role {
	ROLE_PLAIN,
	ROLE_DIM,
	ROLE_HEAD,
	ROLE_SELECTED,
	ROLE_OK,
	ROLE_WARN,
	ROLE_OVER,
	ROLE_KEY,
	ROLE_TITLE,
	ROLE_STATE, /* that something is not as usual */
	ROLES,
};

struct cell {
	int32_t c; /* a code point; 0: the right half of a wide one */
	enum cell_role role;
};

struct cells {
	int w, h;
	bool ascii;
	int faults;
	struct cell *cell; /* h rows of w */
};

/* What is less than 1 becomes 1, what is more than 1,000 becomes that. */
void cells_init(struct cells *g, int w, int h, bool ascii);
void cells_release(struct cells *g);
void cells_clear(struct cells *g);
void cells_clear_row(struct cells *g, int y);

/* Draw from column x on; what is beyond the edges is cut.  Returns the column
 * after it. */
int cells_put(struct cells *g, int y, int x, enum cell_role role,
    const char *text);
int cells_putf(struct cells *g, int y, int x, enum cell_role role,
    const char *fmt, ...) TK_PRINTF(5, 6);

/* Ending before column end; nothing if there is no room for all of it. */
void cells_put_right(struct cells *g, int y, int end, enum cell_role role,
    const char *text);

/* A name, shortened to so many columns, keeping both ends. */
void cells_put_name(struct cells *g, int y, int x, int columns,
    enum cell_role role, const char *name);

/* Columns of a text as cells_put() draws it. */
int cells_width(const char *text);

/* part of whole as a bar of w columns; a mark shows how much of the time has
 * passed (pace of 1,000; < 0: no mark). */
void cells_fill(struct cells *g, int y, int x, int w, enum cell_role role,
    tk_int128 part, tk_int128 whole, int pace);
/* The same in brackets: w + 2 columns. */
void cells_bar(struct cells *g, int y, int x, int w, enum cell_role role,
    tk_int128 part, tk_int128 whole, int pace);

/* n values as columns of up to eight steps; nothing for 0. */
void cells_spark(struct cells *g, int y, int x, enum cell_role role,
    const tk_int128 *value, int n);

/* The row from x on, up to column end, as a line. */
void cells_rule(struct cells *g, int y, int x, int end, enum cell_role role);

/* One column of a chart, two cells wide and h rows high, that ends above row
 * y: part of whole. */
void cells_column(struct cells *g, int y, int x, int h, enum cell_role role,
    tk_int128 part, tk_int128 whole);

/* Change the role of so many cells, not what is in them. */
void cells_paint(struct cells *g, int y, int x, int w, enum cell_role role);

/* A box over whatever is there; one title on the left of its upper edge, one
 * ("" for none) on the right. */
void cells_frame(struct cells *g, int y, int x, int h, int w, const char *title,
    const char *right);

/* The rows as text, without blanks at their ends; with color, in the colours
 * of the roles. */
void cells_print(const struct cells *g, bool color, struct tk_buf *b);

#endif
