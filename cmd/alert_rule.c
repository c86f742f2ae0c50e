/*
 * tokctl alert rules, add, remove - who is told of what
 */
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "alert/outbox.h"
#include "alert/rule.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "mail/mail.h"
#include "json/write.h"

static const struct out_col rule_cols[] = {
	{ "name", "Rule", OUT_TEXT, 0 },
	{ "on", "On", OUT_TEXT, 0 },
	{ "scope", "Scope", OUT_TEXT, OUT_MACHINE },
	{ "who", "Who", OUT_TEXT, 0 },
	{ "application", "Application", OUT_TEXT, OUT_MACHINE },
	{ "period", "Period", OUT_TEXT, OUT_MEDIUM },
	{ "threshold", "At", OUT_RATIO, 0 },
	{ "severity", "From", OUT_TEXT, OUT_MEDIUM },
	{ "cool_down_ms", "Cool-down", OUT_INT, OUT_MACHINE },
	{ "channels", "Tells", OUT_TEXT, 0 },
	{ "message", "Message", OUT_TEXT, OUT_MACHINE },
	{ "built_in", "Built in", OUT_BOOL, OUT_MACHINE },
	OUT_COL_END,
};

/* Rules with texts of their own: who they tell is asked for each. */
struct rules {
	struct alert_rule *v;
	size_t n;
};

static int
keep_rule(const struct alert_rule *r, void *data, struct tk_err *err)
{
	struct rules *all = data;
	struct alert_rule *to;

	(void)err;
	all->v = tk_xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	to = &all->v[all->n++];
	*to = *r;
	to->name = tk_xstrdup(r->name);
	to->who = tk_xstrdup(r->who);
	to->who2 = tk_xstrdup(r->who2);
	if (r->message != NULL)
		to->message = tk_xstrdup(r->message);
	return 0;
}

static void
free_text(const char *s)
{
	free((char *)(uintptr_t)s);
}

static void
rules_release(struct rules *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free_text(all->v[i].name);
		free_text(all->v[i].who);
		free_text(all->v[i].who2);
		free_text(all->v[i].message);
	}
	free(all->v);
}

static int
add_channel(const struct target *t, void *data, struct tk_err *err)
{
	struct tk_buf *b = data;

	(void)err;
	tk_buf_addf(b, ", %s ", target_kinds[t->kind].name);
	tk_buf_adds(b, t->name != NULL ? t->name : t->address);
	return 0;
}

static void
rule_row(struct out *o, const struct alert_rule *r, const char *channels,
    bool built_in)
{
	out_text(o, r->name);
	out_text(o, r->kind < 0 ? "any" : alert_kinds[r->kind].name);
	out_text(o,
	    r->scope < 0 ? NULL : limit_scope_name((enum limit_scope)r->scope));
	out_text(o, *r->who != '\0' ? r->who : NULL);
	out_text(o, *r->who2 != '\0' ? r->who2 : NULL);
	out_text(o,
	    r->period < 0 ? NULL
			  : limit_period_name((enum limit_period)r->period));
	if (r->threshold > 0)
		out_ratio(o, r->threshold, 1000000);
	else
		out_null(o);
	out_text(o, alert_severities[r->severity].name);
	out_int(o, r->cool_down);
	out_text(o, channels);
	out_text(o, r->message);
	out_bool(o, built_in);
	out_end_row(o);
}

/* What is there without any rule: each kind of alert, in the list. */
static void
built_in_rows(struct out *o)
{
	for (int i = 0; i < ALERT_KINDS; i++) {
		struct alert_rule r = { .name = alert_kinds[i].name,
			.kind = i,
			.scope = -1,
			.who = "",
			.who2 = "",
			.period = -1 };

		rule_row(o, &r, "in_app", true);
	}
}

static int
rules_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct rules all = { NULL, 0 };
	int rc = -1;

	(void)args, (void)argc, (void)argv;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.alert.rules/1",
		.title = "Rules" });
	out_begin(ctx->out, rule_cols);
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	if (rule_each(ctx->ledger, keep_rule, &all, err) < 0)
		goto out;
	built_in_rows(ctx->out);
	for (size_t i = 0; i < all.n; i++) {
		struct tk_buf channels = TK_BUF_INIT;

		tk_buf_adds(&channels, "in_app");
		if (target_each_of(ctx->ledger, all.v[i].id, add_channel,
			&channels, err) < 0) {
			tk_buf_release(&channels);
			goto out;
		}
		rule_row(ctx->out, &all.v[i], channels.s, false);
		tk_buf_release(&channels);
	}
	rc = 0;
out:
	ledger_end_read(ctx->ledger);
	rules_release(&all);
	return rc;
}

struct plain_args {
	struct cmd_common common;
};

static const struct opt no_opts[] = {
	OPT_COMMON(struct plain_args),
	OPT_END,
};

const struct cmd cmd_alert_rules = {
	.name = "rules",
	.summary = "list what is looked for, and who is told",
	.opts = no_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = rules_run,
};

struct add_args {
	struct cmd_common common;
	struct cmd_scope scope;
	int on, period, severity;
	const char *name, *at, *cool_down, *message, *shell;
	struct opt_list email, webhook;
};

static const struct opt add_opts[] = {
	OPT_STR(0, "name", struct add_args, name, "name", HINT_NONE,
	    "what it is called"),
	OPT_CHOICE(0, "on", struct add_args, on, "kind", alert_kinds,
	    "only alerts of this kind"),
	OPT_STR(0, "at", struct add_args, at, "percent", HINT_NONE,
	    "tell when this much is used, as 60%"),
	OPT_CHOICE(0, "period", struct add_args, period, "period",
	    limit_periods, "only limits for each of these"),
	OPT_CHOICE(0, "severity", struct add_args, severity, "severity",
	    alert_severities, "only these and worse (info)"),
	OPT_STR(0, "cool-down", struct add_args, cool_down, "time", HINT_NONE,
	    "then tell nothing of the same for so long"),
	OPT_STR(0, "message", struct add_args, message, "text", HINT_NONE,
	    "what to say in place of the usual"),
	OPT_LIST(0, "email", struct add_args, email, "address", HINT_NONE,
	    "send mail there"),
	OPT_LIST(0, "webhook", struct add_args, webhook, "name", HINT_NONE,
	    "send to this webhook"),
	OPT_STR(0, "shell", struct add_args, shell, "commands", HINT_NONE,
	    "run this with sh -c"),
	OPT_SCOPE(struct add_args),
	OPT_COMMON(struct add_args),
	OPT_END,
};

static void
add_defaults(void *args_)
{
	struct add_args *args = args_;

	args->on = args->period = -1;
}

struct targets {
	int64_t *v;
	size_t n;
};

static void
add_target(struct targets *to, int64_t id)
{
	to->v = tk_xreallocarray(to->v, to->n + 1, sizeof(*to->v));
	to->v[to->n++] = id;
}

static int
need_target(struct cmd_ctx *ctx, struct targets *to, enum target_kind kind,
    const char *address, struct tk_err *err)
{
	int64_t id;

	if (target_need(ctx->ledger, kind, address, ctx->now, &id, err) < 0)
		return -1;
	add_target(to, id);
	return 0;
}

static int
find_webhook(struct cmd_ctx *ctx, const char *name, struct targets *to,
    struct tk_err *err)
{
	struct target t;
	int found = target_find(ctx->ledger, name, &t, err);

	if (found > 0)
		add_target(to, t.id);
	target_release(&t);
	if (found != 0)
		return found < 0 ? -1 : 0;
	tk_fail(err, TK_NOTFOUND, "no webhook '%.200s'", name);
	return tk_hint(err, "see 'tokctl webhook list'");
}

static int
read_targets(struct cmd_ctx *ctx, const struct add_args *a, int argc,
    const char **argv, struct targets *to, struct tk_err *err)
{
	struct tk_buf words = TK_BUF_INIT;
	struct json_write w = { .to = &words };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < a->email.n; i++)
		rc = need_target(ctx, to, TARGET_EMAIL, a->email.v[i], err);
	for (size_t i = 0; rc == 0 && i < a->webhook.n; i++)
		rc = find_webhook(ctx, a->webhook.v[i], to, err);
	if (rc == 0 && a->shell != NULL)
		rc = need_target(ctx, to, TARGET_SHELL, a->shell, err);
	if (rc == 0 && argc > 0) {
		json_write_open(&w, '[');
		for (int i = 0; i < argc; i++)
			json_write_text(&w, argv[i]);
		json_write_close(&w, ']');
		rc = need_target(ctx, to, TARGET_COMMAND, words.s, err);
	}
	tk_buf_release(&words);
	return rc;
}

static int
read_rule(const struct add_args *a, struct alert_rule *r, struct tk_err *err)
{
	struct limit_name of;
	int named = cmd_scope_read(&a->scope, &of, err);

	if (named < 0)
		return -1;
	*r = (struct alert_rule){ .name = a->name != NULL ? a->name : "",
		.kind = a->on,
		.scope = named > 0 ? (int)of.scope : -1,
		.who = named > 0 ? of.name : "",
		.who2 = named > 0 ? of.name2 : "",
		.period = a->period,
		.severity = (enum alert_severity)a->severity,
		.message = a->message };
	if (a->at != NULL && cmd_read_part("at", a->at, &r->threshold, err) < 0)
		return -1;
	if (r->kind > ALERT_SESSION &&
	    (r->threshold > 0 || r->scope >= 0 || r->period >= 0))
		return tk_fail(err, TK_USAGE,
		    "--on %s: it has no scope, period or threshold",
		    alert_kinds[r->kind].name);
	if (r->threshold > 0 && a->severity > 0)
		return tk_fail(err, TK_USAGE,
		    "--at and --severity: one of them");
	if (a->cool_down != NULL &&
	    tk_duration_parse(a->cool_down, &r->cool_down, err) < 0)
		return tk_wrap(err, "--cool-down");
	for (size_t i = 0; i < a->email.n; i++)
		if (mail_address(a->email.v[i], err) < 0)
			return tk_wrap(err, "--email");
	return 0;
}

/* A rule that says nothing tells what is told without it. */
static bool
says_nothing(const struct add_args *a, const struct alert_rule *r, int argc)
{
	return a->email.n == 0 && a->webhook.n == 0 && a->shell == NULL &&
	    argc == 0 && r->kind < 0 && r->scope < 0 && r->period < 0 &&
	    r->threshold == 0 && a->severity == 0 && r->cool_down == 0 &&
	    r->message == NULL;
}

static int
add_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct add_args *a = args_;
	struct targets to = { NULL, 0 };
	struct ledger_actor by;
	struct alert_rule r;
	int64_t id;
	int rc = -1;

	if (read_rule(a, &r, err) < 0)
		return -1;
	if (says_nothing(a, &r, argc)) {
		tk_fail(err, TK_USAGE, "who is to be told, or of what?");
		return tk_hint(err,
		    "give --email, --webhook, a command, --at, --user, ...");
	}
	if (cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (read_targets(ctx, a, argc, argv, &to, err) == 0 &&
	    rule_add(ctx->ledger, &r, to.v, to.n, &by, &id, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0 && a->name != NULL)
		cmd_say(ctx, "rule %s is set", a->name);
	else if (rc == 0)
		cmd_say(ctx, "rule rule-%lld is set", (long long)id);
	free(to.v);
	return rc;
}

const struct cmd cmd_alert_add = {
	.name = "add",
	.summary = "tell somebody, or tell of another threshold",
	.operands = "[-- command [argument...]]",
	.examples =
	    "tokctl alert add --user alice --at 60%\n"
	    "tokctl alert add --name team --severity critical "
	    "--email team@example.org\n"
	    "tokctl alert add --name desk --cool-down 1h -- notify-send tokctl "
	    "alert\n",
	.opts = add_opts,
	.args_size = sizeof(struct add_args),
	.defaults = add_defaults,
	.needs = CMD_ZONE | CMD_LEDGER_WRITE,
	.run = add_run,
};

static int
remove_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct ledger_actor by;
	int rc;

	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which rule?");
		return tk_hint(err, "'tokctl alert rules' has them");
	}
	if (cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	rc = rule_remove(ctx->ledger, argv[0], &by, err);
	if (rc == 0) {
		tk_fail(err, TK_NOTFOUND, "no rule '%.200s'", argv[0]);
		rc = tk_hint(err,
		    "'tokctl alert rules' has those that were "
		    "added");
	} else if (rc > 0) {
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	}
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		cmd_say(ctx, "rule %s is gone", argv[0]);
	return rc;
}

const struct cmd cmd_alert_remove = {
	.name = "remove",
	.summary = "take a rule away",
	.operands = "rule",
	.opts = no_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = remove_run,
};
