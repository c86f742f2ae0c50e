/*
 * The SQLite backend.
 *
 * WAL, so that readers never wait; synchronous=FULL, so that what was
 * committed is there after a power loss; one writer at a time through the
 * gate, which also keeps commits and checkpoints apart (store_int.h).  SQLite
 * does no checkpoint of its own: one runs under the gate, when the WAL has
 * grown to CHECKPOINT_PAGES.  Who opens a database that nobody else has open
 * reads the whole WAL first, so who wrote and closes leaves a short one
 * behind.  On a network file system, where WAL does not work, the rollback
 * journal is used.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/sqlite_int.h"

enum {
	CHECKPOINT_PAGES = 1000,
	BULK_CHECKPOINT_PAGES = 8000,
	CLOSE_PAGES = 100, /* reading them takes 0.2 ms */
	STOP_STEPS = 200,  /* between two questions whether to stop */
};

int
sqlite_fail(struct sqlite_store *s, struct tk_err *err)
{
	int rc = sqlite3_errcode(s->db) & 0xff;
	int sys = sqlite3_system_errno(s->db);

	if (s->foreign)
		return sqlite_foreign_fail(s, err);
	switch (rc) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		tk_fail(err, TK_IO,
		    "the ledger '%s' is locked by another "
		    "process",
		    s->path);
		return tk_hint(err, "try again, or raise ledger.busy_timeout");
	case SQLITE_INTERRUPT:
		return tk_fail(err, TK_IO, "the ledger '%s': stopped reading",
		    s->path);
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

/* For what the gate does not cover: other programs, and recovery. */
int
sqlite_busy(void *data, int tries)
{
	struct sqlite_store *s = data;
	struct timespec pause = { 0 };

	if (tries == 0)
		s->busy_since = tk_steady_ms();
	if (tk_steady_ms() - s->busy_since >= store_busy_ms)
		return 0;
	pause.tv_nsec = gate_pause_us(tries) * 1000L;
	nanosleep(&pause, NULL);
	return 1;
}

static int
ask_to_stop(void *data)
{
	struct sqlite_store *s = data;

	return s->stop(s->stop_data);
}

static void
sqlite_set_stop(struct store *st, store_stop_fn *fn, void *data)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	s->stop = fn;
	s->stop_data = data;
	sqlite3_progress_handler(s->db, STOP_STEPS,
	    fn != NULL ? ask_to_stop : NULL, s);
}

static int
sqlite_exec(struct store *st, const char *sql, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(s, err);
	return 0;
}

/*
 * With its first commit each process makes the name of the WAL durable, in the
 * folder.  SQLite does that while the gate is closed; but the file is there
 * since the ledger was opened, so here it is done before, while others write.
 */
static int
name_wal(struct sqlite_store *s, struct tk_err *err)
{
	struct tk_buf wal = TK_BUF_INIT;
	char *folder;
	int rc = 0;

	if (s->named || !s->wal || s->network)
		return 0;
	s->named = true;
	tk_buf_addf(&wal, "%s-wal", s->path);
	if (access(wal.s, F_OK) == 0) {
		folder = tk_xstrdup(s->path);
		rc = sqlite_flush(dirname(folder), err);
		free(folder);
		if (rc == 0)
			sqlite_wal_named(wal.s);
	}
	tk_buf_release(&wal);
	return rc;
}

/* Let nobody else in. */
static int
close_gate(struct sqlite_store *s, struct tk_err *err)
{
	assert(s->writable);
	if (name_wal(s, err) < 0)
		return -1;
	if (s->gate.fd < 0 &&
	    gate_open(&s->gate, s->path, !s->network, err) < 0)
		return -1;
	return gate_enter(&s->gate, store_busy_ms, err);
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
		if ((rc & 0xff) != SQLITE_BUSY || !sqlite_busy(s, tries++))
			return sqlite_fail(s, err);
	}
	s->wal = !s->network;
	return 0;
}

int
sqlite_enter(struct sqlite_store *s, struct tk_err *err)
{
	if (!s->held && close_gate(s, err) < 0)
		return -1;
	if (s->network != s->wal || change_journal(s, err) == 0)
		return 0;
	sqlite_leave(s);
	return -1;
}

void
sqlite_leave(struct sqlite_store *s)
{
	if (!s->held)
		gate_leave(&s->gate);
}

/* Nothing is changed yet: who holds may only want to look. */
static int
sqlite_hold(struct store *st, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	assert(!s->held && !s->begun);
	if (close_gate(s, err) < 0)
		return -1;
	s->held = true;
	return 0;
}

static void
sqlite_release(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	s->held = false;
	if (!s->begun)
		gate_leave(&s->gate);
}

/* Who writes comes back to the same pages; who looks, mostly not. */
static int
use_large_cache(struct sqlite_store *s, struct tk_err *err)
{
	return store_exec(&s->base, "PRAGMA cache_size = -40000", err);
}

static int
sqlite_begin(struct store *st, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	assert(!s->begun);
	if (sqlite_enter(s, err) < 0)
		return -1;
	if (s->begin == NULL && use_large_cache(s, err) < 0) {
		sqlite_leave(s);
		return -1;
	}
	if (store_prepare_once(st, &s->begin, "BEGIN IMMEDIATE", err) < 0 ||
	    stmt_step(s->begin, err) < 0) {
		sqlite_leave(s);
		return -1;
	}
	s->begun = true;
	return 0;
}

int
sqlite_flush(const char *path, struct tk_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return errno == ENOENT || errno == EACCES
		    ? 0
		    : tk_fail_errno(err, "cannot flush '%s'", path);
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
	rc = sqlite_flush(wal.s, err);
	if (rc == 0)
		rc = sqlite_flush(dirname(folder), err);
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

/* Under the gate.  Readers may hold part of it: that waits for next time. */
static void
checkpoint(struct sqlite_store *s, int how)
{
	sqlite3_busy_handler(s->db, NULL, NULL);
	if (sqlite3_wal_checkpoint_v2(s->db, NULL, how, NULL, NULL) ==
		SQLITE_OK &&
	    how == SQLITE_CHECKPOINT_TRUNCATE)
		s->wal_pages = 0;
	sqlite3_busy_handler(s->db, sqlite_busy, s);
}

static int
sqlite_commit(struct store *st, enum store_sync sync, struct tk_err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	/* Only the WAL keeps the order of what was not flushed. */
	bool relaxed = sync == STORE_RELAXED && !s->network;

	assert(s->begun);
	if (store_prepare_once(st, &s->commit, "COMMIT", err) < 0 ||
	    stmt_step(s->commit, err) < 0) {
		store_rollback(st);
		return -1;
	}
	s->begun = false;
	if (s->bulk && !relaxed && flush_wal(s, err) < 0) {
		sqlite_leave(s);
		return -1;
	}
	if (s->bulk && !relaxed)
		checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
	else if (s->wal_pages >=
	    (relaxed ? BULK_CHECKPOINT_PAGES : CHECKPOINT_PAGES))
		checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
	sqlite_leave(s);
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
	sqlite_leave(s);
}

/* Unless somebody else is writing: that one will. */
static void
shorten_wal(struct sqlite_store *s)
{
	struct tk_err ignored = TK_ERR_INIT;

	if (s->wal_pages <= CLOSE_PAGES ||
	    gate_enter(&s->gate, 0, &ignored) < 0)
		return;
	checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
	gate_leave(&s->gate);
}

static void
sqlite_quit(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	store_rollback(st);
	shorten_wal(s);
	if (s->commit != NULL)
		sqlite_index_note(s);
}

void
sqlite_close(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;

	sqlite_quit(st);
	stmt_free(s->begin);
	stmt_free(s->commit);
	stmt_free(s->epoch);
	stmt_free(s->version);
	sqlite3_close(s->db);
	sqlite_lean_end(s);
	gate_close(&s->gate);
	free(s->at);
	free(s->path);
	free(s);
}

static void
sqlite_settle(struct store *st)
{
	struct sqlite_store *s = (struct sqlite_store *)st;
	struct tk_err ignored = TK_ERR_INIT;

	if (!s->writable || sqlite_enter(s, &ignored) < 0)
		return;
	checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
	sqlite_leave(s);
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

const struct store_ops store_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_open,
	.open_foreign = sqlite_open_foreign,
	.is_steady = sqlite_is_steady,
	.is_unlocked = sqlite_is_unlocked,
	.close = sqlite_close,
	.quit = sqlite_quit,
	.exec = sqlite_exec,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.settle = sqlite_settle,
	.epoch = sqlite_epoch,
	.version = sqlite_version,
	.set_stop = sqlite_set_stop,
	.changes = sqlite_changes,
	.hold = sqlite_hold,
	.release = sqlite_release,
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
