/*
 * Any bytes: decoding the ids gives the text back with what is not UTF-8
 * replaced and in the encoding's normal form, a division of the text and
 * another engine change nothing, and there are as many ids as were counted;
 * counting forward is counting what merging makes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "count/count.h"
#include "count/count_int.h"

enum { ENCODINGS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add_ids(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Its own reading of table 3-7: the length at p, negative when broken. */
static int
sequence(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t from, to, len, low, high;
	} rows[] = {
		{ 0x00, 0x7f, 1, 0, 0 },
		{ 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
		{ 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f },
		{ 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf },
		{ 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int k = 1;

		if (p[0] < rows[i].from || p[0] > rows[i].to)
			continue;
		while (k < rows[i].len) {
			if ((size_t)k == n ||
			    p[k] < (k == 1 ? rows[i].low : 0x80) ||
			    p[k] > (k == 1 ? rows[i].high : 0xbf))
				return -k;
			k++;
		}
		return k;
	}
	return -1;
}

static void
lossy(const uint8_t *p, size_t n, struct tk_buf *out)
{
	while (n > 0) {
		int k = sequence(p, n);

		if (k > 0)
			tk_buf_add(out, p, (size_t)k);
		else
			tk_buf_add(out, "\xef\xbf\xbd", 3);
		k = k > 0 ? k : -k;
		p += k;
		n -= (size_t)k;
	}
}

/* As ids decode to the normal form, see decodes_to() in test_count.c. */
static void
normalize(const struct count_encoding *e, struct tk_buf *text)
{
	struct norm z = { 0 };
	struct count_bytes out = { 0 };

	norm_add(&z, e->form != NORM_NONE ? e->form : NORM_C,
	    (const uint8_t *)text->s, text->len, true, &out);
	if (e->form != NORM_NONE) {
		tk_buf_reset(text);
		tk_buf_add(text, out.s, out.len);
	}
	free(out.s);
	norm_release(&z);
}

static void
check(const struct count_encoding *e, struct count_stream *s, const uint8_t *p,
    size_t n, size_t cut)
{
	struct tk_buf ids = TK_BUF_INIT, again = TK_BUF_INIT;
	struct tk_buf want = TK_BUF_INIT, got = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t counted, listed;

	must(count_text(s, p, n, &counted, &err) == 0);
	count_stream_on_ids(s, add_ids, &ids);
	must(count_text(s, p, n, &listed, &err) == 0);
	must(counted == listed && (size_t)listed == ids.len / 4);
	must(count_decode(e, (const uint32_t *)(const void *)ids.s, ids.len / 4,
		 &got, &err) == 0);
	lossy(p, n, &want);
	normalize(e, &want);
	normalize(e, &got);
	must(got.len == want.len && memcmp(got.s, want.s, got.len) == 0);
	count_use_engine("plain");
	count_stream_on_ids(s, add_ids, &again);
	must(count_stream_add(s, p, cut, &err) == 0);
	must(count_stream_add(s, p + cut, n - cut, &err) == 0);
	must(count_stream_end(s, &listed, &err) == 0);
	count_use_engine(NULL);
	must(ids.len == again.len && memcmp(ids.s, again.s, ids.len) == 0);
	tk_buf_release(&ids);
	tk_buf_release(&again);
	tk_buf_release(&want);
	tk_buf_release(&got);
	count_stream_on_ids(s, NULL, NULL);
}

/* Pieces of any bytes, of which each says how long the next one is, count as
 * when they are merged. */
static void
check_forward(const struct count_encoding *e, const uint8_t *p, size_t n)
{
	static struct counter c[ENCODINGS];
	static struct bpe_work *work;
	uint8_t text[2048 + COUNT_PAD] = { 0 };
	uint32_t at[2049], pieces = 0, i = 0;
	int64_t want = 0, got;
	const uint32_t *ranks;

	while (i + 1 < ENCODINGS && c[i].v != NULL && c[i].v != e->v)
		i++;
	if (e->v->four == NULL || n == 0 || n > 2048)
		return;
	c[i].v = e->v;
	work = work != NULL ? work : bpe_new();
	memcpy(text, p, n);
	for (at[0] = 0; at[pieces] < n; pieces++) {
		uint32_t len = p[at[pieces]] & 1 ? 200 : 1 + p[at[pieces]] % 9;

		len = len < n - at[pieces] ? len : (uint32_t)n - at[pieces];
		want += (int64_t)bpe_merge(work, e->v, text + at[pieces], len,
		    &ranks);
		at[pieces + 1] = at[pieces] + len;
	}
	got = engine_best()->forward(&c[i], text, at, pieces);
	must(got < 0 || got == want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Kept, because a stream begins with megabytes of zeroes. */
	static struct count_encoding *e[ENCODINGS];
	static struct count_stream *s[ENCODINGS][2];
	struct tk_err err = TK_ERR_INIT;

	if (size < 3)
		return 0;
	for (size_t i = 0; i < ENCODINGS && count_name(i) != NULL; i++) {
		size_t cut = (data[0] | (size_t)data[1] << 8) % (size - 2);

		if (e[i] == NULL) {
			must(count_open(&e[i], count_name(i), &err) == 0);
			s[i][0] = count_stream_new(e[i], 0);
			s[i][1] = count_stream_new(e[i], COUNT_SPECIAL);
		}
		check(e[i], s[i][data[2] & 1], data + 3, size - 3, cut);
		check_forward(e[i], data + 3, size - 3);
	}
	return 0;
}
