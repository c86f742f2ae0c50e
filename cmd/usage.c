/*
 * tokctl usage - the ledger's records
 *
 * list, show, stats and void are here; record is in usage_record.c, import
 * in usage_import.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/who.h"
#include "cmd.h"
#include "config/config.h"
#include "filter.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "ledger/record.h"
#include "out/out.h"
#include "record_out.h"
#include "report/report.h"
#include "report_out.h"
#include "usage.h"

const char *
usage_login(struct cmd_ctx *ctx)
{
	return ctx->login.len > 0 || tk_passwd_name(&ctx->login) ? ctx->login.s
								 : NULL;
}

int
usage_user(struct cmd_ctx *ctx, const char **user, struct tk_err *err)
{
	if (*user != NULL && **user == '\0')
		return tk_fail(err, TK_USAGE, "--user: it is empty");
	if (*user != NULL)
		return 0;
	if (config_get(ctx->config, "user.name", user, err) < 0)
		return -1;
	if (*user != NULL && **user != '\0')
		return 0;
	*user = getenv("LOGNAME");
	if (*user == NULL || **user == '\0')
		*user = getenv("USER");
	if (*user != NULL && **user != '\0')
		return 0;
	*user = usage_login(ctx);
	if (*user != NULL)
		return 0;
	tk_fail(err, TK_USAGE, "which user?");
	return tk_hint(err, "give --user, or set user.name");
}

int
usage_machine(struct cmd_ctx *ctx, const char **name, struct tk_err *err)
{
	if (config_get(ctx->config, "machine.name", name, err) < 0)
		return -1;
	if (*name != NULL && **name != '\0')
		return 0;
	*name =
	    ctx->host.len > 0 || tk_host_name(&ctx->host) ? ctx->host.s : NULL;
	return 0;
}

struct list_args {
	struct cmd_common common;
	struct cmd_filter filter;
	int64_t last;
	bool all;
};

static const struct opt list_opts[] = {
	OPT_INT(0, "last", struct list_args, last, "n",
	    "only the n latest records (20)"),
	OPT_FLAG('a', "all", struct list_args, all,
	    "with what was taken back, and what took it back"),
	OPT_FILTER(struct list_args),
	OPT_COMMON(struct list_args),
	OPT_END,
};

static int
list_record(struct packed_record *v, void *data, struct tk_err *err)
{
	(void)err;
	record_out_row(data, &v->r);
	return 0;
}

enum { LIST_DEFAULT = 20 };

static void
list_defaults(void *args)
{
	((struct list_args *)args)->last = LIST_DEFAULT;
}

static int
list_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct list_args *args = args_;

	(void)argc, (void)argv;
	if (args->last < 1)
		return tk_fail(err, TK_USAGE, "--last takes a positive number");
	return cmd_filter_check(ctx, &args->filter, err);
}

static int
list_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct list_args *args = args_;
	struct out_doc doc = { .schema = "tokctl.usage.list/1",
		.title = "Latest usage" };
	struct ledger_filter filter;

	(void)argc, (void)argv;
	if (cmd_filter_read(ctx, &args->filter, &filter, err) < 0)
		return -1;
	doc.since = filter.since;
	doc.until = filter.until;
	out_document(ctx->out, &doc);
	out_begin(ctx->out, record_out_cols);
	out_empty(ctx->out, "no usage");
	return ledger_latest(ctx->ledger, &filter,
	    args->all ? SCAN_ALL : SCAN_STANDING, (size_t)args->last,
	    list_record, ctx->out, err);
}

static const struct cmd cmd_usage_list = {
	.name = "list",
	.summary = "list the latest records",
	.examples = "tokctl usage list --last 6\tthe six latest\n"
		    "tokctl usage list -u alice --since today -f csv\n",
	.opts = list_opts,
	.args_size = sizeof(struct list_args),
	.defaults = list_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = list_check,
	.run = list_run,
};

struct show_args {
	struct cmd_common common;
};

static const struct opt show_opts[] = {
	OPT_COMMON(struct show_args),
	OPT_END,
};

static int
parse_id(const char *text, int64_t *id, struct tk_err *err)
{
	if (tk_int_parse(text, strlen(text), id) && *id > 0)
		return 0;
	tk_fail(err, TK_NOTFOUND, "'%s' is no record id", text);
	return tk_hint(err, "ids are in 'tokctl usage list'");
}

/* Every column, also those that a list does not show to people. */
static void
show_cols(struct out_col *cols)
{
	for (size_t i = 0;; i++) {
		cols[i] = record_out_cols[i];
		if (cols[i].key == NULL)
			break;
		cols[i].flags &= ~(OUT_MACHINE | OUT_WIDE | OUT_MEDIUM);
	}
}

static int
show_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct out_doc doc = { .schema = "tokctl.usage.show/1",
		.shape = OUT_ONE };
	struct out_col cols[RECORD_OUT_COLS];
	struct usage_record r;
	int64_t id, by;
	int found;

	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which record?");
		return tk_hint(err, "ids are in 'tokctl usage list'");
	}
	if (parse_id(argv[0], &id, err) < 0)
		return -1;
	found = ledger_get(ctx->ledger, id, &r, err);
	if (found < 0 || ledger_reversed_by(ctx->ledger, id, &by, err) < 0)
		return -1;
	if (found == 0) {
		tk_fail(err, TK_NOTFOUND, "no record %s", argv[0]);
		return tk_hint(err, "ids are in 'tokctl usage list'");
	}
	show_cols(cols);
	out_document(ctx->out, &doc);
	out_begin(ctx->out, cols);
	record_out_row(ctx->out, &r);
	if (r.reverses != 0)
		out_warning(ctx->out, "reversal", "it takes back record %lld",
		    (long long)r.reverses);
	if (by != 0)
		out_warning(ctx->out, "reversed",
		    "it was taken back by record %lld", (long long)by);
	return 0;
}

static const struct cmd cmd_usage_show = {
	.name = "show",
	.summary = "show all of one record",
	.operands = "id",
	.opts = show_opts,
	.args_size = sizeof(struct show_args),
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.run = show_run,
};

struct stats_args {
	struct cmd_common common;
	struct cmd_filter filter;
};

static const struct opt stats_opts[] = {
	OPT_FILTER(struct stats_args),
	OPT_COMMON(struct stats_args),
	OPT_END,
};

static const struct out_col stats_cols[] = {
	{ "requests", "Requests", OUT_INT, 0 },
	{ "input_tokens", "Input", OUT_INT, 0 },
	{ "cache_read_tokens", "Cache read", OUT_INT, 0 },
	{ "cache_write_tokens", "Cache write", OUT_INT, 0 },
	{ "output_tokens", "Output", OUT_INT, 0 },
	{ "reasoning_tokens", "Reasoning", OUT_INT, 0 },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "unpriced_requests", "Unpriced", OUT_INT, 0 },
	{ "errors", "Errors", OUT_INT, 0 },
	{ "success_ratio", "Success", OUT_RATIO, 0 },
	{ "tokens_per_request", "Tokens a request", OUT_INT, 0 },
	{ "cache_hit_ratio", "Cache hits", OUT_RATIO, 0 },
	{ "first_activity", "First", OUT_TIME, 0 },
	{ "last_activity", "Last", OUT_TIME, 0 },
	OUT_COL_END,
};

static void
print_stats(struct out *o, const struct report *r)
{
	const struct usage_sums *s = &r->total;
	tk_int128 requests = s->v[SUM_REQUESTS];
	tk_int128 read = s->v[SUM_CACHE_READ];
	tk_int128 prompt = s->v[SUM_INPUT] + read + sums_cache_write(s);

	out_int(o, requests);
	out_int(o, s->v[SUM_INPUT]);
	out_int(o, read);
	out_int(o, sums_cache_write(s));
	out_int(o, s->v[SUM_OUTPUT]);
	out_int(o, s->v[SUM_REASONING]);
	out_int(o, sums_total(s));
	if (requests > 0 && s->v[SUM_UNPRICED] == requests) {
		out_null(o);
	} else {
		out_money(o, s->v[SUM_COST]);
		if (s->v[SUM_UNPRICED] > 0)
			out_partial(o);
	}
	out_int(o, s->v[SUM_UNPRICED]);
	out_int(o, s->v[SUM_ERRORS]);
	out_ratio(o, requests - s->v[SUM_ERRORS], requests);
	if (requests > 0)
		out_int(o, sums_total(s) / requests);
	else
		out_null(o);
	out_ratio(o, read, prompt);
	if (r->rows > 0) {
		out_time(o, r->first);
		out_time(o, r->last);
	} else {
		out_null(o);
		out_null(o);
	}
	out_end_row(o);
}

static int
stats_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	(void)argc, (void)argv;
	return cmd_filter_check(ctx, &((const struct stats_args *)args)->filter,
	    err);
}

static int
stats_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct stats_args *args = args_;
	struct out_doc doc = { .schema = "tokctl.usage.stats/1",
		.shape = OUT_ONE };
	struct report_query q = { .zone = ctx->zone,
		.dim = { DIM_TIER },
		.dims = 1 };
	struct report r;

	(void)argc, (void)argv;
	if (cmd_filter_read(ctx, &args->filter, &q.filter, err) < 0 ||
	    report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	report_out_range(ctx, &q.filter, r.first, r.last, &doc);
	out_document(ctx->out, &doc);
	out_begin(ctx->out, stats_cols);
	print_stats(ctx->out, &r);
	report_release(&r);
	return 0;
}

static const struct cmd cmd_usage_stats = {
	.name = "stats",
	.summary = "sum the records up",
	.examples = "tokctl usage stats --since this-month\tthis month\n",
	.opts = stats_opts,
	.args_size = sizeof(struct stats_args),
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.check = stats_check,
	.run = stats_run,
};

struct void_args {
	struct cmd_common common;
	const char *reason;
};

static const struct opt void_opts[] = {
	OPT_STR(0, "reason", struct void_args, reason, "text", HINT_NONE,
	    "why; kept in the audit chain"),
	OPT_COMMON(struct void_args),
	OPT_END,
};

static int
void_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct void_args *args = args_;
	struct ledger_actor actor = { .time = ctx->now };
	struct tk_buf detail = TK_BUF_INIT;
	int64_t id = 0;
	int rc = -1;

	if (argc == 0) {
		tk_fail(err, TK_USAGE, "which record?");
		return tk_hint(err, "ids are in 'tokctl usage list'");
	}
	if (args->reason == NULL || *args->reason == '\0') {
		tk_fail(err, TK_USAGE, "why is it taken back?");
		return tk_hint(err, "give --reason 'text'");
	}
	if (usage_user(ctx, &actor.name, err) < 0)
		return -1;
	audit_detail(&detail, "reason", args->reason);
	if (ledger_begin(ctx->ledger, err) < 0)
		goto out;
	for (int i = 0; i < argc; i++)
		if (parse_id(argv[i], &id, err) < 0 ||
		    ledger_void(ctx->ledger, id, detail.s, &actor, err) < 0)
			goto out;
	rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	for (int i = 0; rc == 0 && i < argc; i++)
		cmd_say(ctx, "record %s was taken back", argv[i]);
out:
	ledger_rollback(ctx->ledger);
	tk_buf_release(&detail);
	return rc;
}

static const struct cmd cmd_usage_void = {
	.name = "void",
	.summary = "take records back, by compensating entries",
	.operands = "id...",
	.examples = "tokctl usage void 42 --reason 'sent twice'\n",
	.opts = void_opts,
	.args_size = sizeof(struct void_args),
	.needs = CMD_LEDGER_UPDATE,
	.run = void_run,
};

static const struct cmd *const usage_verbs[] = { &cmd_usage_list,
	&cmd_usage_record, &cmd_usage_import, &cmd_usage_show, &cmd_usage_stats,
	&cmd_usage_void, NULL };

const struct cmd cmd_usage = {
	.name = "usage",
	.summary = "record, import and list what was used",
	.verbs = usage_verbs,
};
