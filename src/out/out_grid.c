/*
 * All rows, kept until the end: tables cannot start before the widest cell
 * is known.  Values are kept as they are, so that a column can be shown in
 * more than one way.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_cells.h"
#include "out/out_int.h"

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

/* Shades, and their ASCII twins of the same width. */
static void
add_shades(const struct out *o, struct tk_buf *b, const char *s)
{
	static const char *const blocks[] = { "\u00b7", "\u2591", "\u2592",
		"\u2593", "\u2588" };
	static const char *const twins[] = { " ", ".", ":", "+", "#" };

	while (*s != '\0') {
		size_t n = 0;

		if (*s >= 1 && *s <= 5) {
			tk_buf_adds(b,
			    (o->style.utf8 ? blocks : twins)[*s - 1]);
			s++;
			continue;
		}
		while (s[n] != '\0' && (s[n] < 1 || s[n] > 5))
			n++;
		tk_utf8_add_clean(b, s, n);
		s += n;
	}
}

static struct out_cell *
cell_at(const struct out *o, size_t row, int col)
{
	const struct out_grid *g = o->grid;

	return out_cells_at(g->cells, row) + g->at[col];
}

/* What stands beside the cell that was asked for last. */
static const char *
text_at(const struct out *o, const struct out_cell *c)
{
	return out_cells_text(o->grid->cells)->s + c->n;
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
	to = cell_at(o, g->rows, o->col);
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
		cell_at(o, o->grid->rows, o->col - 1)->mark = mark;
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

static tk_int128
value_of(const struct out *o, const struct out_cell *c)
{
	tk_int128 n = c->n;

	if (c->wide)
		memcpy(&n, text_at(o, c), sizeof(n));
	return c->null || c->word ? 0 : n;
}

tk_int128
out_grid_number(const struct out *o, size_t row, int col)
{
	return value_of(o, cell_at(o, row, col));
}

bool
out_grid_null(const struct out *o, size_t row, int col)
{
	return cell_at(o, row, col)->null;
}

/* Close enough for the least number, which has no positive twin. */
static tk_int128
magnitude(tk_int128 n)
{
	const tk_int128 least = -((((tk_int128)1 << 126) - 1) * 2 + 1) - 1;

	return n >= 0 ? n : n == least ? -(n + 1) : -n;
}

/* The least that so many decimals show. */
static tk_int128
unit_of(int decimals)
{
	tk_int128 unit = TK_PICO_PER_USD;

	while (decimals-- > 0)
		unit /= 10;
	return unit;
}

/* An amount that is not nothing never looks like nothing: "<$0.01". */
static void
add_money(struct tk_buf *b, tk_int128 pico, int decimals,
    const struct tk_digits *d)
{
	tk_int128 unit = unit_of(decimals);

	if (pico == 0 || magnitude(pico) > unit / 2) {
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
	const char *at = text_at(o, c);
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
	tk_int128 n = value_of(o, cell);
	const struct out_col *c = &o->cols[col];
	const char *text;

	switch (c->type) {
	case OUT_TEXT:
	case OUT_JSON:
		text = text_at(o, cell);
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
		add_money(b, n, l->decimals, o->style.digits);
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
		tk_buf_adds(b, text_at(o, cell));
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
	const struct out_cell *c = cell_at(o, row, col);

	if (c->word)
		tk_buf_adds(b, text_at(o, c));
	else if (c->null)
		add_unknown(o, row, col, b);
	else
		add_value(o, l, c, col, b);
	return c->mark;
}

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
	const struct out_cell *c = cell_at(o, row, col);
	tk_int128 n;

	l->mark |= c->mark != 0;
	if (c->null || c->word)
		return;
	n = magnitude(value_of(o, c));
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
	if (type == OUT_MONEY && n != 0 && magnitude(n) <= s->tiny)
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
	const struct out_cell *cell = cell_at(o, row, col);
	struct tk_buf *b = &s->text;
	size_t w;
	char mark;

	if (l->limit == 0 && !cell->null && !cell->word && cell->mark == 0 &&
	    is_between(s, o->cols[col].type, value_of(o, cell)))
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
		s[i] = (struct survey){ .tiny = unit_of(all[i].decimals) / 2,
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

enum out_state
out_state_of(const char *word)
{
	static const struct {
		const char *word;
		enum out_state state;
	} words[] = {
		{ "ok", OUT_STATE_OK },
		{ "yes", OUT_STATE_OK },
		{ "active", OUT_STATE_OK },
		{ "warn", OUT_STATE_WARN },
		{ "warning", OUT_STATE_WARN },
		{ "pending", OUT_STATE_WARN },
		{ "crit", OUT_STATE_OVER },
		{ "critical", OUT_STATE_OVER },
		{ "over", OUT_STATE_OVER },
		{ "blocked", OUT_STATE_OVER },
		{ "error", OUT_STATE_OVER },
		{ "failed", OUT_STATE_OVER },
	};

	for (size_t i = 0; i < TK_LEN(words); i++)
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].state;
	return OUT_STATE_NONE;
}
