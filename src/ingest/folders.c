#include "ingest/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ingest/folders_int.h"

enum {
	ENTRIES = 32768,     /* bytes of a folder's entries at a time */
	WORTH_A_THREAD = 16, /* folders that wait, or are known */
	SHARES = 16,         /* of them, of which a thread takes one, */
	TAKEN_MOST = 16,     /* if that is not too many */
};

int
folder_from_root(const struct reading *r, const char **path)
{
	const struct crew *c = r->crew;

	if (r->root_fd < 0 || strncmp(*path, c->root, c->root_len) != 0 ||
	    (*path)[c->root_len] != '/')
		return AT_FDCWD;
	*path += c->root_len + 1;
	return r->root_fd;
}

void
folders_push(struct folders *f, struct folder folder)
{
	if (f->n == f->cap) {
		f->cap = f->cap > 0 ? 2 * f->cap : 32;
		f->v = tk_xreallocarray(f->v, f->cap, sizeof(*f->v));
	}
	f->v[f->n++] = folder;
}

/* All of b, which is empty then. */
static void
move_folders(struct folders *a, struct folders *b)
{
	for (size_t i = 0; i < b->n; i++)
		folders_push(a, b->v[i]);
	b->n = 0;
}

void
folder_push(struct folders *f, struct reading *r, bool plain)
{
	folders_push(f,
	    (struct folder){ .path =
				 walk_text(&r->texts, r->path.s, r->path.len),
		.len = r->path.len,
		.plain = plain });
}

struct walk_file *
folder_add_file(struct reading *r, const struct stat *st)
{
	const char *path = walk_text(&r->texts, r->path.s, r->path.len);

	if (r->n == r->cap) {
		r->cap = r->cap > 0 ? 2 * r->cap : 64;
		r->files =
		    tk_xreallocarray(r->files, r->cap, sizeof(*r->files));
	}
	r->files[r->n] = walk_file_of(path, st);
	return &r->files[r->n++];
}

/*
 * Whose a file in a folder is: in a usual place, that importer's; in a named
 * folder, anyone's who likes the name, which its content will decide.
 */
static bool
wanted_by_any(const struct crew *c, const char *path)
{
	if (c->im != NULL)
		return c->im->wants(path);
	for (size_t i = 0; importers[i] != NULL; i++)
		if (options_want(c->w->options, importers[i]) &&
		    importers[i]->wants(path))
			return true;
	return false;
}

/* What is compressed is wanted as what is in it; path is as it was then. */
static bool
wanted(const struct crew *c, struct tk_buf *path)
{
	static const char *const tails[] = { ".gz", ".zst" };

	for (size_t i = 0; i < TK_LEN(tails); i++) {
		size_t n = strlen(tails[i]);
		bool want;

		if (path->len <= n ||
		    memcmp(path->s + path->len - n, tails[i], n) != 0)
			continue;
		path->s[path->len - n] = '\0';
		want = wanted_by_any(c, path->s);
		path->s[path->len - n] = '.';
		return want;
	}
	return wanted_by_any(c, path->s);
}

static void
add_problem(struct reading *r, int error)
{
	pthread_mutex_lock(&r->crew->lock);
	walk_add_problem(r->crew->w, r->path.s, error);
	pthread_mutex_unlock(&r->crew->lock);
}

/* One entry of the folder that fd is; r->path ends with its name. */
static void
read_entry(struct reading *r, int fd, const struct dirent64 *e)
{
	struct stat st;
	bool want = false;

	if (e->d_type == DT_DIR) {
		known_add_folder(&r->names, e->d_name);
		folder_push(&r->below, r, true);
		return;
	}
	if (e->d_type == DT_REG || e->d_type == DT_LNK ||
	    e->d_type == DT_UNKNOWN)
		want = wanted(r->crew, &r->path);
	if (e->d_type == DT_REG && !want)
		return;
	if (e->d_type != DT_REG)
		r->sure = false;
	if (fstatat(fd, e->d_name, &st, 0) < 0) {
		r->sure = false;
		if (want && errno != ENOENT) /* gone, or a link to nothing */
			add_problem(r, errno);
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		folder_push(&r->links, r, false);
	} else if (S_ISREG(st.st_mode) && want) {
		folder_add_file(r, &st);
	}
}

/* readdir(3) would ask the kernel four more questions for each folder. */
static int
read_entries(struct reading *r, int fd)
{
	size_t len = r->path.len;
	ssize_t n;

	while ((n = getdents64(fd, r->entries, ENTRIES)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *e =
			    (const void *)(r->entries + at);

			at += e->d_reclen;
			if (strcmp(e->d_name, ".") == 0 ||
			    strcmp(e->d_name, "..") == 0)
				continue;
			r->path.len = len;
			tk_buf_add(&r->path, "/", 1);
			tk_buf_adds(&r->path, e->d_name);
			read_entry(r, fd, e);
		}
	}
	r->path.len = len;
	r->path.s[len] = '\0';
	return n < 0 ? -1 : 0;
}

/* Is the folder one to read?  Only a link can lead to one a second time. */
static bool
is_new(const struct reading *r, const struct folder *f, int fd)
{
	struct crew *c = r->crew;
	struct stat st;
	bool is;

	if (!f->plain && fstat(fd, &st) < 0)
		return false;
	if (f->plain && !c->w->want_folders)
		return true;
	pthread_mutex_lock(&c->lock);
	is = f->plain ||
	    !walk_seen(c->w, (int64_t)st.st_dev, (int64_t)st.st_ino);
	if (is)
		walk_add_folder(c->w, r->path.s);
	pthread_mutex_unlock(&c->lock);
	return is;
}

static void
list_folder(struct reading *r, const struct folder *f)
{
	size_t first = r->n;
	const char *path;
	int root, fd, error = 0;

	r->path.len = 0;
	tk_buf_add(&r->path, f->path, f->len);
	path = r->path.s;
	root = folder_from_root(r, &path);
	fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
		error = errno;
	} else if (fd >= 0 && is_new(r, f, fd)) {
		folder_begin_listing(r, fd);
		if (read_entries(r, fd) < 0) {
			error = errno;
			r->sure = false;
		}
		folder_end_listing(r, first);
	}
	if (fd >= 0)
		close(fd);
	if (error != 0)
		add_problem(r, error);
}

static void
read_folder(struct reading *r, struct folder *f)
{
	if (!folder_read_known(r, f))
		list_folder(r, f);
}

static void
add_key(uint64_t **v, size_t *n, size_t *cap, uint64_t key)
{
	if (*n == *cap) {
		*cap = *cap > 0 ? 2 * *cap : 256;
		*v = tk_xreallocarray(*v, *cap, sizeof(**v));
	}
	(*v)[(*n)++] = key;
}

/* With the lock: what was found is everybody's. */
static void
hand_over(struct reading *r)
{
	struct crew *c = r->crew;

	for (size_t i = 0; i < r->n; i++) {
		if (r->files[i].listed > 0)
			r->files[i].listed += c->w->nlisted;
		walk_add_file(c->w, &r->files[i]);
	}
	r->n = 0;
	for (size_t i = 0; i < r->nlisted; i++)
		walk_add_listed(c->w, &r->listed[i]);
	r->nlisted = 0;
	for (size_t i = 0; i < r->nsame; i++)
		add_key(&c->same, &c->nsame, &c->same_cap, r->same[i]);
	r->nsame = 0;
	move_folders(&c->links, &r->links);
	if (r->below.n > 0)
		pthread_cond_broadcast(&c->more);
	move_folders(&c->todo, &r->below);
}

static void *work(void *);

/* With the lock.  Without another thread it only takes longer. */
static void
call_help(struct crew *c)
{
	if (c->todo.n < WORTH_A_THREAD && c->known.n < WORTH_A_THREAD)
		return;
	if (c->most == 0)
		c->most = tk_processors();
	if (c->threads + 1 >= c->most || c->threads >= THREADS_MAX)
		return;
	if (tk_thread_start(&c->ids[c->threads], work, c))
		c->threads++;
	else
		c->most = 1;
}

/* With the lock: some of the folders that wait, so that there are others
 * left, and the lock is not asked for too often. */
static size_t
take(struct crew *c, struct folder *taken)
{
	size_t n = (c->todo.n + SHARES - 1) / SHARES;

	if (n > TAKEN_MOST)
		n = TAKEN_MOST;
	c->todo.n -= n;
	memcpy(taken, c->todo.v + c->todo.n, n * sizeof(*taken));
	return n;
}

/* Read folders until there are none and nobody can find more. */
static void *
work(void *data)
{
	struct crew *c = data;
	struct reading r = { .crew = c,
		.root_fd = open(c->root, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.path = TK_BUF_INIT,
		.names = TK_BUF_INIT };

	r.entries = tk_xreallocarray(NULL, ENTRIES, 1);
	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct folder taken[TAKEN_MOST];
		size_t n;

		while (c->todo.n == 0 && c->busy > 0)
			pthread_cond_wait(&c->more, &c->lock);
		if (c->todo.n == 0)
			break;
		call_help(c);
		n = take(c, taken);
		c->busy++;
		pthread_mutex_unlock(&c->lock);
		for (size_t i = 0; i < n; i++)
			read_folder(&r, &taken[i]);
		pthread_mutex_lock(&c->lock);
		c->busy--;
		hand_over(&r);
	}
	walk_take_texts(c->w, r.texts);
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
	if (r.root_fd >= 0)
		close(r.root_fd);
	tk_buf_release(&r.path);
	tk_buf_release(&r.names);
	free(r.entries);
	free(r.same);
	free(r.files);
	free(r.listed);
	free(r.below.v);
	free(r.links.v);
	return NULL;
}

static void
work_together(struct crew *c)
{
	work(c);
	for (int i = 0; i < c->threads; i++)
		pthread_join(c->ids[i], NULL);
	c->threads = 0;
}

static int
by_path(const void *a_, const void *b_)
{
	const struct folder *a = a_, *b = b_;

	return strcmp(a->path, b->path);
}

static int
files_by_path(const void *a_, const void *b_)
{
	const struct walk_file *a = a_, *b = b_;

	return strcmp(a->path, b->path);
}

/* Is there a file from first on that was there before, or is twice there? */
static bool
has_twins(const struct walk *w, size_t first)
{
	struct ids seen = IDS_INIT;
	bool has = false;

	for (size_t i = first; i < w->n && !has; i++) {
		uint64_t key = walk_key(w->files[i].device, w->files[i].inode);

		has = ids_see(&seen, key) > 0 || ids_has(&w->seen, key);
	}
	ids_release(&seen);
	return has;
}

/* What is as it was is no more to be read; each once. */
static void
count_same(struct crew *c)
{
	int64_t *n;

	if (c->nsame == 0)
		return;
	n = &c->w->same[importer_place(c->im)];
	for (size_t i = 0; i < c->nsame; i++)
		*n += ids_see(&c->w->seen, c->same[i]) == 0;
	c->nsame = 0;
}

/*
 * Of the files from first on, each once: that with the first path.  Most
 * trees have no file twice, and then there is nothing to choose.
 */
static void
keep_new(struct walk *w, size_t first)
{
	size_t n = first;

	if (has_twins(w, first))
		qsort(w->files + first, w->n - first, sizeof(*w->files),
		    files_by_path);
	for (size_t i = first; i < w->n; i++)
		if (!walk_seen(w, w->files[i].device, w->files[i].inode))
			w->files[n++] = w->files[i];
	w->n = n;
}

static void
list_all(struct crew *c)
{
	struct walk *w = c->w;
	size_t first = w->n;

	folders_push(&c->todo,
	    (struct folder){ .path = c->root, .len = c->root_len });
	work_together(c);
	count_same(c);
	keep_new(w, first);
	while (c->links.n > 0) {
		struct folders links = c->links;

		c->links = (struct folders){ .n = 0 };
		qsort(links.v, links.n, sizeof(*links.v), by_path);
		for (size_t i = 0; i < links.n; i++) {
			first = w->n;
			folders_push(&c->todo, links.v[i]);
			work_together(c);
			count_same(c);
			keep_new(w, first);
		}
		free(links.v);
	}
}

int
folders_list(struct walk *w, const struct importer *im, const char *path,
    struct tk_err *err)
{
	struct crew c = { .w = w,
		.im = im,
		.root = path,
		.root_len = strlen(path),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.more = PTHREAD_COND_INITIALIZER };
	struct timespec now;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	c.began = walk_ns(now);
	if (im != NULL && w->look_up != NULL && access(path, F_OK) == 0)
		rc = known_folders_load(&c.known, w->look_up, im, err);
	if (rc == 0)
		list_all(&c);
	known_folders_release(&c.known, w);
	free(c.todo.v);
	free(c.links.v);
	free(c.same);
	return rc;
}
