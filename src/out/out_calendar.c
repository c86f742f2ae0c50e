/*
 * What is darker where there is more: a calendar, with weeks across and days
 * of the week down, and a heat map, with the hours of the day across.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out_chart.h"

enum { LEFT = 40, TOP = 22, FOOT = 34, DAYS = 7, HOURS = 24, BUSIEST = 3 };

/* Weeks side by side, large or small; then the next stripe. */
enum { LARGE_WEEKS = 40, STRIPE = 56, LARGE = 17, SMALL = 12 };

static const char *const colors[OUT_LEVELS] = { "#ebedf0", "#c6dbef", "#6baed6",
	"#2171b5", "#08306b" };
static const char *const days[DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat", "Sun" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void
add_cell(struct tk_buf *b, int level, int x, int y, int width, int height,
    const char *tip)
{
	tk_buf_addf(b,
	    "<rect class=\"q%d\" fill=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\""
	    " height=\"%d\" rx=\"2\"",
	    level, colors[level], x, y, width, height);
	if (tip == NULL) {
		tk_buf_adds(b, "/>");
		return;
	}
	tk_buf_adds(b, "><title>");
	out_html_text(b, tip);
	tk_buf_adds(b, "</title></rect>");
}

static void
add_label(struct tk_buf *b, int x, int y, const char *text)
{
	out_svg_text(b, "d", x * 10, y * 10, "start", text);
}

/* What the shades mean. */
static void
add_legend(struct tk_buf *b, int y, const char *of)
{
	struct tk_buf text = TK_BUF_INIT;

	tk_buf_addf(&text, "quartiles of the %s with usage", of);
	add_label(b, LEFT, y + 11, "none");
	add_cell(b, 0, LEFT + 34, y, LARGE - 3, LARGE - 3, NULL);
	add_label(b, LEFT + 70, y + 11, text.s);
	for (int i = 1; i < OUT_LEVELS; i++)
		add_cell(b, i, LEFT + 260 + i * LARGE, y, LARGE - 3, LARGE - 3,
		    NULL);
	tk_buf_release(&text);
}

/* "Tue 2026-11-17: 1,234 Tokens" */
static void
add_tip(const struct out_chart *c, const char *when, tk_int128 n,
    struct tk_buf *b)
{
	tk_buf_reset(b);
	tk_buf_addf(b, "%s: ", when);
	out_chart_amount(c, n, false, b);
	if (c->o->cols[c->value].type == OUT_INT)
		tk_buf_addf(b, " %s", c->o->cols[c->value].title);
}

/* A calendar while it is drawn. */
struct calendar {
	const struct out_chart *c;
	struct out_levels levels;
	int week_start;
	int32_t first; /* the day that its first week begins with */
	int pitch;     /* pixels from cell to cell */
	int stripe;    /* weeks */
	struct tk_buf *b;
};

static int
stripe_height(const struct calendar *k)
{
	return TOP + DAYS * k->pitch + 6;
}

static void
add_day(const struct calendar *k, size_t place)
{
	const struct out_chart *c = k->c;
	int32_t day = (int32_t)out_chart_key(c, place);
	int week = (day - k->first) / DAYS;
	int x = LEFT + week % k->stripe * k->pitch;
	int top = week / k->stripe * stripe_height(k) + TOP;
	int down = (day - k->first) % DAYS;
	struct tk_buf tip = TK_BUF_INIT, when = TK_BUF_INIT;

	tk_buf_addf(&when, "%s %s", days[tk_day_weekday(day)], c->place[place]);
	add_tip(c, when.s, out_chart_sum(c, place), &tip);
	add_cell(k->b, out_level_of(&k->levels, out_chart_sum(c, place)), x,
	    top + down * k->pitch, k->pitch - 3, k->pitch - 3, tip.s);
	tk_buf_release(&when);
	tk_buf_release(&tip);
}

/* "Sep" over the first week that has a first of the month, and over the first
 * of all if there is room; with the year in January of a long one. */
static void
add_months(const struct calendar *k, int weeks)
{
	int last_x = -100;

	for (int week = 0; week < weeks; week++) {
		int32_t day = k->first + week * DAYS + DAYS - 1;
		int x = LEFT + week % k->stripe * k->pitch;
		int y = week / k->stripe * stripe_height(k) + TOP - 7;
		struct tk_buf name = TK_BUF_INIT;
		int year, month, mday;

		if (week % k->stripe == 0)
			last_x = -100;
		tk_day_to_civil(day, &year, &month, &mday);
		if ((mday > DAYS && week > 0) || x - last_x < 30 ||
		    (week == 0 && mday > DAYS &&
			mday + 14 > tk_month_days(year, month)))
			continue;
		tk_buf_addf(&name, "%s", months[month - 1]);
		if (mday <= DAYS && month == 1 && weeks > STRIPE)
			tk_buf_addf(&name, " %d", year);
		add_label(k->b, x, y, name.s);
		tk_buf_release(&name);
		last_x = x;
	}
}

static void
add_days(struct calendar *k, int weeks)
{
	int stripes = (weeks + k->stripe - 1) / k->stripe;

	add_months(k, weeks);
	for (int s = 0; s < stripes; s++)
		for (int d = 0; d < DAYS; d += 2)
			add_label(k->b, 4,
			    s * stripe_height(k) + TOP + d * k->pitch +
				k->pitch - 5,
			    days[(k->week_start + d) % DAYS]);
	for (size_t i = 0; i < k->c->places; i++)
		add_day(k, i);
}

int
out_svg_calendar(struct out_chart *c, int y, struct tk_buf *b)
{
	struct calendar k = { .c = c,
		.week_start = c->o->doc != NULL ? c->o->doc->week_start : 0,
		.b = b };
	struct tk_buf name = TK_BUF_INIT;
	int weeks, height;

	if (c->steps != OUT_STEP_DAY || c->places == 0)
		return 0;
	k.first = tk_day_week((int32_t)c->first, k.week_start);
	weeks =
	    (int)(((int32_t)out_chart_key(c, c->places - 1) - k.first) / DAYS) +
	    1;
	k.pitch = weeks <= LARGE_WEEKS ? LARGE : SMALL;
	k.stripe = weeks <= LARGE_WEEKS ? LARGE_WEEKS : STRIPE;
	height = (weeks + k.stripe - 1) / k.stripe * stripe_height(&k);
	out_levels_init(&k.levels, c, 0);
	tk_buf_addf(&name, "%s by day, as a calendar",
	    c->o->cols[c->value].title);
	out_svg_open(b, y, height + FOOT, name.s,
	    "The colour is the quartile of the day among the days with usage");
	add_days(&k, weeks);
	add_legend(b, height + 4, "days");
	out_svg_close(b);
	tk_buf_release(&name);
	return height + FOOT;
}

/* Which row and column "Mon" and "09" are; -1: none. */
static int
row_of(const struct out_chart *c, size_t place)
{
	for (int i = 0; i < DAYS; i++)
		if (strcmp(days[i], c->place[place]) == 0)
			return i;
	return -1;
}

static int
column_of(const struct out_chart *c, size_t part)
{
	char *end;
	long hour = strtol(c->part[part], &end, 10);

	return end == c->part[part] || *end != '\0' || hour < 0 || hour >= HOURS
	    ? -1
	    : (int)hour;
}

/* What each hour of each weekday has. */
static void
fill(const struct out_chart *c, tk_int128 n[DAYS][HOURS])
{
	for (size_t i = 0; i < c->places; i++)
		for (size_t k = 0; k < c->parts; k++) {
			int day = row_of(c, i), hour = column_of(c, k);

			if (day >= 0 && hour >= 0)
				n[day][hour] += c->n[i * c->parts + k];
		}
}

bool
out_heat_busiest(struct out_chart *c, struct tk_buf *b)
{
	tk_int128 n[DAYS][HOURS] = { { 0 } }, all = 0;

	fill(c, n);
	for (int i = 0; i < DAYS * HOURS; i++)
		all += n[i / HOURS][i % HOURS];
	for (int found = 0; all > 0 && found < BUSIEST; found++) {
		tk_int128 *most = &n[0][0];

		for (int i = 0; i < DAYS * HOURS; i++)
			if (n[i / HOURS][i % HOURS] > *most)
				most = &n[i / HOURS][i % HOURS];
		if (*most == 0)
			break;
		tk_buf_addf(b, "%s%s %02d:00 (", found > 0 ? ", " : "",
		    days[(most - &n[0][0]) / HOURS],
		    (int)((most - &n[0][0]) % HOURS));
		tk_percent_add(b, *most, all, 1, c->o->style.digits);
		tk_buf_adds(b, ")");
		*most = 0;
	}
	return all > 0;
}

static void
add_hours(const struct out_chart *c, int week_start, struct tk_buf *b)
{
	enum { PITCH = 27, HEIGHT = 20 };
	tk_int128 n[DAYS][HOURS] = { { 0 } };
	struct out_levels levels;
	struct tk_buf tip = TK_BUF_INIT, text = TK_BUF_INIT;

	fill(c, n);
	out_levels_init(&levels, c, 0);
	for (int hour = 0; hour < HOURS; hour += 3) {
		tk_buf_reset(&text);
		tk_buf_addf(&text, "%02d:00", hour);
		add_label(b, LEFT + hour * PITCH, TOP - 8, text.s);
	}
	for (int i = 0; i < DAYS * HOURS; i++) {
		int day = (week_start + i / HOURS) % DAYS, hour = i % HOURS;
		int top = TOP + i / HOURS * HEIGHT;

		if (hour == 0)
			add_label(b, 4, top + 14, days[day]);
		tk_buf_reset(&text);
		tk_buf_addf(&text, "%s %02d:00", days[day], hour);
		add_tip(c, text.s, n[day][hour], &tip);
		add_cell(b, out_level_of(&levels, n[day][hour]),
		    LEFT + hour * PITCH, top, PITCH - 2, HEIGHT - 2, tip.s);
	}
	tk_buf_release(&text);
	tk_buf_release(&tip);
}

int
out_svg_heat(struct out_chart *c, int y, struct tk_buf *b)
{
	const int height = TOP + DAYS * 20;
	struct tk_buf name = TK_BUF_INIT, desc = TK_BUF_INIT;

	tk_buf_addf(&name, "%s by weekday and hour, as a heat map",
	    c->o->cols[c->value].title);
	if (out_heat_busiest(c, &desc))
		tk_buf_adds(&desc, " have most");
	out_svg_open(b, y, height + FOOT, name.s, desc.s);
	add_hours(c, c->o->doc != NULL ? c->o->doc->week_start : 0, b);
	add_legend(b, height + 8, "hours");
	out_svg_close(b);
	tk_buf_release(&desc);
	tk_buf_release(&name);
	return height + FOOT;
}
