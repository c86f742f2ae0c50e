/*
 * What every command has open: see session.h.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/config.h"
#include "filter_kept.h"
#include "ledger/ledger.h"
#include "limit/limit.h"
#include "out/out.h"
#include "price.h"
#include "price/price.h"
#include "session.h"
#include "session_int.h"
#include "spool.h"
#include "store/store.h"

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

int
session_open_zone(struct session *s, struct tk_err *err)
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
	if ((needs & CMD_ZONE || needs_out(s)) && session_open_zone(s, err) < 0)
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
	return needs_out(s) ? session_out_open(s, err) : 0;
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
	session_out_drop(s);
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
		rc = session_out_finish(s, 0, err);
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
		rc = session_out_finish(s,
		    c->run(&s->ctx, s->common, nargs, argv, err), err);
out:
	session_end(s);
	return rc;
}
