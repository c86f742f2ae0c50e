/*
 * The part of an input that is looked at while it is cut: count_window.h
 */
#include "count_window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "count/cut.h"

/* Of a long text only the end is looked at first, and at least so much is
 * kept of what goes by. */
enum { LONG = 1 << 24, KEPT = 1 << 20 };

void
count_window_init(struct count_window *w, struct count_job *j,
    const struct count_input *in)
{
	*w = (struct count_window){ .j = j, .in = in, .text = TK_BUF_INIT };
	w->f = fit_new(j->e[j->target[0].encoding],
	    j->args->special ? COUNT_SPECIAL : 0);
}

void
count_window_release(struct count_window *w)
{
	fit_free(w->f);
	tk_buf_release(&w->text);
}

int
count_window_fill(struct count_window *w, size_t n, struct tk_err *err)
{
	char chunk[1 << 14];

	while (!w->ended && w->text.len < n) {
		ssize_t got = read(w->in->fd, chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tk_fail_errno(err, "%s", w->in->name);
		w->ended = got == 0;
		tk_buf_add(&w->text, chunk, (size_t)got);
	}
	return 0;
}

void
count_window_drop(struct count_window *w, size_t n)
{
	w->before += (int64_t)n;
	w->text.len -= n;
	memmove(w->text.s, w->text.s + n, w->text.len + 1);
}

/* The last place in n bytes where the text is cut in any case; 0: none. */
static size_t
sure_cut(const struct count_window *w, size_t n)
{
	const struct count_encoding *e = w->j->e[w->j->target[0].encoding];
	int flags = w->j->args->special ? COUNT_SPECIAL : 0;

	if (!count_can_cut(e, (enum count_flags)flags))
		return 0;
	return count_cut(&e, 1, w->text.s, n);
}

/* Where a character begins, at the n-th byte or a little before. */
static size_t
char_before(const struct count_window *w, size_t n)
{
	size_t at = n;

	while (at > 0 && n - at < 3 && (w->text.s[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/*
 * Forget what is before such a place in the first n bytes, if what is behind
 * has more than max tokens: 1.  Where there is none for so long that it would
 * be kept for ever, any character will do when twice as many are behind it.
 */
static int
forget(struct count_window *w, size_t n, int64_t max, struct tk_err *err)
{
	size_t from = sure_cut(w, n), to = w->text.len;
	int64_t tokens, enough = max;

	if (from == 0 && n >= KEPT && to - n >= KEPT) {
		from = char_before(w, n);
		enough = max < INT64_MAX / 2 ? 2 * max : INT64_MAX;
	} else if (!w->ended) {
		to = sure_cut(w, to);
	}
	if (from == 0 || to <= from)
		return 0;
	if (fit_count(w->f, w->text.s + from, to - from, &tokens, err) < 0)
		return -1;
	if (tokens <= enough)
		return 0;
	count_window_drop(w, from);
	return 1;
}

/* Go to the end of a large file at once, where that is enough: 1. */
static int
window_leap(struct count_window *w, int64_t max, struct tk_err *err)
{
	off_t here = lseek(w->in->fd, 0, SEEK_CUR), end;
	int done;

	if (here < 0 || (end = lseek(w->in->fd, 0, SEEK_END)) < 0)
		return 0;
	if (end - here <= 2 * LONG || lseek(w->in->fd, -LONG, SEEK_END) < 0) {
		lseek(w->in->fd, here, SEEK_SET);
		return 0;
	}
	tk_buf_reset(&w->text);
	if (count_window_fill(w, SIZE_MAX, err) < 0)
		return -1;
	w->before = end - LONG - here;
	done = forget(w, KEPT, max, err);
	if (done != 0)
		return done;
	tk_buf_reset(&w->text);
	w->before = 0;
	w->ended = false;
	lseek(w->in->fd, here, SEEK_SET);
	return 0;
}

/* Keep little more than what will be cut. */
static int
window_trim(struct count_window *w, int64_t max, struct tk_err *err)
{
	size_t keep = 4096;
	int rc = 0;

	if (max < (int64_t)w->text.len)
		keep += 8 * (size_t)max;
	for (; rc == 0 && keep < w->text.len; keep *= 2)
		rc = forget(w, w->text.len - keep, max, err);
	return rc < 0 ? -1 : 0;
}

int
count_window_end(struct count_window *w, int64_t max, struct tk_err *err)
{
	size_t wait = 2 * KEPT, seen = w->text.len;
	int done;

	if (!w->ended && w->before == 0 &&
	    lseek(w->in->fd, -(off_t)seen, SEEK_CUR) >= 0) {
		tk_buf_reset(&w->text);
		if ((done = window_leap(w, max, err)) != 0)
			return done < 0 ? -1 : window_trim(w, max, err);
	}
	while (!w->ended) {
		if (count_window_fill(w, wait, err) < 0)
			return -1;
		if (w->text.len >= wait &&
		    forget(w, w->text.len / 2, max, err) < 0)
			return -1;
		wait = w->text.len < KEPT ? 2 * KEPT : 2 * w->text.len;
	}
	return window_trim(w, max, err);
}
