#include "vocab/pack.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "vocab/table.h"

enum { MANY = 4000 };

static uint8_t text[256 + MANY][24];
static struct vocab_source_token tokens[256 + MANY];

/* Single bytes, then numbers in words of 2 to 23 bytes. */
static void
make_tokens(void)
{
	for (uint32_t i = 0; i < 256 + MANY; i++) {
		struct vocab_source_token *t = &tokens[i];

		if (i < 256) {
			text[i][0] = (uint8_t)i;
			t->len = 1;
		} else {
			t->len = 2 + i % 22;
			memset(text[i], 'x', t->len);
			text[i][0] = (uint8_t)(i >> 8);
			text[i][1] = (uint8_t)i;
		}
		t->bytes = text[i];
		t->rank = t->id = i;
		t->flags = 0;
	}
}

static struct vocab_source
source(size_t n)
{
	return (struct vocab_source){ .name = "made",
		.pattern = VOCAB_O200K,
		.tokens = tokens,
		.n = n };
}

static struct vocab *
packed(const struct vocab_source *src, void **image)
{
	struct tk_err err = TK_ERR_INIT;
	struct vocab *v = NULL;
	size_t len;

	CHECK(vocab_pack(src, image, &len, &err) == 0);
	CHECK(vocab_open_image(&v, *image, len, &err) == 0);
	return v;
}

static uint32_t
lost(const struct vocab *v, size_t n)
{
	uint32_t lost = 0;

	for (size_t i = 0; i < n; i++) {
		const struct vocab_source_token *t = &tokens[i];
		uint32_t r = vocab_rank_of_id(v, t->id);
		uint8_t room[16];
		size_t len;
		const uint8_t *p = vocab_token(v, r, room, &len);

		lost += p == NULL || len != t->len ||
		    memcmp(p, t->bytes, len) != 0 || vocab_id(v, r) != t->id;
		if ((t->flags & VOCAB_TOKEN_DECODE) == 0)
			lost += vocab_rank(v, t->bytes, t->len) != r;
	}
	return lost;
}

static void
ids_are_ranks_where_they_can_be(void)
{
	struct vocab_source src = source(256 + MANY);
	void *image;
	struct vocab *v;

	make_tokens();
	v = packed(&src, &image);
	CHECK(v->ids == 0 && lost(v, src.n) == 0);
	CHECK(vocab_rank_of_id(v, 256 + MANY) == 256 + MANY);
	vocab_free(v);
	free(image);
	for (size_t i = 0; i < src.n; i++)
		tokens[i].id += 1000;
	v = packed(&src, &image);
	CHECK(v->ids == 0 && v->head->id_base == 1000);
	CHECK(lost(v, src.n) == 0 && vocab_rank_of_id(v, 999) == VOCAB_NONE);
	vocab_free(v);
	free(image);
}

static void
ids_may_be_anything(void)
{
	struct vocab_source src = source(256 + MANY);
	void *image;
	struct vocab *v;

	make_tokens();
	for (size_t i = 0; i < src.n; i++) {
		tokens[i].id = (uint32_t)(src.n - i) * 3;
		tokens[i].rank = (uint32_t)(i * 7919 % 65536);
	}
	tokens[300].flags = VOCAB_TOKEN_WHOLE;
	tokens[301].flags = VOCAB_TOKEN_DECODE;
	v = packed(&src, &image);
	CHECK(v->ids == src.n * 3 + 1 && lost(v, src.n) == 0);
	CHECK(v->head->merges == src.n - 2);
	CHECK(vocab_rank(v, text[300], tokens[300].len) >= v->merges);
	CHECK(vocab_rank(v, text[301], tokens[301].len) == VOCAB_NONE);
	CHECK(vocab_rank_of_id(v, 1) == VOCAB_NONE);
	vocab_free(v);
	free(image);
}

static void
refuse(const struct vocab_source *src, const char *why)
{
	struct tk_err err = TK_ERR_INIT;
	void *image;
	size_t len;

	CHECK(vocab_pack(src, &image, &len, &err) < 0 && image == NULL);
	CHECK_STR(err.msg, why);
}

static void
what_cannot_be_packed_is_refused(void)
{
	struct vocab_source src = source(256 + MANY);

	make_tokens();
	tokens[400].rank = 399;
	refuse(&src, "rank 399 is there twice");
	make_tokens();
	tokens[400].id = 399;
	refuse(&src, "id 399 is there twice");
	make_tokens();
	tokens[400].bytes = text[399];
	tokens[400].len = tokens[399].len;
	refuse(&src, "token 400 has the bytes of another");
	make_tokens();
	tokens[400].len = 0;
	refuse(&src, "token 400 has 0 bytes");
	make_tokens();
	src.n = 255;
	refuse(&src, "byte 0xff is no token");
	src.n = 0;
	refuse(&src, "there is no token");
}

/* "ab" and "abc" come from their bytes; "bcd" does not: b goes to "ab". */
static void
closed_is_what_merging_makes(void)
{
	static const char *const words[] = { "ab", "abc", "cd", "ba", "bab" };
	struct vocab_source src = source(0);
	void *image;
	struct vocab *v;

	for (size_t n = 2; n <= 5; n++) {
		make_tokens();
		for (size_t i = 0; i < n; i++) {
			tokens[256 + i].bytes = (const uint8_t *)words[i];
			tokens[256 + i].len = (uint32_t)strlen(words[i]);
		}
		src.n = 256 + n;
		v = packed(&src, &image);
		CHECK(vocab_merge_two(v, 'a', 'b') == 256);
		CHECK(vocab_merge_two(v, 'b', 'c') == VOCAB_NONE);
		vocab_free(v);
		free(image);
	}
	tokens[256].bytes = (const uint8_t *)"xyz"; /* of bytes alone */
	tokens[256].len = 3;
	v = packed(&src, &image);
	vocab_free(v);
	free(image);
}

static uint32_t
walk(const struct vocab *v)
{
	uint32_t sum = 0;
	uint8_t room[16];
	size_t n;

	for (uint32_t r = 0; r < v->head->ranks && r < 5000; r++)
		sum += vocab_token(v, r, room, &n) != NULL;
	for (uint32_t i = 0; i < 5000; i++)
		sum += vocab_rank(v, text[i % (256 + MANY)], 1 + i % 23);
	return sum + vocab_rank_of_id(v, 17) + vocab_id(v, 1u << 31);
}

/* Any damage is noticed; and what is not looked for does no harm. */
static void
damage_is_noticed(void)
{
	struct vocab_source src = source(256 + 40);
	struct tk_err err = TK_ERR_INIT;
	uint32_t sum = 0, noticed = 0, tried = 0;
	struct vocab *v;
	void *image;
	uint8_t *p;
	size_t len;

	make_tokens();
	for (size_t i = 0; i < src.n; i++)
		tokens[i].id = (uint32_t)(2 * i + 1);
	CHECK(vocab_pack(&src, &image, &len, &err) == 0);
	p = image;
	for (size_t i = 0; i < len; i += i < 400 ? 1 : 61, tried++) {
		uint8_t old = p[i];

		p[i] ^= (uint8_t)(1 << i % 8);
		noticed += vocab_open_image(&v, image, len, &err) < 0;
		if (vocab_open_mem(&v, image, len, &err) == 0)
			sum += walk(v);
		vocab_free(v);
		p[i] = old;
	}
	CHECK(noticed == tried && sum != 0);
	CHECK(vocab_open_image(&v, image, len, &err) == 0);
	vocab_free(v);
	CHECK(vocab_open_image(&v, p + 64, len - 64, &err) < 0);
	CHECK(vocab_open_mem(&v, p, 63, &err) < 0);
	free(image);
}

int
main(void)
{
	ids_are_ranks_where_they_can_be();
	ids_may_be_anything();
	what_cannot_be_packed_is_refused();
	closed_is_what_merging_makes();
	damage_is_noticed();
	return tap_done();
}
