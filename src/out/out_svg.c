/*
 * Pictures as SVG.  Lengths are counted in tenths of a pixel, so that no
 * number goes through a float.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_chart.h"

/* Pixels: where the bars are, and how much is around them. */
enum { LEFT = 60, RIGHT = 712, TOP = 12, FLOOR = 188, FOOT = 216 };
enum { LEGEND = 20, CHAR = 7, BAR_LINE = 24, NAME_WIDTH = 180 };

/* Okabe and Ito's, told apart by colour-blind people too; a grey for the
 * rest. */
const char *const out_svg_colors[OUT_CHART_PARTS] = { "#0072B2", "#E69F00",
	"#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8F98" };

const char out_svg_css[] =
    "@media(prefers-color-scheme:dark){"
    ".t{fill:#e6e6e6}.d{fill:#a3adb8}.g{stroke:#333b45}.b{fill:#14171b}"
    ".p0{fill:#3a9bdc}.p3{fill:#e08fc0}"
    ".q0{fill:#22272e}.q1{fill:#123a6b}.q2{fill:#2171b5}.q3{fill:#6baed6}"
    ".q4{fill:#c6dbef}}";

void
out_html_text(struct tk_buf *b, const char *s)
{
	struct tk_buf clean = TK_BUF_INIT;
	const char *p;

	tk_utf8_add_clean(&clean, s, strlen(s));
	for (p = clean.s; *p != '\0'; p++) {
		size_t n = strcspn(p, "&<>\"'");

		tk_buf_add(b, p, n);
		p += n;
		if (*p == '\0')
			break;
		tk_buf_adds(b,
		    *p == '&'       ? "&amp;"
			: *p == '<' ? "&lt;"
			: *p == '>' ? "&gt;"
			: *p == '"' ? "&quot;"
				    : "&#39;");
	}
	tk_buf_release(&clean);
}

/* ' name="12.5"' */
static void
add_length(struct tk_buf *b, const char *name, int64_t tenths)
{
	tk_buf_addf(b, " %s=\"%lld", name, (long long)(tenths / 10));
	if (tenths % 10 != 0)
		tk_buf_addf(b, ".%d", (int)(tenths % 10));
	tk_buf_adds(b, "\"");
}

/* n of most, as part of a length; never nothing when n is something. */
static int64_t
scaled(tk_int128 n, tk_int128 most, int64_t length)
{
	int64_t part;

	if (n <= 0 || most <= 0)
		return 0;
	for (; most >= (tk_int128)1 << 100; most /= 2)
		n /= 2;
	part = (int64_t)(n * length / most);
	return part < 1 ? 1 : part;
}

/* 1, 2 or 5 times a power of ten, of which at most five reach the top. */
static tk_int128
choose_step(tk_int128 most)
{
	tk_int128 ten = 1;

	for (;; ten *= 10)
		for (int i = 0; i < 3; i++) {
			tk_int128 step = ten * (i == 0 ? 1 : i == 1 ? 2 : 5);

			if (step >= most / 5 + (most % 5 != 0))
				return step;
		}
}

void
out_svg_open(struct tk_buf *b, int y, int height, const char *name,
    const char *desc)
{
	tk_buf_addf(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
	    " width=\"%d\" height=\"%d\"",
	    OUT_SVG_WIDTH, height, OUT_SVG_WIDTH, height);
	if (y > 0)
		tk_buf_addf(b, " y=\"%d\"", y);
	tk_buf_adds(b, " role=\"img\" aria-label=\"");
	out_html_text(b, name);
	tk_buf_adds(b, "\"><title>");
	out_html_text(b, name);
	tk_buf_adds(b, "</title><desc>");
	out_html_text(b, desc);
	tk_buf_adds(b,
	    "</desc><g font-family=\"system-ui,sans-serif\""
	    " font-size=\"12\">");
}

void
out_svg_close(struct tk_buf *b)
{
	tk_buf_adds(b, "</g></svg>");
}

void
out_svg_text(struct tk_buf *b, const char *class, int64_t x, int64_t y,
    const char *anchor, const char *text)
{
	tk_buf_addf(b, "<text class=\"%s\" fill=\"%s\"", class,
	    strcmp(class, "t") == 0 ? "#1b1f24" : "#5b6470");
	add_length(b, "x", x);
	add_length(b, "y", y);
	if (strcmp(anchor, "start") != 0)
		tk_buf_addf(b, " text-anchor=\"%s\"", anchor);
	tk_buf_adds(b, ">");
	out_html_text(b, text);
	tk_buf_adds(b, "</text>");
}

static void
add_line(struct tk_buf *b, int64_t x1, int64_t y1, int64_t x2, int64_t y2)
{
	tk_buf_adds(b, "<line class=\"g\" stroke=\"#d9dde3\"");
	add_length(b, "x1", x1);
	add_length(b, "y1", y1);
	add_length(b, "x2", x2);
	add_length(b, "y2", y2);
	tk_buf_adds(b, "/>");
}

static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat", "Sun" };

/* "Fri 2026-10-23: gpt-4.1 $0.13", as the mouse finds it. */
static void
add_tip(const struct out_chart *c, size_t place, size_t part, struct tk_buf *b)
{
	struct tk_buf text = TK_BUF_INIT;

	if (c->steps == OUT_STEP_DAY)
		tk_buf_addf(&text, "%s ",
		    weekdays[tk_day_weekday((int32_t)out_chart_key(c, place))]);
	tk_buf_addf(&text, "%s%s: ", c->place[place],
	    c->open[place] ? " (not over)" : "");
	if (c->parts_col >= 0 && part != SIZE_MAX)
		tk_buf_addf(&text, "%s ", c->part[part]);
	out_chart_amount(c,
	    part == SIZE_MAX ? out_chart_sum(c, place)
			     : c->n[place * c->parts + part],
	    false, &text);
	if (c->o->cols[c->value].type == OUT_INT && c->o->picture != OUT_MATRIX)
		tk_buf_addf(&text, " %s", out_chart_title(c));
	tk_buf_adds(b, "<title>");
	out_html_text(b, text.s);
	tk_buf_adds(b, "</title>");
	tk_buf_release(&text);
}

static void
add_rect(const struct out_chart *c, size_t place, size_t part,
    const int64_t box[4], struct tk_buf *b)
{
	static const char *const names[] = { "x", "y", "width", "height" };

	tk_buf_addf(b, "<rect class=\"p%zu\" fill=\"%s\"", part,
	    out_svg_colors[part]);
	if (c->open[place])
		tk_buf_adds(b, " fill-opacity=\".55\"");
	for (int i = 0; i < 4; i++)
		add_length(b, names[i], box[i]);
	tk_buf_adds(b, ">");
	add_tip(c, place, part, b);
	tk_buf_adds(b, "</rect>");
}

/* About as many pixels as a text takes, rather too many: fonts differ. */
static int64_t
width_of(const char *s)
{
	int64_t tenths = 0;

	for (size_t i = 0, len = strlen(s), n; i < len; i += n) {
		int32_t cp;
		int columns;

		n = tk_utf8_step(s + i, len - i, &cp);
		columns = cp < 0 ? 1 : tk_utf8_columns(cp);
		if (cp > 0 && cp < 0x80 && strchr("fijlrt.,:;'|!()[] ", cp))
			tenths += 50;
		else if (cp > 0 && cp < 0x80 && strchr("mwMW@%", cp))
			tenths += 122;
		else if (cp >= 'A' && cp <= 'Z')
			tenths += 95;
		else
			tenths += columns > 1 ? 125 : columns * 77;
	}
	return (tenths + 9) / 10;
}

/* As much of a name as has room. */
static void
add_name(struct tk_buf *b, const char *name, size_t columns, int64_t room)
{
	do {
		tk_buf_reset(b);
		tk_utf8_add_short(b, name, strlen(name), columns);
	} while (width_of(b->s) > room && --columns > 0);
}

/* What each colour is, in one or more lines; returns the height. */
static int
add_legend(const struct out_chart *c, int y, struct tk_buf *b)
{
	int64_t x = LEFT;
	struct tk_buf name = TK_BUF_INIT;
	int top = y;

	if (c->parts_col < 0)
		return 0;
	for (size_t i = 0; i < c->parts; i++) {
		int64_t width;

		add_name(&name, c->part[i], 32, RIGHT - LEFT - 34);
		width = 34 + width_of(name.s);
		if (x > LEFT && x + width > RIGHT) {
			x = LEFT;
			y += LEGEND;
		}
		tk_buf_addf(b,
		    "<rect class=\"p%zu\" fill=\"%s\" x=\"%lld\" y=\"%d\""
		    " width=\"11\" height=\"11\" rx=\"2\"/>",
		    i, out_svg_colors[i], (long long)x, y);
		out_svg_text(b, "d", (x + 16) * 10, (y + 10) * 10, "start",
		    name.s);
		x += width;
	}
	tk_buf_release(&name);
	return y - top + LEGEND;
}

/* Name and description of the whole: what it is, and where it is highest. */
static void
describe(const struct out_chart *c, struct tk_buf *name, struct tk_buf *desc)
{
	const struct out_doc *doc = c->o->doc;

	tk_buf_adds(name, out_chart_title(c));
	if (doc != NULL && doc->title != NULL && c->o->picture != OUT_MATRIX)
		tk_buf_addf(name, ": %s", doc->title);
	if (c->most == 0)
		return;
	tk_buf_addf(desc, "Highest: %s, ", c->place[c->most_at]);
	out_chart_amount(c, c->most, false, desc);
	if (c->cut)
		tk_buf_adds(desc, ". Not all rows are shown");
}

/* The axis begins where its amounts have room. */
static void
find_left(struct out_chart *c, tk_int128 top)
{
	struct tk_buf text = TK_BUF_INIT;

	c->left = LEFT;
	for (tk_int128 n = 0; n <= top; n += c->step) {
		int width;

		tk_buf_reset(&text);
		out_chart_amount(c, n, true, &text);
		width = (int)width_of(text.s) + 7;
		c->left = width > c->left ? width : c->left;
	}
	tk_buf_release(&text);
}

static void
add_axis(struct out_chart *c, tk_int128 top, struct tk_buf *b)
{
	struct tk_buf text = TK_BUF_INIT;

	for (tk_int128 n = 0; n <= top; n += c->step) {
		int64_t y = FLOOR * 10 - scaled(n, top, (FLOOR - TOP) * 10);

		add_line(b, c->left * 10, y, RIGHT * 10, y);
		tk_buf_reset(&text);
		out_chart_amount(c, n, true, &text);
		out_svg_text(b, "d", c->left * 10 - 60, y + 40, "end", text.s);
	}
	tk_buf_release(&text);
}

/* One place: its parts upon each other, the largest at the bottom. */
static void
add_column(const struct out_chart *c, size_t place, tk_int128 top,
    struct tk_buf *b)
{
	const struct out_axis axis = { c->left, RIGHT, 0 };
	int64_t x = out_axis_x(c, &axis, place);
	int64_t next = out_axis_x(c, &axis, place + 1);
	int64_t gap = next - x > 40 ? (next - x) / 8 : 0;
	int64_t width = next - x - gap, y = FLOOR * 10;

	if (width > 600) {
		x += (width - 600) / 2;
		width = 600;
	}
	for (size_t i = 0; i < c->parts; i++) {
		tk_int128 n = c->n[place * c->parts + i];
		int64_t height = scaled(n, top, (FLOOR - TOP) * 10);

		if (height == 0)
			continue;
		height = height < 5 ? 5 : height;
		y -= height;
		add_rect(c, place, i,
		    (int64_t[]){ x + gap / 2, y, width < 2 ? 2 : width,
			height },
		    b);
	}
}

int
out_svg_picture(struct out_chart *c, int y, struct tk_buf *b)
{
	if (c->o->picture == OUT_HEAT)
		return out_svg_heat(c, y, b);
	if (c->o->picture == OUT_CALENDAR && c->steps == OUT_STEP_DAY)
		return out_svg_calendar(c, y, b);
	return out_chart_over_time(c->o) ? out_svg_columns(c, y, b)
					 : out_svg_bars(c, y, b);
}

int
out_svg_columns(struct out_chart *c, int y, struct tk_buf *b)
{
	struct tk_buf name = TK_BUF_INIT, desc = TK_BUF_INIT;
	struct tk_buf inner = TK_BUF_INIT;
	tk_int128 top;
	int height;

	c->step = choose_step(c->most);
	top = (c->most / c->step + (c->most % c->step != 0)) * c->step;
	describe(c, &name, &desc);
	find_left(c, top);
	add_axis(c, top, &inner);
	for (size_t i = 0; i < c->places; i++)
		add_column(c, i, top, &inner);
	out_svg_names(c, &(struct out_axis){ c->left, RIGHT, FLOOR + 18 },
	    &inner);
	height = FOOT + add_legend(c, FOOT + 2, &inner);
	out_svg_open(b, y, height, name.s, desc.s);
	tk_buf_add(b, inner.s, inner.len);
	out_svg_close(b);
	tk_buf_release(&inner);
	tk_buf_release(&name);
	tk_buf_release(&desc);
	return height;
}

static void
add_amount(const struct out_chart *c, size_t place, struct tk_buf *b)
{
	if (c->known[place])
		out_chart_amount(c, out_chart_sum(c, place), false, b);
	else
		tk_buf_adds(b, "n/a");
}

/* What is left for the longest bar beside the longest amount. */
static int64_t
room_for_bars(const struct out_chart *c)
{
	struct tk_buf text = TK_BUF_INIT;
	int64_t amount = 82;

	for (size_t i = 0; i < c->places; i++) {
		int64_t width;

		tk_buf_reset(&text);
		add_amount(c, i, &text);
		width = CHAR * (int64_t)tk_utf8_width(text.s, text.len);
		amount = width > amount ? width : amount;
	}
	tk_buf_release(&text);
	return (RIGHT - NAME_WIDTH - 8 - amount) * 10;
}

/* A line for each place: its name, its bar, its amount. */
static void
add_bar(const struct out_chart *c, size_t place, int64_t room, int y,
    struct tk_buf *b)
{
	int64_t x = NAME_WIDTH * 10;
	struct tk_buf text = TK_BUF_INIT;

	add_name(&text, c->place[place], 24, NAME_WIDTH - 8);
	out_svg_text(b, "t", (NAME_WIDTH - 8) * 10, (y + 15) * 10, "end",
	    text.s);
	for (size_t i = 0; i < c->parts; i++) {
		tk_int128 n = c->n[place * c->parts + i];
		int64_t width = scaled(n, c->most, room);

		if (width == 0)
			continue;
		width = width < 5 ? 5 : width;
		add_rect(c, place, i,
		    (int64_t[]){ x, (y + 3) * 10, width, (BAR_LINE - 7) * 10 },
		    b);
		x += width;
	}
	tk_buf_reset(&text);
	add_amount(c, place, &text);
	out_svg_text(b, "d", x + 60, (y + 15) * 10, "start", text.s);
	tk_buf_release(&text);
}

int
out_svg_bars(struct out_chart *c, int y, struct tk_buf *b)
{
	struct tk_buf name = TK_BUF_INIT, desc = TK_BUF_INIT;
	struct tk_buf inner = TK_BUF_INIT;
	const int64_t room = room_for_bars(c);
	int height = 4;

	describe(c, &name, &desc);
	for (size_t i = 0; i < c->places; i++) {
		add_bar(c, i, room, height, &inner);
		height += BAR_LINE;
	}
	height += add_legend(c, height + 4, &inner) + 8;
	out_svg_open(b, y, height, name.s, desc.s);
	tk_buf_add(b, inner.s, inner.len);
	out_svg_close(b);
	tk_buf_release(&inner);
	tk_buf_release(&name);
	tk_buf_release(&desc);
	return height;
}
