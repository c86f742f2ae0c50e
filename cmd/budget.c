/*
 * tokctl budget - how much money somebody may spend
 *
 * status, set and unset are here; check is in budget_check.c, fit in
 * budget_fit.c.
 */
#include "budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "limit.h"
#include "limit/budget.h"
#include "limit/crossing.h"
#include "limit/people.h"
#include "out/out.h"

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

static const struct out_col status_cols[] = {
	CMD_WHOSE_COL("Budget of"),
	{ "scope", "Scope", OUT_TEXT, OUT_MACHINE },
	{ "name", "Name", OUT_TEXT, OUT_MACHINE },
	{ "application", "Application", OUT_TEXT, OUT_MACHINE },
	{ "period", "Period", OUT_TEXT, 0 },
	{ "starts_at", "Since", OUT_TIME, OUT_MACHINE },
	{ "resets_at", "Resets", OUT_TIME, OUT_MACHINE },
	{ "spent_usd", "Spent", OUT_MONEY, OUT_PARTIAL },
	{ "estimated_usd", "Estimated", OUT_MONEY, OUT_MACHINE },
	{ "reserved_usd", "Reserved", OUT_MONEY, OUT_EXTRA },
	{ "limit_usd", "Limit", OUT_MONEY, 0 },
	{ "remaining_usd", "Left", OUT_MONEY, OUT_WIDE },
	{ "used_ratio", "Used", OUT_RATIO, 0 },
	CMD_GAUGE_COL,
	{ "period_elapsed_ratio", "Elapsed", OUT_RATIO, OUT_EXTRA },
	{ "forecast_usd", "Forecast", OUT_MONEY, OUT_MEDIUM },
	{ "forecast_ratio", "", OUT_RATIO, OUT_MACHINE },
	{ "exhausted_at", "Used up", OUT_DAY, OUT_WIDE },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	{ "action", "Action", OUT_TEXT, OUT_MACHINE },
	{ "requests", "Requests", OUT_INT, OUT_WIDE },
	{ "total_tokens", "Tokens", OUT_INT, OUT_WIDE },
	{ "unpriced_requests", "Unpriced", OUT_INT, OUT_MACHINE },
	{ "timezone", "Zone", OUT_TEXT, OUT_MACHINE },
	{ "advice", "Advice", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

struct status_args {
	struct cmd_common common;
	struct cmd_scope scope;
	bool strict;
};

static const struct opt status_opts[] = {
	OPT_SCOPE(struct status_args),
	OPT_FLAG(0, "strict", struct status_args, strict,
	    "exit 1 if one is used up"),
	OPT_COMMON(struct status_args),
	OPT_END,
};

struct showing {
	struct cmd_ctx *ctx;
	const struct limit_name *of; /* NULL: all */
	bool exceeded;
};

/* Where a budget is going, if the rest of the period is as it was so far. */
struct outlook {
	bool known;
	tk_int128 forecast;
	bool exhausts;
	int32_t day; /* when it is used up */
};

static void
look_ahead(const struct limit_use *u, int64_t now, const struct tk_zone *zone,
    struct outlook *look)
{
	int64_t elapsed = now - u->start, length = u->resets_at - u->start;

	*look = (struct outlook){ 0 };
	if (elapsed <= 0 || length <= 0)
		return;
	look->known = true;
	look->forecast = u->used * length / elapsed;
	if (u->used < u->amount && look->forecast > u->amount) {
		look->exhausts = true;
		look->day = tk_zone_day(zone,
		    u->start + (int64_t)(u->amount * elapsed / u->used));
	}
}

static void
advise(const struct limit_use *u, const struct outlook *look, int64_t now,
    const struct tk_zone *zone, struct tk_buf *b)
{
	tk_int128 left = u->amount - u->used;
	int32_t last = tk_zone_day(zone, u->resets_at - 1);
	int32_t days = last - tk_zone_day(zone, now) + 1;

	if (u->used >= u->amount && u->amount > 0) {
		tk_buf_adds(b,
		    "it is used up: raise the limit, or wait until ");
		tk_day_add(b, tk_zone_day(zone, u->resets_at));
	} else if (look->exhausts) {
		tk_buf_adds(b, "at this pace it is used up on ");
		tk_day_add(b, look->day);
		tk_buf_adds(b, ": spend no more than ");
		tk_money_add_human(b, left / (days > 0 ? days : 1), -1,
		    &tk_digits_default);
		tk_buf_adds(b, " a day");
	} else if (u->unpriced > 0) {
		tk_buf_adds(b,
		    "some requests have no price: see 'tokctl price reprice'");
	} else {
		tk_buf_adds(b, "at this pace it lasts");
	}
}

static const char *
state_of(const struct limit_use *u)
{
	const char *state = limit_use_state(u);

	return strcmp(state, "critical") == 0 ? "warning" : state;
}

static void
out_outlook(struct out *o, const struct limit_use *u,
    const struct outlook *look)
{
	if (look->known) {
		out_money(o, look->forecast);
		out_ratio(o, look->forecast, u->amount);
	} else {
		out_null(o);
		out_null(o);
	}
	if (look->exhausts)
		out_day(o, look->day);
	else
		out_null(o);
}

static int
show_use(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct showing *s = data;
	struct out *o = s->ctx->out;
	struct tk_buf advice = TK_BUF_INIT, whose = TK_BUF_INIT;
	struct tk_zone *zone;
	struct outlook look;

	if (u->kind != LIMIT_BUDGET)
		return 0;
	if (tk_zone_open(&zone, strcmp(u->zone, "localtime") ? u->zone : NULL,
		err) < 0)
		return -1;
	look_ahead(u, s->ctx->now, zone, &look);
	advise(u, &look, s->ctx->now, zone, &advice);
	cmd_out_whose(o, &u->of);
	out_text(o, limit_scope_name(u->of.scope));
	out_text(o, u->of.scope == SCOPE_EVERYONE ? NULL : u->of.name);
	out_text(o, *u->of.name2 != '\0' ? u->of.name2 : NULL);
	out_text(o, limit_period_name(u->period));
	out_time(o, u->start);
	out_time(o, u->resets_at);
	out_money(o, u->used);
	if (u->unpriced > 0)
		out_partial(o);
	out_money(o, u->estimated);
	out_money(o, u->held);
	out_money(o, u->amount);
	out_money(o, u->remaining);
	out_ratio(o, u->used, u->amount);
	cmd_out_gauge(o, u->used, u->amount, s->ctx->now - u->start,
	    u->resets_at - u->start);
	out_ratio(o, s->ctx->now - u->start, u->resets_at - u->start);
	out_outlook(o, u, &look);
	out_text(o, state_of(u));
	out_text(o, u->block ? "block" : "warn");
	out_int(o, u->requests);
	out_int(o, u->tokens);
	out_int(o, u->unpriced);
	out_text(o, u->zone);
	out_text(o, advice.s);
	out_end_row(o);
	limit_name_add_short(&whose, &u->of);
	out_note(o, "%s, %s: %s", whose.s, limit_period_name(u->period),
	    advice.s);
	s->exceeded |= strcmp(limit_use_state(u), "exceeded") == 0;
	tk_zone_free(zone);
	tk_buf_release(&advice);
	tk_buf_release(&whose);
	return 0;
}

/* Budgets of one name stand together: each name once. */
struct walking {
	struct showing *s;
	struct tk_buf last;
};

static int
show_name(const struct budget *b, void *data, struct tk_err *err)
{
	struct walking *w = data;
	struct tk_buf name = TK_BUF_INIT;
	bool again;

	tk_buf_addf(&name, "%d ", (int)b->of.scope);
	tk_buf_add(&name, b->of.name, strlen(b->of.name) + 1);
	tk_buf_adds(&name, b->of.name2);
	again =
	    name.len == w->last.len && memcmp(name.s, w->last.s, name.len) == 0;
	tk_buf_release(&w->last);
	w->last = name;
	return again ? 0
		     : limit_each_use(w->s->ctx->ledger, &b->of, NULL,
			   w->s->ctx->now, show_use, w->s, err);
}

static int
budget_show(struct cmd_ctx *ctx, const struct limit_name *of, bool *exceeded,
    struct tk_err *err)
{
	struct showing s = { ctx, of, false };
	struct walking w = { &s, TK_BUF_INIT };
	int rc;

	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.budget.status/1",
		.title = "Budgets" });
	out_begin(ctx->out, status_cols);
	out_empty(ctx->out, "no budget is set");
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	if (of != NULL)
		rc = limit_each_use(ctx->ledger, of, NULL, ctx->now, show_use,
		    &s, err);
	else
		rc = budget_each(ctx->ledger, show_name, &w, err);
	ledger_end_read(ctx->ledger);
	tk_buf_release(&w.last);
	*exceeded = s.exceeded;
	return rc;
}

static int
status_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct status_args *args = args_;
	struct limit_name of;
	bool exceeded;
	int named = cmd_scope_read(&args->scope, &of, err);

	(void)argc, (void)argv;
	if (named < 0 ||
	    budget_show(ctx, named ? &of : NULL, &exceeded, err) < 0)
		return -1;
	return args->strict && exceeded;
}

static const struct cmd cmd_budget_status = {
	.name = "status",
	.summary = "show what was spent, and where it goes",
	.examples = "tokctl budget status --user alice --json\n",
	.opts = status_opts,
	.args_size = sizeof(struct status_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PRICES | CMD_PAGER,
	.run = status_run,
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
	tk_money_add_human(&text, b->amount, -1, &tk_digits_default);
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
