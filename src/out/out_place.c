/*
 * Where the rows of a picture stand: one place for each different value of
 * the first column.  Hours, days, weeks and months that have no row have a
 * place, too, so that a gap looks like one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out_chart.h"

enum { MOST_PLACES = 4000, MOST_BARS = 40 };

size_t
out_chart_name(char ***names, size_t *n, const char *name)
{
	for (size_t i = *n; i-- > 0;)
		if (strcmp((*names)[i], name) == 0)
			return i;
	*names = tk_xreallocarray(*names, *n + 1, sizeof(**names));
	(*names)[*n] = tk_xstrdup(name);
	return (*n)++;
}

static int64_t
unit_of(enum out_step step)
{
	switch (step) {
	case OUT_STEP_HOUR:
		return 3600000;
	case OUT_STEP_WEEK:
		return 7;
	case OUT_STEP_NONE:
	case OUT_STEP_DAY:
	case OUT_STEP_MONTH:
		break;
	}
	return 1;
}

/* n digits at s. */
static bool
read_digits(const char *s, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*value = *value * 10 + (s[i] - '0');
	}
	return true;
}

/* What reports call a month, a week, an hour: "2026-11", "2026-W47", RFC
 * 3339. */
static enum out_step
read_period(const char *s, int64_t *key)
{
	size_t len = strlen(s);
	int year, n;

	if (len == 7 && s[4] == '-' && read_digits(s, 4, &year) &&
	    read_digits(s + 5, 2, &n) && n >= 1 && n <= 12) {
		*key = (int64_t)year * 12 + n - 1;
		return OUT_STEP_MONTH;
	}
	if (len == 8 && s[4] == '-' && s[5] == 'W' &&
	    read_digits(s, 4, &year) && read_digits(s + 6, 2, &n) && n >= 1 &&
	    n <= 53) {
		*key = tk_day_week(tk_day_from_civil(year, 1, 4), 0) +
		    (int64_t)(n - 1) * 7;
		return OUT_STEP_WEEK;
	}
	return tk_time_parse(s, len, NULL, key) ? OUT_STEP_HOUR : OUT_STEP_NONE;
}

static enum out_step
step_of_row(const struct out_chart *c, size_t row, int64_t *key)
{
	const struct out_col *col = &c->o->cols[c->key];
	struct tk_buf b = TK_BUF_INIT;
	enum out_step step = OUT_STEP_NONE;

	if (col->type == OUT_DAY && !out_grid_null(c->o, row, c->key)) {
		*key = (int64_t)out_grid_number(c->o, row, c->key);
		return OUT_STEP_DAY;
	}
	if (col->type == OUT_TEXT && (col->flags & OUT_PERIOD)) {
		out_grid_text(c->o, &c->all[c->key], row, c->key, &b);
		step = read_period(b.s, key);
	}
	tk_buf_release(&b);
	return step;
}

static void
name_place(struct out_chart *c, size_t place)
{
	struct tk_buf b = TK_BUF_INIT;
	int64_t key = out_chart_key(c, place);

	switch (c->steps) {
	case OUT_STEP_HOUR:
		tk_time_add_minute(&b, c->o->style.zone, key);
		break;
	case OUT_STEP_DAY:
		tk_day_add(&b, (int32_t)key);
		break;
	case OUT_STEP_WEEK:
		tk_week_add(&b, (int32_t)key);
		break;
	case OUT_STEP_MONTH:
		tk_month_add(&b, (int32_t)key);
		break;
	case OUT_STEP_NONE:
		break;
	}
	c->place[place] = tk_buf_detach(&b);
}

/* One place for each period from the first to the last; false if not all
 * rows are of one kind, or they are too many. */
static bool
find_periods(struct out_chart *c, size_t *at)
{
	const struct out *o = c->o;
	int64_t key, first = INT64_MAX, last = INT64_MIN;

	for (size_t row = 0; row < out_grid_rows(o); row++) {
		enum out_step step;

		if (out_grid_kind(o, row) != OUT_ROW_DATA ||
		    out_grid_null(o, row, c->key))
			continue;
		step = step_of_row(c, row, &key);
		if (step == OUT_STEP_NONE ||
		    (c->steps != OUT_STEP_NONE && step != c->steps)) {
			c->steps = OUT_STEP_NONE;
			return false;
		}
		c->steps = step;
		first = key < first ? key : first;
		last = key > last ? key : last;
	}
	if (last < first ||
	    last / unit_of(c->steps) - first / unit_of(c->steps) >=
		MOST_PLACES) {
		c->steps = OUT_STEP_NONE;
		return false;
	}
	c->first = first;
	c->places = (size_t)((last - first) / unit_of(c->steps)) + 1;
	c->place = tk_xcalloc(c->places, sizeof(*c->place));
	for (size_t i = 0; i < c->places; i++)
		name_place(c, i);
	for (size_t row = 0; row < out_grid_rows(o); row++) {
		if (out_grid_kind(o, row) != OUT_ROW_DATA ||
		    out_grid_null(o, row, c->key))
			continue;
		step_of_row(c, row, &key);
		at[row] = (size_t)((key - first) / unit_of(c->steps));
	}
	return true;
}

int64_t
out_chart_key(const struct out_chart *c, size_t place)
{
	return c->first + (int64_t)place * unit_of(c->steps);
}

/* Names, in the order in which they come. */
static size_t
place_of_name(struct out_chart *c, size_t most, const char *name)
{
	if (c->places >= most && strcmp(c->place[c->places - 1], name) != 0) {
		c->cut = true;
		return SIZE_MAX;
	}
	return out_chart_name(&c->place, &c->places, name);
}

void
out_chart_places(struct out_chart *c, size_t *at)
{
	const struct out *o = c->o;
	struct tk_buf b = TK_BUF_INIT;
	size_t most = out_chart_over_time(o) ? MOST_PLACES : MOST_BARS;

	for (size_t row = 0; row < out_grid_rows(o); row++)
		at[row] = SIZE_MAX;
	if (find_periods(c, at))
		return;
	for (size_t row = 0; row < out_grid_rows(o); row++) {
		if (out_grid_kind(o, row) != OUT_ROW_DATA)
			continue;
		tk_buf_reset(&b);
		out_grid_text(o, &c->all[c->key], row, c->key, &b);
		at[row] = place_of_name(c, most, b.s);
	}
	tk_buf_release(&b);
}
