/* Rows of usage, their total, and what else there is to say: report_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/time.h"
#include "filter.h"
#include "out/out.h"
#include "report/latency.h"
#include "report/series.h"
#include "report_extra.h"
#include "report_int.h"
#include "report_matrix.h"
#include "report_out.h"
#include "report_part.h"
#include "report_rows.h"

enum { MAX_COLS = REPORT_MAX_DIMS + REPORT_SUM_COLS + EXTRA_COLS + 8 };

static const struct out_col complete_col = { "complete", "", OUT_BOOL,
	OUT_MACHINE };
static const struct out_col days_col = { "", "Days", OUT_TEXT,
	OUT_PEOPLE | OUT_MEDIUM | OUT_PERIOD };
static const struct out_col began_col = { "first_activity", "", OUT_TIME,
	OUT_MACHINE };
static const struct out_col ended_col = { "last_activity", "Last activity",
	OUT_TIME, OUT_WIDE };

static bool
is_period(enum report_dim dim)
{
	return dim >= DIM_HOUR && dim <= DIM_MONTH;
}

/* A week is known by its number to few. */
static bool
has_days(const struct printing *p)
{
	return p->q.dim[0] == DIM_WEEK;
}

static void
build_cols(const struct printing *p, struct out_col cols[MAX_COLS])
{
	size_t n = 0;

	for (size_t i = 0; i < p->q.dims; i++) {
		cols[n++] = (struct out_col){ report_dim_key(p->q.dim[i]),
			report_dim_title(p->q.dim[i]),
			report_dim_type(p->q.dim[i]),
			is_period(p->q.dim[i]) ? OUT_PERIOD : 0 };
		if (i == 0 && has_days(p))
			cols[n++] = days_col;
	}
	if (p->period)
		cols[n++] = complete_col;
	if (p->session) {
		cols[n++] = began_col;
		cols[n++] = ended_col;
	}
	/* The bar and the end of the list come last. */
	memcpy(cols + n, report_sum_cols,
	    (REPORT_SUM_COLS - 2) * sizeof(*cols));
	n += REPORT_SUM_COLS - 2;
	n += report_extra_cols(p->extra, cols + n);
	memcpy(cols + n, report_sum_cols + REPORT_SUM_COLS - 2,
	    2 * sizeof(*cols));
}

static bool
is_complete(const struct printing *p, const struct report_row *row)
{
	return report_key_end(&p->q, p->q.dim[0], row->key[0]) <= p->ctx->now;
}

/* "11-16 to 11-22", or up to now. */
static void
print_days(const struct printing *p, int64_t week)
{
	int32_t first = (int32_t)week, last = first + 6;
	int32_t today = tk_zone_day(p->ctx->zone, p->ctx->now);
	struct tk_buf a = TK_BUF_INIT, b = TK_BUF_INIT;

	if (today >= first && today < last)
		last = today;
	tk_day_add(&a, first);
	tk_day_add(&b, last);
	if (last > first && a.len == 10 && b.len == 10)
		tk_buf_addf(&a, " to %s", b.s + 5);
	out_text(p->ctx->out, a.len >= 10 ? a.s + 5 : a.s);
	tk_buf_release(&a);
	tk_buf_release(&b);
}

static void
print_row(struct printing *p, const struct report_row *row)
{
	struct out *o = p->ctx->out;
	for (size_t d = 0; d < p->q.dims; d++) {
		report_dim_out(o, &p->q, row, d);
		if (d == 0 && p->period && !is_complete(p, row)) {
			out_unfinished(o);
			p->unfinished = true;
		}
		if (d == 0 && has_days(p))
			print_days(p, row->key[0]);
	}
	if (p->period)
		out_bool(o, is_complete(p, row));
	if (p->session) {
		out_time(o, row->first);
		out_time(o, row->last);
	}
	report_out_sums(o, &row->sums);
	report_extra_out(o,
	    p->extra |
		(p->period && !is_complete(p, row) ? EXTRA_UNFINISHED : 0),
	    &row->sums, row->before, row->latency);
	out_bar(o, sums_total(&row->sums));
	out_end_row(o);
}

/* The total of the rows that are shown. */
struct shown_total {
	struct usage_sums sums, before;
	struct latency latency;
};

static void
add_row(struct shown_total *t, const struct report_row *row)
{
	sums_add(&t->sums, &row->sums);
	if (row->before != NULL)
		sums_add(&t->before, row->before);
	if (row->latency != NULL)
		latency_merge(&t->latency, row->latency);
}

static void
print_total(const struct printing *p, struct shown_total *t)
{
	struct out *o = p->ctx->out;

	out_total(o);
	for (size_t d = 0; d < p->q.dims; d++)
		out_null(o);
	if (has_days(p))
		out_null(o);
	if (p->period)
		out_null(o);
	if (p->session) {
		out_null(o);
		out_null(o);
	}
	report_out_sums(o, &t->sums);
	report_extra_out(o, p->extra, &t->sums, p->c.by_row ? NULL : &t->before,
	    &t->latency);
	out_null(o);
	out_end_row(o);
}

/* For people: what a day, week or month comes to on the average. */
static void
print_mean(const struct printing *p, const struct usage_sums *total, size_t n)
{
	struct usage_sums mean;
	struct tk_buf label = TK_BUF_INIT;

	if (!p->period || p->q.dims != 1 || n < 2)
		return;
	for (int i = 0; i < SUMS; i++)
		mean.v[i] = total->v[i] / (tk_int128)n;
	tk_buf_addf(&label, "Mean %s",
	    p->q.dim[0] == DIM_DATE ? "day" : report_dim_key(p->q.dim[0]));
	out_summary(p->ctx->out, label.s);
	out_null(p->ctx->out);
	if (has_days(p))
		out_null(p->ctx->out);
	out_null(p->ctx->out);
	report_out_sums(p->ctx->out, &mean);
	report_extra_null(p->ctx->out, p->extra);
	out_null(p->ctx->out);
	out_end_row(p->ctx->out);
	tk_buf_release(&label);
}

static int
print_warnings(const struct printing *p, const struct usage_sums *total,
    struct tk_err *err)
{
	struct tk_buf range = TK_BUF_INIT;

	if (p->unfinished)
		out_note(p->ctx->out, "* not over yet");
	if ((p->extra & EXTRA_BEFORE) && !p->c.by_row) {
		tk_time_add_minute(&range, p->ctx->zone, p->c.since);
		tk_buf_adds(&range, " to ");
		tk_time_add_minute(&range, p->ctx->zone, p->c.until);
		out_note(p->ctx->out, "compared with %s", range.s);
	}
	tk_buf_release(&range);
	/* Which models have no price is known of all rows, not of some. */
	return report_out_unpriced(p->ctx,
	    total->v[SUM_UNPRICED] == p->r.total.v[SUM_UNPRICED] ? &p->read
								 : NULL,
	    total, err);
}

static void
drop_incomplete(struct printing *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->r.rows; i++)
		if (is_complete(p, &p->r.row[i]))
			p->r.row[kept++] = p->r.row[i];
		else
			latency_free(p->r.row[i].latency);
	p->r.rows = kept;
}

/* The latest rows of --last, in the order asked for. */
static void
put_in_order(struct printing *p)
{
	struct report *r = &p->r;

	if ((uint64_t)p->args->last < r->rows) {
		report_sort(r, &p->q, ORDER_LAST, false);
		while (r->rows > (uint64_t)p->args->last)
			latency_free(r->row[--r->rows].latency);
	}
	report_sort(r, &p->q, (enum report_order)p->args->sort,
	    p->args->reverse);
}

static void
set_document(struct printing *p, struct tk_buf *title)
{
	struct out_doc doc = { .schema = p->schema,
		.week_start = p->ctx->week_start,
		.picture = p->args->matrix ? OUT_MATRIX : OUT_BARS };

	tk_buf_addf(title, "%s, ", p->title);
	cmd_filter_title(&p->args->filter, title);
	doc.title = title->s;
	report_out_range(p->ctx, &p->q.filter, p->r.first, p->r.last, &doc);
	out_document(p->ctx->out, &doc);
}

/* The records of the rows that are shown, and no others. */
static struct report_query
shown_query(const struct printing *p, const struct report_row *row, size_t rows)
{
	struct report_query q = p->q;

	for (size_t i = 0; i < rows; i++) {
		int64_t start = report_key_start(&q, q.dim[0], row[i].key[0]);
		int64_t end = report_key_end(&q, q.dim[0], row[i].key[0]);

		if (i == 0 || start < q.filter.since)
			q.filter.since = start;
		if (i == 0 || end > q.filter.until)
			q.filter.until = end;
	}
	if (q.filter.since < p->q.filter.since)
		q.filter.since = p->q.filter.since;
	if (q.filter.until > p->q.filter.until)
		q.filter.until = p->q.filter.until;
	return q;
}

/* Advice rests on single calls: those of the last two months that are shown
 * are what can still be acted on. */
static int
print_advice(struct printing *p, const struct report_query *shown,
    const struct report_row *row, size_t rows, struct tk_err *err)
{
	struct report_query q = *shown;
	int64_t last = INT64_MIN, since;
	struct tk_buf day = TK_BUF_INIT;

	for (size_t i = 0; i < rows; i++)
		last = row[i].key[0] > last ? row[i].key[0] : last;
	since = rows > 0 ? report_key_start(&q, DIM_MONTH, last - 1) : 0;
	if (rows > 0 && since > q.filter.since) {
		q.filter.since = since;
		tk_day_add(&day, tk_zone_day(q.zone, since));
		out_note(p->ctx->out, "the advice is of usage from %s on",
		    day.s);
		tk_buf_release(&day);
	}
	return report_part_advice(p->ctx, &q, &p->args->filter, true, err);
}

/* What else the report of a day, a week or a month has. */
static int
print_parts(struct printing *p, const struct report_row *row, size_t rows,
    struct tk_err *err)
{
	static const struct report_part parts[] = {
		{ "hours", "By hour of the day", DIM_HOUR_OF_DAY, ORDER_KEYS, 0,
		    false },
		{ "applications", "By application",
		    (enum report_dim)NAME_APPLICATION, ORDER_TOKENS, 0, false },
		{ "models", "By model", (enum report_dim)NAME_MODEL,
		    ORDER_TOKENS, 0, false },
		{ "users", "By user", (enum report_dim)NAME_USER, ORDER_TOKENS,
		    0, false },
		{ "departments", "By department", DIM_DEPARTMENT, ORDER_TOKENS,
		    0, false },
	};

	struct report_query q = shown_query(p, row, rows);

	for (size_t i = 0; i < TK_LEN(parts); i++)
		if ((p->q.dim[0] == DIM_MONTH || i < 2 ||
			(i == 2 && p->q.dim[0] == DIM_DATE)) &&
		    report_part_by(p->ctx, &q, &parts[i], err) < 0)
			return -1;
	if (p->q.dim[0] != DIM_DATE) {
		if (report_part_hours(p->ctx, &q, err) < 0)
			return -1;
		report_part_efficiency(p->ctx, &p->q, row, rows);
	}
	return p->q.dim[0] == DIM_MONTH ? print_advice(p, &q, row, rows, err)
					: 0;
}

static int
print_errors(struct printing *p, const struct report_row *row, size_t rows,
    struct tk_err *err)
{
	static const struct report_part part = { "errors", "By error",
		(enum report_dim)NAME_ERROR, ORDER_REQUESTS, 0, true };
	struct report_query q = p->period ? shown_query(p, row, rows) : p->q;

	return report_part_by(p->ctx, &q, &part, err);
}

/* A row, at once or with others. */
static int
put_row(struct printing *p, const struct report_row *row,
    struct report_rows *rows, struct tk_err *err)
{
	int done = rows == NULL ? 0 : report_rows_add(rows, row, err);

	if (done != 0)
		return done < 0 ? -1 : 0;
	if (rows != NULL &&
	    (report_rows_flush(rows, err) < 0 || report_name(&p->r, err) < 0))
		return -1;
	print_row(p, row);
	return 0;
}

/* The first n rows, of which there may be more than memory has room for. */
static int
print_first(struct printing *p, size_t n, struct shown_total *total,
    struct tk_err *err)
{
	const struct report_row *row;
	struct report_rows *rows;
	int rc = 0;

	if (report_rows_open(&rows, p, err) < 0)
		return -1;
	for (size_t i = 0; i < n && !out_failed(p->ctx->out); i++) {
		rc = report_next(&p->r, &row, err);
		if (rc <= 0)
			break;
		add_row(total, row);
		rc = put_row(p, row, rows, err);
		if (rc < 0)
			break;
	}
	if (rc >= 0 && rows != NULL)
		rc = report_rows_flush(rows, err);
	report_rows_close(rows);
	return rc;
}

int
report_print_rows(struct printing *p, struct tk_err *err)
{
	struct out_col cols[MAX_COLS];
	struct tk_buf title = TK_BUF_INIT;
	struct shown_total total = { 0 };
	size_t n;
	int rc;

	if (p->args->complete)
		drop_incomplete(p);
	if (!p->sorted)
		put_in_order(p);
	n = (uint64_t)p->args->top < p->r.rows ? (size_t)p->args->top
					       : p->r.rows;
	set_document(p, &title);
	build_cols(p, cols);
	tk_buf_release(&title);
	out_begin(p->ctx->out, cols);
	out_empty(p->ctx->out, "no usage");
	rc = print_first(p, n, &total, err);
	if (rc == 0) {
		print_total(p, &total);
		print_mean(p, &total.sums, n);
	}
	latency_release(&total.latency);
	if (rc == 0 && p->args->full)
		rc = print_parts(p, p->r.row, n, err);
	if (rc == 0 && p->args->errors)
		rc = print_errors(p, p->r.row, n, err);
	return rc < 0 ? -1 : print_warnings(p, &total.sums, err);
}

/* "Cost by month and model" */
static void
name_matrix(const struct printing *p, struct tk_buf *name)
{
	const char *metric = series_metrics[p->args->metric].name;

	tk_buf_addf(name, "%c%s by", metric[0] - 'a' + 'A', metric + 1);
	report_out_dims(&p->q, name);
}

int
report_print_matrix(struct printing *p, struct tk_err *err)
{
	struct tk_buf title = TK_BUF_INIT, name = TK_BUF_INIT;
	int rc;

	name_matrix(p, &name);
	p->title = name.s;
	set_document(p, &title);
	tk_buf_release(&title);
	tk_buf_release(&name);
	rc = report_matrix_print(p->ctx, &p->q, &p->r,
	    (enum series_metric)p->args->metric, (size_t)p->args->top,
	    (size_t)p->args->last, err);
	if (rc < 0)
		return -1;
	return report_out_unpriced(p->ctx, &p->q.filter, &p->r.total, err);
}
