#ifndef STORE_SQLITE_INT_H
#define STORE_SQLITE_INT_H

#include <sqlite3.h>

#include "store/store_int.h"

/*
 * What the files of the SQLite backend share: sqlite_open.c (opening),
 * store_sqlite.c (transactions), sqlite_stmt.c (statements), sqlite_file.c
 * (the database as a whole: identity, check, copies), sqlite_lean.c (STORE_ONCE
 * without the whole schema), sqlite_index.c (STORE_ONCE without reading the
 * WAL), sqlite_calls.c (calls of the system), sqlite_foreign.c (databases of
 * other programs).
 */
enum { MAX_PARAMS = 16 };

struct sqlite_store {
	struct store base;
	sqlite3 *db;
	/* kept: store_prepare_once() */
	struct stmt *begin, *commit, *epoch, *version;
	char *path; /* with links followed, as SQLite does */
	struct gate gate;
	bool writable;
	bool wal;     /* the journal, as the file says */
	bool network; /* what it should be: the rollback journal */
	bool named;   /* name_wal() */
	bool begun;
	bool held;   /* store_hold() */
	int readers; /* store_begin_read() inside each other */
	bool bulk;   /* the last commit was relaxed: so is the next begin */
	int wal_pages;
	int tries;              /* of the busy handler */
	bool known;             /* id is; STORE_ONCE */
	struct lean_rows *lean; /* not NULL: see sqlite_lean_begin() */
	struct store_identity id;
	bool foreign;             /* another program's: sqlite_foreign.c */
	struct foreign_state *at; /* how it was, where nothing is locked */
	int64_t busy_since;
	store_stop_fn *stop; /* store_set_stop() */
	void *stop_data;
};

struct sqlite_stmt {
	struct stmt base;
	struct sqlite_store *store;
	sqlite3_stmt *st;
	int index[MAX_PARAMS + 1]; /* SQLite's number of "$1", "$2", ... */
};

/* Before the first database is opened; afterwards it does nothing. */
void sqlite_use_memory(void);

/* From now on SQLite calls that in place of what it called. */
bool sqlite_exchange_call(const char *name, sqlite3_syscall_ptr ours,
    sqlite3_syscall_ptr *was);
/* The name of this WAL is on the disk: not to be flushed again. */
void sqlite_wal_named(const char *wal);
/* For root: files that have the owner they should have are left alone. */
void sqlite_give_once(void);

/*
 * The index of the WAL: a process that wrote leaves a note of it when it ends;
 * what is opened between _look() and _end() believes an index that has a true
 * note.  _end() says whether it did.
 */
void sqlite_index_note(struct sqlite_store *s);
void sqlite_index_look(const char *path);
bool sqlite_index_end(void);

/* Why SQLite failed, as an error; -1. */
int sqlite_fail(struct sqlite_store *s, struct tk_err *err);

/* The busy handler: for what the gate does not cover. */
int sqlite_busy(void *data, int tries);

/* Flush a file or folder; what cannot be opened needs no flush. */
int sqlite_flush(const char *path, struct tk_err *err);

/*
 * From here on the file is written.  Not before: it may be another program's
 * database, which must stay as it is, without a new file beside it.
 */
int sqlite_enter(struct sqlite_store *s, struct tk_err *err);
void sqlite_leave(struct sqlite_store *s);

int sqlite_open(struct store **st, const char *path, enum store_flags flags,
    struct tk_err *err);

/* "./x": a path is a path, also ":memory:" and "file:..." */
int sqlite_open_path(sqlite3 **db, const char *path, int mode);

/* "file:PATH?params", for sqlite3_open_v2(). */
int sqlite_open_uri(sqlite3 **db, const char *path, const char *params);

/*
 * Know no table of the schema, in the transaction that has begun; then, before
 * a statement is prepared, learn of those that it reads: "FROM table".
 */
void sqlite_lean_begin(struct sqlite_store *s);
void sqlite_lean_learn(struct sqlite_store *s, const char *sql);
void sqlite_lean_end(struct sqlite_store *s);

int sqlite_open_foreign(struct store **st, const char *path,
    struct tk_err *err);
bool sqlite_is_steady(struct store *st);
bool sqlite_is_unlocked(struct store *st);
int sqlite_foreign_fail(struct sqlite_store *s, struct tk_err *err);
void sqlite_close(struct store *st);

int sqlite_epoch(struct store *st, int64_t *epoch, struct tk_err *err);
int sqlite_version(struct store *st, int64_t *version, struct tk_err *err);
int sqlite_identify(struct store *st, struct store_identity *id,
    struct tk_err *err);
int sqlite_set_identity(struct store *st, const struct store_identity *id,
    struct tk_err *err);
int sqlite_info(struct store *st, struct store_info *info, struct tk_err *err);
int sqlite_check(struct store *st, store_fault_fn *fn, void *data,
    struct tk_err *err);
int sqlite_backup(struct store *st, const char *path, struct tk_err *err);
int sqlite_restore(struct store *st, const char *path, const char *keep,
    struct tk_err *err);
int sqlite_set_aside(const char *path, const char *suffix, struct tk_buf *kept,
    struct tk_err *err);
int sqlite_prepare(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err);
void sqlite_bind_int(struct stmt *q, int param, int64_t value);
void sqlite_bind_text(struct stmt *q, int param, const char *value);
void sqlite_bind_blob(struct stmt *q, int param, const void *bytes, size_t len);
int sqlite_step(struct stmt *q, struct tk_err *err);
void sqlite_reset(struct stmt *q);
int64_t sqlite_column_int(const struct stmt *q, int col);
const char *sqlite_column_text(const struct stmt *q, int col);
const void *sqlite_column_blob(const struct stmt *q, int col, size_t *len);
bool sqlite_column_null(const struct stmt *q, int col);
void sqlite_free_stmt(struct stmt *q);

#endif
