#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* A new name survives a power loss when its folder is flushed. */
static void
keep_name(const char *path)
{
	char *copy = tk_xstrdup(path);
	int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0) {
		fsync(folder);
		close(folder);
	}
	free(copy);
}

/* One that is there may be where none can be made: that is fine. */
static int
make_folder(const char *path, struct tk_err *err)
{
	int why;

	if (mkdir(path, 0700) == 0) {
		keep_name(path);
		return 0;
	}
	why = errno;
	if (why == EEXIST || access(path, F_OK) == 0)
		return 0;
	errno = why;
	return tk_fail_errno(err, "cannot make the folder '%s'", path);
}

int
tk_make_parents(const char *path, struct tk_err *err)
{
	char *s = tk_xstrdup(path);
	int rc = 0;

	for (char *p = s + 1; rc == 0 && *s != '\0' && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = make_folder(s, err);
		*p = '/';
	}
	free(s);
	return rc;
}

int
tk_read_file(const char *path, size_t max, struct tk_buf *b, struct tk_err *err)
{
	char chunk[16384];
	bool std = strcmp(path, "-") == 0;
	FILE *in = std ? stdin : fopen(path, "re");
	size_t n, total = 0;
	int rc = 0;

	if (in == NULL)
		return tk_fail_errno(err, "cannot open '%s'", path);
	if (std)
		path = "standard input";
	while (rc == 0 && (n = fread(chunk, 1, sizeof(chunk), in)) > 0) {
		total += n;
		if (total > max)
			rc = tk_fail(err, TK_DATA,
			    "'%s' is longer than %zu bytes", path, max);
		else
			tk_buf_add(b, chunk, n);
	}
	if (rc == 0 && ferror(in))
		rc = tk_fail_errno(err, "cannot read '%s'", path);
	if (!std)
		fclose(in);
	return rc;
}

/* The file of that name as it will be: where a link leads, with the mode
 * that it has. */
static char *
find_target(const char *path, mode_t *mode)
{
	struct stat sb;
	mode_t mask;
	char *real = stat(path, &sb) == 0 ? realpath(path, NULL) : NULL;

	if (real != NULL) {
		*mode = sb.st_mode & 0777;
		return real;
	}
	mask = umask(0);
	umask(mask);
	*mode &= ~mask;
	return tk_xstrdup(path);
}

/* A device or a pipe: it cannot be replaced, and keeps nothing. */
static bool
is_special(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && !S_ISREG(sb.st_mode) &&
	    !S_ISDIR(sb.st_mode);
}

static FILE *
open_aside(struct tk_new_file *f, mode_t mode)
{
	struct tk_buf name = TK_BUF_INIT;
	FILE *to = NULL;
	int fd;

	tk_buf_addf(&name, "%s.XXXXXX", f->path);
	f->temporary = tk_buf_detach(&name);
	fd = mkostemp(f->temporary, O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fchmod(fd, mode) == 0)
		to = fdopen(fd, "w");
	if (to == NULL) {
		close(fd);
		unlink(f->temporary);
	}
	return to;
}

static void
forget(struct tk_new_file *f)
{
	free(f->path);
	free(f->temporary);
	*f = (struct tk_new_file){ 0 };
}

int
tk_new_file_open(struct tk_new_file *f, const char *path, int mode,
    struct tk_err *err)
{
	mode_t wanted = (mode_t)mode;

	*f = (struct tk_new_file){ 0 };
	if (is_special(path)) {
		f->path = tk_xstrdup(path);
		f->to = fopen(path, "we");
	} else {
		f->path = find_target(path, &wanted);
		f->to = open_aside(f, wanted);
	}
	if (f->to != NULL)
		return 0;
	tk_fail_errno(err, "cannot write '%s'", path);
	forget(f);
	return -1;
}

int
tk_new_file_commit(struct tk_new_file *f, struct tk_err *err)
{
	if (fflush(f->to) != 0 || ferror(f->to) ||
	    (f->temporary != NULL &&
		(fsync(fileno(f->to)) != 0 ||
		    rename(f->temporary, f->path) != 0))) {
		tk_fail_errno(err, "cannot write '%s'", f->path);
		tk_new_file_discard(f);
		return -1;
	}
	fclose(f->to);
	if (f->temporary != NULL)
		keep_name(f->path);
	forget(f);
	return 0;
}

void
tk_new_file_discard(struct tk_new_file *f)
{
	if (f->to == NULL)
		return;
	fclose(f->to);
	if (f->temporary != NULL)
		unlink(f->temporary);
	forget(f);
}

int
tk_write_state(const char *path, const void *bytes, size_t len,
    struct tk_err *err)
{
	struct tk_new_file f;

	if (tk_make_parents(path, err) < 0 ||
	    tk_new_file_open(&f, path, 0600, err) < 0)
		return -1;
	if (fwrite(bytes, 1, len, f.to) != len || fflush(f.to) != 0 ||
	    (f.temporary != NULL && rename(f.temporary, f.path) != 0)) {
		tk_fail_errno(err, "cannot write '%s'", path);
		tk_new_file_discard(&f);
		return -1;
	}
	fclose(f.to);
	forget(&f);
	return 0;
}

int
tk_lock_folder(const char *path, struct tk_err *err)
{
	char *copy = tk_xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	while (fd >= 0 && (rc = flock(fd, LOCK_EX)) < 0 && errno == EINTR)
		;
	if (fd < 0 || rc < 0) {
		tk_fail_errno(err, "cannot write '%s'", path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(copy);
	return fd;
}
