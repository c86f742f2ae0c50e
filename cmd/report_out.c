/* What all reports print in the same way: see report_out.h. */
#include "report_out.h"

#include "base/buf.h"
#include "base/time.h"
#include "ledger/sums.h"
#include "out/out_rows.h"
#include "report/report.h"

const struct out_col report_sum_cols[REPORT_SUM_COLS] = {
	{ "requests", "Requests", OUT_INT, OUT_MEDIUM },
	{ "input_tokens", "Input", OUT_INT, OUT_WIDE },
	{ "cache_read_tokens", "Cache read", OUT_INT, OUT_EXTRA },
	{ "cache_write_5m_tokens", "", OUT_INT, OUT_MACHINE },
	{ "cache_write_1h_tokens", "", OUT_INT, OUT_MACHINE },
	{ "cache_write_tokens", "Cache write", OUT_INT, OUT_EXTRA },
	{ "output_tokens", "Output", OUT_INT, OUT_WIDE },
	{ "reasoning_tokens", "", OUT_INT, OUT_MACHINE },
	/* Of the tokens that went in, those that a cache had. */
	{ "", "Cached", OUT_RATIO, OUT_PEOPLE | OUT_WIDE | OUT_WHOLE },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "unpriced_requests", "", OUT_INT, OUT_MACHINE },
	{ "bar", "", OUT_BAR, 0 },
	OUT_COL_END,
};

static bool
is_priced(const struct usage_sums *s)
{
	return s->v[SUM_UNPRICED] < s->v[SUM_REQUESTS] || s->v[SUM_COST] != 0 ||
	    s->v[SUM_UNPRICED] == 0;
}

void
report_out_cost(struct out *o, const struct usage_sums *s)
{
	if (!is_priced(s)) {
		out_null(o);
		return;
	}
	out_money(o, s->v[SUM_COST]);
	if (s->v[SUM_UNPRICED] > 0)
		out_partial(o);
}

void
report_out_sums(struct out *o, const struct usage_sums *s)
{
	out_int(o, s->v[SUM_REQUESTS]);
	out_int(o, s->v[SUM_INPUT]);
	out_int(o, s->v[SUM_CACHE_READ]);
	out_int(o, s->v[SUM_CACHE_WRITE_5M]);
	out_int(o, s->v[SUM_CACHE_WRITE_1H]);
	out_int(o, sums_cache_write(s));
	out_int(o, s->v[SUM_OUTPUT]);
	out_int(o, s->v[SUM_REASONING]);
	out_ratio(o, s->v[SUM_CACHE_READ],
	    s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s));
	out_int(o, sums_total(s));
	report_out_cost(o, s);
	out_int(o, s->v[SUM_UNPRICED]);
}

bool
report_sum_numbers(const struct usage_sums *s, int64_t n[REPORT_SUM_COLS - 2])
{
	enum { CACHED = 8, COST = 10 };
	const tk_int128 v[REPORT_SUM_COLS - 2] = { s->v[SUM_REQUESTS],
		s->v[SUM_INPUT], s->v[SUM_CACHE_READ], s->v[SUM_CACHE_WRITE_5M],
		s->v[SUM_CACHE_WRITE_1H], sums_cache_write(s), s->v[SUM_OUTPUT],
		s->v[SUM_REASONING], [CACHED] = 0,
		sums_total(s), [COST] = s->v[SUM_COST], s->v[SUM_UNPRICED] };

	for (int i = 0; i < REPORT_SUM_COLS - 2; i++) {
		if (v[i] <= INT64_MIN || v[i] > INT64_MAX)
			return false;
		n[i] = (int64_t)v[i];
	}
	n[CACHED] = OUT_NONE;
	if (!is_priced(s))
		n[COST] = OUT_NONE;
	return true;
}

void
report_out_range(const struct cmd_ctx *ctx, const struct ledger_filter *f,
    int64_t first, int64_t last, struct out_doc *doc)
{
	bool any = first <= last;

	doc->since = f->since;
	doc->until = f->until;
	if (doc->until == INT64_MAX) {
		doc->until = ctx->now;
		if (any && last >= doc->until)
			doc->until = last + 1;
	}
	if (doc->since == INT64_MIN)
		doc->since = any ? tk_zone_day_start(ctx->zone,
				       tk_zone_day(ctx->zone, first))
				 : doc->until;
	if (doc->until < doc->since)
		doc->until = doc->since;
}

int
report_out_unpriced(const struct cmd_ctx *ctx, const struct ledger_filter *f,
    const struct usage_sums *total, struct tk_err *err)
{
	struct tk_buf models = TK_BUF_INIT;
	int64_t unpriced = (int64_t)total->v[SUM_UNPRICED];
	int rc;

	if (unpriced <= 0)
		return 0;
	rc = f == NULL
	    ? 0
	    : report_unpriced_models(&models, ctx->ledger, f, 3, err);
	if (rc == 0)
		out_warning(ctx->out, "unpriced",
		    "%lld request%s no price%s%s%s; the cost leaves %s out",
		    (long long)unpriced, unpriced == 1 ? " has" : "s have",
		    models.len > 0 ? " (" : "", models.s,
		    models.len > 0 ? ")" : "", unpriced == 1 ? "it" : "them");
	tk_buf_release(&models);
	return rc;
}

void
report_out_dims(const struct report_query *q, struct tk_buf *title)
{
	for (size_t d = 0; d < q->dims; d++) {
		size_t from = title->len;

		tk_buf_addf(title, "%s %s",
		    d == 0                 ? ""
			: d + 1 == q->dims ? " and"
					   : ",",
		    report_dim_key(q->dim[d]));
		for (size_t i = from; i < title->len; i++)
			if (title->s[i] == '_')
				title->s[i] = ' ';
	}
}
