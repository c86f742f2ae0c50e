#include "tally/tally.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/who.h"
#include "count/cut.h"
#include "tally/tally_int.h"

static void
slot_done(struct pool *p, size_t i)
{
	p->slot[i].done = true;
	pthread_cond_broadcast(&p->change);
}

/* Leave a file: nobody new may come, and the last one closes it.  The lock
 * of the pool is held, here and below. */
static void
leave_file(struct pool *p, struct file *f)
{
	struct file **at = &p->files;

	while (*at != NULL && *at != f)
		at = &(*at)->next;
	if (*at == f)
		*at = f->next;
	if (--f->users > 0)
		return;
	slot_done(p, f->input);
	tally_file_free(f);
}

static void
help_with(struct worker *w, struct file *f)
{
	f->users++;
	pthread_mutex_unlock(&w->p->lock);
	tally_share_file(w, f);
	pthread_mutex_lock(&w->p->lock);
	leave_file(w->p, f);
}

static void
begin_input(struct worker *w, size_t i)
{
	struct pool *p = w->p;
	struct tk_err *err = tally_err_new();
	bool large = false;
	int fd;

	p->opening++;
	pthread_mutex_unlock(&p->lock);
	fd = tally_open(&p->in[i], err);
	if (fd >= 0)
		large = tally_is_large(p, fd);
	pthread_mutex_lock(&p->lock);
	p->opening--;
	pthread_cond_broadcast(&p->change);
	if (large) {
		struct file *f = tally_file_new(i, fd);

		f->next = p->files;
		p->files = f;
		free(err);
		help_with(w, f);
		return;
	}
	pthread_mutex_unlock(&p->lock);
	if (fd < 0 || tally_count_whole(w, i, fd, err) < 0)
		tally_slot_fail(&p->slot[i], 0, err);
	else
		free(err);
	if (fd >= 0)
		tally_close(fd);
	pthread_mutex_lock(&p->lock);
	slot_done(p, i);
}

static void *
work(void *w_)
{
	struct worker *w = w_;
	struct pool *p = w->p;

	pthread_mutex_lock(&p->lock);
	p->begun++;
	pthread_cond_broadcast(&p->change);
	while (!p->stop) {
		if (p->files != NULL)
			help_with(w, p->files);
		else if (p->next < p->n)
			begin_input(w, p->next++);
		else if (p->opening > 0)
			pthread_cond_wait(&p->change, &p->lock);
		else
			break;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int
give(struct pool *p, size_t i, tally_fn *fn, void *data)
{
	struct slot *s = &p->slot[i];
	int rc;

	s->r.tokens = s->tokens;
	s->r.err = s->err;
	rc = fn(i, &s->r, data);
	free(s->err);
	s->err = NULL;
	return rc;
}

static int
give_all(struct pool *p, tally_fn *fn, void *data)
{
	int rc = 0;

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		pthread_mutex_lock(&p->lock);
		while (!p->slot[i].done)
			pthread_cond_wait(&p->change, &p->lock);
		pthread_mutex_unlock(&p->lock);
		rc = give(p, i, fn, data);
	}
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

/* A thread that was just made may wait for this one's processor, so this one
 * sleeps until it runs, and then gets another. */
static void
wait_begun(struct pool *p, int threads)
{
	pthread_mutex_lock(&p->lock);
	while (p->begun < threads)
		pthread_cond_wait(&p->change, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/*
 * What they need is there before the first begins: the memory that streams
 * take depends on how many there are.  The calling thread is one of them when
 * there is nothing to give before the end.
 */
static int
run_threads(struct pool *p, int threads, tally_fn *fn, void *data)
{
	pthread_t *id = tk_xcalloc((size_t)threads, sizeof(*id));
	struct worker *w = tk_xcalloc((size_t)threads, sizeof(*w));
	int own = p->n == 1 ? 1 : 0, made = 0, rc;

	p->threads = threads;
	for (int i = 0; i < threads; i++)
		tally_worker_init(&w[i], p);
	while (made < threads - own &&
	    pthread_create(&id[made], NULL, work, &w[own + made]) == 0)
		made++;
	if (own > 0)
		wait_begun(p, made);
	if (own > 0 || made == 0)
		work(&w[0]);
	rc = give_all(p, fn, data);
	while (made > 0)
		pthread_join(id[--made], NULL);
	for (int i = 0; i < threads; i++)
		tally_worker_release(&w[i]);
	free(w);
	free(id);
	return rc;
}

static int
run_alone(struct pool *p, tally_fn *fn, void *data)
{
	struct worker w;
	int rc = 0;

	tally_worker_init(&w, p);
	for (size_t i = 0; i < p->n && rc == 0; i++) {
		struct tk_err *err = tally_err_new();
		int fd = tally_open(&p->in[i], err);

		if (fd < 0 || tally_count_whole(&w, i, fd, err) < 0)
			tally_slot_fail(&p->slot[i], 0, err);
		else
			free(err);
		if (fd >= 0)
			tally_close(fd);
		rc = give(p, i, fn, data);
	}
	tally_worker_release(&w);
	return rc;
}

/* Whether there is so much to read; what a pipe holds nobody knows. */
static bool
is_worth(const struct pool *p)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < p->n && bytes < LARGE; i++) {
		struct stat st;
		const char *path = p->in[i].path;

		if ((path != NULL ? stat(path, &st)
				  : fstat(STDIN_FILENO, &st)) < 0)
			continue;
		bytes += S_ISREG(st.st_mode) ? st.st_size : 0;
	}
	return bytes >= LARGE;
}

static bool
can_cut_all(const struct tally *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!count_can_cut(t->e[i], t->count_flags))
			return false;
	return true;
}

int
tally_run(const struct tally *t, const struct tally_input *in, size_t n,
    tally_fn *fn, void *data)
{
	struct pool p = { .t = t, .in = in, .n = n };
	int threads = t->threads, rc;
	int64_t *tokens = tk_xcalloc(n * t->n + 1, sizeof(*tokens));

	p.slot = tk_xcalloc(n + 1, sizeof(*p.slot));
	for (size_t i = 0; i < n; i++)
		p.slot[i].tokens = tokens + i * t->n;
	if (threads == 0)
		threads = is_worth(&p) ? tk_processors() : 1;
	p.can_cut = threads > 1 && can_cut_all(t);
	if (threads > 1 && (n > 1 || p.can_cut)) {
		pthread_mutex_init(&p.lock, NULL);
		pthread_cond_init(&p.change, NULL);
		rc = run_threads(&p, threads, fn, data);
		pthread_cond_destroy(&p.change);
		pthread_mutex_destroy(&p.lock);
	} else {
		rc = run_alone(&p, fn, data);
	}
	for (size_t i = 0; i < n; i++)
		free(p.slot[i].err);
	free(p.slot);
	free(tokens);
	return rc;
}
