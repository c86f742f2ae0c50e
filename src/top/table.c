/* The table of a view, and the calls that came last. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "top/frame_int.h"

/* The columns of the table, from the right; 0: left out. */
struct columns {
	int limit, last, cost, tokens, out, in, req;
	int name; /* how wide */
};

static bool
has_limits(const struct frame *f)
{
	for (size_t i = 0; f->m->view == TOP_USER && i < f->m->limits; i++)
		if (f->m->limit[i].scope == SCOPE_USER &&
		    f->m->limit[i].period == PERIOD_DAY &&
		    f->m->limit[i].kind == LIMIT_QUOTA)
			return true;
	return false;
}

static struct columns
lay_out(const struct frame *f)
{
	int w = f->g->w, x = w;
	bool wide = w >= FRAME_WIDE, limits = has_limits(f);
	struct columns c = { 0 };

	if (limits) {
		c.limit = x;
		x -= wide ? 14 : 6;
	}
	if (wide) {
		c.last = x;
		x -= 6;
	}
	c.cost = x;
	x -= 10;
	c.tokens = x;
	x -= wide && !limits ? 13 : 8;
	if (wide) {
		c.out = x;
		x -= limits ? 8 : 11;
		c.in = x;
		x -= limits ? 9 : 13;
	}
	if (w >= 60) {
		c.req = x;
		x -= limits ? 6 : 8;
	}
	c.name = x - 1;
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
draw_head(struct frame *f, const struct columns *c)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b,
	    frame_titles[f->m->view == TOP_HOME ? TOP_USER : f->m->view]);
	if (f->ui->sort == SORT_NAME)
		tk_buf_adds(&b, f->ui->reverse ? "\u25b2" : "\u25bc");
	cells_put_name(f->g, f->y, 0, c->name, ROLE_HEAD, b.s);
	put_head(f, c->req, SORT_REQUESTS, "Req");
	put_head(f, c->in, SORT_INPUT, "In");
	put_head(f, c->out, SORT_OUTPUT, "Out");
	put_head(f, c->tokens, SORT_TOKENS, "Tokens");
	put_head(f, c->cost, SORT_COST, "Cost");
	put_head(f, c->last, SORT_LAST, "Last");
	put_head(f, c->limit, SORT_LIMIT,
	    f->g->w >= FRAME_WIDE ? "Day limit" : "Lim");
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

static void
draw_part(struct frame *f, int end, const char *user)
{
	const struct top_limit *l = top_model_limit(f->m, user);
	bool wide = f->g->w >= FRAME_WIDE;
	struct tk_buf b = TK_BUF_INIT;

	if (end == 0 || l == NULL)
		return;
	tk_percent_add(&b, l->used, l->amount, wide ? 1 : 0, f->s->digits);
	if (b.len > (wide ? 7 : 5)) {
		tk_buf_reset(&b);
		tk_buf_adds(&b, ">999%");
	}
	cells_put_right(f->g, f->y, end - (wide ? 6 : 0), frame_role(l->state),
	    b.s);
	if (wide)
		cells_put(f->g, f->y, end - 4, frame_role(l->state),
		    frame_word(l->state));
	tk_buf_release(&b);
}

static void
draw_row(struct frame *f, const struct columns *c, const struct report_row *row)
{
	const struct usage_sums *s = &row->sums;
	const char *name = row->name[0] != NULL ? row->name[0] : "-";
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 0, c->name, ROLE_PLAIN, name);
	draw_number(f, c->req, s->v[SUM_REQUESTS], 5);
	draw_number(f, c->in,
	    s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s) +
		s->v[SUM_UNSPLIT],
	    (size_t)(c->in - c->req - 1));
	draw_number(f, c->out, s->v[SUM_OUTPUT], (size_t)(c->out - c->in - 1));
	draw_number(f, c->tokens, sums_total(s),
	    c->out ? (size_t)(c->tokens - c->out - 1) : 7);
	frame_sums_cost(f, &b, s, 9);
	cells_put_right(f->g, f->y, c->cost, ROLE_PLAIN, b.s);
	if (c->last > 0) {
		tk_buf_reset(&b);
		tk_time_add_minute(&b, f->s->zone, row->last);
		if (b.len > 5)
			cells_put_right(f->g, f->y, c->last, ROLE_DIM,
			    b.s + b.len - 5);
	}
	draw_part(f, c->limit, name);
	f->y++;
	tk_buf_release(&b);
}

/* So that the selected row is among those that are shown. */
static void
scroll(struct top_ui *ui, size_t at, size_t n, int rows)
{
	ui->page = rows > 1 ? rows - 1 : 1;
	if ((int)at < ui->first)
		ui->first = (int)at;
	if ((int)at >= ui->first + rows)
		ui->first = (int)at - rows + 1;
	if (ui->first > (int)n - rows)
		ui->first = (int)n - rows;
	if (ui->first < 0)
		ui->first = 0;
}

void
frame_table(struct frame *f, int rows)
{
	struct columns c = lay_out(f);
	struct top_ui *ui = f->ui;
	const struct report_row **row;
	size_t n = top_ui_rows(ui, f->m, &row);
	size_t at = top_ui_selected(ui, row, n);

	draw_head(f, &c);
	if (f->m->table.rows == 0) {
		cells_put_name(f->g, f->y, 0, f->g->w, ROLE_DIM,
		    ui->range == RANGE_DAY && ui->shift == 0 ? "no usage today"
							     : "no usage");
	} else if (n == 0) {
		struct tk_buf b = TK_BUF_INIT;

		tk_buf_addf(&b, "nothing matches '%s' - Esc clears",
		    ui->filter.s);
		cells_put_name(f->g, f->y, 0, f->g->w, ROLE_DIM, b.s);
		tk_buf_release(&b);
	}
	scroll(ui, ui->live ? at : 0, n, rows);
	ui->table_y = f->y;
	for (size_t i = (size_t)ui->first; i < n && rows-- > 0; i++) {
		draw_row(f, &c, row[i]);
		if (ui->live && i == at)
			cells_paint(f->g, f->y - 1, 0, f->g->w, ROLE_SELECTED);
	}
	free(row);
}

static void
draw_call(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;
	int end = f->g->w;

	tk_time_add_second(&b, f->s->zone, call->time);
	cells_put(f->g, f->y, 0, ROLE_DIM, b.s);
	frame_cost(f, &b, call->cost == RECORD_UNKNOWN ? 0 : call->cost,
	    call->cost == RECORD_UNKNOWN, 1, 9);
	cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	frame_tokens(f, &b, call->output, 7);
	tk_buf_adds(&b, " out");
	cells_put_right(f->g, f->y, end - 10, ROLE_PLAIN, b.s);
	frame_tokens(f, &b, call->input, 9);
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
draw_short_call(struct frame *f, const struct top_call *call)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add_second(&b, f->s->zone, call->time);
	cells_put(f->g, f->y, 0, ROLE_DIM, b.s);
	cells_put_name(f->g, f->y, 10, f->g->w - 30, ROLE_PLAIN,
	    call->user != NULL ? call->user : "-");
	frame_tokens(f, &b, (tk_int128)call->input + call->output, 7);
	cells_put_right(f->g, f->y, f->g->w - 10, ROLE_PLAIN, b.s);
	frame_cost(f, &b, call->cost == RECORD_UNKNOWN ? 0 : call->cost,
	    call->cost == RECORD_UNKNOWN, 1, 9);
	cells_put_right(f->g, f->y, f->g->w, ROLE_PLAIN, b.s);
	f->y++;
	tk_buf_release(&b);
}

void
frame_latest(struct frame *f, int rows)
{
	f->y = f->bottom - rows;
	cells_rule(f->g, f->y, cells_put(f->g, f->y, 0, ROLE_HEAD, "Latest "),
	    ROLE_DIM);
	f->y++;
	for (int i = 0; i < rows - 1 && i < (int)f->m->calls; i++)
		draw_call(f, &f->m->call[i]);
}

/* All of the latest calls; narrow screens have them without the model. */
void
frame_live(struct frame *f, int rows)
{
	if (f->m->calls == 0)
		cells_put_name(f->g, f->y, 0, f->g->w, ROLE_DIM,
		    "nothing was recorded yet");
	for (int i = 0; i <= rows && i < (int)f->m->calls; i++) {
		if (f->g->w >= 60)
			draw_call(f, &f->m->call[i]);
		else
			draw_short_call(f, &f->m->call[i]);
	}
}
