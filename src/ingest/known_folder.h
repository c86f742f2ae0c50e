#ifndef INGEST_KNOWN_FOLDER_H
#define INGEST_KNOWN_FOLDER_H

#include "ingest/ingest_int.h"

struct run;

/*
 * Folders of which all is known.
 *
 * While a folder is what it was, so are the names in it, and to list it again
 * would tell nothing.  Its files may have grown, and are asked one by one.
 * So that a run which finds nothing new need not read a row for each file,
 * what is known of a folder is one source: its path has a slash more in front
 * and one behind, its position is FOLDER, its size the number of its logs.
 * The carry is
 *
 *	VERSION CTIME		of the importer; of the folder, in ns
 *	NAME/d			a folder in it
 *	NAME/INODE SIZE MTIME AGE[?ASK]
 *				a log, all of which was read when it was so;
 *				AGE: from mtime to ctime; ASK: see
 *				stale() of its importer
 *	NAME/?			a log that has to be looked at
 *
 * in lines that end with a newline; names may have some.  What is said of a
 * log stays true for ever: one that is not so any more is looked at.
 */
struct known_folder {
	const char *path; /* with a slash at its end */
	size_t len;       /* without */
	int64_t device, inode, mtime, ctime;
	int64_t files;
	const char *names; /* for known_next_name() */
};

/* Those of an importer, by path. */
struct known_folders {
	struct known_folder *v;
	size_t n, cap;
	struct walk_texts *texts;
};

int known_folders_load(struct known_folders *k, const struct walk_look_up *from,
    const struct importer *im, struct tk_err *err);
/* The texts go on living in to, if that is not NULL. */
void known_folders_release(struct known_folders *k, struct walk *to);
/* path has a slash at its end and n bytes. */
const struct known_folder *known_folder_find(const struct known_folders *k,
    const char *path, size_t n);

enum known_kind { KNOWN_FOLDER, KNOWN_READ, KNOWN_UNREAD };

struct known_name {
	const char *text; /* all of it, with the newline */
	size_t text_len, len;
	const char *name; /* has no end */
	enum known_kind kind;
	int64_t inode, size, mtime, ctime;
	const char *ask; /* has no end; NULL: nothing */
	size_t ask_len;
};

/* 1: *n is the next one; 0: there is none; -1: this is nothing of ours. */
int known_next_name(const char **p, struct known_name *n);

void known_add_folder(struct tk_buf *names, const char *name);
/* read: as it was then; NULL: it has to be looked at. */
void known_add_file(struct tk_buf *names, const char *name, int64_t inode,
    const struct walk_read *read);

/* Put what is in a folder. */
void known_folder_mark(struct run *run, const struct walk_listed *l,
    const struct tk_buf *names);

#endif
