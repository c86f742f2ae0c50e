/* Columns on demand: see report_extra.h. */
#include "report_extra.h"

#include "base/attr.h"
#include "report/latency.h"
#include "report_out.h"

static const struct {
	int extra;
	struct out_col col;
} columns[] = {
	{ EXTRA_SUCCESS, { "failed_requests", "Failed", OUT_INT, OUT_MEDIUM } },
	{ EXTRA_SUCCESS, { "success_ratio", "Success", OUT_RATIO, 0 } },
	{ EXTRA_LATENCY, { "latency_p50_ms", "p50 ms", OUT_INT, OUT_MEDIUM } },
	{ EXTRA_LATENCY, { "latency_p95_ms", "p95 ms", OUT_INT, 0 } },
	{ EXTRA_LATENCY, { "latency_p99_ms", "p99 ms", OUT_INT, OUT_MEDIUM } },
	{ EXTRA_BEFORE, { "previous_requests", "", OUT_INT, OUT_MACHINE } },
	{ EXTRA_BEFORE, { "previous_total_tokens", "", OUT_INT, OUT_MACHINE } },
	{ EXTRA_BEFORE,
	    { "previous_cost_usd", "Before", OUT_MONEY,
		OUT_PARTIAL | OUT_WIDE } },
	{ EXTRA_BEFORE, { "tokens_change_ratio", "", OUT_RATIO, OUT_MACHINE } },
	{ EXTRA_BEFORE,
	    { "cost_change_ratio", "Change", OUT_RATIO,
		OUT_SIGNED | OUT_MEDIUM } },
};

size_t
report_extra_cols(int extra, struct out_col cols[EXTRA_COLS])
{
	size_t n = 0;

	for (size_t i = 0; i < TK_LEN(columns); i++)
		if (columns[i].extra & extra) {
			cols[n] = columns[i].col;
			if (columns[i].col.type == OUT_MONEY &&
			    (extra & EXTRA_BY_ROW))
				cols[n].flags |= OUT_MACHINE;
			n++;
		}
	return n;
}

void
report_extra_null(struct out *o, int extra)
{
	for (size_t i = 0; i < TK_LEN(columns); i++)
		if (columns[i].extra & extra)
			out_null(o);
}

static void
put_latency(struct out *o, struct latency *l)
{
	static const int percents[] = { 50, 95, 99 };

	for (size_t i = 0; i < TK_LEN(percents); i++) {
		if (l != NULL && l->n > 0)
			out_int(o, latency_quantile(l, percents[i]));
		else
			out_null(o);
	}
}

static bool
is_priced(const struct usage_sums *s)
{
	return s->v[SUM_UNPRICED] < s->v[SUM_REQUESTS] ||
	    s->v[SUM_UNPRICED] == 0;
}

static void
put_before(struct out *o, const struct usage_sums *s,
    const struct usage_sums *before)
{
	out_int(o, before->v[SUM_REQUESTS]);
	out_int(o, sums_total(before));
	report_out_cost(o, before);
	out_ratio(o, sums_total(s) - sums_total(before), sums_total(before));
	if (is_priced(s) && is_priced(before))
		out_ratio(o, s->v[SUM_COST] - before->v[SUM_COST],
		    before->v[SUM_COST]);
	else
		out_null(o);
}

/* What is not over yet is not compared with what is. */
static void
put_no_change(struct out *o, bool unfinished)
{
	for (size_t i = 0; i < TK_LEN(columns); i++) {
		if (!(columns[i].extra & EXTRA_BEFORE))
			continue;
		if (unfinished && columns[i].col.type == OUT_RATIO)
			out_unknown(o, "so far");
		else
			out_null(o);
	}
}

void
report_extra_out(struct out *o, int extra, const struct usage_sums *s,
    const struct usage_sums *before, struct latency *l)
{
	if (extra & EXTRA_SUCCESS) {
		out_int(o, s->v[SUM_ERRORS]);
		out_ratio(o, s->v[SUM_REQUESTS] - s->v[SUM_ERRORS],
		    s->v[SUM_REQUESTS]);
	}
	if (extra & EXTRA_LATENCY)
		put_latency(o, l);
	if ((extra & EXTRA_BEFORE) && before != NULL)
		put_before(o, s, before);
	else if (extra & EXTRA_BEFORE)
		put_no_change(o, extra & EXTRA_UNFINISHED);
}
