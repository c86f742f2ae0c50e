/* A large input, of which several threads count parts. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "count/cut.h"
#include "tally/tally_int.h"

/*
 * How much to read next.  Parts become smaller towards the end, so that no
 * thread counts much longer than the others.
 */
static size_t
part_size(const struct worker *w, const struct file *f)
{
	int64_t n = f->left / (2 * w->p->threads);

	return n > PART ? PART : n < LEAST_PART ? LEAST_PART : (size_t)n;
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
	struct tally_result *r = &p->slot[f->input].r;

	while (!f->ended) {
		size_t have = f->carried, cut = 0, size = part_size(w, f);
		ssize_t got;

		memcpy(w->buf, f->carry, have);
		got = tally_read(f->fd, w->buf + have, size, tally_name_of(in),
		    err);
		if (got < 0)
			return -1;
		f->carried = 0;
		f->left -= f->left < INT64_MAX ? got : 0;
		*n = have + (size_t)got;
		f->ended = (size_t)got < size;
		if (f->parts == 0 && w->bytes == 0)
			tally_look(in, w->buf, *n, r);
		if (r->binary) {
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
		if (tally_worker_add(w, *n, tally_name_of(in), err) < 0)
			return -1;
	}
	return 0;
}

void
tally_share_file(struct worker *w, struct file *f)
{
	struct pool *p = w->p;
	struct slot *s = &p->slot[f->input];
	const char *name = tally_name_of(&p->in[f->input]);

	for (;;) {
		struct tk_err *err = tally_err_new();
		int64_t part;
		bool stop;
		size_t n;
		int got;

		tally_worker_reset(w);
		pthread_mutex_lock(&f->lock);
		got = take_part(w, f, &n, err);
		part = f->parts++;
		if (got < 0)
			f->ended = true;
		pthread_mutex_unlock(&f->lock);
		if (got > 0 && tally_worker_add(w, n, name, err) < 0)
			got = -1;
		pthread_mutex_lock(&p->lock);
		if (got > 0 && tally_worker_end(w, s, err) < 0)
			got = -1;
		if (got < 0)
			tally_slot_fail(s, part, err);
		else
			free(err);
		stop = p->stop;
		pthread_mutex_unlock(&p->lock);
		if (got <= 0 || stop)
			return;
	}
}

bool
tally_is_large(const struct pool *p, int fd)
{
	struct stat st;

	return p->can_cut && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode) &&
	    (!S_ISREG(st.st_mode) || st.st_size >= LARGE);
}

struct file *
tally_file_new(size_t input, int fd)
{
	struct file *f = tk_xcalloc(1, sizeof(*f));
	struct stat st;

	f->input = input;
	f->fd = fd;
	f->left =
	    fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : INT64_MAX;
	f->carry = tk_xreallocarray(NULL, PART, 1);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void
tally_file_free(struct file *f)
{
	tally_close(f->fd);
	pthread_mutex_destroy(&f->lock);
	free(f->carry);
	free(f);
}
