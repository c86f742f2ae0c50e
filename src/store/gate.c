#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/store_int.h"

enum { FIRST_PAUSE_US = 100, LONGEST_PAUSE_US = 8000 };

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

int
gate_pause_us(int tries)
{
	uint32_t random = 0;
	int span = FIRST_PAUSE_US << (tries < 6 ? tries : 6);

	if (span > LONGEST_PAUSE_US)
		span = LONGEST_PAUSE_US;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now_us() ^ (uint32_t)getpid() << 16;
	return span / 4 + (int)(random % (uint32_t)span);
}

int
gate_enter(struct gate *g, int timeout_ms, struct tk_err *err)
{
	int64_t deadline = now_us() + (int64_t)timeout_ms * 1000;

	for (int tries = 0;; tries++) {
		struct timespec pause = { 0 };

		if (flock(g->fd, LOCK_EX | LOCK_NB) == 0) {
			g->held = true;
			return 0;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			return tk_fail_errno(err, "cannot lock the ledger");
		if (now_us() >= deadline) {
			tk_fail(err, TK_IO,
			    "the ledger is locked: another process has been "
			    "writing for %d ms",
			    timeout_ms);
			return tk_hint(err,
			    "try again, or raise ledger.busy_timeout");
		}
		pause.tv_nsec = gate_pause_us(tries) * 1000L;
		nanosleep(&pause, NULL);
	}
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
