/*
 * tokctl quota request, requests, approve, deny - asking for more
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "cmd.h"
#include "hold.h"
#include "limit.h"
#include "limit/request.h"
#include "out/out.h"
#include "quota.h"

static const struct out_col request_cols[] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN },
	{ "state", "State", OUT_TEXT, 0 },
	{ "time", "Time", OUT_TIME, OUT_MEDIUM },
	{ "requester", "Who", OUT_TEXT, 0 },
	{ "scope", "Quota of", OUT_TEXT, OUT_WIDE },
	{ "name", "Name", OUT_TEXT, 0 },
	{ "application", "Application", OUT_TEXT, OUT_MACHINE },
	{ "daily", "Daily", OUT_INT, 0 },
	{ "monthly", "Monthly", OUT_INT, 0 },
	{ "hard", "Hard", OUT_INT, OUT_WIDE },
	{ "session", "Session", OUT_INT, OUT_WIDE },
	{ "justification", "Why", OUT_TEXT, OUT_MEDIUM },
	{ "projected", "Projected", OUT_TEXT, OUT_MACHINE },
	{ "usage", "Usage", OUT_JSON, OUT_MACHINE },
	{ "decided_at", "Decided", OUT_TIME, OUT_MACHINE },
	{ "decided_by", "By", OUT_TEXT, OUT_WIDE },
	{ "reason", "Reason", OUT_TEXT, OUT_WIDE },
	OUT_COL_END,
};

static void
request_row(struct out *o, const struct request *r)
{
	out_int(o, r->id);
	out_text(o, request_states[r->state].name);
	out_time(o, r->time);
	out_text(o, r->actor);
	out_text(o, limit_scope_name(r->of.scope));
	out_text(o, r->of.scope == SCOPE_EVERYONE ? NULL : r->of.name);
	out_text(o, *r->of.name2 != '\0' ? r->of.name2 : NULL);
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (r->limit[i] == QUOTA_ABSENT)
			out_null(o);
		else
			out_int(o, r->limit[i]);
	}
	out_text(o, r->justification);
	out_text(o, r->projected);
	out_json_text(o, r->snapshot);
	out_moment(o, r->decided);
	out_text(o, r->decider);
	out_text(o, r->reason);
	out_end_row(o);
}

struct request_args {
	struct cmd_common common;
	struct cmd_scope scope;
	struct quota_amounts amounts;
	const char *justification, *projected;
};

static const struct opt request_opts[] = {
	OPT_SCOPE(struct request_args),
	OPT_AMOUNTS(struct request_args),
	OPT_STR(0, "justification", struct request_args, justification, "text",
	    HINT_NONE, "why more is needed"),
	OPT_STR(0, "projected", struct request_args, projected, "text",
	    HINT_NONE, "what will be needed from now on"),
	OPT_COMMON(struct request_args),
	OPT_END,
};

static void
request_defaults(void *args)
{
	quota_amounts_init(&((struct request_args *)args)->amounts);
}

static int
request_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct request_args *a = args_;
	struct request r = { .justification = a->justification,
		.projected = a->projected };
	struct tk_buf text = TK_BUF_INIT;
	struct ledger_actor by;
	bool some = false;
	int named, rc = -1;

	(void)argc, (void)argv;
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		r.limit[i] = a->amounts.limit[i];
		some |= r.limit[i] != QUOTA_ABSENT;
	}
	if (!some) {
		tk_fail(err, TK_USAGE, "how many tokens?");
		return tk_hint(err, "give --daily, --monthly, --hard, ...");
	}
	if (a->justification == NULL || *a->justification == '\0') {
		tk_fail(err, TK_USAGE, "why is more needed?");
		return tk_hint(err, "give --justification 'text'");
	}
	if (quota_amounts_check(&a->amounts, err) < 0 ||
	    cmd_actor(ctx, &by, err) < 0 ||
	    (named = cmd_scope_read(&a->scope, &r.of, err)) < 0)
		return -1;
	if (named == 0)
		r.of = (struct limit_name){ SCOPE_USER, by.name, "" };
	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (cmd_scope_user(ctx, &r.of, &by, err) == 0 &&
	    request_add(ctx->ledger, &r, &by, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc < 0)
		return -1;
	tk_buf_addf(&text, "%" PRId64, r.id);
	if (ctx->common->format <= 0) {
		hold_say(ctx, text.s);
	} else {
		out_document(ctx->out,
		    &(struct out_doc){ .schema = "tokctl.quota.request/1",
			.shape = OUT_ONE });
		r.time = by.time;
		r.actor = by.name;
		r.snapshot = NULL;
		out_begin(ctx->out, request_cols);
		request_row(ctx->out, &r);
	}
	tk_buf_release(&text);
	return 0;
}

const struct cmd cmd_quota_request = {
	.name = "request",
	.summary = "ask for a larger quota",
	.format = "table",
	.examples = "tokctl quota request --daily 20000 --justification 'more "
		    "reviews'\n",
	.opts = request_opts,
	.args_size = sizeof(struct request_args),
	.defaults = request_defaults,
	.needs = CMD_OUT | CMD_LEDGER_WRITE,
	.run = request_run,
};

struct requests_args {
	struct cmd_common common;
	bool all;
};

static const struct opt requests_opts[] = {
	OPT_FLAG('a', "all", struct requests_args, all,
	    "with those that were decided"),
	OPT_COMMON(struct requests_args),
	OPT_END,
};

struct listing {
	struct out *o;
	bool all;
};

static int
list_request(const struct request *r, void *data, struct tk_err *err)
{
	const struct listing *l = data;

	(void)err;
	if (l->all || r->state == REQUEST_OPEN)
		request_row(l->o, r);
	return 0;
}

static int
requests_run(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	struct listing l = { ctx->out,
		((const struct requests_args *)args_)->all };

	(void)argc, (void)argv;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.quota.requests/1",
		.title = "Requests" });
	out_begin(ctx->out, request_cols);
	out_empty(ctx->out, "no requests");
	return request_each(ctx->ledger, 0, list_request, &l, err);
}

const struct cmd cmd_quota_requests = {
	.name = "requests",
	.summary = "list who asked for more",
	.opts = requests_opts,
	.args_size = sizeof(struct requests_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = requests_run,
};

struct decide_args {
	struct cmd_common common;
	const char *reason;
};

static const struct opt decide_opts[] = {
	OPT_STR(0, "reason", struct decide_args, reason, "text", HINT_NONE,
	    "why; kept with it"),
	OPT_COMMON(struct decide_args),
	OPT_END,
};

struct deciding {
	struct cmd_ctx *ctx;
	bool approve;
	const char *reason;
	struct ledger_actor by;
	bool found;
};

/* The quota as it is, with what is wanted over it. */
static int
decide(const struct request *r, void *data, struct tk_err *err)
{
	struct tk_buf zone = TK_BUF_INIT, template = TK_BUF_INIT;
	struct deciding *d = data;
	struct quota_amounts wanted;
	struct quota q;
	int rc;

	d->found = true;
	memcpy(wanted.limit, r->limit, sizeof(wanted.limit));
	rc = quota_load(d->ctx, &r->of, &q, &zone, &template, err);
	if (rc >= 0) {
		quota_amounts_apply(&wanted, &q);
		rc = request_decide(d->ctx->ledger, r, d->approve, d->reason,
		    d->approve ? &q : NULL, &d->by, err);
	}
	if (rc == 0 && d->approve)
		quota_say(d->ctx, &q);
	tk_buf_release(&zone);
	tk_buf_release(&template);
	return rc;
}

static int
decide_run(struct cmd_ctx *ctx, const struct decide_args *args, bool approve,
    int argc, const char **argv, struct tk_err *err)
{
	struct deciding d = { ctx, approve, args->reason, { 0 }, false };
	int64_t id = 0;
	int rc;

	if (argc != 1 || !tk_int_parse(argv[0], strlen(argv[0]), &id) ||
	    id < 1) {
		tk_fail(err, TK_USAGE, "which request?");
		return tk_hint(err, "ids are in 'tokctl quota requests'");
	}
	if (!approve && (args->reason == NULL || *args->reason == '\0')) {
		tk_fail(err, TK_USAGE, "why not?");
		return tk_hint(err, "give --reason 'text'");
	}
	if (cmd_actor(ctx, &d.by, err) < 0 ||
	    ledger_begin(ctx->ledger, err) < 0)
		return -1;
	rc = request_each(ctx->ledger, id, decide, &d, err);
	if (rc == 0 && !d.found) {
		tk_fail(err, TK_NOTFOUND, "no request %s", argv[0]);
		rc = tk_hint(err, "'tokctl quota requests --all' has them");
	}
	if (rc == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		cmd_say(ctx, "request %s was %s", argv[0],
		    approve ? "approved" : "denied");
	return rc;
}

static int
approve_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	return decide_run(ctx, args, true, argc, argv, err);
}

static int
deny_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	return decide_run(ctx, args, false, argc, argv, err);
}

#define DECIDE_CMD(verb, text) \
	const struct cmd cmd_quota_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = "id", \
		.opts = decide_opts, \
		.args_size = sizeof(struct decide_args), \
		.needs = CMD_ZONE | CMD_LEDGER_UPDATE, \
		.run = verb##_run, \
	};

DECIDE_CMD(approve, "grant a request, at once")
DECIDE_CMD(deny, "refuse a request, with a reason")
