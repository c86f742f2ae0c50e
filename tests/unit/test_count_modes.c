/*
 * The ways to count that the engine chooses from (src/count/rounds.h,
 * sparse.h, forward.h) as the text is: each must give as many tokens as there
 * are ids, also where one text goes over into another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "count/count.h"
#include "tap.h"

enum { TEXT = 1 << 16, STRETCH = 6000 };

static uint64_t state = 20261122;

static uint32_t
random_below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 33) % n);
}

static size_t
put_utf8(uint32_t c, uint8_t *to)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
		to[2] = (uint8_t)(0x80 | (c & 63));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 63));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 63));
	to[3] = (uint8_t)(0x80 | (c & 63));
	return 4;
}

/* Random characters from one of these ranges each; 0xd800 is any byte. */
static const uint32_t kinds[][6] = {
	{ 0x20, 0x7f, 0x80, 0x800, 0x10000, 0x110000 },
	{ 0x20, 0x7f, 0x3040, 0xd800, 0xa0, 0x250 },
	{ 0x300, 0x370, 0x1f300, 0x1f650, 'a', '{' },
	{ ' ', '!', 0x10000, 0x14000, 0xe00, 0x1200 },
	{ '\t', 0x21, 0x2000, 0x2070, '0', '9' },
	{ 0x4e00, 0x9fa6, 0x4e00, 0x9fa6, 0x4e00, 0x9fa6 },
	{ 0, 0xd800, 0x20, 0x7f, 0xd800, 0xd801 },
	{ 0xd800, 0xd801, 0xd800, 0xd801, 0xd800, 0xd801 },
	{ 'a', 'f', 'a', 'f', ' ', '!' },
};

static size_t
some_text(uint8_t *to, size_t size)
{
	size_t n = 0;

	while (n + STRETCH < size) {
		const uint32_t *kind = kinds[random_below(TK_LEN(kinds))];
		size_t end = n + 1 + random_below(STRETCH - 4);

		while (n < end) {
			const uint32_t *range = kind + 2 * random_below(3);
			uint32_t c =
			    range[0] + random_below(range[1] - range[0]);

			if (c == 0xd800)
				to[n++] = (uint8_t)random_below(256);
			else
				n += put_utf8(c, to + n);
		}
	}
	return n;
}

static void
sum_ids(const uint32_t *ids, size_t n, void *sum)
{
	(void)ids;
	*(int64_t *)sum += (int64_t)n;
}

static int64_t
tokens_of(struct count_stream *s, const uint8_t *text, size_t n)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t tokens = -1;

	if (count_text(s, text, n, &tokens, &err) < 0)
		printf("# %s\n", err.msg);
	return tokens;
}

/* Also with what the stream has come to know, and begun elsewhere. */
static void
counts_as_many_as_ids(const struct count_encoding *e)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct count_stream *with_ids = count_stream_new(e, 0);
	uint8_t *text = malloc(TEXT);
	int differ = 0;

	for (int round = 0; round < 2; round++) {
		size_t n = some_text(text, TEXT);

		for (size_t at = 0; at < 2; at++) {
			int64_t ids = 0;

			count_stream_on_ids(with_ids, sum_ids, &ids);
			tokens_of(with_ids, text + at, n - at);
			differ += tokens_of(s, text + at, n - at) != ids;
		}
	}
	CHECK(differ == 0);
	free(text);
	count_stream_free(s);
	count_stream_free(with_ids);
}

int
main(void)
{
	static const char *const engines[] = { "plain", "avx2", "neon" };

	for (size_t i = 0; i < TK_LEN(engines); i++) {
		if (!count_use_engine(engines[i]))
			continue;
		for (size_t k = 0; count_name(k) != NULL; k++) {
			struct tk_err err = TK_ERR_INIT;
			struct count_encoding *e;

			CHECK(count_open(&e, count_name(k), &err) == 0);
			counts_as_many_as_ids(e);
			count_close(e);
		}
	}
	return tap_done();
}
