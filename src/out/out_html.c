/*
 * One page that needs nothing else: styles and pictures are in it, there is
 * no script, and nothing is fetched.  It follows the light or dark colours
 * of the reader, and prints.
 *
 * Programs that read mail drop much of that, pictures and style sheets
 * first: so what a table cannot do without is said in every cell.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/time.h"
#include "out/out_chart.h"

enum { CALENDAR_DAYS = 28, BAR_WIDTH = 120, WRAP_TEXT = 40 };

static const char head_css[] =
    ":root{--fg:#1b1f24;--dim:#5b6470;--grid:#d9dde3;--bg:#fff;--bar:#0072B2;"
    "--ok:#0a6b3d;--warn:#8a5300;--over:#b3261e}"
    "body{font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif;"
    "color:var(--fg);background:var(--bg);max-width:68em;margin:2em auto;"
    "padding:0 1em}"
    "h1{font-size:1.5em;margin:0}h2{font-size:1.1em;margin:1.8em 0 .4em}"
    ".dim{color:var(--dim)}.k{margin:1.2em 0}"
    ".k>div{display:inline-block;margin:0 2.2em .6em 0}"
    ".k b{display:block;font-size:1.6em;line-height:1.2}"
    "svg{width:100%;min-width:36em;height:auto}.w{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-size:.9em}"
    "th,td{border-bottom:1px solid var(--grid)}"
    "thead th{color:var(--dim);font-weight:600;vertical-align:bottom}"
    "tbody th{font-weight:400}tfoot td,tfoot "
    "th{border-bottom:0}"
    "tfoot tr:first-child>*{border-top:2px solid var(--dim)}"
    ".bar{background:var(--bar)!important}"
    ".ok{color:var(--ok)}.warn{color:var(--warn)}.over{color:var(--over)}"
    "@media(prefers-color-scheme:dark){:root{--fg:#e6e6e6;--dim:#a3adb8;"
    "--grid:#333b45;--bg:#14171b;--bar:#3a9bdc;--ok:#5fd38d;--warn:#ffb454;"
    "--over:#ff8a80}}"
    "@media screen and (max-width:68em){.x{display:none}}"
    "@media screen and (max-width:30em){.y{display:none}}"
    "@media "
    "print{svg{min-width:0}:root{--fg:#000;--dim:#444;--grid:#bbb;--bg:#fff;"
    "--bar:#0072B2;--ok:#0a6b3d;--warn:#8a5300;--over:#b3261e}"
    "body{margin:0;max-width:none;-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}.w{overflow:visible}"
    "table{font-size:.75em}svg,tr{break-inside:avoid}"
    "tfoot{display:table-row-group}"
    "h2{break-after:avoid}}";

static const char picture_open[] = "<div class=\"w\">";

static void
put(struct out *o, const struct tk_buf *b)
{
	out_raw(o, b->s, b->len);
}

static void
put_text(struct out *o, const char *s)
{
	struct tk_buf b = TK_BUF_INIT;

	out_html_text(&b, s);
	put(o, &b);
	tk_buf_release(&b);
}

static const char *
title_of(const struct out *o)
{
	return o->doc != NULL && o->doc->title != NULL ? o->doc->title
						       : "tokctl";
}

static void
put_head(struct out *o)
{
	struct tk_buf range = TK_BUF_INIT;

	out_puts(o,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,"
	    "initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	put_text(o, title_of(o));
	out_puts(o, "</title>\n<style>");
	out_puts(o, head_css);
	out_puts(o, out_svg_css);
	out_puts(o, "</style>\n</head>\n<body>\n<h1>");
	put_text(o, title_of(o));
	out_puts(o, "</h1>\n");
	out_range(o, false, &range);
	if (range.len > 0) {
		out_puts(o, "<p class=\"dim\">");
		put_text(o, range.s);
		out_puts(o, "</p>\n");
	}
	tk_buf_release(&range);
}

/* The text of a cell with its mark. */
static void
add_cell_text(const struct out *o, const struct out_layout *all, size_t row,
    int col, struct tk_buf *b)
{
	char mark;

	tk_buf_reset(b);
	mark = out_grid_text(o, &all[col], row, col, b);
	if (mark != 0)
		tk_buf_add(b, &mark, 1);
}

/* What the whole comes to, large: the counts and the money of the total
 * that are shown at any width. */
static void
put_figures(struct out *o, const struct out_layout *all)
{
	size_t rows = out_grid_rows(o), row = 0;
	struct tk_buf b = TK_BUF_INIT;

	while (row < rows && out_grid_kind(o, row) != OUT_ROW_TOTAL)
		row++;
	if (row == rows)
		return;
	out_puts(o, "<div class=\"k\">");
	for (int i = o->ncols; i-- > 0;) {
		const struct out_col *c = &o->cols[i];

		if (!o->shown[i] ||
		    (c->flags & (OUT_WIDE | OUT_EXTRA | OUT_PERIOD)) ||
		    out_grid_null(o, row, i) ||
		    (c->type != OUT_MONEY && c->type != OUT_INT))
			continue;
		add_cell_text(o, all, row, i, &b);
		out_puts(o, "<div><b>");
		put_text(o, b.s);
		out_puts(o, "</b> <span class=\"dim\">");
		put_text(o, c->title);
		out_puts(o, "</span></div>");
	}
	out_puts(o, "</div>\n");
	tk_buf_release(&b);
}

static void
put_heading_text(struct out *o, const char *text)
{
	out_puts(o, "<h2>");
	put_text(o, text);
	out_puts(o, "</h2>\n");
}

/* The picture that stands for the rows, and in words where there is most:
 * who reads mail may see no picture. */
static void
put_instead(struct out *o, const struct out_layout *all)
{
	int col[OUT_CHART_VALUES], n = out_chart_values(o, true, col);
	struct tk_buf b = TK_BUF_INIT;
	struct out_chart c;

	if (n == 0)
		return;
	out_chart_init(&c, o, all, col[n - 1], col[n - 1]);
	tk_buf_adds(&b, picture_open);
	out_svg_picture(&c, 0, &b);
	tk_buf_adds(&b, "</div>\n");
	put(o, &b);
	tk_buf_reset(&b);
	if (o->picture == OUT_HEAT && out_heat_busiest(&c, &b)) {
		out_puts(o, "<p class=\"dim\">Most: ");
		put_text(o, b.s);
		out_puts(o, "</p>\n");
	}
	out_chart_release(&c);
	tk_buf_release(&b);
}

/* Over time: then the bars of the table say nothing new. */
static void
put_pictures(struct out *o, struct out_layout *all)
{
	int col[OUT_CHART_VALUES];
	int n = out_chart_over_time(o) ? out_chart_values(o, false, col) : 0;
	struct tk_buf b = TK_BUF_INIT;
	struct out_chart c;

	for (int i = 0; i < n; i++) {
		out_chart_init(&c, o, all, col[i], col[n - 1]);
		put_heading_text(o,
		    o->picture == OUT_MATRIX ? "Chart" : out_chart_title(&c));
		tk_buf_adds(&b, picture_open);
		out_svg_columns(&c, 0, &b);
		if (c.steps == OUT_STEP_DAY && c.places >= CALENDAR_DAYS &&
		    i == n - 1) {
			tk_buf_addf(&b, "</div>\n<h2>Calendar</h2>\n%s",
			    picture_open);
			out_svg_calendar(&c, 0, &b);
		}
		tk_buf_adds(&b, "</div>\n");
		put(o, &b);
		tk_buf_reset(&b);
		out_chart_release(&c);
	}
	for (int i = 0; n > 0 && i < o->ncols; i++)
		if (o->cols[i].type == OUT_BAR)
			all[i].show = false;
	tk_buf_release(&b);
}

static const char *
class_of(const char *word)
{
	switch (out_state_of(word)) {
	case OUT_STATE_NONE:
		break;
	case OUT_STATE_OK:
		return "ok";
	case OUT_STATE_WARN:
		return "warn";
	case OUT_STATE_OVER:
		return "over";
	}
	return NULL;
}

/* A box as long as its value, which the column's heading names. */
static void
put_bar(struct out *o, const struct out_layout *l, size_t row, int col)
{
	tk_int128 n = out_grid_number(o, row, col), most = l->most;
	struct tk_buf b = TK_BUF_INIT;

	if (n > 0 && most > 0 && out_grid_kind(o, row) == OUT_ROW_DATA) {
		for (; most >= (tk_int128)1 << 100; most /= 2)
			n /= 2;
		n = n * BAR_WIDTH / most;
		tk_buf_addf(&b,
		    "<div class=\"bar\" style=\"background:#0072B2;"
		    "height:10px;width:%dpx\"></div>",
		    n < 1 ? 1 : (int)n);
		put(o, &b);
	}
	tk_buf_release(&b);
}

/* What gives way on a narrow screen. */
static void
put_class(struct out *o, int flags)
{
	if (flags & (OUT_WIDE | OUT_EXTRA))
		out_puts(o, " class=\"x\"");
	else if (flags & OUT_MEDIUM)
		out_puts(o, " class=\"y\"");
}

static void
put_cell(struct out *o, const struct out_layout *all, size_t row, int col,
    bool head)
{
	const struct out_col *c = &o->cols[col];
	const char *class = NULL;
	struct tk_buf b = TK_BUF_INIT;

	add_cell_text(o, all, row, col, &b);
	out_puts(o, head ? "<th scope=\"row\"" : "<td");
	if (c->type == OUT_SHADES)
		out_puts(o, " aria-hidden=\"true\"");
	if (o->shape == OUT_ROWS)
		put_class(o, c->flags);
	out_puts(o, " style=\"padding:3px 10px;text-align:");
	out_puts(o, all[col].right ? "right" : "left");
	if (c->type == OUT_BAR)
		out_puts(o, ";min-width:120px");
	if (c->type == OUT_SHADES)
		out_puts(o, ";font-family:monospace");
	out_puts(o,
	    b.len <= WRAP_TEXT ? ";white-space:nowrap\">"
			       : ";overflow-wrap:anywhere\">");
	if (c->flags & OUT_STATE)
		class = class_of(b.s);
	if (class != NULL) {
		out_puts(o, "<b class=\"");
		out_puts(o, class);
		out_puts(o, "\">");
	}
	if (c->type == OUT_BAR)
		put_bar(o, &all[col], row, col);
	else
		put_text(o, b.s);
	out_puts(o, class != NULL ? "</b>" : "");
	out_puts(o, head ? "</th>" : "</td>");
	tk_buf_release(&b);
}

static void
put_row(struct out *o, const struct out_layout *all, size_t row)
{
	bool head = true;

	out_puts(o, "<tr>");
	for (int i = 0; i < o->ncols; i++) {
		if (!all[i].show)
			continue;
		put_cell(o, all, row, i, head);
		head = false;
	}
	out_puts(o, "</tr>\n");
}

static void
put_heading(struct out *o, const struct out_layout *all)
{
	out_puts(o, "<thead><tr>");
	for (int i = 0; i < o->ncols; i++) {
		if (!all[i].show)
			continue;
		if (o->cols[i].type == OUT_BAR) {
			out_puts(o, "<td aria-hidden=\"true\"></td>");
			continue;
		}
		out_puts(o, "<th scope=\"col\"");
		put_class(o, o->cols[i].flags);
		out_puts(o, " style=\"padding:3px 10px;text-align:");
		out_puts(o, all[i].right ? "right" : "left");
		/* Two words may stand below each other, a date stays whole. */
		if (o->cols[i].flags & OUT_PERIOD)
			out_puts(o, ";white-space:nowrap");
		out_puts(o, "\">");
		put_text(o, o->cols[i].title);
		out_puts(o, "</th>");
	}
	out_puts(o, "</tr></thead>\n<tbody>\n");
}

/* A table that is too wide for the screen is scrolled, by keys too. */
static void
open_table(struct out *o, const char *name)
{
	out_puts(o, "<div class=\"w\" role=\"region\" tabindex=\"0\"");
	if (*name != '\0') {
		out_puts(o, " aria-label=\"");
		put_text(o, name);
		out_puts(o, "\"");
	}
	out_puts(o, "><table>\n");
}

static void
put_table(struct out *o, const struct out_layout *all, const char *name)
{
	bool foot = false;

	open_table(o, name);
	put_heading(o, all);
	for (size_t row = 0; row < out_grid_rows(o); row++) {
		if (!foot && out_grid_kind(o, row) != OUT_ROW_DATA) {
			out_puts(o,
			    "</tbody>\n<tfoot style=\"font-weight:"
			    "600\">\n");
			foot = true;
		}
		put_row(o, all, row);
	}
	out_puts(o, foot ? "</tfoot>" : "</tbody>");
	out_puts(o, "</table></div>\n");
}

/* One thing: a line for each of its fields. */
static void
put_fields(struct out *o, struct out_layout *all)
{
	out_puts(o, "<div class=\"w\"><table class=\"f\">\n<tbody>\n");
	for (int i = 0; i < o->ncols; i++) {
		if (!o->shown[i])
			continue;
		out_puts(o,
		    "<tr><th scope=\"row\" class=\"dim\" style=\"padding:"
		    "3px 10px;text-align:left\">");
		put_text(o, o->cols[i].title);
		out_puts(o, "</th>");
		all[i].right = false;
		put_cell(o, all, 0, i, false);
		out_puts(o, "</tr>\n");
	}
	out_puts(o, "</tbody></table></div>\n");
}

static void
put_remarks(struct out *o, const struct out_remarks *all, const char *open)
{
	for (size_t i = 0; i < all->n; i++) {
		out_puts(o, open);
		put_text(o, all->v[i].text);
		out_puts(o, "</p>\n");
	}
}

static void
put_foot(struct out *o)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add(&b, o->style.zone, o->style.now);
	out_puts(o, "<p class=\"dim\"><small>tokctl, ");
	put_text(o, b.s);
	out_puts(o, "</small></p>\n</body>\n</html>\n");
	tk_buf_release(&b);
}

/* What the document begins with: figures, pictures, and all the rows. */
static void
put_first(struct out *o, struct out_layout *all)
{
	put_head(o);
	if (o->rows == 0) {
		out_puts(o, "<p>");
		put_text(o, o->empty != NULL ? o->empty : "nothing to show");
		out_puts(o, "</p>\n");
	} else if (o->muted) {
		return;
	} else if (o->shape == OUT_ONE) {
		put_fields(o, all);
	} else if (o->picture != OUT_BARS && o->picture != OUT_MATRIX) {
		put_figures(o, all);
		put_instead(o, all);
	} else {
		put_figures(o, all);
		put_pictures(o, all);
		put_heading_text(o, "Table");
		put_table(o, all, title_of(o));
	}
}

/* A part has a heading of its own. */
static void
put_part(struct out *o, struct out_layout *all)
{
	if (o->muted)
		return;
	out_puts(o, "<section>\n");
	if (*o->part_title != '\0')
		put_heading_text(o, o->part_title);
	if (o->rows == 0)
		out_puts(o, "<p class=\"dim\">nothing to show</p>\n");
	else if (o->shape == OUT_ONE)
		put_fields(o, all);
	else if (o->picture != OUT_BARS)
		put_instead(o, all);
	else
		put_table(o, all, o->part_title);
	out_puts(o, "</section>\n");
}

static void
html_end_part(struct out *o)
{
	struct out_layout *all = tk_xcalloc((size_t)o->ncols, sizeof(*all));

	for (int i = 0; i < o->ncols; i++)
		all[i].show = o->shown[i];
	if (out_grid_rows(o) > 0)
		out_grid_measure(o, all);
	if (o->in_part)
		put_part(o, all);
	else
		put_first(o, all);
	free(all);
}

static void
html_end(struct out *o)
{
	put_remarks(o, &o->notes, "<p class=\"dim\">");
	put_remarks(o, &o->warnings, "<p class=\"warn\">");
	put_foot(o);
}

const struct out_ops out_html = {
	.skip = OUT_MACHINE,
	.bars = true,
	.draws = true,
	.rows = 1 << OUT_ROW_DATA | 1 << OUT_ROW_TOTAL | 1 << OUT_ROW_SUMMARY,
	.begin = out_grid_begin,
	.cell = out_grid_cell,
	.mark = out_grid_mark,
	.end_row = out_grid_end_row,
	.end_part = html_end_part,
	.begin_part = out_grid_part,
	.end = html_end,
};
