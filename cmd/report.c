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
#include "out/out.h"
#include "report.h"
#include "report/report.h"
#include "report_compat.h"
#include "report_out.h"

enum { ORDER_UNSAID = -1 };

struct report_args {
	struct cmd_common common;
	struct cmd_filter filter;
	struct opt_list by;
	int sort;
	bool reverse;
	int64_t top, last;
	bool complete;
	bool quiet_if_empty;
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
	    OPT_FLAG(0, "quiet-if-empty", struct report_args, quiet_if_empty, \
		"print nothing when there is no usage"), \
	    OPT_HANDOUT(struct report_args), OPT_FILTER(struct report_args), \
	    OPT_COMMON(struct report_args)

#define REPORT_COMPAT \
	OPT_CHOICE(0, "compat", struct report_args, compat, "program", \
	    report_compats, "print the JSON of this program")

static const struct opt period_opts[] = {
	OPT_LIST(0, "by", struct report_args, by, "dimension", HINT_DIMENSION,
	    "group by this too: user, model, project, ..."),
	OPT_FLAG(0, "complete", struct report_args, complete,
	    "leave out what is not over yet"),
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
};

enum { MAX_COLS = REPORT_MAX_DIMS + REPORT_SUM_COLS + 8 };

static const struct out_col complete_col = { "complete", "", OUT_BOOL,
	OUT_MACHINE };
static const struct out_col began_col = { "first_activity", "", OUT_TIME,
	OUT_MACHINE };
static const struct out_col ended_col = { "last_activity", "Last activity",
	OUT_TIME, OUT_WIDE };

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
};

static const char *
dim_title(enum report_dim dim)
{
	for (size_t i = 0; i < TK_LEN(dim_titles); i++)
		if (dim_titles[i].dim == dim)
			return dim_titles[i].title;
	return "";
}

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
			dim_title(p->q.dim[i]),
			p->q.dim[i] == DIM_DATE ? OUT_DAY : OUT_TEXT,
			is_period(p->q.dim[i]) ? OUT_PERIOD : 0 };
	if (p->period)
		cols[n++] = complete_col;
	if (p->session) {
		cols[n++] = began_col;
		cols[n++] = ended_col;
	}
	memcpy(cols + n, report_sum_cols, sizeof(report_sum_cols));
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
	struct tk_buf text = TK_BUF_INIT;

	for (size_t d = 0; d < p->q.dims; d++) {
		tk_buf_reset(&text);
		report_key_text(&text, &p->q, row, d);
		if (p->q.dim[d] == DIM_DATE)
			out_day(o, (int32_t)row->key[d]);
		else
			out_text(o, text.len > 0 ? text.s : NULL);
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
	out_bar(o, sums_total(&row->sums));
	out_end_row(o);
	tk_buf_release(&text);
}

static void
print_total(const struct printing *p, const struct usage_sums *total)
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
	report_out_sums(o, total);
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
	out_null(p->ctx->out);
	out_end_row(p->ctx->out);
	tk_buf_release(&label);
}

static int
print_warnings(const struct printing *p, const struct usage_sums *total,
    struct tk_err *err)
{
	if (p->unfinished)
		out_note(p->ctx->out, "* not over yet");
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
	struct out_doc doc = { .schema = p->schema };

	tk_buf_addf(title, "%s, ", p->title);
	cmd_filter_title(&p->args->filter, title);
	doc.title = title->s;
	report_out_range(p->ctx, &p->q.filter, p->r.first, p->r.last, &doc);
	out_document(p->ctx->out, &doc);
}

static int
print_report(struct printing *p, struct tk_err *err)
{
	struct out_col cols[MAX_COLS];
	struct tk_buf title = TK_BUF_INIT;
	struct usage_sums total = { 0 };
	size_t from, to;

	if (p->args->complete)
		drop_incomplete(p);
	if (p->args->sort != ORDER_KEYS || p->args->reverse)
		report_sort(&p->r, &p->q, (enum report_order)p->args->sort,
		    p->args->reverse);
	cut(p, &from, &to);
	set_document(p, &title);
	build_cols(p, cols);
	tk_buf_release(&title);
	if (from == to && p->args->quiet_if_empty) {
		p->ctx->nothing = true;
		return 0;
	}
	out_begin(p->ctx->out, cols);
	out_empty(p->ctx->out, "no usage");
	for (size_t i = from; i < to; i++) {
		print_row(p, &p->r.row[i]);
		sums_add(&total, &p->r.row[i].sums);
	}
	print_total(p, &total);
	print_mean(p, &total, to - from);
	return print_warnings(p, &total, err);
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

static int
run_query(struct printing *p, struct tk_err *err)
{
	int rc;

	p->q.zone = p->ctx->zone;
	p->q.now = p->ctx->now;
	p->q.week_start = p->ctx->week_start;
	if (cmd_filter_read(p->ctx, &p->args->filter, &p->q.filter, err) < 0)
		return -1;
	for (size_t i = 0; i < p->args->by.n; i++)
		if (add_dims(&p->q, p->args->by.v[i], err) < 0)
			return -1;
	if (p->args->compat != COMPAT_NONE)
		return print_compat(p, err);
	if (report_run(&p->r, p->ctx->ledger, &p->q, err) < 0)
		return -1;
	rc = print_report(p, err);
	report_release(&p->r);
	return rc;
}

static void
report_defaults(void *args)
{
	struct report_args *a = args;

	a->sort = ORDER_UNSAID;
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

#define REPORT_CMD(verb, text, ops, options, shown) \
	static const struct cmd cmd_report_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = (ops), \
		.examples = (shown), \
		.opts = (options), \
		.args_size = sizeof(struct report_args), \
		.defaults = report_defaults, \
		.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER, \
		.check = report_check, \
		.run = verb##_run, \
	};

REPORT_CMD(daily, "show usage by day", NULL, period_opts,
    "tokctl report daily --since 7d\tthe last seven days\n"
    "tokctl report daily --by model --json\tby model too, for programs\n")
REPORT_CMD(weekly, "show usage by week", NULL, period_opts,
    "tokctl report weekly --last 5\tthe last five weeks with usage\n")
REPORT_CMD(monthly, "show usage by month", NULL, period_opts,
    "tokctl report monthly --by project\twhat each project took\n")
REPORT_CMD(session, "show usage by conversation", NULL, session_opts,
    "tokctl report session --top 10\tthe ten latest conversations\n")
REPORT_CMD(by, "show usage by any dimensions", "dimension[,dimension...]",
    group_opts,
    "tokctl report by model\twhich models took most\n"
    "tokctl report by user,model --since this-month\tthis month\n")

static const struct cmd *const report_verbs[] = { &cmd_report_daily,
	&cmd_report_weekly, &cmd_report_monthly, &cmd_report_session,
	&cmd_report_block, &cmd_report_by, NULL };

const struct cmd cmd_report = {
	.name = "report",
	.summary = "show where tokens and money went",
	.verbs = report_verbs,
};
