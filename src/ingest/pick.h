#ifndef INGEST_PICK_H
#define INGEST_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

struct reader;

/*
 * Values of a JSON object by their paths, read in one go:
 *
 *	struct pick v[] = { { .path = "message/usage" },
 *		{ .path = "message/model" } };
 *
 *	if (pick_read(v, TK_LEN(v), line, n, &scan))
 *		... v[1].kind == JSON_IS_TEXT, v[1].t ...
 *
 * Names are separated by '/', since they may hold dots.  A value that is
 * wanted whole, as "message/usage" is, can be picked from again.  What is not
 * there, or null, has the kind JSON_IS_WRONG or JSON_IS_NULL.
 */
struct pick {
	const char *path;
	enum json_kind kind;
	struct json_text t; /* a string without its quotes; else as it is */
};

enum { PICKS_MOST = 40 };

/* False: the text is no JSON object; s says why.  What came before the fault
 * was picked all the same. */
bool pick_read(struct pick *v, size_t n, const char *text, size_t len,
    struct json_scan *s);

static inline bool
pick_has(const struct pick *p)
{
	return p->kind != JSON_IS_WRONG && p->kind != JSON_IS_NULL;
}

/* Of three places where a value may stand, the first that has it. */
static inline const struct pick *
pick_first(const struct pick *v, int a, int b, int c)
{
	if (pick_has(&v[a]))
		return &v[a];
	return pick_has(&v[b]) ? &v[b] : &v[c];
}

static inline bool
pick_is(const struct pick *p, const char *word)
{
	return p->kind == JSON_IS_TEXT && json_text_is(&p->t, word);
}

/* A count of tokens, also one in quotes; 0 for what is not there.  False: it
 * is no count. */
bool pick_count(const struct pick *p, int64_t *n);

/* Some of them, and where each goes.  False: one is no count, and the reader
 * was told. */
struct pick_to {
	int at; /* in v */
	int64_t *to;
};
bool pick_counts(struct reader *rd, const struct pick *v,
    const struct pick_to *count, size_t n);

/* In ms: a stamp, UTC if it does not say; or a number since 1970 of seconds,
 * with a fraction or not, milli-, micro- or nanoseconds. */
bool pick_time(const struct pick *p, int64_t *ms);
bool pick_time_parse(const char *s, size_t n, int64_t *ms);

/* Dollars, as pico-dollars; false if it is no amount above 0. */
bool pick_cost(const struct pick *p, int64_t *cost);

/* A name for a record; NULL unless it is a text that is not empty. */
const char *pick_name(struct reader *rd, const struct pick *p);

/* Of the head of a file: the objects that begin its first lines, so that
 * importers can look whether they know one. */
struct pick_probe {
	const char *at, *end;
	int left;
};

void pick_probe_init(struct pick_probe *p, const char *head, size_t n);
/* False: there are no more. */
bool pick_probe_next(struct pick_probe *p, struct pick *v, size_t n);

#endif
