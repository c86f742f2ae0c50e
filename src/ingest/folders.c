#include "ingest/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ingest/known.h"

enum {
	ENTRIES = 32768, /* bytes of a folder's entries at a time */
	THREADS_MAX = 4,
	WORTH_A_THREAD = 16,    /* folders that wait */
	SETTLED_NS = 100000000, /* more than clocks of file systems tick */
	TAKEN_MOST = 16,        /* of them, by a thread at once */
};

struct folder {
	char *path;
	/* it was found by this; NULL: it may be known or not */
	const struct known_file *known;
	bool plain; /* an entry of a folder, and no link: no loop goes by it */
};

struct folders {
	struct folder *v;
	size_t n, cap;
};

/* What the threads share: all of it is behind the lock. */
struct crew {
	struct walk *w;
	const struct importer *im;
	const char *root; /* the folder, and its descriptor or -1: what is */
	size_t root_len;  /* below it is found by the rest of its path */
	int root_fd;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct folders todo;
	struct folders links; /* to folders */
	int64_t began;        /* ns */
	int busy;             /* threads that may find more */
	int threads, most;    /* more than this one; 0: not asked yet */
	pthread_t ids[THREADS_MAX];
};

/* What one thread has found in the folder it is reading. */
struct reading {
	struct crew *crew;
	char *entries;
	struct tk_buf path; /* of the folder, then of an entry */
	struct folders below, links;
	struct walk_file *files;
	size_t n, cap;
	struct walk_texts *texts;

	struct walk_listed at; /* the one that is being listed, */
	bool sure;             /* and whether there is no more to know of it */
	struct walk_listed *listed;
	size_t nlisted, listed_cap;
	int64_t device; /* the last one that was asked about, */
	bool exact;     /* and whether its times are of use */
};

/* The descriptor that *path is to be looked up from, and from there. */
static int
from_root(const struct crew *c, const char **path)
{
	if (c->root_fd < 0 || strncmp(*path, c->root, c->root_len) != 0 ||
	    (*path)[c->root_len] != '/')
		return AT_FDCWD;
	*path += c->root_len + 1;
	return c->root_fd;
}

static int
stat_below(const struct crew *c, const char *path, struct stat *st)
{
	int fd = from_root(c, &path);

	return fstatat(fd, path, st, 0);
}

/* The path is taken over. */
static void
push(struct folders *f, struct folder folder)
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
		push(a, b->v[i]);
	b->n = 0;
}

static void
push_entry(struct folders *f, const struct reading *r, bool plain)
{
	push(f,
	    (struct folder){ .path = tk_xstrdup(r->path.s), .plain = plain });
}

static struct walk_file *
add_found(struct reading *r, const char *path, const struct stat *st)
{
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
		r->at.folders++;
		push_entry(&r->below, r, true);
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
		push_entry(&r->links, r, false);
	} else if (S_ISREG(st.st_mode) && want) {
		r->at.files++;
		add_found(r, walk_text(&r->texts, r->path.s, r->path.len), &st);
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

/* The folder changes its mtime when a name in it does: only of these is that
 * known, and that no change is missed which comes a moment later. */
static bool
has_exact_times(struct reading *r, int fd, int64_t device)
{
	static const uint32_t known[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC, F2FS_SUPER_MAGIC };
	struct statfs fs;

	if (device == r->device)
		return r->exact;
	r->device = device;
	r->exact = false;
	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < TK_LEN(known); i++)
		r->exact = r->exact || (uint32_t)fs.f_type == known[i];
	return r->exact;
}

/* Is the folder worth to be known? */
static void
begin_listing(struct reading *r, int fd)
{
	const struct crew *c = r->crew;
	int64_t settled = c->began - SETTLED_NS;
	struct stat st;

	r->sure = false;
	if (c->im == NULL || c->w->known == NULL || fstat(fd, &st) < 0)
		return;
	r->at = (struct walk_listed){
		.importer = c->im,
		.device = (int64_t)st.st_dev,
		.inode = (int64_t)st.st_ino,
		.mtime = walk_ns(st.st_mtim),
		.ctime = walk_ns(st.st_ctim),
	};
	r->sure = r->at.mtime < settled && r->at.ctime < settled &&
	    has_exact_times(r, fd, r->at.device);
}

static void
end_listing(struct reading *r)
{
	if (!r->sure)
		return;
	tk_buf_add(&r->path, "/", 1);
	r->at.path = walk_text(&r->texts, r->path.s, r->path.len);
	if (r->nlisted == r->listed_cap) {
		r->listed_cap = r->listed_cap > 0 ? 2 * r->listed_cap : 64;
		r->listed = tk_xreallocarray(r->listed, r->listed_cap,
		    sizeof(*r->listed));
	}
	r->listed[r->nlisted++] = r->at;
}

static void
list_folder(struct reading *r, const struct folder *f)
{
	const char *path = f->path;
	int root = from_root(r->crew, &path);
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	r->path.len = 0;
	tk_buf_adds(&r->path, f->path);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
		error = errno;
	} else if (fd >= 0 && is_new(r, f, fd)) {
		begin_listing(r, fd);
		if (read_entries(r, fd) < 0)
			error = errno;
		else
			end_listing(r);
	}
	if (fd >= 0)
		close(fd);
	if (error != 0)
		add_problem(r, error);
}

/* The sources right below k are as many as there are names in the folder. */
static bool
is_complete(const struct known *known, const struct known_file *k)
{
	size_t len = strlen(k->path);
	int64_t files = 0, folders = 0;

	for (size_t i = (size_t)(k - known->v) + 1; i < k->end;) {
		const struct known_file *f = &known->v[i];
		const char *slash = strchr(f->path + len, '/');

		if (slash != NULL && (f->offset != FOLDER || slash[1] != '\0'))
			return false;
		files += f->offset != FOLDER;
		folders += f->offset == FOLDER;
		i = f->offset == FOLDER ? f->end : i + 1;
	}
	return files == k->files && folders == k->folders;
}

/* Has nothing been made, removed or renamed in it since? */
static bool
is_as_known(const struct crew *c, const struct folder *f,
    const struct known_file *k)
{
	struct stat st;

	return k->version == k->importer->version &&
	    stat_below(c, f->path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    k->device == (int64_t)st.st_dev && k->inode == (int64_t)st.st_ino &&
	    k->mtime == walk_ns(st.st_mtim) && k->ctime == walk_ns(st.st_ctim);
}

static const struct known_file *
find_known(struct reading *r, const struct folder *f)
{
	const struct crew *c = r->crew;
	const struct known_file *k = f->known;

	if (c->im == NULL || c->w->known == NULL || c->w->want_folders)
		return NULL;
	if (k == NULL) {
		r->path.len = 0;
		tk_buf_addf(&r->path, "%s/", f->path);
		k = known_find(c->w->known, c->im, r->path.s);
	}
	return k != NULL && k->offset == FOLDER ? k : NULL;
}

/* What is known to be in it.  False if a file is not there after all. */
static bool
read_names(struct reading *r, const struct known_file *k)
{
	const struct known *known = r->crew->w->known;
	size_t files = r->n, below = r->below.n;

	for (size_t i = (size_t)(k - known->v) + 1; i < k->end;) {
		const struct known_file *f = &known->v[i];
		struct stat st;

		if (f->offset == FOLDER) {
			r->path.len = 0;
			tk_buf_add(&r->path, f->path, strlen(f->path) - 1);
			push_entry(&r->below, r, true);
			r->below.v[r->below.n - 1].known = f;
			i = f->end;
			continue;
		}
		if (stat_below(r->crew, f->path, &st) < 0 ||
		    !S_ISREG(st.st_mode)) {
			r->n = files;
			while (r->below.n > below)
				free(r->below.v[--r->below.n].path);
			return false;
		}
		add_found(r, f->path, &st)->known = f;
		i++;
	}
	return true;
}

/* Without listing it, if all in it is known.  False: it has to be listed. */
static bool
read_known(struct reading *r, struct folder *f)
{
	const struct known_file *k = find_known(r, f);
	struct crew *c = r->crew;
	bool seen = false;

	if (k == NULL || !is_complete(c->w->known, k) || !is_as_known(c, f, k))
		return false;
	if (!f->plain) {
		pthread_mutex_lock(&c->lock);
		seen = walk_seen(c->w, k->device, k->inode);
		pthread_mutex_unlock(&c->lock);
		f->plain = true; /* it was asked about once */
	}
	return seen || read_names(r, k);
}

static void
read_folder(struct reading *r, struct folder *f)
{
	if (!read_known(r, f))
		list_folder(r, f);
}

/* With the lock: what was found is everybody's. */
static void
hand_over(struct reading *r)
{
	struct crew *c = r->crew;

	for (size_t i = 0; i < r->n; i++)
		walk_add_file(c->w, &r->files[i]);
	r->n = 0;
	for (size_t i = 0; i < r->nlisted; i++)
		walk_add_listed(c->w, &r->listed[i]);
	r->nlisted = 0;
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
	if (c->todo.n < WORTH_A_THREAD)
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
	size_t n = (c->todo.n + 1) / 2;

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
	struct reading r = { .crew = c };

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
		for (size_t i = 0; i < n; i++) {
			read_folder(&r, &taken[i]);
			free(taken[i].path);
		}
		pthread_mutex_lock(&c->lock);
		c->busy--;
		hand_over(&r);
	}
	walk_take_texts(c->w, r.texts);
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
	tk_buf_release(&r.path);
	free(r.entries);
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

void
folders_list(struct walk *w, const struct importer *im, const char *path)
{
	struct crew c = { .w = w,
		.im = im,
		.root = path,
		.root_len = strlen(path),
		.root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.more = PTHREAD_COND_INITIALIZER };
	size_t first = w->n;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	c.began = walk_ns(now);
	push(&c.todo, (struct folder){ .path = tk_xstrdup(path) });
	work_together(&c);
	keep_new(w, first);
	while (c.links.n > 0) {
		struct folders links = c.links;

		c.links = (struct folders){ .n = 0 };
		qsort(links.v, links.n, sizeof(*links.v), by_path);
		for (size_t i = 0; i < links.n; i++) {
			first = w->n;
			push(&c.todo, links.v[i]);
			work_together(&c);
			keep_new(w, first);
		}
		free(links.v);
	}
	free(c.todo.v);
	free(c.links.v);
	if (c.root_fd >= 0)
		close(c.root_fd);
}
