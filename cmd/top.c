/*
 * tokctl top - what is used now, by whom
 *
 * What a frame shows is src/top's; here it is read, drawn and printed.
 */
#include "top.h"

#include <errno.h>
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
#include "json/write.h"

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
	return !a->batch && !a->once && a->frames == 0 &&
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
	if (args->frames < 0 || args->width < 0 || args->lines < 0)
		return tk_fail(err, TK_USAGE, "--%s takes a positive number",
		    args->frames < 0      ? "frames"
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
	r->style = (struct top_style){ ctx->zone, &r->digits, r->scope.s, 0 };
	find_size(r);
	return 0;
}

/* What the options say of the screen, over what was there before. */
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
	ui->ascii |= r->ascii;
}

static void
put_sums(struct json_write *w, const struct usage_sums *s)
{
	json_write_member_int(w, "requests", s->v[SUM_REQUESTS]);
	json_write_member_int(w, "input_tokens", s->v[SUM_INPUT]);
	json_write_member_int(w, "cache_read_tokens", s->v[SUM_CACHE_READ]);
	json_write_member_int(w, "cache_write_tokens", sums_cache_write(s));
	json_write_member_int(w, "output_tokens", s->v[SUM_OUTPUT]);
	json_write_member_int(w, "total_tokens", sums_total(s));
	if (s->v[SUM_UNPRICED] > 0 && s->v[SUM_COST] == 0 &&
	    s->v[SUM_UNPRICED] >= s->v[SUM_REQUESTS])
		json_write_member_raw(w, "cost_usd", "null");
	else
		json_write_member_money(w, "cost_usd", s->v[SUM_COST]);
	json_write_member_int(w, "unpriced_requests", s->v[SUM_UNPRICED]);
}

static void
put_member_sums(struct json_write *w, const char *key,
    const struct usage_sums *s)
{
	json_write_key(w, key);
	json_write_open(w, '{');
	put_sums(w, s);
	json_write_close(w, '}');
}

static void
put_rate(struct json_write *w, const struct top_model *m)
{
	struct now_rate five, hour;

	now_rate(&m->figures, m->now, 5, &five);
	now_rate(&m->figures, m->now, 60, &hour);
	json_write_key(w, "rate");
	json_write_open(w, '{');
	json_write_member_int(w, "tokens_per_minute_5m",
	    five.tokens_per_minute);
	json_write_member_int(w, "tokens_per_minute_60m",
	    hour.tokens_per_minute);
	json_write_member_money(w, "usd_per_hour_60m", hour.cost_per_hour);
	json_write_close(w, '}');
}

static void
put_forecast(struct json_write *w, const struct run *r,
    const struct top_model *m)
{
	tk_int128 tokens, cost;

	json_write_key(w, "forecast");
	json_write_open(w, '{');
	if (top_day_ahead(m, r->q.zone, &tokens))
		json_write_member_int(w, "day_tokens", tokens);
	else
		json_write_member_raw(w, "day_tokens", "null");
	if (top_month_ahead(m, r->q.zone, &cost))
		json_write_member_money(w, "month_usd", cost);
	else
		json_write_member_raw(w, "month_usd", "null");
	json_write_close(w, '}');
}

static void
put_time(struct json_write *w, const char *key, const struct run *r, int64_t ms)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add(&b, r->q.zone, ms);
	json_write_member_text(w, key, b.s);
	tk_buf_release(&b);
}

static void
put_rows(struct json_write *w, const struct run *r, const struct top_model *m)
{
	/* Views without a table of their own have that of the users. */
	const char *key =
	    top_views[r->ui.view < TOP_LIVE ? r->ui.view : TOP_USER].name;

	json_write_key(w, "rows");
	json_write_open(w, '[');
	for (size_t i = 0; i < m->table.rows; i++) {
		const struct report_row *row = &m->table.row[i];

		json_write_open(w, '{');
		json_write_member_text(w, key, row->name[0]);
		put_sums(w, &row->sums);
		put_time(w, "last_activity", r, row->last);
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

/* One object a frame, on a line of its own; the first is complete. */
static void
print_json(const struct run *r, const struct top_model *m, struct tk_buf *b)
{
	struct json_write w = { .to = b };

	json_write_open(&w, '{');
	json_write_member_text(&w, "schema", "tokctl.top/1");
	put_time(&w, "time", r, m->now);
	json_write_member_text(&w, "timezone", tk_zone_name(r->q.zone));
	json_write_member_text(&w, "scope", r->scope.s);
	json_write_member_text(&w, "view", top_views[r->ui.view].name);
	put_member_sums(&w, "today", &m->figures.today);
	put_member_sums(&w, "month", &m->figures.this_month);
	put_rate(&w, m);
	put_forecast(&w, r, m);
	put_rows(&w, r, m);
	json_write_close(&w, '}');
	tk_buf_adds(b, "\n");
}

static int
print_frame(struct run *r, const struct top_model *m, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	struct cells g;
	int rc = 0;

	if (r->ctx->common->format > 0) {
		print_json(r, m, &b);
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

static int64_t
monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
top_read(struct run *r, struct top_model *m, struct ledger *l,
    struct tk_err *err)
{
	const char *name[TOP_DEPTH];
	struct top_query q = r->q;

	top_ui_narrow(&r->ui, &q, name);
	return top_model_read(m, l, &q, err);
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
		if (top_read(r, m, r->ctx->ledger, err) < 0)
			return -1;
	}
	return 0;
}

static int
print_frames(struct run *r, int64_t frames, struct tk_err *err)
{
	int64_t began = monotonic_ms();

	for (int64_t i = 0; frames == 0 || i < frames; i++) {
		struct timespec pause = { r->delay / 1000,
			r->delay % 1000 * 1000000 };
		struct top_model m;
		int rc;

		while (i > 0 && nanosleep(&pause, &pause) < 0 && errno == EINTR)
			;
		r->q.now = r->ctx->now + monotonic_ms() - began;
		if (i == 0)
			r->q.now = r->ctx->now;
		if (top_read(r, &m, r->ctx->ledger, err) < 0)
			return -1;
		rc = i == 0 ? press_keys(r, &m, err) : 0;
		if (rc == 0)
			rc = print_frame(r, &m, err);
		top_model_release(&m);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
top_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct top_args *args = args_;
	struct run r = { .ctx = ctx,
		.args = args,
		.scope = TK_BUF_INIT,
		.folder = TK_BUF_INIT };
	bool live = is_live(args);
	int64_t frames = args->frames;
	int rc;

	(void)argc, (void)argv;
	if (frames == 0 && (args->once || !args->batch))
		frames = 1;
	top_ui_init(&r.ui);
	rc = read_settings(&r, err);
	if (rc == 0) {
		if (live)
			top_live_load(&r);
		set_ui(&r);
		rc = live ? top_live(&r, err) : print_frames(&r, frames, err);
	}
	top_ui_release(&r.ui);
	tk_buf_release(&r.scope);
	tk_buf_release(&r.folder);
	return rc;
}

static void
top_defaults(void *args_)
{
	struct top_args *args = args_;

	args->view = args->sort = args->range = args->theme = -1;
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
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.check = top_check,
	.run = top_run,
};
