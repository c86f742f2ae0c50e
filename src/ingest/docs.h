#ifndef INGEST_DOCS_H
#define INGEST_DOCS_H

#include "ingest/ingest_int.h"

/*
 * JSON values, however they stand in a file: one a line, one over many lines,
 * several of these, or an array of them, whose items are given one by one.
 *
 * An importer keeps a struct docs in its state and hands it every line; fn
 * gets each object (or array inside an array) with all of its text.  A line
 * that cannot be part of a value ends the damaged one, so that in JSON Lines
 * only the line that is wrong is lost.
 */
struct docs {
	struct tk_buf text; /* of a value that goes on in the next line */
	uint64_t objects;   /* which of the open brackets are '{', by depth */
	int depth;
	bool in_string, escaped;
	bool array;   /* items of an array at the top */
	bool lines;   /* a value was seen that is a line */
	bool bare;    /* the value began with a line that is only its bracket */
	char last;    /* the last byte that is no white space */
	int64_t line; /* where the value began */
};

typedef void docs_fn(struct reader *rd, const char *text, size_t n);

void docs_init(struct docs *d);
void docs_release(struct docs *d);
void docs_line(struct docs *d, struct reader *rd, const char *line, size_t n,
    docs_fn *fn);
/* At the end of the file: a value that has no end is bad; what can be read
 * of it fn gets first. */
void docs_end(struct docs *d, struct reader *rd, docs_fn *fn);
/* Between values. */
bool docs_whole(const struct docs *d);

/* For importers whose state begins with a struct docs, and which have a
 * value() for what is in them. */
void docs_read_line(struct reader *rd, const char *line, size_t n);
void docs_read_end(struct reader *rd);
bool docs_open(struct reader *rd, const char *carry);
void docs_carry(const struct reader *rd, struct tk_buf *b);
bool docs_is_whole(const struct reader *rd);
void docs_close(struct reader *rd);

/* The value is bad: s says why. */
void docs_bad(struct reader *rd, const struct json_scan *s);

#endif
