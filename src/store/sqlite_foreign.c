/*
 * The database of another program, to look at and nothing else.
 *
 * SQLite makes the files of WAL mode when it only reads, too, so how it is
 * opened depends on what is there:
 *
 *	rollback journal       mode=ro, with SQLite's locks
 *	-wal and -shm          mode=ro, with its locks, -shm not written to
 *	-wal without -shm      as if alone: the index of the WAL is in memory
 *	no -wal, or an empty   immutable: all is in the one file
 *
 * The last two lock nothing.  A writer that comes meanwhile first writes to
 * the WAL and only then, at a checkpoint, to the file, so the file and the
 * first bytes of the WAL, which begin anew with another salt, tell whether
 * what was read is of one state.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/sqlite_int.h"

enum { HEADER_SIZE = 100, HEADER_READ = 19, WAL_HEADER = 32 };

struct foreign_state {
	int64_t device, inode, size, mtime, ctime; /* of the file */
	bool wal;                                  /* is read, too */
	ssize_t nwal;
	unsigned char head[WAL_HEADER]; /* of the WAL */
};

int
sqlite_foreign_fail(struct sqlite_store *s, struct tk_err *err)
{
	int code = sqlite3_extended_errcode(s->db);
	int sys = sqlite3_system_errno(s->db);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		tk_fail(err, TK_IO, "the database '%s' is locked", s->path);
		return tk_hint(err, "try again when its program is at rest");
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return tk_fail(err, TK_DATA,
		    "the database '%s' is damaged (%s)", s->path,
		    sqlite3_errmsg(s->db));
	case SQLITE_READONLY:
		tk_fail(err, TK_IO,
		    "the database '%s' was left in the middle of a write",
		    s->path);
		return tk_hint(err, "start its program once, which repairs it");
	case SQLITE_ERROR:
		return tk_fail(err, TK_DATA, "the database '%s': %s", s->path,
		    sqlite3_errmsg(s->db));
	default:
		return tk_fail(err, TK_IO, "the database '%s': %s%s%s", s->path,
		    sqlite3_errmsg(s->db), sys ? ": " : "",
		    sys ? strerror(sys) : "");
	}
}

static void
add_tail(struct tk_buf *b, const struct sqlite_store *s, const char *tail)
{
	tk_buf_reset(b);
	tk_buf_addf(b, "%s%s", s->path, tail);
}

/* The first bytes of the WAL; 0 when there are none. */
static ssize_t
wal_head(const struct sqlite_store *s, unsigned char *head)
{
	struct tk_buf name = TK_BUF_INIT;
	ssize_t n = 0;
	int fd;

	add_tail(&name, s, "-wal");
	fd = open(name.s, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		n = pread(fd, head, WAL_HEADER, 0);
		close(fd);
	}
	tk_buf_release(&name);
	return n;
}

static bool
look(const struct sqlite_store *s, struct foreign_state *at)
{
	struct stat st;

	if (stat(s->path, &st) < 0)
		return false;
	at->device = (int64_t)st.st_dev;
	at->inode = (int64_t)st.st_ino;
	at->size = st.st_size;
	at->mtime =
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	at->ctime =
	    (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	if (at->wal)
		at->nwal = wal_head(s, at->head);
	return true;
}

bool
sqlite_is_unlocked(struct store *st)
{
	return ((const struct sqlite_store *)st)->at != NULL;
}

bool
sqlite_is_steady(struct store *st)
{
	const struct sqlite_store *s = (const struct sqlite_store *)st;
	const struct foreign_state *was = s->at;
	struct foreign_state is = { .nwal = 0 };

	if (was == NULL)
		return true;
	is.wal = was->wal;
	return look(s, &is) && is.device == was->device &&
	    is.inode == was->inode && is.size == was->size &&
	    is.mtime == was->mtime && is.ctime == was->ctime &&
	    is.nwal == was->nwal &&
	    memcmp(is.head, was->head, sizeof(is.head)) == 0;
}

/* Is it a database at all, and of which journal? */
static int
read_header(struct sqlite_store *s, struct tk_err *err)
{
	unsigned char header[HEADER_SIZE] = { 0 };
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return tk_fail_errno(err, "'%s'", s->path);
	n = pread(fd, header, sizeof(header), 0);
	close(fd);
	if (n < 0)
		return tk_fail_errno(err, "'%s'", s->path);
	if (n < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
		return tk_fail(err, TK_DATA, "'%s' is no SQLite database",
		    s->path);
	s->wal = header[HEADER_READ] == 2;
	return 0;
}

/* For other programs that hold it for a moment. */
static int
wait_a_little(void *data, int tries)
{
	(void)data;
	if (tries > 200)
		return 0;
	usleep(10000);
	return 1;
}

/* Open, and read for the first time, which is when SQLite looks. */
static int
try_open(struct sqlite_store *s, const char *params)
{
	int rc;

	sqlite3_close(s->db);
	s->db = NULL;
	rc = sqlite_open_uri(&s->db, s->path, params);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_busy_handler(s->db, wait_a_little, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (strstr(params, "unix-none") != NULL)
		sqlite3_exec(s->db, "PRAGMA locking_mode = EXCLUSIVE", NULL,
		    NULL, NULL);
	return sqlite3_exec(s->db, "BEGIN; SELECT COUNT(*) FROM sqlite_master",
	    NULL, NULL, NULL);
}

static int
open_as_it_is(struct sqlite_store *s)
{
	struct foreign_state at = { .nwal = 0 };
	struct tk_buf shm = TK_BUF_INIT;
	bool shared;
	int rc = SQLITE_CANTOPEN;

	if (!s->wal)
		return try_open(s, "mode=ro");
	at.wal = wal_head(s, at.head) > 0;
	memset(at.head, 0, sizeof(at.head));
	add_tail(&shm, s, "-shm");
	shared = access(shm.s, F_OK) == 0;
	tk_buf_release(&shm);
	if (at.wal && shared)
		rc = try_open(s, "mode=ro&readonly_shm=1");
	if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_CORRUPT)
		return rc;
	if (!look(s, &at))
		return rc;
	s->at = tk_xcalloc(1, sizeof(*s->at));
	*s->at = at;
	return try_open(s, at.wal ? "mode=ro&vfs=unix-none" : "immutable=1");
}

int
sqlite_open_foreign(struct store **st, const char *path, struct tk_err *err)
{
	struct sqlite_store *s = tk_xcalloc(1, sizeof(*s));

	s->base.ops = &store_sqlite;
	s->foreign = true;
	s->gate.fd = -1;
	s->path = realpath(path, NULL);
	if (s->path == NULL)
		s->path = tk_xstrdup(path);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite_use_memory();
	if (read_header(s, err) < 0)
		goto failed;
	if (open_as_it_is(s) != SQLITE_OK) {
		sqlite_fail(s, err);
		goto failed;
	}
	*st = &s->base;
	return 0;
failed:
	sqlite_close(&s->base);
	return -1;
}
