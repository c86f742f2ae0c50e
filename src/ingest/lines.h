#ifndef INGEST_LINES_H
#define INGEST_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The lines of a file, in as much memory as the longest of them needs.  What
 * is compressed is read as if it were not (zip/unzip.h).  Lines end at '\n' and
 * at nothing else: logs hold U+2028, NULs and '\r'.
 */
struct unzip;

struct lines {
	int fd;
	struct unzip
	    *unzip;     /* NULL: it is not compressed, as far as is known */
	size_t max;     /* longer lines are passed over */
	int64_t offset; /* in the text, of what lines_next() gives next */
	char *buf;
	size_t cap, at, len;
	bool eof;
	/* Called before a read that would wait for input; or NULL. */
	int (*idle)(void *data, struct tk_err *err);
	void *idle_data;
};

enum {
	LINES_NONE,
	LINES_WHOLE, /* with its '\n' */
	LINES_CUT,   /* the last one: the file ends in it */
	LINES_LONG,  /* longer than max; no text is given */
};

/* From where the file stands, which is said to be offset. */
void lines_init(struct lines *l, int fd, int64_t offset, size_t max);
void lines_release(struct lines *l);

/* *text is valid until the next call; -1 when reading fails. */
int lines_next(struct lines *l, const char **text, size_t *n,
    struct tk_err *err);

/* What follows, without taking it: at least n bytes if there are so many. */
int lines_peek(struct lines *l, size_t n, const char **text, size_t *got,
    struct tk_err *err);

#endif
