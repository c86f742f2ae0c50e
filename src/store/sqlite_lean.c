/*
 * Only the tables that are looked at.
 *
 * Before its first statement SQLite reads and parses all of the schema, which
 * takes longer than the rest of a look at one limit (STORE_ONCE).  So such a
 * connection knows no table at first; those that a statement reads are told to
 * it, with where they begin in the file, as "imposters".  That is how SQLite's
 * own shell and its recovery look at tables, though the interface is one for
 * tests of SQLite: where it does nothing (SQLITE_UNTESTABLE), the connection
 * is left as all others are.
 *
 * Once an imposter was told, SQLite does not load the schema any more, and
 * does not look whether it has changed.  So what is read is of one
 * transaction, which has begun.  What cannot be told makes the connection know
 * the whole schema after all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sqlite_int.h"

/* What the next CREATE is about; on 0: go back to the whole schema. */
static void
tell_page(struct sqlite_store *s, int on, int page)
{
	sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, s->db, "main", on, page);
}

static bool
tell(struct sqlite_store *s, const char *sql, int page)
{
	tell_page(s, 1, page);
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/*
 * What a column may hold matters to who writes.  Without that, half of the
 * words of a table need not be read.  (Not so "REAL": SQLite stores such
 * numbers as integers where it can, and must know.)
 */
static void
leave_types_out(char *sql)
{
	static const char *const types[] = { " NOT NULL", " BIGINT", " TEXT",
		" BLOB" };
	char *to = sql;

	while (*sql != '\0') {
		size_t part = strcspn(sql, ",)"), n = part;

		for (size_t i = 0; i < TK_LEN(types); i++) {
			size_t len = strlen(types[i]);

			if (n >= len &&
			    memcmp(sql + n - len, types[i], len) == 0)
				n -= len;
		}
		memmove(to, sql, n);
		to += n;
		sql += part;
		n = strspn(sql, ",)");
		memmove(to, sql, n);
		to += n;
		sql += n;
	}
	*to = '\0';
}

static bool
tell_table(struct sqlite_store *s, const char *sql, int page)
{
	char *slim = tk_xstrdup(sql);
	bool told;

	leave_types_out(slim);
	told = tell(s, slim, page);
	free(slim);
	return told;
}

struct lean_row {
	size_t table, sql; /* where in the text; sql 0: made by UNIQUE */
	int page;
	bool is_table;
};

enum { MOST = 64 };

struct lean_rows {
	struct lean_row v[MOST];
	size_t n;
	struct tk_buf text;
	uint64_t told; /* a bit for each row */
};

static size_t
keep(struct tk_buf *b, const void *text)
{
	size_t at = b->len;

	if (text == NULL)
		return 0;
	tk_buf_add(b, text, strlen(text) + 1);
	return at;
}

static bool
read_rows(struct sqlite_store *s)
{
	struct lean_rows *r = s->lean;
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(s->db,
	    "SELECT tbl_name, sql, rootpage, type = 'table' FROM sqlite_master",
	    -1, &q, NULL);

	tk_buf_add(&r->text, "", 1);
	while (rc == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW) {
		if (r->n == MOST)
			rc = SQLITE_FULL;
		else
			r->v[r->n++] = (struct lean_row){
				keep(&r->text, sqlite3_column_text(q, 0)),
				keep(&r->text, sqlite3_column_text(q, 1)),
				sqlite3_column_int(q, 2),
				sqlite3_column_int(q, 3) != 0,
			};
	}
	return sqlite3_finalize(q) == SQLITE_OK && rc == SQLITE_OK;
}

void
sqlite_lean_end(struct sqlite_store *s)
{
	if (s->lean != NULL)
		tk_buf_release(&s->lean->text);
	free(s->lean);
	s->lean = NULL;
}

/* The table of tables begins the file. */
void
sqlite_lean_begin(struct sqlite_store *s)
{
	s->lean = tk_xcalloc(1, sizeof(*s->lean));
	s->lean->text = (struct tk_buf)TK_BUF_INIT;
	if (tell(s, "CREATE TABLE x (type, name, tbl_name, rootpage, sql)",
		1) &&
	    read_rows(s))
		return;
	tell_page(s, 0, 1);
	sqlite_lean_end(s);
}

/* The next row of a table, or of its indexes. */
static const struct lean_row *
find_row(const struct lean_rows *r, const char *table, size_t len,
    bool is_table, const struct lean_row *i)
{
	for (i = i == NULL ? r->v : i + 1; i < r->v + r->n; i++)
		if (i->is_table == is_table &&
		    strncmp(r->text.s + i->table, table, len) == 0 &&
		    r->text.s[i->table + len] == '\0')
			return i;
	return NULL;
}

/*
 * "CREATE TABLE t (..., UNIQUE (a, b))": the index goes with the constraint
 * and cannot be told where it is, so it is told as one of its own.
 */
static bool
tell_unique(struct sqlite_store *s, const struct lean_row *t, int page)
{
	const char *name = s->lean->text.s + t->table;
	const char *sql = s->lean->text.s + t->sql;
	const char *at = strstr(sql, ",  UNIQUE (");
	struct tk_buf table = TK_BUF_INIT, index = TK_BUF_INIT;
	bool told = false;

	if (at != NULL && strchr(at, ')') == sql + strlen(sql) - 2) {
		tk_buf_add(&table, sql, (size_t)(at - sql));
		tk_buf_adds(&table, ")");
		tk_buf_addf(&index, "CREATE UNIQUE INDEX unique_%s ON %s ",
		    name, name);
		at = strchr(at, '(');
		tk_buf_add(&index, at, strlen(at) - 1);
		told =
		    tell_table(s, table.s, t->page) && tell(s, index.s, page);
	}
	tk_buf_release(&table);
	tk_buf_release(&index);
	return told;
}

/* With its indexes; false if it cannot be told (a view, say).  Of a name that
 * the schema does not have there is nothing to tell. */
static bool
learn(struct sqlite_store *s, const char *table, size_t len)
{
	struct lean_rows *r = s->lean;
	const struct lean_row *t = find_row(r, table, len, true, NULL), *i;
	uint64_t bit;

	if (t == NULL)
		return find_row(r, table, len, false, NULL) == NULL;
	bit = UINT64_C(1) << (t - r->v);
	if (r->told & bit)
		return true;
	r->told |= bit;
	i = find_row(r, table, len, false, NULL);
	if (i != NULL && i->sql == 0)
		return find_row(r, table, len, false, i) == NULL &&
		    tell_unique(s, t, i->page);
	if (!tell_table(s, r->text.s + t->sql, t->page))
		return false;
	for (; i != NULL; i = find_row(r, table, len, false, i))
		if (i->sql == 0 || !tell(s, r->text.s + i->sql, i->page))
			return false;
	return true;
}

void
sqlite_lean_learn(struct sqlite_store *s, const char *sql)
{
	static const char from[] = "FROM ";

	while ((sql = strstr(sql, from)) != NULL) {
		size_t len;

		sql += strlen(from);
		len = strcspn(sql, " ,()");
		if (!learn(s, sql, len)) {
			tell_page(s, 0, 1);
			sqlite_lean_end(s);
			return;
		}
		sql += len;
	}
}
