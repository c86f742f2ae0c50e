/* All that status knows, as a document: see status.h. */
#include "base/buf.h"
#include "base/time.h"
#include "out/out.h"
#include "status.h"
#include "json/write.h"

static const struct out_col status_cols[] = {
	{ "ledger", "Ledger", OUT_TEXT, 0 },
	{ "today_requests", "Requests today", OUT_INT, 0 },
	{ "today_tokens", "Tokens today", OUT_INT, 0 },
	{ "today_cost_usd", "Cost today", OUT_MONEY, OUT_PARTIAL },
	{ "today_unpriced_requests", "", OUT_INT, OUT_MACHINE },
	{ "month_requests", "Requests this month", OUT_INT, 0 },
	{ "month_tokens", "Tokens this month", OUT_INT, 0 },
	{ "month_cost_usd", "Cost this month", OUT_MONEY, OUT_PARTIAL },
	{ "month_unpriced_requests", "", OUT_INT, OUT_MACHINE },
	{ "tokens_per_minute", "Tokens a minute", OUT_INT, 0 },
	{ "cost_per_hour_usd", "Cost of the last hour", OUT_MONEY, 0 },
	{ "block_start", "Window", OUT_TIME, 0 },
	{ "block_end", "Until", OUT_TIME, 0 },
	{ "block_tokens", "Its tokens", OUT_INT, 0 },
	{ "block_cost_usd", "Its cost", OUT_MONEY, OUT_PARTIAL },
	{ "block_remaining_s", "", OUT_INT, OUT_MACHINE },
	{ "block_projected_tokens", "Its tokens, estimated", OUT_INT, 0 },
	{ "block_projected_cost_usd", "Its cost, estimated", OUT_MONEY, 0 },
	{ "session", "Session", OUT_TEXT, 0 },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "model_id", "", OUT_TEXT, OUT_MACHINE },
	{ "project", "Project", OUT_TEXT, 0 },
	{ "session_cost_usd", "Cost of the session", OUT_MONEY, 0 },
	{ "context_ratio", "Context", OUT_RATIO, 0 },
	{ "context_tokens", "Tokens in the context", OUT_INT, 0 },
	{ "", "5-hour limit, official", OUT_RATIO, OUT_PEOPLE },
	{ "", "Weekly limit, official", OUT_RATIO, OUT_PEOPLE },
	{ "limits", "", OUT_JSON, OUT_MACHINE },
	OUT_COL_END,
};

static void
out_nulls(struct out *o, int n)
{
	while (n-- > 0)
		out_null(o);
}

static void
out_cost(struct out *o, const struct usage_sums *s)
{
	if (!status_is_priced(s)) {
		out_null(o);
		return;
	}
	out_money(o, s->v[SUM_COST]);
	if (s->v[SUM_UNPRICED] > 0)
		out_partial(o);
}

static void
out_sums(struct out *o, const struct usage_sums *s)
{
	out_int(o, s->v[SUM_REQUESTS]);
	out_int(o, sums_total(s));
	out_cost(o, s);
	out_int(o, s->v[SUM_UNPRICED]);
}

static void
out_block(struct out *o, const struct status *s)
{
	const struct block *b = &s->figures.block;
	struct block_ahead ahead;

	if (!s->figures.open) {
		out_nulls(o, 7);
		return;
	}
	out_time(o, b->start);
	out_time(o, b->end);
	out_int(o, sums_total(&b->sums));
	out_cost(o, &b->sums);
	out_int(o, (b->end - s->now) / 1000);
	if (!block_project(b, s->now, &ahead)) {
		out_nulls(o, 2);
		return;
	}
	out_int(o, ahead.tokens);
	out_money(o, ahead.cost);
}

static void
out_figures(struct out *o, const struct status *s)
{
	struct now_rate rate, hour;

	out_text(o, s->trouble != NULL ? s->trouble : "ok");
	if (s->trouble != NULL) {
		out_nulls(o, 17);
		return;
	}
	out_sums(o, &s->figures.today);
	out_sums(o, &s->figures.this_month);
	now_rate(&s->figures, s->now, 5, &rate);
	now_rate(&s->figures, s->now, 60, &hour);
	out_int(o, rate.tokens_per_minute);
	out_money(o, hour.cost_per_hour);
	out_block(o, s);
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
out_claude(struct out *o, const struct claude_status *c)
{
	out_text(o, or_null(c->session));
	out_text(o, or_null(c->model));
	out_text(o, or_null(c->model_id));
	out_text(o, or_null(c->project));
	if (c->has_cost)
		out_money(o, c->cost);
	else
		out_null(o);
	if (c->context_used >= 0)
		out_ratio(o, c->context_used, 1000000);
	else
		out_null(o);
	if (c->context_tokens >= 0)
		out_int(o, c->context_tokens);
	else
		out_null(o);
}

static void
put_time(struct json_write *w, const char *key, const struct tk_zone *zone,
    int64_t ms)
{
	struct tk_buf b = TK_BUF_INIT;

	if (ms > 0)
		tk_time_add(&b, zone, ms);
	json_write_member_text(w, key, ms > 0 ? b.s : NULL);
	tk_buf_release(&b);
}

static void
out_limit(struct out *o, const struct status *s, const char *name)
{
	const struct provider_limit *l = provider_limits_find(&s->limits, name);

	if (l != NULL && !provider_limit_is_over(l, s->now))
		out_ratio(o, l->used, 1000000);
	else
		out_null(o);
}

/* Each with who says so and since when. */
static void
out_limits(struct out *o, const struct status *s)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_write w = { .to = &b };

	json_write_open(&w, '[');
	for (size_t i = 0; i < s->limits.n; i++) {
		const struct provider_limit *l = &s->limits.v[i];

		json_write_open(&w, '{');
		json_write_member_text(&w, "name", l->name);
		json_write_key(&w, "used_ratio");
		json_write_money(&w,
		    (tk_int128)l->used * (TK_PICO_PER_USD / 1000000));
		put_time(&w, "resets_at", s->zone, l->resets_at);
		json_write_member_bool(&w, "over",
		    provider_limit_is_over(l, s->now));
		json_write_member_text(&w, "origin", "official");
		json_write_member_text(&w, "provider", "anthropic");
		json_write_member_text(&w, "source", "claude-code");
		put_time(&w, "seen_at", s->zone, l->seen_at);
		json_write_member_int(&w, "age_s",
		    (s->now - l->seen_at) / 1000);
		json_write_close(&w, '}');
	}
	json_write_close(&w, ']');
	out_json_text(o, b.s);
	tk_buf_release(&b);
}

void
status_print_document(struct out *o, const struct status *s)
{
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.status/1",
		.title = "Status",
		.shape = OUT_ONE });
	out_begin(o, status_cols);
	out_figures(o, s);
	out_claude(o, &s->claude);
	out_limit(o, s, "five_hour");
	out_limit(o, s, "seven_day");
	out_limits(o, s);
	out_end_row(o);
	if (s->trouble != NULL)
		out_warning(o, "ledger", "%s", s->trouble);
}
