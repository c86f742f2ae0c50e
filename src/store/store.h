#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The ledger's database, whichever one it is.
 *
 * The URL picks the backend: "sqlite:PATH" or a plain path; others by their
 * scheme.  SQL is written once, in the part of the language that they all
 * understand, with $1, $2, ... for values; never paste a value into the
 * text.  A statement is prepared, bound, stepped and freed:
 *
 *	if (store_prepare(st, &q, "SELECT ... WHERE id >= $1", err) < 0)
 *		goto out;
 *	stmt_bind_int(q, 1, since);
 *	while ((more = stmt_step(q, err)) > 0)
 *		total += stmt_int(q, 0);
 *	if (more < 0)
 *		goto out;
 *	...
 * out:
 *	stmt_free(q);
 *
 * Who writes holds the store alone, from store_begin() to store_commit() or
 * store_rollback(); everybody else's store_begin() waits, fairly, until the
 * deadline (ledger.busy_timeout) and then fails with TK_IO.  Readers never
 * wait and see what was committed when their statement began.
 */
struct store;
struct stmt;
struct tk_buf;

enum store_flags {
	STORE_READ = 1 << 0,
	STORE_WRITE = 1 << 1,
	STORE_CREATE = 1 << 2, /* with STORE_WRITE: make it if missing */
	STORE_ONCE = 1 << 3,   /* with STORE_READ: see below */
};

/*
 * STORE_ONCE is for who takes one look and closes at once: all that is read
 * is of the moment of store_open(), and nothing beside the database is made
 * or changed, which costs less.  Other processes go on writing, but what they
 * write is not moved out of the journal meanwhile.  This process may not have
 * the same database open twice.  Tables are known when a statement reads them
 * with "FROM", not with "JOIN".
 */

/* How long a writer waits for others, in ms; before store_open(). */
extern int store_busy_ms;

int store_open(struct store **st, const char *url, enum store_flags flags,
    struct tk_err *err);
void store_close(struct store *st); /* NULL is fine */
/* The process ends: what store_close() does, but for what ends with it. */
void store_quit(struct store *st);

/*
 * The SQLite database of another program, which may be running: it is only
 * looked at.  Nothing in it or beside it is changed or made, not even the
 * files that SQLite makes for itself.
 *
 * Where that leaves nothing to lock, others may write meanwhile, so what was
 * read is to be believed only when store_is_steady() says so afterwards.
 */
int store_open_foreign(struct store **st, const char *path, struct tk_err *err);
bool store_is_steady(struct store *st);
/* It is as above: ask before believing. */
bool store_is_unlocked(struct store *st);

/* The file that a URL names. */
const char *store_path(const char *url);

/* Run SQL that returns no rows; may hold several statements. */
int store_exec(struct store *st, const char *sql, struct tk_err *err);

/*
 * A transaction.  When store_commit() with STORE_DURABLE returns 0, the
 * writes survive kill -9 and power loss; with STORE_RELAXED a power loss may
 * take back the last commits, whole ones and in order, until the next
 * durable one.  store_settle() after many writes moves them to where a plain
 * copy of the file finds them.
 */
enum store_sync { STORE_RELAXED, STORE_DURABLE };

int store_begin(struct store *st, struct tk_err *err);
int store_commit(struct store *st, enum store_sync sync, struct tk_err *err);
void store_rollback(struct store *st); /* nothing begun is fine */
void store_settle(struct store *st);

/* Keep other writers out over several steps of one's own, until
 * store_release(); what is between may begin and commit. */
int store_hold(struct store *st, struct tk_err *err);
void store_release(struct store *st);

/* Several statements that must see the same state, for who only reads.  In
 * a transaction, and inside another, it does nothing. */
int store_begin_read(struct store *st, struct tk_err *err);
void store_end_read(struct store *st);

/* A number that is another one when somebody put other tables in place since
 * (store_restore(), a migration): what was remembered of them is void. */
int store_epoch(struct store *st, int64_t *epoch, struct tk_err *err);

/* A number that is another one after somebody else has committed anything. */
int store_version(struct store *st, int64_t *version, struct tk_err *err);

/*
 * Ask fn now and then while statements run, every few hundred of their steps:
 * when it says true, the one that runs fails with TK_IO.  NULL: nobody.
 */
typedef bool store_stop_fn(void *data);
void store_set_stop(struct store *st, store_stop_fn *fn, void *data);

/* How many rows the last INSERT, UPDATE or DELETE wrote. */
int64_t store_changes(struct store *st);

int store_prepare(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err);

/* The same, for a statement that is kept: nothing if *q is prepared. */
int store_prepare_once(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err);

/* Parameters count from 1.  Text and blobs must stay until the statement is
 * stepped to its end or bound anew; NULL text is SQL's NULL. */
void stmt_bind_int(struct stmt *q, int param, int64_t value);
void stmt_bind_text(struct stmt *q, int param, const char *value);
void stmt_bind_blob(struct stmt *q, int param, const void *bytes, size_t len);
void stmt_bind_null(struct stmt *q, int param);

/*
 * 1: there is a row; 0: no more rows; -1: failed.  After 0 the statement can
 * be bound and stepped again, as for a list of inserts.
 *
 * Only one statement of a store may be between its first row and its end
 * while others are stepped: a database server sends rows on the one
 * connection.  stmt_reset() ends a statement early.
 */
int stmt_step(struct stmt *q, struct tk_err *err);
void stmt_reset(struct stmt *q);

/*
 * Columns count from 0.  A NULL reads as 0 or "".  Text and blobs stay valid
 * until the next stmt_step(), stmt_reset() or stmt_free() of the statement.
 */
int64_t stmt_int(const struct stmt *q, int col);
const char *stmt_text(const struct stmt *q, int col);
const void *stmt_blob(const struct stmt *q, int col, size_t *len);
bool stmt_is_null(const struct stmt *q, int col);
const char *stmt_text_or_null(const struct stmt *q, int col);

void stmt_free(struct stmt *q); /* NULL is fine */

/*
 * Who the database says it is: the magic number of the program that made it
 * (0: nobody, an empty one) and the number of its schema.
 */
struct store_identity {
	int64_t magic;
	int64_t version;
	bool empty;
};

int store_identify(struct store *st, struct store_identity *id,
    struct tk_err *err);
/* Inside a transaction. */
int store_set_identity(struct store *st, const struct store_identity *id,
    struct tk_err *err);

/* For "ledger info": what kind, where, how it is kept. */
struct store_info {
	const char *backend; /* "sqlite" */
	const char *path;
	const char *engine;  /* "SQLite 3.40.1" */
	const char *journal; /* "wal" */
	int64_t bytes;       /* with what is not settled yet */
};

int store_info(struct store *st, struct store_info *info, struct tk_err *err);

/* The engine of local files, without opening one: "SQLite 3.40.1". */
const char *store_engine(void);

/* Call fn for each fault that the database finds in itself. */
typedef void store_fault_fn(const char *fault, void *data);
int store_check(struct store *st, store_fault_fn *fn, void *data,
    struct tk_err *err);

/* A consistent copy into a new file, while others write; the file is there
 * whole or not at all. */
int store_backup(struct store *st, const char *path, struct tk_err *err);

/* Put the content of such a copy in place of all that is in the store, in
 * one durable step; others see it at their next statement.  What was there is
 * copied to keep first, unless that is NULL; nobody writes between the two.
 * When it fails, nothing has changed and there is no copy. */
int store_restore(struct store *st, const char *path, const char *keep,
    struct tk_err *err);

/* Rename what is at url, damaged or foreign as it may be; suffix is put
 * behind its name, which is appended to kept. */
int store_set_aside(const char *url, const char *suffix, struct tk_buf *kept,
    struct tk_err *err);

#endif
