/* What is cut fits, is the longest that does, and never splits a character. */
#include "fit/fit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "count/count.h"
#include "tap.h"

static uint32_t seed = 7;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *const atoms[] = { "a", "The", " quick", " fox", "don't",
	"'s", "7", "12345", " ", "   ", "\n", "\n\n", ".", "!!!", "\xc3\xa9",
	"\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80\xf0\x9f\x8f\xbd",
	"\xf0\x92\x80\x80", "\xe0\xae\xb4", "\xff", "\xe4\xb8", "zqxj",
	"Antidisestablishmentarianism", "e\xcc\x81", "\xef\xac\x81" };

enum { ATOMS = sizeof(atoms) / sizeof(atoms[0]) };

static size_t
random_text(char *to)
{
	size_t n = 0;

	for (uint32_t i = below(30); i > 0; i--) {
		const char *a = atoms[below(ATOMS)];

		memcpy(to + n, a, strlen(a));
		n += strlen(a);
	}
	to[n] = '\0';
	return n;
}

static int64_t
count(struct fit *f, const char *s, size_t n)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t t = -1;

	fit_count(f, s, n, &t, &err);
	return t;
}

static void
add_ids(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

/* The first n ids as bytes, for valid text; less what splits a character. */
static size_t
by_ids(const struct count_encoding *e, const char *text, size_t len, size_t max)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf ids = TK_BUF_INIT, out = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t t;
	bool same;
	size_t n;

	count_stream_on_ids(s, add_ids, &ids);
	count_text(s, text, len, &t, &err);
	/* An encoding that normalizes gives other bytes back. */
	count_decode(e, (const uint32_t *)(const void *)ids.s, (size_t)t, &out,
	    &err);
	same = out.len == len && memcmp(out.s, text, len) == 0;
	n = (size_t)t < max ? (size_t)t : max;
	do {
		tk_buf_reset(&out);
		count_decode(e, (const uint32_t *)(const void *)ids.s, n, &out,
		    &err);
	} while (!tk_utf8_valid(out.s, out.len) && n-- > 0);
	n = same ? out.len : SIZE_MAX;
	count_stream_free(s);
	tk_buf_release(&ids);
	tk_buf_release(&out);
	return n;
}

/* Not so where the encoding's normal form of the text is another. */
static bool
comes_back(const struct count_encoding *e, const char *text, size_t len)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf ids = TK_BUF_INIT, out = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t t;
	bool same;

	count_stream_on_ids(s, add_ids, &ids);
	same = count_text(s, text, len, &t, &err) == 0 &&
	    count_decode(e, (const uint32_t *)(const void *)ids.s, (size_t)t,
		&out, &err) == 0 &&
	    out.len == len && memcmp(out.s, text, len) == 0;
	count_stream_free(s);
	tk_buf_release(&ids);
	tk_buf_release(&out);
	return same;
}

static void
prefixes_fit(const struct count_encoding *e)
{
	struct fit *f = fit_new(e, 0);
	struct tk_err err = TK_ERR_INIT;
	char text[1200];
	int over = 0, split = 0, other = 0, lines = 0;

	for (int i = 0; i < 400; i++) {
		size_t n = random_text(text), len, want;
		int64_t max = below(20);

		fit_prefix(f, text, n, true, max, FIT_AT_TOKEN, &len, &err);
		over += count(f, text, len) > max;
		if (tk_utf8_valid(text, n) && comes_back(e, text, n)) {
			want = by_ids(e, text, n, (size_t)max);
			split += !tk_utf8_valid(text, len);
			/* Shorter only where that prefix counts more. */
			other += len != want && want != SIZE_MAX &&
			    (len > want || count(f, text, want) <= max);
		}
		fit_prefix(f, text, n, true, max, FIT_AT_LINE, &len, &err);
		over += count(f, text, len) > max;
		lines += len > 0 && len < n && text[len - 1] != '\n';
	}
	CHECK(over == 0);
	CHECK(split == 0);
	CHECK(other == 0);
	CHECK(lines == 0);
	fit_free(f);
}

static void
suffixes_fit(const struct count_encoding *e)
{
	struct fit *f = fit_new(e, 0);
	struct tk_err err = TK_ERR_INIT;
	char text[1200];
	int over = 0, split = 0, far = 0;

	for (int i = 0; i < 400; i++) {
		size_t n = random_text(text), at;
		int64_t max = below(20);

		fit_suffix(f, text, n, max, FIT_AT_TOKEN, &at, &err);
		over += count(f, text + at, n - at) > max;
		if (tk_utf8_valid(text, n))
			split += !tk_utf8_valid(text + at, n - at);
		far += at > n;
		fit_suffix(f, text, n, max, FIT_AT_WORD, &at, &err);
		over += count(f, text + at, n - at) > max;
	}
	CHECK(over == 0);
	CHECK(split == 0);
	CHECK(far == 0);
	fit_free(f);
}

static void
more_text_is_asked_for(const struct count_encoding *e)
{
	struct fit *f = fit_new(e, 0);
	struct tk_err err = TK_ERR_INIT;
	size_t len;

	CHECK(fit_prefix(f, "one two", 7, false, 5, FIT_AT_TOKEN, &len, &err) ==
	    1);
	CHECK(fit_prefix(f, "one two", 7, true, 5, FIT_AT_TOKEN, &len, &err) ==
	    0);
	CHECK(len == 7);
	CHECK(fit_prefix(f, "", 0, true, 0, FIT_AT_TOKEN, &len, &err) == 0);
	CHECK(len == 0);
	fit_free(f);
}

int
main(void)
{
	const char *name;

	for (size_t i = 0; (name = count_name(i)) != NULL; i++) {
		struct count_encoding *e;
		struct tk_err err = TK_ERR_INIT;

		CHECK(count_open(&e, name, &err) == 0);
		prefixes_fit(e);
		suffixes_fit(e);
		more_text_is_asked_for(e);
		count_close(e);
	}
	return tap_done();
}
