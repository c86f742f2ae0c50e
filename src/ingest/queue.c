#include "ingest/queue.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ingest/put.h"

enum {
	WORTH_A_THREAD = 8 * 1024 * 1024, /* bytes */
	SHARE = 32,                       /* of all, that is taken at once */
	SHARE_MOST = 16 * 1024 * 1024,    /* bytes */
};
#define BATCH_ALL (SIZE_MAX / 2)

struct queue {
	const struct walk_file *const *v;
	size_t n;
	int64_t share; /* bytes: to take so much at once */
	pthread_mutex_t lock;
	size_t taken;     /* behind the lock */
	atomic_bool stop; /* a reader failed */
};

/*
 * --strict: what can be read only once was not tried before, so of that
 * nothing is put until all of it was read.
 */
static void
set_limit(struct run *run, const struct walk_file *f)
{
	if ((run->options->flags & INGEST_STRICT) && f->once)
		run->limit = BATCH_ALL;
	else if (run->limit == BATCH_ALL)
		run->limit = BATCH_FIRST;
}

static int
read_file(struct run *run, struct queue *q, size_t i)
{
	const struct walk_file *f = q->v[i];
	int64_t before = run->progress.bytes;

	set_limit(run, f);
	/* flushed before more is added and not after it, so that
	 * something is left for the last, durable commit */
	if (put_is_due(run) && run_flush(run, LEDGER_RELAXED) < 0)
		return -1;
	run->progress.file = i + 1;
	run->progress.path = f->path;
	if (run_file(run, f) < 0)
		return -1;
	run->progress.bytes = before + f->size;
	if (run->first != NULL)
		run->first->elsewhere += f->size;
	run_tell_progress(run);
	return 0;
}

/* The next ones: from *from up to what is returned. */
static size_t
take(struct queue *q, size_t *from)
{
	int64_t bytes = 0;
	size_t to;

	pthread_mutex_lock(&q->lock);
	*from = to = q->taken;
	while (to < q->n && bytes <= q->share)
		bytes += q->v[to++]->size;
	q->taken = to;
	pthread_mutex_unlock(&q->lock);
	return to;
}

static int
read_all(struct run *run, struct queue *q)
{
	size_t i, to;
	int rc = 0;

	while (rc == 0 && (to = take(q, &i)) > i)
		for (; rc == 0 && i < to; i++) {
			if (q->stop || run_stopped(run))
				return 0;
			rc = read_file(run, q, i);
			if (rc < 0 || run->failed)
				q->stop = true;
		}
	return rc;
}

/* The second reader. */
struct second {
	struct run run;
	struct queue *queue;
	struct ingest_report report;
	struct tk_err err;
	int rc;
	pthread_t thread;
};

static void *
work(void *data)
{
	struct second *s = data;

	s->rc = read_all(&s->run, s->queue);
	return NULL;
}

static bool
is_worth_it(const struct run *run, const struct queue *q)
{
	const struct ingest_options *o = run->options;

	return q->share >= WORTH_A_THREAD / SHARE && o->sight == NULL &&
	    !(o->flags & INGEST_STRICT) && tk_processors() > 1;
}

static struct second *
second_begin(struct run *run, struct queue *q)
{
	struct second *s;

	if (!is_worth_it(run, q))
		return NULL;
	s = tk_xcalloc(1, sizeof(*s));
	s->queue = q;
	report_init(&s->report);
	run_init_second(&s->run, run, &s->report, &s->err);
	if (tk_thread_start(&s->thread, work, s))
		return s;
	run_release(&s->run);
	ingest_report_release(&s->report);
	free(s);
	return NULL;
}

/* What it has left becomes the first one's, for the last, durable commit. */
static int
take_over(struct run *run, struct second *s)
{
	if (s->rc < 0 || s->run.failed)
		return -1;
	if (run->next.batch.n + s->run.next.batch.n > run->limit)
		return run_flush(&s->run, LEDGER_RELAXED);
	put_join(run, &s->run);
	return 0;
}

static int
second_end(struct second *s, struct run *run, int rc)
{
	if (s == NULL)
		return rc;
	pthread_join(s->thread, NULL);
	run->news = run->news || s->run.news;
	if (rc == 0 && !run->failed && take_over(run, s) < 0) {
		*run->err = s->err;
		run->failed = true;
		rc = -1;
	}
	run_release(&s->run);
	report_move(run->report, &s->report);
	ingest_report_release(&s->report);
	free(s);
	return rc;
}

int
queue_read(struct run *run, const struct walk_file *const *v, size_t n)
{
	struct queue q = { .v = v, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct second *second;

	for (size_t i = 0; i < n; i++)
		q.share += v[i]->once ? 0 : v[i]->size / SHARE;
	if (q.share > SHARE_MOST)
		q.share = SHARE_MOST;
	second = second_begin(run, &q);
	return second_end(second, run, read_all(run, &q));
}
