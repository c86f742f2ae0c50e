#ifndef INGEST_TABLE_H
#define INGEST_TABLE_H

#include "ingest/field.h"
#include "ingest/ingest_int.h"

/*
 * What CSV and JSON Lines have in common: rows of named values.
 *
 * A row without request_id is known by its content, and how often that
 * content stood in the file before: so a file that is imported again, or
 * has grown, counts once, and two equal rows in one file count twice.
 */
struct table {
	struct field_row row;
	struct tk_err bad; /* of the current row, if wrong is set */
	bool wrong;
	struct ids seen;       /* rows without request_id */
	struct tk_buf unknown; /* "'a', 'b'": columns that are ignored */
	size_t nunknown;
	bool nameless; /* some row had no request_id */
};

void table_init(struct table *t, const struct reader *rd);
void table_release(struct table *t);

/* The field of a column, by --map, then by name; false: ignore it. */
bool table_column(struct table *t, const struct reader *rd, const char *name,
    size_t n, struct field *f);

void table_begin_row(struct table *t, const struct reader *rd);
/* value[n] is NUL; the text is copied where it is kept. */
void table_set(struct table *t, struct reader *rd, const struct field *f,
    const char *value, size_t n);
void table_fail(struct table *t, const char *fmt, ...) TK_PRINTF(2, 3);
void table_end_row(struct table *t, struct reader *rd);

/* Say which columns were ignored. */
void table_note_unknown(struct table *t, struct reader *rd);

/* 0, or TK_USAGE: a --map that names no field. */
int table_check_map(const struct ingest_options *o, struct tk_err *err);

#endif
