#ifndef LEDGER_NAMES_H
#define LEDGER_NAMES_H

#include <stdint.h>

#include "base/err.h"
#include "ledger/pack.h"

struct store;

/*
 * Names of users, models, sessions, ...: each is kept once, in the table
 * "name", and records hold its id.  Ids are given from 1 up and never used
 * again.  Both directions are cached for the time that the ledger is open;
 * names are never changed or removed, so the cache cannot be out of date,
 * except after a rollback or a restore: then names_forget() must be called.
 */
struct names;

struct names *names_new(struct store *st);
void names_free(struct names *n); /* NULL is fine */
void names_forget(struct names *n);

/* 1: *id is the id of that name; 0: the ledger does not know it. */
int names_find(struct names *n, enum name_kind kind, const char *name,
    uint32_t *id, struct tk_err *err);

/*
 * The id, given if need be; inside a transaction.  since is the id of the
 * record that brings the name: the hash chain takes names in with it.
 */
int names_intern(struct names *n, enum name_kind kind, const char *name,
    int64_t since, uint32_t *id, struct tk_err *err);

/* The name; NULL for id 0.  Stays valid until names_free(). */
int names_text(struct names *n, uint32_t id, const char **name,
    struct tk_err *err);

/*
 * That name will be asked for, if it is known by then: have its memory on the
 * way.  Say so three times, each some names before the next, where names come
 * in no order and there are many.
 */
enum names_soon { NAMES_LATER, NAMES_SOON, NAMES_NEXT };
void names_expect(const struct names *n, uint32_t id, enum names_soon soon);

/* 1: the ledger has at most max names, of all kinds; 0: it has more. */
int names_are_few(struct names *n, int64_t max, struct tk_err *err);

/* The largest id there is; 0: none. */
int names_most(struct names *n, uint32_t *id, struct tk_err *err);

/*
 * Read the names behind id in the order of their ids, which is that of the
 * records that brought them, until all that were brought by a record have been
 * read, or some more.  Nothing is remembered but how far that went.
 */
struct names_ahead {
	uint32_t id;
	int64_t since; /* of that name; 0 at first, INT64_MAX at the end */
};

typedef int names_ahead_fn(enum name_kind kind, uint32_t id, const char *name,
    void *data, struct tk_err *err);
int names_read_ahead(struct names *n, struct names_ahead *a, int64_t record,
    names_ahead_fn *fn, void *data, struct tk_err *err);

/*
 * Read all names of a kind at once, which takes a fifth of the time that
 * names_text() takes for each.  Then names_rank() says where each stands among
 * them, as strcmp() orders them, from 1 up; until another is added.
 */
int names_load(struct names *n, enum name_kind kind, struct tk_err *err);
uint32_t names_rank(const struct names *n, uint32_t id); /* 0 for id 0 */

/* Call fn for the names of that kind, newest first, at most max of them,
 * until it returns something else than 0. */
typedef int names_visit_fn(const char *name, void *data);
int names_each(struct names *n, enum name_kind kind, int max,
    names_visit_fn *fn, void *data, struct tk_err *err);

#endif
