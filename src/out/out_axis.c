/* What stands below an axis of time, or of names. */
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "out/out_chart.h"

enum { CHAR = 7, MOST_NAME = 20 };

int64_t
out_axis_x(const struct out_chart *c, const struct out_axis *axis, size_t place)
{
	const int64_t room = (int64_t)(axis->right - axis->left) * 10;

	return axis->left * 10 + (int64_t)place * room / (int64_t)c->places;
}

/* Which days are named, and how much of "2026-11-21" is said: Mondays,
 * firsts of months, or of years. */
static bool
is_named_day(int32_t day, size_t days, size_t *from, size_t *len)
{
	int year, month, mday;

	tk_day_to_civil(day, &year, &month, &mday);
	*from = days <= 75 ? 5 : 0;
	*len = days <= 75 ? 5 : 7;
	if (days <= 10)
		return true;
	if (days <= 75)
		return tk_day_weekday(day) == 0;
	if (days <= 400)
		return mday == 1;
	if (days <= 1200)
		return mday == 1 && month % 6 == 1;
	return mday == 1 && month == 1;
}

/* Of "2026-11-21 14:00": some hours of a few days, else the days. */
static bool
is_named_hour(const struct out_chart *c, size_t place, size_t *from,
    size_t *len)
{
	const char *name = c->place[place];
	int32_t day = tk_zone_day(c->o->style.zone, out_chart_key(c, place));
	size_t every = c->places <= 12 ? 1 : c->places <= 24 ? 3 : 6;

	if (strlen(name) != 16)
		return false;
	if (strcmp(name + 11, "00:00") == 0)
		return is_named_day(day, c->places / 24 + 1, from, len);
	*from = 11;
	*len = 5;
	return c->places <= 48 && strcmp(name + 14, "00") == 0 &&
	    (size_t)((name[11] - '0') * 10 + name[12] - '0') % every == 0;
}

static void
add_some_names(const struct out_chart *c, const struct out_axis *axis,
    struct tk_buf *b)
{
	struct tk_buf name = TK_BUF_INIT;

	for (size_t i = 0; i < c->places; i++) {
		int64_t x =
		    (out_axis_x(c, axis, i) + out_axis_x(c, axis, i + 1)) / 2;
		size_t from, len;
		bool named = c->steps == OUT_STEP_DAY
		    ? is_named_day((int32_t)out_chart_key(c, i), c->places,
			  &from, &len)
		    : is_named_hour(c, i, &from, &len);

		if (!named || x > (axis->right - 12) * 10)
			continue;
		tk_buf_reset(&name);
		tk_buf_addf(&name, "%.*s", (int)len, c->place[i] + from);
		out_svg_text(b, "d", x, axis->names * 10, "middle", name.s);
	}
	tk_buf_release(&name);
}

/* As many as have room, at even distances. */
static void
add_even_names(const struct out_chart *c, const struct out_axis *axis,
    struct tk_buf *b)
{
	const size_t room = (size_t)(axis->right - axis->left);
	struct tk_buf name = TK_BUF_INIT;
	size_t most = 0, every;

	for (size_t i = 0; i < c->places; i++) {
		size_t w = tk_utf8_width(c->place[i], strlen(c->place[i]));

		most = w > most ? w : most;
	}
	most = most > MOST_NAME ? MOST_NAME : most;
	every = ((most + 2) * CHAR * c->places + room - 1) / room;
	every = every > 0 ? every : 1;
	for (size_t i = 0; i < c->places; i += every) {
		int64_t x =
		    (out_axis_x(c, axis, i) + out_axis_x(c, axis, i + 1)) / 2;
		int64_t half = (int64_t)most * CHAR * 5;

		tk_buf_reset(&name);
		tk_utf8_add_short(&name, c->place[i], strlen(c->place[i]),
		    MOST_NAME);
		if (i > 0 && x + half > OUT_SVG_WIDTH * 10)
			break;
		if (x < half)
			x = half;
		out_svg_text(b, "d", x, axis->names * 10, "middle", name.s);
	}
	tk_buf_release(&name);
}

void
out_svg_names(const struct out_chart *c, const struct out_axis *axis,
    struct tk_buf *b)
{
	if (c->steps == OUT_STEP_DAY || c->steps == OUT_STEP_HOUR)
		add_some_names(c, axis, b);
	else
		add_even_names(c, axis, b);
}
