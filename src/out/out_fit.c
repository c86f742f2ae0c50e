/*
 * Fitting a table into a terminal: what may go first goes first, then texts
 * lose their middle, then counts their precision; never a digit is cut off.
 */
#include <string.h>

#include "base/utf8.h"
#include "out/out_int.h"

enum { GAP = 2, KEEP_TEXT = 24, SHORT_TEXT = 8, LEAST_TEXT = 4, SHORT_INT = 5 };
enum { LEAST_BAR = 4, GOOD_BAR = 8 };

size_t
out_fit_width(const struct out *o, const struct out_layout *all)
{
	size_t width = 0;

	for (int i = 0; i < o->ncols; i++)
		if (all[i].show && o->cols[i].type != OUT_BAR)
			width +=
			    (width > 0 ? GAP : 0) + all[i].width + all[i].mark;
	return width;
}

/* A text that may be shortened: not a word such as "warning". */
static bool
is_text(const struct out *o, int col)
{
	return (o->cols[col].type == OUT_TEXT ||
		   o->cols[col].type == OUT_JSON) &&
	    (o->cols[col].flags & OUT_STATE) == 0;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

bool
out_is_period_across(const struct out *o, int col)
{
	return (o->cols[col].flags & OUT_PERIOD) != 0 &&
	    (o->cols[col].type == OUT_INT || o->cols[col].type == OUT_MONEY);
}

/* What a column takes whatever its texts are. */
static size_t
least_width(const struct out *o, int col)
{
	const char *title = o->cols[col].title;

	return larger(tk_utf8_width(title, strlen(title)),
	    out_grid_label_width(o, col));
}

/* What the table gains when no text is wider than most. */
static size_t
gain(const struct out *o, const struct out_layout *all, size_t most)
{
	size_t gained = 0;

	for (int i = 0; i < o->ncols; i++) {
		size_t least;

		if (!all[i].show || !is_text(o, i))
			continue;
		least = larger(most, least_width(o, i));
		if (all[i].width > least)
			gained += all[i].width - least;
	}
	return gained;
}

/* One limit for all texts: the largest that is enough, or least. */
static void
shorten_texts(const struct out *o, struct out_layout *all, size_t width,
    size_t least)
{
	size_t now = out_fit_width(o, all), limit = least, top = least;

	if (now <= width)
		return;
	for (int i = 0; i < o->ncols; i++)
		if (all[i].show && is_text(o, i))
			top = larger(top, all[i].width);
	while (limit < top) {
		size_t middle = limit + (top - limit + 1) / 2;

		if (now - gain(o, all, middle) <= width)
			limit = middle;
		else
			top = middle - 1;
	}
	for (int i = 0; i < o->ncols; i++)
		if (all[i].show && is_text(o, i) && all[i].width > limit)
			all[i].limit = larger(limit, least_width(o, i));
	out_grid_measure(o, all);
}

/* From the right, as many as must; then those come back that fit and leave
 * room for a bar. */
static void
drop_flagged(const struct out *o, struct out_layout *all, size_t width,
    size_t bar, int flag)
{
	int last = o->ncols;

	while (last > 0 && out_fit_width(o, all) > width)
		if (o->cols[--last].flags & flag)
			all[last].show = false;
	for (int i = last; i < o->ncols; i++) {
		if (all[i].show || !(o->cols[i].flags & flag) || !o->shown[i])
			continue;
		all[i].show = true;
		all[i].show = out_fit_width(o, all) + bar <= width;
	}
}

/* Of periods across, the latest are asked for most: the older ones go before a
 * name becomes a riddle. */
static void
drop_old_periods(const struct out *o, struct out_layout *all, size_t width)
{
	int last = o->ncols;

	while (last > 0 && !out_is_period_across(o, last - 1))
		last--;
	for (int i = 0; i < last - 1 && out_fit_width(o, all) > width; i++)
		if (out_is_period_across(o, i))
			all[i].show = false;
}

static size_t
less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static void
make_brief(const struct out *o, struct out_layout *all, size_t width)
{
	if (out_fit_width(o, all) <= width)
		return;
	for (int i = 0; i < o->ncols; i++)
		all[i].brief = true;
	out_grid_measure(o, all);
}

static void
shorten_counts(const struct out *o, struct out_layout *all, size_t width)
{
	if (out_fit_width(o, all) <= width)
		return;
	for (int i = 0; i < o->ncols; i++)
		if (all[i].show && o->cols[i].type == OUT_INT)
			all[i].limit = SHORT_INT;
	out_grid_measure(o, all);
}

/* The first column says what a row is, the last ones are its answer. */
static void
drop_from_left(const struct out *o, struct out_layout *all, size_t width)
{
	bool first = true;
	int last = o->ncols - 1;

	while (last > 0 && (!all[last].show || o->cols[last].type == OUT_BAR))
		last--;
	for (int i = 0; i < last; i++) {
		if (!all[i].show || o->cols[i].type == OUT_BAR)
			continue;
		if (!first && out_fit_width(o, all) > width)
			all[i].show = false;
		first = false;
	}
}

static bool
has_sentence(const struct out *o)
{
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i] && (o->cols[i].flags & OUT_SENTENCE))
			return true;
	return false;
}

void
out_fit(const struct out *o, struct out_layout *all, size_t width)
{
	size_t least = 0, good = 0;

	for (int i = 0; i < o->ncols; i++)
		if (all[i].show && o->cols[i].type == OUT_BAR) {
			least = GAP + LEAST_BAR;
			good = GAP + GOOD_BAR;
		}
	if (has_sentence(o))
		drop_flagged(o, all, width, 0, OUT_WIDE);
	shorten_texts(o, all, width, larger(KEEP_TEXT, width / 3));
	drop_old_periods(o, all, width);
	drop_flagged(o, all, less(width, good), 0, OUT_EXTRA);
	drop_flagged(o, all, less(width, least), 0, OUT_WIDE);
	drop_flagged(o, all, width, least, OUT_MEDIUM);
	make_brief(o, all, width);
	shorten_texts(o, all, width, SHORT_TEXT);
	shorten_counts(o, all, width);
	shorten_texts(o, all, width, LEAST_TEXT);
	drop_from_left(o, all, width);
}
