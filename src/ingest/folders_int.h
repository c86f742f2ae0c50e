#ifndef INGEST_FOLDERS_INT_H
#define INGEST_FOLDERS_INT_H

#include <pthread.h>
#include <sys/stat.h>

#include "ingest/ingest_int.h"
#include "ingest/known.h"

/* What folders.c and folders_known.c share. */

enum { THREADS_MAX = 4 };

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

/* What the threads share: all that changes is behind the lock. */
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

/* As stat(2), from the descriptor of the root if that is above the path. */
int folder_stat(const struct crew *c, const char *path, struct stat *st);

/* A folder of r->path to be read later; a file of a path that lives on. */
void folder_push(struct folders *f, const struct reading *r, bool plain);
struct walk_file *folder_add_file(struct reading *r, const char *path,
    const struct stat *st);

/*
 * folders_known.c: is the folder worth to be known?  Asked before its names
 * are read; afterwards, if r->sure still holds, it is kept.
 */
void folder_begin_listing(struct reading *r, int fd);
void folder_end_listing(struct reading *r);

/*
 * Take what is in the folder from what is known, without listing it, if all
 * in it is known.  False: it has to be listed.
 */
bool folder_read_known(struct reading *r, struct folder *f);

#endif
