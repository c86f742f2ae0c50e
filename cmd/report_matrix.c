/* Groups down, periods across: see report_matrix.h. */
#include "report_matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "out/out.h"
#include "report_matrix_int.h"
#include "report_out.h"
#include "report_part.h"

enum { MOST_PERIODS = 400 };

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Every period from the first to the last that has usage. */
static int
find_periods(struct matrix *m, size_t last, struct tk_err *err)
{
	enum report_dim dim = m->q->dim[m->time];
	int64_t step = dim == DIM_WEEK ? 7 : 1;
	int64_t *key = tk_xcalloc(m->r->rows + 1, sizeof(*key));
	size_t n = 0;

	for (size_t i = 0; i < m->r->rows; i++)
		key[i] = m->r->row[i].key[m->time];
	if (m->r->rows > 1)
		qsort(key, m->r->rows, sizeof(*key), by_number);
	for (size_t i = 0; i < m->r->rows; i++) {
		int64_t next = n == 0 || dim == DIM_HOUR
		    ? key[i]
		    : m->period[n - 1] + step;

		if (n > 0 && key[i] == m->period[n - 1])
			continue;
		for (; next <= key[i]; next += step) {
			m->period = tk_xreallocarray(m->period, n + 1,
			    sizeof(*m->period));
			m->period[n++] = next;
			if (n > MOST_PERIODS && last > MOST_PERIODS) {
				free(key);
				tk_fail(err, TK_USAGE,
				    "a matrix of more than %d periods",
				    MOST_PERIODS);
				return tk_hint(err,
				    "use a larger one or a later --since");
			}
		}
	}
	free(key);
	if (last < n) {
		memmove(m->period, m->period + n - last,
		    last * sizeof(*m->period));
		n = last;
	}
	m->periods = n;
	return 0;
}

static int
compare_groups(const struct matrix *m, const struct report_row *a,
    const struct report_row *b)
{
	for (size_t d = 0; d < m->q->dims; d++) {
		int c = 0;

		if (d == m->time)
			continue;
		if (report_dim_is_name(m->q->dim[d]))
			c = strcmp(a->name[d] ? a->name[d] : "",
			    b->name[d] ? b->name[d] : "");
		if (c == 0 && a->key[d] != b->key[d])
			c = a->key[d] < b->key[d] ? -1 : 1;
		if (c != 0)
			return c;
	}
	return 0;
}

static int
by_group(const void *a, const void *b, void *m)
{
	return compare_groups(m, *(const struct report_row *const *)a,
	    *(const struct report_row *const *)b);
}

static void
add_to_group(const struct matrix *m, struct matrix_group *g,
    const struct report_row *row)
{
	const int64_t *at = bsearch(&row->key[m->time], m->period, m->periods,
	    sizeof(*m->period), by_number);

	if (at == NULL)
		return; /* before the last periods */
	sums_add(&g->cell[at - m->period], &row->sums);
	sums_add(&g->total, &row->sums);
}

static void
find_groups(struct matrix *m)
{
	const struct report *r = m->r;
	const struct report_row **row = tk_xcalloc(r->rows + 1, sizeof(*row));

	for (size_t i = 0; i < r->rows; i++)
		row[i] = &r->row[i];
	if (r->rows > 1)
		qsort_r(row, r->rows, sizeof(*row), by_group, m);
	m->group = tk_xcalloc(r->rows + 1, sizeof(*m->group));
	for (size_t i = 0; i < r->rows; i++) {
		if (i == 0 || compare_groups(m, row[i], row[i - 1]) != 0)
			m->group[m->groups++] =
			    (struct matrix_group){ .row = row[i],
				    .cell = tk_xcalloc(m->periods + 1,
					sizeof(struct usage_sums)) };
		add_to_group(m, &m->group[m->groups - 1], row[i]);
	}
	free(row);
}

/* The largest first; without a price, the most tokens. */
static int
by_size(const void *a_, const void *b_, void *m_)
{
	const struct matrix_group *a = a_, *b = b_;
	const struct matrix *m = m_;
	tk_int128 x = matrix_measure(&a->total, m->metric);
	tk_int128 y = matrix_measure(&b->total, m->metric);

	if (x == y) {
		x = sums_total(&a->total);
		y = sums_total(&b->total);
	}
	return x != y ? (x > y ? -1 : 1) : compare_groups(m, a->row, b->row);
}

static struct out_col *
build_cols(struct matrix *m)
{
	size_t n = 0, last = m->periods;
	enum out_type type = m->metric == SERIES_COST ? OUT_MONEY : OUT_INT;
	int flags = m->metric == SERIES_COST ? OUT_PARTIAL : 0;
	struct out_col *cols =
	    tk_xcalloc(m->q->dims + m->periods + 3, sizeof(*cols));

	m->label = tk_xcalloc(2 * m->periods + 1, sizeof(*m->label));
	for (size_t d = 0; d < m->q->dims; d++)
		if (d != m->time)
			cols[n++] =
			    (struct out_col){ report_dim_key(m->q->dim[d]),
				    report_dim_title(m->q->dim[d]),
				    report_dim_type(m->q->dim[d]), 0 };
	for (size_t i = 0; i < last; i++) {
		struct tk_buf *key = &m->label[2 * i], *title = key + 1;
		struct report_row row = { .key = { 0 } };

		*key = *title = (struct tk_buf)TK_BUF_INIT;
		row.key[m->time] = m->period[i];
		report_key_text(key, m->q, &row, m->time);
		tk_buf_addf(title, "%s%s", key->s,
		    report_key_end(m->q, m->q->dim[m->time], m->period[i]) >
			    m->ctx->now
			? "*"
			: "");
		cols[n++] = (struct out_col){ key->s, title->s, type,
			flags | OUT_PERIOD };
	}
	cols[n++] = (struct out_col){ "total", "Total", type, flags };
	cols[n++] = (struct out_col){ "mean", "Mean", type, flags };
	cols[n] = (struct out_col)OUT_COL_END;
	return cols;
}

static void
put_value(const struct matrix *m, const struct usage_sums *s, tk_int128 parts)
{
	struct usage_sums part = *s;

	if (m->metric != SERIES_COST) {
		out_int(m->ctx->out,
		    (matrix_measure(s, m->metric) + parts / 2) / parts);
		return;
	}
	part.v[SUM_COST] = (s->v[SUM_COST] + parts / 2) / parts;
	report_out_cost(m->ctx->out, &part);
}

static void
put_values(const struct matrix *m, const struct matrix_group *g)
{
	for (size_t i = 0; i < m->periods; i++)
		put_value(m, &g->cell[i], 1);
	put_value(m, &g->total, 1);
	put_value(m, &g->total, m->periods > 0 ? (tk_int128)m->periods : 1);
	out_end_row(m->ctx->out);
}

static void
print_groups(struct matrix *m, size_t top)
{
	struct out *o = m->ctx->out;

	m->all.cell = tk_xcalloc(m->periods + 1, sizeof(*m->all.cell));
	for (size_t i = 0; i < m->groups && i < top; i++) {
		const struct matrix_group *g = &m->group[i];

		for (size_t d = 0; d < m->q->dims; d++)
			if (d != m->time)
				report_dim_out(o, m->q, g->row, d);
		put_values(m, g);
		sums_add(&m->all.total, &g->total);
		for (size_t k = 0; k < m->periods; k++)
			sums_add(&m->all.cell[k], &g->cell[k]);
	}
	out_total(o);
	for (size_t d = 1; d < m->q->dims; d++)
		out_null(o);
	put_values(m, &m->all);
}

static void
drop_unused(struct matrix *m)
{
	static const struct usage_sums none;
	size_t kept = 0;

	for (size_t i = 0; i < m->groups; i++) {
		if (sums_equal(&m->group[i].total, &none))
			free(m->group[i].cell);
		else
			m->group[kept++] = m->group[i];
	}
	m->groups = kept;
}

int
report_matrix_print(struct cmd_ctx *ctx, const struct report_query *q,
    struct report *r, enum series_metric metric, size_t top, size_t last,
    struct tk_err *err)
{
	struct matrix m = { .ctx = ctx, .q = q, .r = r, .metric = metric };
	struct out_col *cols = NULL;
	int rc = -1;

	while (m.time < q->dims &&
	    (q->dim[m.time] < DIM_HOUR || q->dim[m.time] > DIM_MONTH))
		m.time++;
	if (m.time == q->dims) {
		tk_fail(err, TK_USAGE, "a matrix needs a dimension of time");
		tk_hint(err, "as '--granularity week'");
		goto out;
	}
	if (find_periods(&m, last, err) < 0)
		goto out;
	find_groups(&m);
	drop_unused(&m);
	if (m.groups > 1)
		qsort_r(m.group, m.groups, sizeof(*m.group), by_size, &m);
	if (matrix_find_budget(&m, top, err) < 0)
		goto out;
	cols = build_cols(&m);
	out_begin(ctx->out, cols);
	out_empty(ctx->out, "no usage");
	print_groups(&m, top);
	matrix_print_below(&m);
	rc = 0;
out:
	for (size_t i = 0; m.label != NULL && i < 2 * m.periods; i++)
		tk_buf_release(&m.label[i]);
	for (size_t i = 0; i < m.groups; i++)
		free(m.group[i].cell);
	free(m.all.cell);
	free(m.label);
	free(m.group);
	free(m.period);
	free(cols);
	return rc;
}
