/*
 * tokctl alert - what crossed a line, and who is told
 *
 * list, ack and resolve are here; the rules are in alert_rule.c, run and
 * test in alert_run.c.
 */
#include "alert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "ledger/ledger.h"
#include "limit.h"

const struct out_col alert_cols[] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN },
	{ "severity", "Severity", OUT_TEXT, OUT_STATE },
	{ "kind", "Kind", OUT_TEXT, OUT_MACHINE },
	{ "state", "State", OUT_TEXT, OUT_WIDE },
	{ "time", "Time", OUT_TIME, OUT_WIDE },
	{ "scope", "Scope", OUT_TEXT, OUT_MACHINE },
	{ "name", "Who", OUT_TEXT, 0 },
	{ "application", "Application", OUT_TEXT, OUT_MACHINE },
	{ "message", "Message", OUT_TEXT, OUT_SENTENCE },
	{ "details", "Details", OUT_JSON, OUT_MACHINE },
	{ "changed_at", "Changed", OUT_TIME, OUT_MACHINE },
	{ "changed_by", "By", OUT_TEXT, OUT_MACHINE },
	{ "reason", "Reason", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

void
alert_row(struct out *o, const struct alert *a)
{
	out_int(o, a->id);
	out_text(o, alert_severities[a->severity].name);
	out_text(o, alert_kinds[a->kind].name);
	out_text(o, alert_states[a->state].name);
	out_time(o, a->time);
	out_text(o,
	    a->scope < 0 ? NULL : limit_scope_name((enum limit_scope)a->scope));
	out_text(o, *a->name != '\0' ? a->name : NULL);
	out_text(o, *a->name2 != '\0' ? a->name2 : NULL);
	out_text(o, a->message);
	out_json_text(o, *a->body != '\0' ? a->body : NULL);
	out_moment(o, a->changed);
	out_text(o, a->actor);
	out_text(o, a->reason);
	out_end_row(o);
}

struct list_args {
	struct cmd_common common;
	struct cmd_scope scope;
	int severity;
	bool all, unseen;
};

static const struct opt list_opts[] = {
	OPT_FLAG('a', "all", struct list_args, all,
	    "with those that were resolved"),
	OPT_FLAG(0, "unseen", struct list_args, unseen,
	    "only those that nobody acknowledged"),
	OPT_CHOICE(0, "severity", struct list_args, severity, "severity",
	    alert_severities, "only these and worse"),
	OPT_SCOPE(struct list_args),
	OPT_COMMON(struct list_args),
	OPT_END,
};

struct listing {
	struct out *o;
	const struct list_args *args;
	const struct limit_name *of; /* NULL: all */
};

static int
list_alert(const struct alert *a, void *data, struct tk_err *err)
{
	const struct listing *l = data;

	(void)err;
	if ((int)a->severity < l->args->severity)
		return 0;
	if (l->of != NULL &&
	    (a->scope != (int)l->of->scope ||
		strcmp(a->name, l->of->name) != 0 ||
		strcmp(a->name2, l->of->name2) != 0))
		return 0;
	alert_row(l->o, a);
	return 0;
}

static int
list_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct list_args *args = args_;
	struct limit_name of;
	int named = cmd_scope_read(&args->scope, &of, err);
	struct listing l = { ctx->out, args, named > 0 ? &of : NULL };
	enum alert_which which = ALERTS_OPEN;

	(void)argc, (void)argv;
	if (named < 0)
		return -1;
	if (args->all && args->unseen)
		return tk_fail(err, TK_USAGE,
		    "--all and --unseen: one of them");
	if (args->all || args->unseen)
		which = args->all ? ALERTS_ALL : ALERTS_UNSEEN;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.alert.list/1",
		.title = "Alerts" });
	out_begin(ctx->out, alert_cols);
	out_empty(ctx->out, "no alerts");
	return alert_each_now(ctx->ledger, which, ctx->now, list_alert, &l,
	    err);
}

static const struct cmd cmd_alert_list = {
	.name = "list",
	.summary = "list what crossed a line",
	.examples = "tokctl alert list --unseen\n"
		    "tokctl alert list --all --severity critical --json\n",
	.opts = list_opts,
	.args_size = sizeof(struct list_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PRICES | CMD_PAGER,
	.run = list_run,
};

struct state_args {
	struct cmd_common common;
	const char *reason;
	bool all, undo;
};

#define OPT_STATE \
	OPT_FLAG('a', "all", struct state_args, all, "all that are open"), \
	    OPT_STR(0, "reason", struct state_args, reason, "text", HINT_NONE, \
		"why; kept with it")

static const struct opt ack_opts[] = {
	OPT_STATE,
	OPT_FLAG(0, "undo", struct state_args, undo,
	    "take that back: they are active again"),
	OPT_COMMON(struct state_args),
	OPT_END,
};

static const struct opt resolve_opts[] = {
	OPT_STATE,
	OPT_COMMON(struct state_args),
	OPT_END,
};

struct ids {
	int64_t *v;
	size_t n;
};

static int
keep_id(const struct alert *a, void *data, struct tk_err *err)
{
	struct ids *ids = data;

	(void)err;
	ids->v = tk_xreallocarray(ids->v, ids->n + 1, sizeof(*ids->v));
	ids->v[ids->n++] = a->id;
	return 0;
}

/* The alerts that the words name, or all that are open. */
static int
read_ids(struct cmd_ctx *ctx, const struct state_args *args, int argc,
    const char **argv, struct ids *ids, struct tk_err *err)
{
	if (args->all != (argc == 0)) {
		tk_fail(err, TK_USAGE, "which alerts?");
		return tk_hint(err,
		    "give ids from 'tokctl alert list', or "
		    "--all");
	}
	if (args->all)
		return alert_each(ctx->ledger, ALERTS_OPEN, keep_id, ids, err);
	for (int i = 0; i < argc; i++) {
		int64_t id;
		int found;

		if (!tk_int_parse(argv[i], strlen(argv[i]), &id) || id < 1)
			return tk_fail(err, TK_USAGE,
			    "'%.64s' is no id of an alert", argv[i]);
		found = alert_get(ctx->ledger, id, keep_id, ids, err);
		if (found < 0)
			return -1;
		if (found == 0) {
			tk_fail(err, TK_NOTFOUND, "no alert %" PRId64, id);
			return tk_hint(err,
			    "'tokctl alert list --all' has them");
		}
	}
	return 0;
}

static int
set_states(struct cmd_ctx *ctx, const struct state_args *args, int argc,
    const char **argv, enum alert_state state, struct tk_err *err)
{
	struct ids ids = { NULL, 0 };
	struct ledger_actor by;
	int done = 0, rc = -1;

	if (cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (read_ids(ctx, args, argc, argv, &ids, err) < 0)
		goto out;
	for (size_t i = 0; i < ids.n; i++) {
		int changed = state == ALERT_ACTIVE
		    ? alert_reopen(ctx->ledger, ids.v[i], args->reason, &by,
			  err)
		    : alert_set_state(ctx->ledger, ids.v[i], state,
			  args->reason, &by, err);

		if (changed < 0)
			goto out;
		done += changed;
	}
	if (ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
		goto out;
	cmd_say(ctx, "%d alert%s %s", done, done == 1 ? "" : "s",
	    alert_states[state].name);
	rc = 0;
out:
	ledger_rollback(ctx->ledger);
	free(ids.v);
	return rc;
}

static int
ack_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct state_args *args = args_;

	return set_states(ctx, args, argc, argv,
	    args->undo ? ALERT_ACTIVE : ALERT_ACKNOWLEDGED, err);
}

static int
resolve_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	return set_states(ctx, args, argc, argv, ALERT_RESOLVED, err);
}

#define STATE_CMD(verb, text) \
	static const struct cmd cmd_alert_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = "[id...]", \
		.opts = verb##_opts, \
		.args_size = sizeof(struct state_args), \
		.needs = CMD_ZONE | CMD_LEDGER_UPDATE, \
		.run = verb##_run, \
	};

STATE_CMD(ack, "say that you have seen them")
STATE_CMD(resolve, "say that they are over")

static const struct cmd *const alert_verbs[] = { &cmd_alert_list,
	&cmd_alert_add, &cmd_alert_remove, &cmd_alert_rules, &cmd_alert_ack,
	&cmd_alert_resolve, &cmd_alert_run, &cmd_alert_test, NULL };

const struct cmd cmd_alert = {
	.name = "alert",
	.summary = "show what crossed a line, and tell who must know",
	.verbs = alert_verbs,
};
