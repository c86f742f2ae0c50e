/* The folder of packed tokenizers: NAME.tok each. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "tokenizer/kept.h"
#include "tokenizer/tokenizer.h"

#define ENDING ".tok"

static bool
is_name(const char *s)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(s, chars);

	/* What a packed file has room for. */
	return n > 0 && n < 40 && s[n] == '\0' && isalnum((unsigned char)*s);
}

static void
path_of(const char *folder, const char *name, struct tk_buf *path)
{
	tk_buf_addf(path, "%s/%s" ENDING, folder, name);
}

static bool
is_built_in(const char *name)
{
	struct tk_err none = TK_ERR_INIT;
	struct count_encoding *e;
	bool yes = count_open(&e, name, &none) == 0;

	count_close(e);
	return yes;
}

static int
write_image(const char *path, const void *image, size_t len, struct tk_err *err)
{
	struct tk_new_file f;

	if (tk_make_parents(path, err) < 0 ||
	    tk_new_file_open(&f, path, 0644, err) < 0)
		return -1;
	if (fwrite(image, 1, len, f.to) != len) {
		tk_fail_errno(err, "%s", path);
		tk_new_file_discard(&f);
		return -1;
	}
	return tk_new_file_commit(&f, err);
}

int
tokenizer_add(const char *folder, const char *name, const char *path,
    const char *pattern, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT, to = TK_BUF_INIT;
	void *image = NULL;
	size_t len;
	int rc = -1;

	if (!is_name(name)) {
		tk_fail(err, TK_USAGE, "'%s' is no name for a tokenizer", name);
		tk_hint(err, "up to 39 letters, digits, '.', '_' and '-'");
		goto out;
	}
	if (is_built_in(name)) {
		tk_fail(err, TK_USAGE, "'%s' is an encoding that is built in",
		    name);
		tk_hint(err, "take another name");
		goto out;
	}
	if (kept_read(path, &b, err) < 0)
		goto out;
	if (kept_make(name, b.s, b.len, pattern, &image, &len, err) < 0) {
		if (err->code != TK_USAGE)
			tk_wrap(err, "%s", path);
		goto out;
	}
	path_of(folder, name, &to);
	rc = write_image(to.s, image, len, err);
out:
	free(image);
	tk_buf_release(&b);
	tk_buf_release(&to);
	return rc;
}

/* A hint, if the name is nearly one that was added. */
static int
suggest(const char *folder, const char *name, struct tk_err *err)
{
	struct tk_err none = TK_ERR_INIT;
	struct tk_suggest s;
	char **names = NULL;

	tk_suggest_init(&s, name);
	if (tokenizer_names(folder, &names, &none) == 0)
		for (size_t i = 0; names[i] != NULL; i++)
			tk_suggest_offer(&s, names[i]);
	free(names);
	return tk_suggest_hint(&s, NULL, err);
}

static int
unknown(const char *folder, const char *name, struct tk_err *err)
{
	tk_fail(err, TK_NOTFOUND, "no tokenizer named '%s' was added", name);
	return suggest(folder, name, err);
}

int
tokenizer_remove(const char *folder, const char *name, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int rc = 0;

	if (!is_name(name))
		return unknown(folder, name, err);
	path_of(folder, name, &path);
	if (unlink(path.s) < 0)
		rc = errno == ENOENT || errno == ENOTDIR
		    ? unknown(folder, name, err)
		    : tk_fail_errno(err, "%s", path.s);
	tk_buf_release(&path);
	return rc;
}

/* 1: opened, 0: there is none, -1: it cannot be used. */
static int
open_kept(struct count_encoding **e, const char *name, const char *path,
    struct tk_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;
	void *p;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
		    ? 0
		    : tk_fail_errno(err, "%s", path);
	if (fstat(fd, &st) < 0 || st.st_size == 0) {
		close(fd);
		return tk_fail(err, TK_DATA, "%s: not a packed tokenizer",
		    path);
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		tk_fail_errno(err, "%s", path);
		close(fd);
		return -1;
	}
	close(fd);
	rc = kept_map(e, name, p, (size_t)st.st_size, err);
	if (rc < 0) {
		tk_wrap(err, "%s", path);
		return tk_hint(err,
		    "add it again: tokctl count --add-tokenizer NAME FILE");
	}
	return 1;
}

/* One that people ask for, whose licence is not for us to pass on. */
static int
comes_with_model(const char *name, struct tk_err *err)
{
	static const char *const families[] = { "llama", "codellama", "gemma",
		"mistral", "mixtral", "phi" };

	/* Not one that a smaller build left out. */
	if (strncmp(err->msg, "no encoding", 11) != 0)
		return 0;
	for (size_t i = 0; i < TK_LEN(families); i++) {
		if (strncasecmp(name, families[i], strlen(families[i])) != 0)
			continue;
		tk_fail(err, TK_NOTFOUND,
		    "no encoding '%s' in this program, and none was added",
		    name);
		tk_hint(err,
		    "its tokenizer comes with the model: tokctl count "
		    "--add-tokenizer %s tokenizer.json",
		    name);
		return 1;
	}
	return 0;
}

int
tokenizer_open(struct count_encoding **e, const char *folder, const char *name,
    struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err own = TK_ERR_INIT;
	int rc = count_open(e, name, err);

	if (rc == 0 || err->code != TK_NOTFOUND || !is_name(name))
		return rc;
	path_of(folder, name, &path);
	rc = open_kept(e, name, path.s, &own);
	if (rc < 0)
		*err = own;
	else if (rc == 0 && !comes_with_model(name, err))
		suggest(folder, name, err);
	tk_buf_release(&path);
	return rc > 0 ? 0 : -1;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One block: the pointers, then the names. */
static char **
make_list(const struct tk_buf *words, size_t n)
{
	char **list =
	    tk_xreallocarray(NULL, 1, (n + 1) * sizeof(*list) + words->len + 1);
	char *s = (char *)(list + n + 1);

	memcpy(s, words->s, words->len);
	for (size_t i = 0; i < n; i++) {
		list[i] = s;
		s += strlen(s) + 1;
	}
	list[n] = NULL;
	qsort(list, n, sizeof(*list), by_name);
	return list;
}

int
tokenizer_names(const char *folder, char ***names, struct tk_err *err)
{
	struct tk_buf words = TK_BUF_INIT;
	size_t n = 0;
	DIR *d = opendir(folder);
	struct dirent *entry;

	*names = NULL;
	if (d == NULL && errno != ENOENT && errno != ENOTDIR)
		return tk_fail_errno(err, "%s", folder);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name), end = strlen(ENDING);

		if (len <= end ||
		    strcmp(entry->d_name + len - end, ENDING) != 0)
			continue;
		entry->d_name[len - end] = '\0';
		if (is_name(entry->d_name)) {
			tk_buf_add(&words, entry->d_name, len - end + 1);
			n++;
		}
	}
	if (d != NULL)
		closedir(d);
	*names = make_list(&words, n);
	tk_buf_release(&words);
	return 0;
}
