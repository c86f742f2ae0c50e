/*
 * What every command has open: see session.h.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "cli/term.h"
#include "cmd.h"
#include "config/config.h"
#include "filter_kept.h"
#include "handout.h"
#include "ledger/ledger.h"
#include "limit/limit.h"
#include "news.h"
#include "out/out.h"
#include "price.h"
#include "price/price.h"
#include "session.h"
#include "spool.h"
#include "store/store.h"
#include "zip/zip.h"

const struct opt cmd_common_opts[] = {
	OPT_CHOICE('f', "format", struct cmd_common, format, "format",
	    out_formats, "print as one of"),
	OPT_FLAG(0, "json", struct cmd_common, json, "same as --format json"),
	OPT_STR('o', "output", struct cmd_common, output, "file", HINT_FILE,
	    "write to this file, whole or not at all"),
	OPT_STR('L', "ledger", struct cmd_common, ledger, "ledger", HINT_LEDGER,
	    "use this ledger, a file or a URL"),
	OPT_STR(0, "config", struct cmd_common, config, "file", HINT_FILE,
	    "read settings from this file alone"),
	OPT_STR(0, "tz", struct cmd_common, tz, "zone", HINT_ZONE,
	    "days and times are of this zone"),
	OPT_CHOICE(0, "color", struct cmd_common, color, "when", term_whens,
	    "colour the output"),
	OPT_FLAG(0, "ascii", struct cmd_common, ascii,
	    "draw with ASCII characters alone"),
	OPT_FLAG('q', "quiet", struct cmd_common, quiet,
	    "print nothing but the answer"),
	OPT_COUNT('v', "verbose", struct cmd_common, verbose,
	    "say more; may be repeated"),
	OPT_FLAG(0, "no-pager", struct cmd_common, no_pager,
	    "never start a pager"),
	OPT_FLAG('h', "help", struct cmd_common, help,
	    "show this help and exit"),
	OPT_END,
};

/* Everything that a run has open. */
struct session {
	struct cmd_ctx ctx;
	struct cmd_common *common;
	struct tk_digits digits;
	struct tk_new_file file; /* -o */
	FILE *zipped;            /* what compresses into it, or NULL */
	struct handout handout;  /* --plot, --mail, --lock */
	struct news news;
	const char **words; /* as they were given */
	struct term_pager pager;
};

/* What the flags say is the uppermost layer of the settings. */
static int
override(struct session *s, struct tk_err *err)
{
	const struct cmd_common *c = s->common;
	const struct {
		const char *key, *value, *flag;
	} flags[] = {
		{ "ui.tz", c->tz, "--tz" },
		{ "ledger.path", c->ledger, "--ledger" },
		{ "ui.ascii", c->ascii ? "yes" : NULL, "--ascii" },
	};

	for (size_t i = 0; i < TK_LEN(flags); i++)
		if (flags[i].value != NULL &&
		    config_override(s->ctx.config, flags[i].key, flags[i].value,
			flags[i].flag, err) < 0)
			return -1;
	return 0;
}

static int
open_zone(struct session *s, struct tk_err *err)
{
	const char *name = NULL;

	if (config_get(s->ctx.config, "ui.tz", &name, err) < 0 ||
	    config_get_choice(s->ctx.config, "ui.week_start",
		&s->ctx.week_start, err) < 0)
		return -1;
	return tk_zone_open(&s->ctx.zone, name, err);
}

static int
tell_keep(struct cmd_ctx *ctx, struct ledger *l, struct tk_err *err)
{
	int64_t keep;

	if (config_get_int(ctx->config, "quota.keep", &keep, err) < 0)
		return -1;
	limit_set_keep(l, keep);
	return 0;
}

static int
open_prices(struct session *s, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	bool wanted;
	int rc = 0;

	if (s->ctx.prices != NULL)
		return 0;
	rc = price_file(s->ctx.config, &path, &wanted, err);
	if (rc == 0)
		rc = price_book_open(&s->ctx.prices, wanted ? path.s : NULL,
		    err);
	tk_buf_release(&path);
	return rc;
}

/* Records that could not be booked before come first. */
static int
book_what_waits(struct session *s, struct tk_err *err)
{
	if (!spool_waits(&s->ctx))
		return 0;
	if (open_prices(s, err) < 0)
		return -1;
	spool_try(&s->ctx,
	    s->ctx.cmd->needs & (CMD_LEDGER_WRITE | CMD_LEDGER_UPDATE));
	return 0;
}

static int
open_ledger(struct session *s, struct tk_err *err)
{
	enum cmd_needs needs = s->ctx.cmd->needs;
	enum ledger_flags flags = LEDGER_READ;
	const char *url;
	int64_t wait;

	if (!(needs &
		(CMD_LEDGER_READ | CMD_LEDGER_WRITE | CMD_LEDGER_UPDATE |
		    CMD_LEDGER_NAME)))
		return 0;
	if (config_get(s->ctx.config, "ledger.path", &url, err) < 0 ||
	    config_get_int(s->ctx.config, "ledger.busy_timeout", &wait, err) <
		0)
		return -1;
	store_busy_ms = wait > INT32_MAX ? INT32_MAX : (int)wait;
	s->ctx.ledger_url = url;
	if (!(needs & CMD_LEDGER_NAME) && book_what_waits(s, err) < 0)
		return -1;
	if (needs & (CMD_LEDGER_WRITE | CMD_LEDGER_UPDATE))
		flags |= LEDGER_WRITE;
	if (needs & CMD_LEDGER_WRITE)
		flags |= LEDGER_CREATE;
	if (needs & CMD_LEDGER_NAME)
		return 0;
	if (s->ctx.cmd->once != NULL && s->ctx.cmd->once(s->common))
		flags |= LEDGER_ONCE;
	if (ledger_open(&s->ctx.ledger, url, flags, err) < 0)
		return -1;
	ledger_set_now(s->ctx.ledger, s->ctx.now);
	return flags & LEDGER_WRITE ? tell_keep(&s->ctx, s->ctx.ledger, err)
				    : 0;
}

static int
get_choice(struct session *s, const char *key, const struct tk_choice *words,
    int *value, struct tk_err *err)
{
	const char *word = NULL;

	if (config_get(s->ctx.config, key, &word, err) < 0)
		return -1;
	for (; word != NULL && words->name != NULL; words++)
		if (strcmp(words->name, word) == 0)
			*value = words->value;
	return 0;
}

/* Budgets take calls without a price for what they may cost at most. */
int
cmd_tell_limits(struct cmd_ctx *ctx, struct ledger *l, struct tk_err *err)
{
	struct limit_prices p = { UNKNOWN_ESTIMATE, false, 0, 0 };
	int unknown;

	if (l == NULL || ctx->prices == NULL)
		return 0;
	if (tell_keep(ctx, l, err) < 0 ||
	    config_get_choice(ctx->config, "prices.unknown", &unknown, err) < 0)
		return -1;
	p.unknown = (enum limit_unknown)unknown;
	p.known = price_ceiling(ctx->prices, &p.input, &p.output);
	limit_set_prices(l, &p);
	return 0;
}

/* What -o and --plot write, until they have their names. */
static const char *volatile unfinished[2];

static void
drop_unfinished(int sig)
{
	for (size_t i = 0; i < TK_LEN(unfinished); i++)
		if (unfinished[i] != NULL)
			unlink(unfinished[i]);
	signal(sig, SIG_DFL);
	raise(sig);
}

static int
open_files(struct session *s, struct out_style *style, FILE **to,
    struct tk_err *err)
{
	const char *name = s->common->output;

	if (handout_open(&s->handout, s->common, style, to, err) < 0)
		return -1;
	unfinished[1] = s->handout.plot.temporary;
	if (name == NULL || strcmp(name, "-") == 0 || s->common->split != 0)
		return 0;
	if (tk_new_file_open(&s->file, name, 0666, err) < 0)
		return -1;
	unfinished[0] = s->file.temporary;
	if (zip_open(to, s->file.to, name, err) < 0)
		return -1;
	s->zipped = *to == s->file.to ? NULL : *to;
	return 0;
}

/* Open what is written to files.  Who ends this program early leaves no half
 * a file behind. */
static int
open_safely(struct session *s, struct out_style *style, FILE **to,
    struct tk_err *err)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t caught, before;
	int rc;

	sigemptyset(&caught);
	for (size_t i = 0; i < TK_LEN(signals); i++)
		sigaddset(&caught, signals[i]);
	sigprocmask(SIG_BLOCK, &caught, &before);
	rc = open_files(s, style, to, err);
	for (size_t i = 0; i < TK_LEN(signals); i++)
		if (signal(signals[i], drop_unfinished) == SIG_IGN)
			signal(signals[i], SIG_IGN);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int
start_pager(struct session *s, struct tk_err *err)
{
	if (!(s->ctx.cmd->needs & CMD_PAGER) || s->common->no_pager)
		return 0;
	if (config_get(s->ctx.config, "ui.pager", &s->pager.setting, err) < 0)
		return -1;
	term_pager_start(&s->pager);
	return 0;
}

static int
open_out(struct session *s, struct tk_err *err)
{
	const struct cmd_common *c = s->common;
	struct out_style style = { .format = c->format,
		.now = s->ctx.now,
		.zone = s->ctx.zone,
		.digits = &s->digits };
	int color = TERM_AUTO;
	const char *ascii = NULL;
	FILE *to = stdout;

	if (style.format < 0 && s->ctx.cmd->format != NULL) {
		style.format = out_format_named(s->ctx.cmd->format);
	} else if (style.format < 0) {
		style.format = out_format_named("table");
		if (get_choice(s, "output.format", out_formats, &style.format,
			err) < 0)
			return -1;
	}
	if (config_digits(s->ctx.config, &s->digits, err) < 0 ||
	    get_choice(s, "ui.color", term_whens, &color, err) < 0 ||
	    config_get(s->ctx.config, "ui.ascii", &ascii, err) < 0)
		return -1;
	style.utf8 =
	    strcmp(ascii, "auto") == 0 ? term_utf8() : strcmp(ascii, "no") == 0;
	if (c->output == NULL || strcmp(c->output, "-") == 0) {
		style.color = term_color(STDOUT_FILENO,
		    (enum term_when)c->color, (enum term_when)color);
		style.width = term_width(STDOUT_FILENO);
	}
	if ((c->output != NULL || c->plot != NULL || c->mail.n > 0) &&
	    open_safely(s, &style, &to, err) < 0)
		return -1;
	if (to == stdout && !out_format_is_text(style.format) &&
	    term_is_tty(STDOUT_FILENO)) {
		tk_fail(err, TK_USAGE, "xlsx is no format for a terminal");
		return tk_hint(err, "with -o FILE.xlsx it is written there");
	}
	if (to == stdout && style.format == 0 && start_pager(s, err) < 0)
		return -1;
	s->ctx.to = to;
	s->ctx.out = out_new(to, &style);
	handout_start(&s->handout, c, s->ctx.out, &style);
	return 0;
}

static bool
needs_out(const struct session *s)
{
	enum cmd_needs needs = s->ctx.cmd->needs;

	return needs & CMD_OUT ||
	    (needs & CMD_OUT_ASKED &&
		(s->common->format >= 0 || s->common->output != NULL));
}

static int
session_open(struct session *s, int argc, const char **argv, struct tk_err *err)
{
	const struct cmd *c = s->ctx.cmd;
	enum cmd_needs needs = c->needs;

	if (s->common->json)
		s->common->format = out_format_named("json");
	if ((needs & (CMD_OUT | CMD_OUT_ASKED)) == 0 && s->common->format >= 0)
		s->ctx.news = &s->news;
	if (handout_format(c, s->common, err) < 0)
		return -1;
	s->ctx.config = config_new(s->common->config);
	s->ctx.progress = !s->common->quiet && term_is_tty(STDERR_FILENO);
	if (override(s, err) < 0 || cmd_tick(&s->ctx, err) < 0)
		return -1;
	if ((needs & CMD_ZONE || needs_out(s)) && open_zone(s, err) < 0)
		return -1;
	if (c->check != NULL &&
	    c->check(&s->ctx, s->common, argc, argv, err) < 0)
		return -1;
	if (open_ledger(s, err) < 0)
		return -1;
	if (needs & CMD_PRICES &&
	    (open_prices(s, err) < 0 ||
		cmd_tell_limits(&s->ctx, s->ctx.ledger, err) < 0))
		return -1;
	return needs_out(s) ? open_out(s, err) : 0;
}

/* What a command that has no rows said, for who asked for a format. */
static int
print_news(struct session *s, struct tk_err *err)
{
	if (s->ctx.news == NULL ||
	    (s->ctx.cmd->needs == 0 && s->news.texts.len == 0))
		return 0;
	if ((s->ctx.zone == NULL && open_zone(s, err) < 0) ||
	    open_out(s, err) < 0)
		return -1;
	news_print(&s->news, s->ctx.out);
	return 0;
}

/* What was written, whole or not at all; rc is what run() returned. */
static int
session_finish(struct session *s, int rc, struct tk_err *err)
{
	if (rc < 0) {
		out_discard(s->ctx.out);
		s->ctx.out = NULL;
		return rc;
	}
	if (print_news(s, err) < 0)
		return -1;
	if (s->ctx.out != NULL && s->common->quiet_if_empty &&
	    !out_any(s->ctx.out)) {
		out_discard(s->ctx.out);
		s->ctx.out = NULL;
		s->ctx.nothing = true;
	}
	if (s->ctx.out != NULL) {
		int closed;

		if (handout_note(&s->handout, &s->ctx, err) < 0)
			return -1;
		closed = out_close(s->ctx.out, err);
		s->ctx.out = NULL;
		if (closed < 0)
			return -1;
	}
	if (s->zipped != NULL) {
		FILE *zipped = s->zipped;

		s->zipped = NULL;
		if (fclose(zipped) != 0)
			return tk_fail_errno(err, "cannot write the output");
	}
	unfinished[0] = unfinished[1] = NULL;
	if (s->ctx.nothing)
		tk_new_file_discard(&s->file);
	if (s->file.to != NULL && tk_new_file_commit(&s->file, err) < 0)
		return -1;
	if (handout_finish(&s->handout, &s->ctx, err) < 0)
		return -1;
	if (fflush(stdout) != 0 || ferror(stdout))
		return tk_fail_errno(err, "cannot write the output");
	return rc;
}

/* What others do not miss: memory. */
static void
session_tidy(struct session *s)
{
	ledger_close(s->ctx.ledger);
	price_book_close(s->ctx.prices);
	tk_zone_free(s->ctx.zone);
	config_free(s->ctx.config);
	tk_buf_release(&s->ctx.login);
	tk_buf_release(&s->ctx.host);
	tk_buf_release(&s->news.texts);
	opt_release(s->ctx.cmd->opts, s->common);
	free(s->common);
	free(s->words);
	filter_kept_free(s->ctx.kept);
}

/* What others would miss; the rest is memory, see tk_tidy. */
static void
session_end(struct session *s)
{
	out_discard(s->ctx.out);
	if (s->zipped != NULL)
		fclose(s->zipped);
	unfinished[0] = unfinished[1] = NULL;
	tk_new_file_discard(&s->file);
	handout_release(&s->handout);
	if (tk_tidy)
		session_tidy(s);
	else
		ledger_quit(s->ctx.ledger);
	term_pager_wait(&s->pager);
}

int
session_run(const struct cmd *c, const char *name, int argc, const char **argv,
    struct tk_err *err)
{
	/* There when the process ends: what it holds is not lost. */
	static struct session session;
	struct session *s = &session;
	int nargs, rc = -1;

	*s = (struct session){ .ctx = { .cmd = c,
				   .name = name,
				   .login = TK_BUF_INIT,
				   .host = TK_BUF_INIT },
		.common = tk_xcalloc(1, c->args_size),
		.handout = HANDOUT_INIT,
		.news = NEWS_INIT };
	s->ctx.common = s->common;
	s->common->format = -1;
	if (c->defaults != NULL)
		c->defaults(s->common);
	s->words = tk_xcalloc((size_t)argc + 1, sizeof(*s->words));
	memcpy(s->words, argv, (size_t)argc * sizeof(*s->words));
	if (opt_parse(c->opts, s->common, argc, argv, &nargs, err) < 0) {
		if (err->hint[0] == '\0')
			tk_hint(err, "see 'tokctl %s --help'", name);
		goto out;
	}
	if (s->common->help) {
		cmd_help_text(c, name, stdout);
		rc = session_finish(s, 0, err);
		goto out;
	}
	if (nargs > 0 && c->operands == NULL) {
		tk_fail(err, TK_USAGE, "'%s' is one word too many", argv[0]);
		tk_hint(err, "see 'tokctl %s --help'", name);
		goto out;
	}
	if (s->common->lock) {
		rc = handout_lock(&s->handout, name, argc - 1, s->words + 1,
		    err);
		if (rc <= 0)
			goto out;
		rc = -1;
	}
	if (session_open(s, nargs, argv, err) == 0)
		rc = session_finish(s,
		    c->run(&s->ctx, s->common, nargs, argv, err), err);
out:
	session_end(s);
	return rc;
}
