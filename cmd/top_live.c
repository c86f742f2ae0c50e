/*
 * tokctl top on a terminal: what is shown follows the ledger and the keys
 *
 * The ledger is only asked again when somebody has written to it, or when a
 * minute has passed, because the figures of the last hour change with it.
 * When it cannot be read the last data stay, with how old they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include "top.h"

enum { SETUP_MAX = 4096, SAID_MAX = 512, RECHECK_MS = 10000 };

struct live {
	struct run *r;
	struct top_model m;
	struct ledger *old; /* of which the model still has names */
	struct stat file;   /* the ledger's, when it was opened */
	int64_t last_id, epoch, minute;
	int64_t read_at; /* when the model was read, by the steady clock */
	int64_t good_at; /* when the ledger could last be asked */
	pid_t importer;  /* what follows the logs; 0: nobody */
	int said;        /* what that says; -1: nothing */
	bool ask;        /* whatever has changed */
	bool leave;
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
top_live_load(struct run *r)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct tk_buf path = TK_BUF_INIT, text = TK_BUF_INIT;

	if (config_path(PLACE_STATE, "top", &path, &ignored) == 0 &&
	    tk_read_file(path.s, SETUP_MAX, &text, &ignored) == 0)
		top_ui_load(&r->ui, text.s);
	tk_buf_release(&path);
	tk_buf_release(&text);
}

static void
save(struct run *r)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf path = TK_BUF_INIT, text = TK_BUF_INIT;

	tk_buf_reset(&r->ui.message);
	top_ui_save(&r->ui, &text);
	if (config_path(PLACE_STATE, "top", &path, &err) < 0 ||
	    tk_write_state(path.s, text.s, text.len, &err) < 0)
		tk_buf_adds(&r->ui.message, err.msg);
	else
		tk_buf_addf(&r->ui.message, "saved in %s", path.s);
	tk_buf_release(&path);
	tk_buf_release(&text);
}

/* "LEDGER BUSY 6s: why": the data are that old. */
static void
say_trouble(struct live *v, const char *what, const char *why)
{
	struct tk_buf *b = &v->r->ui.state;
	int64_t age = (steady_ms() - v->good_at) / 1000;

	tk_buf_reset(b);
	tk_buf_addf(b, "%s %llds: %s", what, (long long)age, why);
	v->r->ui.trouble = true;
	v->ask = true;
}

/* Another file is where the ledger was; 0: the one that we have. */
static bool
was_replaced(struct live *v, const char *path, bool *gone)
{
	struct stat now;

	*gone = stat(path, &now) < 0;
	return !*gone &&
	    (now.st_ino != v->file.st_ino || now.st_dev != v->file.st_dev);
}

/* The names in the model belong to the ledger that it was read from. */
static int
open_again(struct live *v, struct tk_err *err)
{
	struct cmd_ctx *ctx = v->r->ctx;
	struct ledger *l;

	if (ledger_open(&l, ctx->ledger_url, LEDGER_READ, err) < 0)
		return -1;
	if (v->old == NULL)
		v->old = ctx->ledger;
	else
		ledger_close(ctx->ledger);
	ctx->ledger = l;
	if (stat(store_path(ctx->ledger_url), &v->file) < 0)
		memset(&v->file, 0, sizeof(v->file));
	v->ask = true;
	return 0;
}

static int
read_model(struct live *v, struct tk_err *err)
{
	struct top_model m;

	if (top_read(v->r, &m, v->r->ctx->ledger, err) < 0)
		return -1;
	top_model_release(&v->m);
	v->m = m;
	ledger_close(v->old);
	v->old = NULL;
	v->ask = false;
	v->minute = v->r->q.now / 60000;
	v->read_at = steady_ms();
	return 0;
}

/* Ask the ledger, if there can be anything new. */
static int
follow(struct live *v, struct tk_err *err)
{
	struct cmd_ctx *ctx = v->r->ctx;
	int64_t last_id, epoch;

	if (store_epoch(ledger_store(ctx->ledger), &epoch, err) < 0 ||
	    ledger_last_id(ctx->ledger, &last_id, err) < 0)
		return -1;
	v->r->q.now = ctx->now;
	/* Limits change without a record. */
	if (!v->ask && last_id == v->last_id && epoch == v->epoch &&
	    v->minute == ctx->now / 60000 &&
	    steady_ms() - v->read_at < RECHECK_MS)
		return 0;
	if (read_model(v, err) < 0)
		return -1;
	v->last_id = last_id;
	v->epoch = epoch;
	return 0;
}

static void
refresh(struct live *v)
{
	const char *path = store_path(v->r->ctx->ledger_url);
	struct tk_err err = TK_ERR_INIT;
	bool gone;

	if (was_replaced(v, path, &gone) && open_again(v, &err) < 0) {
		say_trouble(v, "LEDGER", err.msg);
		return;
	}
	if (gone) {
		say_trouble(v, "LEDGER GONE", path);
		return;
	}
	if (follow(v, &err) < 0) {
		struct tk_err again = TK_ERR_INIT;

		/* It may be another schema, or whole again. */
		if (open_again(v, &again) < 0 || follow(v, &again) < 0) {
			say_trouble(v, "LEDGER BUSY", again.msg);
			return;
		}
	}
	v->good_at = steady_ms();
	v->r->ui.trouble = false;
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
	cells_init(&g, w, h, r->ui.ascii);
	top_draw(&g, &v->m, &r->style, &r->ui);
	screen_show(&g);
	cells_release(&g);
}

/* The words of a command of ours, about the user that is looked at. */
struct words {
	const char *v[16];
	size_t n;
};

static void
add_word(struct words *w, const char *word)
{
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
}

static void
begin_words(struct live *v, struct words *w, const char *command,
    const char *verb, const char *everyone)
{
	const char *user = top_ui_user(&v->r->ui, &v->r->q);

	w->n = 0;
	add_word(w, "tokctl");
	add_word(w, command);
	add_word(w, verb);
	if (user != NULL) {
		add_word(w, "--user");
		add_word(w, user);
	} else if (everyone != NULL) {
		add_word(w, everyone);
	}
	add_word(w, "--ledger");
	add_word(w, v->r->ctx->ledger_url);
	if (v->r->ctx->common->config != NULL) {
		add_word(w, "--config");
		add_word(w, v->r->ctx->common->config);
	}
}

/* What a key does is a command, with its checks and its audit; what it says
 * is shown. */
static void
run_quietly(struct live *v, const struct words *w)
{
	struct tk_buf *said = &v->r->ui.message;
	char bytes[SAID_MAX];
	int out[2], status;
	ssize_t n;
	pid_t pid;

	tk_buf_reset(said);
	if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		tk_buf_addf(said, "cannot start: %s", strerror(errno));
		return;
	}
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY);

		dup2(null, STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execv("/proc/self/exe", (char *const *)(uintptr_t)w->v);
		_exit(127);
	}
	close(out[1]);
	while ((n = read(out[0], bytes, sizeof(bytes))) > 0 ||
	    (n < 0 && errno == EINTR))
		if (n > 0 && said->len < SAID_MAX)
			tk_buf_add(said, bytes, (size_t)n);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < said->len; i++)
		if (said->s[i] == '\n')
			said->s[i] = i + 1 < said->len ? ';' : '\0';
	v->ask = true;
}

/* A command that has the terminal for itself. */
static int
run_aside(struct live *v, const struct words *w, struct tk_err *err)
{
	struct run *r = v->r;
	pid_t pid;
	int status;

	screen_close();
	pid = fork();
	if (pid == 0) {
		setenv("LESS", "R", 1); /* a short one shall stay, too */
		execv("/proc/self/exe", (char *const *)(uintptr_t)w->v);
		_exit(127);
	}
	signal(SIGINT, SIG_IGN);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, SIG_DFL);
	if (screen_open(r->ui.ascii, r->color, (enum screen_theme)r->ui.theme,
		err) < 0)
		return -1;
	screen_set_mouse(r->ui.mouse);
	return 0;
}

static int
set_alert(struct live *v)
{
	struct words w;

	begin_words(v, &w, "alert", "add", "--everyone");
	add_word(&w, "--at");
	add_word(&w, "80%");
	run_quietly(v, &w);
	return 0;
}

static int
set_limit(struct live *v)
{
	struct tk_buf amount = TK_BUF_INIT;
	struct words w;

	for (const char *c = v->r->ui.input.s; *c != '\0'; c++)
		if (*c != ',' && *c != ' ')
			tk_buf_add(&amount, c, 1);
	begin_words(v, &w, "quota", "set", "--everyone");
	add_word(&w, "--daily");
	add_word(&w, amount.s);
	run_quietly(v, &w);
	tk_buf_release(&amount);
	return 0;
}

static int
show_report(struct live *v, struct tk_err *err)
{
	struct words w;

	begin_words(v, &w, "report", "daily", NULL);
	return run_aside(v, &w, err);
}

/* Logs are followed by a process of its own: however long it reads, the
 * screen goes on. */
static int
start_import(struct live *v, struct tk_err *err)
{
	const struct cmd_ctx *ctx = v->r->ctx;
	const char *words[] = { "tokctl", "usage", "import", "--watch",
		"--quiet", "--ledger", ctx->ledger_url,
		ctx->common->config != NULL ? "--config" : NULL,
		ctx->common->config, NULL };
	pid_t parent = getpid();
	int out[2];

	if (pipe2(out, O_CLOEXEC) < 0 || (v->importer = fork()) < 0)
		return tk_fail_errno(err, "cannot start importing");
	if (v->importer == 0) {
		int null = open("/dev/null", O_RDWR);

		/* It shall not live longer than we do. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		if (getppid() == parent)
			execv("/proc/self/exe",
			    (char *const *)(uintptr_t)words);
		_exit(127);
	}
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	v->said = out[0];
	return 0;
}

static void
end_import(struct live *v)
{
	if (v->importer > 0) {
		kill(v->importer, SIGTERM);
		while (waitpid(v->importer, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (v->said >= 0)
		close(v->said);
	v->importer = 0;
	v->said = -1;
}

static void
hear_import(struct live *v)
{
	struct tk_buf *message = &v->r->ui.message;
	char bytes[SAID_MAX];
	ssize_t n = read(v->said, bytes, sizeof(bytes));
	const char *end = n > 0 ? memchr(bytes, '\n', (size_t)n) : NULL;

	if (n < 0)
		return;
	if (n == 0) {
		end_import(v);
		if (message->len == 0)
			tk_buf_adds(message, "importing has ended");
		return;
	}
	tk_buf_reset(message);
	tk_buf_add(message, bytes,
	    end != NULL ? (size_t)(end - bytes) : (size_t)n);
}

static void
apply_look(struct live *v)
{
	screen_set_theme((enum screen_theme)v->r->ui.theme);
	screen_set_mouse(v->r->ui.mouse);
}

static int
do_it(struct live *v, enum top_todo todo, struct tk_err *err)
{
	switch (todo) {
	case NEXT_NOTHING:
	case NEXT_DRAW:
		break;
	case NEXT_READ:
		v->ask = true;
		refresh(v);
		break;
	case NEXT_REDRAW:
		screen_redraw();
		break;
	case NEXT_LOOK:
		apply_look(v);
		break;
	case NEXT_QUIT:
		v->leave = true;
		break;
	case NEXT_SAVE:
		save(v->r);
		break;
	case NEXT_REPORT:
		return show_report(v, err);
	case NEXT_ALERT:
		return set_alert(v);
	case NEXT_LIMIT:
		set_limit(v);
		refresh(v);
		break;
	}
	return 0;
}

static int
take_keys(struct live *v, struct tk_err *err)
{
	int key;

	while (!v->leave && (key = screen_key()) >= 0) {
		enum top_todo todo;

		if (key == KEYS_CLICK) {
			int y, x;

			screen_click(&y, &x);
			todo = top_ui_click(&v->r->ui, y, &v->m);
		} else {
			todo = top_ui_key(&v->r->ui, key, &v->m);
		}
		if (do_it(v, todo, err) < 0)
			return -1;
	}
	return 0;
}

/* Until somebody leaves; 1: by a signal. */
static int
watch(struct live *v, struct tk_err *err)
{
	int64_t next = steady_ms() + v->r->ui.delay;

	while (!v->leave) {
		int64_t left;

		draw(v);
		left = next - steady_ms();
		switch (screen_wait(left > 0 ? (int)left : 0, v->said)) {
		case SCREEN_KEY:
			if (take_keys(v, err) < 0)
				return -1;
			break;
		case SCREEN_SIGNAL:
			return 1;
		case SCREEN_LOST:
			return tk_fail(err, TK_IO, "the terminal has gone");
		case SCREEN_FD:
			hear_import(v);
			break;
		case SCREEN_NOTHING:
		case SCREEN_RESIZED:
			break;
		}
		if (steady_ms() < next && next - steady_ms() <= v->r->ui.delay)
			continue;
		next = steady_ms() + v->r->ui.delay;
		if (cmd_tick(v->r->ctx, err) < 0)
			return -1;
		if (!v->r->ui.paused)
			refresh(v);
	}
	return 0;
}

int
top_live(struct run *r, struct tk_err *err)
{
	struct live v = { .r = r,
		.said = -1,
		.ask = true,
		.good_at = steady_ms() };
	int rc = 0;

	r->ui.live = true;
	r->q.now = r->ctx->now;
	if (stat(store_path(r->ctx->ledger_url), &v.file) < 0)
		memset(&v.file, 0, sizeof(v.file));
	if (follow(&v, err) < 0)
		return -1;
	if (screen_open(r->ui.ascii, r->color, (enum screen_theme)r->ui.theme,
		err) < 0) {
		top_model_release(&v.m);
		return -1;
	}
	screen_set_mouse(r->ui.mouse);
	if (r->args->import)
		rc = start_import(&v, err);
	if (rc == 0)
		rc = watch(&v, err);
	screen_close();
	end_import(&v);
	top_model_release(&v.m);
	ledger_close(v.old);
	if (rc > 0)
		screen_end_by_signal();
	return rc > 0 ? 0 : rc;
}
