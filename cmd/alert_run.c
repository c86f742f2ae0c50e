/*
 * tokctl alert run, test - look, tell, and try whether telling works
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "alert/rule.h"
#include "base/buf.h"
#include "base/mem.h"
#include "deliver.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "report/report.h"
#include "json/write.h"

struct run_args {
	struct cmd_common common;
	bool fresh, check, no_deliver, strict;
};

static const struct opt run_opts[] = {
	OPT_FLAG(0, "new", struct run_args, fresh,
	    "print those that were not printed before"),
	OPT_FLAG(0, "check", struct run_args, check,
	    "look for faults in the ledger, too"),
	OPT_FLAG(0, "no-deliver", struct run_args, no_deliver, "send nothing"),
	OPT_FLAG(0, "strict", struct run_args, strict,
	    "exit 1 if --new printed any"),
	OPT_COMMON(struct run_args),
	OPT_END,
};

enum { WEEK = 604800000 };

/* What is to be looked at before the ledger is locked. */
struct look {
	struct tk_buf unpriced; /* models of the last week */
	struct tk_buf fault;    /* "": none was found */
	struct alert_look now;
};

static int
look_around(struct cmd_ctx *ctx, bool check, struct look *look,
    struct tk_err *err)
{
	struct ledger_findings found;
	struct ledger_filter f;

	ledger_filter_init(&f);
	f.since = ctx->now - WEEK;
	if (alert_look(ctx, &look->now, err) < 0)
		return -1;
	if (report_unpriced_models(&look->unpriced, ctx->ledger, &f, 5, err) <
	    0)
		return -1;
	if (!check)
		return 0;
	if (ledger_check(ctx->ledger, NULL, &found, err) < 0)
		return -1;
	for (int i = CHECKS - 1; i >= 0; i--) {
		if (found.faults[i] == 0)
			continue;
		tk_buf_reset(&look->fault);
		tk_buf_adds(&look->fault, found.first[i]);
	}
	return 0;
}

static int
tell_unpriced(struct cmd_ctx *ctx, const char *models, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_PRICE,
		.about = models,
		.severity = SEVERITY_WARNING,
		.detail = "" };
	int rc;

	if (*models == '\0')
		return alert_clear(ctx->ledger, ALERT_PRICE, NULL,
		    "all usage of the last week has a price", ctx->now, err);
	tk_buf_addf(&text, "No price is known for %s", models);
	c.message = text.s;
	rc = alert_raise(ctx->ledger, &c, ctx->now, err);
	tk_buf_release(&text);
	return rc;
}

static int
tell_fault(struct cmd_ctx *ctx, const char *fault, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_LEDGER,
		.about = "check",
		.severity = SEVERITY_CRITICAL,
		.detail = "" };
	int rc;

	if (*fault == '\0')
		return alert_clear(ctx->ledger, ALERT_LEDGER, NULL,
		    "no fault is found", ctx->now, err);
	tk_buf_addf(&text, "CRITICAL: The ledger is not whole: %s", fault);
	c.message = text.s;
	rc = alert_raise(ctx->ledger, &c, ctx->now, err);
	tk_buf_release(&text);
	return rc;
}

static int
write_down(struct cmd_ctx *ctx, bool check, const struct look *look,
    struct tk_err *err)
{
	int rc = -1;

	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (tell_unpriced(ctx, look->unpriced.s, err) >= 0 &&
	    (!check || tell_fault(ctx, look->fault.s, err) >= 0) &&
	    alert_tell_look(ctx, &look->now, err) >= 0 &&
	    alert_settle(ctx->ledger, ctx->now, err) >= 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	return rc;
}

struct printing {
	struct cmd_ctx *ctx;
	int64_t *id;
	size_t n;
};

static void
begin_document(struct cmd_ctx *ctx)
{
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.alert.list/1" });
	out_begin(ctx->out, alert_cols);
}

static int
print_alert(const struct alert *a, void *data, struct tk_err *err)
{
	struct printing *p = data;

	(void)err;
	if (p->n == 0 && p->ctx->common->format <= 0)
		begin_document(p->ctx);
	alert_row(p->ctx->out, a);
	p->id = tk_xreallocarray(p->id, p->n + 1, sizeof(*p->id));
	p->id[p->n++] = a->id;
	return 0;
}

/*
 * They count as printed when the output was written, all of it; who comes at
 * the same time waits for that.
 */
static int
print_new(struct cmd_ctx *ctx, size_t *n, struct tk_err *err)
{
	struct printing p = { ctx, NULL, 0 };
	struct out *o = ctx->out;
	int rc = -1;

	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (ctx->common->format > 0)
		begin_document(ctx);
	if (alert_each(ctx->ledger, ALERTS_UNTOLD, print_alert, &p, err) < 0)
		goto out;
	ctx->out = NULL;
	if (out_close(o, err) < 0)
		goto out;
	if (p.n > 0 &&
	    (alert_set_told(ctx->ledger, p.id, p.n, err) < 0 ||
		ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0))
		goto out;
	*n = p.n;
	rc = 0;
out:
	ledger_rollback(ctx->ledger);
	free(p.id);
	return rc;
}

static int
run_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct run_args *args = args_;
	struct look look = { TK_BUF_INIT, TK_BUF_INIT, ALERT_LOOK_INIT };
	struct deliver_result sent = { 0, 0 };
	size_t printed = 0;
	int rc = -1;

	(void)argc, (void)argv;
	if (look_around(ctx, args->check, &look, err) < 0 ||
	    write_down(ctx, args->check, &look, err) < 0 ||
	    (!args->no_deliver && deliver(ctx, 0, &sent, err) < 0) ||
	    (args->fresh && print_new(ctx, &printed, err) < 0))
		goto out;
	if (!args->fresh && ctx->common->format > 0)
		begin_document(ctx); /* no alert was asked for */
	if (sent.sent > 0 && !args->fresh)
		cmd_say(ctx, "%" PRId64 " message%s sent", sent.sent,
		    sent.sent == 1 ? "" : "s");
	if (sent.failed > 0)
		rc = tk_exit_status(TK_IO);
	else
		rc = args->strict && printed > 0;
out:
	tk_buf_release(&look.unpriced);
	tk_buf_release(&look.fault);
	alert_look_release(&look.now);
	return rc;
}

const struct cmd cmd_alert_run = {
	.name = "run",
	.summary = "look, resolve, and send; for cron",
	.examples = "tokctl alert run --new\tprint each alert once\n",
	.opts = run_opts,
	.args_size = sizeof(struct run_args),
	.needs = CMD_OUT | CMD_LEDGER_UPDATE | CMD_PRICES,
	.run = run_run,
};

struct testing {
	const char *name;
	int64_t rule, *target;
	size_t n;
};

static int
find_rule(const struct alert_rule *r, void *data, struct tk_err *err)
{
	struct testing *t = data;

	(void)err;
	if (strcmp(r->name, t->name) == 0)
		t->rule = r->id;
	return 0;
}

static int
take_target(const struct target *target, void *data, struct tk_err *err)
{
	struct testing *t = data;

	(void)err;
	t->target = tk_xreallocarray(t->target, t->n + 1, sizeof(*t->target));
	t->target[t->n++] = target->id;
	return 0;
}

int
deliver_test(struct cmd_ctx *ctx, int64_t target, struct deliver_result *r,
    struct tk_err *err)
{
	static const char message[] = "This is a test of tokctl.";
	struct tk_buf body = TK_BUF_INIT;
	struct json_write w = { .to = &body };
	int64_t id;
	int rc = -1;

	json_write_open(&w, '{');
	json_write_member_text(&w, "event", "test");
	json_write_member_text(&w, "severity", "info");
	json_write_member_text(&w, "message", message);
	json_write_close(&w, '}');
	if (ledger_begin(ctx->ledger, err) < 0)
		goto out;
	if (outbox_add(ctx->ledger, target, "test", message, body.s, ctx->now,
		&id, err) == 0 &&
	    outbox_wake(ctx->ledger, target, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		rc = deliver(ctx, target, r, err);
out:
	tk_buf_release(&body);
	return rc;
}

static int
test_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct testing t = { .name = argc > 0 ? argv[0] : "" };
	struct deliver_result all = { 0, 0 };
	int rc = -1;

	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which rule?");
		return tk_hint(err, "'tokctl alert rules' has them");
	}
	if (rule_each(ctx->ledger, find_rule, &t, err) < 0)
		return -1;
	if (t.rule == 0) {
		tk_fail(err, TK_NOTFOUND, "no rule '%.200s'", t.name);
		return tk_hint(err,
		    "'tokctl alert rules' has those that were added");
	}
	if (target_each_of(ctx->ledger, t.rule, take_target, &t, err) < 0)
		goto out;
	for (size_t i = 0; i < t.n; i++) {
		struct deliver_result one;

		if (deliver_test(ctx, t.target[i], &one, err) < 0)
			goto out;
		all.sent += one.sent;
		all.failed += one.failed;
	}
	if (t.n == 0)
		cmd_say(ctx,
		    "rule %s sends nothing: its alerts are in "
		    "'tokctl alert list'",
		    t.name);
	else if (all.failed == 0)
		cmd_say(ctx, "%" PRId64 " message%s sent", all.sent,
		    all.sent == 1 ? "" : "s");
	rc = all.failed > 0 ? tk_exit_status(TK_IO) : 0;
out:
	free(t.target);
	return rc;
}

struct plain_args {
	struct cmd_common common;
};

static const struct opt test_opts[] = {
	OPT_COMMON(struct plain_args),
	OPT_END,
};

const struct cmd cmd_alert_test = {
	.name = "test",
	.summary = "send a test to all that a rule tells",
	.operands = "rule",
	.opts = test_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = test_run,
};
