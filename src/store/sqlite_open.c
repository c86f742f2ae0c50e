/* Opening a ledger's file: what it is, and how it is looked at. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/sqlite_int.h"

enum {
	HEADER_SIZE = 100,
	HEADER_WAL = 18, /* offset of the file format: 2 means WAL */
};

static int
wal_grew(void *data, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_store *s = data;

	(void)db, (void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
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

/* An empty file that everybody may read was left by touch(1), say: as a
 * ledger it is private.  What its owner shares with a group stays so. */
static int
make_private(const struct sqlite_store *s, int fd, struct tk_err *err)
{
	if (fchmod(fd, 0600) == 0)
		return 0;
	return tk_fail_errno(err, "cannot make the ledger '%s' private",
	    s->path);
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
	} else if (n == 0 && (flags & STORE_CREATE) && sb.st_mode & S_IRWXO) {
		rc = make_private(s, fd, err);
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
	s->network = s->writable && is_network(s->path);
	sqlite3_busy_handler(s->db, sqlite_busy, s);
	sqlite3_wal_hook(s->db, wal_grew, s);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	if (!s->writable)
		return 0;
	/* sqlite_begin() makes the cache larger */
	return store_exec(&s->base,
	    "PRAGMA synchronous = FULL; PRAGMA cache_size = 64", err);
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

int
sqlite_open_path(sqlite3 **db, const char *path, int mode)
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

int
sqlite_open_uri(sqlite3 **db, const char *path, const char *params)
{
	struct tk_buf uri = TK_BUF_INIT;
	int rc;

	tk_buf_adds(&uri, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		size_t n = strcspn(p, "%?#");

		tk_buf_add(&uri, p, n);
		p += n;
		if (*p == '\0')
			break;
		tk_buf_addf(&uri, "%%%02X", *p);
	}
	tk_buf_addf(&uri, "?%s", params);
	rc = sqlite3_open_v2(uri.s, db,
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	tk_buf_release(&uri);
	return rc;
}

/*
 * One look, in one transaction that begins now.  The index of the WAL stays as
 * it is: when nobody else has the ledger open, SQLite would make the file anew
 * and map it, which takes longer than the look.  Without the file, or while
 * another process is making it, there is no such look.
 */
static bool
try_once(struct sqlite_store *s, struct tk_err *err)
{
	if (sqlite_open_uri(&s->db, s->path, "readonly_shm=1") == SQLITE_OK &&
	    set_up(s, err) == 0 && store_begin_read(&s->base, err) == 0 &&
	    sqlite_identify(&s->base, &s->id, err) == 0) {
		s->known = true;
		sqlite_lean_begin(s);
		return true;
	}
	sqlite3_close(s->db);
	s->db = NULL;
	s->readers = 0;
	return false;
}

static bool
open_once(struct sqlite_store *s, struct tk_err *err)
{
	bool open;

	if (!s->wal || s->writable)
		return false;
	sqlite_index_look(s->path);
	open = try_once(s, err);
	/* It may have changed just then. */
	return (sqlite_index_end() && !open) ? try_once(s, err) : open;
}

int
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
	/* Not twenty pages at once: a look needs a few. */
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite_use_memory();
	sqlite_give_once();
	if (check_file(s, flags, err) < 0)
		goto failed;
	if (flags & STORE_ONCE && open_once(s, err)) {
		*st = &s->base;
		return 0;
	}
	follow_links(s);
	if ((is_sealed(s)
		    ? sqlite_open_uri(&s->db, s->path, "immutable=1")
		    : sqlite_open_path(&s->db, s->path, mode)) != SQLITE_OK) {
		sqlite_fail(s, err);
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
