#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/store.h"

/*
 * What a backend provides.  struct store and struct stmt are the first
 * member of the backend's own structs.
 */
struct store_ops {
	const char *scheme; /* "sqlite" */
	int (*open)(struct store **st, const char *rest, enum store_flags flags,
	    struct tk_err *err);
	int (*open_foreign)(struct store **st, const char *path,
	    struct tk_err *err);
	bool (*is_steady)(struct store *st);
	bool (*is_unlocked)(struct store *st);
	void (*close)(struct store *st);
	void (*quit)(struct store *st);
	int (*exec)(struct store *st, const char *sql, struct tk_err *err);
	int (*begin)(struct store *st, struct tk_err *err);
	int (*commit)(struct store *st, enum store_sync sync,
	    struct tk_err *err);
	void (*rollback)(struct store *st);
	void (*settle)(struct store *st);
	int (*hold)(struct store *st, struct tk_err *err);
	void (*release)(struct store *st);
	int (*begin_read)(struct store *st, struct tk_err *err);
	void (*end_read)(struct store *st);
	int (*epoch)(struct store *st, int64_t *epoch, struct tk_err *err);
	int (*version)(struct store *st, int64_t *version, struct tk_err *err);
	void (*set_stop)(struct store *st, store_stop_fn *fn, void *data);
	int64_t (*changes)(struct store *st);
	int (*identify)(struct store *st, struct store_identity *id,
	    struct tk_err *err);
	int (*set_identity)(struct store *st, const struct store_identity *id,
	    struct tk_err *err);
	int (*info)(struct store *st, struct store_info *info,
	    struct tk_err *err);
	int (*check)(struct store *st, store_fault_fn *fn, void *data,
	    struct tk_err *err);
	int (*backup)(struct store *st, const char *path, struct tk_err *err);
	int (*restore)(struct store *st, const char *path, const char *keep,
	    struct tk_err *err);
	int (*set_aside)(const char *rest, const char *suffix,
	    struct tk_buf *kept, struct tk_err *err);

	int (*prepare)(struct store *st, struct stmt **q, const char *sql,
	    struct tk_err *err);
	void (*bind_int)(struct stmt *q, int param, int64_t value);
	void (*bind_text)(struct stmt *q, int param, const char *value);
	void (*bind_blob)(struct stmt *q, int param, const void *bytes,
	    size_t len);
	int (*step)(struct stmt *q, struct tk_err *err);
	void (*reset)(struct stmt *q);
	int64_t (*column_int)(const struct stmt *q, int col);
	const char *(*column_text)(const struct stmt *q, int col);
	const void *(*column_blob)(const struct stmt *q, int col, size_t *len);
	bool (*column_null)(const struct stmt *q, int col);
	void (*free_stmt)(struct stmt *q);
};

struct store {
	const struct store_ops *ops;
};

struct stmt {
	const struct store_ops *ops;
};

extern const struct store_ops store_sqlite;

/*
 * The gate: one writer at a time, fairly.
 *
 * A lock on a file beside the database, taken before a transaction begins
 * and held until it is committed and, when it is time, checkpointed.  Two
 * reasons.  SQLite's own wait starves: of 8 processes that write without
 * pause, one got 1 turn and another 28,000 in the same time; polling with
 * random pauses gave each 0.9 to 1.2 of its share, but one of 8 might wait
 * for 40 commits of others, and the gate stood open while all slept: so who
 * leaves wakes up the next, and who waits long has a ticket (gate.c).  And
 * SQLite 3.7.0 to 3.51.2 can lose a commit in WAL mode when one process commits
 * while another checkpoints; here these never overlap.
 */
struct gate {
	int fd; /* -1: not open */
	bool held;
	const struct gate_page *page; /* the file, or NULL: not mapped */
};

/* shared: all that use the file are on this machine. */
int gate_open(struct gate *g, const char *database, bool shared,
    struct tk_err *err);
int gate_enter(struct gate *g, int timeout_ms, struct tk_err *err);
void gate_leave(struct gate *g);
void gate_close(struct gate *g);

/* What is kept in the file without the gate's looking at it; from 1024 on.
 * Without it there is less speed, no more: so it may fail. */
void gate_write(const struct gate *g, size_t at, const void *bytes, size_t len);

/* A pause before the next try: random, longer with each try, in us. */
int gate_pause_us(int tries);

#endif
