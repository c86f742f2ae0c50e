#include "cli/term.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"

enum { DEFAULT_WIDTH = 80, MOST_WIDTH = 10000 };

const struct tk_choice term_whens[] = {
	{ "auto", TERM_AUTO },
	{ "always", TERM_ALWAYS },
	{ "never", TERM_NEVER },
	{ NULL, 0 },
};

/* The variable, or NULL when it is not set or empty. */
static const char *
env(const char *name)
{
	const char *s = getenv(name);

	return s != NULL && s[0] != '\0' ? s : NULL;
}

/* 0 when it is not set to a sensible number. */
static int
env_width(const char *name)
{
	const char *s = env(name);
	int64_t n;

	if (s == NULL || !tk_int_parse(s, strlen(s), &n) || n < 1 ||
	    n > MOST_WIDTH)
		return 0;
	return (int)n;
}

bool
term_is_tty(int fd)
{
	return env("TOKCTL_FORCE_TTY") != NULL || isatty(fd);
}

int
term_width(int fd)
{
	struct winsize ws;
	int n;

	if (!term_is_tty(fd))
		return 0;
	n = env_width("TOKCTL_FORCE_TTY");
	if (n == 0)
		n = env_width("COLUMNS");
	if (n == 0 && ioctl(fd, TIOCGWINSZ, &ws) == 0)
		n = ws.ws_col;
	return n > 0 ? n : DEFAULT_WIDTH;
}

static bool
is_dumb(void)
{
	const char *term = env("TERM");

	return term == NULL || strcmp(term, "dumb") == 0;
}

bool
term_color(int fd, enum term_when option, enum term_when setting)
{
	const char *force = env("CLICOLOR_FORCE"), *s;

	if (option != TERM_AUTO)
		return option == TERM_ALWAYS;
	if (env("NO_COLOR") != NULL)
		return false;
	if ((force != NULL && strcmp(force, "0") != 0) ||
	    env("FORCE_COLOR") != NULL)
		return true;
	if (setting != TERM_AUTO)
		return setting == TERM_ALWAYS;
	s = env("CLICOLOR");
	if (is_dumb() || (s != NULL && strcmp(s, "0") == 0))
		return false;
	return term_is_tty(fd);
}

/* By name, since asking the C library would mean reading the locale. */
bool
term_utf8(void)
{
	const char *locale = env("LC_ALL"), *term = env("TERM");
	const char *codeset;

	if (locale == NULL)
		locale = env("LC_CTYPE");
	if (locale == NULL)
		locale = env("LANG");
	if (locale == NULL || (term != NULL && strcmp(term, "linux") == 0))
		return false;
	codeset = strchr(locale, '.');
	return codeset != NULL &&
	    (strncasecmp(codeset + 1, "UTF-8", 5) == 0 ||
		strncasecmp(codeset + 1, "UTF8", 4) == 0);
}

static void
add_amount(struct tk_buf *b, const struct term_progress *p, int64_t n)
{
	if (p->bytes)
		tk_bytes_add(b, n);
	else
		tk_int_add_grouped(b, n, &tk_digits_default);
}

/* Not what would begin another line, on which the next '\r' would not act. */
static void
add_if_it_fits(struct tk_buf *line, const struct tk_buf *more, int width)
{
	if (width == 0 || line->len + more->len < (size_t)width)
		tk_buf_add(line, more->s, more->len);
}

/* "importing 12 MiB of 80 MiB (15%), 40 MiB/s" */
static void
add_progress(struct tk_buf *line, const struct term_progress *p, int64_t done,
    int64_t passed_ms)
{
	int width = term_width(fileno(p->to));
	struct tk_buf part = TK_BUF_INIT;

	tk_buf_addf(line, "%s ", p->what);
	add_amount(line, p, done);
	if (p->total > 0) {
		tk_buf_adds(&part, " of ");
		add_amount(&part, p, p->total);
		tk_buf_adds(&part, " (");
		tk_percent_add(&part, done, p->total, 0, &tk_digits_default);
		tk_buf_adds(&part, ")");
		add_if_it_fits(line, &part, width);
	}
	if (done > 0 && done <= INT64_MAX / 1000) {
		tk_buf_reset(&part);
		tk_buf_adds(&part, ", ");
		add_amount(&part, p, done * 1000 / passed_ms);
		tk_buf_adds(&part, "/s");
		add_if_it_fits(line, &part, width);
	}
	tk_buf_release(&part);
}

void
term_progress_update(struct term_progress *p, int64_t done)
{
	enum { FIRST_MS = 1000, EVERY_MS = 100 };
	struct tk_buf b = TK_BUF_INIT;
	int64_t now, passed;

	if (p->to == NULL)
		return;
	now = tk_steady_ms();
	if (p->started == 0)
		p->started = now;
	passed = now - p->started;
	if (passed < FIRST_MS || now - p->shown_at < EVERY_MS)
		return;
	p->shown_at = now;
	add_progress(&b, p, done, passed);
	fprintf(p->to, "\r%s%s", b.s, is_dumb() ? "" : "\033[K");
	fflush(p->to);
	tk_buf_release(&b);
}

void
term_progress_end(struct term_progress *p)
{
	if (p->to != NULL && p->shown_at != 0) {
		fprintf(p->to, is_dumb() ? "\n" : "\r\033[K");
		fflush(p->to);
	}
	p->started = p->shown_at = 0;
}
