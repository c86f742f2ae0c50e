#include "mail/mail.h"

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/time.h"
#include "base/utf8.h"

/* Bytes: a line, an encoded word's content, an address. */
enum { LINE = 76, WORD = 42, MOST_ADDRESS = 254 };

/* "example.org"; also "[192.0.2.1]" would be one, but nobody has that. */
static bool
is_host(const char *s)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	for (;;) {
		size_t n = strspn(s, good);

		if (n == 0 || *s == '-' || s[n - 1] == '-')
			return false;
		if (s[n] == '\0')
			return true;
		if (s[n] != '.')
			return false;
		s += n + 1;
	}
}

int
mail_address(const char *s, struct tk_err *err)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   ".!#$%&'*+/=?^_`{|}~-@";
	const char *at = strchr(s, '@');
	size_t len = strlen(s);

	if (len == 0 || len > MOST_ADDRESS || s[strspn(s, good)] != '\0' ||
	    *s == '-' || *s == '@' || *s == '|' || *s == '/' ||
	    (at != NULL && !is_host(at + 1)))
		return tk_fail(err, TK_USAGE, "'%s' is no mail address", s);
	return 0;
}

/* The length of the next word, with the spaces before it. */
static size_t
word_len(const char *s)
{
	size_t spaces = strspn(s, " ");

	return spaces + strcspn(s + spaces, " ");
}

/* ASCII that can be folded at its spaces, and is not taken for encoded. */
static bool
is_plain(const char *s)
{
	if (strstr(s, "=?") != NULL || *s == ' ')
		return false;
	for (size_t n; *s != '\0'; s += n) {
		n = word_len(s);
		if (n > LINE / 2 || s[n - 1] == ' ')
			return false;
		for (size_t i = 0; i < n; i++)
			if (s[i] < ' ' || s[i] > '~')
				return false;
	}
	return true;
}

/* A line goes on in the next one after a space. */
static void
add_folded(struct tk_buf *b, const char *s, size_t column)
{
	for (size_t n; *s != '\0'; s += n) {
		n = word_len(s);
		if (column + n > LINE) {
			tk_buf_adds(b, "\n");
			column = 0;
		}
		tk_buf_add(b, s, n);
		column += n;
	}
}

/* In encoded words, none of which cuts a character. */
static void
add_encoded(struct tk_buf *b, const char *s, size_t n)
{
	for (size_t at = 0, len; at < n; at += len) {
		int32_t cp;

		for (len = 0; at + len < n;) {
			size_t step =
			    tk_utf8_step(s + at + len, n - at - len, &cp);

			if (len + step > WORD)
				break;
			len += step;
		}
		tk_buf_adds(b, at > 0 ? "\n =?UTF-8?B?" : "=?UTF-8?B?");
		tk_base64_add(b, s + at, len);
		tk_buf_adds(b, "?=");
	}
}

static void
add_subject(struct tk_buf *b, const char *text)
{
	static const char name[] = "Subject: ";
	struct tk_buf clean = TK_BUF_INIT;

	tk_buf_adds(b, name);
	tk_utf8_add_clean(&clean, text, strlen(text));
	if (is_plain(clean.s))
		add_folded(b, clean.s, strlen(name));
	else
		add_encoded(b, clean.s, clean.len);
	tk_buf_release(&clean);
}

/* "Sat, 21 Nov 2026 14:32:07 +0100" */
static void
add_date(struct tk_buf *b, const struct tk_zone *z, int64_t ms)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tk_buf stamp = TK_BUF_INIT;
	int32_t day = tk_zone_day(z, ms);
	int year, month, mday;
	const char *offset;

	tk_time_add(&stamp, z, ms - ms % 1000);
	tk_day_to_civil(day, &year, &month, &mday);
	tk_buf_addf(b, "%s, %d %s %04d %.8s ", days[tk_day_weekday(day)], mday,
	    months[month - 1], year, stamp.s + 11);
	offset = stamp.s + 19;
	if (strlen(offset) >= 6)
		tk_buf_addf(b, "%.3s%.2s", offset, offset + 4);
	else
		tk_buf_adds(b, "+0000");
	tk_buf_release(&stamp);
}

/* Quoted-printable: lines of at most 76 bytes, spaces at their ends kept. */
static void
add_quoted(struct tk_buf *b, const char *s)
{
	size_t column = 0;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = c >= ' ' && c <= '~' && c != '=';

		if (c == '\n') {
			tk_buf_adds(b, "\n");
			column = 0;
			continue;
		}
		if ((c == ' ' && (s[1] == '\n' || s[1] == '\0')) ||
		    (column == 0 && (c == '.' || c == 'F')))
			plain = false;
		if (column + (plain ? 1 : 3) > LINE - 1) {
			tk_buf_adds(b, "=\n");
			column = 0;
			if (c == '.' || c == 'F')
				plain = false;
		}
		if (plain)
			tk_buf_add(b, s, 1);
		else
			tk_buf_addf(b, "=%02X", c);
		column += plain ? 1 : 3;
	}
	if (column > 0)
		tk_buf_adds(b, "\n");
}

static void
add_part(struct tk_buf *b, const char *type, const char *text)
{
	tk_buf_addf(b,
	    "Content-Type: text/%s; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n",
	    type);
	add_quoted(b, text);
}

/* A number of the message's own; "=_" is in no quoted-printable text. */
static void
name_message(const struct mail *m, char hex[65])
{
	struct tk_sha256 s;
	uint8_t digest[TK_SHA256_LEN];
	struct tk_buf seed = TK_BUF_INIT;

	tk_buf_addf(&seed, "%lld %ld %s", (long long)m->now, (long)getpid(),
	    m->n > 0 ? m->to[0] : "");
	tk_sha256_init(&s);
	tk_sha256_update(&s, seed.s, seed.len);
	tk_sha256_update(&s, m->text, strlen(m->text));
	tk_sha256_final(&s, digest);
	tk_sha256_hex(digest, hex);
	tk_buf_release(&seed);
}

static void
add_id(struct tk_buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || *s == '.' || *s == '-')
			tk_buf_add(b, s, 1);
}

void
mail_add(const struct mail *m, struct tk_buf *b)
{
	char hex[65];

	name_message(m, hex);
	tk_buf_addf(b, "From: %s\nTo: ", m->from);
	for (size_t i = 0; i < m->n; i++)
		tk_buf_addf(b, "%s%s", i > 0 ? ",\n " : "", m->to[i]);
	tk_buf_adds(b, "\n");
	add_subject(b, m->subject);
	tk_buf_adds(b, "\nDate: ");
	add_date(b, m->zone, m->now);
	tk_buf_addf(b, "\nMessage-ID: <");
	if (m->id != NULL)
		add_id(b, m->id);
	else
		tk_buf_add(b, hex, 32);
	tk_buf_adds(b, "@");
	add_id(b, m->host);
	tk_buf_adds(b,
	    ">\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	if (m->html == NULL) {
		add_part(b, "plain", m->text);
		return;
	}
	tk_buf_addf(b,
	    "Content-Type: multipart/alternative;\n boundary=\"=_%.32s\"\n\n"
	    "--=_%.32s\n",
	    hex, hex);
	add_part(b, "plain", m->text);
	tk_buf_addf(b, "\n--=_%.32s\n", hex);
	add_part(b, "html", m->html);
	tk_buf_addf(b, "\n--=_%.32s--\n", hex);
}

/* The message as a file without a name, so that a program that does not
 * read it all does no harm. */
static FILE *
write_message(const struct mail *m, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	FILE *f = tmpfile();

	mail_add(m, &b);
	if (f == NULL || fwrite(b.s, 1, b.len, f) != b.len || fflush(f) != 0 ||
	    fseek(f, 0, SEEK_SET) != 0) {
		tk_fail_errno(err, "cannot keep the mail");
		if (f != NULL)
			fclose(f);
		f = NULL;
	}
	tk_buf_release(&b);
	return f;
}

static int
run(const char **argv, int input, struct tk_err *err)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int status = 0, failed;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	failed = posix_spawn(&pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed != 0) {
		errno = failed;
		tk_fail_errno(err, "cannot run '%s'", argv[0]);
		return tk_hint(err,
		    "install a mail system, or set alert.sendmail");
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return tk_fail(err, TK_IO,
		    "the mail was not sent: '%s' ended with status %d", argv[0],
		    WEXITSTATUS(status));
	return tk_fail(err, TK_IO, "the mail was not sent: '%s' was killed",
	    argv[0]);
}

int
mail_send(const struct mail *m, const char *program, struct tk_err *err)
{
	const char **argv = tk_xcalloc(m->n + 3, sizeof(*argv));
	FILE *f = write_message(m, err);
	int rc = -1;

	argv[0] = program;
	argv[1] = "-i";
	for (size_t i = 0; i < m->n; i++)
		argv[2 + i] = m->to[i];
	if (f != NULL) {
		rc = run(argv, fileno(f), err);
		fclose(f);
	}
	free(argv);
	return rc;
}
