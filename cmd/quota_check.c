/*
 * tokctl quota check, reserve, settle, release - the gate before a call
 */
#include <inttypes.h>

#include "base/buf.h"
#include "hold.h"
#include "limit.h"
#include "limit/limit.h"
#include "out/out.h"

struct check_args {
	struct cmd_common common;
	struct cmd_need need;
	const char *jsonl;
};

#define OPT_JSONL \
	OPT_STR(0, "jsonl", struct check_args, jsonl, "file", HINT_FILE, \
	    "requests as JSON Lines; - is standard input")

static const struct opt check_opts[] = {
	OPT_NEED(struct check_args),
	OPT_JSONL,
	OPT_COMMON(struct check_args),
	OPT_END,
};

static const struct opt reserve_opts[] = {
	OPT_NEED(struct check_args),
	OPT_JSONL,
	OPT_TTL(struct check_args),
	OPT_REQUEST(struct check_args),
	OPT_COMMON(struct check_args),
	OPT_END,
};

static void
check_defaults(void *args)
{
	cmd_need_init(&((struct check_args *)args)->need);
}

static int
check_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	(void)ctx, (void)argc, (void)argv;
	return cmd_need_check(&((const struct check_args *)args)->need, err);
}

static bool
check_once(const void *args_)
{
	const struct check_args *args = args_;

	return args->jsonl == NULL;
}

static int
check_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct check_args *args = args_;
	struct limit_answer a = { .reason = "" };
	struct limit_ask ask;
	int rc;

	(void)argc, (void)argv;
	if (args->jsonl != NULL)
		return hold_stream(ctx, "check", args->jsonl, err);
	if (cmd_need_ask(ctx, &args->need, &ask, err) < 0 ||
	    ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	rc = limit_check(ctx->ledger, &ask, &a, err);
	ledger_end_read(ctx->ledger);
	if (rc == 0)
		rc = cmd_answer_print(ctx, "tokctl.quota.check/1", &ask, &a,
		    false);
	limit_answer_release(&a);
	return rc;
}

static int
reserve_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct check_args *args = args_;
	struct limit_answer a = { .reason = "" };
	struct limit_ask ask;
	int rc;

	(void)argc, (void)argv;
	if (args->jsonl != NULL)
		return hold_stream(ctx, "reserve", args->jsonl, err);
	if (args->need.tokens < 0 && args->need.input < 0 &&
	    args->need.output < 0) {
		tk_fail(err, TK_USAGE, "how many tokens?");
		return tk_hint(err, "give --tokens, or --input and --output");
	}
	if (cmd_need_ask(ctx, &args->need, &ask, err) < 0)
		return -1;
	rc = hold_reserve(ctx, &ask, &a, err);
	if (rc == 0)
		rc = cmd_answer_print(ctx, "tokctl.quota.reserve/1", &ask, &a,
		    true);
	limit_answer_release(&a);
	return rc;
}

const struct cmd cmd_quota_check = {
	.name = "check",
	.summary = "say whether a call fits every limit",
	.format = "table",
	.examples = "tokctl quota check -u alice --tokens 5000\t"
		    "may it?\n",
	.opts = check_opts,
	.args_size = sizeof(struct check_args),
	.defaults = check_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PRICES,
	.check = check_check,
	.once = check_once,
	.run = check_run,
};

const struct cmd cmd_quota_reserve = {
	.name = "reserve",
	.summary = "hold tokens and money for a call",
	.format = "table",
	.examples =
	    "id=$(tokctl quota reserve -u alice --tokens 5000)\tor stop\n",
	.opts = reserve_opts,
	.args_size = sizeof(struct check_args),
	.defaults = check_defaults,
	.needs = CMD_OUT | CMD_LEDGER_WRITE | CMD_PRICES,
	.check = check_check,
	.run = reserve_run,
};

struct settle_args {
	struct cmd_common common;
	struct hold_usage usage;
	const char *jsonl;
};

static const struct opt settle_opts[] = {
	OPT_USAGE_TOKENS(struct settle_args, usage.used),
	OPT_STR('m', "model", struct settle_args, usage.model, "model",
	    HINT_MODEL, "which model answered, if another one"),
	OPT_STR(0, "provider", struct settle_args, usage.provider, "name",
	    HINT_NONE, "who was paid"),
	OPT_STR(0, "application", struct settle_args, usage.application, "name",
	    HINT_APPLICATION, "which program, if none was named"),
	OPT_STR(0, "session", struct settle_args, usage.session, "name",
	    HINT_SESSION, "the conversation, if none was named"),
	OPT_STR(0, "cost", struct settle_args, usage.cost, "usd", HINT_NONE,
	    "what it cost, if you know better"),
	OPT_STR(0, "at", struct settle_args, usage.at, "time", HINT_DATE,
	    "when it was; when it was reserved, if not given"),
	OPT_STR(0, "request-id", struct settle_args, usage.request_id, "id",
	    HINT_NONE, "of the record; made from the hold's"),
	OPT_STR(0, "error", struct settle_args, usage.error, "code", HINT_NONE,
	    "the call failed, with this code"),
	OPT_INT(0, "latency", struct settle_args, usage.latency, "n",
	    "milliseconds until the end"),
	OPT_STR(0, "metadata", struct settle_args, usage.metadata, "json",
	    HINT_NONE, "a JSON object to keep with it"),
	OPT_STR(0, "jsonl", struct settle_args, jsonl, "file", HINT_FILE,
	    "requests as JSON Lines; - is standard input"),
	OPT_COMMON(struct settle_args),
	OPT_END,
};

static void
settle_defaults(void *args)
{
	hold_usage_init(&((struct settle_args *)args)->usage);
}

static const struct out_col settle_cols[] = {
	{ "reservation", "Reservation", OUT_TEXT, 0 },
	{ "state", "State", OUT_TEXT, 0 },
	{ "again", "Again", OUT_BOOL, 0 },
	{ "id", "Record", OUT_INT, OUT_PLAIN },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "reserved", "Reserved", OUT_INT, 0 },
	{ "over", "Over the hold", OUT_INT, 0 },
	OUT_COL_END,
};

static int
settle_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct settle_args *args = args_;
	struct hold_result r;
	struct out *o = ctx->out;

	if (args->jsonl != NULL)
		return hold_stream(ctx, "settle", args->jsonl, err);
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which reservation?");
		return tk_hint(err, "give what 'tokctl quota reserve' printed");
	}
	if (hold_settle(ctx, argv[0], &args->usage, &r, err) < 0)
		return -1;
	if (ctx->common->format <= 0) {
		cmd_say(ctx, "%s %s as record %" PRId64, argv[0],
		    r.again ? "was settled before" : "settled", r.record);
		return 0;
	}
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.quota.settle/1",
		.shape = OUT_ONE });
	out_begin(o, settle_cols);
	out_text(o, r.id);
	out_text(o, "settled");
	out_bool(o, r.again);
	out_int(o, r.record);
	out_int(o, r.total);
	if (r.priced)
		out_money(o, r.cost);
	else
		out_null(o);
	out_int(o, r.held);
	out_int(o, r.total > r.held ? r.total - r.held : 0);
	out_end_row(o);
	return 0;
}

const struct cmd cmd_quota_settle = {
	.name = "settle",
	.summary = "book what a reserved call used",
	.operands = "[reservation]",
	.format = "table",
	.opts = settle_opts,
	.args_size = sizeof(struct settle_args),
	.defaults = settle_defaults,
	.needs = CMD_OUT | CMD_LEDGER_UPDATE | CMD_PRICES,
	.run = settle_run,
};

struct release_args {
	struct cmd_common common;
};

static const struct opt release_opts[] = {
	OPT_COMMON(struct release_args),
	OPT_END,
};

static const struct out_col release_cols[] = {
	{ "reservation", "Reservation", OUT_TEXT, 0 },
	{ "state", "State", OUT_TEXT, 0 },
	{ "again", "Again", OUT_BOOL, 0 },
	OUT_COL_END,
};

static int
release_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct hold_result r;

	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which reservation?");
		return tk_hint(err, "give what 'tokctl quota reserve' printed");
	}
	if (hold_free(ctx, argv[0], &r, err) < 0)
		return -1;
	if (ctx->common->format <= 0) {
		cmd_say(ctx, r.again ? "%s was free before" : "%s is free",
		    argv[0]);
		return 0;
	}
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.quota.release/1",
		.shape = OUT_ONE });
	out_begin(ctx->out, release_cols);
	out_text(ctx->out, r.id);
	out_text(ctx->out, limit_hold_state_name(r.state));
	out_bool(ctx->out, r.again);
	out_end_row(ctx->out);
	return 0;
}

const struct cmd cmd_quota_release = {
	.name = "release",
	.summary = "free what was held for a call",
	.operands = "reservation",
	.format = "table",
	.opts = release_opts,
	.args_size = sizeof(struct release_args),
	.needs = CMD_OUT | CMD_LEDGER_UPDATE,
	.run = release_run,
};
