#include "vocab/vocab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vocab/table.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the packed vocabularies are little-endian and used as they are"
#endif

const char *const vocab_patterns[VOCAB_PATTERNS] = {
	[VOCAB_O200K] = "o200k",
	[VOCAB_CL100K] = "cl100k",
	[VOCAB_TEKKEN] = "tekken",
	[VOCAB_QWEN2] = "qwen2",
	[VOCAB_GPT2] = "gpt2",
	[VOCAB_DEEPSEEK3] = "deepseek3",
};

/* The size of one element of each section, for checking lengths. */
static const size_t unit[VOCAB_SECTIONS] = {
	[VOCAB_SHORT_KEY] = VOCAB_SHORT_WAYS * sizeof(uint64_t),
	[VOCAB_SHORT_RANK] = VOCAB_SHORT_WAYS * sizeof(uint32_t),
	[VOCAB_SHORT_AWAY] = 1,
	[VOCAB_MID_AWAY] = 1,
	[VOCAB_MID_KEY] = VOCAB_MID_WAYS * sizeof(struct vocab_key16),
	[VOCAB_MID_RANK] = VOCAB_MID_WAYS * sizeof(uint32_t),
	[VOCAB_LONG] = sizeof(uint32_t),
	[VOCAB_BYTES] = 1,
	[VOCAB_PLACE] = sizeof(uint32_t),
	[VOCAB_BYTE_RANK] = 256 * sizeof(uint32_t),
	[VOCAB_BYTE_PAIR] = 65536 * sizeof(uint32_t),
	[VOCAB_PAIR] = VOCAB_PAIR_WAYS * sizeof(uint64_t),
	[VOCAB_SPECIAL] = 1,
};

static bool
head_is_sound(const struct vocab_head *h, size_t len)
{
	if (len < sizeof(*h) || memcmp(h->magic, VOCAB_MAGIC, 8) != 0 ||
	    h->size != len || h->pattern >= VOCAB_PATTERNS ||
	    memchr(h->name, '\0', sizeof(h->name)) == NULL)
		return false;
	for (int i = 0; i < VOCAB_SECTIONS; i++) {
		uint64_t at = h->section[i].at, n = h->section[i].len;

		if (at % 64 != 0 || at > len || n > len - at ||
		    n % unit[i] != 0)
			return false;
	}
	return h->section[VOCAB_SHORT_KEY].len ==
	    2 * h->section[VOCAB_SHORT_RANK].len &&
	    h->section[VOCAB_MID_KEY].len ==
	    4 * h->section[VOCAB_MID_RANK].len &&
	    h->section[VOCAB_SHORT_AWAY].len ==
	    (h->section[VOCAB_SHORT_KEY].len / unit[VOCAB_SHORT_KEY] + 7) / 8 &&
	    h->section[VOCAB_MID_AWAY].len ==
	    (h->section[VOCAB_MID_KEY].len / unit[VOCAB_MID_KEY] + 7) / 8 &&
	    h->section[VOCAB_PLACE].len == 4 * (uint64_t)h->ranks &&
	    h->section[VOCAB_BYTE_RANK].len == unit[VOCAB_BYTE_RANK] &&
	    h->section[VOCAB_BYTE_PAIR].len == unit[VOCAB_BYTE_PAIR] &&
	    h->section[VOCAB_SHORT_KEY].len > 0 &&
	    h->section[VOCAB_MID_KEY].len > 0 &&
	    h->section[VOCAB_LONG].len > 0 && h->section[VOCAB_PAIR].len > 0;
}

static uint32_t
count_of(const struct vocab_head *h, enum vocab_section s)
{
	return (uint32_t)(h->section[s].len / unit[s]);
}

int
vocab_open_mem(struct vocab **vp, const void *bytes, size_t len,
    struct tk_err *err)
{
	const struct vocab_head *h = bytes;
	const void *at[VOCAB_SECTIONS];
	struct vocab *v;

	*vp = NULL;
	if (!head_is_sound(h, len))
		return tk_fail(err, TK_DATA, "not a packed vocabulary");
	for (int i = 0; i < VOCAB_SECTIONS; i++)
		at[i] = (const char *)bytes + h->section[i].at;
	v = tk_xcalloc(1, sizeof(*v));
	v->head = h;
	v->short_key = at[VOCAB_SHORT_KEY];
	v->short_rank = at[VOCAB_SHORT_RANK];
	v->short_away = at[VOCAB_SHORT_AWAY];
	v->mid_away = at[VOCAB_MID_AWAY];
	v->mid_key = at[VOCAB_MID_KEY];
	v->mid_rank = at[VOCAB_MID_RANK];
	v->longs = at[VOCAB_LONG];
	v->bytes = at[VOCAB_BYTES];
	v->place = at[VOCAB_PLACE];
	v->byte_rank = at[VOCAB_BYTE_RANK];
	v->byte_pair = at[VOCAB_BYTE_PAIR];
	v->pair = at[VOCAB_PAIR];
	v->special = at[VOCAB_SPECIAL];
	v->short_lines = count_of(h, VOCAB_SHORT_KEY);
	v->mid_lines = count_of(h, VOCAB_MID_KEY);
	v->long_slots = count_of(h, VOCAB_LONG);
	v->pair_lines = count_of(h, VOCAB_PAIR);
	*vp = v;
	return 0;
}

void
vocab_free(struct vocab *v)
{
	free(v);
}

static uint32_t
rank_short(const struct vocab *v, uint64_t key)
{
	uint32_t line = vocab_scale(vocab_mix8(key), v->short_lines);

	for (;;) {
		const uint64_t *k =
		    v->short_key + (size_t)line * VOCAB_SHORT_WAYS;

		for (int i = 0; i < VOCAB_SHORT_WAYS; i++)
			if (k[i] == key)
				return v->short_rank[k - v->short_key + i];
		if (k[VOCAB_SHORT_WAYS - 1] == 0)
			return VOCAB_NONE;
		line = line + 1 == v->short_lines ? 0 : line + 1;
	}
}

static uint32_t
rank_mid(const struct vocab *v, struct vocab_key16 key)
{
	uint32_t line = vocab_scale(vocab_mix16(key.lo, key.hi), v->mid_lines);

	for (;;) {
		const struct vocab_key16 *k =
		    v->mid_key + (size_t)line * VOCAB_MID_WAYS;

		for (int i = 0; i < VOCAB_MID_WAYS; i++)
			if (k[i].lo == key.lo && k[i].hi == key.hi)
				return v->mid_rank[k - v->mid_key + i];
		if (k[VOCAB_MID_WAYS - 1].hi == 0)
			return VOCAB_NONE;
		line = line + 1 == v->mid_lines ? 0 : line + 1;
	}
}

static uint32_t
rank_long(const struct vocab *v, const void *bytes, size_t len)
{
	uint32_t i = vocab_scale(vocab_mix_bytes(bytes, len), v->long_slots);

	while (v->longs[i] != 0) {
		size_t n;
		const uint8_t *token = vocab_token(v, v->longs[i] - 1, &n);

		if (n == len && memcmp(token, bytes, n) == 0)
			return v->longs[i] - 1;
		i = i + 1 == v->long_slots ? 0 : i + 1;
	}
	return VOCAB_NONE;
}

uint32_t
vocab_rank(const struct vocab *v, const void *bytes, size_t len)
{
	if (len == 0 || len > v->head->max_len)
		return VOCAB_NONE;
	if (len <= VOCAB_SHORT_MAX)
		return rank_short(v, vocab_key8(bytes, len));
	if (len <= VOCAB_MID_MAX)
		return rank_mid(v, vocab_key16(bytes, len));
	return rank_long(v, bytes, len);
}

const uint8_t *
vocab_token(const struct vocab *v, uint32_t rank, size_t *len)
{
	uint32_t at;
	uint16_t n;
	const uint8_t *p;

	*len = 0;
	if (rank >= v->head->ranks)
		return NULL;
	at = v->place[rank] & 0x3fffffff;
	switch (v->place[rank] >> 30) {
	case VOCAB_AT_SHORT:
		*len = v->short_key[at] >> 56;
		return (const uint8_t *)(v->short_key + at);
	case VOCAB_AT_MID:
		*len = v->mid_key[at].hi >> 56;
		return (const uint8_t *)(v->mid_key + at);
	case VOCAB_AT_BYTES:
		p = v->bytes + at;
		memcpy(&n, p, sizeof(n));
		*len = n;
		return p + sizeof(n);
	}
	return NULL;
}

int
vocab_special(const struct vocab *v, size_t n, struct vocab_special *s)
{
	const uint8_t *p = v->special;
	uint16_t len;

	if (n >= v->head->specials)
		return 0;
	for (;; n--) {
		memcpy(&s->id, p, sizeof(s->id));
		memcpy(&len, p + 4, sizeof(len));
		s->text = p + 6;
		s->len = len;
		if (n == 0)
			return 1;
		p += 6 + len;
	}
}
