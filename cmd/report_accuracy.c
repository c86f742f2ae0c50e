/*
 * tokctl report accuracy - how good estimates of input tokens were
 *
 * A row for each model, and for each kind of content that records name, with
 * the ratio of what was billed to what was estimated before the call.
 */
#include "base/attr.h"
#include "cmd.h"
#include "filter.h"
#include "out/out.h"
#include "report.h"
#include "report/accuracy.h"

struct accuracy_args {
	struct cmd_common common;
	struct cmd_filter filter;
};

static const struct opt accuracy_opts[] = {
	OPT_HANDOUT(struct accuracy_args),
	OPT_FILTER(struct accuracy_args),
	OPT_COMMON(struct accuracy_args),
	OPT_END,
};

/* Ratios are factors: 1.05 says that 5 % more was billed. */
static const struct out_col accuracy_cols[] = {
	{ "model", "Model", OUT_TEXT, 0 },
	{ "content", "Content", OUT_TEXT, 0 },
	{ "requests", "Requests", OUT_INT, 0 },
	{ "estimated_tokens", "Estimated", OUT_INT, OUT_WIDE },
	{ "billed_tokens", "Billed", OUT_INT, OUT_WIDE },
	{ "low_ratio", "5 %", OUT_RATIO, OUT_MEDIUM },
	{ "median_ratio", "Median", OUT_RATIO, 0 },
	{ "high_ratio", "95 %", OUT_RATIO, OUT_MEDIUM },
	{ "suggested_factor", "Factor", OUT_RATIO, OUT_MEDIUM },
	OUT_COL_END,
};

enum { ONE = 1000000 };

static void
put_row(struct out *o, const struct accuracy_row *r)
{
	out_text(o, r->model);
	out_text(o, r->content);
	out_int(o, r->calls);
	out_int(o, r->estimated);
	out_int(o, r->billed);
	out_ratio(o, r->low_ppm, ONE);
	out_ratio(o, r->median_ppm, ONE);
	out_ratio(o, r->high_ppm, ONE);
	if (r->calls >= ACCURACY_ENOUGH)
		out_ratio(o, r->median_ppm, ONE);
	else
		out_null(o);
	out_end_row(o);
}

static int
accuracy_run_cmd(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	static const struct out_doc doc = { .schema =
						"tokctl.report.accuracy/1",
		.title = "Billed input, of what was estimated" };
	const struct accuracy_args *args = args_;
	struct out_doc with = doc;
	struct ledger_filter f;
	struct accuracy a = { 0 };
	int rc = -1;

	(void)argc, (void)argv;
	if (cmd_filter_read(ctx, &args->filter, &f, err) < 0)
		return -1;
	with.since = f.since;
	with.until = f.until;
	if (!cmd_filter_has_range(&args->filter))
		with.since = with.until = 0;
	out_document(ctx->out, &with);
	if (accuracy_run(&a, ctx->ledger, &f, err) < 0)
		goto out;
	out_empty(ctx->out, "no call was estimated before it was made");
	out_begin(ctx->out, accuracy_cols);
	for (size_t i = 0; i < a.rows; i++)
		put_row(ctx->out, &a.row[i]);
	if (a.rows > 0)
		out_note(ctx->out,
		    "from %d calls on, 'tokctl count --calibrated' takes the "
		    "median as a factor",
		    ACCURACY_ENOUGH);
	rc = 0;
out:
	accuracy_release(&a);
	return rc;
}

static int
accuracy_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct accuracy_args *args = args_;

	(void)argc, (void)argv;
	return cmd_filter_check(ctx, &args->filter, err);
}

const struct cmd cmd_report_accuracy = {
	.name = "accuracy",
	.summary = "show how good estimates of tokens were",
	.examples = "tokctl report accuracy --since 30d\tof the last month\n",
	.opts = accuracy_opts,
	.args_size = sizeof(struct accuracy_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = accuracy_check,
	.run = accuracy_run_cmd,
};
