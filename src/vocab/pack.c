/*
 * From a list of tokens to the packed form: their ranks, the tables, what
 * merging looks at, the image.
 *
 * The merging that the tables stand for: of all neighbours whose bytes
 * together are a token, those of the lowest rank are made one, the leftmost
 * first.  Published lists of merges name pairs of tokens instead.  That is
 * the same if each token comes, in its own bytes alone, from the pair that
 * is in the list: no merge crosses the ends of two neighbours that are
 * there, so within them the same merges were done in the same order as if
 * they were alone, and they are that pair.
 */
#include "vocab/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vocab/pack_int.h"

/* A rank has 24 bits in the long table. */
enum { RANKS_MAX = (1 << 24) - 2 };

static int
by_rank(const void *a_, const void *b_)
{
	const struct vocab_source_token *a =
	    *(const struct vocab_source_token *const *)a_;
	const struct vocab_source_token *b =
	    *(const struct vocab_source_token *const *)b_;

	if ((a->flags != 0) != (b->flags != 0))
		return a->flags != 0 ? 1 : -1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static bool
ids_are_ranks(const struct vocab_source *src)
{
	uint32_t most = 0;

	for (size_t i = 0; i < src->n; i++) {
		const struct vocab_source_token *t = &src->tokens[i];

		if (t->flags != 0 ||
		    t->id - t->rank !=
			src->tokens[0].id - src->tokens[0].rank ||
		    t->id < t->rank)
			return false;
		most = t->rank > most ? t->rank : most;
	}
	return most / 2 < src->n;
}

/*
 * Give each token its rank: the one it came with if ids follow from it,
 * otherwise its place among all, and then ids are a table.
 */
static int
number(struct vocab_packer *k, const struct vocab_source *src,
    struct tk_err *err)
{
	bool same = ids_are_ranks(src);
	size_t n = 0;

	for (size_t i = 0; i < src->n && same; i++)
		if (src->tokens[i].rank >= n)
			n = src->tokens[i].rank + UINT64_C(1);
	k->head.ranks = (uint32_t)(same ? n : src->n);
	k->tokens = tk_xcalloc(k->head.ranks + 1u, sizeof(*k->tokens));
	for (size_t i = 0; i < src->n; i++) {
		const struct vocab_source_token *t = &src->tokens[i];
		size_t at = same ? t->rank : i;

		if (k->tokens[at] != NULL)
			return tk_fail(err, TK_DATA, "rank %u is there twice",
			    t->rank);
		k->tokens[at] = t;
	}
	k->head.merges = k->head.ranks;
	k->head.id_base = src->tokens[0].id - src->tokens[0].rank;
	if (same)
		return 0;
	qsort(k->tokens, src->n, sizeof(*k->tokens), by_rank);
	for (size_t i = 0; i < src->n; i++) {
		const struct vocab_source_token *t = k->tokens[i];

		if (t->flags != 0 && k->head.merges > i)
			k->head.merges = (uint32_t)i;
		if (t->flags == 0 && i > 0 && t->rank == k->tokens[i - 1]->rank)
			return tk_fail(err, TK_DATA, "rank %u is there twice",
			    t->rank);
		if (t->id >= k->ids)
			k->ids = t->id + UINT64_C(1);
	}
	return 0;
}

/* The table of ids, for a vocabulary in which they are not ranks. */
static int
put_ids(struct vocab_packer *k, struct tk_err *err)
{
	if (k->ids == 0)
		return 0;
	if (k->ids > RANKS_MAX)
		return tk_fail(err, TK_DATA, "id %zu is too large", k->ids - 1);
	k->head.id_base = 0;
	k->id = tk_xcalloc(k->head.ranks, sizeof(*k->id));
	k->id_rank = tk_xreallocarray(NULL, k->ids, sizeof(*k->id_rank));
	memset(k->id_rank, 0xff, k->ids * sizeof(*k->id_rank));
	for (uint32_t r = 0; r < k->head.ranks; r++) {
		uint32_t id = k->tokens[r]->id;

		if (k->id_rank[id] != VOCAB_NONE)
			return tk_fail(err, TK_DATA, "id %u is there twice",
			    id);
		k->id[r] = id;
		k->id_rank[id] = r;
	}
	return 0;
}

static void
put_twos(struct vocab_packer *k)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < 65536; i++) {
		uint8_t two[2] = { (uint8_t)(i >> 8), (uint8_t)i };

		if (i % 64 == 0)
			k->two[i / 64].first = n;
		if (vocab_rank(&k->v, two, 2) < k->head.merges) {
			k->two[i / 64].has |= UINT64_C(1) << i % 64;
			n++;
		}
	}
	k->two_rank = tk_xcalloc(n + 1, sizeof(*k->two_rank));
	/* At least one, so that it can be read without looking. */
	k->v.two_ranks = n > 0 ? n : 1;
	n = 0;
	for (uint32_t i = 0; i < 65536; i++) {
		uint8_t two[2] = { (uint8_t)(i >> 8), (uint8_t)i };

		if ((k->two[i / 64].has >> i % 64 & 1) != 0)
			k->two_rank[n++] = vocab_rank(&k->v, two, 2);
	}
	k->v.two = k->two;
	k->v.two_rank = k->two_rank;
}

/* The tokens that reach over the start of a character, by their bytes. */
static void
put_seams(struct vocab_packer *k)
{
	for (uint32_t r = 0; r < k->head.ranks; r++) {
		const struct vocab_source_token *t = k->tokens[r];

		for (uint32_t i = 1; t != NULL && i < t->len; i++) {
			const uint8_t *p = t->bytes + i;
			uint32_t bit;

			k->seams.beside[p[-1] << 2 | p[0] >> 6] |=
			    UINT64_C(1) << (p[0] & 63);
			if (p[0] < 0xc0 || p[-1] < 0x80)
				continue;
			if (i == 1 || i + 1 == t->len) {
				k->seams.pair[p[-1] & 63] |=
				    UINT64_C(1) << (p[0] & 63);
				continue;
			}
			bit = vocab_seam_bit(p);
			k->seams.four[bit / 64] |= UINT64_C(1) << bit % 64;
		}
	}
}

/* Five to ten bits for each token. */
static void
put_sieve(struct vocab_packer *k)
{
	k->sieve_words = 1;
	while (k->sieve_words * 64ul / 5 < k->head.merges)
		k->sieve_words *= 2;
	k->sieve = tk_xcalloc(k->sieve_words, sizeof(*k->sieve));
	for (uint32_t r = 0; r < k->head.merges; r++) {
		const struct vocab_source_token *t = k->tokens[r];
		uint64_t key[2] = { 0, 0 }, bit;

		if (t == NULL || t->len < 3)
			continue;
		memcpy(key, t->bytes, t->len < 15 ? t->len : 15);
		bit = vocab_sieve_mix(key[0], key[1]) >>
		    (__builtin_clzll(k->sieve_words) - 5);
		k->sieve[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

/* The bits of vocab_starts(). */
static void
put_starts(struct vocab_packer *k)
{
	uint32_t n = (k->sieve_words + 1) / 2;
	uint64_t *four;

	k->three = tk_xcalloc(n, sizeof(*k->three) + sizeof(*four));
	k->starts_len = n * (sizeof(*k->three) + sizeof(*four));
	four = (uint64_t *)(k->three + n);
	for (uint32_t r = 0; r < k->head.merges; r++) {
		const struct vocab_source_token *t = k->tokens[r];
		struct vocab_three *three;
		uint64_t bit;

		if (t == NULL || t->len < 3)
			continue;
		three = &k->three[vocab_three_at(t->bytes[0] |
			(uint32_t)t->bytes[1] << 8,
		    n - 1)];
		bit = UINT64_C(1) << (t->bytes[2] & 63);
		*(t->len == 3 ? &three->whole : &three->more) |= bit;
		for (uint32_t len = 4; len <= 16 && len <= t->len; len += 4) {
			uint64_t key[2] = { 0, 0 };

			memcpy(key, t->bytes, len);
			bit = vocab_four_mix(key[0], key[1]) >>
			    (__builtin_clz(n) + 27);
			four[bit / 64] |= UINT64_C(1) << bit % 64;
		}
	}
}

static void
put_specials(struct vocab_packer *k, const struct vocab_source *src)
{
	size_t n = src->n_specials, len = 0;

	for (size_t i = 0; i < n; i++)
		len += src->specials[i].len;
	k->head.specials = (uint32_t)n;
	k->head.always = (uint32_t)src->n_always;
	k->specials = tk_xcalloc(n + 1, sizeof(*k->specials));
	k->special_text = tk_xcalloc(len + 1, 1);
	for (size_t i = 0; i < n; i++) {
		const struct vocab_special *s = &src->specials[i];

		k->specials[i] = (struct vocab_special_at){ s->id,
			(uint32_t)k->special_len, (uint32_t)s->len };
		memcpy(k->special_text + k->special_len, s->text, s->len);
		k->special_len += s->len;
	}
}

static void
write_image(struct vocab_packer *k, void **image, size_t *len)
{
	const struct {
		const void *bytes;
		size_t len;
	} parts[VOCAB_SECTIONS] = {
		[VOCAB_SHORT] = { k->shorts, k->v.s.lines * 64ul },
		[VOCAB_SHORT_AWAY] = { k->short_away, k->v.s.lines },
		[VOCAB_MID] = { k->mids, k->v.m.lines * 64ul },
		[VOCAB_MID_AWAY] = { k->mid_away, k->v.m.lines },
		[VOCAB_LONG] = { k->longs, k->v.long_slots * 4ul },
		[VOCAB_BYTES] = { k->bytes, k->bytes_len },
		[VOCAB_PLACE] = { k->place, k->place_len },
		[VOCAB_BYTE_RANK] = { k->byte_rank, sizeof(k->byte_rank) },
		[VOCAB_TWO] = { k->two, sizeof(k->two) },
		[VOCAB_TWO_RANK] = { k->two_rank, k->v.two_ranks * 4ul },
		[VOCAB_SEAM] = { &k->seams,
		    (k->head.flags & VOCAB_ALL_MERGE) != 0 ? sizeof(k->seams)
							   : 0 },
		[VOCAB_SIEVE] = { k->sieve, k->sieve_words * 8ul },
		[VOCAB_STARTS] = { k->three,
		    (k->head.flags & VOCAB_ALL_MERGE) != 0 ? k->starts_len
							   : 0 },
		[VOCAB_ID] = { k->id, k->ids > 0 ? k->head.ranks * 4ul : 0 },
		[VOCAB_ID_RANK] = { k->id_rank, k->ids * 4 },
		[VOCAB_SPECIAL] = { k->specials,
		    k->head.specials * sizeof(*k->specials) },
		[VOCAB_SPECIAL_TEXT] = { k->special_text, k->special_len },
	};
	uint64_t at = sizeof(k->head);
	uint8_t *to;

	for (int i = 0; i < VOCAB_SECTIONS; i++) {
		at = (at + 63) & ~UINT64_C(63);
		k->head.section[i].at = at;
		k->head.section[i].len = parts[i].len;
		at += parts[i].len;
	}
	k->head.size = *len = (at + 63) & ~UINT64_C(63);
	to = *image = aligned_alloc(64, *len);
	if (to == NULL)
		abort(); /* as tk_xcalloc() does */
	memset(to, 0, *len);
	for (int i = 0; i < VOCAB_SECTIONS; i++)
		if (parts[i].len > 0)
			memcpy(to + k->head.section[i].at, parts[i].bytes,
			    parts[i].len);
	memcpy(to, &k->head, sizeof(k->head));
	k->head.check = vocab_check((const void *)to, *len);
	memcpy(to, &k->head, sizeof(k->head));
}

static int
check_source(const struct vocab_source *src, struct tk_err *err)
{
	uint64_t bytes = 0, text = 0;

	if (strlen(src->name) >= sizeof(((struct vocab_head *)0)->name))
		return tk_fail(err, TK_DATA, "the name '%s' is too long",
		    src->name);
	if (src->n == 0)
		return tk_fail(err, TK_DATA, "there is no token");
	for (size_t i = 0; i < src->n; i++) {
		const struct vocab_source_token *t = &src->tokens[i];

		if (t->len == 0 || t->len > UINT16_MAX)
			return tk_fail(err, TK_DATA, "token %u has %u bytes",
			    t->id, t->len);
		bytes += t->len + 2;
	}
	for (size_t i = 0; i < src->n_specials; i++) {
		if (src->specials[i].len == 0)
			return tk_fail(err, TK_DATA,
			    "special token %u has no text",
			    src->specials[i].id);
		text += src->specials[i].len;
	}
	if (src->n > RANKS_MAX || bytes >= 1 << 30 || text >= 1 << 30)
		return tk_fail(err, TK_DATA, "the vocabulary is too large");
	return 0;
}

static void
release(struct vocab_packer *k)
{
	free(k->tokens);
	free(k->shorts);
	free(k->short_away);
	free(k->mids);
	free(k->mid_away);
	free(k->longs);
	free(k->bytes);
	free(k->slot);
	free(k->place);
	free(k->two_rank);
	free(k->sieve);
	free(k->three);
	free(k->id);
	free(k->id_rank);
	free(k->specials);
	free(k->special_text);
	free(k->away);
	free(k->away_rank);
	free(k);
}

int
vocab_pack(const struct vocab_source *src, void **image, size_t *len,
    struct tk_err *err)
{
	struct vocab_packer *k = tk_xcalloc(1, sizeof(*k));
	int rc = -1;

	*image = NULL;
	*len = 0;
	if (check_source(src, err) < 0 || number(k, src, err) < 0 ||
	    put_ids(k, err) < 0)
		goto out;
	memcpy(k->head.magic, VOCAB_MAGIC, 8);
	memcpy(k->head.name, src->name, strlen(src->name));
	k->head.pattern = src->pattern;
	k->head.flags = src->flags;
	for (size_t i = 0; i < src->n; i++)
		if (src->tokens[i].len > k->head.max_len)
			k->head.max_len = src->tokens[i].len;
	k->slot = tk_xreallocarray(NULL, k->head.ranks, sizeof(*k->slot));
	memset(k->slot, 0xff, k->head.ranks * sizeof(*k->slot));
	k->away = tk_xcalloc(src->n, sizeof(*k->away));
	k->away_rank = tk_xcalloc(src->n, sizeof(*k->away_rank));
	k->v.head = &k->head;
	k->v.merges = k->head.merges;
	vocab_pack_tables(k);
	/* What vocab_token() looks at. */
	k->head.section[VOCAB_BYTES].len = k->bytes_len;
	if (vocab_pack_check(k, err) < 0)
		goto out;
	put_twos(k);
	put_seams(k);
	put_sieve(k);
	put_starts(k);
	put_specials(k, src);
	write_image(k, image, len);
	rc = 0;
out:
	release(k);
	return rc;
}
