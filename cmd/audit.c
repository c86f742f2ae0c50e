/*
 * tokctl audit - who changed what
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "cmd.h"
#include "filter.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "out/out.h"

struct audit_args {
	struct cmd_common common;
	int64_t last;
	const char *action, *actor;
	const char *since, *until, *period;
};

static const struct opt list_opts[] = {
	OPT_INT(0, "last", struct audit_args, last, "n",
	    "only the n latest entries"),
	OPT_STR(0, "action", struct audit_args, action, "name", HINT_NONE,
	    "only this action, or all that begin so"),
	OPT_STR(0, "actor", struct audit_args, actor, "name", HINT_USER,
	    "only what this one did"),
	OPT_RANGE(struct audit_args),
	OPT_COMMON(struct audit_args),
	OPT_END,
};

static const struct opt verify_opts[] = {
	OPT_COMMON(struct audit_args),
	OPT_END,
};

static const struct out_col audit_cols[] = {
	{ "seq", "No.", OUT_INT, OUT_PLAIN },
	{ "time", "Time", OUT_TIME, OUT_SECONDS },
	{ "actor", "Who", OUT_TEXT, 0 },
	{ "action", "Action", OUT_TEXT, 0 },
	{ "object", "What", OUT_TEXT, 0 },
	{ "detail", "Detail", OUT_JSON, OUT_WIDE },
	{ "hash", "Hash", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

struct listing {
	const struct audit_args *args;
	struct tk_range range;
	struct out *o;
	int64_t n; /* that fit the options */
	int64_t skip;
};

static bool
fits(const struct listing *l, const struct audit_entry *e)
{
	const struct audit_args *a = l->args;

	return e->time >= l->range.since && e->time < l->range.until &&
	    (a->action == NULL ||
		strncmp(e->action, a->action, strlen(a->action)) == 0) &&
	    (a->actor == NULL || strcmp(e->actor, a->actor) == 0);
}

static int
count_entry(const struct audit_entry *e, void *data)
{
	struct listing *l = data;

	l->n += fits(l, e);
	return 0;
}

static int
list_entry(const struct audit_entry *e, void *data)
{
	struct listing *l = data;
	char hash[65];

	if (!fits(l, e) || l->skip-- > 0)
		return 0;
	tk_sha256_hex(e->head, hash);
	out_int(l->o, e->seq);
	out_time(l->o, e->time);
	out_text(l->o, e->actor);
	out_text(l->o, e->action);
	out_text(l->o, e->object);
	out_json_text(l->o, e->detail);
	out_text(l->o, hash);
	out_end_row(l->o);
	return 0;
}

static void
list_defaults(void *args)
{
	((struct audit_args *)args)->last = INT64_MAX;
}

static int
list_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	(void)ctx, (void)argc, (void)argv;
	if (((const struct audit_args *)args)->last < 1)
		return tk_fail(err, TK_USAGE, "--last takes a positive number");
	return 0;
}

static int
list_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct audit_args *args = args_;
	struct listing l = { .args = args, .o = ctx->out };
	struct out_doc doc = { .schema = "tokctl.audit.list/1",
		.title = "Changes" };
	int rc = -1;

	(void)argc, (void)argv;
	if (cmd_range_read(ctx, args->since, args->until, args->period,
		&l.range, err) < 0)
		return -1;
	if (l.range.since != INT64_MIN || l.range.until != INT64_MAX) {
		doc.since = l.range.since;
		doc.until = l.range.until;
	}
	out_document(ctx->out, &doc);
	out_begin(ctx->out, audit_cols);
	out_empty(ctx->out, "nothing was changed");
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	if (args->last < INT64_MAX) {
		if (audit_each(ctx->ledger, count_entry, &l, err) < 0)
			goto out;
		l.skip = l.n > args->last ? l.n - args->last : 0;
	}
	rc = audit_each(ctx->ledger, list_entry, &l, err);
out:
	ledger_end_read(ctx->ledger);
	return rc;
}

static const struct cmd cmd_audit_list = {
	.name = "list",
	.summary = "list who changed what, oldest first",
	.examples = "tokctl audit list --action quota\twhat became of quotas\n"
		    "tokctl audit list --since 7d --actor alice\n",
	.opts = list_opts,
	.args_size = sizeof(struct audit_args),
	.defaults = list_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = list_check,
	.run = list_run,
};

static const struct out_col verify_cols[] = {
	{ "valid", "Valid", OUT_BOOL, 0 },
	{ "entries", "Entries", OUT_INT, 0 },
	{ "broken_at", "Broken at", OUT_INT, OUT_PLAIN },
	{ "hash", "Hash", OUT_TEXT, 0 },
	OUT_COL_END,
};

struct verifying {
	int64_t entries, broken; /* broken: the first, 0: none */
	char hash[65];
};

static int
verify_entry(const struct audit_entry *e, void *data)
{
	struct verifying *v = data;

	v->entries++;
	if (e->broken && v->broken == 0)
		v->broken = e->seq;
	tk_sha256_hex(e->head, v->hash);
	return 0;
}

static int
verify_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct verifying v = { 0, 0, "" };
	struct out *o = ctx->out;

	(void)args, (void)argc, (void)argv;
	if (audit_each(ctx->ledger, verify_entry, &v, err) < 0)
		return -1;
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.audit.verify/1",
		.shape = OUT_ONE });
	out_begin(o, verify_cols);
	out_bool(o, v.broken == 0);
	out_int(o, v.entries);
	if (v.broken != 0)
		out_int(o, v.broken);
	else
		out_null(o);
	out_text(o, v.entries > 0 ? v.hash : NULL);
	out_end_row(o);
	return v.broken != 0;
}

static const struct cmd cmd_audit_verify = {
	.name = "verify",
	.summary = "say whether the chain of changes is whole",
	.opts = verify_opts,
	.args_size = sizeof(struct audit_args),
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.run = verify_run,
};

static const struct cmd *const audit_verbs[] = { &cmd_audit_list,
	&cmd_audit_verify, NULL };

const struct cmd cmd_audit = {
	.name = "audit",
	.summary = "see who changed what, and that it is true",
	.verbs = audit_verbs,
};
