/* A frame as JSON: all that any view shows; tokctl-top(1) says what it is. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "limit/crossing.h"
#include "top/ui.h"
#include "json/write.h"

/* What is written, and to where. */
struct doc {
	struct json_write w;
	const struct top_model *m;
	const struct top_ui *ui;
	const struct tk_zone *zone;
};

static void
put_time(struct doc *d, const char *key, int64_t ms)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add(&b, d->zone, ms);
	json_write_member_text(&d->w, key, b.s);
	tk_buf_release(&b);
}

/* Four decimals of it; null where there is no whole. */
static void
put_ratio(struct doc *d, const char *key, tk_int128 part, tk_int128 whole)
{
	struct tk_buf b = TK_BUF_INIT;

	if (whole <= 0)
		tk_buf_adds(&b, "null");
	else
		tk_money_add(&b,
		    part * 10000 / whole * (TK_PICO_PER_USD / 10000));
	json_write_member_raw(&d->w, key, b.s);
	tk_buf_release(&b);
}

static void
open_member(struct doc *d, const char *key, char bracket)
{
	json_write_key(&d->w, key);
	json_write_open(&d->w, bracket);
}

static void
put_sums(struct doc *d, const struct usage_sums *s)
{
	struct json_write *w = &d->w;

	json_write_member_int(w, "requests", s->v[SUM_REQUESTS]);
	json_write_member_int(w, "input_tokens", s->v[SUM_INPUT]);
	json_write_member_int(w, "cache_read_tokens", s->v[SUM_CACHE_READ]);
	json_write_member_int(w, "cache_write_tokens", sums_cache_write(s));
	json_write_member_int(w, "output_tokens", s->v[SUM_OUTPUT]);
	json_write_member_int(w, "total_tokens", sums_total(s));
	if (s->v[SUM_UNPRICED] > 0 && s->v[SUM_COST] == 0 &&
	    s->v[SUM_UNPRICED] >= s->v[SUM_REQUESTS])
		json_write_member_raw(w, "cost_usd", "null");
	else
		json_write_member_money(w, "cost_usd", s->v[SUM_COST]);
	json_write_member_int(w, "unpriced_requests", s->v[SUM_UNPRICED]);
}

static void
put_amount(struct doc *d, const char *tokens, const char *usd,
    enum limit_kind kind, tk_int128 n)
{
	if (kind == LIMIT_QUOTA)
		json_write_member_int(&d->w, tokens, n);
	else
		json_write_member_money(&d->w, usd, n);
}

/* Today or this month, and the limit that the header compares it with. */
static void
put_period(struct doc *d, const char *key, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = top_model_main(d->m, period);

	open_member(d, key, '{');
	put_sums(d, s);
	if (l != NULL) {
		put_amount(d, "limit_tokens", "limit_usd", l->kind, l->amount);
		put_ratio(d, "used_ratio", l->used, l->amount);
		json_write_member_text(&d->w, "state", l->state);
	}
	json_write_close(&d->w, '}');
}

static void
put_rate(struct doc *d)
{
	struct now_rate five, hour;

	now_rate(&d->m->figures, d->m->now, 5, &five);
	now_rate(&d->m->figures, d->m->now, 60, &hour);
	open_member(d, "rate", '{');
	json_write_member_int(&d->w, "tokens_per_minute_5m",
	    five.tokens_per_minute);
	json_write_member_money(&d->w, "usd_per_hour_5m", five.cost_per_hour);
	json_write_member_int(&d->w, "tokens_per_minute_60m",
	    hour.tokens_per_minute);
	json_write_member_money(&d->w, "usd_per_hour_60m", hour.cost_per_hour);
	json_write_member_bool(&d->w, "partial", hour.partial);
	json_write_close(&d->w, '}');
}

static void
put_minutes(struct doc *d)
{
	int64_t last = d->m->now / 60000;

	open_member(d, "minutes", '[');
	for (int64_t minute = last - 59; minute <= last; minute++) {
		const struct now_minute *at =
		    &d->m->figures.minute[minute % NOW_MINUTES];

		json_write_int(&d->w, at->minute == minute ? at->tokens : 0);
	}
	json_write_close(&d->w, ']');
}

static void
put_date(struct doc *d, int32_t day)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_day_add(&b, day);
	json_write_member_text(&d->w, "date", b.s);
	tk_buf_release(&b);
}

/* Cost by day, tokens by hour: the oldest first, today the last. */
static void
put_days(struct doc *d)
{
	const struct top_model *m = d->m;

	open_member(d, "days", '[');
	for (int i = TOP_DAYS - 1; m->has_days && i >= 0; i--) {
		json_write_open(&d->w, '{');
		put_date(d, m->last_day - i);
		json_write_member_money(&d->w, "cost_usd", m->day_cost[i]);
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
	open_member(d, "hours", '[');
	for (int i = 6; m->has_days && i >= 0; i--) {
		int weekday = tk_day_weekday(m->last_day - i);

		json_write_open(&d->w, '{');
		put_date(d, m->last_day - i);
		open_member(d, "total_tokens", '[');
		for (int hour = 0; hour < 24; hour++)
			json_write_int(&d->w, m->hour_tokens[weekday][hour]);
		json_write_close(&d->w, ']');
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
}

static void
put_forecast(struct doc *d)
{
	tk_int128 tokens, cost;
	int64_t ms;

	open_member(d, "forecast", '{');
	if (top_day_ahead(d->m, d->zone, &tokens))
		json_write_member_int(&d->w, "day_tokens", tokens);
	else
		json_write_member_raw(&d->w, "day_tokens", "null");
	if (top_month_ahead(d->m, d->zone, &cost))
		json_write_member_money(&d->w, "month_usd", cost);
	else
		json_write_member_raw(&d->w, "month_usd", "null");
	if (top_limit_lasts(d->m, top_model_quota(d->m, PERIOD_DAY), &ms))
		json_write_member_int(&d->w, "day_limit_at_5m_rate_s",
		    ms / 1000);
	else
		json_write_member_raw(&d->w, "day_limit_at_5m_rate_s", "null");
	json_write_close(&d->w, '}');
}

static void
put_session(struct doc *d)
{
	struct top_session s;

	if (!d->m->table[TABLE_SESSIONS].on || !top_model_session(d->m, &s)) {
		json_write_member_raw(&d->w, "session", "null");
		return;
	}
	open_member(d, "session", '{');
	for (size_t i = 0; i < d->m->table[TABLE_SESSIONS].report.rows; i++) {
		const struct report_row *row =
		    &d->m->table[TABLE_SESSIONS].report.row[i];

		if (row->key[0] == s.name) {
			json_write_member_text(&d->w, "session", row->name[0]);
			break;
		}
	}
	put_time(d, "since", s.since);
	put_time(d, "last_activity", s.last);
	json_write_member_int(&d->w, "total_tokens", s.tokens);
	json_write_close(&d->w, '}');
}

static void
put_applications(struct doc *d)
{
	const struct report_row **row;
	tk_int128 whole;
	size_t dim, n = top_applications(d->m, &row, &dim, &whole);

	open_member(d, "applications", '[');
	for (size_t i = 0; i < n; i++) {
		json_write_open(&d->w, '{');
		json_write_member_text(&d->w, "application", row[i]->name[dim]);
		put_sums(d, &row[i]->sums);
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
	free(row);
}

/* Tokens in each five minutes of the last hour. */
static void
put_pulse(struct doc *d, int64_t name)
{
	tk_int128 tokens[TOP_PULSES];

	top_model_pulse(d->m, name, tokens);
	open_member(d, "last_hour_tokens", '[');
	for (int i = 0; i < TOP_PULSES; i++)
		json_write_int(&d->w, tokens[i]);
	json_write_close(&d->w, ']');
}

static void
put_row(struct doc *d, const struct top_table *t, const struct report_row *row)
{
	const char *key = pack_names[t->query.dim[0]].key, *name = row->name[0];
	const struct top_limit *l =
	    t->query.dim[0] == (enum report_dim)NAME_USER && name != NULL
	    ? top_model_limit(d->m, name)
	    : NULL;

	json_write_open(&d->w, '{');
	json_write_member_text(&d->w, key, name);
	put_sums(d, &row->sums);
	put_time(d, "last_activity", row->last);
	put_pulse(d, row->key[0]);
	if (l != NULL) {
		json_write_member_int(&d->w, "day_limit_tokens", l->amount);
		put_ratio(d, "day_used_ratio", l->used, l->amount);
		json_write_member_text(&d->w, "state", l->state);
	}
	json_write_close(&d->w, '}');
}

static void
put_total(struct doc *d, const struct report_row *const *row, size_t n)
{
	struct usage_sums all = { 0 };

	for (size_t i = 0; i < n; i++)
		sums_add(&all, &row[i]->sums);
	open_member(d, "total", '{');
	put_sums(d, &all);
	json_write_close(&d->w, '}');
}

static void
put_tables(struct doc *d)
{
	static const char *const keys[] = { "rows", "second", "third" };
	struct top_ui order = { .sort = d->ui->sort,
		.reverse = d->ui->reverse };

	for (int i = TABLE_VIEW; i <= TABLE_THIRD; i++) {
		const struct top_table *t = &d->m->table[i];
		const struct report_row **row;
		size_t n;

		if (!t->on)
			continue;
		/* The filter is one of the first table. */
		order.filter = i == TABLE_VIEW ? d->ui->filter
					       : (struct tk_buf)TK_BUF_INIT;
		n = top_list_table(&order, d->m, (enum top_tables)i, &row);
		open_member(d, keys[i], '[');
		for (size_t k = 0; k < n; k++)
			put_row(d, t, row[k]);
		json_write_close(&d->w, ']');
		if (i == TABLE_VIEW)
			put_total(d, (const struct report_row *const *)row, n);
		free(row);
	}
}

/* Today by model, those with the most tokens first. */
static void
put_models(struct doc *d)
{
	struct top_ui by_tokens = { .sort = SORT_TOKENS };
	const struct report_row **row;
	size_t n = top_list_table(&by_tokens, d->m, TABLE_MODELS, &row);

	open_member(d, "models", '[');
	for (size_t i = 0; i < n; i++)
		put_row(d, &d->m->table[TABLE_MODELS], row[i]);
	json_write_close(&d->w, ']');
	free(row);
}

static void
put_calls(struct doc *d)
{
	open_member(d, "latest", '[');
	for (size_t i = 0; i < d->m->calls; i++) {
		const struct top_call *c = &d->m->call[i];

		json_write_open(&d->w, '{');
		json_write_member_int(&d->w, "id", c->id);
		put_time(d, "time", c->time);
		json_write_member_text(&d->w, "user", c->user);
		json_write_member_text(&d->w, "application", c->application);
		json_write_member_text(&d->w, "model", c->model);
		json_write_member_text(&d->w, "session", c->session);
		json_write_member_int(&d->w, "all_input_tokens", c->input);
		json_write_member_int(&d->w, "cache_read_tokens", c->cached);
		json_write_member_int(&d->w, "output_tokens", c->output);
		if (c->cost == RECORD_UNKNOWN)
			json_write_member_raw(&d->w, "cost_usd", "null");
		else
			json_write_member_money(&d->w, "cost_usd", c->cost);
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
}

static void
put_limits(struct doc *d)
{
	open_member(d, "limits", '[');
	for (size_t i = 0; i < d->m->limits; i++) {
		const struct top_limit *l = &d->m->limit[i];

		json_write_open(&d->w, '{');
		json_write_member_text(&d->w, "kind",
		    l->kind == LIMIT_QUOTA ? "quota" : "budget");
		json_write_member_text(&d->w, "scope",
		    limit_scope_name(l->scope));
		json_write_member_text(&d->w, "name", l->name);
		json_write_member_text(&d->w, "period",
		    limit_period_name(l->period));
		put_amount(d, "limit_tokens", "limit_usd", l->kind, l->amount);
		put_amount(d, "used_tokens", "used_usd", l->kind, l->used);
		put_amount(d, "reserved_tokens", "reserved_usd", l->kind,
		    l->held);
		put_ratio(d, "used_ratio", l->used, l->amount);
		json_write_member_text(&d->w, "state", l->state);
		if (l->resets_at > 0)
			put_time(d, "resets_at", l->resets_at);
		else
			json_write_member_raw(&d->w, "resets_at", "null");
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
}

static void
put_alerts(struct doc *d)
{
	open_member(d, "alerts", '[');
	for (size_t i = 0; i < d->m->alerts; i++) {
		const struct top_alert *a = &d->m->alert[i];

		json_write_open(&d->w, '{');
		json_write_member_int(&d->w, "id", a->id);
		put_time(d, "time", a->time);
		json_write_member_text(&d->w, "kind",
		    alert_kinds[a->kind].name);
		json_write_member_text(&d->w, "severity",
		    alert_severities[a->severity].name);
		json_write_member_text(&d->w, "state",
		    alert_states[a->state].name);
		json_write_member_text(&d->w, "name",
		    *a->name != '\0' ? a->name : NULL);
		json_write_member_text(&d->w, "message", a->message);
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
}

/* What the records were chosen by: {"user":"alice"}, several as a list. */
static void
put_filters(struct doc *d)
{
	const struct ledger_filter *f = &d->m->table[TABLE_VIEW].query.filter;

	open_member(d, "filters", '{');
	for (int kind = 0; kind < NAME_KINDS; kind++) {
		if (f->names[kind] == 0)
			continue;
		json_write_key(&d->w, pack_names[kind].key);
		if (f->names[kind] > 1)
			json_write_open(&d->w, '[');
		for (size_t i = 0; i < f->names[kind]; i++)
			json_write_text(&d->w, f->name[kind][i]);
		if (f->names[kind] > 1)
			json_write_close(&d->w, ']');
	}
	json_write_close(&d->w, '}');
}

/* As the envelope of reports has them. */
static void
put_warnings(struct doc *d)
{
	tk_int128 unpriced = d->m->figures.this_month.v[SUM_UNPRICED];
	struct tk_buf b = TK_BUF_INIT;

	open_member(d, "warnings", '[');
	if (unpriced > 0) {
		tk_buf_addf(&b,
		    "%lld request%s no price; the cost leaves %s out",
		    (long long)unpriced, unpriced == 1 ? " has" : "s have",
		    unpriced == 1 ? "it" : "them");
		json_write_open(&d->w, '{');
		json_write_member_text(&d->w, "code", "unpriced");
		json_write_member_text(&d->w, "message", b.s);
		json_write_close(&d->w, '}');
	}
	json_write_close(&d->w, ']');
	tk_buf_release(&b);
}

static void
put_range(struct doc *d)
{
	const struct ledger_filter *f = &d->m->table[TABLE_VIEW].query.filter;

	open_member(d, "range", '{');
	put_time(d, "since", f->since);
	put_time(d, "until", f->until);
	json_write_close(&d->w, '}');
}

void
top_json(const struct top_model *m, const struct tk_zone *zone,
    const struct top_ui *ui, struct tk_buf *b)
{
	struct doc d = { { .to = b }, m, ui, zone };

	json_write_open(&d.w, '{');
	json_write_member_text(&d.w, "schema", "tokctl.top/1");
	put_time(&d, "generated", m->now);
	json_write_member_text(&d.w, "timezone", tk_zone_name(zone));
	put_range(&d);
	put_filters(&d);
	json_write_member_text(&d.w, "view", top_views[m->view].name);
	put_period(&d, "today", &m->figures.today, PERIOD_DAY);
	put_period(&d, "month", &m->figures.this_month, PERIOD_MONTH);
	put_rate(&d);
	put_minutes(&d);
	put_forecast(&d);
	put_session(&d);
	put_applications(&d);
	put_tables(&d);
	put_models(&d);
	put_days(&d);
	put_calls(&d);
	put_limits(&d);
	put_alerts(&d);
	put_warnings(&d);
	json_write_close(&d.w, '}');
	tk_buf_adds(b, "\n");
}
