/* Merging by longest tokens (src/count/match.h, longest.h) is merging. */
#include "count/match.h"

#include <stdlib.h>
#include <string.h>

#include "count/count.h"
#include "count/count_int.h"
#include "count/longest.h"
#include "count/split.h"
#include "tap.h"

enum { TEXT = 3000 };

static uint64_t state = 20261123;

static uint32_t
random_below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((state >> 33) % n);
}

static const char *const few[] = { " \t\r\n", " \n", " \t", "ab", "a",
	"\xc2\xa0 \n\r\t", "=-", "ACGT", " \xe2\x80\x83\x82", "  e\n{}(;" };

/* The bytes of a set in any order, or in runs. */
static void
some_text(const char *of, bool runs, uint8_t *to)
{
	uint32_t n = (uint32_t)strlen(of), run = 0;

	for (size_t i = 0; i < TEXT; i++) {
		if (run == 0) {
			to[i] = (uint8_t)of[random_below(n)];
			run = runs ? random_below(14) : 0;
		} else {
			to[i] = to[i - 1];
			run--;
		}
	}
}

/* Where the tokens of merging begin. */
static size_t
starts_of(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    uint64_t *starts)
{
	const uint32_t *ranks;
	size_t k = bpe_merge(w, v, p, n, &ranks), at = 0;

	memset(starts, 0, (n / 64 + 1) * sizeof(*starts));
	for (size_t i = 0; i < k; i++) {
		uint8_t room[16];
		size_t len;

		starts[at / 64] |= UINT64_C(1) << at % 64;
		vocab_token(v, ranks[i], room, &len);
		at += len;
	}
	starts[n / 64] |= UINT64_C(1) << n % 64;
	return k;
}

static void
merges_what_has_few_bytes(const struct vocab *v)
{
	uint8_t text[TEXT + COUNT_PAD] = { 0 };
	uint64_t want[TEXT / 64 + 1], got[TEXT / 64 + 1];
	int differ = 0, refused = 0;

	for (size_t i = 0; i < 2 * sizeof(few) / sizeof(few[0]); i++) {
		struct match *m = match_new(v);

		some_text(few[i / 2], i % 2 != 0, text);
		for (size_t n = 1; n <= TEXT; n += n < 40 ? 1 : 987) {
			/* One that has merged too little to do the same. */
			struct bpe_work *w = bpe_new();
			size_t k = starts_of(w, v, text, n, want);
			size_t found = match_merge(m, text, n, got);

			refused += found == 0;
			differ += found != 0 &&
			    (found != k ||
				memcmp(want, got, (n / 64 + 1) * 8) != 0);
			bpe_free(w);
		}
		match_free(m);
	}
	CHECK(differ == 0);
	CHECK(refused == 0);
}

static void
merges_any_bytes(const struct vocab *v)
{
	static const char *const many[] = { "etaoinshrdlucmfwypvbgkqjxz",
		"=-|+*#~_.:^/!?<>%$&@", "0123456789abcdef", "aA1 .\n",
		"\xd0\xb0\xb1\xd1\x80\xe2\x94\x81\xf0\x9f\x98" };
	uint8_t text[TEXT + COUNT_PAD] = { 0 };
	uint64_t want[TEXT / 64 + 1], got[TEXT / 64 + 1];
	struct longest *l = longest_new(v);
	int differ = 0;

	CHECK(l != NULL);
	for (size_t i = 0; i < 2 * sizeof(many) / sizeof(many[0]); i++) {
		some_text(many[i / 2], i % 2 != 0, text);
		for (size_t n = 1; n <= TEXT; n += n < 40 ? 1 : 987) {
			struct bpe_work *w = bpe_new();
			size_t k = starts_of(w, v, text, n, want);

			differ += longest_merge(l, text, n, got) != k ||
			    memcmp(want, got, (n / 64 + 1) * 8) != 0;
			bpe_free(w);
		}
	}
	CHECK(differ == 0);
	longest_free(l);
}

/* Whether each two tokens are what merging the bytes of the two gives. */
static bool
holds_by_pairs(const struct vocab *v, const uint8_t *p, size_t n)
{
	struct bpe_work *whole = bpe_new(), *two = bpe_new();
	const uint32_t *ranks, *pair;
	size_t k = bpe_merge(whole, v, p, n, &ranks), at = 0, wrong = 0;

	for (size_t i = 0; i < k; i++) {
		uint8_t room[16];
		size_t len, next = 0;

		vocab_token(v, ranks[i], room, &len);
		if (i + 1 < k)
			vocab_token(v, ranks[i + 1], room, &next);
		if (i + 1 < k)
			wrong +=
			    bpe_merge(two, v, p + at, len + next, &pair) != 2 ||
			    pair[0] != ranks[i] || pair[1] != ranks[i + 1];
		at += len;
	}
	wrong += at != n;
	wrong += (size_t)bpe_count(two, v, p, n) != k;
	bpe_free(whole);
	bpe_free(two);
	return wrong == 0;
}

/* Lines that are drawn: of few bytes, or of more, after a run of one. */
static void
merges_long_pieces_of_runs(const struct vocab *v)
{
	static const char *const of[] = { "=-|", "=-|+*#", "=-|+*#~_.:^/",
		"abcdefghijklmnopqrstuvwxyz" };
	enum { LONG = 40000 };
	static uint8_t text[LONG + COUNT_PAD];

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		size_t at = 0, run = 64;

		while (at < LONG) {
			uint32_t byte = random_below((uint32_t)strlen(of[i]));

			for (; run > 0 && at < LONG; run--)
				text[at++] = (uint8_t)of[i][byte];
			run = 1 + random_below(90);
		}
		CHECK(holds_by_pairs(v, text, LONG));
	}
}

static void
many_bytes_are_refused_and_then_few_are_not(const struct vocab *v)
{
	uint8_t text[26 + COUNT_PAD] = "abcdefghijklmnopqrstuvwxyz";
	struct match *m = match_new(v);

	CHECK(match_count(m, text, 26) == 0);
	CHECK(match_count(m, text, 1) == 1);
	match_free(m);
}

static void
pays_for_much_of_few_bytes_alone(const struct vocab *v)
{
	static uint8_t blank[1 << 16], many[1 << 16];
	struct match *m = match_new(v);

	memset(blank, ' ', sizeof(blank));
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = (uint8_t)(i % 9);
	CHECK(!match_pays(m, many, sizeof(many)));
	CHECK(!match_pays(m, blank, 1000));
	CHECK(match_pays(m, blank, sizeof(blank)));
	CHECK(!match_pays(m, many, sizeof(many)));
	match_free(m);
}

/* split.h has two ways from bytes to a class. */
static void
classes_agree(void)
{
	int differ = 0;

	for (uint32_t c = 0; c < 0x110000; c++) {
		uint8_t p[8] = { 0 };
		unsigned n, mixed;

		if (c < 0x80) {
			p[0] = (uint8_t)c;
		} else if (c < 0x800) {
			p[0] = (uint8_t)(0xc0 | c >> 6);
			p[1] = (uint8_t)(0x80 | (c & 63));
		} else if (c < 0x10000) {
			p[0] = (uint8_t)(0xe0 | c >> 12);
			p[1] = (uint8_t)(0x80 | (c >> 6 & 63));
			p[2] = (uint8_t)(0x80 | (c & 63));
		} else {
			p[0] = (uint8_t)(0xf0 | c >> 18);
			p[1] = (uint8_t)(0x80 | (c >> 12 & 63));
			p[2] = (uint8_t)(0x80 | (c >> 6 & 63));
			p[3] = (uint8_t)(0x80 | (c & 63));
		}
		differ += split_class(p, &n) != split_class_mixed(p, &mixed);
		differ += n != mixed;
	}
	CHECK(differ == 0);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;
	int tested;

	classes_agree();
	tested = 0;
	for (size_t i = 0; count_name(i) != NULL; i++) {
		CHECK(count_open(&e, count_name(i), &err) == 0);
		/* Longer tokens are not for this. */
		if (e->v->four != NULL && e->v->head->max_len < 256) {
			merges_what_has_few_bytes(e->v);
			many_bytes_are_refused_and_then_few_are_not(e->v);
			merges_any_bytes(e->v);
			merges_long_pieces_of_runs(e->v);
			pays_for_much_of_few_bytes_alone(e->v);
			tested++;
		}
		count_close(e);
	}
	CHECK(tested > 0);
	return tap_done();
}
