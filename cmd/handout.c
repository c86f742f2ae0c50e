/*
 * --plot, --mail and --lock: see handout.h.
 */
#include "handout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/who.h"
#include "config/config.h"
#include "mail/mail.h"
#include "usage.h"

enum { MAIL_WIDTH = 75 };

/* The file that says it runs; it stays, and is empty. */
static int
lock_path(struct tk_buf *path, const char *name, int argc, const char **argv,
    struct tk_err *err)
{
	const char *ledger = getenv("TOKCTL_LEDGER");
	uint8_t digest[TK_SHA256_LEN];
	struct tk_buf words = TK_BUF_INIT;
	char hex[65];
	int rc;

	tk_buf_add(&words, name, strlen(name) + 1);
	for (int i = 0; i < argc; i++)
		tk_buf_add(&words, argv[i], strlen(argv[i]) + 1);
	if (ledger != NULL)
		tk_buf_adds(&words, ledger);
	tk_sha256(words.s, words.len, digest);
	tk_sha256_hex(digest, hex);
	tk_buf_reset(&words);
	tk_buf_addf(&words, "lock-%.16s", hex);
	rc = config_path(PLACE_STATE, words.s, path, err);
	tk_buf_release(&words);
	return rc;
}

int
handout_lock(struct handout *d, const char *name, int argc, const char **argv,
    struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int rc = -1;

	if (lock_path(&path, name, argc, argv, err) < 0 ||
	    tk_make_parents(path.s, err) < 0)
		goto out;
	d->lock = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock >= 0 && flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		rc = 1;
	else if (d->lock >= 0 && errno == EWOULDBLOCK)
		rc = 0;
	else
		tk_fail_errno(err, "cannot lock '%s'", path.s);
out:
	tk_buf_release(&path);
	return rc;
}

static bool
is_stdout(const char *file)
{
	return file == NULL || strcmp(file, "-") == 0;
}

static int
check(const struct cmd_common *c, bool plain, struct tk_err *err)
{
	for (size_t i = 0; i < c->mail.n; i++)
		if (mail_address(c->mail.v[i], err) < 0)
			return tk_wrap(err, "--mail");
	if (!plain)
		return 0;
	if (c->mail.n > 0 && c->format >= 0) {
		tk_fail(err, TK_USAGE, "--mail has formats of its own");
		return tk_hint(err, "with -o a file gets the other format");
	}
	if (c->plot != NULL && is_stdout(c->plot) &&
	    (c->format >= 0 || c->mail.n > 0))
		return tk_fail(err, TK_USAGE,
		    "a picture is all that --plot - prints");
	return 0;
}

static bool
has_option(const struct cmd *c, const char *name)
{
	for (const struct opt *o = c->opts; o->type != OPT_T_END; o++)
		if (o->name != NULL && strcmp(o->name, name) == 0)
			return true;
	return false;
}

/* Others write a text there, or a document of somebody else. */
static bool
prints_rows_alone(const struct cmd *c)
{
	return c->needs & CMD_PAGER ||
	    (c->format != NULL && strcmp(c->format, "csv") == 0);
}

int
handout_format(const struct cmd *c, struct cmd_common *common,
    struct tk_err *err)
{
	int format;

	if (common->format >= 0 || common->output == NULL ||
	    !prints_rows_alone(c))
		return 0;
	format = out_format_of_file(common->output);
	if (format == out_format_svg && !has_option(c, "plot")) {
		tk_fail(err, TK_USAGE, "-o '%s': this command draws nothing",
		    common->output);
		return tk_hint(err, "with -f any format is written there");
	}
	common->format = format;
	return 0;
}

int
handout_open(struct handout *d, const struct cmd_common *c,
    struct out_style *style, FILE **to, struct tk_err *err)
{
	bool plain = is_stdout(c->output);

	if (check(c, plain, err) < 0)
		return -1;
	if (c->plot != NULL && !is_stdout(c->plot) &&
	    tk_new_file_open(&d->plot, c->plot, 0666, err) < 0)
		return -1;
	if (c->plot != NULL && is_stdout(c->plot)) {
		if (!plain)
			return tk_fail(err, TK_USAGE,
			    "--plot - does not go with -o");
		style->format = out_format_svg;
		style->color = false;
	}
	if (c->mail.n == 0)
		return 0;
	d->text = open_memstream(&d->text_bytes, &d->text_len);
	d->html = open_memstream(&d->html_bytes, &d->html_len);
	if (d->text == NULL || d->html == NULL)
		return tk_fail_errno(err, "cannot keep the mail");
	if (plain) {
		*to = d->text;
		style->format = out_format_named("table");
		style->width = MAIL_WIDTH;
		style->color = false;
		style->utf8 = true;
	}
	return 0;
}

void
handout_start(struct handout *d, const struct cmd_common *c, struct out *out,
    const struct out_style *style)
{
	struct out_style also = *style;

	also.color = false;
	also.utf8 = true;
	also.width = MAIL_WIDTH;
	if (d->plot.to != NULL) {
		also.format = out_format_svg;
		out_also(out, d->plot.to, &also);
	}
	if (d->html == NULL)
		return;
	also.format = out_format_named("html");
	out_also(out, d->html, &also);
	if (is_stdout(c->output))
		return;
	also.format = out_format_named("table");
	out_also(out, d->text, &also);
}

int
handout_note(struct handout *d, const struct cmd_ctx *ctx, struct tk_err *err)
{
	bool picture =
	    ctx->common->plot != NULL || ctx->common->format == out_format_svg;
	struct tk_buf b = TK_BUF_INIT;

	if (d->text == NULL && !picture)
		return 0;
	if (!ctx->nothing && !out_begun(ctx->out))
		return tk_fail(err, TK_USAGE, "there is no table for --%s",
		    picture ? "plot" : "mail");
	tk_buf_adds(&b, "tokctl: ");
	out_heading(ctx->out, &b);
	d->subject = tk_buf_detach(&b);
	return 0;
}

int
handout_sender(struct cmd_ctx *ctx, struct tk_buf *from, struct tk_err *err)
{
	const char *set = NULL, *user = NULL;
	struct tk_err unknown;

	if (ctx->host.len == 0 && !tk_host_name(&ctx->host))
		tk_buf_adds(&ctx->host, "localhost");
	if (config_get(ctx->config, "alert.from", &set, err) < 0)
		return -1;
	if (set != NULL && *set != '\0') {
		tk_buf_adds(from, set);
		return mail_address(set, err) < 0 ? tk_wrap(err, "alert.from")
						  : 0;
	}
	user = getenv("LOGNAME");
	if (user == NULL || *user == '\0')
		user = usage_login(ctx);
	tk_buf_addf(from, "%s@%s", user != NULL ? user : "tokctl", ctx->host.s);
	if (mail_address(from->s, &unknown) < 0) {
		tk_buf_reset(from);
		tk_buf_adds(from, "tokctl@localhost");
	}
	return 0;
}

static int
send_mail(struct handout *d, struct cmd_ctx *ctx, struct tk_err *err)
{
	struct tk_buf from = TK_BUF_INIT;
	const char *program;
	struct mail m = { .to = ctx->common->mail.v,
		.n = ctx->common->mail.n,
		.subject = d->subject,
		.now = ctx->now,
		.zone = ctx->zone,
		.text = d->text_bytes,
		.html = d->html_bytes };
	int rc = -1;

	if (handout_sender(ctx, &from, err) < 0 ||
	    config_get(ctx->config, "alert.sendmail", &program, err) < 0)
		goto out;
	m.host = ctx->host.s;
	m.from = from.s;
	rc = mail_send(&m, program, err);
out:
	tk_buf_release(&from);
	return rc;
}

static int
close_stream(FILE **f, struct tk_err *err)
{
	FILE *was = *f;

	*f = NULL;
	if (was != NULL && fclose(was) != 0)
		return tk_fail_errno(err, "cannot keep the mail");
	return 0;
}

int
handout_finish(struct handout *d, struct cmd_ctx *ctx, struct tk_err *err)
{
	if (ctx->nothing) {
		tk_new_file_discard(&d->plot);
		return 0;
	}
	if (d->plot.to != NULL && tk_new_file_commit(&d->plot, err) < 0)
		return -1;
	if (ctx->common->mail.n == 0)
		return 0;
	if (close_stream(&d->text, err) < 0 || close_stream(&d->html, err) < 0)
		return -1;
	return send_mail(d, ctx, err);
}

void
handout_release(struct handout *d)
{
	tk_new_file_discard(&d->plot);
	if (d->text != NULL)
		fclose(d->text);
	if (d->html != NULL)
		fclose(d->html);
	free(d->text_bytes);
	free(d->html_bytes);
	free(d->subject);
	if (d->lock >= 0)
		close(d->lock);
}
