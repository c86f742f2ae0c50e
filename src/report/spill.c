/* Groups in files: see spill.h. */
#include "report/spill.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/who.h"
#include "report/latency.h"
#include "report/rows_file.h"

size_t spill_most = 1 << 17;

struct spill {
	struct rows_file part[SPILL_PARTS];
	size_t rows;
};

void
spill_free(struct spill *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SPILL_PARTS; i++)
		rows_file_close(&s->part[i]);
	free(s);
}

static struct spill *
spill_new(void)
{
	struct spill *s = tk_xcalloc(1, sizeof(*s));

	for (size_t i = 0; i < SPILL_PARTS; i++)
		if (rows_file_open(&s->part[i]) < 0) {
			spill_free(s);
			return NULL;
		}
	return s;
}

static void
put_all(struct spill *s, struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		size_t part = group_hash(g, &g->group[i]) >> 58;

		_Static_assert(SPILL_PARTS == 1 << (64 - 58), "parts");
		rows_file_put(&s->part[part], &g->group[i]);
	}
	s->rows += g->n;
	groups_empty(g);
}

size_t
spill_rows(const struct groups *g)
{
	return g->n + (g->spill == NULL ? 0 : g->spill->rows) +
	    (g->joined == NULL ? 0 : g->joined->rows);
}

void
spill_groups(struct groups *g)
{
	if (g->spill == NULL && !g->stays) {
		g->spill = spill_new();
		g->stays = g->spill == NULL;
	}
	if (g->spill != NULL)
		put_all(g->spill, g);
}

void
spill_both(struct groups *g, struct groups *more)
{
	if (g->spill == NULL) {
		g->spill = more->spill;
		more->spill = NULL;
	}
	put_all(g->spill, g);
	put_all(g->spill, more);
	g->joined = more->spill;
	more->spill = NULL;
}

/* Nearly all have sums of 64 bits and no latency. */
static void
add_group(struct groups *g, struct arrivals *a, struct group *from)
{
	if (from->carry != NULL || from->latency != NULL) {
		groups_add_group(g, from);
		return;
	}
	for (size_t d = 0; d < g->dims; d++)
		a->own_key[d][a->n] = from->key[d];
	for (int i = 0; i < SUMS; i++)
		a->own[i][a->n] = from->v[i];
	a->own[SUMS][a->n] = from->first;
	a->own[SUMS + 1][a->n] = from->last;
	arrivals_add(a, g);
}

static int
read_part(struct groups *g, struct arrivals *a, struct spill *s, size_t part,
    struct tk_err *err)
{
	struct rows_file *f = &s->part[part];
	struct group group;
	int more;

	if (rows_file_turn(f, err) < 0)
		return -1;
	while ((more = rows_file_get(f, &group, err)) > 0)
		add_group(g, a, &group);
	arrivals_flush(a, g);
	rows_file_close(f);
	return more;
}

/* What two threads share. */
struct parts {
	struct spill *spill, *joined;
	const struct spill_fns *fn;
	void *data;
	pthread_mutex_t lock; /* for what follows, and for take() */
	size_t next;
	bool failed;
	struct tk_err *err;
};

struct worker {
	struct parts *p;
	struct groups *g;
	struct arrivals *a;
};

static size_t
next_part(struct parts *p)
{
	size_t part;

	pthread_mutex_lock(&p->lock);
	part = p->failed ? SPILL_PARTS : p->next++;
	pthread_mutex_unlock(&p->lock);
	return part;
}

static void *
work(void *data)
{
	struct worker *w = data;
	struct parts *p = w->p;
	size_t part;

	w->a = tk_xcalloc(1, sizeof(*w->a));
	arrivals_init(w->a);
	while ((part = next_part(p)) < SPILL_PARTS) {
		struct tk_err err = TK_ERR_INIT;
		int rc;

		groups_empty(w->g);
		rc = p->spill == NULL
		    ? 0
		    : read_part(w->g, w->a, p->spill, part, &err);
		if (rc == 0 && p->joined != NULL)
			rc = read_part(w->g, w->a, p->joined, part, &err);
		if (rc == 0)
			rc = p->fn->prepare(w->g, part, p->data, &err);
		pthread_mutex_lock(&p->lock);
		if (rc == 0 && !p->failed)
			rc = p->fn->take(w->g, part, p->data, &err);
		if (rc < 0 && !p->failed)
			*p->err = err;
		p->failed |= rc < 0;
		pthread_mutex_unlock(&p->lock);
	}
	free(w->a);
	return NULL;
}

int
spill_each_part(struct groups *g, const struct spill_fns *fn, void *data,
    struct tk_err *err)
{
	struct groups second;
	struct parts p = { .fn = fn,
		.data = data,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.err = err };
	struct worker one = { .p = &p, .g = g };
	struct worker two = { .p = &p, .g = &second };
	pthread_t thread;
	bool helped;

	spill_groups(g);
	p.spill = g->spill;
	p.joined = g->joined;
	groups_init(&second, g->dims);
	second.stays = g->stays = true;
	helped = tk_processors() > 1 &&
	    pthread_create(&thread, NULL, work, &two) == 0;
	work(&one);
	if (helped)
		pthread_join(thread, NULL);
	groups_release(&second);
	return p.failed ? -1 : 0;
}
