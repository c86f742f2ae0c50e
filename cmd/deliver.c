/*
 * Sending what is in the outbox: deliver.h.
 *
 * The ledger is never locked while something is sent: a target is claimed,
 * a message is read, sent, and what came of it is written.
 */
#include "deliver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "child.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "json/json.h"

/* A message with texts of its own. */
struct letter {
	struct delivery d;
	char *text[3];
};

static int
copy_letter(const struct outbox_message *m, void *data, struct tk_err *err)
{
	struct letter *to = data;

	(void)err;
	to->d.id = m->id;
	to->d.event = to->text[0] = tk_xstrdup(m->event);
	to->d.message = to->text[1] = tk_xstrdup(m->message);
	to->d.body = to->text[2] = tk_xstrdup(m->body);
	return 0;
}

static void
letter_release(struct letter *x)
{
	for (size_t i = 0; i < TK_LEN(x->text); i++)
		free(x->text[i]);
	*x = (struct letter){ 0 };
}

int
deliver_secret(const char *where, struct tk_buf *b, struct tk_err *err)
{
	if (strncmp(where, "env:", 4) == 0) {
		const char *value = getenv(where + 4);

		if (value == NULL || *value == '\0') {
			tk_fail(err, TK_IO, "$%.100s is not set", where + 4);
			return tk_hint(err, "it has the secret to sign with");
		}
		tk_buf_adds(b, value);
		return 0;
	}
	if (tk_read_file(where + strlen("file:"), 4096, b, err) < 0)
		return -1;
	while (b->len > 0 && strchr("\r\n", b->s[b->len - 1]) != NULL)
		b->s[--b->len] = '\0';
	return b->len > 0 ? 0
			  : tk_fail(err, TK_IO, "'%.200s' is empty", where + 5);
}

/* The words of a JSON array, in one buffer. */
static size_t
split_words(const char *json, struct tk_buf *words)
{
	struct json_scan s;
	struct json_text word;
	size_t n = 0;

	json_scan_init(&s, json, strlen(json));
	if (json_scan_array(&s) > 0) {
		while (json_scan_item(&s)) {
			if (json_scan_text(&s, &word) <= 0)
				continue;
			json_text_add(&word, words);
			tk_buf_add(words, "", 1);
			n++;
		}
	}
	return n;
}

static void
run_program(const char *const *argv, const struct delivery *d,
    struct outbox_attempt *a, struct tk_buf *result)
{
	struct tk_err why = TK_ERR_INIT;
	struct child c = { .argv = argv,
		.input = d->body,
		.input_len = strlen(d->body),
		.timeout = DELIVER_TIMEOUT_MS };
	int status = 0;

	a->outcome = OUTCOME_FAILED;
	if (child_run(&c, &status, &why) < 0)
		tk_buf_adds(result, why.msg);
	else if (WIFSIGNALED(status))
		tk_buf_addf(result, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		tk_buf_addf(result, "'%s' was not found", argv[0]);
	else if (WEXITSTATUS(status) != 0)
		tk_buf_addf(result, "exit status %d", WEXITSTATUS(status));
	else
		a->outcome = OUTCOME_SENT;
}

static void
deliver_command(const struct target *t, const struct delivery *d,
    struct outbox_attempt *a, struct tk_buf *result)
{
	const char *shell[] = { "/bin/sh", "-c", t->address, NULL };
	struct tk_buf words = TK_BUF_INIT;
	const char **argv, *at;
	size_t n;

	if (t->kind == TARGET_SHELL) {
		run_program(shell, d, a, result);
		return;
	}
	n = split_words(t->address, &words);
	argv = tk_xcalloc(n + 1, sizeof(*argv));
	at = words.s;
	for (size_t i = 0; i < n; i++, at += strlen(at) + 1)
		argv[i] = at;
	run_program(argv, d, a, result);
	free(argv);
	tk_buf_release(&words);
}

static int
send_one(struct cmd_ctx *ctx, const struct target *t, const struct delivery *d,
    struct outbox_attempt *a, struct tk_buf *result, struct tk_err *err)
{
	switch (t->kind) {
	case TARGET_COMMAND:
	case TARGET_SHELL:
		deliver_command(t, d, a, result);
		return 0;
	case TARGET_EMAIL:
		return deliver_mail(ctx, t, d, a, result, err);
	case TARGET_WEBHOOK:
		return deliver_web(ctx, t, d, a, result, err);
	}
	return tk_fail(err, TK_BUG, "target %" PRId64 " is of no kind", t->id);
}

/* 1: written; 0: another one has the target now. */
static int
write_result(struct cmd_ctx *ctx, const struct target *t, int64_t message,
    const char *holder, const struct outbox_attempt *a, struct tk_err *err)
{
	int rc;

	if (cmd_tick(ctx, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	rc = outbox_record(ctx->ledger, message, t->id, holder, a, ctx->now,
	    err);
	if (rc > 0 && ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
		rc = -1;
	ledger_rollback(ctx->ledger);
	return rc;
}

struct sender {
	const char *holder;
	int64_t max_tries;
	struct deliver_result *r;
};

/* 1: sent, go on; 0: stop with this target. */
static int
send_next(struct cmd_ctx *ctx, const struct target *t, const struct sender *s,
    struct letter *x, struct tk_err *err)
{
	struct outbox_attempt a = { .max_tries = s->max_tries };
	struct tk_buf result = TK_BUF_INIT;
	struct tk_err why = TK_ERR_INIT;
	int rc;

	if (send_one(ctx, t, &x->d, &a, &result, &why) < 0) {
		cmd_warn(ctx, "%s", why.msg);
		if (*why.hint != '\0')
			cmd_warn(ctx, "%s", why.hint);
		s->r->failed++;
		tk_buf_release(&result);
		return 0;
	}
	a.result = result.s;
	rc = write_result(ctx, t, x->d.id, s->holder, &a, err);
	if (rc > 0 && a.outcome == OUTCOME_SENT) {
		s->r->sent++;
	} else if (rc > 0) {
		cmd_warn(ctx, "message %" PRId64 " to %s: %s", x->d.id,
		    t->name != NULL ? t->name : t->address, result.s);
		s->r->failed++;
		rc = 0;
	}
	tk_buf_release(&result);
	return rc;
}

static int
send_all(struct cmd_ctx *ctx, const struct target *t, const struct sender *s,
    struct tk_err *err)
{
	int more = 1, rc = 0;

	while (more > 0) {
		struct letter x = { 0 };

		more = outbox_next(ctx->ledger, t->id, copy_letter, &x, err);
		if (more > 0)
			more = send_next(ctx, t, s, &x, err);
		letter_release(&x);
	}
	if (more < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (outbox_let_go(ctx->ledger, t->id, s->holder, err) < 0 ||
	    ledger_commit(ctx->ledger, LEDGER_RELAXED, err) < 0)
		rc = -1;
	ledger_rollback(ctx->ledger);
	return rc;
}

static int
claim(struct cmd_ctx *ctx, const char *holder, int64_t after, int64_t only,
    struct target *t, struct tk_err *err)
{
	int rc;

	if (cmd_tick(ctx, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	rc = outbox_claim(ctx->ledger, holder, after, ctx->now, t, err);
	if (rc > 0 && only > 0 && t->id != only) {
		target_release(t);
		rc = 0;
	}
	if (rc > 0 && ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
		rc = -1;
	ledger_rollback(ctx->ledger);
	return rc;
}

/* Nobody else calls themselves that. */
static int
name_holder(struct cmd_ctx *ctx, struct tk_buf *b, struct tk_err *err)
{
	unsigned char random[12];

	if (getentropy(random, sizeof(random)) != 0)
		return tk_fail_errno(err, "no random numbers");
	tk_buf_addf(b, "%ld@%s-", (long)getpid(),
	    ctx->host.len > 0 ? ctx->host.s : "");
	for (size_t i = 0; i < sizeof(random); i++)
		tk_buf_addf(b, "%02x", random[i]);
	return 0;
}

int
deliver(struct cmd_ctx *ctx, int64_t target, struct deliver_result *r,
    struct tk_err *err)
{
	struct tk_buf holder = TK_BUF_INIT;
	struct sender s = { .r = r };
	int64_t after = target > 0 ? target - 1 : 0;
	int more = -1;

	*r = (struct deliver_result){ 0, 0 };
	if (config_get_int(ctx->config, "webhook.tries", &s.max_tries, err) <
		0 ||
	    name_holder(ctx, &holder, err) < 0)
		goto out;
	s.holder = holder.s;
	for (;;) {
		struct target t;

		more = claim(ctx, holder.s, after, target, &t, err);
		if (more <= 0)
			break;
		after = t.id;
		if (send_all(ctx, &t, &s, err) < 0)
			more = -1;
		target_release(&t);
		if (more < 0 || target > 0)
			break;
	}
out:
	tk_buf_release(&holder);
	return more < 0 ? -1 : 0;
}
