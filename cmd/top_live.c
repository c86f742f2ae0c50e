/*
 * tokctl top on a terminal: its screen, its keys, and when it looks at the
 * ledger; how it asks that is in top_follow.c
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "ledger/ledger.h"
#include "top_live.h"

enum { IDLE_MS = 5 * 60000 }; /* then the clock has no seconds */

static void
draw(struct live *v)
{
	struct run *r = v->r;
	struct cells *g = &v->shown;
	int w, h;

	screen_size(&w, &h);
	r->style.now = r->ctx->now;
	r->ui.clock = tk_steady_ms();
	r->ui.idle = r->ui.clock - v->busy_at >= IDLE_MS;
	r->ui.quiet = top_nothing_new(&v->m, r->style.now);
	cells_release(g);
	cells_init(g, w, h, r->ui.ascii);
	top_draw(g, &v->m, &r->style, &r->ui);
	screen_show(g);
	if (r->title) {
		struct tk_buf title = TK_BUF_INIT;

		top_title(&v->m, &r->style, &title);
		screen_set_title(title.s);
		tk_buf_release(&title);
	}
}

/* Panes ask for more than the model has. */
static void
take_size(struct live *v)
{
	struct run *r = v->r;
	screen_size(&r->w, &r->h);
	if (top_has_panes(r->w, r->h) && !v->panes) {
		v->anew = v->stale = true;
		live_refresh(v);
	}
}

static int
open_screen(struct run *r, struct tk_err *err)
{
	if (screen_open(r->ui.ascii, r->color, (enum screen_theme)r->ui.theme,
		err) < 0)
		return -1;
	screen_set_mouse(r->ui.mouse);
	screen_set_focus((enum screen_focus)r->focus);
	screen_size(&r->w, &r->h);
	return 0;
}

static int
show_report(struct live *v, struct tk_err *err)
{
	screen_end_by_signal(); /* if there is one; else only closes it */
	top_act_report(&v->acts, &v->m);
	return open_screen(v->r, err);
}

/* The name, or the number, of what is selected goes where the terminal keeps
 * what is copied. */
static void
copy_selected(struct top_ui *ui)
{
	tk_buf_reset(&ui->message);
	if (ui->selected.len == 0) {
		tk_buf_adds(&ui->message, "this row has no name to copy");
		return;
	}
	screen_copy(ui->selected.s);
	tk_buf_addf(&ui->message, "copied: %s", ui->selected.s);
}

/* A key that runs a command: what it changed is to be seen. */
static void
run_action(struct live *v, enum top_todo todo)
{
	if (todo == NEXT_ALERT)
		top_act_alert(&v->acts, &v->m);
	else if (todo == NEXT_LIMIT)
		top_act_limit(&v->acts, &v->m);
	else if (todo == NEXT_ACK)
		top_act_ack(&v->acts, &v->m);
	else if (todo == NEXT_UNDO)
		top_act_undo(&v->acts);
	else
		top_act_export(&v->acts, &v->m);
	v->stale = true;
	live_refresh(v);
}

static int
do_it(struct live *v, enum top_todo todo, struct tk_err *err)
{
	switch (todo) {
	case NEXT_NOTHING:
	case NEXT_DRAW:
		break;
	case NEXT_READ:
		v->anew = v->stale = true;
		live_refresh(v);
		break;
	case NEXT_REDRAW:
		screen_redraw();
		break;
	case NEXT_LOOK:
		screen_set_theme((enum screen_theme)v->r->ui.theme);
		screen_set_mouse(v->r->ui.mouse);
		break;
	case NEXT_QUIT:
		v->leave = true;
		break;
	case NEXT_SAVE:
		top_act_save(v->r);
		break;
	case NEXT_REPORT:
		return show_report(v, err);
	case NEXT_COPY:
		copy_selected(&v->r->ui);
		break;
	case NEXT_ALERT:
	case NEXT_LIMIT:
	case NEXT_ACK:
	case NEXT_UNDO:
	case NEXT_EXPORT:
		run_action(v, todo);
		break;
	}
	return 0;
}

/* 1: it was no key, but the window that is looked at, or not. */
static bool
take_focus(struct live *v, int key)
{
	if (key != KEYS_FOCUS_IN && key != KEYS_FOCUS_OUT)
		return false;
	v->r->ui.away = key == KEYS_FOCUS_OUT;
	if (!v->r->ui.away)
		v->next = 0;
	return true;
}

static int
take_keys(struct live *v, struct tk_err *err)
{
	int key;

	while (!v->leave && (key = screen_key()) >= 0) {
		struct top_ui *ui = &v->r->ui;
		enum top_todo todo;

		if (take_focus(v, key))
			continue;
		ui->clock = v->busy_at = tk_steady_ms();
		if (key == KEYS_CLICK) {
			int y, x;

			screen_click(&y, &x);
			todo = top_ui_click(ui, y, x, &v->m);
		} else {
			todo = top_ui_key(ui, key, &v->m);
		}
		if (do_it(v, todo, err) < 0)
			return -1;
	}
	return 0;
}

/* What the screen has to tell; 1: a signal that ends us. */
static int
wait_for_it(struct live *v, int64_t ms, struct tk_err *err)
{
	switch (screen_wait(ms > 0 ? (int)ms : 0, v->importer.said)) {
	case SCREEN_KEY:
		return take_keys(v, err);
	case SCREEN_SIGNAL:
		return 1;
	case SCREEN_LOST:
		return tk_fail(err, TK_IO, "the terminal has gone");
	case SCREEN_FD:
		top_importer_hear(&v->importer, v->r);
		break;
	case SCREEN_RESIZED:
		take_size(v);
		break;
	case SCREEN_NOTHING:
		break;
	}
	return 0;
}

/* When there will be something to draw although nobody did anything. */
static int64_t
next_draw(const struct live *v)
{
	const struct top_ui *ui = &v->r->ui;

	return top_ui_is_frozen(ui) && ui->frozen.until < v->next
	    ? ui->frozen.until
	    : v->next;
}

/* Whether it is time to look at the ledger: the delay may be shorter now. */
static bool
is_due(const struct live *v)
{
	int64_t left = v->next - tk_steady_ms();

	return left <= 0 || left > top_ui_delay(&v->r->ui);
}

/* Until somebody leaves; 1: by a signal. */
static int
watch(struct live *v, struct tk_err *err)
{
	if (!v->stale)
		v->next = tk_steady_ms() + top_ui_delay(&v->r->ui);
	while (!v->leave) {
		int rc;

		draw(v);
		rc = wait_for_it(v, next_draw(v) - tk_steady_ms(), err);
		if (rc != 0)
			return rc;
		if (!is_due(v))
			continue;
		v->next = tk_steady_ms() + top_ui_delay(&v->r->ui);
		if (cmd_tick(v->r->ctx, err) < 0)
			return -1;
		if (!v->r->ui.paused)
			live_refresh(v);
	}
	return 0;
}

static int
run_screen(struct live *v, struct tk_err *err)
{
	int rc = 0;

	if (open_screen(v->r, err) < 0)
		return -1;
	v->open = true;
	take_size(v); /* now it is sure */
	if (v->r->args->import)
		rc = top_importer_start(&v->importer, v->r, err);
	if (rc == 0)
		rc = watch(v, err);
	screen_close();
	top_importer_end(&v->importer);
	return rc;
}

int
top_live(struct run *r, struct tk_err *err)
{
	struct live v = { .r = r,
		.acts = { r, TK_BUF_INIT, TK_BUF_INIT },
		.importer = { 0, -1 },
		.anew = true,
		.stale = true,
		.good_at = tk_steady_ms(),
		.busy_at = tk_steady_ms() };
	int rc = -1;

	r->ui.live = true;
	r->ui.asks = top_act_asks(r);
	if (live_begin(&v, err) == 0)
		rc = run_screen(&v, err);
	top_model_release(&v.m);
	cells_release(&v.shown);
	tk_buf_release(&v.acts.undo);
	tk_buf_release(&v.acts.undoes);
	if (rc > 0)
		screen_end_by_signal();
	return rc > 0 ? 0 : rc;
}
