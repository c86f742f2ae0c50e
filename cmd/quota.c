/*
 * tokctl quota - how many tokens somebody may use
 *
 * show, set and unset are here; the gate is in quota_check.c, templates in
 * quota_template.c, requests for more in quota_request.c, and running a
 * command within the limits in quota_run.c.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "cmd.h"
#include "limit.h"
#include "limit/crossing.h"
#include "limit/people.h"
#include "limit/quota.h"
#include "out/out.h"
#include "quota.h"

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
	out_empty(ctx->out, "no quota is set");
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
	bool listed;
	int named = cmd_scope_read(&args->scope, &of, err), boxed;

	(void)argc, (void)argv;
	if (named < 0)
		return -1;
	if (named > 0 && of.scope == SCOPE_USER) {
		int standing =
		    person_standing(ctx->ledger, of.name, &listed, err);

		if (standing < 0)
			return -1;
		if (standing == PERSON_UNKNOWN)
			return person_unknown(ctx->ledger, of.name, err);
	}
	boxed = named > 0 ? quota_has_box(ctx, &of, err) : 0;
	if (boxed < 0)
		return -1;
	return boxed > 0
	    ? quota_box(ctx, &of, args->session, err)
	    : quota_show(ctx, named ? &of : NULL, args->session, err);
}

static const struct cmd cmd_quota_show = {
	.name = "show",
	.summary = "show how much of each quota is used",
	.examples = "tokctl quota show -u alice\thers\n"
		    "tokctl quota show --json\tall, for programs\n",
	.opts = show_opts,
	.args_size = sizeof(struct show_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = show_run,
};

static const struct tk_choice windows[] = {
	{ "calendar", 0 },
	{ "rolling", 1 },
	{ NULL, 0 },
};

struct set_args {
	struct cmd_common common;
	struct cmd_scope scope;
	struct quota_amounts amounts;
	const char *warning, *critical, *template;
	int window;
};

static const struct opt set_opts[] = {
	OPT_SCOPE(struct set_args),
	OPT_AMOUNTS(struct set_args),
	OPT_STR(0, "warning", struct set_args, warning, "part", HINT_NONE,
	    "warn at this part of a limit (0.8)"),
	OPT_STR(0, "critical", struct set_args, critical, "part", HINT_NONE,
	    "critical from this part on (0.95)"),
	OPT_CHOICE(0, "window", struct set_args, window, "window", windows,
	    "days and months of the calendar, or rolling"),
	OPT_STR(0, "template", struct set_args, template, "name", HINT_NONE,
	    "first take the limits of this template"),
	OPT_COMMON(struct set_args),
	OPT_END,
};

const struct opt quota_amount_opts[] = {
	OPT_INT(0, "daily", struct quota_amounts, limit[QUOTA_DAILY], "n",
	    "tokens a day"),
	OPT_INT(0, "monthly", struct quota_amounts, limit[QUOTA_MONTHLY], "n",
	    "tokens a month"),
	OPT_INT(0, "hard", struct quota_amounts, limit[QUOTA_HARD], "n",
	    "tokens for ever"),
	OPT_INT(0, "session-limit", struct quota_amounts, limit[QUOTA_SESSION],
	    "n", "tokens in one session"),
	OPT_END,
};

void
quota_amounts_init(struct quota_amounts *a)
{
	for (int i = 0; i < QUOTA_LIMITS; i++)
		a->limit[i] = QUOTA_ABSENT;
}

int
quota_amounts_check(const struct quota_amounts *a, struct tk_err *err)
{
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (a->limit[i] != QUOTA_ABSENT && a->limit[i] < 0)
			return tk_fail(err, TK_DATA,
			    "--%s%s is negative: %" PRId64,
			    quota_limits[i].name,
			    i == QUOTA_SESSION ? "-limit" : "", a->limit[i]);
	return 0;
}

static void
set_defaults(void *args_)
{
	struct set_args *args = args_;

	quota_amounts_init(&args->amounts);
	args->window = -1;
}

/* What is there already, with what was said over it. */
int
quota_amounts_apply(const struct quota_amounts *a, struct quota *q)
{
	int n = 0;

	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (a->limit[i] == QUOTA_ABSENT)
			continue;
		q->limit[i] = a->limit[i];
		n++;
	}
	return n;
}

static int
apply(const struct set_args *args, struct quota *q, struct tk_err *err)
{
	if (args->warning != NULL &&
	    cmd_read_part("warning", args->warning, &q->warning, err) < 0)
		return -1;
	if (args->critical != NULL &&
	    cmd_read_part("critical", args->critical, &q->critical, err) < 0)
		return -1;
	if (q->warning > q->critical)
		return tk_fail(err, TK_USAGE,
		    "the warning comes after what is critical");
	if (args->window >= 0)
		q->rolling = args->window != 0;
	quota_amounts_apply(&args->amounts, q);
	return 0;
}

/* What quota_get() gives, to stay. */
struct copy {
	struct quota *q;
	struct tk_buf *zone, *template;
};

static int
copy_quota(const struct quota *q, void *data, struct tk_err *err)
{
	struct copy *c = data;

	(void)err;
	*c->q = *q;
	tk_buf_adds(c->zone, q->zone);
	c->q->zone = c->zone->s;
	if (q->template != NULL) {
		tk_buf_adds(c->template, q->template);
		c->q->template = c->template->s;
	}
	return 0;
}

int
quota_load(struct cmd_ctx *ctx, const struct limit_name *of, struct quota *q,
    struct tk_buf *zone, struct tk_buf *template, struct tk_err *err)
{
	struct copy copy = { q, zone, template };
	int found;

	quota_init(q, of, tk_zone_name(ctx->zone));
	found = quota_get(ctx->ledger, of, copy_quota, &copy, err);
	if (found < 0)
		return -1;
	if (ctx->common->tz != NULL)
		q->zone = tk_zone_name(ctx->zone);
	q->of = *of;
	return found;
}

void
quota_say(const struct cmd_ctx *ctx, const struct quota *q)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, "quota of ");
	limit_name_add(&b, &q->of);
	tk_buf_adds(&b, ":");
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (q->limit[i] == QUOTA_ABSENT)
			continue;
		tk_buf_addf(&b, " %s ", quota_limits[i].name);
		tk_int_add_grouped(&b, q->limit[i], &tk_digits_default);
		tk_buf_adds(&b, ",");
	}
	b.s[b.len - 1] = '\0';
	cmd_say(ctx, "%s", b.s);
	tk_buf_release(&b);
}

static int
set_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct set_args *args = args_;
	struct tk_buf zone = TK_BUF_INIT, template = TK_BUF_INIT;
	struct ledger_actor by;
	struct limit_name of;
	struct quota q;
	int rc = -1;

	(void)argc, (void)argv;
	if (quota_amounts_check(&args->amounts, err) < 0 ||
	    cmd_scope_need(&args->scope, "quota", &of, err) < 0 ||
	    cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (quota_load(ctx, &of, &q, &zone, &template, err) < 0 ||
	    (args->template != NULL &&
		quota_template_apply(ctx, args->template, &q, err) < 0) ||
	    apply(args, &q, err) < 0)
		goto out;
	for (int i = 0; i < QUOTA_LIMITS; i++)
		rc = q.limit[i] != QUOTA_ABSENT ? 0 : rc;
	if (rc < 0) {
		tk_fail(err, TK_USAGE, "how many tokens?");
		tk_hint(err, "give --daily, --monthly, --hard, ...");
		goto out;
	}
	rc = -1;
	if (person_may_set(ctx->ledger, &of, &by, err) < 0 ||
	    cmd_scope_user(ctx, &of, &by, err) < 0 ||
	    quota_put(ctx->ledger, &q, &by, "quota.set", err) < 0 ||
	    ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
		goto out;
	quota_say(ctx, &q);
	rc = 0;
	if (ctx->common->format > 0)
		rc = quota_show(ctx, &of, NULL, err);
out:
	ledger_rollback(ctx->ledger);
	tk_buf_release(&zone);
	tk_buf_release(&template);
	return rc;
}

static const struct cmd cmd_quota_set = {
	.name = "set",
	.summary = "set limits, at once",
	.format = "table",
	.examples = "tokctl quota set -u alice --daily 10000 --monthly "
		    "300000\n"
		    "tokctl quota set --everyone --daily 1000000 --tz UTC\n",
	.opts = set_opts,
	.args_size = sizeof(struct set_args),
	.defaults = set_defaults,
	.needs = CMD_OUT | CMD_LEDGER_WRITE,
	.run = set_run,
};

struct unset_args {
	struct cmd_common common;
	struct cmd_scope scope;
	bool limit[QUOTA_LIMITS];
};

static const struct opt unset_opts[] = {
	OPT_SCOPE(struct unset_args),
	OPT_FLAG(0, "daily", struct unset_args, limit[QUOTA_DAILY],
	    "only the limit a day"),
	OPT_FLAG(0, "monthly", struct unset_args, limit[QUOTA_MONTHLY],
	    "only the limit a month"),
	OPT_FLAG(0, "hard", struct unset_args, limit[QUOTA_HARD],
	    "only the limit for ever"),
	OPT_FLAG(0, "session-limit", struct unset_args, limit[QUOTA_SESSION],
	    "only the limit of sessions"),
	OPT_COMMON(struct unset_args),
	OPT_END,
};

static int
unset(struct cmd_ctx *ctx, const struct unset_args *args,
    const struct limit_name *of, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct tk_buf zone = TK_BUF_INIT, template = TK_BUF_INIT;
	struct quota q;
	int left = 0, some = 0, rc = -1;
	int found = quota_load(ctx, of, &q, &zone, &template, err);

	if (found == 0) {
		struct tk_buf name = TK_BUF_INIT;

		limit_name_add(&name, of);
		tk_fail(err, TK_NOTFOUND, "there is no quota of %.200s",
		    name.s);
		tk_buf_release(&name);
	}
	if (found <= 0)
		goto out;
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		some += args->limit[i];
		if (args->limit[i])
			q.limit[i] = QUOTA_ABSENT;
		left += q.limit[i] != QUOTA_ABSENT;
	}
	rc = some > 0 && left > 0
	    ? quota_put(ctx->ledger, &q, by, "quota.set", err)
	    : quota_remove(ctx->ledger, of, by, err);
out:
	tk_buf_release(&zone);
	tk_buf_release(&template);
	return rc < 0 ? -1 : 0;
}

static int
unset_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct unset_args *args = args_;
	struct tk_buf name = TK_BUF_INIT;
	struct ledger_actor by;
	struct limit_name of;
	int rc = -1;

	(void)argc, (void)argv;
	if (cmd_scope_need(&args->scope, "quota", &of, err) < 0 ||
	    cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (person_may_set(ctx->ledger, &of, &by, err) == 0 &&
	    unset(ctx, args, &of, &by, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0) {
		limit_name_add(&name, &of);
		cmd_say(ctx, "the limits of %s are gone", name.s);
	}
	tk_buf_release(&name);
	return rc;
}

static const struct cmd cmd_quota_unset = {
	.name = "unset",
	.summary = "take limits away",
	.opts = unset_opts,
	.args_size = sizeof(struct unset_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = unset_run,
};

static const struct cmd *const quota_verbs[] = { &cmd_quota_show,
	&cmd_quota_set, &cmd_quota_unset, &cmd_quota_check, &cmd_quota_reserve,
	&cmd_quota_settle, &cmd_quota_release, &cmd_quota_run,
	&cmd_quota_template, &cmd_quota_request, &cmd_quota_requests,
	&cmd_quota_approve, &cmd_quota_deny, NULL };

const struct cmd cmd_quota = {
	.name = "quota",
	.summary = "set token limits, and stay within them",
	.verbs = quota_verbs,
};
