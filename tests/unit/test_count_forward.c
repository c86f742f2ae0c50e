/* Counting forward (src/count/forward.h) is merging without merging. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "count/count.h"
#include "count/count_int.h"
#include "tap.h"
#include "vocab/vocab.h"

enum { TEXT = 3000, PIECES = TEXT + 1 };

static uint64_t state = 20261122;

static uint32_t
random_below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 33) % n);
}

/* What a text is made of, from the easy to the hard. */
enum kind { LETTERS, SPACES, PUNCT, BASE64, BYTES, HIGH, TOKENS, SHORT, KINDS };

static size_t
some_text(const struct vocab *v, enum kind kind, uint8_t *to)
{
	static const char *const letters[KINDS] = {
		[LETTERS] = "abcdefghijklmnopqrstuvwxyz",
		[SPACES] = " \n\t",
		[PUNCT] = "!\"#$%&()*+,-./:;<=>?@[]^_{|}~",
		[BASE64] =
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789+/",
		[BYTES] = NULL,
	};
	size_t n = 0;

	while (n + 200 < TEXT) {
		uint8_t room[16];
		const uint8_t *p = NULL;
		size_t len = 0;

		if (kind == TOKENS || kind == SHORT)
			p = vocab_token(v, random_below(v->merges), room, &len);
		if (letters[kind] != NULL)
			to[n++] = (uint8_t)letters[kind][random_below(
			    (uint32_t)strlen(letters[kind]))];
		else if (p == NULL)
			to[n++] =
			    (uint8_t)(kind == HIGH ? 0x80 + random_below(128)
						   : random_below(256));
		else if (len < (kind == SHORT ? 5 : 200)) {
			memcpy(to + n, p, len);
			n += len;
		}
	}
	return n;
}

/* As merging says; -1 is right only when there is a token of 16 bytes. */
static void
counts_as_merging_does(const struct count_encoding *e, enum kind kind)
{
	struct counter c = { .v = e->v };
	struct bpe_work *work = bpe_new();
	uint8_t text[TEXT + COUNT_PAD] = { 0 };
	uint32_t at[PIECES];
	int differ = 0, counted = 0;

	for (int round = 0; round < 8; round++) {
		uint32_t end = (uint32_t)some_text(e->v, kind, text), n = 0;
		uint32_t longest = 1u << random_below(13);
		const uint32_t *ranks;
		int64_t want = 0, got;

		for (at[0] = random_below(9); at[n] < end; n++) {
			uint32_t len = 1 + random_below(longest);

			if (len > end - at[n])
				len = end - at[n];
			want += (int64_t)bpe_merge(work, e->v, text + at[n],
			    len, &ranks);
			at[n + 1] = at[n] + len;
		}
		got = engine_best()->forward(&c, text, at, n);
		counted += got >= 0;
		differ += got >= 0 && got != want;
	}
	CHECK(differ == 0);
	CHECK(counted > 0 || kind == SPACES || kind == TOKENS || kind == SHORT);
	bpe_free(work);
	free(c.forward);
}

/* Each place where a token begins is found by its first bytes. */
static void
tokens_have_starts(const struct vocab *v)
{
	int lost = 0;

	CHECK(v->three != NULL);
	for (uint32_t r = 0; v->three != NULL && r < v->merges; r++) {
		const struct vocab_three *t;
		uint64_t key[2] = { 0, 0 };
		uint8_t room[16];
		uint32_t bytes;
		size_t n;
		const uint8_t *p = vocab_token(v, r, room, &n);

		if (p == NULL || n < 3)
			continue;
		memcpy(key, p, n < 16 ? n : 16);
		bytes = (uint32_t)key[0];
		t = &v->three[vocab_three_at(bytes, v->three_mask)];
		lost += ((n == 3 ? t->whole : t->more) >> (bytes >> 16 & 63) &
			    1) == 0;
		lost += n >= 4 && !vocab_starts(v, bytes, 0);
		lost += n >= 8 && !vocab_starts(v, key[0], 0);
		lost += n >= 12 && !vocab_starts(v, key[0], (uint32_t)key[1]);
		lost += n >= 16 && !vocab_starts(v, key[0], key[1]);
	}
	CHECK(lost == 0);
}

static void
ignore_ids(const uint32_t *ids, size_t n, void *data)
{
	(void)ids, (void)n, (void)data;
}

/* The whole way: what does not repeat itself, as ids and as a number. */
static void
counts_what_ids_are(const struct count_encoding *e)
{
	static char text[1 << 16];
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_err err = TK_ERR_INIT;
	static const char *const of[] = {
		"abcdefghijklmnopqrstuvwxyzABCDE019+/",
		"abcdefghijklmnopqrstuvwxyz", "~!@#$%^&*()_+{}|:<>?"
	};

	for (size_t k = 0; k < TK_LEN(of) + 1; k++) {
		int64_t counted = 0, listed = -1;

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)(k < TK_LEN(of)
				? of[k][random_below((uint32_t)strlen(of[k]))]
				: (char)random_below(256));
		CHECK(count_text(s, text, sizeof(text), &counted, &err) == 0);
		count_stream_on_ids(s, ignore_ids, NULL);
		CHECK(count_text(s, text, sizeof(text), &listed, &err) == 0);
		count_stream_on_ids(s, NULL, NULL);
		CHECK(counted == listed);
	}
	count_stream_free(s);
}

int
main(void)
{
	static const char *const engines[] = { "plain", "avx2", "neon" };
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;

	for (size_t n = 0; count_name(n) != NULL; n++) {
		CHECK(count_open(&e, count_name(n), &err) == 0);
		tokens_have_starts(e->v);
		for (size_t i = 0; i < TK_LEN(engines); i++) {
			if (!count_use_engine(engines[i]))
				continue;
			for (int k = 0; k < KINDS; k++)
				counts_as_merging_does(e, (enum kind)k);
			counts_what_ids_are(e);
		}
		count_use_engine(NULL);
		count_close(e);
	}
	return tap_done();
}
