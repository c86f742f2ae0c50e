/*
 * The gate in front of writers: an exclusive flock(2) on a file beside the
 * database.
 *
 * The lock itself knows no order: whoever tries next has it, which is fastest
 * when commits are fast, since nobody has to be woken up first.  But when
 * they are slow, who tries again after pauses may be passed over for seconds.
 * So who waits writes a ticket, the time it came, into one of the places of
 * the file, and keeps a lock on that byte for as long as it lives; and who
 * gets the lock while somebody living has waited longer, and for more than a
 * moment, gives it back.  That is courtesy and not safety: what keeps writers
 * apart is the flock, and an owner of a ticket that does not come (it was
 * stopped) is waited for only so long.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
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
	NEXT_PAUSE_US = 150,  /* of who is next */
	PLACE_PAUSE_US = 400, /* more for each that is before */
};

int
gate_open(struct gate *g, const char *database, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int rc = 0;

	g->held = false;
	tk_buf_addf(&path, "%s-lock", database);
	g->fd = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (g->fd < 0)
		rc = tk_fail_errno(err, "cannot open '%s'", path.s);
	tk_buf_release(&path);
	return rc;
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
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
	ssize_t n = pwrite(g->fd, &ticket, sizeof(ticket),
	    (off_t)place * (off_t)sizeof(ticket));

	(void)n; /* without it, there is no order */
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

/* How many living ones came before, and have waited for long. */
static int
count_before(const struct gate *g, int64_t ticket, int own)
{
	int64_t tickets[PLACES] = { 0 };
	int64_t late = now_us() - PATIENCE_US;
	int before = 0;

	if (ticket > late)
		ticket = late;

	if (pread(g->fd, tickets, sizeof(tickets), 0) <= 0)
		return 0;
	for (int i = 0; i < PLACES; i++)
		if (i != own && tickets[i] > 0 && tickets[i] < ticket &&
		    is_alive(g, i))
			before++;
	return before;
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

int
gate_enter(struct gate *g, int timeout_ms, struct tk_err *err)
{
	int64_t came = now_us(), deadline = came + (int64_t)timeout_ms * 1000;
	int64_t courtesy = 0; /* since when the lock was left to another */
	int64_t waited;
	int place = -1;
	int rc = -1;

	for (int tries = 0;; tries++) {
		int before = count_before(g, came, place);
		struct timespec pause = { 0 };
		int us;

		if (flock(g->fd, LOCK_EX | LOCK_NB) == 0) {
			if (courtesy == 0)
				courtesy = now_us();
			if (before == 0 || now_us() - courtesy > COURTESY_US) {
				g->held = true;
				rc = 0;
				break;
			}
			flock(g->fd, LOCK_UN);
		} else if (errno != EWOULDBLOCK && errno != EINTR) {
			tk_fail_errno(err, "cannot lock the ledger");
			break;
		} else {
			courtesy = 0;
		}
		if (now_us() >= deadline) {
			locked_out(timeout_ms, err);
			break;
		}
		waited = now_us() - came;
		if (place < 0 && waited > PATIENCE_US / 4)
			place = take_ticket(g, came);
		us = place < 0 || waited < PATIENCE_US ? gate_pause_us(tries)
						       : NEXT_PAUSE_US / 2 +
			(int)(random_number() % NEXT_PAUSE_US) +
			(before < 20 ? before : 20) * PLACE_PAUSE_US;
		pause.tv_nsec = us * 1000L;
		nanosleep(&pause, NULL);
	}
	give_ticket_back(g, place);
	return rc;
}

void
gate_leave(struct gate *g)
{
	if (g->held)
		flock(g->fd, LOCK_UN);
	g->held = false;
}

void
gate_close(struct gate *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}
