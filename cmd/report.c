/*
 * tokctl report - where tokens and money went
 *
 * Every verb is the same query with other dimensions: report/report.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/time.h"
#include "cmd.h"
#include "filter.h"
#include "limit/people.h"
#include "out/out.h"
#include "report.h"
#include "report/compare.h"
#include "report/latency.h"
#include "report/report.h"
#include "report/series.h"
#include "report_compat.h"
#include "report_extra.h"
#include "report_matrix.h"
#include "report_out.h"
#include "report_part.h"

enum { ORDER_UNSAID = -1, UNSAID = -1 };

struct report_args {
	struct cmd_common common;
	struct cmd_filter filter;
	struct opt_list by;
	int sort;
	bool reverse;
	int64_t top, last;
	bool complete;
	bool full;
	bool success, latency, errors;
	int compare;
	bool matrix;
	int step, metric;
	int compat;
};

#define REPORT_OPTS \
	OPT_CHOICE(0, "sort", struct report_args, sort, "order", \
	    report_orders, "order the rows by"), \
	    OPT_FLAG('r', "reverse", struct report_args, reverse, \
		"the other way round"), \
	    OPT_INT(0, "top", struct report_args, top, "n", \
		"only the n first rows"), \
	    OPT_INT(0, "last", struct report_args, last, "n", \
		"only the n last rows"), \
	    OPT_FLAG(0, "success", struct report_args, success, \
		"also how many calls succeeded"), \
	    OPT_FLAG(0, "latency", struct report_args, latency, \
		"also how long calls took: p50, p95, p99"), \
	    OPT_FLAG(0, "errors", struct report_args, errors, \
		"also the errors, by their code"), \
	    OPT_CHOICE(0, "compare", struct report_args, compare, "with", \
		compare_choices, "put the period before beside it"), \
	    OPT_HANDOUT(struct report_args), OPT_FILTER(struct report_args), \
	    OPT_COMMON(struct report_args)

static const struct tk_choice compare_choices[] = {
	{ "none", 0 },
	{ "previous", 1 },
	{ NULL, 0 },
};

#define REPORT_MATRIX \
	OPT_FLAG(0, "matrix", struct report_args, matrix, \
	    "groups down, periods across"), \
	    OPT_CHOICE('M', "metric", struct report_args, metric, "metric", \
		series_metrics, "what a matrix is made of (cost)")

#define REPORT_COMPAT \
	OPT_CHOICE(0, "compat", struct report_args, compat, "program", \
	    report_compats, "print the JSON of this program")

static const struct opt period_opts[] = {
	OPT_LIST(0, "by", struct report_args, by, "dimension", HINT_DIMENSION,
	    "group by this too: user, model, project, ..."),
	OPT_FLAG(0, "complete", struct report_args, complete,
	    "leave out what is not over yet"),
	OPT_FLAG(0, "full", struct report_args, full,
	    "also by hour, application, ...: all there is to say"),
	REPORT_MATRIX,
	REPORT_COMPAT,
	REPORT_OPTS,
	OPT_END,
};

static const struct opt session_opts[] = {
	OPT_LIST(0, "by", struct report_args, by, "dimension", HINT_DIMENSION,
	    "group by this too: user, model, project, ..."),
	REPORT_COMPAT,
	REPORT_OPTS,
	OPT_END,
};

static const struct opt group_opts[] = {
	OPT_CHOICE('g', "granularity", struct report_args, step, "period",
	    series_steps, "by hour, day, week or month too"),
	REPORT_MATRIX,
	REPORT_OPTS,
	OPT_END,
};

/* One report while it is printed. */
struct printing {
	struct cmd_ctx *ctx;
	const struct report_args *args;
	struct report_query q;
	struct report r;
	const char *schema, *title;
	bool period;     /* the first dimension is a day, week or month */
	bool session;    /* show when each row began and ended */
	bool unfinished; /* a row that was printed is not over yet */
	int extra;       /* enum report_extra */
	struct comparison c;
};

enum { MAX_COLS = REPORT_MAX_DIMS + REPORT_SUM_COLS + EXTRA_COLS + 8 };

static const struct out_col complete_col = { "complete", "", OUT_BOOL,
	OUT_MACHINE };
static const struct out_col began_col = { "first_activity", "", OUT_TIME,
	OUT_MACHINE };
static const struct out_col ended_col = { "last_activity", "Last activity",
	OUT_TIME, OUT_WIDE };

static bool
is_period(enum report_dim dim)
{
	return dim >= DIM_HOUR && dim <= DIM_MONTH;
}

static void
build_cols(const struct printing *p, struct out_col cols[MAX_COLS])
{
	size_t n = 0;

	for (size_t i = 0; i < p->q.dims; i++)
		cols[n++] = (struct out_col){ report_dim_key(p->q.dim[i]),
			report_dim_title(p->q.dim[i]),
			report_dim_type(p->q.dim[i]),
			is_period(p->q.dim[i]) ? OUT_PERIOD : 0 };
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
	}
	if (p->period)
		out_bool(o, is_complete(p, row));
	if (p->session) {
		out_time(o, row->first);
		out_time(o, row->last);
	}
	report_out_sums(o, &row->sums);
	report_extra_out(o, p->extra, &row->sums, row->before, row->latency);
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
print_total(const struct printing *p, const struct shown_total *t)
{
	struct out *o = p->ctx->out;

	out_total(o);
	for (size_t d = 0; d < p->q.dims; d++)
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
	return report_out_unpriced(p->ctx, &p->q.filter, total, err);
}

/* Which rows to show: [*from, *to). */
static void
cut(const struct printing *p, size_t *from, size_t *to)
{
	*from = 0;
	*to = p->r.rows;
	if ((size_t)p->args->top < *to)
		*to = (size_t)p->args->top;
	if ((size_t)p->args->last < *to - *from)
		*from = *to - (size_t)p->args->last;
}

static void
drop_incomplete(struct printing *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->r.rows; i++)
		if (is_complete(p, &p->r.row[i]))
			p->r.row[kept++] = p->r.row[i];
	p->r.rows = kept;
}

static void
set_document(struct printing *p, struct tk_buf *title)
{
	struct out_doc doc = { .schema = p->schema,
		.week_start = p->ctx->week_start };

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
	return report_part_advice(p->ctx, &q, true, err);
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

static int
print_report(struct printing *p, struct tk_err *err)
{
	struct out_col cols[MAX_COLS];
	struct tk_buf title = TK_BUF_INIT;
	struct shown_total total = { 0 };
	size_t from, to;
	int rc;

	if (p->args->complete)
		drop_incomplete(p);
	if (p->args->sort != ORDER_KEYS || p->args->reverse)
		report_sort(&p->r, &p->q, (enum report_order)p->args->sort,
		    p->args->reverse);
	cut(p, &from, &to);
	set_document(p, &title);
	build_cols(p, cols);
	tk_buf_release(&title);
	out_begin(p->ctx->out, cols);
	out_empty(p->ctx->out, "no usage");
	for (size_t i = from; i < to; i++) {
		print_row(p, &p->r.row[i]);
		add_row(&total, &p->r.row[i]);
	}
	print_total(p, &total);
	print_mean(p, &total.sums, to - from);
	latency_release(&total.latency);
	rc =
	    p->args->full ? print_parts(p, &p->r.row[from], to - from, err) : 0;
	if (rc == 0 && p->args->errors)
		rc = print_errors(p, &p->r.row[from], to - from, err);
	return rc < 0 ? -1 : print_warnings(p, &total.sums, err);
}

/* "Cost by month and model" */
static void
name_matrix(const struct printing *p, struct tk_buf *name)
{
	const char *metric = series_metrics[p->args->metric].name;

	tk_buf_addf(name, "%c%s by", metric[0] - 'a' + 'A', metric + 1);
	for (size_t d = 0; d < p->q.dims; d++)
		tk_buf_addf(name, "%s %s", d == 0 ? "" : " and",
		    report_dim_key(p->q.dim[d]));
}

static int
print_matrix(struct printing *p, struct tk_err *err)
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

static int
unknown_dim(const char *word, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest near;

	tk_fail(err, TK_USAGE, "'%s' is no dimension", word);
	tk_suggest_init(&near, word);
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		tk_suggest_offer(&near, c->name);
	tk_suggest_add(&near, &hint);
	tk_buf_adds(&hint, hint.len > 0 ? " it is one of" : "one of");
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		tk_buf_addf(&hint, "%s %s", c == report_dims ? "" : ",",
		    c->name);
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

/* "user,model": add the dimensions to the query. */
static int
add_dims(struct report_query *q, const char *list, struct tk_err *err)
{
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		const struct tk_choice *c = report_dims;
		char word[32];

		while (c->name != NULL &&
		    (strncmp(c->name, s, n) != 0 || c->name[n] != '\0'))
			c++;
		if (c->name == NULL) {
			snprintf(word, sizeof(word), "%.*s", (int)n, s);
			return unknown_dim(word, err);
		}
		for (size_t d = 0; d < q->dims; d++)
			if (q->dim[d] == (enum report_dim)c->value)
				return tk_fail(err, TK_USAGE,
				    "'%s' is a dimension already", c->name);
		if (q->dims == REPORT_MAX_DIMS)
			return tk_fail(err, TK_USAGE, "more than %d dimensions",
			    REPORT_MAX_DIMS);
		q->dim[q->dims++] = (enum report_dim)c->value;
		s += n;
		if (*s == '\0')
			return 0;
	}
}

/* --granularity: a dimension of time after the others. */
static int
add_step(struct report_query *q, int step, struct tk_err *err)
{
	return step == UNSAID
	    ? 0
	    : add_dims(q, report_dim_key((enum report_dim)step), err);
}

/* A matrix has one dimension of time and at least one other. */
static int
check_matrix(const struct report_args *args, size_t dims, struct tk_err *err)
{
	if (!args->matrix)
		return 0;
	if (args->full || args->compare > 0 || args->success || args->latency ||
	    args->errors || args->complete || args->sort != ORDER_UNSAID ||
	    args->reverse)
		return tk_fail(err, TK_USAGE,
		    "--matrix takes no other columns and no other order");
	if (dims < 2) {
		tk_fail(err, TK_USAGE, "a matrix of what?");
		return tk_hint(err,
		    "as 'tokctl report monthly --by model --matrix' or "
		    "'tokctl report by model -g week --matrix'");
	}
	return 0;
}

static int
check_limits(const struct cmd_ctx *ctx, const struct report_args *args,
    struct tk_err *err)
{
	if (args->compat != COMPAT_NONE &&
	    (args->by.n > 0 || args->sort != ORDER_UNSAID || args->complete))
		return tk_fail(err, TK_USAGE, "--%s does not go with --compat",
		    args->by.n > 0       ? "by"
			: args->complete ? "complete"
					 : "sort");
	if (report_compat_check(ctx, args->compat, err) < 0)
		return -1;
	if (args->full && (args->by.n > 0 || args->sort != ORDER_UNSAID))
		return tk_fail(err, TK_USAGE, "--full does not go with --%s",
		    args->by.n > 0 ? "by" : "sort");
	if (args->top < 1 || args->last < 1)
		return tk_fail(err, TK_USAGE, "--%s takes a positive number",
		    args->top < 1 ? "top" : "last");
	return 0;
}

static int
report_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct report_args *args = args_;
	struct report_query q = { 0 };

	if (argc == 0 && ctx->cmd->operands != NULL) {
		tk_fail(err, TK_USAGE, "by what?");
		return tk_hint(err,
		    "as 'tokctl report by model' or "
		    "'tokctl report by user,model'");
	}
	for (int i = 0; i < argc; i++)
		if (add_dims(&q, argv[i], err) < 0)
			return -1;
	for (size_t i = 0; i < args->by.n; i++)
		if (add_dims(&q, args->by.v[i], err) < 0)
			return -1;
	if (add_step(&q, args->step, err) < 0 ||
	    check_matrix(args, q.dims + (ctx->cmd->operands == NULL), err) < 0)
		return -1;
	if (check_limits(ctx, args, err) < 0)
		return -1;
	return cmd_filter_check(ctx, &args->filter, err);
}

static int
print_compat(const struct printing *p, struct tk_err *err)
{
	const struct report_args *args = p->args;

	return report_compat_run(p->ctx, &p->q,
	    (enum report_compat)args->compat,
	    &(struct compat_rows){ args->reverse, args->top, args->last }, err);
}

/*
 * With --last, older periods need not be read: which there are is known from
 * the roll-ups.  What is said of the range stays that of all.
 */
static int
read_rows(struct printing *p, struct tk_err *err)
{
	struct ledger_filter all = p->q.filter;
	struct report_query q = p->q;
	struct report r = { .first = INT64_MAX };
	size_t last = (size_t)p->args->last + 1; /* one may not be over */
	int rc;

	if (p->period && (q.dims > 1 || q.latency) && !p->args->matrix &&
	    p->args->last < INT32_MAX && p->args->top == INT64_MAX &&
	    p->args->compare <= 0 && p->args->sort == ORDER_KEYS &&
	    !p->args->reverse && ledger_filter_is_all(&all)) {
		q.dims = 1;
		q.latency = false;
		if (report_run(&r, p->ctx->ledger, &q, err) < 0)
			return -1;
		if (r.rows > last)
			p->q.filter.since = report_key_start(&q, q.dim[0],
			    r.row[r.rows - last].key[0]);
		if (p->q.filter.since < all.since)
			p->q.filter.since = all.since;
	}
	rc = report_run(&p->r, p->ctx->ledger, &p->q, err);
	p->q.filter = all;
	if (rc == 0 && r.first < p->r.first)
		p->r.first = r.first;
	report_release(&r);
	return rc;
}

static int
run_query(struct printing *p, struct tk_err *err)
{
	int rc;

	p->q.zone = p->ctx->zone;
	p->q.now = p->ctx->now;
	p->q.week_start = p->ctx->week_start;
	p->q.departments = person_departments;
	p->q.latency = p->args->latency;
	p->extra = (p->args->success ? EXTRA_SUCCESS : 0) |
	    (p->args->latency ? EXTRA_LATENCY : 0) |
	    (p->args->compare > 0 ? EXTRA_BEFORE : 0);
	if (cmd_filter_read(p->ctx, &p->args->filter, &p->q.filter, err) < 0)
		return -1;
	for (size_t i = 0; i < p->args->by.n; i++)
		if (add_dims(&p->q, p->args->by.v[i], err) < 0)
			return -1;
	if (p->args->compat != COMPAT_NONE)
		return print_compat(p, err);
	if (ledger_begin_read(p->ctx->ledger, err) < 0)
		return -1;
	rc = read_rows(p, err);
	if (rc == 0 && (p->extra & EXTRA_BEFORE))
		rc = report_compare(&p->c, &p->r, p->ctx->ledger, &p->q, err);
	if (p->c.by_row)
		p->extra |= EXTRA_BY_ROW;
	if (rc == 0)
		rc = p->args->matrix ? print_matrix(p, err)
				     : print_report(p, err);
	report_release(&p->r);
	comparison_release(&p->c);
	ledger_end_read(p->ctx->ledger);
	return rc;
}

static void
report_defaults(void *args)
{
	struct report_args *a = args;

	a->sort = ORDER_UNSAID;
	a->compare = a->step = UNSAID;
	a->metric = SERIES_COST;
	a->top = a->last = INT64_MAX;
}

static int
run_period(struct cmd_ctx *ctx, const void *args_, enum report_dim dim,
    const char *schema, const char *title, struct tk_err *err)
{
	struct report_args args = *(const struct report_args *)args_;
	struct printing p = { .ctx = ctx,
		.args = &args,
		.schema = schema,
		.title = title,
		.period = true };

	if (args.sort == ORDER_UNSAID)
		args.sort = ORDER_KEYS;
	/* How weeks change is what they are looked at for. */
	if (args.compare == UNSAID && dim == DIM_WEEK && args.by.n == 0)
		args.compare = 1;
	p.q.dim[p.q.dims++] = dim;
	return run_query(&p, err);
}

static int
daily_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)argc, (void)argv;
	return run_period(ctx, args, DIM_DATE, "tokctl.report.daily/1",
	    "Usage by day", err);
}

static int
weekly_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)argc, (void)argv;
	return run_period(ctx, args, DIM_WEEK, "tokctl.report.weekly/1",
	    "Usage by week", err);
}

static int
monthly_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)argc, (void)argv;
	return run_period(ctx, args, DIM_MONTH, "tokctl.report.monthly/1",
	    "Usage by month", err);
}

static int
session_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	struct report_args args = *(const struct report_args *)args_;
	struct printing p = { .ctx = ctx,
		.args = &args,
		.schema = "tokctl.report.session/1",
		.title = "Usage by session",
		.session = true };

	(void)argc, (void)argv;
	if (args.sort == ORDER_UNSAID)
		args.sort = ORDER_LAST;
	p.q.dim[p.q.dims++] = (enum report_dim)NAME_SESSION;
	return run_query(&p, err);
}

static int
by_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	struct report_args args = *(const struct report_args *)args_;
	struct printing p = { .ctx = ctx,
		.args = &args,
		.schema = "tokctl.report.by/1" };
	struct tk_buf title = TK_BUF_INIT;
	int rc = -1;

	for (int i = 0; i < argc; i++)
		if (add_dims(&p.q, argv[i], err) < 0)
			return -1;
	if (add_step(&p.q, args.step, err) < 0)
		return -1;
	tk_buf_adds(&title, "Usage by");
	for (size_t d = 0; d < p.q.dims; d++)
		tk_buf_addf(&title, "%s %s", d == 0 ? "" : " and",
		    report_dim_key(p.q.dim[d]));
	p.title = title.s;
	p.period = p.q.dim[0] >= DIM_HOUR && p.q.dim[0] <= DIM_MONTH;
	if (args.sort == ORDER_UNSAID)
		args.sort = p.period ? ORDER_KEYS : ORDER_TOKENS;
	rc = run_query(&p, err);
	tk_buf_release(&title);
	return rc;
}

#define REPORT_CMD(verb, text, ops, options, more, shown) \
	static const struct cmd cmd_report_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = (ops), \
		.examples = (shown), \
		.opts = (options), \
		.args_size = sizeof(struct report_args), \
		.defaults = report_defaults, \
		.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER | (more), \
		.check = report_check, \
		.run = verb##_run, \
	};

REPORT_CMD(daily, "show usage by day", NULL, period_opts, 0,
    "tokctl report daily --since 7d\tthe last seven days\n"
    "tokctl report daily --by model --json\tby model too, for programs\n")
REPORT_CMD(weekly, "show usage by week", NULL, period_opts, 0,
    "tokctl report weekly --last 5\tthe last five weeks with usage\n")
REPORT_CMD(monthly, "show usage by month", NULL, period_opts, CMD_PRICES,
    "tokctl report monthly --by project\twhat each project took\n")
REPORT_CMD(session, "show usage by conversation", NULL, session_opts, 0,
    "tokctl report session --top 10\tthe ten latest conversations\n")
REPORT_CMD(by, "show usage by any dimensions", "dimension[,dimension...]",
    group_opts, 0,
    "tokctl report by model\twhich models took most\n"
    "tokctl report by user,model --since this-month\tthis month\n")

static const struct cmd *const report_verbs[] = { &cmd_report_daily,
	&cmd_report_weekly, &cmd_report_monthly, &cmd_report_session,
	&cmd_report_block, &cmd_report_by, &cmd_report_user, &cmd_report_system,
	&cmd_report_calendar, &cmd_report_advice, &cmd_report_trend,
	&cmd_report_anomalies, &cmd_report_forecast, &cmd_report_accuracy,
	NULL };

const struct cmd cmd_report = {
	.name = "report",
	.summary = "show where tokens and money went",
	.verbs = report_verbs,
};
