/*
 * tokctl budget - how much money somebody may spend
 *
 * set and unset are here; status is in budget_status.c, check in
 * budget_check.c, fit in budget_fit.c.
 */
#include "budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "limit.h"
#include "limit/budget.h"
#include "limit/people.h"

static const struct tk_choice periods[] = {
	{ "day", PERIOD_DAY },
	{ "week", PERIOD_WEEK },
	{ "month", PERIOD_MONTH },
	{ "quarter", PERIOD_QUARTER },
	{ "year", PERIOD_YEAR },
	{ NULL, 0 },
};

static const struct tk_choice actions[] = {
	{ "warn", 0 },
	{ "block", 1 },
	{ NULL, 0 },
};

struct set_args {
	struct cmd_common common;
	struct cmd_scope scope;
	const char *limit, *thresholds;
	int period, action;
	bool carry;
};

static const struct opt set_opts[] = {
	OPT_SCOPE(struct set_args),
	OPT_STR(0, "limit", struct set_args, limit, "usd", HINT_NONE,
	    "dollars a period, as 100.00, or 10000c"),
	OPT_CHOICE(0, "period", struct set_args, period, "period", periods,
	    "for each of these (month)"),
	OPT_STR(0, "thresholds", struct set_args, thresholds, "list", HINT_NONE,
	    "percentages to warn at (50,75,90)"),
	OPT_CHOICE(0, "action", struct set_args, action, "action", actions,
	    "only warn, or block what does not fit (block)"),
	OPT_FLAG(0, "carry-over", struct set_args, carry,
	    "add what was left of the period before"),
	OPT_COMMON(struct set_args),
	OPT_END,
};

static void
set_defaults(void *args_)
{
	struct set_args *args = args_;

	args->period = PERIOD_MONTH;
	args->action = -1;
}

/* "50,75,90": percentages, ascending; with decimals if need be. */
static int
read_thresholds(const char *text, struct budget *b, struct tk_err *err)
{
	const char *whole = text;

	b->thresholds = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		size_t digits = len > 0 && text[len - 1] == '%' ? len - 1 : len;
		tk_int128 pico, unit = TK_PICO_PER_USD / 10000;

		if (!tk_money_parse(text, digits, &pico) || pico % unit != 0 ||
		    pico <= 0 || pico > 100 * (tk_int128)TK_PICO_PER_USD)
			return tk_fail(err, TK_USAGE,
			    "--thresholds: '%.64s' is no list of percentages, "
			    "as 50,75,90",
			    whole);
		if (b->thresholds == BUDGET_THRESHOLDS)
			return tk_fail(err, TK_USAGE,
			    "--thresholds: more than %d", BUDGET_THRESHOLDS);
		b->threshold[b->thresholds] = (int64_t)(pico / unit);
		if (b->thresholds > 0 &&
		    b->threshold[b->thresholds] <=
			b->threshold[b->thresholds - 1])
			return tk_fail(err, TK_USAGE,
			    "--thresholds: '%.64s' does not go up", whole);
		b->thresholds++;
		text += len + (text[len] == ',');
	}
	return 0;
}

struct copying {
	struct budget *b;
	struct tk_buf *zone;
};

static int
copy_budget(const struct budget *b, void *data, struct tk_err *err)
{
	struct copying *c = data;

	(void)err;
	*c->b = *b;
	tk_buf_adds(c->zone, b->zone);
	c->b->zone = c->zone->s;
	return 0;
}

static int
load(struct cmd_ctx *ctx, const struct set_args *a, const struct limit_name *of,
    struct budget *b, struct tk_buf *zone, struct tk_err *err)
{
	struct copying c = { b, zone };
	int found;

	budget_init(b, of, tk_zone_name(ctx->zone));
	b->period = (enum limit_period)a->period;
	found = budget_get(ctx->ledger, of, b->period, copy_budget, &c, err);
	if (found < 0)
		return -1;
	b->of = *of;
	if (ctx->common->tz != NULL)
		b->zone = tk_zone_name(ctx->zone);
	if (a->limit == NULL && found == 0) {
		tk_fail(err, TK_USAGE, "how much?");
		return tk_hint(err, "give --limit 100.00");
	}
	if (a->limit != NULL &&
	    cmd_read_money("limit", a->limit, &b->amount, err) < 0)
		return -1;
	if (a->thresholds != NULL && read_thresholds(a->thresholds, b, err) < 0)
		return -1;
	if (a->action >= 0)
		b->block = a->action != 0;
	b->carry |= a->carry;
	return 0;
}

static void
say_budget(const struct cmd_ctx *ctx, const struct budget *b)
{
	struct tk_buf text = TK_BUF_INIT;

	tk_buf_adds(&text, "budget of ");
	limit_name_add(&text, &b->of);
	tk_buf_adds(&text, ": ");
	tk_money_add_human(&text, b->amount, tk_money_all_decimals(b->amount),
	    &tk_digits_default);
	tk_buf_addf(&text, " a %s", limit_period_name(b->period));
	cmd_say(ctx, "%s", text.s);
	tk_buf_release(&text);
}

static int
set_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct set_args *args = args_;
	struct tk_buf zone = TK_BUF_INIT;
	struct ledger_actor by;
	struct limit_name of;
	struct budget b;
	bool exceeded;
	int rc = -1;

	(void)argc, (void)argv;
	if (cmd_scope_need(&args->scope, "budget", &of, err) < 0 ||
	    cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (load(ctx, args, &of, &b, &zone, err) < 0 ||
	    person_may_set(ctx->ledger, &of, &by, err) < 0 ||
	    cmd_scope_user(ctx, &of, &by, err) < 0 ||
	    budget_put(ctx->ledger, &b, &by, err) < 0 ||
	    ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
		goto out;
	say_budget(ctx, &b);
	rc = 0;
	if (ctx->common->format > 0)
		rc = budget_show(ctx, &of, &exceeded, err);
out:
	ledger_rollback(ctx->ledger);
	tk_buf_release(&zone);
	return rc;
}

static const struct cmd cmd_budget_set = {
	.name = "set",
	.summary = "set a budget, at once",
	.format = "table",
	.examples = "tokctl budget set -u alice --limit 100.00\n"
		    "tokctl budget set --everyone --limit 15 --period day "
		    "--action warn\n",
	.opts = set_opts,
	.args_size = sizeof(struct set_args),
	.defaults = set_defaults,
	.needs = CMD_OUT | CMD_LEDGER_WRITE | CMD_PRICES,
	.run = set_run,
};

static const struct opt unset_opts[] = {
	OPT_SCOPE(struct set_args),
	OPT_CHOICE(0, "period", struct set_args, period, "period", periods,
	    "the one for each of these (month)"),
	OPT_COMMON(struct set_args),
	OPT_END,
};

static int
unset_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct set_args *args = args_;
	enum limit_period period = (enum limit_period)args->period;
	struct tk_buf name = TK_BUF_INIT;
	struct ledger_actor by;
	struct limit_name of;
	int rc;

	(void)argc, (void)argv;
	if (cmd_scope_need(&args->scope, "budget", &of, err) < 0 ||
	    cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	limit_name_add(&name, &of);
	rc = person_may_set(ctx->ledger, &of, &by, err);
	if (rc == 0 &&
	    (rc = budget_remove(ctx->ledger, &of, period, &by, err)) == 0)
		rc = tk_fail(err, TK_NOTFOUND,
		    "there is no budget of %.200s for a %s", name.s,
		    limit_period_name(period));
	else if (rc > 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		cmd_say(ctx, "the budget of %s for a %s is gone", name.s,
		    limit_period_name(period));
	tk_buf_release(&name);
	return rc;
}

static const struct cmd cmd_budget_unset = {
	.name = "unset",
	.summary = "take a budget away",
	.opts = unset_opts,
	.args_size = sizeof(struct set_args),
	.defaults = set_defaults,
	.needs = CMD_LEDGER_UPDATE,
	.run = unset_run,
};

static const struct cmd *const budget_verbs[] = { &cmd_budget_status,
	&cmd_budget_set, &cmd_budget_unset, &cmd_budget_check, &cmd_budget_fit,
	NULL };

const struct cmd cmd_budget = {
	.name = "budget",
	.summary = "set money limits, and stay within them",
	.verbs = budget_verbs,
};
