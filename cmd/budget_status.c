/*
 * tokctl budget status - what was spent, and where it goes
 */
#include "budget.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "limit.h"
#include "limit/budget.h"
#include "limit/use.h"
#include "out/out.h"

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
	{ "limit_usd", "Limit", OUT_MONEY, OUT_EXACT },
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

int
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
	out_empty(ctx->out, "no budget is set; 'tokctl budget set' sets one");
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
	if (named < 0 || (named > 0 && cmd_scope_known(ctx, &of, err) < 0) ||
	    budget_show(ctx, named ? &of : NULL, &exceeded, err) < 0)
		return -1;
	return args->strict && exceeded;
}

const struct cmd cmd_budget_status = {
	.name = "status",
	.summary = "show what was spent, and where it goes",
	.examples = "tokctl budget status --user alice --json\n",
	.opts = status_opts,
	.args_size = sizeof(struct status_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PRICES | CMD_PAGER,
	.run = status_run,
};
