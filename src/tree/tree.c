#include "tree/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tree/git.h"
#include "tree/ignore.h"

/* Paths end at 4,096 bytes, so this is never reached by the system's own
 * files; it keeps the stack small whatever is mounted. */
enum { DEPTH_MAX = 1000 };

struct walker {
	struct tree_list *list;
	struct ignore ignore;
	bool all;
	struct tk_buf shown; /* the path as it is listed */
	struct tk_buf real;  /* the same from the root, for the rules */
};

struct entry {
	char *name; /* ends in '/' for a folder, so that order is git's */
	bool folder;
};

struct entries {
	struct entry *v;
	size_t n, cap;
};

static void
add_string(char ***v, size_t *n, size_t *cap, char *s)
{
	if (*n == *cap) {
		*cap = *cap > 0 ? 2 * *cap : 64;
		*v = tk_xreallocarray(*v, *cap, sizeof(**v));
	}
	(*v)[(*n)++] = s;
}

static void
add_problem(struct walker *w)
{
	struct tree_list *l = w->list;
	struct tk_buf b = TK_BUF_INIT;
	size_t cap = l->problems;

	tk_buf_addf(&b, "%s: %s", w->shown.s, strerror(errno));
	add_string(&l->problem, &l->problems, &cap, tk_buf_detach(&b));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name,
	    ((const struct entry *)b)->name);
}

static bool
is_kind(int fd, const struct dirent *e, bool *folder)
{
	struct stat st;

	*folder = e->d_type == DT_DIR;
	if (e->d_type != DT_UNKNOWN)
		return *folder || e->d_type == DT_REG;
	if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*folder = S_ISDIR(st.st_mode);
	return *folder || S_ISREG(st.st_mode);
}

static bool
is_left_out(struct walker *w, const char *name, bool folder)
{
	size_t len = w->real.len;
	bool out;

	if (strcmp(name, ".git") == 0)
		return true;
	if (w->all)
		return false;
	tk_buf_addf(&w->real, "/%s", name);
	out = ignore_says(&w->ignore, w->real.s, folder);
	w->real.len = len;
	w->real.s[len] = '\0';
	return out;
}

static void
add_entry(struct entries *all, const char *name, bool folder)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, folder ? "%s/" : "%s", name);
	if (all->n == all->cap) {
		all->cap = all->cap > 0 ? 2 * all->cap : 32;
		all->v = tk_xreallocarray(all->v, all->cap, sizeof(*all->v));
	}
	all->v[all->n++] =
	    (struct entry){ .name = tk_buf_detach(&b), .folder = folder };
}

/* What is in the folder that "shown" names, in order; closed again, so that
 * depth costs no descriptors. */
static int
read_folder(struct walker *w, struct entries *all, int flags)
{
	int fd = open(w->shown.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	bool folder;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!w->all) {
		size_t len = w->real.len;

		tk_buf_adds(&w->real, "/.gitignore");
		git_rules_file(&w->ignore, w->real.s, len);
		w->real.len = len;
		w->real.s[len] = '\0';
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 || !is_kind(fd, e, &folder) ||
		    is_left_out(w, e->d_name, folder))
			continue;
		add_entry(all, e->d_name, folder);
	}
	closedir(d);
	if (all->n > 0)
		qsort(all->v, all->n, sizeof(*all->v), by_name);
	return 0;
}

static void walk_in(struct walker *w, int flags, int depth);

static void
walk_entry(struct walker *w, const struct entry *e, int depth)
{
	size_t shown = w->shown.len, real = w->real.len;

	if (shown > 0 && w->shown.s[shown - 1] != '/')
		tk_buf_adds(&w->shown, "/");
	tk_buf_adds(&w->shown, e->name);
	if (e->folder) {
		w->shown.s[--w->shown.len] = '\0';
		tk_buf_addf(&w->real, "/%s", e->name);
		w->real.s[--w->real.len] = '\0';
		walk_in(w, O_NOFOLLOW, depth + 1);
	} else {
		add_string(&w->list->path, &w->list->n, &w->list->cap,
		    tk_xstrdup(w->shown.s));
	}
	w->shown.s[w->shown.len = shown] = '\0';
	w->real.s[w->real.len = real] = '\0';
}

static void
walk_in(struct walker *w, int flags, int depth)
{
	struct entries all = { 0 };
	size_t mark = ignore_mark(&w->ignore);

	if (depth > DEPTH_MAX) {
		errno = ELOOP;
		add_problem(w);
		return;
	}
	if (read_folder(w, &all, flags) < 0)
		add_problem(w);
	for (size_t i = 0; i < all.n; i++) {
		walk_entry(w, &all.v[i], depth);
		free(all.v[i].name);
	}
	free(all.v);
	ignore_cut(&w->ignore, mark);
}

/* The rules of the repository, and of the folders between its top and the
 * one that was named, whose own are read with what is in it. */
static void
rules_above(struct walker *w)
{
	struct tk_buf b = TK_BUF_INIT;
	const char *real = w->real.s;
	size_t top;

	if (!git_top(real, &top))
		return;
	tk_buf_add(&b, real, top);
	git_rules(&w->ignore, b.s);
	for (size_t at = top; at < w->real.len; at +=
	     1 + strcspn(real + at + 1, "/")) {
		tk_buf_reset(&b);
		tk_buf_add(&b, real, at);
		tk_buf_adds(&b, "/.gitignore");
		git_rules_file(&w->ignore, b.s, at);
	}
	tk_buf_release(&b);
}

int
tree_walk(struct tree_list *l, const char *folder, enum tree_flags flags,
    struct tk_err *err)
{
	struct walker w = { .list = l,
		.all = (flags & TREE_ALL) != 0,
		.shown = TK_BUF_INIT,
		.real = TK_BUF_INIT };
	char *real = realpath(folder, NULL);

	if (real == NULL)
		return tk_fail_errno(err, "%s", folder);
	ignore_init(&w.ignore);
	tk_buf_adds(&w.shown, folder);
	if (strcmp(real, "/") != 0)
		tk_buf_adds(&w.real, real);
	if (!w.all)
		rules_above(&w);
	walk_in(&w, 0, 0);
	ignore_release(&w.ignore);
	tk_buf_release(&w.shown);
	tk_buf_release(&w.real);
	free(real);
	return 0;
}

void
tree_release(struct tree_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	for (size_t i = 0; i < l->problems; i++)
		free(l->problem[i]);
	free(l->path);
	free(l->problem);
	*l = (struct tree_list){ 0 };
}
