/*
 * The SQLite backend.
 *
 * WAL, so that readers never wait; synchronous=FULL, so that what was
 * committed is there after a power loss; one writer at a time through the
 * gate, which also keeps commits and checkpoints apart (store_int.h).  The
 * last one to close does not checkpoint: a checkpoint runs under the gate,
 * when the WAL has grown to CHECKPOINT_PAGES.  On a network file system,
 * where WAL does not work, the rollback journal is used.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/store_int.h"

enum {
	CHECKPOINT_PAGES = 1000,
	BULK_CHECKPOINT_PAGES = 8000,
	MAX_PARAMS = 16,
	HEADER_SIZE = 100,
	HEADER_WAL = 18, /* offset of the file format: 2 means WAL */
};

struct sqlite_store {
	struct store base;
	sqlite3 *db;
	char *path; /* with links followed, as SQLite does */
	struct gate gate;
	bool writable;
	bool wal;     /* the journal, as the file says */
	bool network; /* what it should be: the rollback journal */
	bool begun;
	int readers; /* store_begin_read() inside each other */
	bool bulk;   /* the last commit was relaxed: so is the next begin */
	int wal_pages;
	int tries; /* of the busy handler */
	int64_t busy_since;
};

struct sqlite_stmt {
	struct stmt base;
	struct sqlite_store *store;
	sqlite3_stmt *st;
	int index[MAX_PARAMS + 1]; /* SQLite's number of "$1", "$2", ... */
};

static int
fail(struct sqlite_store *s, struct tk_err *err)
{
	int rc = sqlite3_errcode(s->db) & 0xff;
	int sys = sqlite3_system_errno(s->db);

	switch (rc) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		tk_fail(err, TK_IO,
		    "the ledger '%s' is locked by another "
		    "process",
		    s->path);
		return tk_hint(err, "try again, or raise ledger.busy_timeout");
	case SQLITE_FULL:
		tk_fail(err, TK_IO, "the ledger '%s': the disk is full",
		    s->path);
		return tk_hint(err,
		    "nothing was lost; free some space and "
		    "try again");
	case SQLITE_READONLY:
		return tk_fail(err, TK_IO, "the ledger '%s' is read-only",
		    s->path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		tk_fail(err, TK_DATA,
		    "'%s' is damaged or is not a ledger "
		    "(%s)",
		    s->path, sqlite3_errmsg(s->db));
		return tk_hint(err,
		    "see 'tokctl ledger check' and "
		    "'tokctl ledger restore'");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return tk_fail(err, TK_IO, "the ledger '%s': %s%s%s", s->path,
		    sqlite3_errmsg(s->db), sys ? ": " : "",
		    sys ? strerror(sys) : "");
	default:
		return tk_fail(err, TK_BUG, "the ledger '%s': %s", s->path,
		    sqlite3_errmsg(s->db));
	}
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* For what the gate does not cover: other programs, and recovery. */
static int
busy(void *data, int tries)
{
	struct sqlite_store *s = data;
	struct timespec pause = { 0 };

	if (tries == 0)
		s->busy_since = now_ms();
	if (now_ms() - s->busy_since >= store_busy_ms)
		return 0;
	pause.tv_nsec = gate_pause_us(tries) * 1000L;
	nanosleep(&pause, NULL);
	return 1;
}

static int
wal_grew(void *data, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_store *s = data;

	(void)db, (void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

static void
sqlite_close(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	store_rollback(st);
	sqlite3_close(s->db);
	gate_close(&s->gate);
	free(s->path);
	free(s);
}

/* Shared memory between processes needs a file system of this machine. */
static bool
is_network(const char *path)
{
	static const uint32_t network[] = { 0x6969, 0xff534d42, 0xfe534d42,
		0x517b, 0x01021997, 0x5346414f, 0x73757245, 0x47504653 };
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < TK_LEN(network); i++)
		if ((uint32_t)fs.f_type == network[i])
			return true;
	return false;
}

/*
 * Look at the file before SQLite does: errors that name their cause, no
 * ledger that others may change, and one made with mode 0600.
 */
static int
check_file(struct sqlite_store *s, enum store_flags flags, struct tk_err *err)
{
	unsigned char header[HEADER_SIZE] = { 0 };
	int mode = flags & STORE_WRITE ? O_RDWR : O_RDONLY;
	struct stat sb;
	ssize_t n;
	int fd, rc = -1;

	if (flags & STORE_CREATE) {
		mode |= O_CREAT;
		if (tk_make_parents(s->path, err) < 0)
			return -1;
	}
	fd = open(s->path, mode | O_CLOEXEC, 0600);
	if (fd < 0) {
		bool missing = errno == ENOENT;

		tk_fail_errno(err, "cannot open the ledger '%s'", s->path);
		if (missing)
			tk_hint(err,
			    "make one with 'tokctl ledger init', or "
			    "import with 'tokctl usage import'");
		return -1;
	}
	n = pread(fd, header, sizeof(header), 0);
	if (n < 0 || fstat(fd, &sb) != 0) {
		tk_fail_errno(err, "cannot read the ledger '%s'", s->path);
	} else if (!S_ISREG(sb.st_mode)) {
		tk_fail(err, TK_IO, "the ledger '%s' is not a file", s->path);
	} else if (sb.st_mode & S_IWOTH) {
		tk_fail(err, TK_IO,
		    "the ledger '%s' may be written by "
		    "everybody: refused",
		    s->path);
		tk_hint(err, "chmod o-w '%s'", s->path);
	} else if (n > 0 && memcmp(header, "SQLite format 3", 16) != 0) {
		tk_fail(err, TK_DATA, "'%s' is not a ledger", s->path);
		tk_hint(err, "name another one with --ledger");
	} else {
		rc = 0;
	}
	s->wal = header[HEADER_WAL] == 2;
	close(fd);
	return rc;
}

static int
set_up(struct sqlite_store *s, struct tk_err *err)
{
	s->network = is_network(s->path);
	sqlite3_busy_handler(s->db, busy, s);
	sqlite3_wal_hook(s->db, wal_grew, s);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	if (!s->writable)
		return 0;
	return store_exec(&s->base,
	    "PRAGMA synchronous = FULL; PRAGMA cache_size = -40000", err);
}

/*
 * The files beside the database are named after the file itself, not after a
 * link to it: two names for it must not be two gates.
 */
static void
follow_links(struct sqlite_store *s)
{
	char *real = realpath(s->path, NULL);

	if (real != NULL) {
		free(s->path);
		s->path = real;
	}
}

/* "./x": a path is a path, also ":memory:" and "file:..." */
static int
open_path(sqlite3 **db, const char *path, int mode)
{
	struct tk_buf name = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&name, "%s%s", path[0] == '/' ? "" : "./", path);
	rc = sqlite3_open_v2(name.s, db, mode, NULL);
	tk_buf_release(&name);
	return rc;
}

/*
 * A database in WAL mode, on a read-only medium and without the two files
 * that go with it: nobody can be writing.
 */
static bool
is_sealed(const struct sqlite_store *s)
{
	static const char *const tails[] = { "-wal", "-shm" };
	struct tk_buf name = TK_BUF_INIT;
	char *folder = tk_xstrdup(s->path);
	bool sealed =
	    !s->writable && s->wal && access(dirname(folder), W_OK) != 0;

	for (size_t i = 0; i < TK_LEN(tails); i++) {
		tk_buf_reset(&name);
		tk_buf_addf(&name, "%s%s", s->path, tails[i]);
		sealed = sealed && access(name.s, F_OK) != 0;
	}
	tk_buf_release(&name);
	free(folder);
	return sealed;
}

static int
open_sealed(struct sqlite_store *s)
{
	struct tk_buf uri = TK_BUF_INIT;
	int rc;

	tk_buf_adds(&uri, "file:");
	for (const char *p = s->path; *p != '\0'; p++)
		tk_buf_addf(&uri, strchr("%?#", *p) ? "%%%02X" : "%c", *p);
	tk_buf_adds(&uri, "?immutable=1");
	rc = sqlite3_open_v2(uri.s, &s->db,
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	tk_buf_release(&uri);
	return rc;
}

static int
sqlite_open(struct store **st, const char *path, enum store_flags flags,
    struct tk_err *err)
{
	struct sqlite_store *s = tk_xcalloc(1, sizeof(*s));
	int mode = SQLITE_OPEN_NOMUTEX;

	s->base.ops = &store_sqlite;
	s->path = tk_xstrdup(path);
	s->gate.fd = -1;
	s->writable = flags & STORE_WRITE;
	mode |= s->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (check_file(s, flags, err) < 0)
		goto failed;
	follow_links(s);
	if ((is_sealed(s) ? open_sealed(s)
			  : open_path(&s->db, s->path, mode)) != SQLITE_OK) {
		fail(s, err);
		goto failed;
	}
	if (set_up(s, err) < 0)
		goto failed;
	*st = &s->base;
	return 0;
failed:
	sqlite_close(&s->base);
	return -1;
}

static int
sqlite_exec(struct store *st, const char *sql, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(s, err);
	return 0;
}

/*
 * SQLite does not call the busy handler when the journal is to be changed,
 * and then anybody who reads is in the way: as when several processes make
 * a ledger at once.
 */
static int
change_journal(struct sqlite_store *s, struct tk_err *err)
{
	const char *sql = s->network ? "PRAGMA journal_mode = TRUNCATE"
				     : "PRAGMA journal_mode = WAL";
	int tries = 0;

	for (;;) {
		int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

		if (rc == SQLITE_OK)
			break;
		if ((rc & 0xff) != SQLITE_BUSY || !busy(s, tries++))
			return fail(s, err);
	}
	s->wal = !s->network;
	return 0;
}

/*
 * From here on the file is written.  Not before: it may be another program's
 * database, which must stay as it is, without a new file beside it.
 */
static int
enter(struct sqlite_store *s, struct tk_err *err)
{
	assert(s->writable);
	if (s->gate.fd < 0 && gate_open(&s->gate, s->path, err) < 0)
		return -1;
	if (gate_enter(&s->gate, store_busy_ms, err) < 0)
		return -1;
	if (s->network != s->wal || change_journal(s, err) == 0)
		return 0;
	gate_leave(&s->gate);
	return -1;
}

static int
sqlite_begin(struct store *st, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	assert(!s->begun);
	if (enter(s, err) < 0)
		return -1;
	if (store_exec(st, "BEGIN IMMEDIATE", err) < 0) {
		gate_leave(&s->gate);
		return -1;
	}
	s->begun = true;
	return 0;
}

/* Flush a file or folder; what cannot be opened needs no flush. */
static int
flush(const char *path, struct tk_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return 0;
	if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
		rc = tk_fail_errno(err, "cannot flush '%s'", path);
	close(fd);
	return rc;
}

/*
 * Make relaxed commits durable: they are in the WAL already, but perhaps
 * not on the disk.  (No POSIX lock of SQLite is on the WAL, so closing a
 * second descriptor of it drops none.)
 */
static int
flush_wal(struct sqlite_store *s, struct tk_err *err)
{
	struct tk_buf wal = TK_BUF_INIT;
	char *folder = tk_xstrdup(s->path);
	int rc;

	tk_buf_addf(&wal, "%s-wal", s->path);
	rc = flush(wal.s, err);
	if (rc == 0)
		rc = flush(dirname(folder), err);
	tk_buf_release(&wal);
	free(folder);
	return rc;
}

static int
set_bulk(struct sqlite_store *s, bool bulk, struct tk_err *err)
{
	if (s->bulk == bulk)
		return 0;
	s->bulk = bulk;
	return store_exec(&s->base,
	    bulk ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL",
	    err);
}

static int
sqlite_commit(struct store *st, enum store_sync sync, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	bool relaxed = sync == STORE_RELAXED;

	assert(s->begun);
	if (store_exec(st, "COMMIT", err) < 0) {
		store_rollback(st);
		return -1;
	}
	s->begun = false;
	if (s->bulk && !relaxed && flush_wal(s, err) < 0) {
		gate_leave(&s->gate);
		return -1;
	}
	if (s->wal_pages >=
	    (relaxed ? BULK_CHECKPOINT_PAGES : CHECKPOINT_PAGES))
		sqlite3_wal_checkpoint_v2(s->db, NULL,
		    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	gate_leave(&s->gate);
	return set_bulk(s, relaxed, err);
}

static void
sqlite_rollback(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	if (!s->begun)
		return;
	/* After a full disk SQLite may have rolled back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->begun = false;
	gate_leave(&s->gate);
}

static void
sqlite_settle(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct tk_err ignored = TK_ERR_INIT;

	if (!s->writable || enter(s, &ignored) < 0)
		return;
	/* Readers may hold part of it: then the rest waits for next time. */
	sqlite3_busy_handler(s->db, NULL, NULL);
	sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
	    NULL);
	sqlite3_busy_handler(s->db, busy, s);
	gate_leave(&s->gate);
}

static int
sqlite_begin_read(struct store *st, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	if (s->begun || s->readers > 0) {
		s->readers += !s->begun;
		return 0;
	}
	if (store_exec(st, "BEGIN", err) < 0)
		return -1;
	s->readers = 1;
	return 0;
}

static void
sqlite_end_read(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	if (s->readers > 0 && --s->readers == 0)
		sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}

static int64_t
sqlite_changes(struct store *st)
{
	return sqlite3_changes(((struct sqlite_store *)st)->db);
}

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

static int
sqlite_epoch(struct store *st, int64_t *epoch, struct tk_err *err)
{
	return pragma_int((struct sqlite_store *)st, "PRAGMA schema_version",
	    epoch, err);
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

static int
sqlite_identify(struct store *st, struct store_identity *id, struct tk_err *err)
{
	int rc;

	/* Of one moment: another process may be making the tables. */
	if (store_begin_read(st, err) < 0)
		return -1;
	rc = identify((struct sqlite_store *)st, id, err);
	store_end_read(st);
	return rc;
}

static int
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

static int
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

static int
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
	return rc == 0 ? flush(path, err) : -1;
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
		return tk_fail_errno(err, "cannot make '%s'", to);
	folder = tk_xstrdup(to);
	rc = flush(dirname(folder), err);
	free(folder);
	return rc;
}

static int
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
		tk_fail_errno(err, "cannot make '%s'", path);
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
sqlite_restore(struct store *st, const char *path, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	sqlite3_backup *copy;
	sqlite3 *from = NULL;
	int rc = -1;

	if (enter(s, err) < 0)
		return -1;
	if (open_path(&from, path, SQLITE_OPEN_READONLY) != SQLITE_OK) {
		tk_fail(err, TK_IO, "cannot open '%s': %s", path,
		    sqlite3_errmsg(from));
		goto out;
	}
	copy = sqlite3_backup_init(s->db, "main", from, "main");
	if (copy == NULL) {
		fail(s, err);
		goto out;
	}
	sqlite3_backup_step(copy, -1);
	rc = sqlite3_backup_finish(copy) == SQLITE_OK ? 0 : fail(s, err);
out:
	sqlite3_close(from);
	gate_leave(&s->gate);
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

static int
sqlite_set_aside(const char *path, const char *suffix, struct tk_buf *kept,
    struct tk_err *err)
{
	char *real = realpath(path, NULL);
	struct gate gate;
	int rc;

	if (real == NULL)
		return tk_fail_errno(err, "cannot open the ledger '%s'", path);
	rc = gate_open(&gate, real, err);
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

static int
sqlite_prepare(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct sqlite_stmt *n = tk_xcalloc(1, sizeof(*n));

	n->base.ops = &store_sqlite;
	n->store = s;
	if (sqlite3_prepare_v2(s->db, sql, -1, &n->st, NULL) != SQLITE_OK) {
		free(n);
		return fail(s, err);
	}
	number_params(n);
	*q = &n->base;
	return 0;
}

static void
sqlite_bind_int(struct stmt *q, int param, int64_t value)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_int64(s->st, s->index[param], value);
}

static void
sqlite_bind_text(struct stmt *q, int param, const char *value)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_text(s->st, s->index[param], value, -1, SQLITE_STATIC);
}

static void
sqlite_bind_blob(struct stmt *q, int param, const void *bytes, size_t len)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_bind_blob64(s->st, s->index[param], bytes ? bytes : "", len,
	    SQLITE_STATIC);
}

static int
sqlite_step(struct stmt *q, struct tk_err *err)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		fail(s->store, err);
	sqlite3_reset(s->st);
	return rc == SQLITE_DONE ? 0 : -1;
}

static void
sqlite_reset(struct stmt *q)
{
	sqlite3_reset(((struct sqlite_stmt *)q)->st);
}

static int64_t
sqlite_column_int(const struct stmt *q, int col)
{
	return sqlite3_column_int64(((const struct sqlite_stmt *)q)->st, col);
}

static const char *
sqlite_column_text(const struct stmt *q, int col)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;
	const unsigned char *text = sqlite3_column_text(s->st, col);

	return text ? (const char *)text : "";
}

static const void *
sqlite_column_blob(const struct stmt *q, int col, size_t *len)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;
	const void *bytes = sqlite3_column_blob(s->st, col);

	*len = (size_t)sqlite3_column_bytes(s->st, col);
	return bytes ? bytes : "";
}

static bool
sqlite_column_null(const struct stmt *q, int col)
{
	const struct sqlite_stmt *s = (const struct sqlite_stmt *)q;

	return sqlite3_column_type(s->st, col) == SQLITE_NULL;
}

static void
sqlite_free_stmt(struct stmt *q)
{
	struct sqlite_stmt *s = (struct sqlite_stmt *)q;

	sqlite3_finalize(s->st);
	free(s);
}

const struct store_ops store_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.exec = sqlite_exec,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.settle = sqlite_settle,
	.epoch = sqlite_epoch,
	.changes = sqlite_changes,
	.begin_read = sqlite_begin_read,
	.end_read = sqlite_end_read,
	.identify = sqlite_identify,
	.set_identity = sqlite_set_identity,
	.info = sqlite_info,
	.check = sqlite_check,
	.backup = sqlite_backup,
	.restore = sqlite_restore,
	.set_aside = sqlite_set_aside,
	.prepare = sqlite_prepare,
	.bind_int = sqlite_bind_int,
	.bind_text = sqlite_bind_text,
	.bind_blob = sqlite_bind_blob,
	.step = sqlite_step,
	.reset = sqlite_reset,
	.column_int = sqlite_column_int,
	.column_text = sqlite_column_text,
	.column_blob = sqlite_column_blob,
	.column_null = sqlite_column_null,
	.free_stmt = sqlite_free_stmt,
};
