/* Changing a file while others may be changing it too. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_int.h"

enum { MAX_LINKS = 16 };

/* The file that a chain of links ends at; it need not be there. */
static int
follow(const char *path, struct tk_buf *real, struct tk_err *err)
{
	char target[PATH_MAX];
	ssize_t n;

	tk_buf_adds(real, path);
	for (int i = 0; i < MAX_LINKS; i++) {
		n = readlink(real->s, target, sizeof(target) - 1);
		if (n < 0)
			return 0;
		target[n] = '\0';
		if (target[0] == '/') {
			tk_buf_reset(real);
		} else {
			char *slash = strrchr(real->s, '/');

			real->len =
			    slash == NULL ? 0 : (size_t)(slash - real->s) + 1;
		}
		tk_buf_add(real, target, (size_t)n);
	}
	errno = ELOOP;
	return tk_fail_errno(err, "cannot write '%s'", path);
}

static int
replace(const char *path, const struct tk_buf *text, struct tk_err *err)
{
	struct tk_new_file f;
	struct stat st;
	bool old = stat(path, &st) == 0;

	if (tk_new_file_open(&f, path, old ? st.st_mode & 07777 : 0600, err) <
	    0)
		return -1;
	/* Root may change the file of another, who keeps it. */
	if (old && st.st_uid != geteuid() &&
	    fchown(fileno(f.to), st.st_uid, st.st_gid) < 0) {
		tk_fail_errno(err, "cannot write '%s', which is not yours",
		    path);
		tk_new_file_discard(&f);
		return -1;
	}
	fwrite(text->s, 1, text->len, f.to);
	return tk_new_file_commit(&f, err);
}

int
config_rewrite(const char *path, config_change_fn *fn, void *data,
    struct tk_err *err)
{
	struct tk_buf real = TK_BUF_INIT, text = TK_BUF_INIT;
	int folder = -1, rc = -1;

	if (follow(path, &real, err) < 0 || tk_make_parents(real.s, err) < 0)
		goto out;
	folder = tk_lock_folder(real.s, err);
	if (folder < 0 || config_slurp(real.s, &text, err) < 0)
		goto out;
	rc = fn(data, &text, err);
	if (rc == 0)
		rc = replace(real.s, &text, err);
out:
	if (folder >= 0)
		close(folder);
	tk_buf_release(&text);
	tk_buf_release(&real);
	return rc;
}
