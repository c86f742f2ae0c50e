#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

int
tk_make_parents(const char *path, struct tk_err *err)
{
	char *s = tk_xstrdup(path);
	int rc = 0;

	for (char *p = s + 1; rc == 0 && *s != '\0' && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(s, 0700) != 0 && errno != EEXIST &&
		    access(s, F_OK) != 0)
			rc = tk_fail_errno(err, "cannot make the folder '%s'",
			    s);
		*p = '/';
	}
	free(s);
	return rc;
}

int
tk_read_file(const char *path, size_t max, struct tk_buf *b, struct tk_err *err)
{
	char chunk[16384];
	FILE *in = fopen(path, "re");
	size_t n, total = 0;
	int rc = 0;

	if (in == NULL)
		return tk_fail_errno(err, "cannot open '%s'", path);
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
	fclose(in);
	return rc;
}

static void
forget(struct tk_new_file *f)
{
	free(f->path);
	free(f->temporary);
	*f = (struct tk_new_file){ 0 };
}

/* The file behind links, if there is one yet. */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real != NULL ? real : tk_xstrdup(path);
}

static int
open_aside(struct tk_new_file *f, int mode)
{
	struct tk_buf name = TK_BUF_INIT;
	mode_t mask;
	int fd;

	tk_buf_addf(&name, "%s.XXXXXX", f->path);
	f->temporary = tk_buf_detach(&name);
	fd = mkostemp(f->temporary, O_CLOEXEC);
	mask = umask(0);
	umask(mask);
	if (fd >= 0 && fchmod(fd, (mode_t)mode & ~mask) != 0) {
		close(fd);
		unlink(f->temporary);
		return -1;
	}
	return fd;
}

int
tk_new_file_open(struct tk_new_file *f, const char *path, int mode,
    struct tk_err *err)
{
	struct stat sb;
	int fd;

	*f = (struct tk_new_file){ .path = real_path(path) };
	if (stat(path, &sb) == 0 && !S_ISREG(sb.st_mode))
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	else
		fd = open_aside(f, mode);
	if (fd >= 0)
		f->to = fdopen(fd, "w");
	if (f->to != NULL)
		return 0;
	tk_fail_errno(err, "cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	forget(f);
	return -1;
}

/* Make the new name of a file durable. */
static void
flush_folder(const char *path)
{
	char *copy = tk_xstrdup(path);
	int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0) {
		fsync(folder);
		close(folder);
	}
	free(copy);
}

int
tk_new_file_commit(struct tk_new_file *f, struct tk_err *err)
{
	bool failed = fflush(f->to) != 0 || ferror(f->to);

	if (f->temporary != NULL)
		failed = failed || fsync(fileno(f->to)) != 0 ||
		    rename(f->temporary, f->path) != 0;
	if (failed) {
		tk_fail_errno(err, "cannot write '%s'", f->path);
		tk_new_file_discard(f);
		return -1;
	}
	fclose(f->to);
	if (f->temporary != NULL)
		flush_folder(f->path);
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
