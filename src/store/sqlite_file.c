/* The database as a whole: who it is, whether it is sound, copies of it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
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

/* The same, asked for again and again. */
static int
pragma_kept(struct store *st, struct stmt **q, const char *sql, int64_t *n,
    struct tk_err *err)
{
	int more;

	if (store_prepare_once(st, q, sql, err) < 0)
		return -1;
	more = stmt_step(*q, err);
	*n = more > 0 ? stmt_int(*q, 0) : 0;
	stmt_reset(*q);
	return more < 0 ? -1 : 0;
}

int
sqlite_epoch(struct store *st, int64_t *epoch, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	return pragma_kept(st, &s->epoch, "PRAGMA schema_version", epoch, err);
}

int
sqlite_version(struct store *st, int64_t *version, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	return pragma_kept(st, &s->version, "PRAGMA data_version", version,
	    err);
}

static int
identify(struct sqlite_store *s, struct store_identity *id, struct tk_err *err)
{
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
sqlite_identify(struct store *st, struct store_identity *id, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	int rc;

	if (s->known) {
		*id = s->id;
		return 0;
	}
	/* Of one moment: another process may be making the tables. */
	if (store_begin_read(st, err) < 0)
		return -1;
	rc = identify(s, id, err);
	store_end_read(st);
	return rc;
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

const char *
store_engine(void)
{
	static char engine[32];

	snprintf(engine, sizeof(engine), "SQLite %s", sqlite3_libversion());
	return engine;
}

int
sqlite_info(struct store *st, struct store_info *info, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct tk_buf wal = TK_BUF_INIT;
	struct stmt *q = NULL;
	struct stat sb;
	int more;

	*info = (struct store_info){ .backend = "sqlite",
		.path = s->path,
		.engine = store_engine(),
		.journal = "rollback" };
	if (stat(s->path, &sb) == 0)
		info->bytes = sb.st_size;
	tk_buf_addf(&wal, "%s-wal", s->path);
	if (stat(wal.s, &sb) == 0)
		info->bytes += sb.st_size;
	tk_buf_release(&wal);
	if (store_prepare(st, &q, "PRAGMA journal_mode", err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0 && strcmp(stmt_text(q, 0), "wal") == 0)
		info->journal = "wal";
	stmt_free(q);
	return more < 0 ? -1 : 0;
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

/* SQLite copies into an empty file: so it is made with our mode. */
static int
copy_into(struct store *st, const char *path, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(st, &q, "VACUUM INTO $1", err) < 0)
		return -1;
	stmt_bind_text(q, 1, path);
	rc = stmt_step(q, err);
	stmt_free(q);
	return rc == 0 ? sqlite_flush(path, err) : -1;
}

static int
cannot_make(const char *path, struct tk_err *err)
{
	bool there = errno == EEXIST;

	tk_fail_errno(err, "cannot make '%s'", path);
	return there ? tk_hint(err, "give another name, or remove that") : -1;
}

/* Give a file its name, unless there is one of that name. */
static int
rename_new(const char *from, const char *to, struct tk_err *err)
{
	char *folder;
	int rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	if (rc != 0 && (errno == EINVAL || errno == ENOSYS) &&
	    access(to, F_OK) != 0)
		rc = rename(from, to);
	if (rc != 0)
		return cannot_make(to, err);
	folder = tk_xstrdup(to);
	rc = sqlite_flush(dirname(folder), err);
	free(folder);
	return rc;
}

int
sqlite_backup(struct store *st, const char *path, struct tk_err *err)
{
	struct tk_buf aside = TK_BUF_INIT;
	struct stat sb;
	int fd = -1, rc = -1;

	tk_buf_addf(&aside, "%s.XXXXXX", path);
	errno = EEXIST;
	if (lstat(path, &sb) != 0)
		fd = mkostemp(aside.s, O_CLOEXEC);
	if (fd < 0) {
		cannot_make(path, err);
	} else {
		close(fd);
		rc = copy_into(st, aside.s, err);
		if (rc == 0)
			rc = rename_new(aside.s, path, err);
		if (rc < 0)
			unlink(aside.s);
	}
	tk_buf_release(&aside);
	return rc;
}

static int
restore(struct sqlite_store *s, const char *path, struct tk_err *err)
{
	sqlite3_backup *copy = NULL;
	sqlite3 *from = NULL;
	int rc;

	if (sqlite_open_path(&from, path, SQLITE_OPEN_READONLY) != SQLITE_OK) {
		rc = tk_fail(err, TK_IO, "cannot open '%s': %s", path,
		    sqlite3_errmsg(from));
	} else if ((copy = sqlite3_backup_init(s->db, "main", from, "main")) ==
	    NULL) {
		rc = sqlite_fail(s, err);
	} else {
		sqlite3_backup_step(copy, -1);
		rc = sqlite3_backup_finish(copy) == SQLITE_OK
		    ? 0
		    : sqlite_fail(s, err);
	}
	sqlite3_close(from);
	return rc;
}

int
sqlite_restore(struct store *st, const char *path, const char *keep,
    struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	int rc = 0;

	if (sqlite_enter(s, err) < 0)
		return -1;
	if (keep != NULL)
		rc = sqlite_backup(st, keep, err);
	if (rc == 0 && (rc = restore(s, path, err)) < 0 && keep != NULL)
		unlink(keep);
	sqlite_leave(s);
	return rc;
}

/* The database last: without it the others mean nothing. */
static int
rename_all(const char *path, const char *suffix, struct tk_err *err)
{
	static const char *const tails[] = { "-wal", "-shm", "-journal", "" };
	struct tk_buf from = TK_BUF_INIT, to = TK_BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < TK_LEN(tails); i++) {
		tk_buf_reset(&from);
		tk_buf_reset(&to);
		tk_buf_addf(&from, "%s%s", path, tails[i]);
		tk_buf_addf(&to, "%s%s%s", path, suffix, tails[i]);
		if (access(from.s, F_OK) == 0)
			rc = rename_new(from.s, to.s, err);
	}
	tk_buf_release(&from);
	tk_buf_release(&to);
	return rc;
}

int
sqlite_set_aside(const char *path, const char *suffix, struct tk_buf *kept,
    struct tk_err *err)
{
	char *real = realpath(path, NULL);
	struct gate gate;
	int rc;

	if (real == NULL)
		return tk_fail_errno(err, "cannot open the ledger '%s'", path);
	rc = gate_open(&gate, real, false, err);
	if (rc == 0)
		rc = gate_enter(&gate, store_busy_ms, err);
	if (rc == 0)
		rc = rename_all(real, suffix, err);
	if (rc == 0)
		tk_buf_addf(kept, "%s%s", real, suffix);
	gate_close(&gate);
	free(real);
	return rc;
}
