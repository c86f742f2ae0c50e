#ifndef INGEST_DATABASE_H
#define INGEST_DATABASE_H

#include "ingest/run.h"

struct store;
struct stmt;

/*
 * Importers that read the SQLite database of another program.
 *
 * A database is read when the file or its WAL has changed since.  Rows that
 * never change once they are there need a struct database_mark, from which
 * the next run goes on; of others, all are read.
 *
 *	database_select(db, &q, "sessions", columns, "ORDER BY rowid", err)
 *	while ((more = database_row(rd, q, err)) > 0)
 *		... database_text(rd, q, 2) ...
 *	stmt_free(q);
 */

bool database_begins(const char *head, size_t n);

/* Stands for what is beside the file: its WAL. */
uint64_t database_tail(const char *path);

/* Whose tables are in it; as importer_probe(). */
int database_probe(const struct importer **im, const struct ingest_options *o,
    const struct walk_file *f, struct tk_err *err);

/* Read what is new in it, and mark it as read. */
int database_read(struct run *run, struct reader *rd, const struct walk_file *f,
    const char *carry);

/* Is there such a column?  1, 0, or -1. */
int database_has(struct store *db, const char *table, const char *column,
    struct tk_err *err);

/*
 * SELECT the columns, ended by NULL, of a table; NULL for those that this
 * version of the program does not have.  rest is what follows FROM.  All of
 * it is constant text: values are bound.
 */
int database_select(struct store *db, struct stmt **q, const char *table,
    const char *const *columns, const char *rest, struct tk_err *err);

/*
 * The last row that was read: it holds while the row is still there and has
 * the same id, or else all is read again.  The state of the importer, or its
 * first member.
 */
struct database_mark {
	int64_t row; /* 0: none */
	uint64_t id; /* hash */
};

bool database_open_mark(struct reader *rd, const char *carry);
void database_carry_mark(const struct reader *rd, struct tk_buf *b);
int database_check_mark(struct store *db, struct database_mark *at,
    const char *table, const char *column, struct tk_err *err);
void database_set_mark(struct database_mark *at, int64_t row, const char *id);

/* The next row; its number for messages is rd->line.  0 as well when the
 * import is to stop. */
int database_row(struct reader *rd, struct stmt *q, struct tk_err *err);

/* A text for a record; NULL if it is NULL or empty. */
const char *database_text(struct reader *rd, const struct stmt *q, int col);

/* A time in ms: a stamp, which is UTC if it does not say, or a number since
 * 1970; RECORD_UNKNOWN if it is neither. */
int64_t database_time(const struct stmt *q, int col);

#endif
