/*
 * Mail, through sendmail(1) or a server: deliver.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "child.h"
#include "config/config.h"
#include "deliver.h"
#include "ledger/ledger.h"
#include "usage.h"
#include "json/write.h"

/* A header's value: one line, in ASCII. */
static void
add_value(struct tk_buf *b, const char *text)
{
	enum { CHUNK = 42 }; /* bytes: what fits a word of RFC 2047 */
	size_t len = strlen(text);
	bool plain = true;

	for (size_t i = 0; i < len; i++)
		plain &= text[i] >= ' ' && text[i] < 127;
	if (plain && len < 900) {
		tk_buf_add(b, text, len);
		return;
	}
	for (size_t at = 0; at < len;) {
		size_t n = 0, step = 1;
		int32_t cp;

		while (at + n < len && n + step <= CHUNK) {
			n += step;
			step = at + n < len
			    ? tk_utf8_step(text + at + n, len - at - n, &cp)
			    : 1;
		}
		tk_buf_addf(b, "%s=?utf-8?B?", at > 0 ? "\n " : "");
		tk_base64_add(b, text + at, n);
		tk_buf_adds(b, "?=");
		at += n;
	}
}

/* "Tue, 14 Nov 2023 22:13:20 +0000" */
static void
add_date(struct tk_buf *b, int64_t ms)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int32_t day = (int32_t)(ms / 86400000);
	int s = (int)(ms / 1000 % 86400), year, month, mday;

	tk_day_to_civil(day, &year, &month, &mday);
	tk_buf_addf(b, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[tk_day_weekday(day)], mday, months[month - 1], year, s / 3600,
	    s / 60 % 60, s % 60);
}

static int
add_from(struct cmd_ctx *ctx, struct tk_buf *b, struct tk_err *err)
{
	const char *from, *user = NULL, *host;

	if (config_get(ctx->config, "alert.from", &from, err) < 0 ||
	    (from == NULL && usage_user(ctx, &user, err) < 0) ||
	    usage_machine(ctx, &host, err) < 0)
		return -1;
	if (from != NULL)
		tk_buf_adds(b, from);
	else
		tk_buf_addf(b, "%s@%s", user, host);
	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->s[i] <= ' ' || b->s[i] == 127)
			b->s[i] = '_';
	return 0;
}

static int
write_mail(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, const char *from, struct tk_buf *b,
    struct tk_err *err)
{
	char uuid[33];

	if (ledger_uuid(ctx->ledger, uuid, err) < 0)
		return -1;
	tk_buf_addf(b, "From: %s\nTo: %s\nSubject: ", from, t->address);
	add_value(b, d->message);
	tk_buf_adds(b, "\nDate: ");
	add_date(b, ctx->now);
	tk_buf_addf(b, "\nMessage-ID: <%s.%" PRId64 "@tokctl>\n", uuid, d->id);
	tk_buf_adds(b,
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n"
	    "Auto-Submitted: auto-generated\n\n");
	tk_buf_addf(b, "%s\n\n%s\n\nSee: tokctl alert list\n", d->message,
	    d->body);
	return 0;
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
	const char *program, *server;
	int rc = -1;

	if (config_get(ctx->config, "alert.sendmail", &program, err) < 0 ||
	    config_get(ctx->config, "alert.smtp", &server, err) < 0 ||
	    add_from(ctx, &from, err) < 0 ||
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
