/*
 * All rows, kept until the end: tables cannot start before the widest cell
 * is known.  Values are kept as they are, so that a column can be shown in
 * more than one way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_grid_int.h"

struct ratio {
	tk_int128 part, whole;
};

struct narrow_ratio { /* nearly all are */
	int64_t part, whole;
};

void
out_grid_begin(struct out *o)
{
	size_t shown = 0;

	o->grid = tk_xcalloc(1, sizeof(*o->grid));
	o->grid->at = tk_xcalloc((size_t)o->ncols + 1, sizeof(*o->grid->at));
	for (int i = 0; i < o->ncols; i++)
		o->grid->at[i] = o->shown[i] ? (int)shown++ : -1;
	o->grid->cells = out_cells_new(shown);
}

/* The next part has rows of its own. */
void
out_grid_part(struct out *o, const struct out_part *part)
{
	(void)part;
	out_grid_free(o->grid);
	out_grid_begin(o);
}

/* Shades and heights, and their ASCII twins of the same width; NULL: another
 * character. */
static const char *
picture_of(char c, bool utf8)
{
	static const char *const shades[] = { "\u00b7", "\u2591", "\u2592",
		"\u2593", "\u2588" };
	static const char *const shade_twins[] = { " ", ".", ":", "+", "#" };
	static const char *const heights[] = { "\u00b7", "\u2581", "\u2582",
		"\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	/* By how much ink there is. */
	static const char *const height_twins[] = { " ", ".", ":", "-", "=",
		"+", "*", "#", "%" };

	unsigned shade = (unsigned char)c - 1U;
	unsigned height = (unsigned char)c - (unsigned)OUT_HEIGHT;

	if (shade < TK_LEN(shades))
		return (utf8 ? shades : shade_twins)[shade];
	if (height < TK_LEN(heights))
		return (utf8 ? heights : height_twins)[height];
	return NULL;
}

static void
add_shades(const struct out *o, struct tk_buf *b, const char *s)
{
	while (*s != '\0') {
		const char *picture = picture_of(*s, o->style.utf8);
		size_t n = 0;

		if (picture != NULL) {
			tk_buf_adds(b, picture);
			s++;
			continue;
		}
		while (s[n] != '\0' && picture_of(s[n], true) == NULL)
			n++;
		tk_utf8_add_clean(b, s, n);
		s += n;
	}
}

void
out_grid_cell(struct out *o, const struct out_col *c, const struct out_val *v)
{
	struct out_grid *g = o->grid;
	struct out_cell *to;
	struct tk_buf *text;

	if (o->first)
		out_cells_add(g->cells);
	o->first = false;
	to = out_grid_cell_at(o, g->rows, o->col);
	text = out_cells_text(g->cells);
	*to = (struct out_cell){ .null = v->null };
	if (v->null && v->s == NULL)
		return;
	to->word = v->null || (o->row == OUT_ROW_SUMMARY && o->word);
	if (c->type == OUT_TEXT || c->type == OUT_JSON || to->word) {
		to->n = (int64_t)text->len;
		tk_utf8_add_clean(text, v->s, strlen(v->s));
		tk_buf_add(text, "", 1);
	} else if (c->type == OUT_SHADES) {
		to->n = (int64_t)text->len;
		add_shades(o, text, v->s);
		tk_buf_add(text, "", 1);
	} else if (c->type == OUT_RATIO) {
		struct ratio r = { v->n, v->of };
		struct narrow_ratio n = { (int64_t)v->n, (int64_t)v->of };

		to->n = (int64_t)text->len;
		to->wide = n.part != r.part || n.whole != r.whole;
		if (to->wide)
			tk_buf_add(text, &r, sizeof(r));
		else
			tk_buf_add(text, &n, sizeof(n));
	} else if (v->n >= INT64_MIN && v->n <= INT64_MAX) {
		to->n = (int64_t)v->n;
	} else {
		to->wide = true;
		to->n = (int64_t)text->len;
		tk_buf_add(text, &v->n, sizeof(v->n));
	}
}

void
out_grid_mark(struct out *o, char mark)
{
	if (!o->first)
		out_grid_cell_at(o, o->grid->rows, o->col - 1)->mark = mark;
}

void
out_grid_end_row(struct out *o)
{
	struct out_grid *g = o->grid;
	struct special *s;

	if (o->row != OUT_ROW_DATA) {
		g->specials = tk_xreallocarray(g->specials, g->nspecials + 1,
		    sizeof(*g->specials));
		s = &g->specials[g->nspecials++];
		s->row = g->rows;
		s->kind = o->row;
		s->label =
		    tk_xstrdup(o->row == OUT_ROW_TOTAL ? "Total" : o->label.s);
	}
	g->rows++;
}

void
out_grid_free(struct out_grid *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->nspecials; i++)
		free(g->specials[i].label);
	free(g->specials);
	free(g->at);
	out_cells_free(g->cells);
	free(g);
}

int
out_grid_error(const struct out_grid *g)
{
	return g == NULL ? 0 : out_cells_error(g->cells);
}

size_t
out_grid_rows(const struct out *o)
{
	return o->grid->rows;
}

static const struct special *
special_at(const struct out *o, size_t row)
{
	const struct out_grid *g = o->grid;

	for (size_t i = g->nspecials; i-- > 0;)
		if (g->specials[i].row == row)
			return &g->specials[i];
	return NULL;
}

enum out_row
out_grid_kind(const struct out *o, size_t row)
{
	const struct special *s = special_at(o, row);

	return s == NULL ? OUT_ROW_DATA : s->kind;
}

tk_int128
out_grid_number(const struct out *o, size_t row, int col)
{
	return out_grid_value(o, out_grid_cell_at(o, row, col));
}

bool
out_grid_null(const struct out *o, size_t row, int col)
{
	return out_grid_cell_at(o, row, col)->null;
}

/* An amount that is not nothing never looks like nothing: "<$0.01". */
static void
add_money(struct tk_buf *b, tk_int128 pico, int decimals,
    const struct tk_digits *d)
{
	tk_int128 unit = out_grid_unit(decimals);

	if (pico == 0 || out_grid_magnitude(pico) > unit / 2) {
		tk_money_add_human(b, pico, decimals, d);
		return;
	}
	tk_buf_adds(b, pico < 0 ? ">" : "<");
	tk_money_add_human(b, pico < 0 ? -unit : unit, decimals, d);
}

static void
add_day(struct tk_buf *b, int32_t day, bool brief)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	struct tk_buf date = TK_BUF_INIT;

	tk_day_add(&date, day);
	tk_buf_adds(b, date.s + (brief && date.len > 5 ? 5 : 0));
	tk_buf_addf(b, " %s", names[tk_day_weekday(day)]);
	tk_buf_release(&date);
}

static void
add_time(const struct out *o, const struct out_layout *l, int flags, int64_t ms,
    struct tk_buf *b)
{
	const struct tk_zone *z = o->style.zone;
	struct tk_buf date = TK_BUF_INIT;

	if (!l->brief && (flags & OUT_SECONDS) == 0) {
		tk_time_add_minute(b, z, ms);
		return;
	}
	tk_day_add(&date, tk_zone_day(z, ms));
	if (!l->brief)
		tk_buf_addf(b, "%s ", date.s);
	else if (!l->one_day)
		tk_buf_addf(b, "%s ", date.s + (date.len > 5 ? 5 : 0));
	tk_buf_reset(&date);
	tk_time_add_second(&date, z, ms);
	if (l->brief)
		tk_buf_add(b, date.s, date.len < 5 ? date.len : 5);
	else
		tk_buf_adds(b, date.s);
	tk_buf_release(&date);
}

static void
add_ratio(const struct out *o, const struct out_cell *c, bool whole,
    bool is_signed, struct tk_buf *b)
{
	const char *at = out_grid_text_at(o, c);
	struct narrow_ratio n;
	struct ratio r;

	if (c->wide) {
		memcpy(&r, at, sizeof(r));
	} else {
		memcpy(&n, at, sizeof(n));
		r = (struct ratio){ n.part, n.whole };
	}
	if (is_signed && r.part != 0 && (r.part > 0) == (r.whole > 0))
		tk_buf_adds(b, "+");
	tk_percent_add(b, r.part, r.whole, whole ? 0 : 1, o->style.digits);
}

static void
add_value(const struct out *o, const struct out_layout *l,
    const struct out_cell *cell, int col, struct tk_buf *b)
{
	tk_int128 n = out_grid_value(o, cell);
	const struct out_col *c = &o->cols[col];
	const char *text;

	switch (c->type) {
	case OUT_TEXT:
	case OUT_JSON:
		text = out_grid_text_at(o, cell);
		if (l->limit > 0)
			tk_utf8_add_short(b, text, strlen(text), l->limit);
		else
			tk_buf_adds(b, text);
		break;
	case OUT_INT:
		if (c->flags & OUT_PLAIN)
			tk_int128_add(b, n);
		else if (l->limit > 0)
			tk_int_add_short(b, n, l->limit, o->style.digits);
		else
			tk_int_add_grouped(b, n, o->style.digits);
		break;
	case OUT_BYTES:
		tk_bytes_add(b, (int64_t)n);
		break;
	case OUT_MONEY:
		add_money(b, n,
		    c->flags & OUT_EXACT ? tk_money_all_decimals(n)
					 : l->decimals,
		    o->style.digits);
		break;
	case OUT_TIME:
		add_time(o, l, c->flags, (int64_t)n, b);
		break;
	case OUT_DAY:
		add_day(b, (int32_t)n, l->brief);
		break;
	case OUT_RATIO:
		add_ratio(o, cell, l->brief || (c->flags & OUT_WHOLE),
		    c->flags & OUT_SIGNED, b);
		break;
	case OUT_BOOL:
		tk_buf_adds(b, n ? "yes" : "no");
		break;
	case OUT_SHADES:
		tk_buf_adds(b, out_grid_text_at(o, cell));
		break;
	case OUT_BAR: /* drawn, not written */
		break;
	}
}

static int
first_shown(const struct out *o)
{
	int i = 0;

	while (i < o->ncols - 1 && !o->shown[i])
		i++;
	return i;
}

size_t
out_grid_label_width(const struct out *o, int col)
{
	const struct out_grid *g = o->grid;
	size_t width = 0;

	if (col != first_shown(o))
		return 0;
	for (size_t i = 0; i < g->nspecials; i++) {
		const char *label = g->specials[i].label;
		size_t w = tk_utf8_width(label, strlen(label));

		width = w > width ? w : width;
	}
	return width;
}

static void
add_unknown(const struct out *o, size_t row, int col, struct tk_buf *b)
{
	const struct special *s = special_at(o, row);
	enum out_type type = o->cols[col].type;

	if (s != NULL && col == first_shown(o))
		tk_utf8_add_clean(b, s->label, strlen(s->label));
	else if (type == OUT_MONEY && (s == NULL || s->kind == OUT_ROW_TOTAL))
		tk_buf_adds(b, "n/a");
	else if (s == NULL && type != OUT_BAR)
		tk_buf_adds(b, "-");
}

char
out_grid_text(const struct out *o, const struct out_layout *l, size_t row,
    int col, struct tk_buf *b)
{
	const struct out_cell *c = out_grid_cell_at(o, row, col);

	if (c->word)
		tk_buf_adds(b, out_grid_text_at(o, c));
	else if (c->null)
		add_unknown(o, row, col, b);
	else
		add_value(o, l, c, col, b);
	return c->mark;
}
