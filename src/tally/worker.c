/* One thread: its streams, and an input from end to end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tally/tally_int.h"

/* As git has it: what has a NUL among its first bytes is no text. */
enum { BINARY_BYTES = 8000 };

void
tally_worker_init(struct worker *w, struct pool *p)
{
	*w = (struct worker){ .p = p };
	w->s = tk_xcalloc(p->t->n, sizeof(*w->s));
	for (size_t i = 0; i < p->t->n; i++)
		w->s[i] = count_stream_new(p->t->e[i], p->t->count_flags);
	w->buf = tk_xreallocarray(NULL, 2, PART);
}

void
tally_worker_release(struct worker *w)
{
	for (size_t i = 0; i < w->p->t->n; i++)
		count_stream_free(w->s[i]);
	free(w->s);
	free(w->buf);
}

const char *
tally_name_of(const struct tally_input *in)
{
	return in->path != NULL ? in->path : "standard input";
}

struct tk_err *
tally_err_new(void)
{
	return tk_xcalloc(1, sizeof(struct tk_err));
}

void
tally_slot_fail(struct slot *s, int64_t part, struct tk_err *err)
{
	if (s->err != NULL && s->err_part <= part) {
		free(err);
		return;
	}
	free(s->err);
	s->err = err;
	s->err_part = part;
}

int
tally_open(const struct tally_input *in, struct tk_err *err)
{
	int fd = in->path == NULL ? STDIN_FILENO
				  : open(in->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tk_fail_errno(err, "%s", in->path);
	return fd;
}

void
tally_close(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

ssize_t
tally_read(int fd, uint8_t *to, size_t n, const char *name, struct tk_err *err)
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

int
tally_worker_add(struct worker *w, size_t n, const char *name,
    struct tk_err *err)
{
	if (w->p->t->flags & TALLY_SAMPLE)
		content_add(&w->content, w->buf, n);
	w->bytes += (int64_t)n;
	for (size_t i = 0; i < w->p->t->n; i++)
		if (count_stream_add(w->s[i], w->buf, n, err) < 0)
			return tk_wrap(err, "%s", name);
	return 0;
}

int
tally_worker_end(struct worker *w, struct slot *s, struct tk_err *err)
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

void
tally_worker_reset(struct worker *w)
{
	for (size_t i = 0; i < w->p->t->n; i++)
		count_stream_reset(w->s[i]);
	w->content = (struct content){ 0 };
	w->bytes = 0;
}

void
tally_look(const struct tally_input *in, const uint8_t *p, size_t n,
    struct tally_result *r)
{
	r->binary = in->found &&
	    memchr(p, 0, n < BINARY_BYTES ? n : BINARY_BYTES) != NULL;
	r->utf16 = n >= 2 &&
	    ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff));
}

int
tally_count_whole(struct worker *w, size_t i, int fd, struct tk_err *err)
{
	const struct tally_input *in = &w->p->in[i];
	struct tally_result *r = &w->p->slot[i].r;
	ssize_t n;

	tally_worker_reset(w);
	do {
		n = tally_read(fd, w->buf, PART, tally_name_of(in), err);
		if (n < 0)
			return -1;
		if (w->bytes == 0)
			tally_look(in, w->buf, (size_t)n, r);
		if (r->binary)
			return 0;
		if (tally_worker_add(w, (size_t)n, tally_name_of(in), err) < 0)
			return -1;
	} while (n == PART);
	return tally_worker_end(w, &w->p->slot[i], err);
}
