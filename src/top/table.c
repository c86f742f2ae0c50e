/* Tables of names, and the calls that came last. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "top/frame_int.h"

enum { ALL_W = 92, SESSION_X = 49 };

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
	int end = w >= ALL_W ? w - 15 : w;

	return (struct columns){ .name = end - 60,
		.req = end - 54,
		.in = end - 44,
		.out = end - 35,
		.cached = end - 27,
		.tokens = end - 17,
		.cost = end - 7,
		.last = end,
		.pulse = w >= ALL_W ? w - 13 : 0 };
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

static void
draw_number(struct frame *f, int end, tk_int128 n, size_t width)
{
	struct tk_buf b = TK_BUF_INIT;

	if (end > 0) {
		frame_tokens(f, &b, n, width);
		cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	}
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

static void
draw_row(struct frame *f, const struct columns *c, const struct report *r,
    const struct report_row *row)
{
	const struct usage_sums *s = &row->sums;
	const char *name = row->name[0] != NULL ? row->name[0] : "-";
	tk_int128 total = sums_total(s);
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 0, c->name, ROLE_PLAIN, name);
	draw_number(f, c->req, s->v[SUM_REQUESTS], 5);
	draw_number(f, c->in, total - s->v[SUM_OUTPUT], 8);
	draw_number(f, c->out, s->v[SUM_OUTPUT], 7);
	draw_cached(f, c->cached, s);
	draw_number(f, c->tokens, total, c->out ? 9 : 7);
	frame_sums_cost(f, &b, s, 8);
	cells_put_right(f->g, f->y, c->cost, ROLE_PLAIN, b.s);
	draw_last(f, c->last, row->last);
	draw_pulse(f, c->pulse, row->key[0]);
	draw_limit(f, c->limit, name);
	draw_share(f, c->share, total, sums_total(&r->total));
	f->y++;
	tk_buf_release(&b);
}

void
frame_scroll(struct frame *f, size_t at, size_t n, int rows)
{
	struct top_ui *ui = f->ui;

	ui->page = rows > 1 ? rows - 1 : 1;
	ui->table_y = f->y;
	if ((int)at < ui->first)
		ui->first = (int)at;
	if ((int)at >= ui->first + rows)
		ui->first = (int)at - rows + 1;
	if (ui->first > (int)n - rows)
		ui->first = (int)n - rows;
	if (ui->first < 0)
		ui->first = 0;
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
	const struct report *r = &f->m->table[TABLE_VIEW].report;
	struct columns c = lay_out(f);
	struct top_ui *ui = f->ui;
	const void **item;
	size_t n = top_list(ui, f->m, &item);
	size_t at = top_list_selected(ui, f->m, item, n);

	draw_head(f, &c,
	    frame_titles[f->m->view == TOP_HOME ? TOP_USER : f->m->view]);
	if (n == 0 && rows > 0)
		draw_nothing(f, r->rows > 0);
	frame_scroll(f, ui->live ? at : 0, n, rows);
	for (size_t i = (size_t)ui->first; i < n && rows-- > 0; i++) {
		draw_row(f, &c, r, item[i]);
		if (ui->live && i == at)
			cells_paint(f->g, f->y - 1, 0, f->w, ROLE_SELECTED);
	}
	free(item);
}

static void
draw_further(struct frame *f, enum top_tables table, int rows)
{
	const struct top_table *t = &f->m->table[table];
	struct top_ui plain = { .sort = f->ui->sort,
		.reverse = f->ui->reverse };
	struct columns c = lay_out(f);
	const struct report_row **row;
	size_t n;

	if (!t->on || rows < 2)
		return;
	/* Limits are of users, and these have other names. */
	if (c.limit > 0) {
		c.share = c.limit;
		c.limit = 0;
	}
	for (int v = 0; v < TOP_LIVE; v++)
		if (top_view_kind((enum top_view)v) ==
		    (enum name_kind)t->query.dim[0])
			draw_head(f, &c, frame_titles[v]);
	n = top_list_table(&plain, f->m, table, &row);
	for (size_t i = 0; i < n && --rows > 0; i++)
		draw_row(f, &c, &t->report, row[i]);
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

static void
put_text(struct frame *f, int x, int w, const char *text)
{
	cells_put_name(f->g, f->y, x, w, ROLE_PLAIN,
	    text != NULL && *text != '\0' ? text : "-");
}

static void
put_call_cost(struct frame *f, int end, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;

	frame_cost(f, &b, call->cost == RECORD_UNKNOWN ? 0 : call->cost,
	    call->cost == RECORD_UNKNOWN, 1, 9);
	cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

/* The time and what is known by name, in so many columns from 10 on. */
static void
put_call_time(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add_second(&b, f->s->zone, call->time);
	cells_put(f->g, f->y, 0, ROLE_DIM, b.s);
	tk_buf_release(&b);
}

static void
draw_call(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;
	int end = f->w;

	put_call_time(f, call);
	put_text(f, 10, 8, call->user);
	put_text(f, 19, 7, call->application);
	put_text(f, 27, end - 63, call->model);
	frame_tokens(f, &b, call->input, 9);
	tk_buf_adds(&b, " in");
	cells_put_right(f->g, f->y, end - 23, ROLE_PLAIN, b.s);
	frame_tokens(f, &b, call->output, 6);
	tk_buf_adds(&b, " out");
	cells_put_right(f->g, f->y, end - 12, ROLE_PLAIN, b.s);
	put_call_cost(f, end, call);
	f->y++;
	tk_buf_release(&b);
}

static void
draw_wide_call(struct frame *f, const struct top_call *call)
{
	int end = f->w;

	put_call_time(f, call);
	put_text(f, 10, 9, call->user);
	put_text(f, 20, 7, call->application);
	put_text(f, 28, 20, call->model);
	if (end >= ALL_W)
		put_text(f, SESSION_X, end - 82, call->session);
	draw_number(f, end - 24, call->input, 8);
	draw_number(f, end - 17, call->output, 6);
	draw_number(f, end - 10, call->cached, 6);
	put_call_cost(f, end, call);
	f->y++;
}

static void
draw_short_call(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;

	put_call_time(f, call);
	put_text(f, 10, f->w - 28, call->user);
	frame_tokens(f, &b, (tk_int128)call->input + call->output, 7);
	cells_put_right(f->g, f->y, f->w - 10, ROLE_PLAIN, b.s);
	put_call_cost(f, f->w, call);
	f->y++;
	tk_buf_release(&b);
}

static void
draw_call_head(struct frame *f)
{
	static const struct {
		int x; /* < 0: it ends so far from the right */
		const char *title;
	} heads[] = { { 0, "Time" }, { 10, "User" }, { 20, "App" },
		{ 28, "Model" }, { SESSION_X, "Session" }, { -24, "In" },
		{ -17, "Out" }, { -10, "Cached" } };

	for (size_t i = 0; i < TK_LEN(heads); i++) {
		if (heads[i].x == SESSION_X && f->w < ALL_W)
			continue;
		if (heads[i].x >= 0)
			cells_put(f->g, f->y, heads[i].x, ROLE_HEAD,
			    heads[i].title);
		else
			cells_put_right(f->g, f->y, f->w + heads[i].x,
			    ROLE_HEAD, heads[i].title);
	}
	cells_put_right(f->g, f->y++, f->w, ROLE_HEAD, "Cost");
}

void
frame_latest(struct frame *f, int rows)
{
	int x;

	f->y = f->bottom - rows;
	x = cells_put(f->g, f->y, 0, ROLE_HEAD,
	    f->panes ? "Latest requests " : "Latest ");
	cells_rule(f->g, f->y++, x, f->w, ROLE_DIM);
	if (f->panes)
		draw_call_head(f);
	for (size_t i = 0; f->y < f->bottom && i < f->m->calls; i++) {
		if (f->panes)
			draw_wide_call(f, &f->m->call[i]);
		else
			draw_call(f, &f->m->call[i]);
	}
}

/* All of the latest calls; narrow screens have them without the model. */
void
frame_live(struct frame *f, int rows)
{
	const void **item;
	size_t n = top_list(f->ui, f->m, &item), at;

	if (f->panes) {
		draw_call_head(f);
		rows--;
	}
	if (n == 0)
		cells_put_name(f->g, f->y, 0, f->w, ROLE_DIM,
		    f->m->calls == 0 ? "nothing was recorded yet"
				     : "nothing matches - Esc clears");
	at = top_list_selected(f->ui, f->m, item, n);
	frame_scroll(f, f->ui->live ? at : 0, n, rows);
	for (size_t i = (size_t)f->ui->first; i < n && rows-- > 0; i++) {
		if (f->panes)
			draw_wide_call(f, item[i]);
		else if (f->w >= FRAME_WIDE)
			draw_call(f, item[i]);
		else
			draw_short_call(f, item[i]);
		if (f->ui->live && i == at)
			cells_paint(f->g, f->y - 1, 0, f->w, ROLE_SELECTED);
	}
	free(item);
}
