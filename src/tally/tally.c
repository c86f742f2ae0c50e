#include "tally/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/who.h"
#include "count/cut.h"

/* What is read at once, and what is worth a second thread. */
enum { PART = 128 << 10, LARGE = 4 * PART, WORTH = 1 << 20 };

/* As git has it: what has a NUL among its first bytes is no text. */
enum { BINARY_BYTES = 8000 };

/* What becomes of one input. */
struct slot {
	struct tally_result r;
	int64_t *tokens;
	struct tk_err *err; /* made when something fails */
	int64_t err_part;   /* of the failure that stands, the first */
	bool done;
};

/* A large input that several threads read and count. */
struct file {
	struct file *next;    /* of pool->files */
	pthread_mutex_t lock; /* of what is read */
	size_t input;
	int fd;
	int64_t parts;
	uint8_t *carry; /* what was read behind the last cut */
	size_t carried;
	bool ended;
	int users; /* threads at work; pool->lock */
};

struct pool {
	const struct tally *t;
	const struct tally_input *in;
	struct slot *slot;
	size_t n, next;
	bool can_cut, stop;
	int opening; /* inputs of which the size is not known yet */
	struct file *files;
	pthread_mutex_t lock;
	pthread_cond_t change;
};

/* What a thread needs to count. */
struct worker {
	struct pool *p;
	struct count_stream **s;
	uint8_t *buf; /* 2 * PART */
	struct content content;
	int64_t bytes;
};

static void
worker_init(struct worker *w, struct pool *p)
{
	*w = (struct worker){ .p = p };
	w->s = tk_xcalloc(p->t->n, sizeof(*w->s));
	for (size_t i = 0; i < p->t->n; i++)
		w->s[i] = count_stream_new(p->t->e[i], p->t->count_flags);
	w->buf = tk_xreallocarray(NULL, 2, PART);
}

static void
worker_release(struct worker *w)
{
	for (size_t i = 0; i < w->p->t->n; i++)
		count_stream_free(w->s[i]);
	free(w->s);
	free(w->buf);
}

static const char *
name_of(const struct tally_input *in)
{
	return in->path != NULL ? in->path : "standard input";
}

static struct tk_err *
err_new(void)
{
	return tk_xcalloc(1, sizeof(struct tk_err));
}

/* The failure of the first part is the one that stands. */
static void
slot_fail(struct slot *s, int64_t part, struct tk_err *err)
{
	if (s->err != NULL && s->err_part <= part) {
		free(err);
		return;
	}
	free(s->err);
	s->err = err;
	s->err_part = part;
}

static int
open_input(const struct tally_input *in, struct tk_err *err)
{
	int fd = in->path == NULL ? STDIN_FILENO
				  : open(in->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tk_fail_errno(err, "%s", in->path);
	return fd;
}

static void
close_input(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

/* Fill the buffer up to n bytes; fewer are the end.  -1: an error. */
static ssize_t
read_full(int fd, uint8_t *to, size_t n, const char *name, struct tk_err *err)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = read(fd, to + have, n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tk_fail_errno(err, "%s", name);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static int
worker_add(struct worker *w, size_t n, const char *name, struct tk_err *err)
{
	if (w->p->t->flags & TALLY_SAMPLE)
		content_add(&w->content, w->buf, n);
	w->bytes += (int64_t)n;
	for (size_t i = 0; i < w->p->t->n; i++)
		if (count_stream_add(w->s[i], w->buf, n, err) < 0)
			return tk_wrap(err, "%s", name);
	return 0;
}

/* The end of a part: its sums go to the input's. */
static int
worker_end(struct worker *w, struct slot *s, struct tk_err *err)
{
	for (size_t i = 0; i < w->p->t->n; i++) {
		int64_t tokens;

		if (count_stream_end(w->s[i], &tokens, err) < 0)
			return -1;
		s->tokens[i] += tokens;
	}
	content_sum(&s->r.content, &w->content);
	s->r.bytes += w->bytes;
	return 0;
}

static void
worker_reset(struct worker *w)
{
	for (size_t i = 0; i < w->p->t->n; i++)
		count_stream_reset(w->s[i]);
	w->content = (struct content){ 0 };
	w->bytes = 0;
}

static bool
is_binary(const struct tally_input *in, const uint8_t *p, size_t n)
{
	return in->found &&
	    memchr(p, 0, n < BINARY_BYTES ? n : BINARY_BYTES) != NULL;
}

/* Count an input from beginning to end; nobody else looks at its slot. */
static int
count_whole(struct worker *w, size_t i, int fd, struct tk_err *err)
{
	const struct tally_input *in = &w->p->in[i];
	ssize_t n;

	worker_reset(w);
	do {
		n = read_full(fd, w->buf, PART, name_of(in), err);
		if (n < 0)
			return -1;
		if (w->bytes == 0 && is_binary(in, w->buf, (size_t)n)) {
			w->p->slot[i].r.binary = true;
			return 0;
		}
		if (worker_add(w, (size_t)n, name_of(in), err) < 0)
			return -1;
	} while (n == PART);
	return worker_end(w, &w->p->slot[i], err);
}

/*
 * Take the next part of a file: up to a cut, or more when there is none; all
 * but the last piece of it is added to the streams already.  Returns 1: *n
 * bytes of the buffer are still to be added; 0: there was no more.
 */
static int
take_part(struct worker *w, struct file *f, size_t *n, struct tk_err *err)
{
	const struct pool *p = w->p;
	const struct tally_input *in = &p->in[f->input];

	while (!f->ended) {
		size_t have = f->carried, cut = 0;
		ssize_t got;

		memcpy(w->buf, f->carry, have);
		got = read_full(f->fd, w->buf + have, PART, name_of(in), err);
		if (got < 0)
			return -1;
		f->carried = 0;
		*n = have + (size_t)got;
		f->ended = got < PART;
		if (f->parts == 0 && w->bytes == 0 &&
		    is_binary(in, w->buf, *n)) {
			p->slot[f->input].r.binary = true;
			f->ended = true;
			return 0;
		}
		if (f->ended)
			return 1;
		cut = count_cut(p->t->e, p->t->n, w->buf, *n);
		if (cut > 0 && *n - cut <= PART) {
			f->carried = *n - cut;
			memcpy(f->carry, w->buf + cut, f->carried);
			*n = cut;
			return 1;
		}
		if (worker_add(w, *n, name_of(in), err) < 0)
			return -1;
	}
	return 0;
}

/* Count parts of a file until there are no more. */
static void
share_file(struct worker *w, struct file *f)
{
	struct pool *p = w->p;
	struct slot *s = &p->slot[f->input];
	const char *name = name_of(&p->in[f->input]);

	for (;;) {
		struct tk_err *err = err_new();
		int64_t part;
		bool stop;
		size_t n;
		int got;

		worker_reset(w);
		pthread_mutex_lock(&f->lock);
		got = take_part(w, f, &n, err);
		part = f->parts++;
		if (got < 0)
			f->ended = true;
		pthread_mutex_unlock(&f->lock);
		if (got > 0 && worker_add(w, n, name, err) < 0)
			got = -1;
		pthread_mutex_lock(&p->lock);
		if (got > 0 && worker_end(w, s, err) < 0)
			got = -1;
		if (got < 0)
			slot_fail(s, part, err);
		else
			free(err);
		stop = p->stop;
		pthread_mutex_unlock(&p->lock);
		if (got <= 0 || stop)
			return;
	}
}

static bool
is_large(const struct pool *p, int fd)
{
	struct stat st;

	return p->can_cut && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode) &&
	    (!S_ISREG(st.st_mode) || st.st_size >= LARGE);
}

static struct file *
file_new(size_t input, int fd)
{
	struct file *f = tk_xcalloc(1, sizeof(*f));

	f->input = input;
	f->fd = fd;
	f->carry = tk_xreallocarray(NULL, PART, 1);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

static void
file_free(struct file *f)
{
	close_input(f->fd);
	pthread_mutex_destroy(&f->lock);
	free(f->carry);
	free(f);
}

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
	file_free(f);
}

static void
help_with(struct worker *w, struct file *f)
{
	f->users++;
	pthread_mutex_unlock(&w->p->lock);
	share_file(w, f);
	pthread_mutex_lock(&w->p->lock);
	leave_file(w->p, f);
}

static void
begin_input(struct worker *w, size_t i)
{
	struct pool *p = w->p;
	struct tk_err *err = err_new();
	bool large = false;
	int fd;

	p->opening++;
	pthread_mutex_unlock(&p->lock);
	fd = open_input(&p->in[i], err);
	if (fd >= 0)
		large = is_large(p, fd);
	pthread_mutex_lock(&p->lock);
	p->opening--;
	pthread_cond_broadcast(&p->change);
	if (large) {
		struct file *f = file_new(i, fd);

		f->next = p->files;
		p->files = f;
		free(err);
		help_with(w, f);
		return;
	}
	pthread_mutex_unlock(&p->lock);
	if (fd < 0 || count_whole(w, i, fd, err) < 0)
		slot_fail(&p->slot[i], 0, err);
	else
		free(err);
	if (fd >= 0)
		close_input(fd);
	pthread_mutex_lock(&p->lock);
	slot_done(p, i);
}

static void *
work(void *w_)
{
	struct worker *w = w_;
	struct pool *p = w->p;

	pthread_mutex_lock(&p->lock);
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

/* What they need is there before the first begins: the memory that streams
 * take depends on how many there are. */
static int
run_threads(struct pool *p, int threads, tally_fn *fn, void *data)
{
	pthread_t *id = tk_xcalloc((size_t)threads, sizeof(*id));
	struct worker *w = tk_xcalloc((size_t)threads, sizeof(*w));
	int made = 0, rc;

	for (int i = 0; i < threads; i++)
		worker_init(&w[i], p);
	while (made < threads &&
	    pthread_create(&id[made], NULL, work, &w[made]) == 0)
		made++;
	if (made == 0)
		work(&w[0]);
	rc = give_all(p, fn, data);
	while (made > 0)
		pthread_join(id[--made], NULL);
	for (int i = 0; i < threads; i++)
		worker_release(&w[i]);
	free(w);
	free(id);
	return rc;
}

static int
run_alone(struct pool *p, tally_fn *fn, void *data)
{
	struct worker w;
	int rc = 0;

	worker_init(&w, p);
	for (size_t i = 0; i < p->n && rc == 0; i++) {
		struct tk_err *err = err_new();
		int fd = open_input(&p->in[i], err);

		if (fd < 0 || count_whole(&w, i, fd, err) < 0)
			slot_fail(&p->slot[i], 0, err);
		else
			free(err);
		if (fd >= 0)
			close_input(fd);
		rc = give(p, i, fn, data);
	}
	worker_release(&w);
	return rc;
}

/* Whether there is a megabyte to read; what a pipe holds nobody knows. */
static bool
is_worth(const struct pool *p)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < p->n && bytes < WORTH; i++) {
		struct stat st;
		const char *path = p->in[i].path;

		if ((path != NULL ? stat(path, &st)
				  : fstat(STDIN_FILENO, &st)) < 0)
			continue;
		bytes += S_ISREG(st.st_mode) ? st.st_size : 0;
	}
	return bytes >= WORTH;
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
