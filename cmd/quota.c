/*
 * tokctl quota - how many tokens somebody may use
 *
 * set and unset are here; show is in quota_show.c, the gate in quota_check.c,
 * templates in quota_template.c, requests for more in quota_request.c, and
 * running a command within the limits in quota_run.c.
 */
#include <inttypes.h>

#include "base/buf.h"
#include "base/time.h"
#include "cmd.h"
#include "limit.h"
#include "limit/people.h"
#include "limit/quota.h"
#include "quota.h"

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
