/*
 * The gate in front of writers: an exclusive flock(2) on a file beside the
 * database.
 *
 * That lock is what keeps writers apart; all else here is about who is next.
 *
 * Whoever tries first has it, which is fastest when commits are fast.  Who
 * finds it taken sleeps on a word of the file, and who leaves wakes up one of
 * them.  A sleep is short: a wake-up that was lost, with a process that was
 * killed in between, costs that and no more.
 *
 * When commits are slow, somebody may be passed over for seconds.  So who
 * waits for longer writes a ticket, the time it came, into one of the places
 * of the file, and keeps a lock on that byte for as long as it lives; and who
 * gets the lock while somebody living has waited longer, and for more than a
 * moment, gives it back and wakes up that one.  An owner of a ticket that
 * does not come (it was stopped) loses it after so long.
 *
 * The file is mapped, but only for the address of that word: it is read and
 * written with pread(2) and pwrite(2), which can fail where the mapping would
 * end the process, as on a disk that is full, or when somebody makes the file
 * shorter.  Where there is no mapping, as on network file systems, sleeping
 * is pausing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/store_int.h"

enum {
	FIRST_PAUSE_US = 100,
	LONGEST_PAUSE_US = 8000,
	PLACES = 64,          /* of tickets; who finds none has no ticket */
	COURTESY_US = 30000,  /* how long a free lock is left to another */
	PATIENCE_US = 60000,  /* so long anybody may pass */
	SLEEP_US = 10000,     /* at most, before one looks again */
	SHORT_SLEEP_US = 2000 /* while the lock is left to another */
};

/* What the file holds. */
struct gate_page {
	int64_t ticket[PLACES]; /* when its owner came, us; 0: none */
	int64_t wanted;         /* when somebody last went to sleep, us */
	uint32_t turn;          /* another number with each wake-up */
	uint32_t unused;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The file is made long enough first: what is mapped must be there. */
static void
map_page(struct gate *g)
{
	struct stat sb;
	char zero = 0;
	void *p;

	if (fstat(g->fd, &sb) != 0)
		return;
	if (sb.st_size < (off_t)sizeof(struct gate_page) &&
	    pwrite(g->fd, &zero, 1, sizeof(struct gate_page) - 1) != 1)
		return;
	p = mmap(NULL, sizeof(struct gate_page), PROT_READ, MAP_SHARED, g->fd,
	    0);
	g->page = p == MAP_FAILED ? NULL : p;
}

static int
open_file(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

/* Who may change the database may enter, whoever comes first; where a file
 * system cannot say so, its maker alone. */
static int
make_file(const char *path, const char *database)
{
	struct stat sb;
	int fd;

	if (stat(database, &sb) != 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? open_file(path) : -1;
	if (geteuid() != 0 || fchown(fd, sb.st_uid, sb.st_gid) == 0)
		fchmod(fd, sb.st_mode & 0660);
	return fd;
}

int
gate_open(struct gate *g, const char *database, bool shared, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int rc = 0;

	*g = (struct gate){ .fd = -1 };
	tk_buf_addf(&path, "%s-lock", database);
	g->fd = open_file(path.s);
	if (g->fd < 0 && errno == ENOENT)
		g->fd = make_file(path.s, database);
	if (g->fd < 0)
		rc = tk_fail_errno(err, "cannot open '%s'", path.s);
	else if (shared)
		map_page(g);
	tk_buf_release(&path);
	return rc;
}

static uint32_t
random_number(void)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now_us() ^ (uint32_t)getpid() << 16;
	return random;
}

int
gate_pause_us(int tries)
{
	int span = FIRST_PAUSE_US << (tries < 6 ? tries : 6);

	if (span > LONGEST_PAUSE_US)
		span = LONGEST_PAUSE_US;
	return span / 4 + (int)(random_number() % (uint32_t)span);
}

/* What is written is for order and speed: without it, there is neither. */
void
gate_write(const struct gate *g, size_t at, const void *bytes, size_t len)
{
	ssize_t n = pwrite(g->fd, bytes, len, (off_t)at);

	(void)n;
}

/* One place in the file: the bytes of its ticket; the first is locked. */
static struct flock
place_lock(int place, short type)
{
	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)place * (off_t)sizeof(int64_t),
		.l_len = 1 };
}

static void
write_ticket(const struct gate *g, int place, int64_t ticket)
{
	gate_write(g, (size_t)place * sizeof(ticket), &ticket, sizeof(ticket));
}

/* The place of the ticket, or -1 if there is none. */
static int
take_ticket(const struct gate *g, int64_t ticket)
{
	int first = (int)(random_number() % PLACES);

	for (int i = 0; i < PLACES; i++) {
		int place = (first + i) % PLACES;
		struct flock lock = place_lock(place, F_WRLCK);

		if (fcntl(g->fd, F_OFD_SETLK, &lock) == 0) {
			write_ticket(g, place, ticket);
			return place;
		}
		if (errno != EAGAIN && errno != EACCES)
			return -1;
	}
	return -1;
}

static void
give_ticket_back(const struct gate *g, int place)
{
	struct flock lock = place_lock(place, F_UNLCK);

	if (place < 0)
		return;
	write_ticket(g, place, 0);
	fcntl(g->fd, F_OFD_SETLK, &lock);
}

static bool
is_alive(const struct gate *g, int place)
{
	struct flock lock = place_lock(place, F_WRLCK);

	return fcntl(g->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static void
read_page(const struct gate *g, struct gate_page *page)
{
	memset(page, 0, sizeof(*page));
	if (pread(g->fd, page, sizeof(*page), 0) < 0)
		memset(page, 0, sizeof(*page));
}

/* The place of who has waited for long, and longest of those who came before
 * that time; -1: nobody has. */
static int
find_first(const struct gate *g, const struct gate_page *page, int64_t came,
    int own)
{
	int64_t before = now_us() - PATIENCE_US;
	int first = -1;

	if (came < before)
		before = came;
	for (int i = 0; i < PLACES; i++) {
		if (i == own || page->ticket[i] <= 0 ||
		    page->ticket[i] >= before || !is_alive(g, i))
			continue;
		first = i;
		before = page->ticket[i];
	}
	return first;
}

/* Which sleepers are meant: those with a ticket by their place. */
static uint32_t
bit_of(int place)
{
	return UINT32_C(1) << (place < 0 ? 31 : place % 31);
}

/* Wake up who is at that place, or (-1) anybody, but one. */
static void
wake(const struct gate *g, int place)
{
	uint32_t turn = (uint32_t)now_us() ^ (uint32_t)getpid() << 20;

	if (g->page == NULL)
		return;
	gate_write(g, offsetof(struct gate_page, turn), &turn, sizeof(turn));
	syscall(SYS_futex, &g->page->turn, FUTEX_WAKE_BITSET, 1, NULL, NULL,
	    place < 0 ? FUTEX_BITSET_MATCH_ANY : bit_of(place));
}

/* Say that somebody waits; before the lock is tried, so that who has it
 * knows when leaving. */
static void
want(const struct gate *g)
{
	int64_t now = now_us();

	gate_write(g, offsetof(struct gate_page, wanted), &now, sizeof(now));
}

static void
sleep_on(const struct gate *g, uint32_t turn, int place, int us, int tries)
{
	int64_t until = now_us() + us;
	struct timespec t = { .tv_sec = until / 1000000,
		.tv_nsec = until % 1000000 * 1000 };

	if (g->page != NULL) {
		syscall(SYS_futex, &g->page->turn, FUTEX_WAIT_BITSET, turn, &t,
		    NULL, bit_of(place));
		return;
	}
	t = (struct timespec){ .tv_nsec = gate_pause_us(tries) * 1000L };
	nanosleep(&t, NULL);
}

static int
locked_out(int timeout_ms, struct tk_err *err)
{
	tk_fail(err, TK_IO,
	    "the ledger is locked: another process has been "
	    "writing for %d ms",
	    timeout_ms);
	return tk_hint(err, "try again, or raise ledger.busy_timeout");
}

/* Somebody who waits. */
struct waiter {
	int64_t came;
	int64_t courtesy; /* since when the lock is left to another; 0: not */
	int place;        /* of its ticket; -1: none */
};

/* Try once; 1: the lock is ours, 0: it is not, or is left to another. */
static int
try_lock(struct gate *g, struct waiter *w, const struct gate_page *page,
    struct tk_err *err)
{
	int first;

	if (flock(g->fd, LOCK_EX | LOCK_NB) != 0) {
		w->courtesy = 0;
		return errno == EWOULDBLOCK || errno == EINTR
		    ? 0
		    : tk_fail_errno(err, "cannot lock the ledger");
	}
	first = find_first(g, page, w->came, w->place);
	if (first >= 0 && w->courtesy == 0)
		w->courtesy = now_us();
	if (first >= 0 && now_us() - w->courtesy <= COURTESY_US) {
		flock(g->fd, LOCK_UN);
		wake(g, first);
		return 0;
	}
	/* It was waited for long enough. */
	if (first >= 0)
		write_ticket(g, first, 0);
	return 1;
}

/* Whoever was stopped for too long has lost its ticket, and writes it again. */
static void
keep_ticket(const struct gate *g, struct waiter *w,
    const struct gate_page *page)
{
	if (w->place < 0 && now_us() - w->came > PATIENCE_US / 4)
		w->place = take_ticket(g, w->came);
	else if (w->place >= 0 && page->ticket[w->place] != w->came)
		write_ticket(g, w->place, w->came);
}

int
gate_enter(struct gate *g, int timeout_ms, struct tk_err *err)
{
	struct waiter w = { .came = now_us(), .place = -1 };
	int64_t deadline = w.came + (int64_t)timeout_ms * 1000;
	int rc;

	for (int tries = 0;; tries++) {
		struct gate_page page;

		read_page(g, &page);
		rc = try_lock(g, &w, &page, err);
		if (rc != 0)
			break;
		if (now_us() >= deadline) {
			rc = locked_out(timeout_ms, err);
			break;
		}
		keep_ticket(g, &w, &page);
		/* The first time it was not known yet that somebody waits. */
		if (tries > 0)
			sleep_on(g, page.turn, w.place,
			    w.courtesy ? SHORT_SLEEP_US : SLEEP_US, tries);
		want(g);
	}
	give_ticket_back(g, w.place);
	g->held = rc > 0;
	return rc > 0 ? 0 : -1;
}

void
gate_leave(struct gate *g)
{
	struct gate_page page;

	if (!g->held)
		return;
	g->held = false;
	flock(g->fd, LOCK_UN);
	read_page(g, &page);
	if (now_us() - page.wanted < 5 * SLEEP_US)
		wake(g, find_first(g, &page, INT64_MAX, -1));
}

void
gate_close(struct gate *g)
{
	if (g->page != NULL)
		munmap((void *)(uintptr_t)g->page, sizeof(*g->page));
	if (g->fd >= 0)
		close(g->fd);
	*g = (struct gate){ .fd = -1 };
}
