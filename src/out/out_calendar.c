/*
 * A calendar: weeks across, days of the week down, the darker the more.
 * Levels are quartiles of the days with use, not parts of the maximum: with
 * these one wild day makes all others look the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out_chart.h"

enum { WEEKS = 40, PITCH = 17, CELL = 14, LEFT = 40, TOP = 22, FOOT = 30 };

static const char *const colors[] = { "#ebedf0", "#c6dbef", "#6baed6",
	"#2171b5", "#08306b" };

static int
by_number(const void *a_, const void *b_)
{
	tk_int128 a = *(const tk_int128 *)a_, b = *(const tk_int128 *)b_;

	return a < b ? -1 : a > b;
}

/* The values that a level must be above, for levels 2, 3 and 4. */
static void
find_quartiles(const struct out_chart *c, size_t from, tk_int128 above[3])
{
	tk_int128 *all = tk_xcalloc(c->places + 1, sizeof(*all));
	size_t n = 0;

	for (size_t i = from; i < c->places; i++) {
		tk_int128 sum = out_chart_sum(c, i);

		if (sum > 0)
			all[n++] = sum;
	}
	qsort(all, n, sizeof(*all), by_number);
	for (size_t q = 1; q <= 3; q++)
		above[q - 1] = n > 0 ? all[(n - 1) * q / 4] : 0;
	free(all);
}

static int
level_of(tk_int128 n, const tk_int128 above[3])
{
	if (n <= 0)
		return 0;
	return 1 + (n > above[0]) + (n > above[1]) + (n > above[2]);
}

static void
add_cell(int level, int x, int y, struct tk_buf *b)
{
	tk_buf_addf(b,
	    "<rect class=\"q%d\" fill=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\""
	    " height=\"%d\" rx=\"2\">",
	    level, colors[level], x, y, CELL, CELL);
}

static void
add_label(int x, int y, const char *text, struct tk_buf *b)
{
	tk_buf_addf(b,
	    "<text class=\"d\" fill=\"#5b6470\" x=\"%d\" y=\"%d\">%s</text>", x,
	    y, text);
}

static void
add_days(const struct out_chart *c, size_t from, int32_t monday,
    struct tk_buf *b)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	tk_int128 above[3];
	int last_month = 0, last_x = -100;

	find_quartiles(c, from, above);
	for (size_t i = from; i < c->places; i++) {
		int32_t day = c->first_day + (int32_t)i;
		int x = LEFT + (day - monday) / 7 * PITCH;
		int y = TOP + tk_day_weekday(day) * PITCH;
		tk_int128 n = out_chart_sum(c, i);
		int year, month, mday;
		struct tk_buf tip = TK_BUF_INIT;

		tk_day_to_civil(day, &year, &month, &mday);
		if (month != last_month && x - last_x >= 2 * PITCH) {
			add_label(x, TOP - 8, months[month - 1], b);
			last_x = x;
		}
		last_month = month;
		tk_buf_addf(&tip, "%s %s: ", names[tk_day_weekday(day)],
		    c->place[i]);
		out_chart_amount(c, n, false, &tip);
		add_cell(level_of(n, above), x, y, b);
		tk_buf_adds(b, "<title>");
		out_html_text(b, tip.s);
		tk_buf_adds(b, "</title></rect>");
		tk_buf_release(&tip);
	}
	for (int d = 0; d < 7; d += 2)
		add_label(4, TOP + d * PITCH + 11, names[d], b);
}

int
out_svg_calendar(struct out_chart *c, int y, struct tk_buf *b)
{
	const int height = TOP + 7 * PITCH + FOOT;
	int32_t last = c->first_day + (int32_t)c->places - 1;
	int32_t monday = tk_day_week(c->first_day, 0);
	size_t from = 0;
	int foot = TOP + 7 * PITCH + 8;

	if (!c->days || c->places == 0)
		return 0;
	if ((last - monday) / 7 >= WEEKS) {
		monday = tk_day_week(last, 0) - (WEEKS - 1) * 7;
		from = (size_t)(monday - c->first_day);
	}
	tk_buf_addf(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
	    " width=\"%d\" height=\"%d\" y=\"%d\" role=\"img\" aria-label=\"",
	    OUT_SVG_WIDTH, height, OUT_SVG_WIDTH, height, y);
	out_html_text(b, c->o->cols[c->value].title);
	tk_buf_adds(b, " by day, as a calendar\"><title>");
	out_html_text(b, c->o->cols[c->value].title);
	tk_buf_adds(b,
	    " by day, as a calendar</title><desc>The colour is the quartile of"
	    " the day among the days with usage</desc>"
	    "<g font-family=\"system-ui,sans-serif\" font-size=\"12\">");
	add_days(c, from, monday, b);
	add_label(LEFT, foot + 11, "none", b);
	add_label(LEFT + 60, foot + 11, "quartiles of the days with usage", b);
	for (int i = 0; i <= 4; i++) {
		add_cell(i, i == 0 ? LEFT + 34 : LEFT + 238 + i * PITCH, foot,
		    b);
		tk_buf_adds(b, "</rect>");
	}
	tk_buf_adds(b, "</g></svg>");
	return height;
}
