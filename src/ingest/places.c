/* What there is to import, and waiting for more of it. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/ingest_int.h"
#include "ingest/known.h"

/* What is known of a file: of one in a named folder, as whichever importer's
 * it was read. */
static const struct known_file *
find_known(const struct known *k, const struct walk_file *f)
{
	const struct known_file *found = NULL;

	if (f->importer != NULL)
		return known_find(k, f->importer, f->path);
	for (size_t i = 0; found == NULL && importers[i] != NULL; i++)
		found = known_find(k, importers[i], f->path);
	return found;
}

static int64_t
new_bytes(const struct walk_file *f, const struct known_file *k)
{
	if (k == NULL || k->device != f->device || k->inode != f->inode)
		return f->size;
	if (known_is_same(k, f))
		return 0;
	if (k->offset < 0) /* a database */
		return f->size > k->size ? f->size - k->size : f->size;
	return f->size >= k->offset ? f->size - k->offset : f->size;
}

static void
add_file(struct ingest_place *p, const struct walk_file *f,
    const struct known_file *k)
{
	p->files++;
	p->bytes += f->size;
	p->new_bytes += new_bytes(f, k);
	if (f->mtime / 1000000 > p->newest)
		p->newest = f->mtime / 1000000;
	if (k != NULL && k->read_at > p->last_read)
		p->last_read = k->read_at;
}

int
ingest_places(const struct ingest_options *o, const struct ingest_sink *sink,
    void *to, struct ingest_place **v, size_t *n, struct tk_err *err)
{
	struct walk w = { .want_folders = false };
	struct known known = { .n = 0 };
	int rc = walk_all(&w, o, err);

	if (rc == 0)
		rc = known_load(&known, sink, to, err);
	*n = w.nroots;
	*v = tk_xcalloc(w.nroots + 1, sizeof(**v));
	for (size_t i = 0; i < w.nroots; i++)
		(*v)[i] = (struct ingest_place){
			.importer = w.roots[i].importer,
			.root = tk_xstrdup(w.roots[i].path),
			.newest = RECORD_UNKNOWN,
			.last_read = RECORD_UNKNOWN,
		};
	for (size_t i = 0; i < w.n; i++)
		if (w.files[i].root != SIZE_MAX)
			add_file(&(*v)[w.files[i].root], &w.files[i],
			    find_known(&known, &w.files[i]));
	known_release(&known);
	walk_release(&w);
	return rc;
}

void
ingest_places_free(struct ingest_place *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].root);
	free(v);
}

enum {
	/* What is written in bursts is read once. */
	QUIET_MS = 250,
	EVENTS =
	    IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR,
};

int ingest_look_ms = 10000;

struct ingest_watch {
	int fd; /* -1: there can be none */
	bool blind;
	const struct ingest_options *options;
};

/* The folder, or the nearest one above it that is there. */
static int
watch_folder(struct ingest_watch *w, const char *path, struct tk_err *err)
{
	char *at = tk_xstrdup(path);
	int wd;

	while ((wd = inotify_add_watch(w->fd, at, EVENTS)) < 0 &&
	    (errno == ENOENT || errno == ENOTDIR)) {
		char *slash = strrchr(at, '/');

		if (slash == NULL || slash == at)
			break;
		*slash = '\0';
	}
	free(at);
	w->blind = w->blind || (wd < 0 && errno == ENOSPC);
	if (wd < 0 && errno != EACCES && errno != ENOENT && errno != ENOTDIR &&
	    errno != ENOSPC)
		return tk_fail_errno(err, "cannot watch '%s'", path);
	return 0;
}

/* Watching a folder again is nothing new, so this may be repeated. */
static int
watch_all(struct ingest_watch *w, struct tk_err *err)
{
	struct walk walk = { .want_folders = true };
	int rc;

	if (w->fd < 0)
		return 0;
	rc = walk_all(&walk, w->options, err);
	for (size_t i = 0; rc == 0 && i < walk.nroots; i++)
		rc = watch_folder(w, walk.roots[i].path, err);
	for (size_t i = 0; rc == 0 && i < walk.nfolders; i++)
		rc = watch_folder(w, walk.folders[i], err);
	for (size_t i = 0; rc == 0 && i < walk.n; i++)
		if (walk.files[i].root == SIZE_MAX)
			rc = watch_folder(w, walk.files[i].path, err);
	walk_release(&walk);
	return rc;
}

int
ingest_watch_open(struct ingest_watch **w, const struct ingest_options *o,
    struct tk_err *err)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	*w = tk_xcalloc(1, sizeof(**w));
	(*w)->fd = fd;
	(*w)->blind = fd < 0;
	(*w)->options = o;
	if (watch_all(*w, err) == 0)
		return 0;
	ingest_watch_close(*w);
	*w = NULL;
	return -1;
}

void
ingest_watch_close(struct ingest_watch *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

bool
ingest_watch_is_blind(const struct ingest_watch *w)
{
	return w->blind;
}

static bool
stopped(const struct ingest_watch *w)
{
	return w->options->stop != NULL && *w->options->stop != 0;
}

/* Until there are events, a signal or, where not all is watched, it is time
 * to look; a signal that comes between looking
 * at *stop and waiting is not missed, since it is let in by ppoll() alone. */
static int
wait_for_event(struct ingest_watch *w, struct tk_err *err)
{
	const struct timespec look = { .tv_sec = ingest_look_ms / 1000,
		.tv_nsec = ingest_look_ms % 1000 * 1000000L };
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	sigset_t block, before;
	int rc = 0;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	while (!stopped(w) && rc == 0) {
		rc = ppoll(&p, 1, w->blind ? &look : NULL, &before);
		if (rc < 0 && errno == EINTR)
			rc = 0;
		else if (rc == 0)
			rc = 1;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc < 0 ? tk_fail_errno(err, "cannot wait for files") : rc;
}

int
ingest_watch_wait(struct ingest_watch *w, struct tk_err *err)
{
	char events[4096];
	int rc = wait_for_event(w, err);

	if (rc <= 0)
		return rc;
	poll(NULL, 0, QUIET_MS); /* more may come of the same burst */
	while (w->fd >= 0 && read(w->fd, events, sizeof(events)) > 0)
		continue;
	if (stopped(w))
		return 0;
	return watch_all(w, err) < 0 ? -1 : 1;
}
