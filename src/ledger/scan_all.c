/*
 * All records by two threads: see scan.h.
 *
 * The calling thread reads the segments.  It copies a run of them for the other
 * thread whenever there is room for one, else it goes over the run itself, and
 * at the end also over those that wait.  So neither waits for the other, and
 * the database is used by one thread alone.
 *
 * Records of one group, a session say, are mostly near each other.  That is why
 * a thread gets a run and not just one segment: it has more of each group, and
 * there are fewer to be put together.
 */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ledger/scan_int.h"

/* Fewer segments are not worth a thread; a run has so many, or fewer that are
 * large; so many runs wait, or are worked on. */
enum { ALONE = 32, RUN = 32, RUN_BYTES = 3 << 20, RUNS = 3 };

enum state { EMPTY, WAITING, BUSY };

struct run {
	enum state state;
	struct tk_buf data;
	size_t n;
	struct {
		int64_t id;
		bool inside;
		size_t len;
	} segment[RUN];
};

/* What one thread works with. */
struct worker {
	struct ledger_scan s; /* its own; what is shared is only read */
	struct record_columns *columns;
	ledger_columns_fn *fn;
	void *data;
	struct tk_err err;
};

struct sharing {
	struct worker own, others;
	pthread_t thread;
	bool started;
	/* The lock is for what follows. */
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct run run[RUNS];
	bool over, failed;
};

/* Go over the segment at hand. */
static int
take(struct ledger_scan *s, const struct worker *w, struct tk_err *err)
{
	int more;

	while ((more = scan_columns(s, w->columns, err)) > 0)
		w->fn(w->columns, w->data);
	return more;
}

static int
take_run(struct worker *w, const struct run *run)
{
	const uint8_t *p = (const uint8_t *)run->data.s;

	for (size_t i = 0; i < run->n; i++) {
		w->s.id = run->segment[i].id;
		w->s.inside = run->segment[i].inside;
		w->s.p = p;
		p = w->s.end = p + run->segment[i].len;
		w->s.mask = 0; /* the texts of the record before are gone */
		scan_seek(&w->s);
		if (take(&w->s, w, &w->err) < 0)
			return -1;
	}
	return 0;
}

/* With the lock: a run in that state is in the other from now on. */
static struct run *
find_run(struct sharing *x, enum state from, enum state to)
{
	for (size_t i = 0; i < RUNS; i++)
		if (x->run[i].state == from) {
			x->run[i].state = to;
			return &x->run[i];
		}
	return NULL;
}

static struct run *
begin_run(struct sharing *x, enum state from)
{
	struct run *run = NULL;

	pthread_mutex_lock(&x->lock);
	if (!x->failed)
		run = find_run(x, from, BUSY);
	pthread_mutex_unlock(&x->lock);
	return run;
}

static void
end_run(struct sharing *x, struct run *run, enum state state)
{
	pthread_mutex_lock(&x->lock);
	run->state = state;
	pthread_cond_signal(&x->change);
	pthread_mutex_unlock(&x->lock);
}

static void *
help(void *data)
{
	struct sharing *x = data;

	pthread_mutex_lock(&x->lock);
	for (;;) {
		struct run *run = find_run(x, WAITING, BUSY);
		int rc;

		if (run == NULL && x->over)
			break;
		if (run == NULL) {
			pthread_cond_wait(&x->change, &x->lock);
			continue;
		}
		pthread_mutex_unlock(&x->lock);
		rc = take_run(&x->others, run);
		pthread_mutex_lock(&x->lock);
		run->state = EMPTY;
		x->failed |= rc < 0;
		if (rc < 0)
			break;
	}
	pthread_mutex_unlock(&x->lock);
	return NULL;
}

/* The scan reads the segments meanwhile: its place is its own. */
static void
start(struct sharing *x, const struct ledger_scan *s, void *other)
{
	x->others = x->own;
	x->others.data = other;
	x->own.s = x->others.s = *s;
	x->own.s.q = x->others.s.q = NULL;
	x->others.columns = columns_new(x->own.columns->asked);
	x->started = tk_thread_start(&x->thread, help, x);
}

/* From the segment at hand on, into the run: 1: there are more; 0; -1. */
static int
fill_run(struct run *run, struct ledger_scan *s, struct tk_err *err)
{
	int more = 1;

	run->n = 0;
	tk_buf_reset(&run->data);
	while (more > 0 && run->n < RUN && run->data.len < RUN_BYTES) {
		run->segment[run->n].id = s->id;
		run->segment[run->n].inside = s->inside;
		run->segment[run->n++].len = (size_t)(s->end - s->p);
		tk_buf_add(&run->data, s->p, (size_t)(s->end - s->p));
		more = scan_segment(s, err);
	}
	return more;
}

/* From the segment at hand on, in this thread, as many as a run has. */
static int
take_own(struct sharing *x, struct ledger_scan *s, size_t n, struct tk_err *err)
{
	int more = 1;

	for (size_t i = 0; more > 0 && i < n; i++)
		if (take(s, &x->own, err) < 0)
			more = -1;
		else
			more = scan_segment(s, err);
	return more;
}

/* All but the first segments. */
static int
share(struct sharing *x, struct ledger_scan *s, struct tk_err *err)
{
	struct run *run;
	int more = 1;

	while (more > 0) {
		run = x->started ? begin_run(x, EMPTY) : NULL;
		if (run == NULL) {
			more = take_own(x, s, RUN, err);
		} else {
			more = fill_run(run, s, err);
			end_run(x, run, WAITING);
		}
	}
	while (more == 0 && (run = begin_run(x, WAITING)) != NULL) {
		more = take_run(&x->own, run);
		if (more < 0)
			*err = x->own.err;
		end_run(x, run, EMPTY);
	}
	return more;
}

/* What was handed over is done; rc if that went well. */
static int
join(struct sharing *x, int rc, struct tk_err *err)
{
	if (x->started) {
		pthread_mutex_lock(&x->lock);
		x->over = true;
		pthread_cond_signal(&x->change);
		pthread_mutex_unlock(&x->lock);
		pthread_join(x->thread, NULL);
	}
	for (size_t i = 0; i < RUNS; i++)
		tk_buf_release(&x->run[i].data);
	columns_free(x->own.columns);
	columns_free(x->others.columns);
	if (rc == 0 && x->failed) {
		*err = x->others.err;
		rc = -1;
	}
	return rc;
}

int
ledger_scan_all(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, uint64_t fields, ledger_columns_fn *fn, void *data,
    void *other, struct tk_err *err)
{
	struct sharing x = { .own = { .fn = fn, .data = data },
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct ledger_scan *s;
	int more;

	if (ledger_scan_open(&s, l, f, flags, err) < 0)
		return -1;
	for (size_t i = 0; i < RUNS; i++)
		x.run[i].data = (struct tk_buf)TK_BUF_INIT;
	x.own.columns = columns_new(fields | scan_fields(s));
	x.own.err = (struct tk_err)TK_ERR_INIT;
	more = scan_segment(s, err);
	if (more > 0)
		more = take_own(&x, s, ALONE, err);
	if (more > 0 && other != NULL && tk_processors() > 1)
		start(&x, s, other);
	if (more > 0)
		more = share(&x, s, err);
	more = join(&x, more, err);
	ledger_scan_close(s);
	return more;
}
