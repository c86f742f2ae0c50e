/*
 * tokctl count --fit and --split: text cut so that it has at most so many
 * tokens
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "count.h"
#include "count/cut.h"
#include "fit/fit.h"

/* What the kind of a text is told from. */
enum { ENOUGH = 1 << 16 };

/* Of a long text only the end is looked at first, and at least so much is
 * kept of what goes by. */
enum { LONG = 1 << 24, KEPT = 1 << 20 };

/* A window over the input, which begins at the text that is not cut yet. */
struct window {
	struct count_job *j;
	const struct count_input *in;
	struct fit *f;
	struct tk_buf text;
	int64_t before; /* bytes of the input in front of it, with --tail */
	bool ended;
};

/* A part that was cut. */
struct cut {
	size_t at, len;
	struct count_figure figure;
};

static void
window_init(struct window *w, struct count_job *j, const struct count_input *in)
{
	*w = (struct window){ .j = j, .in = in, .text = TK_BUF_INIT };
	w->f = fit_new(j->e[j->target[0].encoding],
	    j->args->special ? COUNT_SPECIAL : 0);
}

static void
window_release(struct window *w)
{
	fit_free(w->f);
	tk_buf_release(&w->text);
}

/* Have at least n bytes, if there are so many. */
static int
window_fill(struct window *w, size_t n, struct tk_err *err)
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

/* What the target says of a part of the text. */
static int
measure(struct window *w, size_t at, size_t len, struct count_figure *f,
    struct content *like, struct tk_err *err)
{
	const struct count_target *t = &w->j->target[0];
	int64_t counted[16] = { 0 };

	*like = (struct content){ 0 };
	content_add(like, w->text.s + at, len);
	if (fit_count(w->f, w->text.s + at, len, &counted[t->encoding], err) <
	    0)
		return -1;
	count_figure(w->j, t, counted, like, f);
	return 0;
}

static int
cut_prefix(struct window *w, int64_t max, enum fit_at at, size_t *len,
    struct tk_err *err)
{
	for (;;) {
		int more = fit_prefix(w->f, w->text.s, w->text.len, w->ended,
		    max, at, len, err);

		if (more <= 0)
			return more;
		if (window_fill(w, 2 * w->text.len, err) < 0)
			return -1;
	}
}

static void
window_drop(struct window *w, size_t n)
{
	w->before += (int64_t)n;
	w->text.len -= n;
	memmove(w->text.s, w->text.s + n, w->text.len + 1);
}

/*
 * Forget what is before a place in the first n bytes, if the text is cut
 * there in any case (count/cut.h) and what is behind has more than max
 * tokens: 1.
 */
static int
forget(struct window *w, size_t n, int64_t max, struct tk_err *err)
{
	const struct count_encoding *e = w->j->e[w->j->target[0].encoding];
	size_t from = count_cut(&e, 1, w->text.s, n), to = w->text.len;
	int64_t tokens;

	if (!w->ended)
		to = count_cut(&e, 1, w->text.s, w->text.len);
	if (from == 0 || to <= from)
		return 0;
	if (fit_count(w->f, w->text.s + from, to - from, &tokens, err) < 0)
		return -1;
	if (tokens <= max)
		return 0;
	window_drop(w, from);
	return 1;
}

/* Go to the end of a large file at once, where that is enough: 1. */
static int
window_leap(struct window *w, int64_t max, struct tk_err *err)
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
	if (window_fill(w, SIZE_MAX, err) < 0)
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
window_trim(struct window *w, int64_t max, struct tk_err *err)
{
	size_t keep = 4096;
	int rc = 0;

	if (max < (int64_t)w->text.len)
		keep += 8 * (size_t)max;
	for (; rc == 0 && keep < w->text.len; keep *= 2)
		rc = forget(w, w->text.len - keep, max, err);
	return rc < 0 ? -1 : 0;
}

/* Have the end of the text, and enough in front of it. */
static int
window_end(struct window *w, int64_t max, struct tk_err *err)
{
	const struct count_encoding *e = w->j->e[w->j->target[0].encoding];
	int flags = w->j->args->special ? COUNT_SPECIAL : 0;
	size_t wait = 2 * KEPT, seen = w->text.len;
	int done;

	if (!count_can_cut(e, (enum count_flags)flags))
		return window_fill(w, SIZE_MAX, err);
	if (!w->ended && w->before == 0 &&
	    lseek(w->in->fd, -(off_t)seen, SEEK_CUR) >= 0) {
		tk_buf_reset(&w->text);
		if ((done = window_leap(w, max, err)) != 0)
			return done < 0 ? -1 : window_trim(w, max, err);
	}
	while (!w->ended) {
		if (window_fill(w, wait, err) < 0)
			return -1;
		if (w->text.len >= wait &&
		    forget(w, w->text.len / 2, max, err) < 0)
			return -1;
		wait = w->text.len < KEPT ? 2 * KEPT : 2 * w->text.len;
	}
	return window_trim(w, max, err);
}

static int
cut_suffix(struct window *w, int64_t max, enum fit_at at, size_t *start,
    struct tk_err *err)
{
	if (window_end(w, max, err) < 0)
		return -1;
	return fit_suffix(w->f, w->text.s, w->text.len, max, at, start, err);
}

/*
 * The longest part that the target says has at most max tokens.  Of an
 * estimate the factor depends on what the part is like, so it is cut again,
 * shorter, until the estimate of what was cut fits.
 */
static int
cut_part(struct window *w, int64_t max, enum fit_at at, bool tail,
    struct cut *c, struct tk_err *err)
{
	const struct count_target *t = &w->j->target[0];
	struct content like = { 0 };
	int64_t limit;

	if (window_fill(w, ENOUGH, err) < 0)
		return -1;
	content_add(&like, w->text.s, w->text.len);
	limit = count_limit(t, max, &like);
	for (;;) {
		size_t len = 0, start = 0;

		if (tail) {
			if (cut_suffix(w, limit, at, &start, err) < 0)
				return -1;
			len = w->text.len - start;
		} else if (cut_prefix(w, limit, at, &len, err) < 0) {
			return -1;
		}
		c->at = start;
		c->len = len;
		if (measure(w, start, len, &c->figure, &like, err) < 0)
			return -1;
		if (c->figure.tokens <= max || limit == 0)
			return 0;
		limit = count_limit(t, max, &like) < limit
		    ? count_limit(t, max, &like)
		    : limit - 1;
	}
}

static const struct out_col fit_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "whole", "Whole", OUT_BOOL, 0 },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "base64", "", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

/* The text if it is one, else its bytes; a NUL ends what out_text() sees. */
static void
put_bytes(struct out *o, const char *s, size_t n)
{
	struct tk_buf b = TK_BUF_INIT;
	bool text = tk_utf8_valid(s, n) && memchr(s, 0, n) == NULL;

	if (text) {
		tk_buf_add(&b, s, n);
		out_text(o, b.s);
		out_null(o);
	} else {
		tk_base64_add(&b, s, n);
		out_null(o);
		out_text(o, b.s);
	}
	tk_buf_release(&b);
}

static void
say_if_estimated(struct count_job *j, const struct content *like)
{
	struct tk_buf b = TK_BUF_INIT;

	if (count_is_estimate(j, &j->target[0])) {
		count_how(j, &j->target[0], like, &b);
		cmd_say(j->ctx, "%s: %s", count_target_name(j, &j->target[0]),
		    b.s);
	}
	tk_buf_release(&b);
}

static int
fit_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct out *o = j->ctx->out;
	struct content like = { 0 };
	struct window w;
	struct cut c;
	int rc = -1;

	(void)data;
	window_init(&w, j, in);
	if (cut_part(&w, j->args->fit, (enum fit_at)j->args->at, j->args->tail,
		&c, err) < 0)
		goto out;
	if (j->plain != NULL) {
		fwrite(w.text.s + c.at, 1, c.len, j->plain);
		content_add(&like, w.text.s + c.at, c.len);
		say_if_estimated(j, &like);
	} else {
		out_text(o, in->file);
		out_int(o, c.figure.tokens);
		out_bool(o, count_is_estimate(j, &j->target[0]));
		out_int(o, w.before + (int64_t)c.at);
		out_int(o, (int64_t)c.len);
		out_bool(o, w.ended && w.before == 0 && c.len == w.text.len);
		put_bytes(o, w.text.s + c.at, c.len);
		out_end_row(o);
	}
	rc = 0;
out:
	window_release(&w);
	return rc;
}

int
count_fitted(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.fit/1",
		.title = "Text that fits" };

	if (j->operands > 1)
		return tk_fail(err, TK_USAGE, "--fit takes one file");
	if (j->plain == NULL) {
		out_document(j->ctx->out, &doc);
		out_begin(j->ctx->out, fit_cols);
	}
	return count_each_input(j, fit_input, NULL, err);
}

/* --split */

struct split {
	struct window w;
	const char *into;
	int64_t chunk;
	int64_t offset; /* in the input, of the window's first byte */
	size_t overlap; /* bytes of it that were in the last chunk */
};

static const struct out_col split_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "chunk", "Chunk", OUT_INT, OUT_PLAIN },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "overlap_bytes", "", OUT_INT, OUT_MACHINE },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "base64", "", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

static const struct out_col into_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "chunk", "Chunk", OUT_INT, OUT_PLAIN },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "overlap_bytes", "", OUT_INT, OUT_MACHINE },
	{ "written", "Written", OUT_TEXT, 0 },
	OUT_COL_END,
};

/*
 * The next chunk, longer than the overlap: at the place that was asked for,
 * else at a word, else at a token, else without an overlap.
 */
static int
cut_chunk(struct split *s, struct cut *c, struct tk_err *err)
{
	const struct count_args *a = s->w.j->args;

	for (;;) {
		for (int at = a->at; at >= FIT_AT_TOKEN; at--) {
			if (cut_part(&s->w, a->split, (enum fit_at)at, false, c,
				err) < 0)
				return -1;
			if (c->len > s->overlap)
				return 0;
		}
		if (s->overlap == 0)
			break;
		s->w.text.len -= s->overlap;
		memmove(s->w.text.s, s->w.text.s + s->overlap,
		    s->w.text.len + 1);
		s->offset += (int64_t)s->overlap;
		s->overlap = 0;
	}
	return tk_fail(err, TK_DATA,
	    "%s: the character at byte %" PRId64
	    " alone has more tokens than --split %" PRId64 " allows",
	    s->w.in->name, s->offset, a->split);
}

static int
write_chunk(struct split *s, const struct cut *c, struct tk_buf *path,
    struct tk_err *err)
{
	struct tk_new_file f;

	tk_buf_addf(path, "%s%04" PRId64, s->into, s->chunk);
	if (tk_new_file_open(&f, path->s, 0666, err) < 0)
		return -1;
	fwrite(s->w.text.s, 1, c->len, f.to);
	return tk_new_file_commit(&f, err);
}

static int
put_chunk(struct split *s, const struct cut *c, struct tk_err *err)
{
	struct count_job *j = s->w.j;
	struct out *o = j->ctx->out;
	struct tk_buf path = TK_BUF_INIT;
	int rc = 0;

	s->chunk++;
	if (s->into != NULL)
		rc = write_chunk(s, c, &path, err);
	if (rc == 0) {
		out_text(o, s->w.in->file);
		out_int(o, s->chunk);
		out_int(o, c->figure.tokens);
		out_bool(o, count_is_estimate(j, &j->target[0]));
		out_int(o, s->offset);
		out_int(o, (int64_t)c->len);
		out_int(o, (int64_t)s->overlap);
		if (s->into != NULL)
			out_text(o, path.s);
		else
			put_bytes(o, s->w.text.s, c->len);
		out_end_row(o);
	}
	tk_buf_release(&path);
	return rc;
}

/* Go on behind the chunk, or where the overlap of the next one begins. */
static int
move_on(struct split *s, const struct cut *c, struct tk_err *err)
{
	const struct count_args *a = s->w.j->args;
	size_t start = c->len;

	if (a->overlap > 0) {
		struct content like = { 0 };
		int64_t max;

		content_add(&like, s->w.text.s, c->len);
		max = count_limit(&s->w.j->target[0], a->overlap, &like);
		if (fit_suffix(s->w.f, s->w.text.s, c->len, max,
			(enum fit_at)a->at, &start, err) < 0)
			return -1;
	}
	/* The next chunk begins farther on than this one did. */
	if (start == 0)
		start = c->len;
	s->overlap = c->len - start;
	s->offset += (int64_t)start;
	s->w.text.len -= start;
	memmove(s->w.text.s, s->w.text.s + start, s->w.text.len + 1);
	return 0;
}

static int
split_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct split s = { .into = j->args->into };
	struct cut c;
	int rc = -1;

	(void)data;
	window_init(&s.w, j, in);
	for (;;) {
		if (window_fill(&s.w, s.overlap + 1, err) < 0)
			goto out;
		if (s.w.text.len == s.overlap || out_failed(j->ctx->out))
			break;
		if (cut_chunk(&s, &c, err) < 0 || put_chunk(&s, &c, err) < 0 ||
		    move_on(&s, &c, err) < 0)
			goto out;
	}
	rc = 0;
out:
	window_release(&s.w);
	return rc;
}

int
count_chunks(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.split/1",
		.title = "Chunks" };
	struct out *o = j->ctx->out;

	if (j->operands > 1)
		return tk_fail(err, TK_USAGE, "--split takes one file");
	/* What is to be read again by programs is a line each. */
	if (j->ctx->common->format < 0 && j->args->into == NULL)
		out_set_format(o, out_format_named("jsonl"));
	out_document(o, &doc);
	out_begin(o, j->args->into != NULL ? into_cols : split_cols);
	return count_each_input(j, split_input, NULL, err);
}
