/* Tables of names. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "top/frame_int.h"

/* Where the columns end; 0: left out. */
struct columns {
	int name; /* how wide */
	int req, in, out, cached, tokens, cost, last;
	int pulse; /* where it begins */
	int limit, share;
};

static bool
has_limits(const struct frame *f)
{
	return f->m->view == TOP_USER && f->m->dailies > 0;
}

/* Of a wide screen with panes, which have the limits; with the last hour of
 * each row where there is room for that, too. */
static struct columns
lay_out_wide(int w)
{
	int end = w >= FRAME_ALL ? w - 15 : w;

	return (struct columns){ .name = end - 60,
		.req = end - 54,
		.in = end - 44,
		.out = end - 35,
		.cached = end - 27,
		.tokens = end - 17,
		.cost = end - 7,
		.last = end,
		.pulse = w >= FRAME_ALL ? w - 13 : 0 };
}

static struct columns
lay_out(const struct frame *f)
{
	int w = f->w;
	struct columns c = { .tokens = w - 15, .cost = w - 6 };

	if (f->panes)
		return lay_out_wide(w);
	if (w >= FRAME_WIDE) {
		c = (struct columns){ .name = w - 62,
			.req = w - 56,
			.in = w - 47,
			.out = w - 39,
			.tokens = w - 29,
			.cost = w - 19,
			.last = w - 13 };
	} else if (w >= 60) {
		c.req = w - 24;
		c.name = w - 31;
	} else {
		c.name = w - 23;
	}
	if (has_limits(f))
		c.limit = w;
	else
		c.share = w;
	return c;
}

/* A heading; of the column that is sorted by, with a mark. */
static void
put_head(struct frame *f, int end, enum top_sort sort, const char *title)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, title);
	if (f->ui->sort == sort)
		tk_buf_adds(&b, f->ui->reverse ? "\u25b2" : "\u25bc");
	if (end > 0)
		cells_put_right(f->g, f->y, end, ROLE_HEAD, b.s);
	tk_buf_release(&b);
}

static void
draw_head(struct frame *f, const struct columns *c, const char *title)
{
	struct tk_buf b = TK_BUF_INIT;
	bool wide = f->w >= FRAME_WIDE;

	tk_buf_adds(&b, title);
	if (f->ui->sort == SORT_NAME)
		tk_buf_adds(&b, f->ui->reverse ? "\u25b2" : "\u25bc");
	cells_put_name(f->g, f->y, 0, c->name, ROLE_HEAD, b.s);
	put_head(f, c->req, SORT_REQUESTS, "Req");
	put_head(f, c->in, SORT_INPUT, "In");
	put_head(f, c->out, SORT_OUTPUT, "Out");
	put_head(f, c->cached, SORTS, "Cached");
	put_head(f, c->tokens, SORT_TOKENS, "Tokens");
	put_head(f, c->cost, SORT_COST, "Cost");
	put_head(f, c->last, SORT_LAST, "Last");
	if (c->pulse > 0)
		cells_put(f->g, f->y, c->pulse, ROLE_HEAD, "60 min");
	put_head(f, c->limit, SORT_LIMIT, wide ? "Day limit" : "Lim");
	put_head(f, c->share, SORTS, wide ? "Share" : "Sh");
	f->y++;
	tk_buf_release(&b);
}

/* How much of the day's limit is used. */
static void
draw_limit(struct frame *f, int end, const char *user)
{
	const struct top_limit *l = top_model_limit(f->m, user);
	bool wide = f->w >= FRAME_WIDE;
	struct tk_buf b = TK_BUF_INIT;

	if (end == 0 || l == NULL)
		return;
	frame_percent(f, &b, l->used, l->amount, wide ? 1 : 0, wide ? 6 : 5);
	cells_put_right(f->g, f->y, end - (wide ? 6 : 0), frame_role(l->state),
	    b.s);
	if (wide)
		cells_put(f->g, f->y, end - 4, frame_role(l->state),
		    frame_word(l->state));
	tk_buf_release(&b);
}

/* What part of all the rows this is, with a bar where there is room. */
static void
draw_share(struct frame *f, int end, tk_int128 part, tk_int128 whole)
{
	struct tk_buf b = TK_BUF_INIT;

	if (end == 0)
		return;
	if (f->w >= FRAME_WIDE)
		cells_fill(f->g, f->y, end - 12, 7, ROLE_OK, part, whole, -1);
	frame_percent(f, &b, part, whole, 0, 4);
	cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

/* How much of what went in came from a cache. */
static void
draw_cached(struct frame *f, int end, const struct usage_sums *s)
{
	tk_int128 in = sums_total(s) - s->v[SUM_OUTPUT];
	struct tk_buf b = TK_BUF_INIT;

	if (end > 0 && in > 0) {
		frame_percent(f, &b, s->v[SUM_CACHE_READ], in, 0, 4);
		cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
}

static void
draw_last(struct frame *f, int end, int64_t last)
{
	struct tk_buf b = TK_BUF_INIT;

	if (end > 0) {
		tk_time_add_minute(&b, f->s->zone, last);
		if (b.len >= 16)
			cells_put_right(f->g, f->y, end, ROLE_DIM,
			    b.s +
				(last >= f->m->day.since || b.len != 16
					? b.len - 5
					: 5) /* "11-20" of another day */);
	}
	tk_buf_release(&b);
}

static void
draw_pulse(struct frame *f, int x, int64_t name)
{
	tk_int128 tokens[TOP_PULSES];

	if (x <= 0)
		return;
	top_model_pulse(f->m, name, tokens);
	cells_spark(f->g, f->y, x, ROLE_OK, tokens, TOP_PULSES);
}

/* What rows have in common. */
struct rows {
	struct columns c;
	const struct report *r;
};

static void
draw_row(struct frame *f, const void *item, const void *data)
{
	const struct rows *rows = data;
	const struct columns *c = &rows->c;
	const struct report_row *row = item;
	const struct usage_sums *s = &row->sums;
	const char *name = row->name[0] != NULL ? row->name[0] : "-";
	tk_int128 total = sums_total(s);
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 0, c->name, ROLE_PLAIN, name);
	frame_number(f, c->req, s->v[SUM_REQUESTS], 5);
	frame_number(f, c->in, total - s->v[SUM_OUTPUT], 8);
	frame_number(f, c->out, s->v[SUM_OUTPUT], 7);
	draw_cached(f, c->cached, s);
	frame_number(f, c->tokens, total, c->out ? 9 : 7);
	frame_sums_cost(f, &b, s, 8);
	cells_put_right(f->g, f->y, c->cost, ROLE_PLAIN, b.s);
	draw_last(f, c->last, row->last);
	draw_pulse(f, c->pulse, row->key[0]);
	draw_limit(f, c->limit, name);
	draw_share(f, c->share, total, sums_total(&rows->r->total));
	f->y++;
	tk_buf_release(&b);
}

/* Why there is no row. */
static void
draw_nothing(struct frame *f, bool any)
{
	struct tk_buf b = TK_BUF_INIT;

	if (any)
		tk_buf_addf(&b, "nothing matches '%s' - Esc clears",
		    f->ui->filter.s);
	else
		tk_buf_adds(&b,
		    f->ui->range == RANGE_DAY && f->ui->shift == 0
			? "no usage today"
			: "no usage");
	cells_put_name(f->g, f->y, 0, f->w, ROLE_DIM, b.s);
	tk_buf_release(&b);
}

void
frame_table(struct frame *f, int rows)
{
	struct rows all = { lay_out(f), &f->m->table[TABLE_VIEW].report };
	const void **item;
	size_t n = top_list(f->ui, f->m, &item);

	draw_head(f, &all.c,
	    frame_titles[f->m->view == TOP_HOME ? TOP_USER : f->m->view]);
	if (n == 0 && rows > 0)
		draw_nothing(f, all.r->rows > 0);
	frame_items(f, item, n, rows, draw_row, &all);
	free(item);
}

static void
draw_further(struct frame *f, enum top_tables table, int rows)
{
	const struct top_table *t = &f->m->table[table];
	struct top_ui plain = { .sort = f->ui->sort,
		.reverse = f->ui->reverse };
	struct rows all = { lay_out(f), &t->report };
	const struct report_row **row;
	size_t n;

	if (!t->on || rows < 2)
		return;
	/* Limits are of users, and these have other names. */
	if (all.c.limit > 0) {
		all.c.share = all.c.limit;
		all.c.limit = 0;
	}
	for (int v = 0; v < TOP_LIVE; v++)
		if (top_view_kind((enum top_view)v) ==
		    (enum name_kind)t->query.dim[0])
			draw_head(f, &all.c, frame_titles[v]);
	n = top_list_table(&plain, f->m, table, &row);
	for (size_t i = 0; i < n && --rows > 0; i++)
		draw_row(f, row[i], &all);
	free(row);
}

/* How many rows a table asks for: its heading, and what it has. */
static int
wants(const struct frame *f, enum top_tables table)
{
	const struct top_table *t = &f->m->table[table];
	size_t n = t->report.rows;

	return !t->on ? 0 : 1 + (n < 1 ? 1 : n > 100 ? 100 : (int)n);
}

/* Three tables, one below the other: what one does not need others get. */
void
frame_drilled(struct frame *f, int rows)
{
	int want[3], got[3] = { 0 }, end = f->y + rows, left = rows - 2;

	for (int i = 0; i < 3; i++)
		want[i] = wants(f, (enum top_tables)(TABLE_VIEW + i));
	for (bool more = true; more && left > 0;) {
		more = false;
		for (int i = 0; i < 3 && left > 0; i++)
			if (got[i] < want[i]) {
				got[i]++;
				left--;
				more = true;
			}
	}
	frame_table(f, got[0] - 1);
	for (int i = 1; i < 3; i++) {
		f->y++;
		if (f->y + got[i] <= end)
			draw_further(f, (enum top_tables)(TABLE_VIEW + i),
			    got[i]);
	}
}
