#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { SHORTEST_LINE = 2 };

/* -1 with ENOENT: there is no such file. */
static int
open_locked(const char *path, int flags)
{
	int fd = open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
	    0600);
	struct stat sb;

	if (fd < 0)
		return -1;
	if (fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode)) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	while (flock(fd, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		close(fd);
		return -1;
	}
	return fd;
}

/* All of it, without a line that was never finished. */
static int
read_lines(int fd, struct tk_buf *text)
{
	char part[16384];
	ssize_t n;

	while ((n = pread(fd, part, sizeof(part), (off_t)text->len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		tk_buf_add(text, part, (size_t)n);
		if (text->len > SPOOL_MAX) {
			errno = EFBIG;
			return -1;
		}
	}
	while (text->len > 0 && text->s[text->len - 1] != '\n')
		text->s[--text->len] = '\0';
	return 0;
}

static int64_t
count_lines(const char *s, size_t len)
{
	int64_t n = 0;

	for (const char *p = s; (p = memchr(p, '\n', len - (size_t)(p - s)));
	     p++)
		n++;
	return n;
}

/* Where the next line goes; *full: so many wait already. */
static int
find_end(int fd, int64_t more, int64_t most, off_t *end, bool *full)
{
	struct tk_buf text = TK_BUF_INIT;
	struct stat sb;
	char last = '\n';
	int rc = 0;

	*full = false;
	if (fstat(fd, &sb) != 0 ||
	    (sb.st_size > 0 && pread(fd, &last, 1, sb.st_size - 1) != 1))
		return -1;
	*end = sb.st_size;
	if (last == '\n' && sb.st_size / SHORTEST_LINE + more <= most)
		return 0;
	rc = read_lines(fd, &text);
	if (rc == 0) {
		*end = (off_t)text.len;
		*full = count_lines(text.s, text.len) + more > most;
	}
	tk_buf_release(&text);
	return rc;
}

static int
write_at(int fd, const char *lines, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, lines, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		lines += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

int
spool_append(const char *path, const char *lines, size_t len, int64_t most,
    enum spool_sync sync, struct tk_err *err)
{
	off_t end;
	bool full;
	int fd, rc = 0;

	if (tk_make_parents(path, err) < 0)
		return -1;
	fd = open_locked(path, O_CREAT);
	if (fd < 0)
		return tk_fail_errno(err, "cannot open '%s'", path);
	if (find_end(fd, count_lines(lines, len), most, &end, &full) < 0)
		rc = tk_fail_errno(err, "cannot read '%s'", path);
	else if (!full &&
	    (ftruncate(fd, end) != 0 || write_at(fd, lines, len, end) < 0 ||
		(sync == SPOOL_DURABLE && fdatasync(fd) != 0))) {
		rc = tk_fail_errno(err, "cannot write '%s'", path);
		/* Half a line is none: whoever comes next cuts it off. */
		if (ftruncate(fd, end) != 0)
			rc = -1;
	}
	close(fd);
	return rc < 0 ? -1 : !full;
}

int
spool_open(struct spool *s, const char *path, struct tk_err *err)
{
	*s = (struct spool){ .fd = open_locked(path, 0), .text = TK_BUF_INIT };
	if (s->fd < 0)
		return errno == ENOENT || errno == ENOTDIR
		    ? 0
		    : tk_fail_errno(err, "cannot open '%s'", path);
	if (read_lines(s->fd, &s->text) < 0 ||
	    ftruncate(s->fd, (off_t)s->text.len) != 0) {
		tk_fail_errno(err, "cannot read '%s'", path);
		spool_close(s);
		return -1;
	}
	if (s->text.len > 0)
		return 1;
	spool_close(s);
	return 0;
}

int
spool_empty(struct spool *s, struct tk_err *err)
{
	return ftruncate(s->fd, 0) == 0
	    ? 0
	    : tk_fail_errno(err, "cannot empty the spool");
}

void
spool_close(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	tk_buf_release(&s->text);
}
