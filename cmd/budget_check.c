/*
 * tokctl budget check - may this much money be spent?
 */
#include "budget.h"
#include "hold.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "spool.h"

struct check_args {
	struct cmd_common common;
	struct cmd_need need;
	bool hold;
};

static const struct opt check_opts[] = {
	OPT_NEED(struct check_args),
	OPT_FLAG(0, "hold", struct check_args, hold,
	    "if it fits, reserve it and print the id"),
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

static bool
says_tokens(const struct cmd_need *n)
{
	return n->tokens != RECORD_UNKNOWN || n->input != RECORD_UNKNOWN ||
	    n->output != RECORD_UNKNOWN;
}

static int
check_words(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct check_args *a = args_;

	(void)ctx, (void)argc, (void)argv;
	if (cmd_need_check(&a->need, err) < 0)
		return -1;
	if (a->need.cost == NULL && !says_tokens(&a->need)) {
		tk_fail(err, TK_USAGE, "how much money?");
		return tk_hint(err,
		    "give --cost, or --model, --input and --output");
	}
	if (!a->hold && (a->need.ttl != NULL || a->need.request_id != NULL))
		return tk_fail(err, TK_USAGE,
		    "--ttl and --request-id go with --hold");
	return 0;
}

static int
ask(struct cmd_ctx *ctx, const struct check_args *args, struct limit_ask *q,
    struct limit_answer *a, struct tk_err *err)
{
	enum ledger_flags how =
	    args->hold ? LEDGER_WRITE : LEDGER_READ | LEDGER_ONCE;
	int rc;

	spool_try(ctx, args->hold);
	/* Who only asks needs no right to write. */
	if (ledger_open(&ctx->ledger, ctx->ledger_url, how, err) < 0)
		return -1;
	ledger_set_now(ctx->ledger, ctx->now);
	if (cmd_tell_limits(ctx, ctx->ledger, err) < 0 ||
	    cmd_need_ask(ctx, &args->need, q, err) < 0)
		return -1;
	q->money_only = !says_tokens(&args->need);
	if (args->hold)
		return hold_reserve(ctx, q, a, err);
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	rc = limit_check(ctx->ledger, q, a, err);
	ledger_end_read(ctx->ledger);
	return rc;
}

static int
check_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct check_args *args = args_;
	struct limit_answer a = { .reason = "" };
	struct limit_ask q;
	int rc = ask(ctx, args, &q, &a, err);

	(void)argc, (void)argv;
	if (rc == 0)
		rc = cmd_answer_print(ctx, "tokctl.budget.check/1", &q, &a,
		    args->hold);
	limit_answer_release(&a);
	return rc;
}

const struct cmd cmd_budget_check = {
	.name = "check",
	.summary = "say whether money may be spent",
	.format = "table",
	.examples = "tokctl budget check -u alice --cost 0.42\n"
		    "tokctl budget check -u alice -m gpt-4.1 --input 9000 "
		    "--output 500\n",
	.opts = check_opts,
	.args_size = sizeof(struct check_args),
	.defaults = check_defaults,
	.needs = CMD_OUT | CMD_LEDGER_NAME | CMD_PRICES,
	.check = check_words,
	.run = check_run,
};
