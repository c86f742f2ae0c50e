#include "ingest/database.h"

#include <inttypes.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "ingest/hash.h"
#include "ingest/pick.h"
#include "store/store.h"

enum { TRIES = 3, NAME_LENGTH = 64 };

bool
database_begins(const char *head, size_t n)
{
	static const char magic[] = "SQLite format 3"; /* and its NUL */

	return n >= sizeof(magic) && memcmp(head, magic, sizeof(magic)) == 0;
}

uint64_t
database_tail(const char *path)
{
	struct tk_buf name = TK_BUF_INIT;
	struct stat st;
	int64_t seen[3] = { 0 };

	tk_buf_addf(&name, "%s-wal", path);
	if (stat(name.s, &st) == 0 && st.st_size > 0) {
		seen[0] = st.st_size;
		seen[1] = st.st_mtim.tv_sec;
		seen[2] = st.st_mtim.tv_nsec;
	}
	tk_buf_release(&name);
	return hash_bytes(seen, sizeof(seen)).a;
}

int
database_has(struct store *db, const char *table, const char *column,
    struct tk_err *err)
{
	static const char sql[] =
	    "SELECT 1"
	    "  FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
	    " WHERE m.type = 'table'"
	    "   AND m.name = $1"
	    "   AND c.name = $2";
	struct stmt *q;
	int more;

	if (store_prepare(db, &q, sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, table);
	stmt_bind_text(q, 2, column);
	more = stmt_step(q, err);
	stmt_free(q);
	return more;
}

/* "table.column" is in it. */
static int
has_path(struct store *db, const char *path, struct tk_err *err)
{
	size_t n = strcspn(path, ".");
	char table[NAME_LENGTH];

	if (n >= sizeof(table))
		return 0;
	memcpy(table, path, n);
	table[n] = '\0';
	return database_has(db, table, path + n + 1, err);
}

static int
fits(struct store *db, const struct importer *im, struct tk_err *err)
{
	int has = 0;

	for (size_t i = 0; has == 0 && im->tables[i] != NULL; i++)
		has = has_path(db, im->tables[i], err);
	return has;
}

static int
no_tables(const char *path, const struct importer *im, struct tk_err *err)
{
	tk_fail(err, TK_DATA, "the database '%s' holds no usage of %s", path,
	    im->title);
	return tk_hint(err, "without --from, its tables say what it is");
}

int
database_probe(const struct importer **im, const struct ingest_options *o,
    const struct walk_file *f, struct tk_err *err)
{
	const struct importer *only = f->importer;
	struct store *db;
	int has = 0;

	if (only == NULL && o->nfrom == 1)
		only = o->from[0];
	*im = only;
	if (only != NULL && only->tables == NULL)
		return no_tables(f->path, only, err);
	if (store_open_foreign(&db, f->path, err) < 0)
		return -1;
	for (size_t i = 0; has == 0 && importers[i] != NULL; i++) {
		if (only != NULL ? importers[i] != only
				 : importers[i]->tables == NULL ||
			    !options_want(o, importers[i]))
			continue;
		has = fits(db, importers[i], err);
		if (has > 0)
			*im = importers[i];
	}
	store_close(db);
	if (has == 0 && only != NULL && f->named)
		return no_tables(f->path, only, err);
	return has;
}

int
database_select(struct store *db, struct stmt **q, const char *table,
    const char *const *columns, const char *rest, struct tk_err *err)
{
	struct tk_buf sql = TK_BUF_INIT;
	int has = 1, rc = -1;

	*q = NULL;
	tk_buf_adds(&sql, "SELECT ");
	for (size_t i = 0; columns[i] != NULL; i++) {
		has = strcmp(columns[i], "rowid") == 0
		    ? 1
		    : database_has(db, table, columns[i], err);
		if (has < 0)
			break;
		tk_buf_addf(&sql, "%s%s", i > 0 ? ", " : "",
		    has > 0 ? columns[i] : "NULL");
	}
	tk_buf_addf(&sql, " FROM %s %s", table, rest);
	if (has >= 0)
		rc = store_prepare(db, q, sql.s, err);
	tk_buf_release(&sql);
	return rc;
}

bool
database_open_mark(struct reader *rd, const char *carry)
{
	struct database_mark *at = rd->state;

	if (carry != NULL &&
	    sscanf(carry, "%" SCNd64 " %" SCNx64, &at->row, &at->id) != 2)
		*at = (struct database_mark){ 0 };
	return true;
}

void
database_carry_mark(const struct reader *rd, struct tk_buf *b)
{
	const struct database_mark *at = rd->state;

	tk_buf_addf(b, "%" PRId64 " %016" PRIx64, at->row, at->id);
}

void
database_set_mark(struct database_mark *at, int64_t row, const char *id)
{
	at->row = row;
	at->id = hash_bytes(id, strlen(id)).a;
}

int
database_check_mark(struct store *db, struct database_mark *at,
    const char *table, const char *column, struct tk_err *err)
{
	const char *const columns[] = { column, NULL };
	struct database_mark is = { 0 };
	struct stmt *q;
	int more;

	if (database_select(db, &q, table, columns, "WHERE rowid = $1", err) <
	    0)
		return -1;
	stmt_bind_int(q, 1, at->row);
	more = stmt_step(q, err);
	if (more > 0)
		database_set_mark(&is, at->row, stmt_text(q, 0));
	if (is.row != at->row || is.id != at->id)
		*at = (struct database_mark){ 0 };
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

/* What was gathered of a database without locks is to be believed only if
 * nobody wrote meanwhile. */
static int
put_what_is_sure(struct reader *rd, struct tk_err *err)
{
	if (!store_is_steady(rd->db))
		return tk_fail(err, TK_IO, "'%s' changes while it is read",
		    rd->path);
	return run_flush(rd->run, LEDGER_RELAXED);
}

int
database_row(struct reader *rd, struct stmt *q, struct tk_err *err)
{
	struct run *run = rd->run;
	int more;

	if (run->next.batch.n >= run->limit && put_what_is_sure(rd, err) < 0)
		return -1;
	if (run->failed)
		return -1;
	if (run_stopped(run))
		return 0;
	more = stmt_step(q, err);
	if (more > 0) {
		rd->line++;
		run_tally(run, rd->importer)->lines++;
	}
	return more;
}

const char *
database_text(struct reader *rd, const struct stmt *q, int col)
{
	const char *s = stmt_text(q, col);
	struct json_text t = { s, strlen(s), false };

	return reader_name(rd, &t);
}

int64_t
database_time(const struct stmt *q, int col)
{
	const char *s = stmt_text(q, col);
	int64_t ms;

	return pick_time_parse(s, strlen(s), &ms) ? ms : RECORD_UNKNOWN;
}

static void
mark(struct run *run, struct reader *rd, const struct walk_file *f,
    uint64_t tail)
{
	struct tk_buf carry = TK_BUF_INIT;
	struct ledger_source s = {
		.device = f->device,
		.inode = f->inode,
		.offset = DATABASE,
		.size = f->size,
		.mtime = f->mtime,
	};

	known_begin_carry(&carry, rd->importer,
	    &(struct known_carry){ .line = rd->line,
		.read_at = run->options->now,
		.ctime = f->ctime,
		.tail = tail });
	if (rd->importer->carry != NULL)
		rd->importer->carry(rd, &carry);
	s.carry = tk_buf_detach(&carry);
	run_mark(run, rd->importer, f->path, &s);
}

/* Read it once.  1: done; 0: it changed meanwhile. */
static int
read_once(struct run *run, struct reader *rd, const struct walk_file *f,
    const char *carry)
{
	const struct importer *im = rd->importer;
	uint64_t tail = database_tail(f->path);
	int rc = -1;

	if (store_open_foreign(&rd->db, f->path, run->err) < 0)
		return -1;
	if (store_is_unlocked(rd->db) && run_flush(run, LEDGER_RELAXED) < 0)
		goto out;
	rd->line = 0;
	rd->state = tk_xcalloc(1, im->state_size + 1);
	if (im->open != NULL)
		im->open(rd, carry);
	rc = im->database(rd, rd->db, run->err);
	if (!store_is_steady(rd->db)) {
		batch_reset(&run->next.batch);
		rc = run->failed ? -1 : 0;
	} else if (rc == 0) {
		if (!run_stopped(run))
			mark(run, rd, f, tail);
		rc = 1;
	}
	if (im->close != NULL)
		im->close(rd);
	free(rd->state);
	rd->state = NULL;
out:
	store_close(rd->db);
	rd->db = NULL;
	return rc;
}

int
database_read(struct run *run, struct reader *rd, const struct walk_file *f,
    const char *carry)
{
	struct ingest_tally *t = run_tally(run, rd->importer);
	int rc = 0;

	rd->mtime = f->mtime / 1000000;
	for (int i = 0; i < TRIES && rc == 0; i++)
		rc = read_once(run, rd, f, carry);
	t->bytes += f->size;
	run->progress.bytes += f->size;
	if (rc == 0)
		return tk_fail(run->err, TK_IO, "'%s' changes while it is read",
		    f->path);
	return rc < 0 ? -1 : 0;
}
