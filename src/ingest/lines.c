#include "ingest/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "zip/unzip.h"

enum { FIRST_SIZE = 256 * 1024 };

void
lines_init(struct lines *l, int fd, int64_t offset, size_t max)
{
	unsigned char magic[UNZIP_MAGIC];
	ssize_t n;

	*l = (struct lines){ .fd = fd, .offset = offset, .max = max };
	l->cap = FIRST_SIZE;
	l->buf = tk_xreallocarray(NULL, l->cap, 1);
	/* Of a pipe that is known when something comes: fill(). */
	n = offset == 0 && lseek(fd, 0, SEEK_CUR) == 0
	    ? pread(fd, magic, sizeof(magic), 0)
	    : 0;
	if (n > 0 && unzip_begins(magic, (size_t)n))
		l->unzip = unzip_new(fd, magic, 0);
}

void
lines_release(struct lines *l)
{
	unzip_free(l->unzip);
	free(l->buf);
	l->unzip = NULL;
	l->buf = NULL;
}

static bool
would_wait(const struct lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return l->idle != NULL && poll(&p, 1, 0) == 0;
}

static ssize_t
read_fd(int fd, char *to, size_t n, struct tk_err *err)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? tk_fail_errno(err, "cannot read the input") : got;
}

/* What a file begins with; of a pipe it may come byte by byte. */
static ssize_t
read_first(struct lines *l, struct tk_err *err)
{
	ssize_t n = read_fd(l->fd, l->buf, UNZIP_ROOM, err);
	ssize_t more = 1;

	while (n > 0 && n < UNZIP_MAGIC && more > 0 &&
	    (l->buf[0] == 0x1f || l->buf[0] == 0x28)) {
		more = read_fd(l->fd, l->buf + n, UNZIP_ROOM - (size_t)n, err);
		if (more < 0)
			return -1;
		n += more;
	}
	if (n > 0 && unzip_begins(l->buf, (size_t)n)) {
		l->unzip = unzip_new(l->fd, l->buf, (size_t)n);
		n = unzip_read(l->unzip, l->buf, l->cap, err);
	}
	return n;
}

static ssize_t
read_some(struct lines *l, struct tk_err *err)
{
	if (l->unzip != NULL)
		return unzip_read(l->unzip, l->buf + l->len, l->cap - l->len,
		    err);
	if (l->offset == 0 && l->len == 0)
		return read_first(l, err);
	return read_fd(l->fd, l->buf + l->len, l->cap - l->len, err);
}

/* Read more behind what is there; 0 at the end of the file. */
static int
fill(struct lines *l, struct tk_err *err)
{
	ssize_t n;

	if (l->eof)
		return 0;
	if (would_wait(l) && l->idle(l->idle_data, err) < 0)
		return -1;
	if (l->at > 0) {
		memmove(l->buf, l->buf + l->at, l->len - l->at);
		l->len -= l->at;
		l->at = 0;
	}
	if (l->len == l->cap) {
		l->cap *= 2;
		l->buf = tk_xreallocarray(l->buf, l->cap, 1);
	}
	n = read_some(l, err);
	if (n < 0)
		return -1;
	l->len += (size_t)n;
	l->eof = n == 0;
	return n > 0;
}

static void
take(struct lines *l, size_t n)
{
	l->at += n;
	l->offset += (int64_t)n;
}

/* Pass over the rest of a line that is too long. */
static int
skip_long(struct lines *l, struct tk_err *err)
{
	int more;

	do {
		const char *from = l->buf + l->at;
		const char *end = memchr(from, '\n', l->len - l->at);

		if (end != NULL) {
			take(l, (size_t)(end - from) + 1);
			return LINES_LONG;
		}
		take(l, l->len - l->at);
		more = fill(l, err);
	} while (more > 0);
	return more < 0 ? -1 : LINES_LONG;
}

int
lines_next(struct lines *l, const char **text, size_t *n, struct tk_err *err)
{
	size_t seen = 0;

	for (;;) {
		const char *from = l->buf + l->at;
		const char *end = NULL;
		int more;

		if (l->len - l->at > seen)
			end = memchr(from + seen, '\n', l->len - l->at - seen);
		if (end != NULL) {
			*text = from;
			*n = (size_t)(end - from) + 1;
			take(l, *n);
			return *n > l->max ? LINES_LONG : LINES_WHOLE;
		}
		seen = l->len - l->at;
		if (seen > l->max)
			return skip_long(l, err);
		more = fill(l, err);
		if (more < 0)
			return -1;
		if (more == 0) {
			*text = l->buf + l->at;
			*n = seen;
			take(l, seen);
			return seen > 0 ? LINES_CUT : LINES_NONE;
		}
	}
}

int
lines_peek(struct lines *l, size_t n, const char **text, size_t *got,
    struct tk_err *err)
{
	int more = 1;

	while (l->len - l->at < n && more > 0)
		more = fill(l, err);
	*text = l->buf + l->at;
	*got = l->len - l->at;
	return more < 0 ? -1 : 0;
}
