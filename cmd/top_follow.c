/*
 * tokctl top on a terminal: what is shown follows the ledger
 *
 * The ledger is only asked again when somebody has written to it, or when a
 * minute has passed, because the figures of the last hour change with it.
 * When it cannot be read the last data stay, with how old they are.
 */
#include <string.h>

#include "base/time.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include "top_live.h"

enum {
	RECHECK_MS = 10000, /* holds expire, windows roll on */
	BUSY_MS = 100,      /* longer than that nobody waits at a screen */
	KEY_MS = 50,        /* then what reads gives way to a key */
	PATIENCE_MS = 200,  /* then it is said that it takes long */
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

/* Where it takes long: how old what is shown is. */
static void
say_reading(struct live *v, int64_t now)
{
	struct top_ui *ui = &v->r->ui;
	int64_t age = (now - v->good_at) / 1000;
	struct tk_buf state = TK_BUF_INIT;

	tk_buf_adds(&state, "READING");
	if (age > 0)
		tk_buf_addf(&state, " %llds", (long long)age);
	if (strcmp(state.s, ui->state.s) != 0) {
		tk_buf_reset(&ui->state);
		tk_buf_adds(&ui->state, state.s);
		top_draw_title(&v->shown, &v->m, &v->r->style, ui);
		screen_show(&v->shown);
	}
	tk_buf_release(&state);
}

/* Asked while the ledger is read, many times. */
static bool
is_to_stop(void *live)
{
	struct live *v = live;
	int64_t now = tk_steady_ms();

	if (!v->open || now - v->asked_at < KEY_MS)
		return false;
	if (screen_is_waiting())
		return v->broken_off = true;
	if (now - v->asked_at >= PATIENCE_MS)
		say_reading(v, now);
	return false;
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
	store_set_stop(ledger_store(ctx->ledger), is_to_stop, v);
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
	v->minute = q.now / 60000;
	v->read_at = tk_steady_ms();
	return 0;
}

static void
say_error(struct live *v, const struct tk_err *err)
{
	say_trouble(v, err->code == TK_IO ? "LEDGER BUSY" : "LEDGER UNREADABLE",
	    "", err->msg);
}

void
live_refresh(struct live *v)
{
	const char *path = store_path(v->r->ctx->ledger_url);
	struct tk_err err = TK_ERR_INIT, again = TK_ERR_INIT;
	struct tk_buf where = TK_BUF_INIT;
	bool gone;

	v->asked_at = tk_steady_ms();
	v->broken_off = false;
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
	if (follow(v, &err) < 0 && !v->broken_off &&
	    (open_again(v, &again) < 0 || follow(v, &again) < 0) &&
	    !v->broken_off) {
		say_error(v, &again);
		return;
	}
	if (v->broken_off) {
		v->stale = true;
		v->next = 0;
		return;
	}
	v->good_at = tk_steady_ms();
	tk_buf_reset(&v->r->ui.state);
}

int
live_begin(struct live *v, struct tk_err *err)
{
	if (note_file(v, err) < 0 || follow(v, err) < 0)
		return -1;
	if (store_busy_ms > BUSY_MS)
		store_busy_ms = BUSY_MS;
	return 0;
}
