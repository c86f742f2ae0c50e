/*
 * Frames: the header never goes, the table shrinks, the answer alone stays
 *
 * From 80 columns and 16 rows on there is all of it; from 38 by 7 a narrow
 * table; below that, lines with the figures alone.
 */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "top/top.h"

/* One frame while it is drawn. */
struct frame {
	struct cells *g;
	const struct top_model *m;
	const struct top_style *s;
	int y;
};

enum { NARROW = 38, LOW = 7, WIDE = 80, HIGH = 16, SPARK = 60 };

static const char *const titles[TOP_VIEWS] = { "User", "Application", "Model",
	"Session", "Project" };

static void
tokens_text(const struct frame *f, struct tk_buf *b, tk_int128 n, size_t width)
{
	tk_buf_reset(b);
	tk_int_add_short(b, n, width, f->s->digits);
}

/* Money in at most so many columns: what is too long loses its cents, then
 * figures, never its size. */
static void
cost_text(const struct frame *f, struct tk_buf *b, tk_int128 cost,
    tk_int128 unpriced, tk_int128 requests, size_t width)
{
	const char *more = unpriced > 0 ? "+" : "";

	tk_buf_reset(b);
	if (unpriced > 0 && unpriced >= requests && cost == 0) {
		tk_buf_adds(b, "n/a");
		return;
	}
	tk_money_add_human(b, cost, -1, f->s->digits);
	tk_buf_adds(b, more);
	if (b->len <= width)
		return;
	tk_buf_reset(b);
	tk_buf_adds(b, cost < 0 ? "-$" : "$");
	tk_int_add_short(b, (cost < 0 ? -cost : cost) / TK_PICO_PER_USD,
	    width > 3 + b->len ? width - 1 - b->len : 3, f->s->digits);
	tk_buf_adds(b, more);
}

static void
sums_cost(const struct frame *f, struct tk_buf *b, const struct usage_sums *s,
    size_t width)
{
	cost_text(f, b, s->v[SUM_COST], s->v[SUM_UNPRICED], s->v[SUM_REQUESTS],
	    width);
}

static void
draw_title(struct frame *f)
{
	struct tk_buf clock = TK_BUF_INIT, time = TK_BUF_INIT;
	struct cells *g = f->g;
	int32_t day = tk_zone_day(f->s->zone, f->m->now);
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	int end = g->w;

	tk_time_add_second(&time, f->s->zone, f->m->now);
	if (g->w >= WIDE) {
		tk_buf_addf(&clock, "%s ", names[tk_day_weekday(day)]);
		tk_day_add(&clock, day);
		tk_buf_addf(&clock, " %s", time.s);
	} else {
		tk_buf_add(&clock, time.s, time.len > 5 ? 5 : time.len);
	}
	cells_put_right(g, f->y, end, ROLE_PLAIN, clock.s);
	cells_put(g, f->y, 0, ROLE_TITLE, "tokctl top");
	end -= cells_width(clock.s) + 1;
	if (end > 12)
		cells_put_name(g, f->y, 12, end - 12, ROLE_PLAIN, f->s->scope);
	f->y++;
	tk_buf_release(&clock);
	tk_buf_release(&time);
}

static void
draw_sums(struct frame *f, const char *label, const struct usage_sums *s)
{
	struct tk_buf b = TK_BUF_INIT;
	bool wide = f->g->w >= WIDE;

	cells_put(f->g, f->y, 0, ROLE_HEAD, label);
	tokens_text(f, &b, sums_total(s), wide ? 12 : 7);
	cells_put_right(f->g, f->y, wide ? 18 : 13, ROLE_PLAIN, b.s);
	if (wide)
		cells_put(f->g, f->y, 19, ROLE_PLAIN, "tok");
	sums_cost(f, &b, s, 10);
	cells_put_right(f->g, f->y, wide ? 34 : 24, ROLE_PLAIN, b.s);
	if (wide) {
		tokens_text(f, &b, s->v[SUM_REQUESTS], 9);
		cells_put_right(f->g, f->y, 46, ROLE_PLAIN, b.s);
		cells_put(f->g, f->y, 47, ROLE_PLAIN, "requests");
	}
	f->y++;
	tk_buf_release(&b);
}

static void
add_rate(const struct frame *f, struct tk_buf *b, int minutes)
{
	struct now_rate rate;

	now_rate(&f->m->figures, f->m->now, minutes, &rate);
	tk_int_add_short(b, rate.tokens_per_minute, 7, f->s->digits);
	tk_buf_adds(b, " tok/min ");
	tk_money_add_human(b, rate.cost_per_hour, -1, f->s->digits);
	tk_buf_adds(b, rate.partial ? "+/h" : "/h");
}

static void
draw_rates(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Rate");
	add_rate(f, &b, 5);
	cells_put(f->g, f->y, 7, ROLE_PLAIN, b.s);
	tk_buf_reset(&b);
	tk_buf_adds(&b, "last hour ");
	add_rate(f, &b, 60);
	cells_put_right(f->g, f->y++, f->g->w, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

static void
draw_ahead(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 tokens, cost;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Ahead");
	if (top_day_ahead(f->m, f->s->zone, &tokens)) {
		tk_buf_adds(&b, "day ends ~");
		tk_int_add_short(&b, tokens, 6, f->s->digits);
	} else {
		tk_buf_adds(&b, "day: too early to say");
	}
	if (top_month_ahead(f->m, f->s->zone, &cost)) {
		tk_buf_adds(&b, "   month ~");
		tk_money_add_human(&b, cost, -1, f->s->digits);
		if (f->m->figures.this_month.v[SUM_UNPRICED] > 0)
			tk_buf_adds(&b, "+");
	}
	cells_put(f->g, f->y++, 7, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

static void
draw_hour(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	tk_int128 value[SPARK] = { 0 }, most = 0;
	int64_t last = f->m->now / 60000;
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "60 min");
	for (int i = 0; i < SPARK; i++) {
		int64_t minute = last - SPARK + 1 + i;
		const struct now_minute *m =
		    &n->minute[(minute % NOW_MINUTES + NOW_MINUTES) %
			NOW_MINUTES];

		if (m->minute == minute)
			value[i] = m->tokens;
		if (value[i] > most)
			most = value[i];
	}
	cells_spark(f->g, f->y, 7, ROLE_OK, value, SPARK);
	if (most > 0) {
		tk_int_add_short(&b, most, 6, f->s->digits);
		tk_buf_adds(&b, "/min");
		cells_put_right(f->g, f->y, f->g->w, ROLE_DIM, b.s);
	}
	f->y++;
	tk_buf_release(&b);
}

static void
draw_tabs(struct frame *f)
{
	int x = 1;

	for (int v = 0; v < TOP_VIEWS; v++) {
		enum cell_role role =
		    v == (int)f->m->view ? ROLE_SELECTED : ROLE_KEY;

		x = cells_putf(f->g, f->y, x, role, "%d %s", v + 1, titles[v]) +
		    2;
	}
	f->y++;
}

/* The columns of the table, from the right; 0: left out. */
struct columns {
	int last, cost, tokens, out, in, req;
	int name; /* how wide */
};

static struct columns
lay_out(int w)
{
	struct columns c = { 0 };
	int x = w;

	if (w >= WIDE) {
		c.last = x;
		x -= 6;
	}
	c.cost = x;
	x -= w >= WIDE ? 11 : 10;
	c.tokens = x;
	x -= w >= WIDE ? 13 : 8;
	if (w >= WIDE) {
		c.out = x;
		x -= 11;
		c.in = x;
		x -= 13;
	}
	if (w >= 60) {
		c.req = x;
		x -= 8;
	}
	c.name = x - 1;
	return c;
}

static void
draw_head(struct frame *f, const struct columns *c)
{
	struct cells *g = f->g;
	const char *title = titles[f->m->view];

	cells_put_name(g, f->y, 0, c->name, ROLE_HEAD, title);
	if (c->req)
		cells_put_right(g, f->y, c->req, ROLE_HEAD, "Req");
	if (c->in)
		cells_put_right(g, f->y, c->in, ROLE_HEAD, "In");
	if (c->out)
		cells_put_right(g, f->y, c->out, ROLE_HEAD, "Out");
	cells_put_right(g, f->y, c->tokens, ROLE_HEAD, "Tokens\u25bc");
	cells_put_right(g, f->y, c->cost, ROLE_HEAD, "Cost");
	if (c->last)
		cells_put_right(g, f->y, c->last, ROLE_HEAD, "Last");
	f->y++;
}

static void
draw_number(struct frame *f, int end, tk_int128 n, size_t width)
{
	struct tk_buf b = TK_BUF_INIT;

	if (end > 0) {
		tokens_text(f, &b, n, width);
		cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
}

static void
draw_row(struct frame *f, const struct columns *c, const struct report_row *row)
{
	const struct usage_sums *s = &row->sums;
	bool wide = f->g->w >= WIDE;
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 0, c->name, ROLE_PLAIN,
	    row->name[0] != NULL ? row->name[0] : "-");
	draw_number(f, c->req, s->v[SUM_REQUESTS], 6);
	draw_number(f, c->in,
	    s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s) +
		s->v[SUM_UNSPLIT],
	    11);
	draw_number(f, c->out, s->v[SUM_OUTPUT], 9);
	draw_number(f, c->tokens, sums_total(s), wide ? 12 : 7);
	sums_cost(f, &b, s, 9);
	cells_put_right(f->g, f->y, c->cost, ROLE_PLAIN, b.s);
	if (c->last > 0) {
		tk_buf_reset(&b);
		tk_time_add_minute(&b, f->s->zone, row->last);
		if (b.len > 5)
			cells_put_right(f->g, f->y, c->last, ROLE_DIM,
			    b.s + b.len - 5);
	}
	f->y++;
	tk_buf_release(&b);
}

static void
draw_table(struct frame *f, int rows)
{
	struct columns c = lay_out(f->g->w);

	draw_head(f, &c);
	if (f->m->table.rows == 0)
		cells_put_name(f->g, f->y, 0, f->g->w, ROLE_DIM,
		    "no usage today");
	for (size_t i = 0; i < f->m->table.rows && rows-- > 0; i++)
		draw_row(f, &c, &f->m->table.row[i]);
}

static void
draw_call(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;
	int end = f->g->w;

	tk_time_add_second(&b, f->s->zone, call->time);
	cells_put(f->g, f->y, 0, ROLE_DIM, b.s);
	cost_text(f, &b, call->cost == RECORD_UNKNOWN ? 0 : call->cost,
	    call->cost == RECORD_UNKNOWN, 1, 9);
	cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	tokens_text(f, &b, call->output, 7);
	tk_buf_adds(&b, " out");
	cells_put_right(f->g, f->y, end - 10, ROLE_PLAIN, b.s);
	tokens_text(f, &b, call->input, 9);
	tk_buf_adds(&b, " in");
	cells_put_right(f->g, f->y, end - 22, ROLE_PLAIN, b.s);
	cells_put_name(f->g, f->y, 10, 9, ROLE_PLAIN,
	    call->user != NULL ? call->user : "-");
	cells_put_name(f->g, f->y, 20, end - 36 - 20, ROLE_PLAIN,
	    call->model != NULL ? call->model : "-");
	f->y++;
	tk_buf_release(&b);
}

static void
draw_latest(struct frame *f, int rows)
{
	f->y = f->g->h - rows;
	cells_rule(f->g, f->y, cells_put(f->g, f->y, 0, ROLE_HEAD, "Latest "),
	    ROLE_DIM);
	f->y++;
	for (int i = 0; i < rows - 1 && i < (int)f->m->calls; i++)
		draw_call(f, &f->m->call[i]);
}

/* No room for a table: a line that does not fit is left out, never cut. */
static void
draw_answer(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	struct tk_buf b = TK_BUF_INIT, part = TK_BUF_INIT;

	for (int i = 0; i < 4; i++) {
		tk_buf_reset(&b);
		if (i == 0) {
			tk_int_add_short(&b, sums_total(&n->today), 7,
			    f->s->digits);
			tk_buf_adds(&b, " today");
		} else if (i < 3) {
			sums_cost(f, &part, i == 1 ? &n->today : &n->this_month,
			    12);
			tk_buf_addf(&b, "%s %s", part.s,
			    i == 1 ? "today" : "month");
		} else {
			add_rate(f, &b, 5);
		}
		if (f->y < f->g->h && cells_width(b.s) <= f->g->w)
			cells_put(f->g, f->y++, 0, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
	tk_buf_release(&part);
}

void
top_draw(struct cells *g, const struct top_model *m,
    const struct top_style *style)
{
	struct frame f = { g, m, style, 0 };
	bool all = g->w >= WIDE && g->h >= HIGH;
	int latest = all ? (g->h >= 30 ? 11 : 4) : 0;

	cells_clear(g);
	if (g->w < NARROW || g->h < LOW) {
		draw_answer(&f);
		return;
	}
	draw_title(&f);
	draw_sums(&f, "Today", &m->figures.today);
	draw_sums(&f, "Month", &m->figures.this_month);
	if (all) {
		draw_rates(&f);
		draw_ahead(&f);
		draw_hour(&f);
		draw_tabs(&f);
	}
	draw_table(&f, g->h - f.y - 1 - latest);
	if (latest > 0)
		draw_latest(&f, latest);
}
