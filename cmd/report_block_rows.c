/* The rows of windows: see report_block_rows.h. */
#include "report_block_rows.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "report_out.h"

/* The columns before the sums, and those between them and the bar. */
static const struct out_col first_cols[] = {
	{ "start", "Window", OUT_TIME, 0 },
	{ "end", "Until", OUT_TIME, OUT_MEDIUM },
	{ "state", "State", OUT_TEXT, 0 },
	{ "first_activity", "", OUT_TIME, OUT_MACHINE },
	{ "last_activity", "", OUT_TIME, OUT_MACHINE },
	{ "models", "Models", OUT_TEXT, OUT_WIDE },
};

static const struct out_col rate_cols[] = {
	{ "token_limit", "", OUT_INT, OUT_MACHINE },
	{ "used_ratio", "Used", OUT_RATIO, 0 },
	{ "tokens_per_minute", "Tokens/min", OUT_INT, OUT_WIDE },
	{ "cost_per_hour_usd", "", OUT_MONEY, OUT_MACHINE },
	{ "remaining_s", "", OUT_INT, OUT_MACHINE },
	{ "projected_tokens", "", OUT_INT, OUT_MACHINE },
	{ "projected_cost_usd", "", OUT_MONEY, OUT_MACHINE },
};

_Static_assert(TK_LEN(first_cols) + REPORT_SUM_COLS + TK_LEN(rate_cols) <=
	BLOCK_COLS,
    "room for all columns");

void
block_rows_cols(const struct block_printing *p, struct out_col cols[BLOCK_COLS])
{
	struct out_col *c = cols;

	memcpy(c, first_cols, sizeof(first_cols));
	c += TK_LEN(first_cols);
	/* The bar and the end of the list come last. */
	memcpy(c, report_sum_cols, (REPORT_SUM_COLS - 2) * sizeof(*c));
	c += REPORT_SUM_COLS - 2;
	memcpy(c, rate_cols, sizeof(rate_cols));
	if (p->limit == 0)
		c[1].flags |= OUT_MACHINE;
	c += TK_LEN(rate_cols);
	memcpy(c, report_sum_cols + REPORT_SUM_COLS - 2, 2 * sizeof(*c));
}

static void
print_models(struct out *o, const struct block *b)
{
	struct tk_buf text = TK_BUF_INIT;

	for (size_t i = 0; i < b->models; i++)
		tk_buf_addf(&text, "%s%s", i > 0 ? ", " : "", b->model[i]);
	out_text(o, text.len > 0 ? text.s : NULL);
	tk_buf_release(&text);
}

static void
print_limit(const struct block_printing *p, tk_int128 tokens)
{
	if (p->limit > 0)
		out_int(p->ctx->out, p->limit);
	else
		out_null(p->ctx->out);
	out_ratio(p->ctx->out, tokens, p->limit);
}

static void
print_rates(const struct block_printing *p, const struct block *b)
{
	struct out *o = p->ctx->out;
	struct block_rate rate;
	struct block_ahead ahead;

	if (block_rate(b, &rate)) {
		out_int(o, rate.tokens_per_minute);
		out_money(o, rate.cost_per_hour);
	} else {
		out_null(o);
		out_null(o);
	}
	if (b->active)
		out_int(o, (b->end - p->ctx->now) / 1000);
	else
		out_null(o);
	if (b->active && block_project(b, p->ctx->now, &ahead)) {
		out_int(o, ahead.tokens);
		out_money(o, ahead.cost);
	} else {
		out_null(o);
		out_null(o);
	}
}

void
block_rows_print(const struct block_printing *p, const struct block *b)
{
	struct out *o = p->ctx->out;

	out_time(o, b->start);
	out_time(o, b->end);
	out_text(o, b->active ? "active" : "over");
	out_time(o, b->first);
	out_time(o, b->last);
	print_models(o, b);
	report_out_sums(o, &b->sums);
	print_limit(p, sums_total(&b->sums));
	print_rates(p, b);
	out_bar(o, sums_total(&b->sums));
	out_end_row(o);
}

void
block_rows_gap(const struct block_printing *p, const struct block_line *line)
{
	const struct usage_sums none = { 0 };
	struct out *o = p->ctx->out;

	out_time(o, line->start);
	out_time(o, line->end);
	out_text(o, "gap");
	for (int i = 0; i < 3; i++)
		out_null(o);
	report_out_sums(o, &none);
	for (size_t i = 0; i < TK_LEN(rate_cols); i++)
		out_null(o);
	out_bar(o, 0);
	out_end_row(o);
}

void
block_rows_total(const struct block_printing *p, const struct usage_sums *total)
{
	struct out *o = p->ctx->out;

	out_total(o);
	for (size_t i = 0; i < TK_LEN(first_cols); i++)
		out_null(o);
	report_out_sums(o, total);
	for (size_t i = 0; i < TK_LEN(rate_cols) + 1; i++)
		out_null(o);
	out_end_row(o);
}
