/* Finding the files to read, by their names. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/who.h"
#include "ingest/folders.h"
#include "ingest/ingest_int.h"

const char *
walk_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
walk_ends(const char *path, const char *tail)
{
	size_t n = strlen(path), len = strlen(tail);

	return n > len && strcmp(path + n - len, tail) == 0;
}

const char *
walk_home(void)
{
	static struct tk_buf home = TK_BUF_INIT; /* read once */
	const char *set = walk_env("HOME");

	if (set != NULL)
		return set;
	if (home.len == 0 && !tk_passwd_home(&home))
		return NULL;
	return home.s;
}

uint64_t
walk_key(int64_t device, int64_t inode)
{
	/* a bijection of the inode's number (splitmix64), for each device */
	uint64_t x =
	    (uint64_t)inode + (uint64_t)device * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

bool
walk_seen(struct walk *w, int64_t device, int64_t inode)
{
	return ids_see(&w->seen, walk_key(device, inode)) > 0;
}

static void
add_string(char ***v, size_t *n, char *s)
{
	*v = tk_xreallocarray(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] = s;
}

void
walk_add_folder(struct walk *w, const char *path)
{
	if (w->want_folders)
		add_string(&w->folders, &w->nfolders, tk_xstrdup(path));
}

void
walk_add_problem(struct walk *w, const char *path, int error)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "%s: %s", path, strerror(error));
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

struct walk_texts {
	struct walk_texts *next;
	size_t used;
	char bytes[];
};

/* Thousands of paths would be as many pieces of memory. */
enum { TEXTS = 64 * 1024 - 64 };

const char *
walk_text(struct walk_texts **t, const char *s, size_t n)
{
	struct walk_texts *to = *t;
	char *copy;

	if (to == NULL || to->used + n + 1 > TEXTS) {
		size_t size = n + 1 > TEXTS ? n + 1 : TEXTS;

		to = tk_xreallocarray(NULL, sizeof(*to) + size, 1);
		to->used = 0;
		to->next = *t;
		*t = to;
	}
	copy = to->bytes + to->used;
	memcpy(copy, s, n);
	copy[n] = '\0';
	to->used += n + 1;
	return copy;
}

void
walk_take_texts(struct walk *w, struct walk_texts *t)
{
	struct walk_texts **end = &w->texts;

	while (*end != NULL)
		end = &(*end)->next;
	*end = t;
}

void
walk_free_texts(struct walk_texts *t)
{
	while (t != NULL) {
		struct walk_texts *next = t->next;

		free(t);
		t = next;
	}
}

void
walk_add_listed(struct walk *w, const struct walk_listed *l)
{
	if (w->nlisted == w->listed_cap) {
		w->listed_cap = w->listed_cap > 0 ? 2 * w->listed_cap : 64;
		w->listed = tk_xreallocarray(w->listed, w->listed_cap,
		    sizeof(*w->listed));
	}
	w->listed[w->nlisted++] = *l;
}

struct walk_file
walk_file_of(const char *path, const struct stat *st)
{
	return (struct walk_file){
		.path = path,
		.device = (int64_t)st->st_dev,
		.inode = (int64_t)st->st_ino,
		.size = st->st_size,
		.mtime = walk_ns(st->st_mtim),
		.ctime = walk_ns(st->st_ctim),
		.once = !S_ISREG(st->st_mode) || strcmp(path, "-") == 0,
		.root = SIZE_MAX,
	};
}

void
walk_add_file(struct walk *w, const struct walk_file *f)
{
	if (w->n == w->cap) {
		w->cap = w->cap > 0 ? 2 * w->cap : 64;
		w->files =
		    tk_xreallocarray(w->files, w->cap, sizeof(*w->files));
	}
	w->files[w->n++] = *f;
}

static void
add_named(struct walk *w, const struct importer *im, const char *path,
    const struct stat *st)
{
	struct walk_file f =
	    walk_file_of(walk_text(&w->texts, path, strlen(path)), st);

	f.importer = im;
	f.named = true;
	walk_add_file(w, &f);
}

static int
walk_root(struct walk *w, size_t root, struct tk_err *err)
{
	const struct importer *im = w->roots[root].importer;
	struct tk_buf path = TK_BUF_INIT;
	size_t first = w->n;
	int rc;

	tk_buf_adds(&path, w->roots[root].path);
	while (path.len > 1 && path.s[path.len - 1] == '/')
		path.s[--path.len] = '\0';
	rc = folders_list(w, im, path.s, err);
	for (; first < w->n; first++) {
		w->files[first].importer = im;
		w->files[first].root = root;
	}
	tk_buf_release(&path);
	return rc;
}

/* A file or folder that was named: it has to be there. */
static int
walk_named(struct walk *w, const char *path, struct tk_err *err)
{
	const struct importer *im =
	    w->options->nfrom == 1 ? w->options->from[0] : NULL;
	struct stat st;
	char *real;
	int rc = 0;

	if (strcmp(path, "-") == 0) {
		if (fstat(STDIN_FILENO, &st) < 0)
			return tk_fail_errno(err, "standard input");
		add_named(w, im, path, &st);
		return 0;
	}
	if (stat(path, &st) < 0)
		return tk_fail_errno(err, "'%s'", path);
	real = realpath(path, NULL);
	if (S_ISDIR(st.st_mode)) {
		if (access(path, R_OK | X_OK) < 0) {
			tk_fail_errno(err, "'%s'", path);
			free(real);
			return -1;
		}
		add_root(w, im, path);
		rc = walk_root(w, w->nroots - 1, err);
	} else if (!walk_seen(w, (int64_t)st.st_dev, (int64_t)st.st_ino)) {
		add_named(w, im, real != NULL ? real : path, &st);
	}
	free(real);
	return rc;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
walk_all(struct walk *w, const struct ingest_options *o, struct tk_err *err)
{
	*w = (struct walk){ .options = o,
		.want_folders = w->want_folders,
		.look_up = w->look_up,
		.same = tk_xcalloc(importer_count(), sizeof(*w->same)) };
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
		if (walk_root(w, i, err) < 0)
			return -1;
	if (w->nproblems > 0)
		qsort(w->problems, w->nproblems, sizeof(char *), by_text);
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
	free(w->roots);
	free(w->files);
	free(w->listed);
	free(w->same);
	walk_free_texts(w->texts);
	free_strings(w->folders, w->nfolders);
	free_strings(w->problems, w->nproblems);
	ids_release(&w->seen);
	*w = (struct walk){ 0 };
}
