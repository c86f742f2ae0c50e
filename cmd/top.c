/*
 * tokctl top - what is used now, by whom
 *
 * What a frame shows is src/top's; here it is read, drawn and printed.
 */
#include "top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cli/term.h"
#include "cmd.h"
#include "config/config.h"
#include "out/out.h"
#include "store/store.h"

static const struct opt top_opts[] = {
	OPT_FLAG('b', "batch", struct top_args, batch,
	    "print frames, one after the other"),
	OPT_FLAG('1', "once", struct top_args, once, "print one frame"),
	OPT_INT('n', "frames", struct top_args, frames, "n",
	    "print n frames, then end"),
	OPT_STR('d', "delay", struct top_args, delay, "time", HINT_NONE,
	    "how long between frames (2s)"),
	OPT_CHOICE(0, "view", struct top_args, view, "view", top_views,
	    "what is below the header"),
	OPT_CHOICE(0, "sort", struct top_args, sort, "column", top_sorts,
	    "order the table by this (tokens)"),
	OPT_FLAG('r', "reverse", struct top_args, reverse,
	    "turn the order round"),
	OPT_CHOICE(0, "range", struct top_args, range, "range", top_ranges,
	    "the table is of this day, week or month"),
	OPT_CHOICE(0, "theme", struct top_args, theme, "theme", screen_themes,
	    "colours of the live screen"),
	OPT_FLAG(0, "mouse", struct top_args, mouse,
	    "take clicks and the wheel"),
	OPT_FLAG(0, "title", struct top_args, title,
	    "show the day in the title of the window"),
	OPT_FLAG(0, "import", struct top_args, import,
	    "import agents' logs meanwhile, as they grow"),
	OPT_STR('k', "keys", struct top_args, keys, "keys", HINT_NONE,
	    "first press these keys"),
	OPT_INT('w', "width", struct top_args, width, "n",
	    "columns of a frame"),
	OPT_INT('l', "lines", struct top_args, lines, "n", "rows of a frame"),
	OPT_FILTER_NAMES(struct top_args),
	OPT_COMMON(struct top_args),
	OPT_END,
};

enum { COLUMNS = 80, ROWS = 24 };

#define UNTIL_STOPPED INT64_MAX /* frames */

/* "500ms", "2s", or a plain number of seconds. */
static int
parse_delay(const char *text, int64_t *ms, struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	tk_int128 pico;

	*ms = 2000;
	if (text == NULL)
		return 0;
	if (tk_money_parse(text, strlen(text), &pico) && pico >= 0 &&
	    pico < (tk_int128)TK_PICO_PER_USD * 1000)
		*ms = (int64_t)(pico / (TK_PICO_PER_USD / 1000));
	else if (tk_duration_parse(text, ms, &ignored) < 0)
		*ms = -1;
	if (*ms < MIN_DELAY_MS || *ms > MAX_DELAY_MS) {
		tk_fail(err, TK_USAGE, "--delay: '%s' is not 0.25s to 60s",
		    text);
		return tk_hint(err, "as '500ms', '2s' or '2'");
	}
	return 0;
}

/* Frames are for programs and for who asks; else the terminal is taken. */
static bool
is_live(const struct top_args *a)
{
	return !a->batch && !a->once && a->frames == UNTIL_STOPPED &&
	    a->common.format <= 0 && a->common.output == NULL &&
	    isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static int
top_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct top_args *args = args_;
	int64_t ms;

	(void)ctx, (void)argc, (void)argv;
	if (args->frames < 1 || args->width < 0 || args->lines < 0)
		return tk_fail(err, TK_USAGE, "--%s takes a positive number",
		    args->frames < 1      ? "frames"
			: args->width < 0 ? "width"
					  : "lines");
	if (args->common.format > 0 &&
	    args->common.format != out_format_named("json")) {
		tk_fail(err, TK_USAGE, "top prints frames, or JSON");
		return tk_hint(err, "'tokctl report' has the other formats");
	}
	if (args->import && !is_live(args)) {
		tk_fail(err, TK_USAGE, "--import is for the live screen");
		return tk_hint(err, "'tokctl usage import --watch' does it");
	}
	return parse_delay(args->delay, &ms, err);
}

/* As asked for; else the terminal's; else 80 by 24. */
static void
find_size(struct run *r)
{
	struct winsize size = { 0 };

	if (term_is_tty(STDOUT_FILENO))
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	r->w = term_width(STDOUT_FILENO);
	if (r->w == 0)
		r->w = COLUMNS;
	r->h = size.ws_row > 0 ? size.ws_row : ROWS;
	if (r->args->width > 0)
		r->w = r->args->width > 1000 ? 1000 : (int)r->args->width;
	if (r->args->lines > 0)
		r->h = r->args->lines > 1000 ? 1000 : (int)r->args->lines;
}

/* What the settings say of the screen; the options are over them. */
static int
read_screen(struct run *r, struct tk_err *err)
{
	struct config *c = r->ctx->config;
	struct top_ui *ui = &r->ui;
	int view, sort;

	if (config_get_int(c, "top.refresh", &ui->delay, err) < 0 ||
	    config_get_choice(c, "top.theme", &ui->theme, err) < 0 ||
	    config_get_choice(c, "top.view", &view, err) < 0 ||
	    config_get_choice(c, "top.sort", &sort, err) < 0 ||
	    config_get_bool(c, "top.mouse", &ui->mouse, err) < 0 ||
	    config_get_bool(c, "top.title", &r->title, err) < 0 ||
	    config_get_choice(c, "top.focus", &r->focus, err) < 0)
		return -1;
	if (ui->delay < MIN_DELAY_MS || ui->delay > MAX_DELAY_MS)
		ui->delay =
		    ui->delay < MIN_DELAY_MS ? MIN_DELAY_MS : MAX_DELAY_MS;
	ui->view = (enum top_view)view;
	ui->sort = (enum top_sort)sort;
	return 0;
}

/* A path as people write it. */
static void
add_place(struct tk_buf *b, const char *path)
{
	const char *home = getenv("HOME");
	size_t n = home != NULL ? strlen(home) : 0;

	if (n > 1 && strncmp(path, home, n) == 0 && path[n] == '/')
		tk_buf_addf(b, "~%s", path + n);
	else
		tk_buf_adds(b, path);
}

static int
read_settings(struct run *r, struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct cmd_ctx *ctx = r->ctx;
	const char *ascii;
	int color = TERM_AUTO;

	if (config_digits(ctx->config, &r->digits, err) < 0 ||
	    config_get_choice(ctx->config, "ui.color", &color, err) < 0 ||
	    config_get(ctx->config, "ui.ascii", &ascii, err) < 0 ||
	    parse_delay(r->args->delay, &r->delay, err) < 0 ||
	    read_screen(r, err) < 0 ||
	    cmd_filter_read(ctx, &r->args->filter, &r->q.filter, err) < 0)
		return -1;
	r->color = term_color(STDOUT_FILENO, (enum term_when)ctx->common->color,
	    (enum term_when)color);
	r->ascii = strcmp(ascii, "auto") == 0 ? !term_utf8()
					      : strcmp(ascii, "yes") == 0;
	cmd_filter_title(&r->args->filter, &r->scope);
	if (config_path(PLACE_CACHE, "", &r->folder, &ignored) == 0) {
		if (r->folder.s[r->folder.len - 1] != '/')
			tk_buf_adds(&r->folder, "/");
		r->q.folder = r->folder.s;
	}
	r->q.zone = ctx->zone;
	r->q.week_start = ctx->week_start;
	add_place(&r->place, store_path(ctx->ledger_url));
	r->style = (struct top_style){ ctx->zone, &r->digits, r->scope.s, 0,
		r->place.s };
	find_size(r);
	return 0;
}

/* What the options say of the screen, over what the settings say. */
static void
set_ui(struct run *r)
{
	const struct top_args *a = r->args;
	struct top_ui *ui = &r->ui;

	if (a->view >= 0)
		ui->view = (enum top_view)a->view;
	else if (r->q.filter.names[NAME_USER] == 1 && ui->view == TOP_USER)
		ui->view = TOP_HOME;
	if (a->sort >= 0)
		ui->sort = (enum top_sort)a->sort;
	if (a->range >= 0)
		ui->range = (enum top_range)a->range;
	if (a->theme >= 0)
		ui->theme = a->theme;
	if (a->delay != NULL)
		ui->delay = r->delay;
	ui->reverse |= a->reverse;
	ui->mouse |= a->mouse;
	r->title |= a->title;
	ui->ascii |= r->ascii;
}

static int
print_frame(struct run *r, const struct top_model *m, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	struct cells g;
	int rc = 0;

	if (r->ctx->common->format > 0) {
		top_json(m, r->q.zone, &r->ui, &b);
	} else {
		cells_init(&g, r->w, r->h, r->ui.ascii);
		top_draw(&g, m, &r->style, &r->ui);
		cells_print(&g, r->color, &b);
		cells_release(&g);
	}
	if (fwrite(b.s, 1, b.len, r->ctx->to) != b.len ||
	    fflush(r->ctx->to) != 0)
		rc = tk_fail_errno(err, "cannot write the output");
	tk_buf_release(&b);
	return rc;
}

void
top_query(struct run *r, struct top_query *q)
{
	*q = r->q;
	top_ui_narrow(&r->ui, q, r->name);
	q->session = r->ctx->common->format > 0;
	q->panes = q->session || top_has_panes(r->w, r->h);
}

static int
read_model(struct run *r, struct top_model *m, struct tk_err *err)
{
	struct top_query q;

	top_query(r, &q);
	return top_model_read(m, r->ctx->ledger, &q, err);
}

/* As if they had been pressed; what only a terminal can do is left out. */
static int
press_keys(struct run *r, struct top_model *m, struct tk_err *err)
{
	const char *keys = r->args->keys;
	size_t len = keys != NULL ? strlen(keys) : 0, step;

	for (size_t i = 0; i < len; i += step) {
		int32_t c;

		step = tk_utf8_step(keys + i, len - i, &c);
		if (top_ui_key(&r->ui, c, m) != NEXT_READ)
			continue;
		top_model_release(m);
		if (read_model(r, m, err) < 0)
			return -1;
	}
	return 0;
}

/* The first frame is read whole, those after it follow the ledger. */
static int
next_model(struct run *r, struct top_model *m, bool first, struct tk_err *err)
{
	struct top_query q;

	if (first)
		return read_model(r, m, err) < 0 ? -1 : press_keys(r, m, err);
	top_query(r, &q);
	return top_model_follow(m, r->ctx->ledger, &q, err) < 0 ? -1 : 0;
}

static int
print_frames(struct run *r, int64_t frames, struct tk_err *err)
{
	struct timespec delay = { r->ui.delay / 1000,
		r->ui.delay % 1000 * 1000000 };
	int64_t began = tk_steady_ms();
	struct top_model m = { 0 };
	int rc = 0;

	for (int64_t i = 0; rc == 0 && i < frames; i++) {
		struct timespec left = delay;

		while (i > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
			;
		r->q.now = r->ctx->now + (i > 0 ? tk_steady_ms() - began : 0);
		rc = next_model(r, &m, i == 0, err);
		if (rc == 0)
			rc = print_frame(r, &m, err);
	}
	top_model_release(&m);
	return rc;
}

static int
top_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct top_args *args = args_;
	struct run r = { .ctx = ctx,
		.args = args,
		.scope = TK_BUF_INIT,
		.folder = TK_BUF_INIT,
		.place = TK_BUF_INIT };
	bool live = is_live(args);
	int64_t frames = args->frames;
	int rc;

	(void)argc, (void)argv;
	if (frames == UNTIL_STOPPED && (args->once || !args->batch))
		frames = 1;
	top_ui_init(&r.ui);
	rc = read_settings(&r, err);
	if (rc == 0) {
		set_ui(&r);
		rc = live ? top_live(&r, err) : print_frames(&r, frames, err);
	}
	top_ui_release(&r.ui);
	tk_buf_release(&r.scope);
	tk_buf_release(&r.folder);
	tk_buf_release(&r.place);
	return rc;
}

static void
top_defaults(void *args_)
{
	struct top_args *args = args_;

	args->view = args->sort = args->range = args->theme = -1;
	args->frames = UNTIL_STOPPED;
}

const struct cmd cmd_top = {
	.name = "top",
	.summary = "show what is used now, and by whom",
	.examples = "tokctl top\tlive: today, this month, the last hour\n"
		    "tokctl top -b -n 3 -d 0.5 --view model\tthree frames\n"
		    "tokctl top --json -u alice\tfor programs\n",
	.opts = top_opts,
	.args_size = sizeof(struct top_args),
	.defaults = top_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PRICES,
	.check = top_check,
	.run = top_run,
};
