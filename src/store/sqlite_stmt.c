/* Statements. */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/sqlite_int.h"

/* To SQLite "$2" is a name, numbered by first use: look the numbers up. */
static void
number_params(struct sqlite_stmt *n)
{
	int params = sqlite3_bind_parameter_count(n->st);

	assert(params <= MAX_PARAMS);
	for (int i = 1; i <= params; i++) {
		const char *name = sqlite3_bind_parameter_name(n->st, i);

		n->index[atoi(name + 1)] = i;
	}
}

int
sqlite_prepare(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct sqlite_stmt *n = tk_xcalloc(1, sizeof(*n));

	n->base.ops = &store_sqlite;
	n->store = s;
	if (s->lean != NULL)
		sqlite_lean_learn(s, sql);
	if (sqlite3_prepare_v2(s->db, sql, -1, &n->st, NULL) != SQLITE_OK) {
		free(n);
		return sqlite_fail(s, err);
	}
	number_params(n);
	*q = &n->base;
	return 0;
}

void
sqlite_bind_int(struct stmt *q, int param, int64_t value)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_int64(s->st, s->index[param], value);
}

void
sqlite_bind_text(struct stmt *q, int param, const char *value)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_text(s->st, s->index[param], value, -1, SQLITE_STATIC);
}

void
sqlite_bind_blob(struct stmt *q, int param, const void *bytes, size_t len)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_blob64(s->st, s->index[param], bytes ? bytes : "", len,
	    SQLITE_STATIC);
}

int
sqlite_step(struct stmt *q, struct tk_err *err)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		sqlite_fail(s->store, err);
	sqlite3_reset(s->st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
sqlite_reset(struct stmt *q)
{
	sqlite3_reset(((struct sqlite_stmt *)q)->st);
}

int64_t
sqlite_column_int(const struct stmt *q, int col)
{
	return sqlite3_column_int64(((const struct sqlite_stmt *)q)->st, col);
}

const char *
sqlite_column_text(const struct stmt *q, int col)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;
	const unsigned char *text = sqlite3_column_text(s->st, col);

	return text ? (const char *)text : "";
}

const void *
sqlite_column_blob(const struct stmt *q, int col, size_t *len)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;
	const void *bytes = sqlite3_column_blob(s->st, col);

	*len = (size_t)sqlite3_column_bytes(s->st, col);
	return bytes ? bytes : "";
}

bool
sqlite_column_null(const struct stmt *q, int col)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;

	return sqlite3_column_type(s->st, col) == SQLITE_NULL;
}

void
sqlite_free_stmt(struct stmt *q)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_finalize(s->st);
	free(s);
}
