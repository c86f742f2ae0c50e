/*
 * tokctl quota show - how much of each limit is used
 */
#include "quota.h"

#include "base/buf.h"
#include "limit.h"
#include "limit/crossing.h"
#include "limit/use.h"
#include "out/out.h"

/* Of limits, and how much of each is used. */
static const struct out_col use_cols[] = {
	CMD_WHOSE_COL("Limit of"),
	{ "scope", "Scope", OUT_TEXT, OUT_MACHINE },
	{ "name", "Name", OUT_TEXT, OUT_MACHINE },
	{ "application", "Application", OUT_TEXT, OUT_MACHINE },
	{ "period", "Period", OUT_TEXT, 0 },
	{ "window", "Window", OUT_TEXT, OUT_MACHINE },
	{ "kind", "Kind", OUT_TEXT, OUT_MACHINE },
	{ "used", "Used", OUT_INT, 0 },
	{ "reserved", "Reserved", OUT_INT, OUT_EXTRA },
	{ "limit", "Limit", OUT_INT, 0 },
	{ "remaining", "Left", OUT_INT, OUT_WIDE },
	{ "used_ratio", "Used", OUT_RATIO, 0 },
	CMD_GAUGE_COL,
	{ "state", "State", OUT_TEXT, OUT_STATE },
	{ "period_elapsed_ratio", "Elapsed", OUT_RATIO, OUT_MACHINE },
	{ "starts_at", "Since", OUT_TIME, OUT_MACHINE },
	{ "resets_at", "Resets", OUT_TIME, OUT_WIDE },
	{ "warning_threshold", "Warning", OUT_RATIO, OUT_MACHINE },
	{ "critical_threshold", "Critical", OUT_RATIO, OUT_MACHINE },
	{ "session", "Session", OUT_TEXT, OUT_MACHINE },
	{ "timezone", "Zone", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

static void
put_use(struct out *o, const struct limit_use *u, int64_t now, int64_t ends)
{
	bool has_pace =
	    ends > u->start && u->period < PERIOD_HARD && !u->rolling;

	cmd_out_whose(o, &u->of);
	out_text(o, limit_scope_name(u->of.scope));
	out_text(o, u->of.scope == SCOPE_EVERYONE ? NULL : u->of.name);
	out_text(o, *u->of.name2 != '\0' ? u->of.name2 : NULL);
	out_text(o, limit_period_name(u->period));
	out_text(o, u->rolling ? "rolling" : "calendar");
	out_text(o, u->kind == LIMIT_QUOTA ? "tokens" : "usd");
	out_int(o, u->used);
	out_int(o, u->held);
	out_int(o, u->amount);
	out_int(o, u->remaining);
	out_ratio(o, u->used, u->amount);
	cmd_out_gauge(o, u->used, u->amount, now - u->start,
	    has_pace ? ends - u->start : 0);
	out_text(o, limit_use_state(u));
	if (has_pace)
		out_ratio(o, now - u->start, ends - u->start);
	else
		out_null(o);
	if (u->period < PERIOD_HARD && !u->rolling)
		out_time(o, u->start);
	else
		out_null(o);
	out_moment(o, u->resets_at);
	out_ratio(o, u->thresholds > 0 ? u->threshold[0] : CROSSING_FULL,
	    CROSSING_FULL);
	out_ratio(o, u->critical, CROSSING_FULL);
	out_text(o, *u->session != '\0' ? u->session : NULL);
	out_text(o, *u->zone != '\0' ? u->zone : NULL);
	out_end_row(o);
}

struct show_args {
	struct cmd_common common;
	struct cmd_scope scope;
	const char *session;
};

static const struct opt show_opts[] = {
	OPT_SCOPE(struct show_args),
	OPT_STR(0, "session", struct show_args, session, "name", HINT_SESSION,
	    "how much of session limits this one used"),
	OPT_COMMON(struct show_args),
	OPT_END,
};

struct showing {
	struct cmd_ctx *ctx;
	const char *session;
	int64_t now;
	bool any;
};

static int
show_use(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct showing *s = data;

	(void)err;
	if (u->kind != LIMIT_QUOTA)
		return 0;
	s->any = true;
	put_use(s->ctx->out, u, s->now, u->resets_at);
	return 0;
}

static int
show_quota(const struct quota *q, void *data, struct tk_err *err)
{
	struct showing *s = data;

	return limit_each_use(s->ctx->ledger, &q->of, s->session, s->now,
	    show_use, s, err);
}

int
quota_show(struct cmd_ctx *ctx, const struct limit_name *of,
    const char *session, struct tk_err *err)
{
	struct showing s = { ctx, session, ctx->now, false };
	struct tk_buf title = TK_BUF_INIT;
	int rc;

	tk_buf_adds(&title, "Quotas");
	if (of != NULL) {
		tk_buf_adds(&title, ": ");
		limit_name_add(&title, of);
	}
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.quota.show/1",
		.title = title.s });
	tk_buf_release(&title);
	if (of != NULL)
		out_filter(ctx->out, limit_scope_name(of->scope), of->name);
	out_begin(ctx->out, use_cols);
	out_empty(ctx->out, "no quota is set; 'tokctl quota set' sets one");
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	if (of != NULL)
		rc = limit_each_use(ctx->ledger, of, session, ctx->now,
		    show_use, &s, err);
	else
		rc = quota_each(ctx->ledger, show_quota, &s, err);
	ledger_end_read(ctx->ledger);
	return rc;
}

static int
show_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct show_args *args = args_;
	struct limit_name of;
	int named = cmd_scope_read(&args->scope, &of, err), boxed;

	(void)argc, (void)argv;
	if (named < 0 || (named > 0 && cmd_scope_known(ctx, &of, err) < 0))
		return -1;
	boxed = named > 0 ? quota_has_box(ctx, &of, err) : 0;
	if (boxed < 0)
		return -1;
	return boxed > 0
	    ? quota_box(ctx, &of, args->session, err)
	    : quota_show(ctx, named ? &of : NULL, args->session, err);
}

const struct cmd cmd_quota_show = {
	.name = "show",
	.summary = "show how much of each quota is used",
	.examples = "tokctl quota show -u alice\thers\n"
		    "tokctl quota show --json\tall, for programs\n",
	.opts = show_opts,
	.args_size = sizeof(struct show_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = show_run,
};
