/* Panes on the right of a wide screen. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "top/frame_int.h"

enum {
	FULL = 45, /* columns, where there is room; FULL - 8 at least */
	NAME_W = 10,
	BAR_W = 12,
	DAY_W = 3,
	CHART_H = 4
};

bool
top_has_panes(int w, int h)
{
	return w >= FRAME_WIDE + 40 && h >= 35;
}

/* Where the panes begin. */
static int
left(const struct frame *f)
{
	return f->w + 3;
}

/* So many columns less than what panes would like to have. */
static int
missing(const struct frame *f)
{
	int w = f->g->w - left(f);

	return w < FULL ? FULL - w : 0;
}

static void
draw_limit(struct frame *f, const struct top_limit *l)
{
	struct tk_buf b = TK_BUF_INIT;
	int x = left(f);

	cells_put_name(f->g, f->y, x, NAME_W, ROLE_PLAIN, l->label);
	frame_bar(f, x + NAME_W + 1, BAR_W - missing(f), 1, l);
	frame_amount(f, &b, l->kind, l->amount, l->kind == LIMIT_QUOTA ? 5 : 7);
	if (cells_width(b.s) <= 7)
		cells_put_right(f->g, f->y, f->g->w, ROLE_PLAIN, b.s);
	f->y++;
	tk_buf_release(&b);
}

/* The part that is used, larger first. */
static int
by_part(const void *a_, const void *b_)
{
	const struct top_limit *a = *(const struct top_limit *const *)a_;
	const struct top_limit *b = *(const struct top_limit *const *)b_;
	tk_int128 x = a->amount > 0 ? a->used * 1000000 / a->amount : 0;
	tk_int128 y = b->amount > 0 ? b->used * 1000000 / b->amount : 0;

	return x != y ? (x < y ? 1 : -1) : strcmp(a->label, b->label);
}

/* Those of that kind that are used up most; the quotas, of the day. */
static size_t
find_limits(const struct frame *f, enum limit_kind kind,
    const struct top_limit ***v)
{
	size_t n = 0;

	*v = tk_xcalloc(f->m->limits + 1, sizeof(**v));
	for (size_t i = 0; i < f->m->limits; i++) {
		const struct top_limit *l = &f->m->limit[i];

		if (l->kind == kind &&
		    (kind == LIMIT_BUDGET || l->period == PERIOD_DAY))
			(*v)[n++] = l;
	}
	if (n > 1)
		qsort(*v, n, sizeof(**v), by_part);
	return n;
}

static void
draw_limits(struct frame *f, enum limit_kind kind, const char *title,
    size_t max)
{
	const struct top_limit **v;
	size_t n = find_limits(f, kind, &v);
	struct tk_buf b = TK_BUF_INIT;
	int x = left(f);

	cells_put(f->g, f->y, x, ROLE_HEAD, title);
	if (kind == LIMIT_BUDGET) {
		tk_buf_adds(&b,
		    f->g->ascii ? "| = where time is"
				: "\u2502 = where time is");
	} else if (n > 0 && v[0]->resets_at > f->m->now) {
		struct tk_buf t = TK_BUF_INIT;

		tk_time_add_minute(&t, f->s->zone, v[0]->resets_at);
		tk_buf_addf(&b, "resets %s, in ", t.len == 16 ? t.s + 11 : t.s);
		frame_span(&b, v[0]->resets_at - f->m->now);
		tk_buf_release(&t);
	}
	cells_put_right(f->g, f->y++, f->g->w, ROLE_DIM, b.s);
	if (n == 0)
		cells_put(f->g, f->y++, x, ROLE_DIM, "none is set");
	for (size_t i = 0; i < n && i < max; i++)
		draw_limit(f, v[i]);
	tk_buf_release(&b);
	free(v);
}

static void
draw_alerts(struct frame *f, size_t max)
{
	int x = left(f);

	cells_put(f->g, f->y, x, ROLE_HEAD, "Alerts");
	cells_put_right(f->g, f->y++, f->g->w, ROLE_DIM, "x acknowledges");
	if (f->m->alerts == 0)
		cells_put(f->g, f->y++, x, ROLE_DIM,
		    "nothing has crossed a line");
	for (size_t i = 0; i < f->m->alerts && i < max; i++, f->y++)
		frame_alert(f, x, f->g->w - x, &f->m->alert[i]);
}

static void
draw_models(struct frame *f, size_t max)
{
	const struct report *r = &f->m->table[TABLE_MODELS].report;
	struct top_ui by_tokens = { .sort = SORT_TOKENS };
	const struct report_row **row;
	size_t n = top_list_table(&by_tokens, f->m, TABLE_MODELS, &row);
	struct tk_buf b = TK_BUF_INIT;
	int x = left(f), bar = 13 - missing(f);

	cells_put(f->g, f->y++, x, ROLE_HEAD, "Today by model");
	for (size_t i = 0; i < n && i < max; i++, f->y++) {
		const struct usage_sums *s = &row[i]->sums;
		tk_int128 part = sums_total(s), whole = sums_total(&r->total);

		cells_put_name(f->g, f->y, x, 18, ROLE_PLAIN,
		    row[i]->name[0] != NULL ? row[i]->name[0] : "-");
		cells_fill(f->g, f->y, x + 19, bar, ROLE_OK, part, whole, -1);
		frame_percent(f, &b, part, whole, 0, 4);
		cells_put_right(f->g, f->y, x + 24 + bar, ROLE_PLAIN, b.s);
		frame_sums_cost(f, &b, s, 7);
		cells_put_right(f->g, f->y, f->g->w, ROLE_PLAIN, b.s);
	}
	if (n == 0)
		cells_put(f->g, f->y++, x, ROLE_DIM, "no usage today");
	free(row);
	tk_buf_release(&b);
}

static void
draw_days(struct frame *f)
{
	int x = left(f), days = (f->g->w - x + 1) / DAY_W;
	tk_int128 most = 0;

	if (days > TOP_DAYS)
		days = TOP_DAYS;
	cells_putf(f->g, f->y++, x, ROLE_HEAD, "Last %d days, cost", days);
	if (!f->m->has_days) {
		cells_put(f->g, f->y, x, ROLE_DIM, "is being read");
		f->y += CHART_H + 1;
		return;
	}
	for (int i = 0; i < days; i++)
		if (f->m->day_cost[i] > most)
			most = f->m->day_cost[i];
	f->y += CHART_H;
	for (int i = 0; i < days; i++) {
		int at = x + DAY_W * (days - 1 - i), year, month, mday;

		cells_column(f->g, f->y, at, CHART_H, ROLE_OK,
		    f->m->day_cost[i], most);
		tk_day_to_civil(f->m->last_day - i, &year, &month, &mday);
		cells_putf(f->g, f->y, at, ROLE_DIM, "%02d", mday);
	}
	f->y++;
}

static int
by_size(const void *a_, const void *b_)
{
	const tk_int128 *a = a_, *b = b_;

	return *a < *b ? -1 : *a > *b;
}

/* Quartiles of what is not nothing: half of the cells must not look alike. */
static void
find_quartiles(const struct frame *f, tk_int128 edge[3])
{
	tk_int128 v[7 * 24];
	size_t n = 0;

	for (int day = 0; day < 7; day++)
		for (int hour = 0; hour < 24; hour++)
			if (f->m->hour_tokens[day][hour] > 0)
				v[n++] = f->m->hour_tokens[day][hour];
	qsort(v, n, sizeof(*v), by_size);
	for (size_t i = 0; i < 3; i++)
		edge[i] = n > 0 ? v[(n - 1) * (i + 1) / 4] : 0;
}

static void
draw_hours(struct frame *f)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const shades[] = { "\u2591", "\u2592", "\u2593",
		"\u2588" };
	static const char *const notes[2][7] = {
		{ "0h to 23h", "", "", "", "\u2591\u2592\u2593\u2588 quartile",
		    "\u00b7 none", "" },
		{ "0-23h", "", "", "", "\u2591\u2592\u2593\u2588",
		    "\u00b7 none", "" },
	};
	int x = left(f), first = tk_day_weekday(f->m->last_day - 6);
	bool narrow = missing(f) > 0;
	tk_int128 edge[3];

	cells_put(f->g, f->y++, x, ROLE_HEAD, "When: tokens by hour, 7 days");
	if (!f->m->has_days) {
		cells_put(f->g, f->y, x, ROLE_DIM, "is being read");
		return;
	}
	find_quartiles(f, edge);
	for (int i = 0; i < 7; i++, f->y++) {
		int day = (first + i) % 7;

		cells_put(f->g, f->y, x, ROLE_DIM, names[day]);
		for (int hour = 0; hour < 24; hour++) {
			tk_int128 n = f->m->hour_tokens[day][hour];
			int k = (n > edge[0]) + (n > edge[1]) + (n > edge[2]);

			cells_put(f->g, f->y, x + 5 + hour,
			    n > 0 ? ROLE_OK : ROLE_DIM,
			    n > 0 ? shades[k] : "\u00b7");
		}
		cells_put(f->g, f->y, x + 31, ROLE_DIM, notes[narrow][i]);
	}
}

/* From the second row to the last but one; what there is no room for is left
 * out from below. */
void
frame_panes(struct frame *f)
{
	int x = f->w + 1, y = f->y, end = f->g->h - 1;

	for (int i = y; i < end; i++)
		cells_put(f->g, i, x, ROLE_DIM, "\u2502");
	draw_limits(f, LIMIT_QUOTA, "Limits today", 5);
	draw_limits(f, LIMIT_BUDGET, "Budgets", 4);
	f->y++;
	draw_alerts(f, 4);
	f->y++;
	draw_models(f, 4);
	f->y++;
	if (f->y + 2 + CHART_H <= end) {
		draw_days(f);
		f->y++;
	}
	if (f->y + 8 <= end)
		draw_hours(f);
	f->y = y;
}
