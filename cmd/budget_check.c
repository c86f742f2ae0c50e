/*
 * tokctl budget check - may this much money be spent?
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "budget.h"
#include "hold.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "out/out.h"

struct check_args {
	struct cmd_common common;
	struct cmd_need need;
	bool hold;
};

#define TEXT_OPT(letter, name, field, arg, hint, help) \
	OPT_STR(letter, name, struct check_args, need.field, arg, hint, help)

static const struct opt check_opts[] = {
	TEXT_OPT('u', "user", user, "name", HINT_USER,
	    "who is going to make the call"),
	TEXT_OPT(0, "cost", cost, "usd", HINT_NONE, "what it may cost"),
	TEXT_OPT('m', "model", model, "model", HINT_MODEL,
	    "in place of --cost: which model is asked"),
	OPT_INT(0, "input", struct check_args, need.input, "n",
	    "and how many input tokens"),
	OPT_INT(0, "output", struct check_args, need.output, "n",
	    "and output tokens"),
	OPT_INT(0, "tokens", struct check_args, need.tokens, "n",
	    "or only a total"),
	TEXT_OPT(0, "application", application, "name", HINT_APPLICATION,
	    "which program asks"),
	TEXT_OPT(0, "session", session, "name", HINT_SESSION,
	    "the conversation"),
	TEXT_OPT(0, "key", key, "name", HINT_NONE, "the API key"),
	TEXT_OPT(0, "provider", provider, "name", HINT_NONE, "who is paid"),
	OPT_FLAG(0, "hold", struct check_args, hold,
	    "if it fits, reserve it and print the id"),
	TEXT_OPT(0, "ttl", ttl, "time", HINT_NONE, "how long it holds (10m)"),
	TEXT_OPT(0, "request-id", request_id, "id", HINT_NONE,
	    "the same id gets the same answer"),
	OPT_COMMON(struct check_args),
	OPT_END,
};

static void
check_defaults(void *args)
{
	struct check_args *a = args;

	a->need.tokens = a->need.input = a->need.output = RECORD_UNKNOWN;
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
	const int64_t counts[] = { a->need.tokens, a->need.input,
		a->need.output };

	(void)ctx, (void)argc, (void)argv;
	for (size_t i = 0; i < TK_LEN(counts); i++)
		if (counts[i] < 0 && counts[i] != RECORD_UNKNOWN)
			return tk_fail(err, TK_DATA,
			    "a number of tokens is negative: %" PRId64,
			    counts[i]);
	if (a->need.cost == NULL && !says_tokens(&a->need)) {
		tk_fail(err, TK_USAGE, "how much money?");
		return tk_hint(err,
		    "give --cost, or --model, --input and --output");
	}
	if (!a->hold && (a->need.ttl != NULL || a->need.request_id != NULL))
		return tk_fail(err, TK_USAGE,
		    "--ttl and --request-id go with --hold");
	if (a->need.request_id != NULL && *a->need.request_id == '\0')
		return tk_fail(err, TK_USAGE, "--request-id: it is empty");
	return 0;
}

static int
ask(struct cmd_ctx *ctx, const struct check_args *args, struct limit_ask *q,
    struct limit_answer *a, struct tk_err *err)
{
	enum ledger_flags how =
	    args->hold ? LEDGER_WRITE : LEDGER_READ | LEDGER_ONCE;
	int rc;

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
	struct tk_buf text = TK_BUF_INIT;
	struct out *o = ctx->out;
	struct limit_ask q;
	int rc = ask(ctx, args, &q, &a, err);

	(void)argc, (void)argv;
	if (rc < 0)
		goto out;
	if (ctx->common->format > 0) {
		out_document(o,
		    &(struct out_doc){ .schema = "tokctl.budget.check/1",
			.shape = OUT_ONE });
		out_begin(o, cmd_answer_cols);
		cmd_answer_cells(o, &q, &a);
		out_end_row(o);
	} else if (a.reservation != 0) {
		tk_buf_addf(&text, "r%" PRId64, a.reservation);
		hold_say(ctx, text.s);
	} else {
		cmd_answer_sentence(ctx, &q, &a, &text);
		if (args->hold)
			cmd_say(ctx, "%s", text.s);
		else if (!ctx->common->quiet)
			hold_say(ctx, text.s);
	}
	rc = !a.allowed;
out:
	tk_buf_release(&text);
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
