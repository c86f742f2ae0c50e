#include "fit/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "count/count.h"

const struct tk_choice fit_ats[] = {
	{ "token", FIT_AT_TOKEN },
	{ "word", FIT_AT_WORD },
	{ "line", FIT_AT_LINE },
	{ NULL, 0 },
};

#define NO_PLACE SIZE_MAX

struct fit {
	const struct count_encoding *e;
	struct count_stream *s;  /* counts */
	struct count_stream *by; /* gives ids */
	const char *text;
	size_t n;
	size_t at;             /* what is matched with tokens so far */
	struct tk_buf pending; /* bytes of tokens that are not */
	bool lost;             /* the tokens are not of this text */
	/* end[k]: where the first k + 1 tokens end; NO_PLACE: within a
	 * character, or not known. */
	size_t *end;
	size_t tokens, cap;
	struct tk_err err;
	bool failed;
};

struct fit *
fit_new(const struct count_encoding *e, int flags)
{
	struct fit *f = tk_xcalloc(1, sizeof(*f));

	f->e = e;
	f->s = count_stream_new(e, (enum count_flags)flags);
	f->by = count_stream_new(e, (enum count_flags)flags);
	f->pending = (struct tk_buf)TK_BUF_INIT;
	return f;
}

void
fit_free(struct fit *f)
{
	if (f == NULL)
		return;
	count_stream_free(f->s);
	count_stream_free(f->by);
	tk_buf_release(&f->pending);
	free(f->end);
	free(f);
}

/*
 * The next character of the text, as the counting reads it; what is not
 * UTF-8 as U+FFFD.  Returns the bytes that it takes in the text.
 */
static size_t
read_char(const struct fit *f, const char **as, size_t *len)
{
	int32_t cp;
	size_t n = tk_utf8_step(f->text + f->at, f->n - f->at, &cp);

	*as = cp < 0 ? "\xef\xbf\xbd" : f->text + f->at;
	*len = cp < 0 ? 3 : n;
	return n;
}

/* Match what the tokens hold with the text; where does that end? */
static size_t
match(struct fit *f)
{
	size_t used = 0;

	while (used < f->pending.len && f->at < f->n && !f->lost) {
		const char *as;
		size_t len, n = read_char(f, &as, &len);

		if (f->pending.len - used < len)
			break;
		if (memcmp(f->pending.s + used, as, len) != 0) {
			f->lost = true;
			break;
		}
		used += len;
		f->at += n;
	}
	f->pending.len -= used;
	memmove(f->pending.s, f->pending.s + used, f->pending.len);
	return f->lost || f->pending.len > 0 ? NO_PLACE : f->at;
}

static void
take_ids(const uint32_t *ids, size_t n, void *f_)
{
	struct fit *f = f_;

	for (size_t i = 0; i < n && !f->failed; i++) {
		if (f->tokens == f->cap) {
			f->cap = f->cap > 0 ? 2 * f->cap : 256;
			f->end =
			    tk_xreallocarray(f->end, f->cap, sizeof(*f->end));
		}
		f->end[f->tokens] = NO_PLACE;
		if (!f->lost) {
			f->failed = count_decode(f->e, &ids[i], 1, &f->pending,
					&f->err) < 0;
			f->end[f->tokens] = match(f);
		}
		f->tokens++;
	}
}

/*
 * Find where the tokens end, at least the first max + 1 of them.  Returns
 * whether all of the text was seen.
 */
static int
find_ends(struct fit *f, const char *text, size_t n, bool final, int64_t max,
    bool *all, struct tk_err *err)
{
	size_t fed = 0, step = 4096;
	int64_t tokens;
	int rc = 0;

	f->text = text;
	f->n = n;
	f->at = f->tokens = 0;
	f->lost = f->failed = false;
	tk_buf_reset(&f->pending);
	count_stream_reset(f->by);
	count_stream_on_ids(f->by, take_ids, f);
	while (rc == 0 && fed < n && (int64_t)f->tokens <= max) {
		size_t k = n - fed < step ? n - fed : step;

		rc = count_stream_add(f->by, text + fed, k, err);
		fed += k;
		step *= 2;
	}
	*all = fed == n && final;
	if (rc == 0 && *all && (int64_t)f->tokens <= max)
		rc = count_stream_end(f->by, &tokens, err);
	count_stream_reset(f->by);
	if (rc == 0 && f->failed) {
		*err = f->err;
		return -1;
	}
	return rc;
}

int
fit_count(struct fit *f, const char *text, size_t n, int64_t *tokens,
    struct tk_err *err)
{
	return count_text(f->s, text, n, tokens, err);
}

static bool
is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_place(const char *text, size_t n, size_t i, enum fit_at at)
{
	if (i == 0 || i == n)
		return true;
	switch (at) {
	case FIT_AT_TOKEN:
		break;
	case FIT_AT_WORD:
		return is_white(text[i]) || is_white(text[i - 1]);
	case FIT_AT_LINE:
		return text[i - 1] == '\n';
	}
	return true;
}

/* Whether a character begins at text[i]. */
static bool
is_start(const char *text, size_t n, size_t i)
{
	size_t from = i;
	int32_t cp;

	while (from > 0 && i - from < 3 && (text[from] & 0xc0) == 0x80)
		from--;
	while (from < i)
		from += tk_utf8_step(text + from, n - from, &cp);
	return from == i;
}

/* A longer text may have fewer tokens; so many characters more are tried. */
enum { FARTHER = 64 };

/*
 * The longest prefix that fits when the tokens have no places: by halves,
 * and then a little farther.
 */
static int
search_prefix(struct fit *f, const char *text, size_t n, int64_t max,
    size_t *len, struct tk_err *err)
{
	size_t low = *len, high = n;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2, i = middle;
		int64_t tokens;

		while (i > low && !is_start(text, n, i))
			i--;
		if (i == low) {
			high = middle - 1;
			continue;
		}
		if (fit_count(f, text, i, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			low = i;
		else
			high = i - 1;
	}
	*len = low;
	for (size_t i = low, tries = 0; i < n && tries < FARTHER; tries++) {
		int64_t tokens;

		do
			i++;
		while (i < n && !is_start(text, n, i));
		if (fit_count(f, text, i, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			*len = i;
	}
	return 0;
}

/* From *len down, the first place that is right and fits by itself. */
static int
settle_prefix(struct fit *f, const char *text, size_t n, int64_t max,
    enum fit_at at, size_t *len, struct tk_err *err)
{
	for (;; --*len) {
		int64_t tokens;

		while (*len > 0 &&
		    !(is_place(text, n, *len, at) && is_start(text, n, *len)))
			--*len;
		if (*len == 0)
			return 0;
		if (fit_count(f, text, *len, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			return 0;
	}
}

int
fit_prefix(struct fit *f, const char *text, size_t n, bool final, int64_t max,
    enum fit_at at, size_t *len, struct tk_err *err)
{
	bool all;
	size_t k;

	*len = 0;
	if (find_ends(f, text, n, final, max, &all, err) < 0)
		return -1;
	if ((int64_t)f->tokens <= max) {
		if (!final)
			return 1;
		*len = n;
		return 0;
	}
	for (k = (size_t)max; k > 0 && f->end[k - 1] == NO_PLACE;)
		k--;
	*len = k > 0 ? f->end[k - 1] : 0;
	if (f->lost && search_prefix(f, text, n, max, len, err) < 0)
		return -1;
	/* At a token: by tokens, as long as they have places. */
	while (at == FIT_AT_TOKEN && !f->lost && k > 0) {
		int64_t tokens;

		if (fit_count(f, text, *len, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			return 0;
		do
			k--;
		while (k > 0 && f->end[k - 1] == NO_PLACE);
		*len = k > 0 ? f->end[k - 1] : 0;
	}
	return settle_prefix(f, text, n, max, at, len, err);
}

static int
search_suffix(struct fit *f, const char *text, size_t n, int64_t max,
    size_t *start, struct tk_err *err)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2, i = middle;
		int64_t tokens;

		while (i < high && !is_start(text, n, i))
			i++;
		if (i == high) {
			high = middle;
			continue;
		}
		if (fit_count(f, text + i, n - i, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			high = i;
		else
			low = i + 1;
	}
	*start = high;
	for (size_t i = high, tries = 0; i > 0 && tries < FARTHER; tries++) {
		int64_t tokens;

		do
			i--;
		while (i > 0 && !is_start(text, n, i));
		if (fit_count(f, text + i, n - i, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			*start = i;
	}
	return 0;
}

/* The same from *start up; tokens begin there at the k-th. */
static int
settle_suffix(struct fit *f, const char *text, size_t n, int64_t max,
    enum fit_at at, size_t k, size_t *start, struct tk_err *err)
{
	for (;;) {
		int64_t tokens;

		while (*start < n &&
		    !(is_place(text, n, *start, at) &&
			is_start(text, n, *start)))
			++*start;
		if (*start >= n)
			return 0;
		if (fit_count(f, text + *start, n - *start, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			return 0;
		if (at != FIT_AT_TOKEN || f->lost) {
			++*start;
			continue;
		}
		while (k < f->tokens &&
		    (f->end[k] == NO_PLACE || f->end[k] <= *start))
			k++;
		*start = k < f->tokens ? f->end[k] : n;
	}
}

int
fit_suffix(struct fit *f, const char *text, size_t n, int64_t max,
    enum fit_at at, size_t *start, struct tk_err *err)
{
	bool all;
	size_t k;

	*start = n;
	if (find_ends(f, text, n, true, INT64_MAX - 1, &all, err) < 0)
		return -1;
	if ((int64_t)f->tokens <= max) {
		*start = 0;
		return 0;
	}
	if (f->lost) {
		if (search_suffix(f, text, n, max, start, err) < 0)
			return -1;
		return settle_suffix(f, text, n, max, at, 0, start, err);
	}
	/* max of 0 begins at the end. */
	k = f->tokens - (size_t)max;
	while (k < f->tokens && f->end[k - 1] == NO_PLACE)
		k++;
	*start = k < f->tokens ? f->end[k - 1] : n;
	return settle_suffix(f, text, n, max, at, k, start, err);
}
