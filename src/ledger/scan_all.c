/*
 * All records by two threads: see scan.h.
 *
 * The calling thread reads the segments, and copies them for the other one as
 * long as that has room; else it goes over them itself.  So neither waits for
 * the other, and the database is used by one thread alone.
 */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ledger/scan_int.h"

/* Fewer segments are not worth a thread. */
enum { ALONE = 32, WAITING = 8 };

/* A segment that waits for the other thread. */
struct waiting {
	struct tk_buf data;
	int64_t id;
	bool inside;
};

struct helper {
	struct ledger_scan s; /* its own; what is shared is only read */
	ledger_take_fn *fn;
	void *data;
	struct tk_err err;
	pthread_t thread;
	bool started;
	/* The lock is for what follows. */
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct waiting segment[WAITING];
	unsigned given, taken; /* so many in all */
	bool over, failed;
};

/* Go over the segment at hand. */
static int
take(struct ledger_scan *s, ledger_take_fn *fn, void *data, struct tk_err *err)
{
	int more;

	while ((more = scan_record(s, err)) > 0)
		fn(&s->v, data);
	return more;
}

/* The next segment, or NULL at the end; it stays until "taken" is counted. */
static struct waiting *
wait_for_segment(struct helper *h)
{
	struct waiting *w = NULL;

	pthread_mutex_lock(&h->lock);
	while (h->given == h->taken && !h->over)
		pthread_cond_wait(&h->change, &h->lock);
	if (h->given != h->taken)
		w = &h->segment[h->taken % WAITING];
	pthread_mutex_unlock(&h->lock);
	return w;
}

static void *
help(void *data)
{
	struct helper *h = data;
	struct waiting *w;

	while ((w = wait_for_segment(h)) != NULL) {
		int rc;

		h->s.id = w->id;
		h->s.inside = w->inside;
		h->s.p = (const uint8_t *)w->data.s;
		h->s.end = h->s.p + w->data.len;
		/* The texts of the record before are gone. */
		h->s.mask = 0;
		scan_seek(&h->s);
		rc = take(&h->s, h->fn, h->data, &h->err);
		pthread_mutex_lock(&h->lock);
		h->taken++;
		h->failed |= rc < 0;
		pthread_mutex_unlock(&h->lock);
		if (rc < 0)
			break;
	}
	return NULL;
}

static void
start(struct helper *h, const struct ledger_scan *s)
{
	h->s = *s;
	h->s.q = NULL;
	h->started = tk_thread_start(&h->thread, help, h);
}

/* Leave the segment at hand to the other thread: 1; 0: it has enough; -1: it
 * failed. */
static int
hand_over(struct helper *h, const struct ledger_scan *s)
{
	struct waiting *w = NULL;
	bool failed;

	pthread_mutex_lock(&h->lock);
	failed = h->failed;
	if (h->given - h->taken < WAITING)
		w = &h->segment[h->given % WAITING];
	pthread_mutex_unlock(&h->lock);
	if (failed || w == NULL)
		return failed ? -1 : 0;
	tk_buf_reset(&w->data);
	tk_buf_add(&w->data, s->p, (size_t)(s->end - s->p));
	w->id = s->id;
	w->inside = s->inside;
	pthread_mutex_lock(&h->lock);
	h->given++;
	pthread_cond_signal(&h->change);
	pthread_mutex_unlock(&h->lock);
	return 1;
}

/* What was handed over is done; rc if that went well. */
static int
join(struct helper *h, int rc, struct tk_err *err)
{
	if (!h->started)
		return rc;
	pthread_mutex_lock(&h->lock);
	h->over = true;
	pthread_cond_signal(&h->change);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	for (size_t i = 0; i < WAITING; i++)
		tk_buf_release(&h->segment[i].data);
	if (rc == 0 && h->failed) {
		*err = h->err;
		rc = -1;
	}
	return rc;
}

int
ledger_scan_all(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, ledger_take_fn *fn, void *data, void *other,
    struct tk_err *err)
{
	struct helper h = { .fn = fn,
		.data = other,
		.err = TK_ERR_INIT,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct ledger_scan *s;
	int more, alone = ALONE, given;

	if (ledger_scan_open(&s, l, f, flags, err) < 0)
		return -1;
	for (size_t i = 0; i < WAITING; i++)
		h.segment[i].data = (struct tk_buf)TK_BUF_INIT;
	while ((more = scan_segment(s, err)) > 0) {
		if (other != NULL && alone-- == 0 && tk_processors() > 1)
			start(&h, s);
		given = h.started ? hand_over(&h, s) : 0;
		more = given == 0 ? take(s, fn, data, err) : 0;
		if (given < 0 || more < 0)
			break;
	}
	more = join(&h, more, err);
	ledger_scan_close(s);
	return more;
}
