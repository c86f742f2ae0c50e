/*
 * tokctl report - where tokens and money went
 *
 * Every verb is the same query with other dimensions: report/report.h.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/time.h"
#include "cmd.h"
#include "filter.h"
#include "limit/people.h"
#include "report/compare.h"
#include "report/report.h"
#include "report/series.h"
#include "report_compat.h"
#include "report_extra.h"
#include "report_int.h"
#include "report_out.h"

#define REPORT_OPTS \
	OPT_CHOICE(0, "sort", struct report_args, sort, "order", \
	    report_orders, "order the rows by"), \
	    OPT_FLAG('r', "reverse", struct report_args, reverse, \
		"the other way round"), \
	    OPT_INT(0, "top", struct report_args, top, "n", \
		"only the n first rows"), \
	    OPT_INT(0, "last", struct report_args, last, "n", \
		"only the n latest rows"), \
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

static int
print_compat(const struct printing *p, struct tk_err *err)
{
	const struct report_args *args = p->args;

	return report_compat_run(p->ctx, &p->q,
	    (enum report_compat)args->compat,
	    &(struct compat_rows){ args->reverse, args->top, args->last }, err);
}

/* A matrix and a comparison need all rows, by their keys; with --last, the
 * latest are looked for and ordered when they are printed. */
static void
in_order(struct printing *p, struct report_query *q)
{
	const struct report_args *args = p->args;
	bool latest = args->last < INT64_MAX;
	int64_t most = latest ? args->last : args->top;

	if (args->matrix || (p->extra & EXTRA_BEFORE))
		return;
	q->order = latest ? ORDER_LAST : (enum report_order)args->sort;
	q->reverse = args->reverse && !latest;
	q->top = args->complete || most == INT64_MAX ? 0 : (size_t)most;
	/* What else is printed of periods looks at their rows again. */
	q->stream = !latest && !args->full && !args->errors && !args->complete;
	p->sorted = !latest;
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
	    p->args->last < INT32_MAX && p->args->compare <= 0 &&
	    ledger_filter_is_all(&all)) {
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
	q = p->q;
	in_order(p, &q);
	rc = report_run(&p->r, p->ctx->ledger, &q, err);
	p->read = q.filter;
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
		if (report_args_dims(&p->q, p->args->by.v[i], err) < 0)
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
		rc = p->args->matrix ? report_print_matrix(p, err)
				     : report_print_rows(p, err);
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
		if (report_args_dims(&p.q, argv[i], err) < 0)
			return -1;
	if (report_args_step(&p.q, args.step, err) < 0)
		return -1;
	tk_buf_adds(&title, "Usage by");
	report_out_dims(&p.q, &title);
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
		.check = report_args_check, \
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
