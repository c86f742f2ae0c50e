/* Folders of which all is known: known_folder.h. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/mem.h"
#include "ingest/folders_int.h"

enum {
	SETTLED_NS =
	    100000000,      /* more than a file system's clock takes to tick */
	WORTH_WRITING = 64, /* files of a folder, for each that is new */
};

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
	tk_buf_reset(&r->names);
	if (c->im == NULL || c->w->look_up == NULL || r->path.s[0] != '/' ||
	    fstat(fd, &st) < 0)
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

/* The files from first on are in the folder that r->at is, and r->names is
 * what there is to say of it without them. */
static void
keep_listed(struct reading *r, size_t first)
{
	for (size_t i = first; i < r->n; i++)
		r->files[i].listed = r->nlisted + 1;
	r->at.files = (int64_t)(r->n - first);
	r->at.path = walk_text(&r->texts, r->path.s, r->path.len);
	r->at.names = walk_text(&r->texts, r->names.s, r->names.len);
	if (r->nlisted == r->listed_cap) {
		r->listed_cap = r->listed_cap > 0 ? 2 * r->listed_cap : 64;
		r->listed = tk_xreallocarray(r->listed, r->listed_cap,
		    sizeof(*r->listed));
	}
	r->listed[r->nlisted++] = r->at;
}

void
folder_end_listing(struct reading *r, size_t first_file)
{
	if (r->sure)
		keep_listed(r, first_file);
}

static const struct known_folder *
find_known(struct reading *r, const struct folder *f)
{
	const struct crew *c = r->crew;

	if (f->known != NULL || c->known.n == 0 || c->w->want_folders)
		return f->known;
	r->path.len = 0;
	tk_buf_add(&r->path, f->path, f->len);
	tk_buf_add(&r->path, "/", 1);
	return known_folder_find(&c->known, r->path.s, r->path.len);
}

/* A folder while it is compared with what is known of it. */
struct comparing {
	struct reading *r;
	const struct known_folder *known;
	int at;      /* the descriptor from which r->path is looked up, */
	size_t skip; /* without so many bytes */
	bool all;    /* is there all that is known to be there? */
	int64_t said, changed; /* files */
};

static bool
stat_path(const struct comparing *c, struct stat *st)
{
	return fstatat(c->at, c->r->path.s + c->skip, st, AT_EMPTY_PATH) == 0;
}

/* Has nothing been made, removed or renamed in it since?  r->path is the
 * folder, with a slash at its end. */
static bool
is_as_known(struct comparing *c)
{
	const struct known_folder *k = c->known;
	const char *path = c->r->path.s;
	struct stat st;

	c->at = folder_from_root(c->r, &path);
	c->skip = (size_t)(path - c->r->path.s);
	return stat_path(c, &st) && S_ISDIR(st.st_mode) &&
	    k->device == (int64_t)st.st_dev && k->inode == (int64_t)st.st_ino &&
	    k->mtime == walk_ns(st.st_mtim) && k->ctime == walk_ns(st.st_ctim);
}

static bool
is_same(const struct known_name *n, const struct stat *st)
{
	return n->kind == KNOWN_READ && n->inode == (int64_t)st->st_ino &&
	    n->size == st->st_size && n->mtime == walk_ns(st->st_mtim) &&
	    n->ctime == walk_ns(st->st_ctim);
}

static void
add_same(struct reading *r, const struct stat *st)
{
	if (r->nsame == r->same_cap) {
		r->same_cap = r->same_cap > 0 ? 2 * r->same_cap : 256;
		r->same =
		    tk_xreallocarray(r->same, r->same_cap, sizeof(*r->same));
	}
	r->same[r->nsame++] =
	    walk_key((int64_t)st->st_dev, (int64_t)st->st_ino);
}

/* r->path is its path. */
static void
compare_file(struct comparing *c, const struct known_name *n)
{
	struct reading *r = c->r;
	struct walk_file *f;
	struct stat st;
	bool same;

	if (!stat_path(c, &st) || !S_ISREG(st.st_mode)) {
		c->all = false;
		return;
	}
	same = c->known->device == (int64_t)st.st_dev && is_same(n, &st);
	if (same && n->ask == NULL) {
		add_same(r, &st);
		tk_buf_add(&r->names, n->text, n->text_len);
		c->said++;
		return;
	}
	c->changed += !same;
	f = folder_add_file(r, &st);
	f->same = same;
	if (same)
		f->ask = walk_text(&r->texts, n->ask, n->ask_len);
}

/* r->path is a folder in a known one. */
static void
push_below(struct reading *r)
{
	const struct known_folder *k;

	tk_buf_add(&r->path, "/", 1);
	k = known_folder_find(&r->crew->known, r->path.s, r->path.len);
	r->path.s[--r->path.len] = '\0';
	if (k == NULL)
		folder_push(&r->below, r, true);
	else
		folders_push(&r->below,
		    (struct folder){ .path = k->path,
			.len = k->len,
			.known = k,
			.plain = true });
}

static void
compare_names(struct comparing *c)
{
	const char *p = c->known->names;
	struct reading *r = c->r;
	size_t len = r->path.len;
	struct known_name n;
	int more;

	while (c->all && (more = known_next_name(&p, &n)) != 0) {
		if (more < 0) {
			c->all = false;
			break;
		}
		r->path.len = len;
		tk_buf_add(&r->path, n.name, n.len);
		if (n.kind != KNOWN_FOLDER) {
			compare_file(c, &n);
			continue;
		}
		push_below(r);
		tk_buf_add(&r->names, n.text, n.text_len);
	}
	r->path.len = c->known->len;
	r->path.s[r->path.len] = '\0';
}

/* Most of its files are as they were: it is not worth to be written for one
 * of many. */
static void
keep_changed(struct comparing *c, size_t first)
{
	const struct known_folder *k = c->known;
	struct reading *r = c->r;

	if (c->changed * WORTH_WRITING <= k->files)
		return;
	r->at = (struct walk_listed){
		.importer = r->crew->im,
		.device = k->device,
		.inode = k->inode,
		.mtime = k->mtime,
		.ctime = k->ctime,
		.said = c->said,
	};
	keep_listed(r, first);
}

static bool
compare(struct reading *r, const struct known_folder *k)
{
	struct comparing c = { .r = r, .known = k };
	size_t files = r->n, below = r->below.n, same = r->nsame;

	tk_buf_reset(&r->names);
	r->path.len = 0;
	tk_buf_add(&r->path, k->path, k->len + 1);
	c.all = is_as_known(&c);
	compare_names(&c);
	if (c.all) {
		keep_changed(&c, files);
		return true;
	}
	r->n = files;
	r->below.n = below;
	r->nsame = same;
	return false;
}

/* Without listing it, if all in it is known.  False: it has to be listed. */
bool
folder_read_known(struct reading *r, struct folder *f)
{
	const struct known_folder *k = find_known(r, f);
	struct crew *c = r->crew;
	bool seen = false;

	if (k == NULL)
		return false;
	if (!f->plain) {
		pthread_mutex_lock(&c->lock);
		seen = walk_seen(c->w, k->device, k->inode);
		pthread_mutex_unlock(&c->lock);
	}
	if (seen)
		return true;
	if (compare(r, k))
		return true;
	f->plain = true; /* it was asked about once */
	return false;
}
