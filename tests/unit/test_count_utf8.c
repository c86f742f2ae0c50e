/*
 * Bytes on their way into counting: what is valid UTF-8, what becomes of the
 * rest, at every place where another way of reading begins, and streams that
 * are cut anywhere.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "count/count.h"
#include "count/count_int.h"
#include "tap.h"

static const char *const engines[] = { "plain", "avx2", "neon" };
enum { ENGINES = 3 };

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

static size_t
valid_by_the_book(const uint8_t *p, size_t n)
{
	size_t i = 0;
	int k;

	while (i < n && (k = sequence(p + i, n - i)) > 0)
		i += (size_t)k;
	return i;
}

static void
repair_by_the_book(struct tk_buf *out, const uint8_t *p, size_t n)
{
	tk_buf_reset(out);
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

/* A text of n bytes or a little more that is valid. */
static void
fill(struct tk_buf *b, size_t n, unsigned kind)
{
	static const char *const units[] = { "a", "é", "日本", "😀", "aé日😀 ",
		"the words of a line, and then some: ", "я" };

	tk_buf_reset(b);
	while (b->len < n)
		tk_buf_adds(b, units[kind % (sizeof(units) / sizeof(*units))]);
}

static const char *const broken[] = { "\x80", "\xbf\xbf", "\xc0\x80",
	"\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe3\x81",
	"\xe3(\x81", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
	"\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf0\x9f(\x80", "\xf4\x90\x80\x80",
	"\xf5\x80\x80\x80", "\xff", "\xef\xbf\xbd", "\xed\x9f\xbf",
	"\xf4\x8f\xbf\xbf" };
enum { BROKEN = sizeof(broken) / sizeof(broken[0]) };

/* Both functions, for the n bytes at p and the engine of now. */
static bool
is_by_the_book(const struct tk_buf *in, struct tk_buf *want)
{
	const uint8_t *p = (const uint8_t *)in->s;
	uint8_t *to = malloc(3 * in->len + COUNT_PAD);
	size_t len = 0, used;
	bool same;

	repair_by_the_book(want, p, in->len);
	used = utf8_repair(p, in->len, true, to, &len);
	same = used == in->len && len == want->len &&
	    memcmp(to, want->s, len) == 0 &&
	    utf8_valid(p, in->len) == valid_by_the_book(p, in->len);
	free(to);
	return same;
}

static void
broken_bytes_anywhere(void)
{
	struct tk_buf in = TK_BUF_INIT, tail = TK_BUF_INIT;
	struct tk_buf want = TK_BUF_INIT;

	for (int e = 0; e < ENGINES; e++) {
		int bad = 0;

		if (!count_use_engine(engines[e]))
			continue;
		for (size_t at = 0; at < 210; at++) {
			for (unsigned k = 0; k < BROKEN; k++) {
				fill(&in, at, k + (unsigned)at);
				fill(&tail, (at * 7 + k) % 150, k);
				tk_buf_adds(&in, broken[k]);
				tk_buf_add(&in, tail.s, tail.len);
				bad += !is_by_the_book(&in, &want);
			}
		}
		CHECK(bad == 0);
	}
	count_use_engine(NULL);
	tk_buf_release(&in);
	tk_buf_release(&tail);
	tk_buf_release(&want);
}

static void
any_two_bytes_behind_any(void)
{
	static const char *const before[] = { "aaaa", "é", "日", "😀", "\xe3",
		"\xe3\x81", "\xf0\x9f", "\xf0\x9f\x98" };
	struct tk_buf in = TK_BUF_INIT;

	for (int e = 0; e < ENGINES; e++) {
		int bad = 0;

		if (!count_use_engine(engines[e]))
			continue;
		for (unsigned b = 0; b < 8; b++) {
			fill(&in, 90, 4);
			tk_buf_adds(&in, before[b]);
			tk_buf_adds(&in, "xy\x80\x80");
			for (int i = 0; i < 80; i++)
				tk_buf_adds(&in, "z");
			for (unsigned two = 0; two < 65536; two++) {
				uint8_t *p = (uint8_t *)in.s + in.len - 84;

				p[0] = (uint8_t)two;
				p[1] = (uint8_t)(two >> 8);
				p = (uint8_t *)in.s;
				bad += utf8_valid(p, in.len) !=
				    valid_by_the_book(p, in.len);
			}
		}
		CHECK(bad == 0);
	}
	count_use_engine(NULL);
	tk_buf_release(&in);
}

/* The last character that is not complete waits for more. */
static void
ends_are_left(void)
{
	static const char *const ends[] = { "\xc3", "\xe3", "\xe3\x81", "\xf0",
		"\xf0\x9f", "\xf0\x9f\x98" };
	struct tk_buf in = TK_BUF_INIT;
	int bad = 0;

	for (size_t at = 0; at < 300; at++) {
		for (int k = 0; k < 6; k++) {
			uint8_t to[2000];
			size_t len = 0, n;

			fill(&in, at, (unsigned)at);
			n = in.len;
			tk_buf_adds(&in, ends[k]);
			bad += utf8_repair((const uint8_t *)in.s, in.len, false,
				   to, &len) != n ||
			    len != n || memcmp(to, in.s, n) != 0 ||
			    utf8_valid((const uint8_t *)in.s, in.len) != n;
		}
	}
	CHECK(bad == 0);
	tk_buf_release(&in);
}

static int64_t
count_cut_at(struct count_stream *s, const struct tk_buf *in, size_t a,
    size_t b)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t tokens = -1;

	/* Out of memory of its own, for what reads too far. */
	for (int part = 0; part < 3; part++) {
		size_t from = part == 0 ? 0 : part == 1 ? a : b;
		size_t end = part == 0 ? a : part == 1 ? b : in->len;
		char *copy = malloc(end - from + 1);

		memcpy(copy, in->s + from, end - from);
		if (count_stream_add(s, copy, end - from, &err) < 0)
			end = from;
		free(copy);
	}
	return count_stream_end(s, &tokens, &err) < 0 ? -1 : tokens;
}

/* Feeds of about what is joined, what is taken in at once, and what is read
 * ahead, with broken bytes at their ends. */
static void
feeds_of_any_size(const struct count_encoding *e)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 1 << 10, 2 << 10,
		1 << 16 };
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT, tail = TK_BUF_INIT;
	struct tk_buf lossy = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int bad = 0;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (unsigned k = 0; k < BROKEN; k++) {
			int64_t want;
			size_t at = sizes[i] + k % 7 - (sizes[i] > 7 ? 3 : 0);

			fill(&in, at, 4 + k);
			tk_buf_adds(&in, broken[k]);
			fill(&tail, k % 2 == 0 ? 90 : 2500, 2 + k);
			tk_buf_add(&in, tail.s, tail.len);
			repair_by_the_book(&lossy, (const uint8_t *)in.s,
			    in.len);
			count_use_engine("plain");
			bad += count_text(s, lossy.s, lossy.len, &want, &err);
			count_use_engine(NULL);
			for (size_t d = 0; d < 8 && at + d < in.len; d++) {
				size_t a = at + d - (at > 3 ? 3 : 0);

				bad += count_cut_at(s, &in, a, a) != want;
				bad += count_cut_at(s, &in, a, a + 1) != want;
				bad += count_cut_at(s, &in, a / 2, a) != want;
			}
		}
	}
	CHECK(bad == 0);
	count_stream_free(s);
	tk_buf_release(&in);
	tk_buf_release(&tail);
	tk_buf_release(&lossy);
}

/* Every place of a small text, and two of them. */
static void
streams_cut_anywhere(const struct count_encoding *e)
{
	static const char text[] =
	    "It's 12345 o'clock:\n\n  日本語のテキスト、 Ωμέγα\xe2\x80\xa8"
	    "x\xf0\x9f\x98 y\xed\xa0\x80  \t\n \xff\xfe n\xc3o'LL\r\n";
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t want = 0;
	int bad = 0;

	tk_buf_add(&in, text, sizeof(text) - 1);
	CHECK(count_text(s, in.s, in.len, &want, &err) == 0 && want > 0);
	for (size_t a = 0; a <= in.len; a++)
		for (size_t b = a; b <= in.len; b++)
			bad += count_cut_at(s, &in, a, b) != want;
	CHECK(bad == 0);
	count_stream_free(s);
	tk_buf_release(&in);
}

static void
runs_of_one_byte(void)
{
	struct tk_buf in = TK_BUF_INIT, want = TK_BUF_INIT;
	int bad = 0;

	for (unsigned b = 0x80; b < 0x100; b++) {
		for (size_t n = 1; n < 40; n++) {
			fill(&in, n % 5, b);
			for (size_t i = 0; i < n; i++)
				tk_buf_add(&in, &(char){ (char)b }, 1);
			tk_buf_add(&in, "\x80\xbf\x80z and more", n % 13);
			bad += !is_by_the_book(&in, &want);
		}
	}
	CHECK(bad == 0);
	tk_buf_release(&in);
	tk_buf_release(&want);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	const char *name;

	broken_bytes_anywhere();
	runs_of_one_byte();
	any_two_bytes_behind_any();
	ends_are_left();
	for (size_t i = 0; (name = count_name(i)) != NULL; i++) {
		struct count_encoding *e;

		CHECK(count_open(&e, name, &err) == 0);
		streams_cut_anywhere(e);
		if (i % 3 == 0)
			feeds_of_any_size(e);
		count_close(e);
	}
	return tap_done();
}
