/*
 * What is cut from a text for --fit and --split: the longest part that has at
 * most so many tokens by what the target says.
 */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "count_window.h"

/* What the kind of a text is told from. */
enum { ENOUGH = 1 << 16 };

/* What the target says of a part of the text. */
static int
measure(struct count_window *w, size_t at, size_t len, struct count_figure *f,
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
cut_prefix(struct count_window *w, int64_t max, enum fit_at at, size_t *len,
    struct tk_err *err)
{
	for (;;) {
		int more = fit_prefix(w->f, w->text.s, w->text.len, w->ended,
		    max, at, len, err);

		if (more <= 0)
			return more;
		if (count_window_fill(w, 2 * w->text.len, err) < 0)
			return -1;
	}
}

static int
cut_suffix(struct count_window *w, int64_t max, enum fit_at at, size_t *start,
    struct tk_err *err)
{
	if (count_window_end(w, max, err) < 0)
		return -1;
	return fit_suffix(w->f, w->text.s, w->text.len, max, at, start, err);
}

/*
 * The longest part that the target says has at most max tokens.  Of an
 * estimate the factor depends on what the part is like, so it is cut again,
 * shorter, until the estimate of what was cut fits.
 */
int
count_cut_part(struct count_window *w, int64_t max, enum fit_at at, bool tail,
    struct count_part *c, struct tk_err *err)
{
	const struct count_target *t = &w->j->target[0];
	struct content like = { 0 };
	int64_t limit;

	if (count_window_fill(w, ENOUGH, err) < 0)
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

/* The text if it is one, else its bytes; a NUL ends what out_text() sees. */
void
count_put_bytes(struct out *o, const char *s, size_t n)
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
