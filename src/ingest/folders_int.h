#ifndef INGEST_FOLDERS_INT_H
#define INGEST_FOLDERS_INT_H

#include <pthread.h>
#include <sys/stat.h>

#include "ingest/ingest_int.h"
#include "ingest/known_folder.h"

/* What folders.c and folders_known.c share. */

enum { THREADS_MAX = 4 };

struct folder {
	const char *path; /* of a walk_texts; without its end: */
	size_t len;
	const struct known_folder *known; /* found by that above it; or NULL */
	bool plain; /* an entry of a folder, and no link: no loop goes by it */
};

struct folders {
	struct folder *v;
	size_t n, cap;
};

/* What the threads share: all that changes is behind the lock. */
struct crew {
	struct walk *w;
	const struct importer *im;
	struct known_folders known;
	const char *root; /* the folder */
	size_t root_len;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct folders todo;
	struct folders links; /* to folders */
	int64_t began;        /* ns */
	int busy;             /* threads that may find more */
	int threads, most;    /* more than this one; 0: not asked yet */
	pthread_t ids[THREADS_MAX];
	uint64_t *same; /* walk_key() of files that are as they were */
	size_t nsame, same_cap;
};

/* What one thread has found in the folder it is reading. */
struct reading {
	struct crew *crew;
	/* of the root, or -1: what is below that is found by the rest of its
	 * path; one for each thread, so that they do not wait for each other */
	int root_fd;
	char *entries;
	struct tk_buf path; /* of the folder, then of an entry */
	struct folders below, links;
	struct walk_file *files;
	size_t n, cap;
	struct walk_texts *texts;

	struct walk_listed at; /* the one that is being listed, */
	bool sure;             /* and whether there is no more to know of it */
	struct tk_buf names;   /* what is said of it */
	uint64_t *same;        /* walk_key() */
	size_t nsame, same_cap;
	struct walk_listed *listed;
	size_t nlisted, listed_cap;
	int64_t device; /* the last one that was asked about, */
	bool exact;     /* and whether its times are of use */
};

/* The descriptor that *path is to be looked up from, and from there. */
int folder_from_root(const struct reading *r, const char **path);

/* A folder to be read later; the one of r->path; a file of that path. */
void folders_push(struct folders *f, struct folder folder);
void folder_push(struct folders *f, struct reading *r, bool plain);
struct walk_file *folder_add_file(struct reading *r, const struct stat *st);

/*
 * folders_known.c: is the folder worth to be known?  Asked before its names
 * are read; afterwards, if r->sure still holds, it is kept.
 */
void folder_begin_listing(struct reading *r, int fd);
void folder_end_listing(struct reading *r, size_t first_file);

/*
 * Take what is in the folder from what is known, without listing it, if all
 * in it is known.  False: it has to be listed.
 */
bool folder_read_known(struct reading *r, struct folder *f);

#endif
