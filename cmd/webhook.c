/*
 * tokctl webhook - who is told over HTTP, and what came of it
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/outbox.h"
#include "base/buf.h"
#include "base/num.h"
#include "cmd.h"
#include "deliver.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "out/out.h"

/* What a webhook can ask for: alert_event() of alerts; and of each record,
 * which "all" is not. */
static const char *const events[] = { "usage_recorded", "quota_warning",
	"quota_critical", "budget_warning", "budget_critical", "session_limit",
	"price_unknown", "ledger_unhealthy", "delivery_failed", "quota_request",
	"quota_decision", "import_failing", "capacity", "anomaly" };

struct plain_args {
	struct cmd_common common;
};

static const struct opt plain_opts[] = {
	OPT_COMMON(struct plain_args),
	OPT_END,
};

static const struct out_col list_cols[] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN | OUT_MACHINE },
	{ "name", "Name", OUT_TEXT, 0 },
	{ "url", "URL", OUT_TEXT, 0 },
	{ "events", "Events", OUT_TEXT, 0 },
	{ "signed", "Signed", OUT_BOOL, OUT_MEDIUM },
	{ "status", "Status", OUT_TEXT, OUT_STATE },
	{ "created_at", "Since", OUT_TIME, OUT_WIDE },
	OUT_COL_END,
};

static int
list_target(const struct target *t, void *data, struct tk_err *err)
{
	struct out *o = data;

	(void)err;
	if (t->kind != TARGET_WEBHOOK)
		return 0;
	out_int(o, t->id);
	out_text(o, t->name);
	out_text(o, t->address);
	out_text(o, t->events);
	out_bool(o, t->secret != NULL);
	out_text(o, t->state == TARGET_ON ? "active" : "disabled");
	out_time(o, t->added);
	out_end_row(o);
	return 0;
}

static int
list_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args, (void)argc, (void)argv;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.webhook.list/1",
		.title = "Webhooks" });
	out_begin(ctx->out, list_cols);
	out_empty(ctx->out, "no webhooks; 'tokctl webhook add' adds one");
	return target_each(ctx->ledger, list_target, ctx->out, err);
}

static const struct cmd cmd_webhook_list = {
	.name = "list",
	.summary = "list who is told over HTTP",
	.opts = plain_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = list_run,
};

struct add_args {
	struct cmd_common common;
	const char *name, *events, *secret_file, *secret_env;
	bool private_ok;
};

static const struct opt add_opts[] = {
	OPT_STR(0, "name", struct add_args, name, "name", HINT_NONE,
	    "what it is called; its host, if not given"),
	OPT_STR(0, "events", struct add_args, events, "list", HINT_NONE,
	    "only these; 'none': what rules send alone"),
	OPT_STR(0, "secret-file", struct add_args, secret_file, "file",
	    HINT_FILE, "sign with what this file holds"),
	OPT_STR(0, "secret-env", struct add_args, secret_env, "variable",
	    HINT_NONE, "sign with what the environment holds"),
	OPT_FLAG(0, "allow-private", struct add_args, private_ok,
	    "it may have an address that is not public"),
	OPT_COMMON(struct add_args),
	OPT_END,
};

/* The host of an http URL without a password in it. */
static int
check_url(const char *url, struct tk_buf *host, struct tk_err *err)
{
	size_t at = strncmp(url, "https://", 8) == 0 ? 8
	    : strncmp(url, "http://", 7) == 0        ? 7
						     : 0;
	size_t len = strcspn(url + at, "/?#");

	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 127)
			at = 0;
	if (at == 0 || len == 0 || url[at] == ':' || strlen(url) > 2000) {
		tk_fail(err, TK_USAGE, "'%.100s' is no URL", url);
		return tk_hint(err, "as https://example.org/hook");
	}
	if (memchr(url + at, '@', len) != NULL) {
		tk_fail(err, TK_USAGE, "a URL may hold no password");
		return tk_hint(err,
		    "give --secret-file; receivers check the signature");
	}
	tk_buf_add(host, url + at, len);
	return 0;
}

static int
read_events(const char *list, struct tk_buf *to, struct tk_err *err)
{
	if (list == NULL || strcmp(list, "all") == 0)
		tk_buf_adds(to, "*");
	if (to->len > 0 || strcmp(list, "none") == 0)
		return 0;
	while (*list != '\0') {
		size_t len = strcspn(list, ","), i = 0;

		while (i < TK_LEN(events) &&
		    (strlen(events[i]) != len ||
			strncmp(events[i], list, len) != 0))
			i++;
		if (i == TK_LEN(events)) {
			tk_fail(err, TK_USAGE, "--events: '%.*s' is no event",
			    (int)(len < 64 ? len : 64), list);
			return tk_hint(err, "tokctl-webhook(1) lists them");
		}
		tk_buf_addf(to, "%s%s", to->len > 0 ? " " : "", events[i]);
		list += len + (list[len] == ',');
	}
	return to->len > 0 ? 0
			   : tk_fail(err, TK_USAGE, "--events: it is empty");
}

/* Where the secret is, not what it is, is kept in the ledger. */
static int
read_secret(const struct add_args *a, struct tk_buf *where, struct tk_err *err)
{
	struct tk_buf value = TK_BUF_INIT;
	int rc;

	if (a->secret_file != NULL && a->secret_env != NULL)
		return tk_fail(err, TK_USAGE,
		    "--secret-file and --secret-env: one of them");
	if (a->secret_env != NULL) {
		tk_buf_addf(where, "env:%s", a->secret_env);
		return 0;
	}
	if (a->secret_file == NULL)
		return 0;
	tk_buf_adds(where, "file:");
	if (*a->secret_file != '/') {
		char *folder = realpath(".", NULL);

		tk_buf_addf(where, "%s/", folder != NULL ? folder : ".");
		free(folder);
	}
	tk_buf_adds(where, a->secret_file);
	rc = deliver_secret(where->s, &value, err);
	tk_buf_release(&value);
	return rc;
}

static int
add_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct add_args *a = args_;
	struct tk_buf host = TK_BUF_INIT, list = TK_BUF_INIT;
	struct tk_buf secret = TK_BUF_INIT;
	struct target t = { .kind = TARGET_WEBHOOK };
	struct ledger_actor by;
	int rc = -1;

	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which URL?");
		return tk_hint(err, "as https://example.org/hook");
	}
	if (check_url(argv[0], &host, err) < 0 ||
	    read_events(a->events, &list, err) < 0 ||
	    read_secret(a, &secret, err) < 0 || cmd_actor(ctx, &by, err) < 0 ||
	    ledger_begin(ctx->ledger, err) < 0)
		goto out;
	t.name = a->name != NULL && *a->name != '\0' ? a->name : host.s;
	t.address = argv[0];
	t.events = list.s;
	t.secret = secret.len > 0 ? secret.s : NULL;
	t.private_ok = a->private_ok;
	if (target_add(ctx->ledger, &t, &by, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		cmd_say(ctx, "webhook %s is set", t.name);
out:
	tk_buf_release(&host);
	tk_buf_release(&list);
	tk_buf_release(&secret);
	return rc;
}

static const struct cmd cmd_webhook_add = {
	.name = "add",
	.summary = "tell somebody over HTTP",
	.operands = "url",
	.examples = "tokctl webhook add https://example.org/hook --name ops\n",
	.opts = add_opts,
	.args_size = sizeof(struct add_args),
	.needs = CMD_ZONE | CMD_LEDGER_WRITE,
	.run = add_run,
};

static int
find(struct cmd_ctx *ctx, int argc, const char **argv, struct target *t,
    struct tk_err *err)
{
	int found;

	*t = (struct target){ 0 };
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which webhook?");
		return tk_hint(err, "'tokctl webhook list' has them");
	}
	found = target_find(ctx->ledger, argv[0], t, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	tk_fail(err, TK_NOTFOUND, "no webhook '%.200s'", argv[0]);
	return tk_hint(err, "'tokctl webhook list' has them");
}

static int
remove_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct ledger_actor by;
	struct target t;
	int rc = -1;

	(void)args;
	if (cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (find(ctx, argc, argv, &t, err) == 0 &&
	    target_remove(ctx->ledger, &t, &by, err) == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	if (rc == 0)
		cmd_say(ctx, "webhook %s is gone", argv[0]);
	target_release(&t);
	return rc;
}

static const struct cmd cmd_webhook_remove = {
	.name = "remove",
	.summary = "tell them nothing any more",
	.operands = "webhook",
	.opts = plain_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = remove_run,
};

static int
say_sent(struct cmd_ctx *ctx, const struct deliver_result *r)
{
	if (r->sent > 0 || r->failed == 0)
		cmd_say(ctx, "%" PRId64 " message%s sent", r->sent,
		    r->sent == 1 ? "" : "s");
	return r->failed > 0 ? tk_exit_status(TK_IO) : 0;
}

static int
test_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct deliver_result r;
	struct target t;
	int rc = find(ctx, argc, argv, &t, err);

	(void)args;
	if (rc == 0)
		rc = deliver_test(ctx, t.id, &r, err);
	target_release(&t);
	return rc < 0 ? -1 : say_sent(ctx, &r);
}

static const struct cmd cmd_webhook_test = {
	.name = "test",
	.summary = "send a test",
	.operands = "webhook",
	.opts = plain_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = test_run,
};

struct deliver_args {
	struct cmd_common common;
	const char *replay;
};

static const struct opt deliver_opts[] = {
	OPT_STR(0, "replay", struct deliver_args, replay, "id", HINT_NONE,
	    "send a dead message again, or all of a webhook"),
	OPT_COMMON(struct deliver_args),
	OPT_END,
};

static int
replay(struct cmd_ctx *ctx, const char *what, struct tk_err *err)
{
	struct target t = { 0 };
	int64_t id = 0;
	int n = -1;

	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (tk_int_parse(what, strlen(what), &id) ||
	    find(ctx, 1, &what, &t, err) == 0)
		n = outbox_replay(ctx->ledger, id, t.id, err);
	target_release(&t);
	if (n == 0)
		n = tk_fail(err, TK_NOTFOUND, "no dead message for '%.100s'",
		    what);
	if (n > 0)
		n = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	ledger_rollback(ctx->ledger);
	return n;
}

static int
deliver_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct deliver_args *args = args_;
	struct deliver_result r;

	(void)argc, (void)argv;
	if ((args->replay != NULL && replay(ctx, args->replay, err) < 0) ||
	    deliver(ctx, 0, &r, err) < 0)
		return -1;
	return say_sent(ctx, &r);
}

static const struct cmd cmd_webhook_deliver = {
	.name = "deliver",
	.summary = "send what is due, to webhooks and others",
	.opts = deliver_opts,
	.args_size = sizeof(struct deliver_args),
	.needs = CMD_ZONE | CMD_LEDGER_UPDATE,
	.run = deliver_run,
};

static const struct out_col log_cols[] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN },
	{ "time", "Time", OUT_TIME, OUT_MEDIUM },
	{ "target", "To", OUT_TEXT, 0 },
	{ "event", "Event", OUT_TEXT, 0 },
	{ "alert", "Alert", OUT_INT, OUT_PLAIN | OUT_MACHINE },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	{ "tries", "Tries", OUT_INT, 0 },
	{ "tried_at", "Last", OUT_TIME, OUT_WIDE },
	{ "result", "Result", OUT_TEXT, OUT_MEDIUM },
	{ "body", "", OUT_JSON, OUT_MACHINE },
	OUT_COL_END,
};

static int
log_message(const struct outbox_message *m, void *data, struct tk_err *err)
{
	struct out *o = data;

	(void)err;
	out_int(o, m->id);
	out_time(o, m->time);
	out_text(o, m->target_name);
	out_text(o, m->event);
	if (m->alert != 0)
		out_int(o, m->alert);
	else
		out_null(o);
	out_text(o, outbox_states[m->state].name);
	out_int(o, m->tries);
	out_moment(o, m->tried);
	out_text(o, m->result);
	out_json_text(o, m->body);
	out_end_row(o);
	return 0;
}

static int
log_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct target t = { 0 };
	int64_t id;

	(void)args;
	if (argc > 0 && find(ctx, argc, argv, &t, err) < 0)
		return -1;
	id = t.id;
	target_release(&t);
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.webhook.log/1",
		.title = "Messages" });
	out_begin(ctx->out, log_cols);
	out_empty(ctx->out, "no messages");
	return outbox_each(ctx->ledger, id, log_message, ctx->out, err);
}

static const struct cmd cmd_webhook_log = {
	.name = "log",
	.summary = "list what was sent, and what waits",
	.operands = "[webhook]",
	.opts = plain_opts,
	.args_size = sizeof(struct plain_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = log_run,
};

static const struct cmd *const webhook_verbs[] = { &cmd_webhook_list,
	&cmd_webhook_add, &cmd_webhook_remove, &cmd_webhook_test,
	&cmd_webhook_deliver, &cmd_webhook_log, NULL };

const struct cmd cmd_webhook = {
	.name = "webhook",
	.summary = "tell other programs over HTTP",
	.verbs = webhook_verbs,
};
