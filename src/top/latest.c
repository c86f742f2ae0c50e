/* The calls that came last: a few of them below a table, or all. */
#include <stdlib.h>

#include "base/time.h"
#include "top/frame_int.h"

enum { SESSION_X = 49 };

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
	if (end >= FRAME_ALL)
		put_text(f, SESSION_X, end - 82, call->session);
	frame_number(f, end - 24, call->input, 8);
	frame_number(f, end - 17, call->output, 6);
	frame_number(f, end - 10, call->cached, 6);
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
		if (heads[i].x == SESSION_X && f->w < FRAME_ALL)
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

static void
draw_item(struct frame *f, const void *item, const void *data)
{
	(void)data;
	if (f->panes)
		draw_wide_call(f, item);
	else if (f->w >= FRAME_WIDE)
		draw_call(f, item);
	else
		draw_short_call(f, item);
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
	for (size_t i = 0; f->y < f->bottom && i < f->m->calls; i++)
		draw_item(f, &f->m->call[i], NULL);
}

/* All of the latest calls; narrow screens have them without the model. */
void
frame_live(struct frame *f, int rows)
{
	const void **item;
	size_t n = top_list(f->ui, f->m, &item);

	if (f->panes) {
		draw_call_head(f);
		rows--;
	}
	if (n == 0)
		cells_put_name(f->g, f->y, 0, f->w, ROLE_DIM,
		    f->m->calls == 0 ? "nothing was recorded yet"
				     : "nothing matches - Esc clears");
	frame_items(f, item, n, rows, draw_item, NULL);
	free(item);
}
