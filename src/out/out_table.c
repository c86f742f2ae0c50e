/*
 * Tables for people: a title with the range at the right, columns aligned,
 * the total under a rule, bars in the space that is left, notes below.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_int.h"

/* Under COMPACT columns there are no empty lines, no rule and no years. */
enum { GAP = 2, COMPACT = 60, NOTE_WIDTH = 80, LEAST_BAR = 4, MOST_BAR = 40 };

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

struct table {
	struct out *o;
	struct out_layout *all;
	struct tk_buf line;
	struct tk_buf cell;
	bool compact;
	size_t width; /* of the columns, without the bar */
	int bar_col;  /* or -1 */
	size_t bar;   /* its columns */
};

/* A line without the spaces at its end. */
static void
put_line(struct table *t)
{
	size_t len = t->line.len;

	while (len > 0 && t->line.s[len - 1] == ' ')
		len--;
	out_raw(t->o, t->line.s, len);
	out_raw(t->o, "\n", 1);
	tk_buf_reset(&t->line);
}

static void
add_spaces(struct tk_buf *b, size_t n)
{
	static const char spaces[] = "                                ";
	const size_t most = sizeof(spaces) - 1;

	for (; n > most; n -= most)
		tk_buf_add(b, spaces, most);
	tk_buf_add(b, spaces, n);
}

static void
add_repeated(struct tk_buf *b, const char *s, size_t n)
{
	while (n-- > 0)
		tk_buf_adds(b, s);
}

static const char *
color_of(const char *word)
{
	switch (out_state_of(word)) {
	case OUT_STATE_NONE:
		break;
	case OUT_STATE_OK:
		return "\033[32m";
	case OUT_STATE_WARN:
		return "\033[1;33m";
	case OUT_STATE_OVER:
		return "\033[1;31m";
	}
	return NULL;
}

/* The text in t->cell, aligned in its column. */
static void
add_cell(struct table *t, int col, char mark)
{
	const struct out_layout *l = &t->all[col];
	const char *color = NULL;
	size_t width, pad;

	if (!l->right && mark != 0)
		tk_buf_add(&t->cell, &mark, 1);
	width = tk_utf8_width(t->cell.s, t->cell.len);
	pad = l->width > width ? l->width - width : 0;
	if (t->o->style.color && (t->o->cols[col].flags & OUT_STATE))
		color = color_of(t->cell.s);
	if (l->right)
		add_spaces(&t->line, pad);
	if (color != NULL)
		tk_buf_adds(&t->line, color);
	tk_buf_add(&t->line, t->cell.s, t->cell.len);
	if (color != NULL)
		tk_buf_adds(&t->line, PLAIN);
	if (!l->right)
		add_spaces(&t->line, pad);
	else if (l->mark > 0)
		tk_buf_add(&t->line, mark != 0 ? &mark : " ", 1);
}

/* Eighths of a cell, or their ASCII twins of the same width. */
static void
add_bar(struct table *t, tk_int128 value)
{
	static const char *const eighths[] = { "", "\u258f", "\u258e", "\u258d",
		"\u258c", "\u258b", "\u258a", "\u2589" };
	tk_int128 most = t->all[t->bar_col].most, n;
	bool utf8 = t->o->style.utf8;
	size_t units;

	if (value <= 0 || most <= 0)
		return;
	for (; most >= (tk_int128)1 << 100; most /= 2)
		value /= 2;
	n = value * (tk_int128)t->bar * 8 / most;
	units = n < 1 ? 1 : (size_t)n;
	add_repeated(&t->line, utf8 ? "\u2588" : "#", units / 8);
	if (utf8)
		tk_buf_adds(&t->line, eighths[units % 8]);
	else if (units % 8 > 0)
		tk_buf_adds(&t->line, units % 8 < 4 ? "-" : "=");
}

static void
put_row(struct table *t, size_t row)
{
	struct out *o = t->o;
	bool any = false;

	for (int i = 0; i < o->ncols; i++) {
		char mark;

		if (!t->all[i].show || o->cols[i].type == OUT_BAR)
			continue;
		add_spaces(&t->line, any ? GAP : 0);
		tk_buf_reset(&t->cell);
		mark = out_grid_text(o, &t->all[i], row, i, &t->cell);
		add_cell(t, i, mark);
		any = true;
	}
	if (t->bar > 0 && out_grid_kind(o, row) == OUT_ROW_DATA) {
		add_spaces(&t->line, GAP);
		add_bar(t, out_grid_number(o, row, t->bar_col));
	}
	put_line(t);
}

static void
put_heading(struct table *t)
{
	struct out *o = t->o;
	bool any = false;

	if (o->style.color)
		out_puts(o, BOLD);
	for (int i = 0; i < o->ncols; i++) {
		if (!t->all[i].show || o->cols[i].type == OUT_BAR)
			continue;
		add_spaces(&t->line, any ? GAP : 0);
		tk_buf_reset(&t->cell);
		tk_buf_adds(&t->cell, o->cols[i].title);
		add_cell(t, i, 0);
		any = true;
	}
	if (o->style.color) {
		while (t->line.len > 0 && t->line.s[t->line.len - 1] == ' ')
			t->line.len--;
		tk_buf_adds(&t->line, PLAIN);
	}
	put_line(t);
}

static void
put_rows(struct table *t)
{
	size_t rows = out_grid_rows(t->o);
	bool ruled = t->compact, titled = false;

	for (int i = 0; i < t->o->ncols; i++)
		titled |= t->all[i].show && *t->o->cols[i].title != '\0';
	if (titled)
		put_heading(t);
	for (size_t row = 0; row < rows; row++) {
		if (!ruled && out_grid_kind(t->o, row) != OUT_ROW_DATA) {
			add_repeated(&t->line, "-", t->width);
			put_line(t);
			ruled = true;
		}
		put_row(t, row);
	}
}

/* One field a line, for a document that is one thing. */
static void
put_fields(struct table *t)
{
	struct out *o = t->o;
	size_t width = 0, w;

	for (int i = 0; i < o->ncols; i++) {
		const char *title = o->cols[i].title;

		if (!t->all[i].show || o->cols[i].type == OUT_BAR)
			continue;
		w = tk_utf8_width(title, strlen(title));
		width = w > width ? w : width;
	}
	for (int i = 0; i < o->ncols; i++) {
		const char *title = o->cols[i].title;
		char mark;

		if (!t->all[i].show || o->cols[i].type == OUT_BAR)
			continue;
		tk_buf_adds(&t->line, title);
		w = tk_utf8_width(title, strlen(title));
		add_spaces(&t->line, width - w + GAP);
		tk_buf_reset(&t->cell);
		mark = out_grid_text(o, &t->all[i], 0, i, &t->cell);
		t->all[i].width = 0;
		t->all[i].right = false;
		add_cell(t, i, mark);
		put_line(t);
	}
}

/* A moment at midnight is its day; as an end, the day before. */
static void
add_moment(const struct out *o, int64_t ms, bool end, bool brief,
    struct tk_buf *b)
{
	const struct tk_zone *z = o->style.zone;
	int32_t day = tk_zone_day(z, ms);
	struct tk_buf text = TK_BUF_INIT;

	if (tk_zone_day_start(z, day) == ms)
		tk_day_add(&text, end ? day - 1 : day);
	else
		tk_time_add_minute(&text, z, ms);
	tk_buf_adds(b, text.s + (brief && text.len > 5 ? 5 : 0));
	tk_buf_release(&text);
}

static bool
is_within_a_year(const struct out *o, int64_t since, int64_t until)
{
	struct tk_buf a = TK_BUF_INIT, b = TK_BUF_INIT;
	bool same;

	tk_day_add(&a, tk_zone_day(o->style.zone, since));
	tk_day_add(&b, tk_zone_day(o->style.zone, until - 1));
	same = strncmp(a.s, b.s, 4) == 0;
	tk_buf_release(&a);
	tk_buf_release(&b);
	return same;
}

void
out_range(const struct out *o, bool brief, struct tk_buf *b)
{
	const struct out_doc *d = o->doc;
	struct tk_buf until = TK_BUF_INIT;
	size_t from = b->len;
	bool ends, years;

	if (d == NULL || (d->since == 0 && d->until == 0))
		return;
	ends = d->until != INT64_MAX && d->until != d->since;
	years = !brief ||
	    (ends && d->since != INT64_MIN &&
		!is_within_a_year(o, d->since, d->until));
	if (d->since != INT64_MIN)
		add_moment(o, d->since, false, !years, b);
	if (ends)
		add_moment(o, d->until, true, !years, &until);
	if (until.len > 0 && strcmp(until.s, b->s + from) != 0)
		tk_buf_addf(b, "%sto %s", b->len > from ? " " : "", until.s);
	if (d->until == INT64_MAX)
		tk_buf_adds(b, d->since == INT64_MIN ? "all" : " on");
	tk_buf_addf(b, "%s %s", brief ? "" : ",", tk_zone_name(o->style.zone));
	tk_buf_release(&until);
}

static void
put_title(struct table *t)
{
	struct out *o = t->o;
	const char *title = o->doc == NULL ? NULL : o->doc->title;
	size_t room = t->width + (t->bar > 0 ? GAP + t->bar : 0), need, w;
	struct tk_buf range = TK_BUF_INIT;

	if (title == NULL)
		return;
	out_range(o, t->compact, &range);
	w = tk_utf8_width(title, strlen(title));
	need = w + (range.len > 0 ? GAP + range.len : 0);
	room = need > room ? need : room;
	if (o->style.color)
		out_puts(o, BOLD);
	if (o->style.width > 0 && w > (size_t)o->style.width)
		tk_utf8_add_wrapped(&t->line, title, 0, 2,
		    (size_t)o->style.width);
	else
		tk_utf8_add_clean(&t->line, title, strlen(title));
	if (o->style.color)
		tk_buf_adds(&t->line, PLAIN);
	if (o->style.width > 0 && room > (size_t)o->style.width) {
		put_line(t);
		tk_buf_adds(&t->line, range.s);
		if (range.len == 0)
			goto out;
	} else if (range.len > 0) {
		add_spaces(&t->line, room - w - range.len);
		tk_buf_adds(&t->line, range.s);
	}
	put_line(t);
out:
	if (!t->compact)
		put_line(t);
	tk_buf_release(&range);
}

static void
put_remarks(struct table *t, const struct out_remarks *all)
{
	int width = t->o->style.width > 0 ? t->o->style.width : NOTE_WIDTH;

	for (size_t i = 0; i < all->n; i++) {
		tk_utf8_add_wrapped(&t->line, all->v[i].text, 0, 2,
		    (size_t)width);
		put_line(t);
	}
}

/* Totals would seem wrong without it. */
static void
note_hidden_periods(struct table *t)
{
	struct out *o = t->o;
	int n = 0;

	for (int i = 0; i < o->ncols; i++)
		n += o->shown[i] && !t->all[i].show &&
		    out_is_period_across(o, i);
	if (n > 0)
		out_note(o, "%d earlier %s not fit here; totals include %s", n,
		    n == 1 ? "period does" : "periods do",
		    n == 1 ? "it" : "them");
}

static void
choose_layout(struct table *t)
{
	struct out *o = t->o;
	size_t width = (size_t)o->style.width, left;

	for (int i = 0; i < o->ncols; i++) {
		t->all[i].show = o->shown[i];
		if (o->shown[i] && o->cols[i].type == OUT_BAR)
			t->bar_col = i;
	}
	out_grid_measure(o, t->all);
	if (width > 0 && o->shape == OUT_ROWS)
		out_fit(o, t->all, width);
	note_hidden_periods(t);
	t->width = out_fit_width(o, t->all);
	if (t->bar_col >= 0 && width >= t->width + GAP + LEAST_BAR) {
		left = width - t->width - GAP;
		t->bar = left < MOST_BAR ? left : MOST_BAR;
	}
}

/* A part has a heading of its own, without the range. */
static void
put_part_title(struct table *t)
{
	struct out *o = t->o;
	const char *title = o->part_title;

	if (*title == '\0')
		return;
	if (!t->compact)
		put_line(t);
	if (o->style.color)
		tk_buf_adds(&t->line, BOLD);
	tk_utf8_add_wrapped(&t->line, title, 0, 2,
	    o->style.width > 0 ? (size_t)o->style.width : NOTE_WIDTH);
	if (o->style.color)
		tk_buf_adds(&t->line, PLAIN);
	put_line(t);
}

static void
put_body(struct table *t)
{
	struct out *o = t->o;

	if (o->rows == 0) {
		tk_buf_adds(&t->line,
		    o->empty != NULL && !o->in_part ? o->empty
						    : "nothing to show");
		put_line(t);
	} else if (o->shape == OUT_ONE) {
		put_fields(t);
	} else {
		put_rows(t);
	}
}

static void
start_table(struct table *t, struct out *o)
{
	*t = (struct table){ .o = o, .bar_col = -1 };
	t->line = t->cell = (struct tk_buf)TK_BUF_INIT;
	t->compact = o->style.width > 0 && o->style.width < COMPACT;
}

static void
table_end_part(struct out *o)
{
	struct table t;

	start_table(&t, o);
	t.all = tk_xcalloc((size_t)o->ncols, sizeof(*t.all));
	if (out_grid_rows(o) > 0)
		choose_layout(&t);
	if (o->in_part)
		put_part_title(&t);
	else
		put_title(&t);
	if (!o->muted || o->rows == 0)
		put_body(&t);
	tk_buf_release(&t.line);
	tk_buf_release(&t.cell);
	free(t.all);
}

static void
table_end(struct out *o)
{
	struct table t;

	start_table(&t, o);
	if (!t.compact && o->warnings.n + o->notes.n > 0)
		put_line(&t);
	put_remarks(&t, &o->notes);
	put_remarks(&t, &o->warnings);
	tk_buf_release(&t.line);
}

const struct out_ops out_table = {
	.skip = OUT_MACHINE,
	.bars = true,
	.rows = 1 << OUT_ROW_DATA | 1 << OUT_ROW_TOTAL | 1 << OUT_ROW_SUMMARY,
	.begin = out_grid_begin,
	.cell = out_grid_cell,
	.mark = out_grid_mark,
	.end_row = out_grid_end_row,
	.end_part = table_end_part,
	.begin_part = out_grid_part,
	.end = table_end,
};
