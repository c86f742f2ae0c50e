/*
 * All records in their order by two threads: see scan.h.
 *
 * The calling thread reads the segments and puts them in a ring.  Both threads
 * work on those that wait; the caller hands on what is done, oldest first,
 * and only waits when the other thread is at the oldest and nothing else is to
 * do.
 */
#include <assert.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/thread.h"
#include "base/who.h"
#include "ledger/scan_int.h"

/* Fewer segments are not worth a thread. */
enum { ALONE = 12 };

enum state {
	WAITING, /* for a thread */
	BUSY,
	DONE,
	UNDONE, /* wants the ledger */
	FAILED,
};

/* A segment on its way; the memory of its piece has the same number. */
struct slot {
	struct tk_buf data;
	int64_t id;
	bool inside;
	enum state state;
	struct tk_err err;
};

struct ring {
	struct ledger *l;
	const struct ledger_piece_fns *fn;
	void *const *piece;
	void *data;
	struct ledger_scan own, others; /* of the threads */
	pthread_t thread;
	bool started;
	/* The lock is for what follows, and the states. */
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct slot slot[LEDGER_PIECES];
	unsigned slots;
	unsigned first, next; /* so many went out, came in */
	bool over;
};

/* All of the segment at hand into the piece: 1; 0: not without the ledger. */
static int
work(struct ledger_scan *s, const struct ledger_piece_fns *fn, struct ledger *l,
    void *piece, struct tk_err *err)
{
	int more;

	fn->begin(piece);
	while ((more = scan_record(s, err)) > 0) {
		int rc = fn->record(&s->v, l, piece, err);

		if (rc <= 0)
			return rc;
	}
	return more < 0 ? -1 : 1;
}

static enum state
work_on(struct ring *r, struct slot *slot, struct ledger_scan *s,
    struct ledger *l)
{
	int rc;

	s->id = slot->id;
	s->inside = slot->inside;
	s->p = (const uint8_t *)slot->data.s;
	s->end = s->p + slot->data.len;
	s->mask = 0; /* the texts are others */
	scan_seek(s);
	rc = work(s, r->fn, l, r->piece[slot - r->slot], &slot->err);
	return rc > 0 ? DONE : rc == 0 ? UNDONE : FAILED;
}

/* The oldest that waits is busy from now on; NULL: none.  With the lock. */
static struct slot *
take_waiting(struct ring *r)
{
	for (unsigned i = r->first; i != r->next; i++) {
		struct slot *slot = &r->slot[i % r->slots];

		if (slot->state == WAITING) {
			slot->state = BUSY;
			return slot;
		}
	}
	return NULL;
}

static void *
help(void *data)
{
	struct ring *r = data;

	pthread_mutex_lock(&r->lock);
	while (!r->over) {
		struct slot *slot = take_waiting(r);
		enum state state;

		if (slot == NULL) {
			pthread_cond_wait(&r->change, &r->lock);
			continue;
		}
		pthread_mutex_unlock(&r->lock);
		state = work_on(r, slot, &r->others, NULL);
		pthread_mutex_lock(&r->lock);
		slot->state = state;
		pthread_cond_broadcast(&r->change);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* A piece that is not the other thread's any more goes out. */
static int
hand_on(struct ring *r, struct slot *slot, struct tk_err *err)
{
	enum state state = slot->state;
	int rc;

	if (state == UNDONE)
		state = work_on(r, slot, &r->own, r->l);
	assert(state == DONE || state == FAILED);
	if (state == FAILED) {
		*err = slot->err;
		return -1;
	}
	rc = r->fn->done(r->piece[slot - r->slot], r->data, err);
	pthread_mutex_lock(&r->lock);
	r->first++;
	pthread_mutex_unlock(&r->lock);
	return rc;
}

/* Get nearer to an empty slot; 1 if the caller has had enough. */
static int
settle(struct ring *r, struct tk_err *err)
{
	struct slot *oldest, *waiting = NULL;
	enum state state;

	pthread_mutex_lock(&r->lock);
	oldest = &r->slot[r->first % r->slots];
	while ((oldest->state == WAITING || oldest->state == BUSY) &&
	    (waiting = take_waiting(r)) == NULL)
		pthread_cond_wait(&r->change, &r->lock);
	pthread_mutex_unlock(&r->lock);
	if (waiting == NULL)
		return hand_on(r, oldest, err);
	state = work_on(r, waiting, &r->own, r->l);
	pthread_mutex_lock(&r->lock);
	waiting->state = state;
	pthread_mutex_unlock(&r->lock);
	return 0;
}

/* The segment at hand joins the ring, which has room. */
static void
put_in(struct ring *r, const struct ledger_scan *s)
{
	struct slot *slot = &r->slot[r->next % r->slots];

	tk_buf_reset(&slot->data);
	tk_buf_add(&slot->data, s->p, (size_t)(s->end - s->p));
	slot->id = s->id;
	slot->inside = s->inside;
	pthread_mutex_lock(&r->lock);
	slot->state = WAITING;
	r->next++;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
}

static int
add(struct ring *r, const struct ledger_scan *s, struct tk_err *err)
{
	int rc = 0;

	if (r->fn->ahead != NULL && r->fn->ahead(s->last_id, r->data, err) < 0)
		return -1;
	while (rc == 0 && r->next - r->first == r->slots)
		rc = settle(r, err);
	if (rc == 0)
		put_in(r, s);
	return rc;
}

/* The segment at hand without the ring. */
static int
add_alone(struct ring *r, struct ledger_scan *s, struct tk_err *err)
{
	int rc = work(s, r->fn, r->l, r->piece[0], err);

	assert(rc != 0); /* it has the ledger */
	return rc < 0 ? -1 : r->fn->done(r->piece[0], r->data, err);
}

static void
start(struct ring *r, const struct ledger_scan *s)
{
	r->own = r->others = *s;
	r->own.q = r->others.q = NULL;
	r->started = tk_thread_start(&r->thread, help, r);
}

static void
stop(struct ring *r)
{
	if (!r->started)
		return;
	pthread_mutex_lock(&r->lock);
	r->over = true;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	for (size_t i = 0; i < LEDGER_PIECES; i++)
		tk_buf_release(&r->slot[i].data);
}

int
ledger_scan_pieces(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, const struct ledger_piece_fns *fn,
    void *const *piece, size_t pieces, void *data, struct tk_err *err)
{
	struct ring r = { .l = l,
		.fn = fn,
		.piece = piece,
		.data = data,
		.slots = (unsigned)pieces,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct ledger_scan *s;
	int more, rc = 0, alone = ALONE;

	assert(pieces >= 1 && pieces <= LEDGER_PIECES);
	if (ledger_scan_open(&s, l, f, flags, err) < 0)
		return -1;
	for (size_t i = 0; i < LEDGER_PIECES; i++)
		r.slot[i] =
		    (struct slot){ .data = TK_BUF_INIT, .err = TK_ERR_INIT };
	while ((more = scan_segment(s, err)) > 0) {
		if (pieces > 1 && alone-- == 0 && tk_processors() > 1)
			start(&r, s);
		rc = r.started ? add(&r, s, err) : add_alone(&r, s, err);
		if (rc != 0)
			break;
	}
	while (more == 0 && rc == 0 && r.first != r.next)
		rc = settle(&r, err);
	stop(&r);
	ledger_scan_close(s);
	return more < 0 || rc < 0 ? -1 : 0;
}
