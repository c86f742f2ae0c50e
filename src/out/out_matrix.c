/*
 * The picture of a matrix: its columns that are periods are the places along
 * the axis, and its rows, of which the largest come first, the parts of each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "out/out_chart.h"

static bool
is_period(const struct out *o, int col)
{
	return o->shown[col] && (o->cols[col].flags & OUT_PERIOD) &&
	    (o->cols[col].type == OUT_INT || o->cols[col].type == OUT_MONEY);
}

int
out_matrix_value(const struct out *o)
{
	for (int i = 0; i < o->ncols; i++)
		if (is_period(o, i))
			return i;
	return -1;
}

/* What a row is of: its first columns, as "bob, gpt-4.1". */
static void
add_name(const struct out_chart *c, size_t row, struct tk_buf *b)
{
	for (int i = 0; i < c->value; i++) {
		if (!c->o->shown[i])
			continue;
		tk_buf_adds(b, b->len > 0 ? ", " : "");
		out_grid_text(c->o, &c->all[i], row, i, b);
	}
}

/* The rows that have a colour of their own; the last one stands for more. */
static void
name_parts(struct out_chart *c, size_t rows)
{
	struct tk_buf b = TK_BUF_INIT;
	bool more = rows > OUT_CHART_PARTS;

	c->parts = more ? OUT_CHART_PARTS : rows;
	c->part = tk_xcalloc(OUT_CHART_PARTS, sizeof(*c->part));
	for (size_t row = 0, i = 0; i < c->parts; row++) {
		if (out_grid_kind(c->o, row) != OUT_ROW_DATA)
			continue;
		tk_buf_reset(&b);
		if (more && i == c->parts - 1)
			tk_buf_adds(&b, "other");
		else
			add_name(c, row, &b);
		c->part[i++] = tk_xstrdup(b.s);
	}
	tk_buf_release(&b);
}

static void
add_place(struct out_chart *c, int col)
{
	const struct out *o = c->o;
	const char *title = o->cols[col].title;
	size_t len = strlen(title), place = c->places++, part = 0;
	tk_int128 sum;

	c->place[place] = tk_xstrdup(title);
	c->open[place] = len > 0 && title[len - 1] == '*';
	if (c->open[place])
		c->place[place][len - 1] = '\0';
	for (size_t row = 0; row < out_grid_rows(o); row++) {
		if (out_grid_kind(o, row) != OUT_ROW_DATA)
			continue;
		c->n[place * c->parts + part] += out_chart_value(c, row, col);
		c->known[place] |= !out_grid_null(o, row, col);
		part += part + 1 < c->parts;
	}
	sum = out_chart_sum(c, place);
	if (sum > c->most) {
		c->most = sum;
		c->most_at = place;
	}
}

void
out_matrix_init(struct out_chart *c)
{
	const struct out *o = c->o;
	size_t rows = 0, periods = 0;

	for (size_t row = 0; row < out_grid_rows(o); row++)
		rows += out_grid_kind(o, row) == OUT_ROW_DATA;
	for (int i = 0; i < o->ncols; i++)
		periods += is_period(o, i);
	name_parts(c, rows);
	c->parts_col = c->key;
	c->place = tk_xcalloc(periods + 1, sizeof(*c->place));
	c->open = tk_xcalloc(periods + 1, sizeof(*c->open));
	c->known = tk_xcalloc(periods + 1, sizeof(*c->known));
	c->n = tk_xcalloc(periods * c->parts + 1, sizeof(*c->n));
	for (int i = 0; i < o->ncols; i++)
		if (is_period(o, i))
			add_place(c, i);
}
