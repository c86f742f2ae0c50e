/* The time zone database as a folder of files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "base/zone_int.h"

/* The largest zone is a few kilobytes; names have up to three parts. */
enum { MAX_FILE = 1 << 20, MAX_NAME = 255, MAX_DEPTH = 3 };

static const char *
database(void)
{
	const char *dir = getenv("TZDIR");

	return dir != NULL && dir[0] == '/' ? dir : "/usr/share/zoneinfo";
}

/* Letters, digits and "_+-" with single slashes and dots between them. */
static bool
is_plain_name(const char *name)
{
	char before = '/';

	if (strlen(name) > MAX_NAME)
		return false;
	for (const char *s = name; *s != '\0'; before = *s++) {
		if ((*s == '/' || *s == '.') &&
		    (before == '/' || before == '.'))
			return false;
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && strchr("_+-/.", *s) == NULL)
			return false;
	}
	return before != '/' && before != '.';
}

bool
tk_zone_path(const char *name, struct tk_buf *path)
{
	struct stat st;

	if (!is_plain_name(name))
		return false;
	tk_buf_addf(path, "%s/%s", database(), name);
	return stat(path->s, &st) == 0 && S_ISREG(st.st_mode);
}

static int
read_all(int fd, const char *path, struct tk_buf *bytes, struct tk_err *err)
{
	char block[4096];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return tk_fail_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return tk_fail(err, TK_DATA, "%s: not a time zone file", path);
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(err, "%s", path);
		tk_buf_add(bytes, block, (size_t)n);
		if (bytes->len > MAX_FILE)
			return tk_fail(err, TK_DATA,
			    "%s: too large for a time zone file", path);
	}
	return 0;
}

int
tk_zone_read(const char *path, struct tk_buf *bytes, struct tk_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return tk_fail_errno(err, "%s", path);
	rc = read_all(fd, path, bytes, err);
	close(fd);
	return rc;
}

/* What was typed is the name but for its case, or its last part: "berlin". */
static bool
is_part(const char *typed, const char *name)
{
	const char *last = strrchr(name, '/');

	return strcasecmp(typed, name) == 0 ||
	    (last != NULL && strcasecmp(typed, last + 1) == 0);
}

struct search {
	struct tk_suggest near;
	char part[MAX_NAME + 1]; /* a name that has the typed one as a part */
	struct tk_buf name;      /* of the folder being walked, with a '/' */
	size_t base;             /* name starts behind that many bytes */
	int depth;
};

static void walk(struct search *s);

static void
offer(struct search *s, const char *entry)
{
	size_t len = s->name.len;
	struct stat st;
	const char *name;

	/* Zones and folders of them start with a capital; "posix", "right"
	 * and "posixrules" repeat them. */
	if (entry[0] < 'A' || entry[0] > 'Z')
		return;
	tk_buf_adds(&s->name, entry);
	name = s->name.s + s->base;
	if (stat(s->name.s, &st) == 0 && S_ISDIR(st.st_mode)) {
		tk_buf_adds(&s->name, "/");
		if (s->depth < MAX_DEPTH)
			walk(s);
	} else {
		tk_suggest_offer(&s->near, name);
		if (s->part[0] == '\0' && strlen(name) <= MAX_NAME &&
		    is_part(s->near.typed, name))
			memcpy(s->part, name, strlen(name) + 1);
	}
	s->name.s[s->name.len = len] = '\0';
}

static void
walk(struct search *s)
{
	struct dirent **entries;
	int n = scandir(s->name.s, &entries, NULL, alphasort);

	if (n < 0)
		return;
	s->depth++;
	for (int i = 0; i < n; i++) {
		offer(s, entries[i]->d_name);
		free(entries[i]);
	}
	s->depth--;
	free(entries);
}

int
tk_zone_unknown(const char *name, struct tk_err *err)
{
	struct search s = { .name = TK_BUF_INIT };
	struct tk_buf guess = TK_BUF_INIT;

	tk_suggest_init(&s.near, name);
	tk_buf_addf(&s.name, "%s/", database());
	s.base = s.name.len;
	walk(&s);
	if (s.part[0] != '\0')
		tk_buf_addf(&guess, "did you mean '%s'?", s.part);
	else
		tk_suggest_add(&s.near, &guess);
	tk_fail(err, TK_USAGE, "no time zone '%s'%s%s%s", name,
	    guess.len > 0 ? " (" : "", guess.s, guess.len > 0 ? ")" : "");
	if (access(database(), R_OK) < 0)
		tk_hint(err,
		    "there is no time zone database in %s; install tzdata, or "
		    "use UTC or an offset as +02:00",
		    database());
	else
		tk_hint(err,
		    "use a name as Europe/Berlin, UTC, or an offset as +02:00");
	tk_buf_release(&s.name);
	tk_buf_release(&guess);
	return -1;
}
