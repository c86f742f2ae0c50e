/*
 * tokctl status - one line for prompts, tmux and Claude Code
 *
 * It is asked every second or two, by people who wait for their prompt: it
 * must be fast with any history, and say something whatever is wrong.
 */
#include "status.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "cli/term.h"
#include "cmd.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "out/out.h"
#include "store/store.h"

struct status_args {
	struct cmd_common common;
	const char *template;
	int from_stdin;
	bool list;
};

enum { STDIN_AUTO, STDIN_YES, STDIN_NO };
static const struct tk_choice stdin_words[] = {
	{ "auto", STDIN_AUTO },
	{ "yes", STDIN_YES },
	{ "no", STDIN_NO },
	{ NULL, 0 },
};

static const struct opt status_opts[] = {
	OPT_STR(0, "template", struct status_args, template, "text", HINT_NONE,
	    "the line, with values as {today_tokens}"),
	OPT_CHOICE(0, "stdin", struct status_args, from_stdin, "when",
	    stdin_words, "read what Claude Code says"),
	OPT_FLAG(0, "list", struct status_args, list,
	    "list the values that --template knows"),
	OPT_COMMON(struct status_args),
	OPT_END,
};

static const char default_template[] =
    "[{model} | ][{session_cost} session | ]today {today}"
    "[ | block {block_cost}, {block_left} left][ | {rate}/min]"
    "[ | ctx {context}][ | 5h {limit_5h} official]"
    "[ | 7d {limit_7d} official]";

enum {
	WINDOW_MS = 5 * 3600 * 1000,
	STDIN_MAX = 1 << 20,
	FIRST_WAIT_MS = 100, /* nobody may be writing */
	WAIT_MS = 2000,      /* somebody is */
	BUSY_MS = 50,
	SAVE_AFTER_MS = 60000,
};

/*
 * Everything on standard input.  A terminal is never read.  A pipe may have
 * a writer that never writes (tmux leaves one open), so unless it is asked for
 * it gets a moment to begin.
 */
static void
read_stdin(int when, struct tk_buf *b)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char chunk[16384];

	if (when == STDIN_NO || isatty(STDIN_FILENO))
		return;
	while (b->len < STDIN_MAX) {
		bool wait = b->len > 0 || when == STDIN_YES;
		ssize_t n;

		if (poll(&in, 1, wait ? WAIT_MS : FIRST_WAIT_MS) <= 0)
			return;
		n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n <= 0 && !(n < 0 && errno == EINTR))
			return;
		if (n > 0)
			tk_buf_add(b, chunk, (size_t)n);
	}
}

static void
explain(const struct cmd_ctx *ctx, const struct tk_err *err)
{
	if (ctx->common->verbose > 0)
		cmd_warn(ctx, "warning: %s", err->msg);
}

static bool
is_blank(const struct tk_buf *b)
{
	return strspn(b->s, " \t\r\n") == b->len;
}

static void
read_claude(const struct cmd_ctx *ctx, int when, struct status *s)
{
	struct tk_buf text = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	read_stdin(when, &text);
	if (claude_status_read(&s->claude, text.s, text.len, s->now, &err) <
		0 &&
	    !is_blank(&text))
		explain(ctx, &err);
	tk_buf_release(&text);
}

/* Take in what was said now; true if it is worth writing down. */
static bool
merge_limits(struct status *s)
{
	bool news = false;

	for (size_t i = 0; i < s->claude.limits.n; i++) {
		const struct provider_limit *seen = &s->claude.limits.v[i];
		const struct provider_limit *known =
		    provider_limits_find(&s->limits, seen->name);

		news |= known == NULL || known->used != seen->used ||
		    known->resets_at != seen->resets_at ||
		    seen->seen_at - known->seen_at >= SAVE_AFTER_MS;
		provider_limits_put(&s->limits, seen);
	}
	return news;
}

static void
read_limits(const struct cmd_ctx *ctx, struct status *s)
{
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	if (config_path(PLACE_STATE, "limits.json", &path, &err) < 0) {
		merge_limits(s);
		goto out;
	}
	if (provider_limits_load(&s->limits, path.s, &err) < 0)
		explain(ctx, &err);
	if (merge_limits(s) &&
	    provider_limits_save(&s->limits, path.s, &err) < 0)
		explain(ctx, &err);
out:
	tk_buf_release(&path);
}

static void
read_ledger(const struct cmd_ctx *ctx, struct status *s)
{
	struct tk_buf folder = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	struct now_query q = { .now = s->now,
		.zone = s->zone,
		.window = WINDOW_MS };
	struct ledger *l = NULL;
	struct stat sb;

	if (store_busy_ms > BUSY_MS)
		store_busy_ms = BUSY_MS;
	if (config_path(PLACE_CACHE, "", &folder, &err) == 0) {
		if (folder.s[folder.len - 1] != '/')
			tk_buf_adds(&folder, "/");
		q.folder = folder.s;
	}
	if (stat(store_path(ctx->ledger_url), &sb) != 0 && errno == ENOENT) {
		s->trouble = "no ledger yet";
	} else if (ledger_open(&l, ctx->ledger_url, LEDGER_READ, &err) < 0 ||
	    now_read(&s->figures, l, &q, &err) < 0) {
		s->trouble = err.code == TK_IO
		    ? "ledger not readable"
		    : "ledger not usable (see tokctl ledger info)";
		explain(ctx, &err);
	}
	ledger_close(l);
	tk_buf_release(&folder);
}

static int
read_settings(struct cmd_ctx *ctx, struct status *s, struct tk_err *err)
{
	const char *ascii;
	int color = TERM_AUTO;

	if (config_digits(ctx->config, &s->digits, err) < 0 ||
	    config_get_choice(ctx->config, "ui.color", &color, err) < 0 ||
	    config_get(ctx->config, "ui.ascii", &ascii, err) < 0)
		return -1;
	s->color = term_color(STDOUT_FILENO, (enum term_when)ctx->common->color,
	    (enum term_when)color);
	/* A prompt is not a terminal yet: its characters are the locale's. */
	s->ascii = strcmp(ascii, "yes") == 0;
	return 0;
}

static int
print_line(struct cmd_ctx *ctx, const char *template, const struct status *s,
    struct tk_err *err)
{
	struct tk_buf line = TK_BUF_INIT;
	int rc = 0;

	template_add(&line, template, status_words, s);
	tk_buf_adds(&line, "\n");
	if (fwrite(line.s, 1, line.len, ctx->to) != line.len ||
	    fflush(ctx->to) != 0)
		rc = tk_fail_errno(err, "cannot write the output");
	tk_buf_release(&line);
	return rc;
}

static int
print_words(struct cmd_ctx *ctx)
{
	static const struct out_col cols[] = {
		{ "value", "Value", OUT_TEXT, 0 },
		{ "meaning", "Meaning", OUT_TEXT, 0 },
		OUT_COL_END,
	};

	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.status.values/1",
		.title = "Values for --template" });
	out_begin(ctx->out, cols);
	for (const struct template_word *w = status_words; w->name; w++) {
		out_text(ctx->out, w->name);
		out_text(ctx->out, w->help);
		out_end_row(ctx->out);
	}
	return 0;
}

static int
status_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct status_args *args = args_;
	int needs;

	(void)ctx, (void)argc, (void)argv;
	if (args->template == NULL)
		return 0;
	if (args->common.format >= 0)
		return tk_fail(err, TK_USAGE,
		    "--template does not go with --format");
	return template_check(args->template, status_words, &needs, err);
}

static int
status_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct status_args *args = args_;
	const char *template =
	    args->template != NULL ? args->template : default_template;
	struct status s = { .now = ctx->now, .zone = ctx->zone };
	bool all = args->common.format >= 0;
	int needs;

	(void)argc, (void)argv;
	if (args->list)
		return print_words(ctx);
	if (template_check(template, status_words, &needs, err) < 0 ||
	    read_settings(ctx, &s, err) < 0)
		return -1;
	read_claude(ctx, args->from_stdin, &s);
	if (all || needs & STATUS_LIMITS || s.claude.limits.n > 0)
		read_limits(ctx, &s);
	if (all || needs & STATUS_LEDGER)
		read_ledger(ctx, &s);
	if (!all)
		return print_line(ctx, template, &s, err);
	status_print_document(ctx->out, &s);
	return 0;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "show today, the window and the limits in a line",
	.examples = "tokctl status\tas in a prompt\n"
		    "tokctl status --template "
		    "'{today_tokens} {today_cost}[, {block_left} left]'\n",
	.opts = status_opts,
	.args_size = sizeof(struct status_args),
	.needs = CMD_OUT | CMD_LEDGER_NAME,
	.check = status_check,
	.run = status_run,
};
