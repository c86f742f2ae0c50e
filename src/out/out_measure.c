/* How wide columns must be: each cell is looked at, few are spelled. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_grid_int.h"

static bool
is_right(enum out_type type)
{
	return type == OUT_INT || type == OUT_MONEY || type == OUT_RATIO ||
	    type == OUT_BYTES;
}

/*
 * What is known of a column while its cells are looked at, block by block: the
 * longest text of counts, money and times is that of the largest or the least,
 * so a cell between two that were looked at need not be spelled.  An amount
 * that is shown as less than the unit is longer than its number.
 */
struct survey {
	bool any;
	int32_t day;
	tk_int128 least, most, tiny;
	struct tk_buf text;
};

/* What must be known of the whole column before one cell can be written. */
static void
look_at(const struct out *o, struct out_layout *l, struct survey *s, size_t row,
    int col)
{
	const struct out_cell *c = out_grid_cell_at(o, row, col);
	tk_int128 n;

	l->mark |= c->mark != 0;
	if (c->null || c->word)
		return;
	n = out_grid_magnitude(out_grid_value(o, c));
	if (n > l->most)
		l->most = n;
	if (o->cols[col].type == OUT_TIME && l->one_day) {
		int32_t d = tk_zone_day(o->style.zone, (int64_t)c->n);

		l->one_day = !s->any || d == s->day;
		s->day = d;
		s->any = true;
	}
}

static bool
is_between(struct survey *s, enum out_type type, tk_int128 n)
{
	if (type != OUT_INT && type != OUT_MONEY && type != OUT_TIME &&
	    type != OUT_DAY)
		return false;
	if (type == OUT_MONEY && n != 0 && out_grid_magnitude(n) <= s->tiny)
		return false;
	if (s->any && n >= s->least && n <= s->most)
		return true;
	s->least = !s->any || n < s->least ? n : s->least;
	s->most = !s->any || n > s->most ? n : s->most;
	s->any = true;
	return false;
}

static void
measure(const struct out *o, struct out_layout *l, struct survey *s, size_t row,
    int col)
{
	const struct out_cell *cell = out_grid_cell_at(o, row, col);
	struct tk_buf *b = &s->text;
	size_t w;
	char mark;

	if (l->limit == 0 && !cell->null && !cell->word && cell->mark == 0 &&
	    (o->cols[col].flags & OUT_EXACT) == 0 &&
	    is_between(s, o->cols[col].type, out_grid_value(o, cell)))
		return;
	tk_buf_reset(b);
	mark = out_grid_text(o, l, row, col, b);
	w = tk_utf8_width(b->s, b->len);
	if (!l->right && mark != 0)
		w++;
	if (w > l->width)
		l->width = w;
}

typedef void visit_fn(const struct out *o, struct out_layout *l,
    struct survey *s, size_t row, int col);

/* All cells, in blocks of rows: those of a column one after the other, which
 * is faster than the other way, and those of far rows together. */
static void
visit(const struct out *o, struct out_layout *all, struct survey *s,
    visit_fn *fn)
{
	enum { BLOCK = 1024 };
	size_t rows = o->grid->rows;

	for (size_t from = 0; from < rows; from += BLOCK) {
		size_t to = from + BLOCK < rows ? from + BLOCK : rows;

		for (int i = 0; i < o->ncols; i++)
			for (size_t row = from; all[i].show && row < to; row++)
				fn(o, &all[i], &s[i], row, i);
	}
}

void
out_grid_measure(const struct out *o, struct out_layout *all)
{
	struct survey *s = tk_xcalloc((size_t)o->ncols + 1, sizeof(*s));

	for (int i = 0; i < o->ncols; i++) {
		if (!all[i].show)
			continue;
		all[i].right = is_right(o->cols[i].type);
		all[i].most = 0;
		all[i].one_day = true;
	}
	visit(o, all, s, look_at);
	for (int i = 0; i < o->ncols; i++) {
		const char *title = o->cols[i].title;

		if (!all[i].show)
			continue;
		all[i].decimals = tk_money_decimals(all[i].most);
		all[i].width = tk_utf8_width(title, strlen(title));
		s[i] =
		    (struct survey){ .tiny = out_grid_unit(all[i].decimals) / 2,
			    .text = TK_BUF_INIT };
	}
	visit(o, all, s, measure);
	for (int i = 0; i < o->ncols; i++) {
		if (!all[i].show)
			continue;
		tk_buf_release(&s[i].text);
		if (!all[i].right)
			all[i].mark = 0;
	}
	free(s);
}
