/*
 * The index of the WAL, from one process to the next.
 *
 * The file "-shm" says where in the WAL each page is.  SQLite believes it only
 * while some process has the database open: after a power failure it may be
 * anything.  So who comes to a database that nobody else has open reads the
 * whole WAL first, and who takes one look (STORE_ONCE) does so for itself
 * alone, in memory of its own.
 *
 * But while the machine runs, the file stays what the last process made it,
 * also when that one was killed: locks and all, this is what SQLite is made
 * for.  So who wrote leaves a note behind what the gate keeps in its file: in
 * which run of the machine ("boot id"), and in which file.  A look that finds
 * the note true, and that the index ends where the WAL does, has SQLite
 * believe it, by saying that somebody has the database open; a moment later
 * this process has.
 *
 * The formats are those of sqlite.org/walformat.html.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/sqlite_int.h"

enum {
	NOTE_AT = 1024,  /* in the file of the gate */
	BOOT_SIZE = 36,  /* a UUID as text */
	OPEN_BYTE = 128, /* locked by who has the database open */
	WAL_HEADER = 32,
	FRAME_HEADER = 24,
	MARKS = 5,
};

struct note {
	char boot[BOOT_SIZE];
	uint32_t unused;
	uint64_t index; /* the number of the file */
};

struct index_header {
	uint32_t version, unused, changes;
	uint8_t is_made, big_endian;
	uint16_t page_size;
	uint32_t frames, pages;
	uint32_t sum[2], salt[2], own_sum[2];
};

/* How the file begins. */
struct index_start {
	struct index_header header[2];
	uint32_t settled; /* so many frames are in the database, too */
	uint32_t mark[MARKS];
};

static bool
read_boot(char *boot)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, boot, BOOT_SIZE);

	if (fd >= 0)
		close(fd);
	return n == BOOT_SIZE;
}

static int
open_beside(const char *path, const char *suffix)
{
	struct tk_buf name = TK_BUF_INIT;
	int fd;

	tk_buf_addf(&name, "%s%s", path, suffix);
	fd = open(name.s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	tk_buf_release(&name);
	return fd;
}

/*
 * Who only looks cannot mark how far it reads, and needs a mark of somebody
 * else's.  There is none if the WAL was empty before this process wrote.
 */
static void
leave_mark(struct sqlite_store *s)
{
	int written = 0, ignored;

	sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_WRITE, &written,
	    &ignored, 0);
	if (s->wal_pages > 0 && written >= s->wal_pages)
		sqlite3_exec(s->db, "PRAGMA schema_version", NULL, NULL, NULL);
}

void
sqlite_index_note(struct sqlite_store *s)
{
	struct tk_buf name = TK_BUF_INIT;
	struct note note = { .unused = 0 }, was;
	struct stat sb;

	if (!s->wal || s->gate.fd < 0)
		return;
	leave_mark(s);
	tk_buf_addf(&name, "%s-shm", s->path);
	if (stat(name.s, &sb) == 0 && read_boot(note.boot)) {
		note.index = sb.st_ino;
		if (pread(s->gate.fd, &was, sizeof(was), NOTE_AT) !=
			(ssize_t)sizeof(was) ||
		    memcmp(&was, &note, sizeof(note)) != 0)
			gate_write(&s->gate, NOTE_AT, &note, sizeof(note));
	}
	tk_buf_release(&name);
}

/* Is the note there, and of this run of the machine? */
static bool
read_note(const char *path, uint64_t *index)
{
	struct note note;
	char boot[BOOT_SIZE];
	int fd = open_beside(path, "-lock");
	bool good = fd >= 0 &&
	    pread(fd, &note, sizeof(note), NOTE_AT) == (ssize_t)sizeof(note) &&
	    read_boot(boot) && memcmp(boot, note.boot, BOOT_SIZE) == 0;

	if (fd >= 0)
		close(fd);
	if (good)
		*index = note.index;
	return good;
}

static bool
has_mark(const struct index_start *start)
{
	if (start->settled == start->header->frames)
		return true;
	for (int i = 1; i < MARKS; i++)
		if (start->mark[i] <= start->header->frames)
			return true;
	return false;
}

/* Is the last frame the one that the index says, and is none behind it?
 * (There may be one of somebody who was killed.) */
static bool
ends_there(int wal, const struct index_header *h)
{
	struct {
		uint32_t page, pages, salt[2], sum[2];
	} frame;
	off_t size = (h->page_size & 0xfe00) + ((h->page_size & 1) << 16);
	off_t end = WAL_HEADER + (size + FRAME_HEADER) * (off_t)h->frames;
	struct stat sb;

	if (h->frames == 0)
		return wal < 0 || (fstat(wal, &sb) == 0 && sb.st_size == 0);
	if (wal < 0 ||
	    pread(wal, &frame, sizeof(frame), end - size - FRAME_HEADER) !=
		(ssize_t)sizeof(frame) ||
	    memcmp(frame.salt, h->salt, sizeof(h->salt)) != 0 ||
	    be32toh(frame.sum[0]) != h->sum[0] ||
	    be32toh(frame.sum[1]) != h->sum[1])
		return false;
	return pread(wal, &frame, sizeof(frame), end) !=
	    (ssize_t)sizeof(frame) ||
	    memcmp(frame.salt, h->salt, sizeof(h->salt)) != 0;
}

static bool
is_good(const char *path, int fd)
{
	struct index_start start;
	struct stat sb;
	uint64_t index;
	bool good;
	int wal;

	if (!read_note(path, &index) || fstat(fd, &sb) != 0 ||
	    sb.st_ino != index ||
	    pread(fd, &start, sizeof(start), 0) != (ssize_t)sizeof(start) ||
	    !start.header[0].is_made ||
	    memcmp(&start.header[0], &start.header[1],
		sizeof(start.header[0])) != 0 ||
	    !has_mark(&start))
		return false;
	wal = open_beside(path, "-wal");
	good = ends_there(wal, &start.header[0]);
	if (wal >= 0)
		close(wal);
	return good;
}

static const char *looked_at; /* the database, while it is being opened */
static bool believed;
static int (*lock_call)(int fd, int cmd, ...);

/* fcntl(2), as SQLite asks: does anybody have it open? */
static int
ask_lock(int fd, int cmd, ...)
{
	struct flock *lock;
	va_list ap;
	void *arg;
	int rc;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	rc = lock_call(fd, cmd, arg);
	if (rc != 0 || cmd != F_GETLK || looked_at == NULL)
		return rc;
	lock = arg;
	if (lock->l_start == OPEN_BYTE && lock->l_type == F_UNLCK &&
	    is_good(looked_at, fd)) {
		lock->l_type = F_RDLCK;
		believed = true;
	}
	return rc;
}

void
sqlite_index_look(const char *path)
{
	sqlite3_syscall_ptr was;

	believed = false;
	if (lock_call == NULL &&
	    sqlite_exchange_call("fcntl", (sqlite3_syscall_ptr)ask_lock, &was))
		lock_call = (int (*)(int, int, ...))was;
	looked_at = lock_call != NULL ? path : NULL;
}

bool
sqlite_index_end(void)
{
	looked_at = NULL;
	return believed;
}
