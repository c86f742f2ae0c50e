/* The analytics of the API, part by part: report_user_int.h. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/names.h"
#include "out/out.h"
#include "report_out.h"
#include "report_part.h"
#include "report_series.h"
#include "report_user_int.h"
#include "json/write.h"

void
report_user_cols(const struct analytics *a, struct out_col *cols)
{
	enum report_dim dim = a->q.dim[0];

	cols[0] = (struct out_col){ report_dim_key(dim), report_dim_title(dim),
		report_dim_type(dim), 0 };
	cols[1] = (struct out_col){ "complete", "", OUT_BOOL, OUT_MACHINE };
	memcpy(cols + 2, report_sum_cols, sizeof(report_sum_cols));
}

void
report_user_rows(const struct analytics *a)
{
	struct out *o = a->ctx->out;

	for (size_t i = 0; i < a->r.rows; i++) {
		const struct report_row *row = &a->r.row[i];
		bool over = report_key_end(&a->q, a->q.dim[0], row->key[0]) <=
		    a->ctx->now;

		report_dim_out(o, &a->q, row, 0);
		if (!over)
			out_unfinished(o);
		out_bool(o, over);
		report_out_sums(o, &row->sums);
		out_bar(o, sums_total(&row->sums));
		out_end_row(o);
	}
	out_total(o);
	out_null(o);
	out_null(o);
	report_out_sums(o, &a->r.total);
	out_null(o);
	out_end_row(o);
}

static void
put_mean(struct out *o, tk_int128 sum, tk_int128 n)
{
	if (n > 0)
		out_int(o, (sum + n / 2) / n);
	else
		out_null(o);
}

static void
print_period(const struct analytics *a)
{
	static const struct out_part part = { .key = "period",
		.title = "",
		.shape = OUT_ONE,
		.flags = OUT_MACHINE };
	static const struct out_col cols[] = {
		{ "start", "From", OUT_TIME, 0 },
		{ "end", "Until", OUT_TIME, 0 },
		OUT_COL_END,
	};

	out_part(a->ctx->out, &part, cols);
	out_time(a->ctx->out, a->since);
	out_time(a->ctx->out, a->until);
	out_end_row(a->ctx->out);
}

/* Rows with a name among those that the report counts. */
size_t
report_user_named(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->rows; i++)
		n += r->row[i].name[0] != NULL;
	return n;
}

static void
print_user_summary(const struct analytics *a)
{
	static const struct out_part part = { .key = "summary",
		.title = "Summary",
		.shape = OUT_ONE };
	static const struct out_col cols[] = {
		{ "total_tokens", "Tokens", OUT_INT, 0 },
		{ "total_cost", "Cost", OUT_MONEY, OUT_PARTIAL },
		{ "average_tokens_per_request", "Tokens a request", OUT_INT,
		    0 },
		{ "request_count", "Requests", OUT_INT, 0 },
		{ "unique_applications", "Applications", OUT_INT, 0 },
		OUT_COL_END,
	};
	const struct usage_sums *s = &a->r.total;
	struct out *o = a->ctx->out;

	out_part(o, &part, cols);
	out_int(o, sums_total(s));
	report_out_cost(o, s);
	put_mean(o, sums_total(s), s->v[SUM_REQUESTS]);
	out_int(o, s->v[SUM_REQUESTS]);
	out_int(o, (tk_int128)report_user_named(&a->by_application));
	out_end_row(o);
}

static void
print_system_summary(const struct analytics *a)
{
	static const struct out_part part = { .key = "summary",
		.title = "Summary",
		.shape = OUT_ONE };
	static const struct out_col cols[] = {
		{ "total_users", "Users", OUT_INT, 0 },
		{ "active_users", "Active users", OUT_INT, 0 },
		{ "total_tokens", "Tokens", OUT_INT, 0 },
		{ "total_cost", "Cost", OUT_MONEY, OUT_PARTIAL },
		{ "average_tokens_per_user", "Tokens a user", OUT_INT, 0 },
		{ "average_tokens_per_request", "Tokens a request", OUT_INT,
		    0 },
		{ "request_count", "Requests", OUT_INT, 0 },
		OUT_COL_END,
	};
	const struct usage_sums *s = &a->r.total;
	struct out *o = a->ctx->out;

	out_part(o, &part, cols);
	out_int(o, (tk_int128)a->users);
	out_int(o, (tk_int128)a->active);
	out_int(o, sums_total(s));
	report_out_cost(o, s);
	put_mean(o, sums_total(s), (tk_int128)a->users);
	put_mean(o, sums_total(s), s->v[SUM_REQUESTS]);
	out_int(o, s->v[SUM_REQUESTS]);
	out_end_row(o);
}

/* The rows again, under the names of the API. */
static void
print_breakdown_by_day(const struct analytics *a)
{
	static const struct out_part part = { .key = "daily_breakdown",
		.title = "",
		.flags = OUT_MACHINE };
	struct out_col cols[] = {
		{ report_dim_key(a->q.dim[0]), "", report_dim_type(a->q.dim[0]),
		    0 },
		{ "tokens", "", OUT_INT, 0 },
		{ "cost", "", OUT_MONEY, OUT_PARTIAL },
		{ "requests", "", OUT_INT, 0 },
		OUT_COL_END,
	};
	struct out *o = a->ctx->out;

	out_part(o, &part, cols);
	for (size_t i = 0; i < a->r.rows; i++) {
		const struct usage_sums *s = &a->r.row[i].sums;

		report_dim_out(o, &a->q, &a->r.row[i], 0);
		out_int(o, sums_total(s));
		report_out_cost(o, s);
		out_int(o, s->v[SUM_REQUESTS]);
		out_end_row(o);
	}
}

static void
print_breakdown(const struct analytics *a, const struct report *r,
    enum report_dim dim, const struct out_part *part, size_t top)
{
	struct out_col cols[] = {
		{ report_dim_key(dim), report_dim_title(dim), OUT_TEXT, 0 },
		{ "tokens", "Tokens", OUT_INT, 0 },
		{ "cost", "Cost", OUT_MONEY, OUT_PARTIAL },
		{ "percentage", "Share", OUT_RATIO, OUT_PERCENT },
		{ "bar", "", OUT_BAR, 0 },
		OUT_COL_END,
	};
	struct out *o = a->ctx->out;

	out_part(o, part, cols);
	for (size_t i = 0; i < r->rows && i < top; i++) {
		const struct usage_sums *s = &r->row[i].sums;

		out_text(o, r->row[i].name[0]);
		out_int(o, sums_total(s));
		report_out_cost(o, s);
		out_ratio(o, sums_total(s), sums_total(&r->total));
		out_bar(o, sums_total(s));
		out_end_row(o);
	}
}

static void
add_prediction(const struct outlook *t, struct tk_buf *b)
{
	struct json_write w = { .to = b };
	char confidence[32];

	json_write_open(&w, '{');
	if (t->predicted)
		json_write_member_int(&w, "next_week_tokens",
		    t->next_week_tokens);
	else
		json_write_member_raw(&w, "next_week_tokens", "null");
	snprintf(confidence, sizeof(confidence), "%.4f", t->confidence);
	json_write_member_raw(&w, "confidence",
	    t->tested ? confidence : "null");
	json_write_close(&w, '}');
}

static void
print_trends(const struct analytics *a)
{
	static const struct out_part part = { .key = "trends",
		.title = "Trends",
		.shape = OUT_ONE };
	static const struct out_col cols[] = {
		{ "daily_growth_rate", "Growth a day", OUT_RATIO, OUT_PERCENT },
		{ "cost_trend", "Cost", OUT_TEXT, 0 },
		{ "usage_prediction", "", OUT_JSON, OUT_MACHINE },
		{ "next_week_tokens", "Next 7 days", OUT_INT, OUT_PEOPLE },
		{ "confidence", "Confidence", OUT_RATIO, OUT_PEOPLE },
		OUT_COL_END,
	};
	const struct outlook *t = &a->outlook;
	struct tk_buf prediction = TK_BUF_INIT;
	struct out *o = a->ctx->out;

	add_prediction(t, &prediction);
	out_part(o, &part, cols);
	if (t->grows)
		series_out_ratio(o, t->growth);
	else
		out_null(o);
	out_text(o, t->cost_trend);
	out_json_text(o, prediction.s);
	if (t->predicted)
		out_int(o, t->next_week_tokens);
	else
		out_null(o);
	if (t->tested)
		series_out_ratio(o, t->confidence);
	else
		out_null(o);
	out_end_row(o);
	tk_buf_release(&prediction);
	if (!t->predicted)
		out_warning(o, "too_little_data",
		    "%zu whole days of usage are too few to say what comes "
		    "next",
		    t->days);
}

/* 0 to 1000, 1001 to 10000, ...: the API's "0-1000". */
static size_t
usage_range(tk_int128 tokens)
{
	size_t i = 0;

	for (tk_int128 bound = 1000; tokens > bound; bound *= 10)
		i++;
	return i;
}

enum { RANGES = 40 };

static void
print_distribution(const struct analytics *a)
{
	static const struct out_part part = { .key = "user_distribution",
		.title = "Users by tokens" };
	static const struct out_col cols[] = {
		{ "usage_range", "Tokens", OUT_TEXT, 0 },
		{ "user_count", "Users", OUT_INT, 0 },
		{ "percentage", "Share", OUT_RATIO, OUT_PERCENT },
		{ "bar", "", OUT_BAR, 0 },
		OUT_COL_END,
	};
	size_t count[RANGES] = { a->users - a->active }, last = 0;
	struct tk_buf label = TK_BUF_INIT;
	struct out *o = a->ctx->out;
	tk_int128 bound = 1000;

	for (size_t i = 0; i < a->by_user.rows; i++) {
		const struct report_row *row = &a->by_user.row[i];
		size_t range = usage_range(sums_total(&row->sums));

		if (row->name[0] == NULL)
			continue;
		count[range]++;
		last = range > last ? range : last;
	}
	out_part(o, &part, cols);
	for (size_t i = 0; a->users > 0 && i <= last; i++, bound *= 10) {
		tk_buf_reset(&label);
		tk_int128_add(&label, i == 0 ? 0 : bound / 10 + 1);
		tk_buf_adds(&label, "-");
		tk_int128_add(&label, bound);
		out_text(o, label.s);
		out_int(o, (tk_int128)count[i]);
		out_ratio(o, (tk_int128)count[i], (tk_int128)a->users);
		out_bar(o, (tk_int128)count[i]);
		out_end_row(o);
	}
	tk_buf_release(&label);
}

/* {"gpt-4.1":12.5,...}: names as keys, as in the API; "" is none. */
static void
add_costs(struct tk_buf *b, const struct report *r)
{
	struct json_write w = { .to = b };

	json_write_open(&w, '{');
	for (size_t i = 0; i < r->rows; i++) {
		const struct usage_sums *s = &r->row[i].sums;
		const char *name = r->row[i].name[0];

		json_write_key(&w, name != NULL ? name : "");
		if (s->v[SUM_UNPRICED] < s->v[SUM_REQUESTS] ||
		    s->v[SUM_UNPRICED] == 0 || s->v[SUM_COST] != 0)
			json_write_money(&w, s->v[SUM_COST]);
		else
			json_write_raw(&w, "null");
	}
	json_write_close(&w, '}');
}

static void
print_costs(const struct analytics *a)
{
	static const struct out_part part = { .key = "cost_breakdown",
		.title = "",
		.shape = OUT_ONE,
		.flags = OUT_MACHINE };
	static const struct out_part models = { .key = "by_model",
		.title = "By model",
		.flags = OUT_PEOPLE };
	static const struct out_part departments = { .key = "by_department",
		.title = "By department",
		.flags = OUT_PEOPLE };
	static const struct out_col cols[] = {
		{ "by_model", "", OUT_JSON, 0 },
		{ "by_department", "", OUT_JSON, 0 },
		OUT_COL_END,
	};
	struct tk_buf text = TK_BUF_INIT;
	struct out *o = a->ctx->out;

	out_part(o, &part, cols);
	add_costs(&text, &a->by_model);
	out_json_text(o, text.s);
	tk_buf_reset(&text);
	add_costs(&text, &a->by_department);
	out_json_text(o, text.s);
	out_end_row(o);
	tk_buf_release(&text);
	print_breakdown(a, &a->by_model, (enum report_dim)NAME_MODEL, &models,
	    (size_t)a->args->top);
	print_breakdown(a, &a->by_department, DIM_DEPARTMENT, &departments,
	    (size_t)a->args->top);
}

void
report_user_parts(struct analytics *a)
{
	static const struct out_part applications = {
		.key = "application_breakdown",
		.title = "By application"
	};
	static const struct out_part models = { .key = "model_breakdown",
		.title = "By model" };
	size_t top = (size_t)a->args->top;

	print_period(a);
	print_user_summary(a);
	print_breakdown_by_day(a);
	print_breakdown(a, &a->by_application,
	    (enum report_dim)NAME_APPLICATION, &applications, top);
	print_breakdown(a, &a->by_model, (enum report_dim)NAME_MODEL, &models,
	    top);
	print_trends(a);
}

void
report_system_parts(struct analytics *a)
{
	static const struct out_part applications = { .key = "top_applications",
		.title = "By application" };

	print_period(a);
	print_system_summary(a);
	print_distribution(a);
	print_breakdown(a, &a->by_application,
	    (enum report_dim)NAME_APPLICATION, &applications,
	    (size_t)a->args->top);
	print_costs(a);
	print_trends(a);
}
