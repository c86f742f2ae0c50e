/* Finding the files to read, by their names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/ingest_int.h"

enum { DEPTH_MAX = 64, WALK_ENTRIES = 32768 };

const char *
walk_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
walk_home(void)
{
	return walk_env("HOME");
}

static bool
seen_before(struct walk *w, const struct stat *st)
{
	/* a bijection of the inode's number (splitmix64), for each device */
	uint64_t x = (uint64_t)st->st_ino +
	    (uint64_t)st->st_dev * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return ids_see(&w->seen, x ^ x >> 31) > 0;
}

static void
add_string(char ***v, size_t *n, char *s)
{
	*v = tk_xreallocarray(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] = s;
}

/* Who watches wants to know them. */
static void
add_folder(struct walk *w, const char *path)
{
	if (w->want_folders)
		add_string(&w->folders, &w->nfolders, tk_xstrdup(path));
}

static void
add_problem(struct walk *w, const char *path)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "%s: %s", path, strerror(errno));
	add_string(&w->problems, &w->nproblems, tk_buf_detach(&b));
}

static void
add_root(struct walk *w, const struct importer *im, const char *path)
{
	struct walk_root *r;

	w->roots = tk_xreallocarray(w->roots, w->nroots + 1, sizeof(*r));
	r = &w->roots[w->nroots++];
	r->importer = im;
	r->path = realpath(path, NULL);
	if (r->path == NULL)
		r->path = tk_xstrdup(path);
}

void
walk_place(struct walk *w, const char *fmt, ...)
{
	char *path = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&path, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	add_root(w, w->importer, path);
	free(path);
}

static void
add_file(struct walk *w, const struct importer *im, const char *path,
    const struct stat *st, bool named)
{
	if (w->n == w->cap) {
		w->cap = w->cap > 0 ? 2 * w->cap : 64;
		w->files =
		    tk_xreallocarray(w->files, w->cap, sizeof(*w->files));
	}
	w->files[w->n++] = (struct walk_file){
		.importer = im,
		.path = tk_xstrdup(path),
		.device = (int64_t)st->st_dev,
		.inode = (int64_t)st->st_ino,
		.size = st->st_size,
		.mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 +
		    st->st_mtim.tv_nsec,
		.named = named,
		.once = !S_ISREG(st->st_mode) || strcmp(path, "-") == 0,
		.root = SIZE_MAX,
	};
}

/*
 * Whose a file in a folder is: in a usual place, that importer's; in a named
 * folder, anyone's who likes the name, which its content will decide.
 */
static bool
wanted(const struct walk *w, const struct importer *im, const char *path)
{
	if (im != NULL)
		return im->wants(path);
	for (size_t i = 0; importers[i] != NULL; i++)
		if (options_want(w->options, importers[i]) &&
		    importers[i]->wants(path))
			return true;
	return false;
}

/*
 * One entry of the folder that fd is; path ends with its name.  Folders go
 * to below, by name: they are gone into when this one has been read.
 */
static void
walk_entry(struct walk *w, int fd, const struct dirent64 *e,
    const struct importer *im, const struct tk_buf *path, struct tk_buf *below)
{
	size_t n = strlen(e->d_name) + 1;
	struct stat st;
	bool want = false;

	if (e->d_type == DT_DIR) {
		tk_buf_add(below, e->d_name, n);
		return;
	}
	if (e->d_type == DT_REG || e->d_type == DT_LNK ||
	    e->d_type == DT_UNKNOWN)
		want = wanted(w, im, path->s);
	if (e->d_type == DT_REG && !want)
		return;
	if (fstatat(fd, e->d_name, &st, 0) < 0)
		return; /* gone, or a link to nothing */
	if (S_ISDIR(st.st_mode))
		tk_buf_add(below, e->d_name, n);
	else if (S_ISREG(st.st_mode) && want && !seen_before(w, &st))
		add_file(w, im, path->s, &st, false);
}

static void
set_name(struct tk_buf *path, size_t folder, const char *name)
{
	path->len = folder;
	tk_buf_add(path, "/", 1);
	tk_buf_adds(path, name);
}

/* readdir(3) would ask the kernel four more questions for each folder. */
static void
list_folder(struct walk *w, int fd, const struct importer *im,
    struct tk_buf *path, struct tk_buf *below)
{
	size_t len = path->len;
	ssize_t n;

	while ((n = getdents64(fd, w->entries, WALK_ENTRIES)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *e =
			    (const void *)(w->entries + at);

			at += e->d_reclen;
			if (strcmp(e->d_name, ".") == 0 ||
			    strcmp(e->d_name, "..") == 0)
				continue;
			set_name(path, len, e->d_name);
			walk_entry(w, fd, e, im, path, below);
		}
	}
	path->len = len;
	path->s[len] = '\0';
	if (n < 0)
		add_problem(w, path->s);
}

static void
walk_folder(struct walk *w, int at, const char *name, const struct importer *im,
    struct tk_buf *path, int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tk_buf below = TK_BUF_INIT;
	size_t len = path->len;
	struct stat st;

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			add_problem(w, path->s);
		return;
	}
	if (depth <= DEPTH_MAX && fstat(fd, &st) == 0 && !seen_before(w, &st)) {
		add_folder(w, path->s);
		list_folder(w, fd, im, path, &below);
	}
	for (size_t i = 0; i < below.len; i += strlen(below.s + i) + 1) {
		set_name(path, len, below.s + i);
		walk_folder(w, fd, below.s + i, im, path, depth + 1);
	}
	path->len = len;
	path->s[len] = '\0';
	tk_buf_release(&below);
	close(fd);
}

static void
walk_root(struct walk *w, size_t root)
{
	const struct importer *im = w->roots[root].importer;
	struct tk_buf path = TK_BUF_INIT;
	size_t first = w->n;

	tk_buf_adds(&path, w->roots[root].path);
	while (path.len > 1 && path.s[path.len - 1] == '/')
		path.s[--path.len] = '\0';
	walk_folder(w, AT_FDCWD, path.s, im, &path, 0);
	for (; first < w->n; first++)
		w->files[first].root = root;
	tk_buf_release(&path);
}

/* A file or folder that was named: it has to be there. */
static int
walk_named(struct walk *w, const char *path, struct tk_err *err)
{
	const struct importer *im =
	    w->options->nfrom == 1 ? w->options->from[0] : NULL;
	struct stat st;
	char *real;

	if (strcmp(path, "-") == 0) {
		if (fstat(STDIN_FILENO, &st) < 0)
			return tk_fail_errno(err, "standard input");
		add_file(w, im, path, &st, true);
		return 0;
	}
	if (stat(path, &st) < 0)
		return tk_fail_errno(err, "'%s'", path);
	real = realpath(path, NULL);
	if (S_ISDIR(st.st_mode)) {
		add_root(w, im, path);
		walk_root(w, w->nroots - 1);
	} else if (!seen_before(w, &st)) {
		add_file(w, im, real != NULL ? real : path, &st, true);
	}
	free(real);
	return 0;
}

static int
by_path(const void *a_, const void *b_)
{
	const struct walk_file *a = a_, *b = b_;

	if (a->once != b->once)
		return a->once ? -1 : 1;
	return strcmp(a->path, b->path);
}

int
walk_all(struct walk *w, const struct ingest_options *o, struct tk_err *err)
{
	bool want_folders = w->want_folders;

	*w = (struct walk){ .options = o, .want_folders = want_folders };
	w->entries = tk_xreallocarray(NULL, WALK_ENTRIES, 1);
	for (size_t i = 0; i < o->npaths; i++)
		if (walk_named(w, o->paths[i], err) < 0)
			return -1;
	for (size_t i = 0; o->npaths == 0 && importers[i] != NULL; i++) {
		w->importer = importers[i];
		if (w->importer->places == NULL ||
		    !options_want(o, importers[i]))
			continue;
		w->importer->places(w);
	}
	for (size_t i = 0; o->npaths == 0 && i < w->nroots; i++)
		walk_root(w, i);
	if (w->n > 0)
		qsort(w->files, w->n, sizeof(*w->files), by_path);
	return 0;
}

static void
free_strings(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

void
walk_release(struct walk *w)
{
	for (size_t i = 0; i < w->nroots; i++)
		free(w->roots[i].path);
	for (size_t i = 0; i < w->n; i++)
		free(w->files[i].path);
	free(w->entries);
	free(w->roots);
	free(w->files);
	free_strings(w->folders, w->nfolders);
	free_strings(w->problems, w->nproblems);
	ids_release(&w->seen);
	*w = (struct walk){ 0 };
}
