#include "ingest/put.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"
#include "base/who.h"

/*
 * Others wait while a batch is put, so it should not take longer than a
 * third of a second; but small batches cost more, since new identities fall
 * all over their index.  How many records fit is found out while running.
 */
enum { MARKS_MOST = 2000 };
enum { BATCH_LEAST = 4096, BATCH_MOST = 18000, PUT_MS_MOST = 400 };

static void
parcel_reset(struct parcel *p)
{
	for (size_t i = 0; i < p->nmarks; i++) {
		free(p->marks[i].path);
		free(p->marks[i].source.carry);
	}
	p->nmarks = 0;
	for (size_t i = 0; i < p->nretracts; i++)
		free(p->retracts[i]);
	p->nretracts = 0;
	batch_reset(&p->batch);
}

static void
parcel_release(struct parcel *p)
{
	parcel_reset(p);
	free(p->marks);
	free(p->retracts);
	batch_release(&p->batch);
}

/* What they have is taken over. */
static void
add_mark(struct parcel *p, const struct mark *m)
{
	if (p->nmarks == p->marks_cap) {
		p->marks_cap = p->marks_cap > 0 ? 2 * p->marks_cap : 64;
		p->marks =
		    tk_xreallocarray(p->marks, p->marks_cap, sizeof(*p->marks));
	}
	p->marks[p->nmarks++] = *m;
}

static void
add_retract(struct parcel *p, char *request_id)
{
	p->retracts = tk_xreallocarray(p->retracts, p->nretracts + 1,
	    sizeof(*p->retracts));
	p->retracts[p->nretracts++] = request_id;
}

void
run_mark(struct run *run, const struct importer *im, const char *path,
    const struct ledger_source *s)
{
	struct mark m = {
		.importer = im->name,
		.path = tk_xstrdup(path),
		.source = *s,
	};

	run->news = true;
	add_mark(&run->next, &m);
}

void
run_retract(struct run *run, const char *request_id)
{
	add_retract(&run->next, tk_xstrdup(request_id));
}

static struct ingest_tally *
tally_of(struct put *p, const struct importer *im)
{
	return &p->report.tally[importer_place(im)];
}

static int
retract_all(struct put *p)
{
	const struct run *run = p->run;
	const struct ledger_actor who = {
		.name = run->options->user,
		.time = run->options->now,
	};

	for (size_t i = 0; i < p->parcel.nretracts; i++)
		if (run->sink->retract(run->to, p->parcel.retracts[i], &who,
			&p->err) < 0)
			return -1;
	return 0;
}

static void
count_result(struct put *p, const struct importer *im,
    const struct usage_record *r, enum ledger_result result)
{
	struct ingest_tally *t = tally_of(p, im);

	t->calls++;
	t->unpriced += r->cost == RECORD_UNKNOWN;
	switch (result) {
	case LEDGER_NEW:
		t->fresh++;
		return;
	case LEDGER_KNOWN:
		t->known++;
		return;
	case LEDGER_UPDATED:
		t->updated++;
		return;
	}
}

static int
put_all(struct put *p)
{
	const struct ingest_sink *sink = p->run->sink;
	struct batch *b = &p->parcel.batch;
	void *to = p->run->to;

	for (size_t i = 0; i < b->n; i++) {
		enum ledger_result result;

		if (sink->put(to, &b->v[i].record, &result, &p->err) < 0)
			return -1;
		count_result(p, b->v[i].from, &b->v[i].record, result);
	}
	for (size_t i = 0; i < p->parcel.nmarks; i++) {
		const struct mark *m = &p->parcel.marks[i];

		if (sink->source_put(to, m->importer, m->path, &m->source,
			&p->err) < 0)
			return -1;
	}
	return 0;
}

/*
 * After merging, so that each call is priced once, by its final time and
 * usage.  What costs more than can be counted is refused.
 */
static int
price_all(struct put *p)
{
	const struct ingest_options *o = p->run->options;
	struct batch *b = &p->parcel.batch;
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct usage_record *r = &b->v[i].record;
		struct tk_buf note = TK_BUF_INIT;
		struct tk_err err = TK_ERR_INIT;

		if (ingest_price(o->prices, r, &err) == 0 &&
		    (o->admit == NULL ||
			o->admit(r, o->admit_data, &err) == 0)) {
			b->v[kept++] = b->v[i];
			continue;
		}
		if (o->flags & INGEST_STRICT) {
			p->err = err;
			return -1;
		}
		tally_of(p, b->v[i].from)->bad++;
		tk_buf_addf(&note, "%s: %s",
		    r->request_id != NULL ? r->request_id : "a call", err.msg);
		report_note(&p->report, b->v[i].from, SIZE_MAX,
		    tk_buf_detach(&note));
	}
	b->n = kept;
	return 0;
}

/* Tell the sink which calls will come, so that it can look them up at once. */
static int
expect_all(struct put *p)
{
	const struct run *run = p->run;
	const struct batch *b = &p->parcel.batch;
	const char **id;
	size_t n = 0;
	int rc;

	if (run->sink->expect == NULL)
		return 0;
	id = tk_xcalloc(b->n + 1, sizeof(*id));
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].record.request_id != NULL)
			id[n++] = b->v[i].record.request_id;
	rc = run->sink->expect(run->to, id, n, &p->err);
	free(id);
	return rc;
}

static int
put_begun(struct put *p)
{
	const struct run *run = p->run;

	if (expect_all(p) < 0 || put_all(p) < 0 || retract_all(p) < 0) {
		run->sink->rollback(run->to);
		return -1;
	}
	return run->sink->commit(run->to, p->sync, &p->err);
}

static void
put_parcel(struct put *p)
{
	const struct run *run = p->run;
	int64_t began = 0;
	int rc = price_all(p);

	if (rc == 0)
		rc = run->sink->begin(run->to, &p->err);
	began = tk_steady_ms();
	if (rc == 0)
		rc = put_begun(p);
	p->took_ms = tk_steady_ms() - began;
	p->failed = rc < 0;
	parcel_reset(&p->parcel);
}

static void *
work(void *data)
{
	struct put *p = data;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->state != PUT_HANDED && !p->quit)
			pthread_cond_wait(&p->changed, &p->lock);
		if (p->state != PUT_HANDED)
			break;
		pthread_mutex_unlock(&p->lock);
		put_parcel(p);
		pthread_mutex_lock(&p->lock);
		p->state = PUT_FREE;
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With the lock. */
static bool
start(struct put *p)
{
	if (!p->started && tk_processors() > 1)
		p->started = tk_thread_start(&p->thread, work, p);
	return p->started;
}

/* Twice as many or half as many, by how long it took. */
static void
adapt(struct run *run, int64_t took_ms)
{
	if (took_ms > PUT_MS_MOST && run->limit > BATCH_LEAST)
		run->limit /= 2;
	else if (took_ms < PUT_MS_MOST / 3 && run->limit < BATCH_MOST)
		run->limit = BATCH_MOST;
}

/* With the lock: wait for what is on its way, and take what came of it. */
static int
settle(struct run *run)
{
	struct put *p = run->put;

	while (p->state != PUT_FREE)
		pthread_cond_wait(&p->changed, &p->lock);
	report_move(run->report, &p->report);
	if (p->took_ms >= 0)
		adapt(run, p->took_ms);
	p->took_ms = -1;
	if (!p->failed)
		return 0;
	*run->err = p->err;
	run->failed = true;
	return -1;
}

int
run_flush(struct run *run, enum ledger_sync sync)
{
	struct put *p = run->put;
	struct parcel empty;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = settle(run);
	if (rc < 0 ||
	    (run->next.batch.n == 0 && run->next.nmarks == 0 &&
		run->next.nretracts == 0))
		goto out;
	empty = p->parcel;
	p->parcel = run->next;
	run->next = empty;
	p->sync = sync;
	if (sync != LEDGER_DURABLE && start(p)) {
		p->state = PUT_HANDED;
		pthread_cond_broadcast(&p->changed);
		goto out;
	}
	p->state = PUT_TAKEN;
	pthread_mutex_unlock(&p->lock);
	put_parcel(p);
	pthread_mutex_lock(&p->lock);
	p->state = PUT_FREE;
	pthread_cond_broadcast(&p->changed);
	rc = settle(run);
out:
	pthread_mutex_unlock(&p->lock);
	return rc;
}

void
put_join(struct run *to, struct run *from)
{
	struct parcel *a = &to->next, *b = &from->next;

	batch_absorb(&a->batch, &b->batch);
	for (size_t i = 0; i < b->nmarks; i++)
		add_mark(a, &b->marks[i]);
	for (size_t i = 0; i < b->nretracts; i++)
		add_retract(a, b->retracts[i]);
	b->nmarks = b->nretracts = 0;
}

bool
put_is_due(struct run *run)
{
	struct put *p = run->put;
	size_t n = run->next.batch.n;
	bool due = n >= run->limit || run->next.nmarks >= MARKS_MOST;

	if (due || n < BATCH_LEAST || run->limit > BATCH_MOST)
		return due;
	pthread_mutex_lock(&p->lock);
	due = p->started && p->state == PUT_FREE;
	pthread_mutex_unlock(&p->lock);
	return due;
}

int
run_source(struct run *run, const struct importer *im, const char *path,
    struct ledger_source *s)
{
	struct put *p = run->put;
	int rc;

	if (run->known_all && known_find(&run->known, im, path) == NULL)
		return 0;
	pthread_mutex_lock(&p->lock);
	rc = settle(run);
	if (rc == 0)
		rc =
		    run->sink->source_get(run->to, im->name, path, s, run->err);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

void
put_init(struct run *run)
{
	struct put *p = tk_xcalloc(1, sizeof(*p));

	run->put = p;
	run->limit = BATCH_FIRST;
	p->run = run;
	p->took_ms = -1;
	report_init(&p->report);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
}

void
put_end(struct run *run)
{
	struct put *p = run->put;

	parcel_release(&run->next);
	if (run->first != NULL)
		return;
	if (p->started) {
		pthread_mutex_lock(&p->lock);
		p->quit = true;
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->lock);
		pthread_join(p->thread, NULL);
	}
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	parcel_release(&p->parcel);
	ingest_report_release(&p->report);
	free(p);
}
