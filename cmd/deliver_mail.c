/*
 * Mail, through sendmail(1) or a server: deliver.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/time.h"
#include "child.h"
#include "config/config.h"
#include "deliver.h"
#include "handout.h"
#include "ledger/ledger.h"
#include "mail/mail.h"
#include "json/write.h"

/* The id stays the same when it is tried again. */
static int
write_mail(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, const char *from, struct tk_buf *b,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT, id = TK_BUF_INIT;
	struct tk_zone *utc = NULL;
	char uuid[33];
	int rc = -1;

	if (ledger_uuid(ctx->ledger, uuid, err) < 0 ||
	    tk_zone_open(&utc, "UTC", err) < 0)
		goto out;
	tk_buf_addf(&id, "%s.%" PRId64, uuid, d->id);
	tk_buf_addf(&text, "%s\n\n%s\n\nSee: tokctl alert list\n", d->message,
	    d->body);
	mail_add(&(struct mail){ .from = from,
		     .to = &t->address,
		     .n = 1,
		     .subject = d->message,
		     .now = ctx->now,
		     .zone = utc,
		     .host = ctx->host.s,
		     .id = id.s,
		     .text = text.s },
	    b);
	rc = 0;
out:
	tk_zone_free(utc);
	tk_buf_release(&text);
	tk_buf_release(&id);
	return rc;
}

static void
send_by_program(const char *program, const struct target *t,
    const struct tk_buf *mail, struct outbox_attempt *a, struct tk_buf *result)
{
	const char *argv[] = { program, "-i", "--", t->address, NULL };
	struct child c = { .argv = argv,
		.input = mail->s,
		.input_len = mail->len,
		.timeout = DELIVER_TIMEOUT_MS };
	struct tk_err why = TK_ERR_INIT;
	int status = 0;

	a->outcome = OUTCOME_FAILED;
	if (child_run(&c, &status, &why) < 0)
		tk_buf_adds(result, why.msg);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		a->outcome = OUTCOME_SENT;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		tk_buf_addf(result, "'%s' was not found; see alert.sendmail",
		    program);
	else
		tk_buf_addf(result, "'%s' failed with status %d", program,
		    WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status));
}

/* The password goes through a pipe, never through arguments. */
static int
send_by_server(struct cmd_ctx *ctx, const char *server, const char *from,
    const struct target *t, const struct tk_buf *mail, struct outbox_attempt *a,
    struct tk_buf *result, struct tk_err *err)
{
	struct tk_buf request = TK_BUF_INIT, password = TK_BUF_INIT;
	struct tk_buf where = TK_BUF_INIT;
	struct json_write w = { .to = &request };
	const char *user, *file;
	int rc = -1;

	if (config_get(ctx->config, "alert.smtp_user", &user, err) < 0 ||
	    config_get(ctx->config, "alert.smtp_password", &file, err) < 0)
		goto out;
	if (file != NULL) {
		tk_buf_addf(&where, "file:%s", file);
		if (deliver_secret(where.s, &password, err) < 0)
			goto out;
	}
	json_write_open(&w, '{');
	json_write_member_text(&w, "url", server);
	json_write_member_text(&w, "from", from);
	json_write_member_text(&w, "to", t->address);
	json_write_member_text(&w, "user", user);
	json_write_member_text(&w, "password", file ? password.s : NULL);
	json_write_member_bool(&w, "private", true);
	json_write_member_text(&w, "body", mail->s);
	json_write_close(&w, '}');
	rc = deliver_help(&request, a, result, err);
out:
	tk_buf_release(&request);
	tk_buf_release(&password);
	tk_buf_release(&where);
	return rc;
}

int
deliver_mail(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, struct outbox_attempt *a, struct tk_buf *result,
    struct tk_err *err)
{
	struct tk_buf from = TK_BUF_INIT, mail = TK_BUF_INIT;
	struct tk_err why = TK_ERR_INIT;
	const char *program, *server;
	int rc = -1;

	/* Of a ledger that others wrote. */
	if (mail_address(t->address, &why) < 0) {
		a->outcome = OUTCOME_GONE;
		tk_buf_adds(result, why.msg);
		return 0;
	}
	if (config_get(ctx->config, "alert.sendmail", &program, err) < 0 ||
	    config_get(ctx->config, "alert.smtp", &server, err) < 0 ||
	    handout_sender(ctx, &from, err) < 0 ||
	    write_mail(ctx, t, d, from.s, &mail, err) < 0)
		goto out;
	rc = 0;
	if (server != NULL)
		rc = send_by_server(ctx, server, from.s, t, &mail, a, result,
		    err);
	else
		send_by_program(program, t, &mail, a, result);
out:
	tk_buf_release(&from);
	tk_buf_release(&mail);
	return rc;
}
