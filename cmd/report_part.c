/* Parts that several reports have: see report_part.h. */
#include "report_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "report/shade.h"
#include "report_out.h"

enum { DAYS = 7, HOURS = 24 };

static const struct {
	enum report_dim dim;
	const char *title;
} dim_titles[] = {
	{ (enum report_dim)NAME_USER, "User" },
	{ (enum report_dim)NAME_APPLICATION, "Application" },
	{ (enum report_dim)NAME_MODEL, "Model" },
	{ (enum report_dim)NAME_PROVIDER, "Provider" },
	{ (enum report_dim)NAME_SESSION, "Session" },
	{ (enum report_dim)NAME_PROJECT, "Project" },
	{ (enum report_dim)NAME_AGENT, "Agent" },
	{ (enum report_dim)NAME_ENDPOINT, "Endpoint" },
	{ (enum report_dim)NAME_SOURCE, "Source" },
	{ (enum report_dim)NAME_ERROR, "Error" },
	{ (enum report_dim)NAME_MACHINE, "Machine" },
	{ (enum report_dim)NAME_KEY, "Key" },
	{ DIM_HOUR, "Hour" },
	{ DIM_DATE, "Date" },
	{ DIM_WEEK, "Week" },
	{ DIM_MONTH, "Month" },
	{ DIM_TIER, "Tier" },
	{ DIM_PRIORITY, "Priority" },
	{ DIM_SUCCESS, "Success" },
	{ DIM_WEEKDAY, "Weekday" },
	{ DIM_HOUR_OF_DAY, "Hour" },
	{ DIM_DEPARTMENT, "Department" },
	{ DIM_FAMILY, "Family" },
};

const char *
report_dim_title(enum report_dim dim)
{
	for (size_t i = 0; i < TK_LEN(dim_titles); i++)
		if (dim_titles[i].dim == dim)
			return dim_titles[i].title;
	return "";
}

enum out_type
report_dim_type(enum report_dim dim)
{
	return dim == DIM_DATE   ? OUT_DAY
	    : dim == DIM_SUCCESS ? OUT_BOOL
				 : OUT_TEXT;
}

void
report_dim_out(struct out *o, const struct report_query *q,
    const struct report_row *row, size_t d)
{
	struct tk_buf text = TK_BUF_INIT;

	if (q->dim[d] == DIM_DATE) {
		out_day(o, (int32_t)row->key[d]);
		return;
	}
	if (q->dim[d] == DIM_SUCCESS) {
		out_bool(o, row->key[d] != 0);
		return;
	}
	report_key_text(&text, q, row, d);
	out_text(o, text.len > 0 ? text.s : NULL);
	tk_buf_release(&text);
}

/* The cells after the dimensions. */
static const struct out_col part_cols[] = {
	{ "requests", "Requests", OUT_INT, OUT_MEDIUM },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "unpriced_requests", "", OUT_INT, OUT_MACHINE },
	{ "share", "Share", OUT_RATIO, OUT_MEDIUM },
	{ "bar", "", OUT_BAR, 0 },
	OUT_COL_END,
};

static void
put_sums(struct out *o, const struct usage_sums *s, tk_int128 of)
{
	out_int(o, s->v[SUM_REQUESTS]);
	out_int(o, sums_total(s));
	report_out_cost(o, s);
	out_int(o, s->v[SUM_UNPRICED]);
	out_ratio(o, sums_total(s), of);
	out_bar(o, sums_total(s));
}

int
report_part_by(struct cmd_ctx *ctx, const struct report_query *base,
    const struct report_part *part, struct tk_err *err)
{
	struct out_col cols[1 + TK_LEN(part_cols)] = { { report_dim_key(
							     part->dim),
	    report_dim_title(part->dim), report_dim_type(part->dim), 0 } };
	struct report_query q = *base;
	struct report r;

	q.dim[0] = part->dim;
	q.dims = 1;
	q.latency = false;
	q.order = part->order;
	q.top = part->named_only ? 0 : part->top;
	memcpy(cols + 1, part_cols, sizeof(part_cols));
	if (report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	out_part(ctx->out,
	    &(struct out_part){ .key = part->key, .title = part->title }, cols);
	for (size_t i = 0; i < r.rows; i++) {
		if (part->top > 0 && i == part->top)
			break;
		if (part->named_only && r.row[i].name[0] == NULL)
			continue;
		report_dim_out(ctx->out, &q, &r.row[i], 0);
		put_sums(ctx->out, &r.row[i].sums, sums_total(&r.total));
		out_end_row(ctx->out);
	}
	report_release(&r);
	return 0;
}

static const char day_names[DAYS][4] = { "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat", "Sun" };

/* Tokens by weekday and hour, as machines read them. */
static void
put_hours(struct out *o, const struct report *r, const struct report_query *q)
{
	static const struct out_part part = { .key = "peak_hours",
		.title = "Peak hours, by tokens",
		.flags = OUT_MACHINE,
		.picture = OUT_HEAT };
	struct out_col cols[2 + TK_LEN(part_cols)] = {
		{ "weekday", "Weekday", OUT_TEXT, 0 },
		{ "hour_of_day", "Hour", OUT_TEXT, 0 },
	};

	memcpy(cols + 2, part_cols, sizeof(part_cols));
	out_part(o, &part, cols);
	for (size_t i = 0; i < r->rows; i++) {
		report_dim_out(o, q, &r->row[i], 0);
		report_dim_out(o, q, &r->row[i], 1);
		put_sums(o, &r->row[i].sums, sums_total(&r->total));
		out_end_row(o);
	}
}

/* The same for people: a line a day, a column an hour. */
static void
put_heat(const struct cmd_ctx *ctx, const struct report *r)
{
	static const struct out_part part = { .key = "heat",
		.title = "Peak hours, by tokens",
		.flags = OUT_PEOPLE | OUT_TWIN };
	static const struct out_col cols[] = {
		{ "weekday", "", OUT_TEXT, 0 },
		{ "hours", "0     6     12    18", OUT_SHADES, 0 },
		OUT_COL_END,
	};
	tk_int128 value[DAYS][HOURS] = { { 0 } }, sorted[DAYS * HOURS];
	struct out *o = ctx->out;
	struct shade shade;

	for (size_t i = 0; i < r->rows; i++)
		value[r->row[i].key[0]][r->row[i].key[1]] =
		    sums_total(&r->row[i].sums);
	memcpy(sorted, value, sizeof(sorted));
	shade_init(&shade, sorted, DAYS * HOURS);
	out_part(o, &part, cols);
	for (int i = 0; i < DAYS && r->rows > 0; i++) {
		int day = (ctx->week_start + i) % DAYS;
		char text[HOURS + 1] = "";

		for (int hour = 0; hour < HOURS; hour++)
			text[hour] =
			    (char)(1 + shade_of(&shade, value[day][hour]));
		out_text(o, day_names[day]);
		out_shades(o, text);
		out_end_row(o);
	}
	if (r->rows == 0)
		return;
	out_text(o, "");
	out_shades(o, "none \1 quartiles \2 \3 \4 \5");
	out_end_row(o);
}

int
report_part_hours(struct cmd_ctx *ctx, const struct report_query *base,
    struct tk_err *err)
{
	struct report_query q = *base;
	struct report r;

	q.dim[0] = DIM_WEEKDAY;
	q.dim[1] = DIM_HOUR_OF_DAY;
	q.dims = 2;
	q.latency = false;
	if (report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	put_hours(ctx->out, &r, &q);
	put_heat(ctx, &r);
	report_release(&r);
	return 0;
}

static const struct out_col efficiency_cols[] = {
	{ "tokens_per_request", "Tokens/request", OUT_INT, 0 },
	{ "cost_per_request_usd", "Cost/request", OUT_MONEY, 0 },
	{ "cache_hit_ratio", "From cache", OUT_RATIO, 0 },
	{ "output_input_ratio", "Out/in", OUT_RATIO, OUT_MEDIUM },
	{ "success_ratio", "Success", OUT_RATIO, OUT_MEDIUM },
	OUT_COL_END,
};

/* Of all the input, what came from the cache; of priced requests, the cost. */
static void
put_efficiency(struct out *o, const struct usage_sums *s)
{
	tk_int128 requests = s->v[SUM_REQUESTS];
	tk_int128 priced = requests - s->v[SUM_UNPRICED];
	tk_int128 input =
	    s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s);

	if (requests > 0)
		out_int(o, (sums_total(s) + requests / 2) / requests);
	else
		out_null(o);
	if (priced > 0)
		out_money(o, (s->v[SUM_COST] + priced / 2) / priced);
	else
		out_null(o);
	out_ratio(o, s->v[SUM_CACHE_READ], input);
	out_ratio(o, s->v[SUM_OUTPUT], input);
	out_ratio(o, requests - s->v[SUM_ERRORS], requests);
}

void
report_part_efficiency(struct cmd_ctx *ctx, const struct report_query *q,
    const struct report_row *row, size_t rows)
{
	static const struct out_part part = { .key = "efficiency",
		.title = "Efficiency" };
	struct out_col cols[1 + TK_LEN(efficiency_cols)] = { { report_dim_key(
								   q->dim[0]),
	    report_dim_title(q->dim[0]), report_dim_type(q->dim[0]), 0 } };

	memcpy(cols + 1, efficiency_cols, sizeof(efficiency_cols));
	out_part(ctx->out, &part, cols);
	for (size_t i = 0; i < rows; i++) {
		report_dim_out(ctx->out, q, &row[i], 0);
		put_efficiency(ctx->out, &row[i].sums);
		out_end_row(ctx->out);
	}
}
