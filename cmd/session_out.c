/*
 * Where a run writes: a terminal or its pager, a file that is there whole or
 * not at all, a picture, mails.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "out/out.h"
#include "session_int.h"
#include "zip/zip.h"

static int
get_choice(struct session *s, const char *key, const struct tk_choice *words,
    int *value, struct tk_err *err)
{
	const char *word = NULL;

	if (config_get(s->ctx.config, key, &word, err) < 0)
		return -1;
	for (; word != NULL && words->name != NULL; words++)
		if (strcmp(words->name, word) == 0)
			*value = words->value;
	return 0;
}

/* What -o and --plot write, until they have their names. */
static const char *volatile unfinished[2];

static void
drop_unfinished(int sig)
{
	for (size_t i = 0; i < TK_LEN(unfinished); i++)
		if (unfinished[i] != NULL)
			unlink(unfinished[i]);
	signal(sig, SIG_DFL);
	raise(sig);
}

static int
open_files(struct session *s, struct out_style *style, FILE **to,
    struct tk_err *err)
{
	const char *name = s->common->output;

	if (handout_open(&s->handout, s->common, style, to, err) < 0)
		return -1;
	unfinished[1] = s->handout.plot.temporary;
	if (name == NULL || strcmp(name, "-") == 0 || s->common->split != 0)
		return 0;
	if (tk_new_file_open(&s->file, name, 0666, err) < 0)
		return -1;
	unfinished[0] = s->file.temporary;
	if (zip_open(to, s->file.to, name, err) < 0)
		return -1;
	s->zipped = *to == s->file.to ? NULL : *to;
	return 0;
}

/* Open what is written to files.  Who ends this program early leaves no half
 * a file behind. */
static int
open_safely(struct session *s, struct out_style *style, FILE **to,
    struct tk_err *err)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t caught, before;
	int rc;

	sigemptyset(&caught);
	for (size_t i = 0; i < TK_LEN(signals); i++)
		sigaddset(&caught, signals[i]);
	sigprocmask(SIG_BLOCK, &caught, &before);
	rc = open_files(s, style, to, err);
	for (size_t i = 0; i < TK_LEN(signals); i++)
		if (signal(signals[i], drop_unfinished) == SIG_IGN)
			signal(signals[i], SIG_IGN);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int
start_pager(struct session *s, struct tk_err *err)
{
	if (!(s->ctx.cmd->needs & CMD_PAGER) || s->common->no_pager)
		return 0;
	if (config_get(s->ctx.config, "ui.pager", &s->pager.setting, err) < 0)
		return -1;
	term_pager_start(&s->pager);
	return 0;
}

int
session_out_open(struct session *s, struct tk_err *err)
{
	const struct cmd_common *c = s->common;
	struct out_style style = { .format = c->format,
		.now = s->ctx.now,
		.zone = s->ctx.zone,
		.digits = &s->digits };
	int color = TERM_AUTO;
	const char *ascii = NULL;
	FILE *to = stdout;

	if (style.format < 0 && s->ctx.cmd->format != NULL) {
		style.format = out_format_named(s->ctx.cmd->format);
	} else if (style.format < 0) {
		style.format = out_format_named("table");
		if (get_choice(s, "output.format", out_formats, &style.format,
			err) < 0)
			return -1;
	}
	if (config_digits(s->ctx.config, &s->digits, err) < 0 ||
	    get_choice(s, "ui.color", term_whens, &color, err) < 0 ||
	    config_get(s->ctx.config, "ui.ascii", &ascii, err) < 0)
		return -1;
	style.utf8 =
	    strcmp(ascii, "auto") == 0 ? term_utf8() : strcmp(ascii, "no") == 0;
	if (c->output == NULL || strcmp(c->output, "-") == 0) {
		style.color = term_color(STDOUT_FILENO,
		    (enum term_when)c->color, (enum term_when)color);
		style.width = term_width(STDOUT_FILENO);
	}
	if ((c->output != NULL || c->plot != NULL || c->mail.n > 0) &&
	    open_safely(s, &style, &to, err) < 0)
		return -1;
	if (to == stdout && !out_format_is_text(style.format) &&
	    term_is_tty(STDOUT_FILENO)) {
		tk_fail(err, TK_USAGE, "xlsx is no format for a terminal");
		return tk_hint(err, "with -o FILE.xlsx it is written there");
	}
	if (to == stdout && style.format == 0 && start_pager(s, err) < 0)
		return -1;
	s->ctx.to = to;
	s->ctx.out = out_new(to, &style);
	handout_start(&s->handout, c, s->ctx.out, &style);
	return 0;
}

/* What a command that has no rows said, for who asked for a format. */
static int
print_news(struct session *s, struct tk_err *err)
{
	if (s->ctx.news == NULL ||
	    (s->ctx.cmd->needs == 0 && s->news.texts.len == 0))
		return 0;
	if ((s->ctx.zone == NULL && session_open_zone(s, err) < 0) ||
	    session_out_open(s, err) < 0)
		return -1;
	news_print(&s->news, s->ctx.out);
	return 0;
}

/* Nothing at all, when nobody wants a document without rows. */
static void
drop_empty(struct session *s)
{
	if (s->ctx.out == NULL || !s->common->quiet_if_empty ||
	    out_any(s->ctx.out))
		return;
	out_discard(s->ctx.out);
	s->ctx.out = NULL;
	s->ctx.nothing = true;
}

static int
close_out(struct session *s, struct tk_err *err)
{
	struct out *out = s->ctx.out;

	if (out == NULL)
		return 0;
	if (handout_note(&s->handout, &s->ctx, err) < 0)
		return -1;
	s->ctx.out = NULL;
	return out_close(out, err);
}

static int
close_zipped(struct session *s, struct tk_err *err)
{
	FILE *zipped = s->zipped;

	s->zipped = NULL;
	if (zipped != NULL && fclose(zipped) != 0)
		return tk_fail_errno(err, "cannot write the output");
	return 0;
}

int
session_out_finish(struct session *s, int rc, struct tk_err *err)
{
	if (rc < 0) {
		out_discard(s->ctx.out);
		s->ctx.out = NULL;
		return rc;
	}
	if (print_news(s, err) < 0)
		return -1;
	drop_empty(s);
	if (close_out(s, err) < 0 || close_zipped(s, err) < 0)
		return -1;
	unfinished[0] = unfinished[1] = NULL;
	if (s->ctx.nothing)
		tk_new_file_discard(&s->file);
	if (s->file.to != NULL && tk_new_file_commit(&s->file, err) < 0)
		return -1;
	if (handout_finish(&s->handout, &s->ctx, err) < 0)
		return -1;
	if (fflush(stdout) != 0 || ferror(stdout))
		return tk_fail_errno(err, "cannot write the output");
	return rc;
}

void
session_out_drop(struct session *s)
{
	out_discard(s->ctx.out);
	if (s->zipped != NULL)
		fclose(s->zipped);
	unfinished[0] = unfinished[1] = NULL;
	tk_new_file_discard(&s->file);
	handout_release(&s->handout);
}
