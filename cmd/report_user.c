/*
 * tokctl report user, system - the analytics of the API, for one user and
 * for all: the same fields, with the same meaning
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "filter.h"
#include "ledger/names.h"
#include "limit/people.h"
#include "report.h"
#include "report_out.h"
#include "report_part.h"
#include "report_series.h"
#include "report_user_int.h"

static const struct opt user_opts[] = {
	OPT_CHOICE('g', "granularity", struct user_args, step, "period",
	    series_steps, "a row for each hour, day, week or month"),
	OPT_INT(0, "top", struct user_args, top, "n",
	    "so many applications and models at most"),
	OPT_HANDOUT(struct user_args),
	OPT_FILTER(struct user_args),
	OPT_COMMON(struct user_args),
	OPT_END,
};

enum { DEFAULT_TOP = 10 };

static int
run_by(struct analytics *a, struct report *r, enum report_dim dim,
    struct tk_err *err)
{
	struct report_query q = a->q;

	q.dim[0] = dim;
	q.dims = 1;
	if (report_run(r, a->ctx->ledger, &q, err) < 0)
		return -1;
	report_sort(r, &q, ORDER_TOKENS, false);
	return 0;
}

/* Who could have used something. */
static int
count_person(const struct person *p, void *data, struct tk_err *err)
{
	struct analytics *a = data;

	(void)err;
	if (p->removed == 0) {
		a->users++;
		return 0;
	}
	for (size_t i = 0; i < a->by_user.rows; i++)
		if (a->by_user.row[i].name[0] != NULL &&
		    strcmp(a->by_user.row[i].name[0], p->name) == 0)
			a->users++;
	return 0;
}

static int
collect(struct analytics *a, struct tk_err *err)
{
	if (report_run(&a->r, a->ctx->ledger, &a->q, err) < 0 ||
	    run_by(a, &a->by_application, (enum report_dim)NAME_APPLICATION,
		err) < 0 ||
	    run_by(a, &a->by_model, (enum report_dim)NAME_MODEL, err) < 0 ||
	    (a->q.filter.since < a->q.filter.until &&
		outlook_run(&a->outlook, a->ctx->ledger, &a->q, err) < 0))
		return -1;
	if (a->user != NULL)
		return 0;
	if (run_by(a, &a->by_user, (enum report_dim)NAME_USER, err) < 0 ||
	    run_by(a, &a->by_department, DIM_DEPARTMENT, err) < 0 ||
	    people_each(a->ctx->ledger, a->ctx->now, count_person, a, err) < 0)
		return -1;
	a->active = report_user_named(&a->by_user);
	return 0;
}

static void
set_document(struct analytics *a, const struct ledger_filter *f)
{
	struct tk_buf title = TK_BUF_INIT;
	struct out_doc doc = { .schema = a->user != NULL
		    ? "tokctl.report.user/1"
		    : "tokctl.report.system/1" };

	tk_buf_adds(&title, "Usage of ");
	if (a->user != NULL)
		tk_buf_adds(&title, a->user);
	else
		cmd_filter_title(&a->args->filter, &title);
	doc.title = title.s;
	report_out_range(a->ctx, f, a->r.first, a->r.last, &doc);
	a->since = doc.since;
	a->until = doc.until;
	out_document(a->ctx->out, &doc);
	tk_buf_release(&title);
}

static int
print_analytics(struct analytics *a, struct tk_err *err)
{
	struct out_col cols[2 + REPORT_SUM_COLS];
	struct ledger_filter f = a->q.filter;
	uint32_t id;
	int known = 1;

	if (a->user != NULL)
		known = names_find(ledger_names(a->ctx->ledger), NAME_USER,
		    a->user, &id, err);
	if (known < 0)
		return -1;
	if (known == 0) {
		/* Was added and has no record yet. */
		a->q.filter.names[NAME_USER] = 0;
		a->q.filter.since = a->q.filter.until = a->ctx->now;
	}
	if (collect(a, err) < 0)
		return -1;
	set_document(a, &f);
	report_user_cols(a, cols);
	out_begin(a->ctx->out, cols);
	out_empty(a->ctx->out, "no usage");
	report_user_rows(a);
	if (a->user != NULL)
		report_user_parts(a);
	else
		report_system_parts(a);
	return report_out_unpriced(a->ctx, &a->q.filter, &a->r.total, err);
}

static int
run(struct analytics *a, struct tk_err *err)
{
	struct cmd_filter filter = a->args->filter;
	int rc;

	if (!cmd_filter_has_range(&filter))
		filter.since = "30d";
	if (cmd_filter_read(a->ctx, &filter, &a->q.filter, err) < 0)
		return -1;
	a->q.zone = a->ctx->zone;
	a->q.now = a->ctx->now;
	a->q.week_start = a->ctx->week_start;
	a->q.departments = person_departments;
	a->q.dim[0] = (enum report_dim)a->args->step;
	a->q.dims = 1;
	if (a->user != NULL) {
		a->q.filter.name[NAME_USER] = &a->user;
		a->q.filter.names[NAME_USER] = 1;
		out_filter(a->ctx->out, "user", a->user);
	}
	if (ledger_begin_read(a->ctx->ledger, err) < 0)
		return -1;
	rc = print_analytics(a, err);
	ledger_end_read(a->ctx->ledger);
	report_release(&a->r);
	report_release(&a->by_user);
	report_release(&a->by_application);
	report_release(&a->by_model);
	report_release(&a->by_department);
	return rc;
}

static int
user_report(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct analytics a = { .ctx = ctx, .args = args, .user = argv[0] };
	bool listed;
	int standing;

	(void)argc;
	standing = person_standing(ctx->ledger, a.user, &listed, err);
	if (standing < 0)
		return -1;
	if (standing == PERSON_UNKNOWN)
		return person_unknown(ctx->ledger, a.user, err);
	return run(&a, err);
}

static int
system_report(struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	struct analytics a = { .ctx = ctx, .args = args };

	(void)argc, (void)argv;
	return run(&a, err);
}

static int
check(const struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct user_args *args = args_;

	if (ctx->cmd->operands != NULL && argc != 1) {
		tk_fail(err, TK_USAGE,
		    argc == 0 ? "of which user?" : "one user at a time");
		return tk_hint(err, "as 'tokctl report user alice'");
	}
	if (ctx->cmd->operands != NULL && args->filter.user.n > 0)
		return tk_fail(err, TK_USAGE, "the user %s, and --user too",
		    argv[0]);
	if (args->top < 1)
		return tk_fail(err, TK_USAGE, "--top takes a positive number");
	return cmd_filter_check(ctx, &args->filter, err);
}

static void
system_defaults(void *args_)
{
	struct user_args *args = args_;

	args->step = DIM_DATE;
	args->top = DEFAULT_TOP;
}

/* Where somebody's usage went adds up to all of it. */
static void
user_defaults(void *args_)
{
	struct user_args *args = args_;

	args->step = DIM_DATE;
	args->top = INT64_MAX;
}

const struct cmd cmd_report_user = {
	.name = "user",
	.summary = "show what one user used, and where that leads",
	.operands = "name",
	.examples = "tokctl report user alice\tthe last 30 days\n"
		    "tokctl report user alice --since 7d --json\ta week\n",
	.opts = user_opts,
	.args_size = sizeof(struct user_args),
	.defaults = user_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = check,
	.run = user_report,
};

const struct cmd cmd_report_system = {
	.name = "system",
	.summary = "show who used how much, on what, for how much",
	.examples = "tokctl report system\tthe last 30 days\n"
		    "tokctl report system --period last-month --json\tone\n",
	.opts = user_opts,
	.args_size = sizeof(struct user_args),
	.defaults = system_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = check,
	.run = system_report,
};
