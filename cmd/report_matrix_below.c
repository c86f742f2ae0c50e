/* The lines below a matrix: see report_matrix_int.h. */
#include "base/attr.h"
#include "base/buf.h"
#include "config/config.h"
#include "limit/budget.h"
#include "out/out.h"
#include "report_matrix_int.h"

static enum limit_period
limit_period_of(enum report_dim dim)
{
	return dim == DIM_DATE ? PERIOD_DAY
	    : dim == DIM_WEEK  ? PERIOD_WEEK
	    : dim == DIM_MONTH ? PERIOD_MONTH
			       : PERIOD_HARD;
}

/* Whose usage the filter is about, if a budget can be of that. */
static bool
find_scope(const struct ledger_filter *f, struct limit_name *n)
{
	static const struct {
		enum name_kind kind;
		enum limit_scope scope;
	} scopes[] = {
		{ NAME_USER, SCOPE_USER },
		{ NAME_APPLICATION, SCOPE_APPLICATION },
		{ NAME_MODEL, SCOPE_MODEL },
	};
	size_t named = f->keep != NULL;

	*n = (struct limit_name){ SCOPE_EVERYONE, "", "" };
	for (int kind = 0; kind < NAME_KINDS; kind++)
		named += f->names[kind];
	for (size_t i = 0; named > 0 && i < TK_LEN(scopes); i++)
		if (f->names[scopes[i].kind] == 1) {
			n->scope = scopes[i].scope;
			n->name = f->name[scopes[i].kind][0];
		}
	return named == 0 || (named == 1 && n->scope != SCOPE_EVERYONE);
}

static int
take_budget(const struct budget *b, void *data, struct tk_err *err)
{
	struct matrix *m = data;

	(void)err;
	m->budget = b->amount;
	return 0;
}

int
matrix_find_budget(struct matrix *m, size_t top, struct tk_err *err)
{
	enum limit_period period = limit_period_of(m->q->dim[m->time]);
	struct limit_name of;

	if (config_digits(m->ctx->config, &m->digits, err) < 0)
		return -1;
	if (m->metric != SERIES_COST || period == PERIOD_HARD ||
	    top < m->groups || !find_scope(&m->q->filter, &of))
		return 0;
	return budget_get(m->ctx->ledger, &of, period, take_budget, m, err) < 0
	    ? -1
	    : 0;
}

/* What follows the label of a line below the total. */
static void
put_names(const struct matrix *m)
{
	for (size_t d = 1; d < m->q->dims; d++)
		out_null(m->ctx->out);
}

static void
print_budget(const struct matrix *m)
{
	struct out *o = m->ctx->out;
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, "of budget ");
	tk_money_add_human(&b, m->budget, -1, &m->digits);
	out_summary(o, b.s);
	put_names(m);
	for (size_t i = 0; i < m->periods; i++) {
		tk_buf_reset(&b);
		tk_percent_add(&b, m->all.cell[i].v[SUM_COST], m->budget, 0,
		    &m->digits);
		out_text(o, b.s);
	}
	out_text(o, "");
	out_text(o, "");
	out_end_row(o);
	tk_buf_release(&b);
}

static void
put_tokens(const struct matrix *m, tk_int128 n)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_int_add_short(&b, n, 7, &m->digits);
	out_text(m->ctx->out, b.s);
	tk_buf_release(&b);
}

static void
print_tokens(const struct matrix *m)
{
	tk_int128 n = m->periods > 0 ? (tk_int128)m->periods : 1;

	out_summary(m->ctx->out, "Tokens");
	put_names(m);
	for (size_t i = 0; i < m->periods; i++)
		put_tokens(m, sums_total(&m->all.cell[i]));
	put_tokens(m, sums_total(&m->all.total));
	put_tokens(m, (sums_total(&m->all.total) + n / 2) / n);
	out_end_row(m->ctx->out);
}

/* "2026-11 is not over: at the pace so far it ends near $13.34". */
static void
note_pace(const struct matrix *m)
{
	enum report_dim dim = m->q->dim[m->time];
	const struct usage_sums *s;
	struct tk_buf b = TK_BUF_INIT;
	int64_t start, end, now = m->ctx->now;
	tk_int128 so_far, ends;

	if (m->periods == 0)
		return;
	start = report_key_start(m->q, dim, m->period[m->periods - 1]);
	end = report_key_end(m->q, dim, m->period[m->periods - 1]);
	s = &m->all.cell[m->periods - 1];
	so_far = matrix_measure(s, m->metric);
	if (now <= start || now >= end || so_far <= 0 ||
	    so_far >= (tk_int128)1 << 80 || m->q->filter.since > start ||
	    m->q->filter.until < end)
		return;
	ends = so_far * (end - start) / (now - start);
	tk_buf_addf(&b, "* %s is not over: at the pace so far it ends near ",
	    m->label[2 * m->periods - 2].s);
	if (m->metric == SERIES_COST)
		tk_money_add_human(&b, ends, -1, &m->digits);
	else
		tk_int_add_short(&b, ends, 7, &m->digits);
	if (m->metric != SERIES_COST)
		tk_buf_addf(&b, " %s", series_metrics[m->metric].name);
	if (m->budget > 0) {
		tk_buf_adds(&b, " (");
		tk_percent_add(&b, ends, m->budget, 0, &m->digits);
		tk_buf_adds(&b, " of the budget)");
	}
	out_note(m->ctx->out, "%s", b.s);
	tk_buf_release(&b);
}

void
matrix_print_below(const struct matrix *m)
{
	if (m->budget > 0)
		print_budget(m);
	if (m->metric != SERIES_TOKENS && m->groups > 0)
		print_tokens(m);
	note_pace(m);
}
