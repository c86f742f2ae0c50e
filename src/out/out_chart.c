/*
 * What a picture shows, worked out from the rows: places along the axis (the
 * first column), parts of each (the second one, if it is a text), and one
 * number for each part.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "out/out_chart.h"

static int
first_shown(const struct out *o)
{
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i])
			return i;
	return -1;
}

static bool
is_data(const struct out *o, size_t row)
{
	return out_grid_kind(o, row) == OUT_ROW_DATA;
}

static bool
same_numbers(const struct out *o, int a, int b)
{
	for (size_t row = 0; row < out_grid_rows(o); row++)
		if (is_data(o, row) &&
		    out_grid_number(o, row, a) != out_grid_number(o, row, b))
			return false;
	return true;
}

static bool
is_amount(const struct out *o, int col)
{
	return o->shown[col] &&
	    (o->cols[col].type == OUT_INT || o->cols[col].type == OUT_MONEY);
}

/* What the bars of a table stand for: the amount that has their numbers. */
static int
behind_bars(const struct out *o)
{
	int found = -1;

	for (int bar = 0; bar < o->ncols; bar++) {
		if (!o->shown[bar] || o->cols[bar].type != OUT_BAR)
			continue;
		for (int i = 0; i < o->ncols; i++)
			if (is_amount(o, i) && same_numbers(o, i, bar))
				found = i;
		return found >= 0 ? found : bar;
	}
	return -1;
}

static bool
has_value(const struct out *o, int col)
{
	for (size_t row = 0; row < out_grid_rows(o); row++)
		if (is_data(o, row) && out_grid_number(o, row, col) > 0)
			return true;
	return false;
}

int
out_chart_values(const struct out *o, bool any, int col[OUT_CHART_VALUES])
{
	int n = 0, bars = behind_bars(o), last = -1;

	if (o->picture == OUT_MATRIX) {
		col[0] = out_matrix_value(o);
		return col[0] >= 0;
	}
	if (bars < 0 && !any)
		return 0;
	for (int i = 0; i < o->ncols && n == 0; i++)
		if (o->shown[i] && o->cols[i].type == OUT_MONEY &&
		    has_value(o, i))
			col[n++] = i;
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i] && o->cols[i].type == OUT_INT)
			last = i;
	if (bars < 0 && n == 0)
		bars = last;
	if (bars >= 0 && (n == 0 || col[0] != bars))
		col[n++] = bars;
	return n;
}

bool
out_chart_over_time(const struct out *o)
{
	int i = first_shown(o);

	return i >= 0 &&
	    (o->picture == OUT_MATRIX || o->cols[i].type == OUT_DAY ||
		o->cols[i].type == OUT_TIME || (o->cols[i].flags & OUT_PERIOD));
}

/* The second column, where it is a name and not the state of something; other
 * words for the period do not count. */
static int
find_parts(const struct out *o, int key)
{
	for (int i = key + 1; i < o->ncols; i++)
		if (o->shown[i] && !(o->cols[i].flags & OUT_PERIOD))
			return o->cols[i].type == OUT_TEXT &&
				!(o->cols[i].flags & OUT_STATE)
			    ? i
			    : -1;
	return -1;
}

/* Which part of its place each row is. */
static void
name_parts(struct out_chart *c, size_t *part)
{
	struct tk_buf b = TK_BUF_INIT;

	for (size_t row = 0; row < out_grid_rows(c->o); row++) {
		if (!is_data(c->o, row))
			continue;
		tk_buf_reset(&b);
		if (c->parts_col >= 0)
			out_grid_text(c->o, &c->all[c->parts_col], row,
			    c->parts_col, &b);
		part[row] = out_chart_name(&c->part, &c->parts, b.s);
	}
	tk_buf_release(&b);
}

/* Large enough for anything that is real, and sums of it still fit. */
tk_int128
out_chart_value(const struct out_chart *c, size_t row, int col)
{
	const tk_int128 most = (tk_int128)1 << 100;
	tk_int128 n = out_grid_number(c->o, row, col);

	return n < 0 ? 0 : n > most ? most : n;
}

struct ranked {
	size_t part;
	tk_int128 sum;
};

static int
by_sum(const void *a_, const void *b_)
{
	const struct ranked *a = a_, *b = b_;

	if (a->sum != b->sum)
		return a->sum > b->sum ? -1 : 1;
	return a->part < b->part ? -1 : a->part > b->part;
}

/* The largest parts keep their names; the rest is one, "other". */
static void
fold_parts(struct out_chart *c, const size_t *at, size_t *part)
{
	struct ranked *r = tk_xcalloc(c->parts + 1, sizeof(*r));
	size_t *to = tk_xcalloc(c->parts + 1, sizeof(*to));
	size_t kept =
	    c->parts <= OUT_CHART_PARTS ? c->parts : OUT_CHART_PARTS - 1;
	char **names = tk_xcalloc(OUT_CHART_PARTS, sizeof(*names));

	for (size_t i = 0; i < c->parts; i++)
		r[i].part = i;
	for (size_t row = 0; row < out_grid_rows(c->o); row++)
		if (at[row] != SIZE_MAX)
			r[part[row]].sum += out_chart_value(c, row, c->rank);
	qsort(r, c->parts, sizeof(*r), by_sum);
	for (size_t i = 0; i < c->parts; i++) {
		to[r[i].part] = i < kept ? i : kept;
		if (i < kept)
			names[i] = c->part[r[i].part];
		else
			free(c->part[r[i].part]);
	}
	if (c->parts > kept)
		names[kept] = tk_xstrdup("other");
	for (size_t row = 0; row < out_grid_rows(c->o); row++)
		if (at[row] != SIZE_MAX)
			part[row] = to[part[row]];
	c->parts = c->parts > kept ? kept + 1 : kept;
	free(c->part);
	c->part = names;
	free(to);
	free(r);
}

static void
add_up(struct out_chart *c, const size_t *at, const size_t *part)
{
	const struct out *o = c->o;
	struct tk_buf b = TK_BUF_INIT;

	c->n = tk_xcalloc(c->places * c->parts + 1, sizeof(*c->n));
	c->open = tk_xcalloc(c->places + 1, sizeof(*c->open));
	c->known = tk_xcalloc(c->places + 1, sizeof(*c->known));
	for (size_t row = 0; row < out_grid_rows(o); row++) {
		tk_int128 n = out_chart_value(c, row, c->value);

		if (at[row] == SIZE_MAX)
			continue;
		tk_buf_reset(&b);
		if (out_grid_text(o, &c->all[c->key], row, c->key, &b) == '*')
			c->open[at[row]] = true;
		if (!out_grid_null(o, row, c->value))
			c->known[at[row]] = true;
		c->n[at[row] * c->parts + part[row]] += n;
	}
	for (size_t i = 0; i < c->places; i++) {
		tk_int128 sum = out_chart_sum(c, i);

		if (sum > c->most) {
			c->most = sum;
			c->most_at = i;
		}
	}
	tk_buf_release(&b);
}

const char *
out_chart_title(const struct out_chart *c)
{
	const struct out_doc *doc = c->o->doc;

	if (c->o->picture != OUT_MATRIX)
		return c->o->cols[c->value].title;
	return doc != NULL && doc->title != NULL ? doc->title : "";
}

void
out_chart_init(struct out_chart *c, const struct out *o,
    const struct out_layout *all, int value, int rank)
{
	size_t rows = out_grid_rows(o), *at, *part;

	*c = (struct out_chart){ .o = o,
		.all = all,
		.value = value,
		.rank = rank };
	c->key = first_shown(o);
	if (o->picture == OUT_MATRIX) {
		out_matrix_init(c);
		return;
	}
	at = tk_xcalloc(rows + 1, sizeof(*at));
	part = tk_xcalloc(rows + 1, sizeof(*part));
	c->parts_col = find_parts(o, c->key);
	out_chart_places(c, at);
	name_parts(c, part);
	/* Nobody said what it is a part of. */
	if (c->parts == 1 && strcmp(c->part[0], "-") == 0)
		c->parts_col = -1;
	if (o->picture != OUT_HEAT)
		fold_parts(c, at, part);
	add_up(c, at, part);
	free(part);
	free(at);
}

void
out_chart_release(struct out_chart *c)
{
	for (size_t i = 0; i < c->places; i++)
		free(c->place[i]);
	for (size_t i = 0; i < c->parts; i++)
		free(c->part[i]);
	free(c->place);
	free(c->part);
	free(c->n);
	free(c->open);
	free(c->known);
}

tk_int128
out_chart_sum(const struct out_chart *c, size_t place)
{
	tk_int128 sum = 0;

	for (size_t i = 0; i < c->parts; i++)
		sum += c->n[place * c->parts + i];
	return sum;
}

static int
by_number(const void *a_, const void *b_)
{
	tk_int128 a = *(const tk_int128 *)a_, b = *(const tk_int128 *)b_;

	return a < b ? -1 : a > b;
}

void
out_levels_init(struct out_levels *l, const struct out_chart *c, size_t from)
{
	size_t cells = c->places * c->parts, n = 0;
	tk_int128 *all = tk_xcalloc(cells + 1, sizeof(*all));

	for (size_t i = from * c->parts; i < cells; i++)
		if (c->n[i] > 0)
			all[n++] = c->n[i];
	qsort(all, n, sizeof(*all), by_number);
	for (size_t q = 1; q <= 3; q++)
		l->above[q - 1] = n > 0 ? all[(n * q + 3) / 4 - 1] : 0;
	free(all);
}

int
out_level_of(const struct out_levels *l, tk_int128 n)
{
	if (n <= 0)
		return 0;
	return 1 + (n > l->above[0]) + (n > l->above[1]) + (n > l->above[2]);
}

/* On an axis: dollars with the decimals that its steps need. */
static int
step_decimals(tk_int128 step)
{
	tk_int128 unit = TK_PICO_PER_USD;
	int n = 0;

	while (unit > 1 && step % unit != 0) {
		unit /= 10;
		n++;
	}
	return n == 1 ? 2 : n;
}

void
out_chart_amount(const struct out_chart *c, tk_int128 n, bool brief,
    struct tk_buf *b)
{
	const struct tk_digits *d = c->o->style.digits;

	switch (c->o->cols[c->value].type) {
	case OUT_MONEY:
		tk_money_add_human(b, n,
		    brief ? step_decimals(c->step) : c->all[c->value].decimals,
		    d);
		return;
	case OUT_BYTES:
		tk_bytes_add(b, (int64_t)n);
		return;
	case OUT_TEXT:
	case OUT_INT:
	case OUT_TIME:
	case OUT_RATIO:
	case OUT_BOOL:
	case OUT_BAR:
	case OUT_JSON:
	case OUT_DAY:
	case OUT_SHADES:
		if (brief)
			tk_int_add_short(b, n, 5, d);
		else
			tk_int_add_grouped(b, n, d);
		return;
	}
}
