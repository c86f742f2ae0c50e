/* Merging long pieces in chunks is byte pair encoding by its definition. */
#include <stdlib.h>

#include "base/buf.h"
#include "count/count.h"
#include "count/count_int.h"
#include "tap.h"

static uint64_t seed = 20261121;

static uint32_t
dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

/* Byte pair encoding by its definition, with a search for every merge. */
static size_t
merge_by_the_book(const struct vocab *v, const struct tk_buf *in,
    uint32_t *ranks)
{
	size_t n = in->len;
	size_t *start = malloc((n + 2) * sizeof(*start));
	uint32_t *pair = malloc((n + 1) * sizeof(*pair));

	for (size_t i = 0; i <= n + 1; i++)
		start[i] = i < n ? i : n;
	for (size_t i = 0; i < n; i++)
		pair[i] = i + 1 < n ? vocab_rank(v, in->s + i, 2) : VOCAB_NONE;
	for (;;) {
		size_t at = 0;

		for (size_t i = 1; i + 1 < n; i++)
			if (pair[i] < pair[at])
				at = i;
		if (n < 2 || pair[at] == VOCAB_NONE)
			break;
		memmove(start + at + 1, start + at + 2,
		    (n - at) * sizeof(*start));
		memmove(pair + at, pair + at + 1, (n - at - 1) * sizeof(*pair));
		n--;
		pair[n - 1] = VOCAB_NONE;
		for (size_t i = at > 0 ? at - 1 : 0; i <= at && i + 1 < n; i++)
			pair[i] = vocab_rank(v, in->s + start[i],
			    start[i + 2] - start[i]);
	}
	for (size_t i = 0; i < n; i++)
		ranks[i] =
		    vocab_rank(v, in->s + start[i], start[i + 1] - start[i]);
	free(start);
	free(pair);
	return n;
}

/* Pieces beyond the length at which merging goes by chunks. */
static void
chunks_are_the_whole(const struct vocab *v)
{
	static const char *const letters[] = { "a", "ab", "abcdefghij",
		"etaoinshrdlu", "=", "=-", "!#$%&*+,.:;<=>?@^_`|~" };
	struct tk_buf in = TK_BUF_INIT;
	struct bpe_work *w = bpe_new();
	int bad = 0;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		uint32_t kinds = (uint32_t)strlen(letters[i]);
		const uint32_t *got;
		uint32_t *want;
		size_t n;

		tk_buf_reset(&in);
		while (in.len < 4000)
			tk_buf_add(&in, letters[i] + dice(kinds), 1);
		want = malloc(in.len * sizeof(*want));
		n = merge_by_the_book(v, &in, want);
		bad +=
		    bpe_merge(w, v, (const uint8_t *)in.s, in.len, &got) != n ||
		    memcmp(want, got, n * sizeof(*want)) != 0;
		free(want);
	}
	CHECK(bad == 0);
	tk_buf_release(&in);
	bpe_free(w);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;

	for (size_t i = 0; count_name(i) != NULL; i++) {
		CHECK(count_open(&e, count_name(i), &err) == 0);
		/* Unless another encoding has the same tables. */
		if (strcmp(count_name(i), e->v->head->name) == 0)
			chunks_are_the_whole(e->v);
		count_close(e);
	}
	return tap_done();
}
