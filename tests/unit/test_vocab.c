#include "vocab/vocab.h"

#include <stdlib.h>

#include "tap.h"
#include "vocab/table.h"

/* Bytes lead to a rank and the rank to the bytes, for every token. */
static void
every_token_is_found(const struct vocab *v)
{
	uint32_t lost = 0, holes = 0;

	for (uint32_t r = 0; r < v->head->ranks; r++) {
		uint8_t room[16];
		size_t n;
		const uint8_t *p = vocab_token(v, r, room, &n);

		holes += p == NULL;
		lost += p != NULL && vocab_rank(v, p, n) != r;
	}
	/* p50k_base has no rank 50256, the others may leave out the first. */
	CHECK(lost == 0 && holes <= 5);
	CHECK(v->head->ranks > 50000);
	CHECK(v->head->max_len >= 76);
}

/* A seam is where no token reaches over; between common words there are some.
 */
static void
no_token_has_a_seam(const struct vocab *v)
{
	static const char text[] = "日本語処理中国汉语";
	const uint8_t *start = (const uint8_t *)text;
	int inside = 0, between = 0;

	CHECK(v->seams != NULL);
	for (uint32_t r = 0; r < v->head->ranks && v->seams != NULL; r++) {
		uint8_t room[16];
		size_t n;
		const uint8_t *p = vocab_token(v, r, room, &n);

		for (size_t i = 1; i < n; i++) {
			/* What is read around it is in a text. */
			uint8_t four[4] = { 0x80, 0, 0, 0x80 };

			if (p[i] < 0xc0 || p[i - 1] < 0x80)
				continue;
			four[0] = i > 1 ? p[i - 2] : 0x80;
			four[1] = p[i - 1];
			four[2] = p[i];
			four[3] = i + 1 < n ? p[i + 1] : 0x80;
			inside += vocab_is_seam(v->seams, four + 2);
		}
	}
	CHECK(inside == 0);
	for (size_t i = 3; i + 3 < sizeof(text); i += 3)
		between +=
		    v->seams != NULL && vocab_is_seam(v->seams, start + i);
	CHECK(between > 0);
}

static void
what_is_no_token_is_not_found(const struct vocab *v)
{
	static const char *const no_tokens[] = {
		"\xff\xfe", "qqqqq", "zqzqzqzq", "zqzqzqzqzqzqzqz",
		"zqzqzqzqzqzqzqzq",
		"zqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqzqz"
	};
	static const char zeroes[300];
	uint8_t room[16];
	size_t n;

	for (size_t i = 0; i < sizeof(no_tokens) / sizeof(no_tokens[0]); i++)
		CHECK(vocab_rank(v, no_tokens[i], strlen(no_tokens[i])) ==
		    VOCAB_NONE);
	CHECK(vocab_rank(v, "", 0) == VOCAB_NONE);
	CHECK(vocab_rank(v, zeroes, sizeof(zeroes)) == VOCAB_NONE);
	CHECK(vocab_token(v, v->head->ranks, room, &n) == NULL && n == 0);
}

/* A file that is cut short or changed in its header is refused. */
static void
damage_is_refused(const struct vocab *good)
{
	size_t size = good->head->size;
	struct vocab_head *h = aligned_alloc(64, (size + 63) / 64 * 64);
	struct tk_err err = TK_ERR_INIT;
	struct vocab *v;

	memcpy(h, good->head, size);
	CHECK(vocab_open_mem(&v, h, size, &err) == 0);
	vocab_free(v);
	CHECK(vocab_open_mem(&v, h, size - 1, &err) < 0 && v == NULL);
	CHECK(err.code == TK_DATA);
	CHECK(vocab_open_mem(&v, h, 10, &err) < 0);
	h->section[VOCAB_MID].at += 64;
	CHECK(vocab_open_mem(&v, h, size, &err) < 0 ||
	    (vocab_free(v), h->section[VOCAB_MID].at + 64 <= size));
	h->section[VOCAB_MID].at = UINT64_MAX - 63;
	CHECK(vocab_open_mem(&v, h, size, &err) < 0);
	memcpy(h, good->head, sizeof(*h));
	h->ranks++;
	CHECK(vocab_open_mem(&v, h, size, &err) < 0);
	memcpy(h, good->head, sizeof(*h));
	h->pattern = VOCAB_PATTERNS;
	CHECK(vocab_open_mem(&v, h, size, &err) < 0);
	memcpy(h, good->head, sizeof(*h));
	h->magic[0] ^= 1;
	CHECK(vocab_open_mem(&v, h, size, &err) < 0);
	free(h);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct vocab *v;

	for (size_t i = 0; vocab_name(i) != NULL; i++) {
		const char *name = vocab_name(i);

		CHECK(vocab_open(&v, name, &err) == 0);
		CHECK_STR(v->head->name, name);
		every_token_is_found(v);
		no_token_has_a_seam(v);
		what_is_no_token_is_not_found(v);
		damage_is_refused(v);
		vocab_free(v);
	}
	CHECK(vocab_open(&v, "nosuch", &err) < 0 && v == NULL);
	return tap_done();
}
