/* The database as a whole: who it is, whether it is sound, copies of it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/sqlite_int.h"

static int
pragma_int(struct sqlite_store *s, const char *sql, int64_t *value,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(&s->base, &q, sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	*value = more > 0 ? stmt_int(q, 0) : 0;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
sqlite_identify(struct store *st, struct store_identity *id, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	int64_t pages;

	if (pragma_int(s, "PRAGMA application_id", &id->magic, err) < 0 ||
	    pragma_int(s, "PRAGMA user_version", &id->version, err) < 0)
		return -1;
	id->empty = false;
	if (id->magic != 0)
		return 0;
	if (pragma_int(s, "SELECT count(*) FROM sqlite_schema", &pages, err) <
	    0)
		return -1;
	id->empty = pages == 0;
	return 0;
}

int
sqlite_set_identity(struct store *st, const struct store_identity *id,
    struct tk_err *err)
{
	struct tk_buf sql = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&sql,
	    "PRAGMA application_id = %lld; PRAGMA user_version = %lld",
	    (long long)id->magic, (long long)id->version);
	rc = store_exec(st, sql.s, err);
	tk_buf_release(&sql);
	return rc;
}

int
sqlite_info(struct store *st, struct store_info *info, struct tk_err *err)
{
	static char engine[32];
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct tk_buf wal = TK_BUF_INIT;
	struct stmt *q = NULL;
	struct stat sb;

	snprintf(engine, sizeof(engine), "SQLite %s", sqlite3_libversion());
	*info = (struct store_info){ .backend = "sqlite",
		.path = s->path,
		.engine = engine,
		.journal = "rollback" };
	if (stat(s->path, &sb) == 0)
		info->bytes = sb.st_size;
	tk_buf_addf(&wal, "%s-wal", s->path);
	if (stat(wal.s, &sb) == 0)
		info->bytes += sb.st_size;
	tk_buf_release(&wal);
	if (store_prepare(st, &q, "PRAGMA journal_mode", err) < 0)
		return -1;
	if (stmt_step(q, err) > 0 && strcmp(stmt_text(q, 0), "wal") == 0)
		info->journal = "wal";
	stmt_free(q);
	return 0;
}

int
sqlite_check(struct store *st, store_fault_fn *fn, void *data,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(st, &q, "PRAGMA integrity_check(20)", err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0)
		if (strcmp(stmt_text(q, 0), "ok") != 0)
			fn(stmt_text(q, 0), data);
	stmt_free(q);
	return more;
}

int
sqlite_backup(struct store *st, const char *path, struct tk_err *err)
{
	struct stmt *q = NULL;
	int fd, rc;

	/* VACUUM INTO takes an empty file: so it is made with our mode. */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return tk_fail_errno(err, "cannot make '%s'", path);
	close(fd);
	if (store_prepare(st, &q, "VACUUM INTO $1", err) < 0)
		return -1;
	stmt_bind_text(q, 1, path);
	rc = stmt_step(q, err);
	stmt_free(q);
	if (rc == 0)
		rc = sqlite_flush(path, err);
	if (rc < 0)
		unlink(path);
	return rc;
}

int
sqlite_restore(struct store *st, const char *path, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	sqlite3_backup *copy;
	sqlite3 *from = NULL;
	int rc = -1;

	if (gate_enter(&s->gate, store_busy_ms, err) < 0)
		return -1;
	if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		tk_fail(err, TK_IO, "cannot open '%s': %s", path,
		    sqlite3_errmsg(from));
		goto out;
	}
	copy = sqlite3_backup_init(s->db, "main", from, "main");
	if (copy == NULL) {
		sqlite_fail(s, err);
		goto out;
	}
	sqlite3_backup_step(copy, -1);
	rc = sqlite3_backup_finish(copy) == SQLITE_OK ? 0 : sqlite_fail(s, err);
out:
	sqlite3_close(from);
	gate_leave(&s->gate);
	return rc;
}
