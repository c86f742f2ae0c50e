/* Rows from several files, merged: see stream.h. */
#include "report/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/who.h"
#include "ledger/names.h"
#include "report/latency.h"
#include "report/order.h"
#include "report/rows_file.h"
#include "report/spill.h"

/* A part, and its first row that was not taken. */
struct run {
	struct rows_file file;
	struct group group;
	struct report_row row; /* its names, if they decide */
	uint64_t prefix;       /* of its place */
	struct order_place at;
};

/*
 * Where there are two processors, a thread merges ahead, some rows at a time.
 * It looks at ranks, which do not change, and at no other names.
 */
enum { ROWS = 256, BATCHES = 4 };

struct batch {
	struct report_row row[ROWS];
	size_t n;
	int rc; /* behind these: 1: more may come; 0; -1 */
};

struct ahead {
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t change;
	unsigned made, used; /* so many batches */
	bool over;
	/* each of which is one thread's at a time */
	struct batch batch[BATCHES];
	struct tk_err err;
};

struct stream {
	struct report *r;
	struct report_query q;
	struct order_ranks ranks;
	struct ledger *l;
	struct run run[SPILL_PARTS];
	/* A heap of those that have rows left, the first in order on top. */
	size_t heap[SPILL_PARTS];
	size_t left;
	bool begun;
	struct report_row taken, *latest;
	struct ahead *ahead; /* NULL: no thread */
	size_t at;           /* in its oldest batch */
};

static void
free_ahead(struct ahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->over = true;
	pthread_cond_signal(&a->change);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	for (size_t i = 0; i < BATCHES; i++)
		for (size_t k = 0; k < a->batch[i].n; k++)
			latency_free(a->batch[i].row[k].latency);
	free(a);
}

struct stream *
stream_new(struct report *r, const struct report_query *q,
    const struct order_ranks *ranks, struct ledger *l)
{
	struct stream *s = tk_xcalloc(1, sizeof(*s));

	s->r = r;
	s->q = *q;
	s->ranks = *ranks;
	s->l = l;
	return s;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	free_ahead(s->ahead);
	for (size_t i = 0; i < SPILL_PARTS; i++) {
		rows_file_close(&s->run[i].file);
		group_release(&s->run[i].group);
		latency_free(s->run[i].group.latency);
	}
	latency_free(s->taken.latency);
	free(s);
}

int
stream_file(struct stream *s, size_t part, struct rows_file **f,
    struct tk_err *err)
{
	*f = &s->run[part].file;
	if (rows_file_open(*f) < 0)
		return tk_fail_errno(err, "cannot keep the rows in a file");
	return 0;
}

static int
name_row(struct stream *s, struct report_row *row, struct tk_err *err)
{
	return order_name_row(s->r, row, &s->q, ledger_names(s->l), err);
}

/* The next row of a run, with its names if they decide. */
static int
read_row(struct stream *s, struct run *run, struct tk_err *err)
{
	const struct group *g = &run->group;
	int more = rows_file_get(&run->file, &run->group, err);

	if (more <= 0)
		return more;
	if (s->ranks.texts) {
		memcpy(run->row.key, g->key, sizeof(g->key));
		if (name_row(s, &run->row, err) < 0)
			return -1;
	}
	order_find_place(&s->q, &s->ranks, order_group_amount(g, &s->q), g->key,
	    &run->at);
	run->prefix = order_prefix(&s->q, &s->ranks, &run->at);
	return 1;
}

static bool
is_before(struct stream *s, size_t a, size_t b)
{
	struct run *x = &s->run[a], *y = &s->run[b];

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix;
	return order_compare(&s->q, &s->ranks, &x->at, &x->row, &y->at,
		   &y->row) < 0;
}

/* The run on top has another row than before. */
static void
sink(struct stream *s, size_t i)
{
	for (;;) {
		size_t first = i, moved = s->heap[i];

		for (size_t c = 2 * i + 1; c < 2 * i + 3 && c < s->left; c++)
			if (is_before(s, s->heap[c], s->heap[first]))
				first = c;
		if (first == i)
			return;
		s->heap[i] = s->heap[first];
		s->heap[first] = moved;
		i = first;
	}
}

static int
begin(struct stream *s, struct tk_err *err)
{
	s->begun = true;
	for (size_t i = 0; i < SPILL_PARTS; i++) {
		int more = read_row(s, &s->run[i], err);

		if (more < 0)
			return -1;
		if (more > 0)
			s->heap[s->left++] = i;
	}
	for (size_t i = s->left / 2; i-- > 0;)
		sink(s, i);
	return 0;
}

/* The next row in order: 1; 0: no more; -1. */
static int
merge(struct stream *s, struct report_row *row, struct tk_err *err)
{
	struct run *run;
	int more;

	if (s->left == 0)
		return 0;
	run = &s->run[s->heap[0]];
	group_row(&run->group, row);
	memcpy(row->name, run->row.name, sizeof(row->name));
	group_release(&run->group);
	run->group.latency = NULL;
	more = read_row(s, run, err);
	if (more < 0) {
		latency_free(row->latency);
		return -1;
	}
	if (more == 0)
		s->heap[0] = s->heap[--s->left];
	sink(s, 0);
	return 1;
}

static void
fill(struct stream *s, struct batch *b, struct tk_err *err)
{
	b->rc = 1;
	for (b->n = 0; b->n < ROWS; b->n++) {
		b->rc = merge(s, &b->row[b->n], err);
		if (b->rc <= 0)
			return;
	}
}

static void *
merge_ahead(void *data)
{
	struct stream *s = data;
	struct ahead *a = s->ahead;
	int rc = 1;

	pthread_mutex_lock(&a->lock);
	while (!a->over && rc > 0) {
		struct batch *b = &a->batch[a->made % BATCHES];

		if (a->made - a->used == BATCHES) {
			pthread_cond_wait(&a->change, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		fill(s, b, &a->err);
		rc = b->rc;
		pthread_mutex_lock(&a->lock);
		a->made++;
		pthread_cond_signal(&a->change);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
start_ahead(struct stream *s)
{
	struct ahead *a = tk_xcalloc(1, sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->change, NULL);
	s->ahead = a;
	if (pthread_create(&a->thread, NULL, merge_ahead, s) == 0)
		return;
	s->ahead = NULL;
	free(a);
}

/* The oldest batch was used up: on to the next. */
static void
turn_over(struct stream *s, bool used)
{
	struct ahead *a = s->ahead;

	pthread_mutex_lock(&a->lock);
	if (used) {
		a->used++;
		pthread_cond_signal(&a->change);
	}
	while (a->made == a->used)
		pthread_cond_wait(&a->change, &a->lock);
	pthread_mutex_unlock(&a->lock);
	s->at = 0;
}

/* The names of rows that come soon, which are far apart in memory. */
static void
expect_names(const struct stream *s, const struct batch *b)
{
	static const size_t
	    rows[] = { [NAMES_LATER] = 12, [NAMES_SOON] = 8, [NAMES_NEXT] = 4 };

	for (int soon = NAMES_LATER; soon <= NAMES_NEXT; soon++) {
		size_t i = s->at + rows[soon];

		for (size_t d = 0; i < b->n && d < s->q.dims; d++)
			if (s->q.dim[d] < DIM_NAMES)
				names_expect(ledger_names(s->l),
				    (uint32_t)b->row[i].key[d],
				    (enum names_soon)soon);
	}
}

static int
next_ahead(struct stream *s, const struct report_row **row, struct tk_err *err)
{
	struct ahead *a = s->ahead;
	struct batch *b = &a->batch[a->used % BATCHES];

	if (s->at > 0) {
		latency_free(b->row[s->at - 1].latency);
		b->row[s->at - 1].latency = NULL;
	}
	if (s->at == b->n) {
		if (b->rc < 0)
			*err = a->err;
		if (b->rc <= 0)
			return b->rc;
		turn_over(s, true);
		b = &a->batch[a->used % BATCHES];
		if (b->n == 0)
			return next_ahead(s, row, err);
	}
	if (!s->r->bare)
		expect_names(s, b);
	*row = s->latest = &b->row[s->at++];
	return 1;
}

static int
next_merged(struct stream *s, const struct report_row **row, struct tk_err *err)
{
	int more;

	latency_free(s->taken.latency);
	s->taken.latency = NULL;
	more = merge(s, &s->taken, err);
	if (more <= 0)
		s->taken.latency = NULL;
	*row = s->latest = &s->taken;
	return more;
}

static int
start(struct stream *s, struct tk_err *err)
{
	if (begin(s, err) < 0)
		return -1;
	if (s->ranks.texts || tk_processors() < 2)
		return 0;
	start_ahead(s);
	if (s->ahead != NULL)
		turn_over(s, false);
	return 0;
}

int
stream_next(struct stream *s, const struct report_row **row, struct tk_err *err)
{
	int more;

	if (!s->begun && start(s, err) < 0)
		return -1;
	more = s->ahead != NULL ? next_ahead(s, row, err)
				: next_merged(s, row, err);
	if (more > 0 && !s->r->bare && stream_name(s, err) < 0)
		return -1;
	return more;
}

int
stream_name(struct stream *s, struct tk_err *err)
{
	return s->ranks.texts ? 0 : name_row(s, s->latest, err);
}
