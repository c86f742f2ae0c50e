/*
 * tokctl top on a terminal: what is shown follows the ledger and the keys
 *
 * The ledger is only asked again when somebody has written to it, or when a
 * minute has passed, because the figures of the last hour change with it.
 * When it cannot be read the last data stay, with how old they are.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include "top.h"

enum {
	IDLE_MS = 5 * 60000, /* then the clock has no seconds */
	RECHECK_MS = 10000,  /* holds expire, windows roll on */
	BUSY_MS = 100,       /* longer than that nobody waits at a screen */
};

struct live {
	struct run *r;
	struct top_model m;
	struct top_acts acts;
	struct top_importer importer;
	struct stat file;      /* the ledger's, when it was opened */
	int64_t schema, epoch; /* the numbers of its tables, then */
	int64_t version, minute;
	int64_t read_at; /* when the model was read, by the steady clock */
	int64_t good_at; /* when the ledger could last be asked */
	int64_t busy_at; /* when a key was pressed, or there was news */
	int64_t next;    /* when the ledger is looked at again */
	bool panes;      /* the model was read for a wide screen */
	bool stale;      /* whatever has changed */
	bool anew;       /* another question: the model does not follow */
	bool leave;
};

/* "LEDGER BUSY 6s": the data are that old; why is on the last line. */
static void
say_trouble(struct live *v, const char *what, const char *more, const char *why)
{
	struct top_ui *ui = &v->r->ui;
	int64_t age = (tk_steady_ms() - v->good_at) / 1000;

	tk_buf_reset(&ui->state);
	tk_buf_addf(&ui->state, "%s %llds%s", what, (long long)age, more);
	if (why != NULL && ui->message.len == 0)
		tk_buf_adds(&ui->message, why);
	v->stale = true;
}

/* Another file is where the ledger was. */
static bool
was_replaced(struct live *v, const char *path, bool *gone)
{
	struct stat now;

	*gone = stat(path, &now) < 0;
	return !*gone &&
	    (now.st_ino != v->file.st_ino || now.st_dev != v->file.st_dev);
}

static int
note_file(struct live *v, struct tk_err *err)
{
	struct cmd_ctx *ctx = v->r->ctx;
	struct store_identity id;

	if (stat(store_path(ctx->ledger_url), &v->file) < 0)
		memset(&v->file, 0, sizeof(v->file));
	if (store_identify(ledger_store(ctx->ledger), &id, err) < 0)
		return -1;
	v->schema = id.version;
	return store_epoch(ledger_store(ctx->ledger), &v->epoch, err);
}

/*
 * The old one is closed first: to look at a file that is open already, and
 * close it again, would drop the locks that keep others from taking its WAL
 * away.  ctx->ledger is NULL while there is none.
 */
static int
open_again(struct live *v, struct tk_err *err)
{
	struct cmd_ctx *ctx = v->r->ctx;

	ledger_close(ctx->ledger);
	ctx->ledger = NULL;
	v->anew = v->stale = true;
	if (ledger_open(&ctx->ledger, ctx->ledger_url, LEDGER_READ, err) < 0) {
		ctx->ledger = NULL;
		return -1;
	}
	ledger_set_now(ctx->ledger, ctx->now);
	if (cmd_tell_limits(ctx, ctx->ledger, err) < 0)
		return -1;
	return note_file(v, err);
}

static int
read_anew(struct live *v, const struct top_query *q, struct tk_err *err)
{
	struct top_model m;

	if (top_model_read(&m, v->r->ctx->ledger, q, err) < 0)
		return -1;
	top_model_release(&v->m);
	v->m = m;
	v->anew = false;
	return 0;
}

/* 1: it was restored or migrated: what is remembered of its names is void. */
static int
has_other_tables(struct live *v, struct tk_err *err)
{
	struct store *st = ledger_store(v->r->ctx->ledger);
	struct store_identity id;
	int64_t epoch;

	if (store_identify(st, &id, err) < 0 ||
	    store_epoch(st, &epoch, err) < 0)
		return -1;
	return id.version != v->schema || epoch != v->epoch;
}

/* Ask the ledger, if there can be anything new. */
static int
follow(struct live *v, struct tk_err *err)
{
	struct cmd_ctx *ctx = v->r->ctx;
	struct top_query q;
	int64_t version, last_id = v->m.last_id;
	int rc;

	v->r->q.now = ctx->now;
	top_query(v->r, &q);
	q.no_days = v->anew && !v->r->ui.paused;
	if (store_version(ledger_store(ctx->ledger), &version, err) < 0)
		return -1;
	if (!v->stale && version == v->version &&
	    v->minute == ctx->now / 60000 &&
	    tk_steady_ms() - v->read_at < RECHECK_MS)
		return 0;
	rc = has_other_tables(v, err);
	if (rc > 0 && (rc = open_again(v, err)) == 0)
		rc = store_version(ledger_store(ctx->ledger), &version, err);
	if (rc < 0)
		return -1;
	rc = v->anew ? read_anew(v, &q, err)
		     : top_model_follow(&v->m, ctx->ledger, &q, err);
	if (rc < 0)
		return -1;
	if (v->m.last_id != last_id)
		v->busy_at = tk_steady_ms();
	/* What takes long comes after what is known is on the screen. */
	v->panes = q.panes;
	v->stale = q.panes && !v->m.has_days;
	if (v->stale)
		v->next = 0;
	v->version = version;
	v->minute = ctx->now / 60000;
	v->read_at = tk_steady_ms();
	return 0;
}

static void
say_error(struct live *v, const struct tk_err *err)
{
	say_trouble(v, err->code == TK_IO ? "LEDGER BUSY" : "LEDGER UNREADABLE",
	    "", err->msg);
}

static void
refresh(struct live *v)
{
	const char *path = store_path(v->r->ctx->ledger_url);
	struct tk_err err = TK_ERR_INIT, again = TK_ERR_INIT;
	struct tk_buf where = TK_BUF_INIT;
	bool gone;

	if ((was_replaced(v, path, &gone) ||
		(!gone && v->r->ctx->ledger == NULL)) &&
	    open_again(v, &err) < 0) {
		say_error(v, &err);
		return;
	}
	if (gone) {
		tk_buf_addf(&where, ": %s  r retry", path);
		say_trouble(v, "LEDGER GONE", where.s, NULL);
		tk_buf_release(&where);
		return;
	}
	/* It may be another schema, or whole again. */
	if (follow(v, &err) < 0 &&
	    (open_again(v, &again) < 0 || follow(v, &again) < 0)) {
		say_error(v, &again);
		return;
	}
	v->good_at = tk_steady_ms();
	tk_buf_reset(&v->r->ui.state);
}

static void
draw(struct live *v)
{
	struct run *r = v->r;
	struct cells g;
	int w, h;

	screen_size(&w, &h);
	r->style.now = r->ctx->now;
	r->ui.clock = tk_steady_ms();
	r->ui.idle = r->ui.clock - v->busy_at >= IDLE_MS;
	cells_init(&g, w, h, r->ui.ascii);
	top_draw(&g, &v->m, &r->style, &r->ui);
	screen_show(&g);
	cells_release(&g);
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
		refresh(v);
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
	screen_close();
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
	refresh(v);
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
		refresh(v);
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
			refresh(v);
	}
	return 0;
}

static int
run_screen(struct live *v, struct tk_err *err)
{
	int rc = 0;

	if (open_screen(v->r, err) < 0)
		return -1;
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
	if (note_file(&v, err) == 0 && follow(&v, err) == 0) {
		if (store_busy_ms > BUSY_MS)
			store_busy_ms = BUSY_MS;
		rc = run_screen(&v, err);
	}
	top_model_release(&v.m);
	tk_buf_release(&v.acts.undo);
	tk_buf_release(&v.acts.undoes);
	if (rc > 0)
		screen_end_by_signal();
	return rc > 0 ? 0 : rc;
}
