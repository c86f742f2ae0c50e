/* Folders of which all is known: known.h. */
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/mem.h"
#include "ingest/folders_int.h"

/* ns; more than the clock of a file system takes to tick */
enum { SETTLED_NS = 100000000 };

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
void
folder_begin_listing(struct reading *r, int fd)
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

void
folder_end_listing(struct reading *r)
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
	    folder_stat(c, f->path, &st) == 0 && S_ISDIR(st.st_mode) &&
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
			folder_push(&r->below, r, true);
			r->below.v[r->below.n - 1].known = f;
			i = f->end;
			continue;
		}
		if (folder_stat(r->crew, f->path, &st) < 0 ||
		    !S_ISREG(st.st_mode)) {
			r->n = files;
			while (r->below.n > below)
				free(r->below.v[--r->below.n].path);
			return false;
		}
		folder_add_file(r, f->path, &st)->known = f;
		i++;
	}
	return true;
}

/* Without listing it, if all in it is known.  False: it has to be listed. */
bool
folder_read_known(struct reading *r, struct folder *f)
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
