#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct tk_buf;

/* Make the folders above path, with mode 0700, where they are missing. */
int tk_make_parents(const char *path, struct tk_err *err);

/* Append the whole file; more than max bytes is an error.  "-" is standard
 * input. */
int tk_read_file(const char *path, size_t max, struct tk_buf *b,
    struct tk_err *err);

/*
 * A file that is there whole or not at all: written under another name in
 * the same folder, flushed to the disk, and renamed.  One that is there
 * keeps its mode; a new one gets the mode given, less the umask.  Links are
 * followed; a device or pipe is written as it comes.
 */
struct tk_new_file {
	FILE *to;
	char *path;      /* what it will be called */
	char *temporary; /* what it is called until then; NULL: a device */
};

int tk_new_file_open(struct tk_new_file *f, const char *path, int mode,
    struct tk_err *err);
int tk_new_file_commit(struct tk_new_file *f, struct tk_err *err);
void tk_new_file_discard(struct tk_new_file *f); /* after commit: nothing */

/*
 * Replace a file of state: whole or as it was, but not flushed to the disk,
 * so that it takes no time; after a power loss it may be the older one or
 * empty.  Its folder is made if need be; mode 0600.
 */
int tk_write_state(const char *path, const void *bytes, size_t len,
    struct tk_err *err);

/*
 * Wait until nobody else who asks changes files of that file's folder: a
 * descriptor, and closing it lets the next one in.  The file itself is no
 * place for a lock, as it is replaced.
 */
int tk_lock_folder(const char *path, struct tk_err *err);

#endif
