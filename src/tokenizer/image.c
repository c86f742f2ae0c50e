#include "tokenizer/image.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "packed tokenizers are little-endian and used as they are"
#endif

/* The size of one element of each section. */
static const size_t unit[IMAGE_SECTIONS] = {
	[IMAGE_TEXT] = 1,
	[IMAGE_TOKEN] = sizeof(struct model_text),
	[IMAGE_SCORE] = sizeof(double),
	[IMAGE_STEP] = sizeof(struct model_step),
	[IMAGE_ADDED] = sizeof(struct model_added),
	[IMAGE_RAW_SLOT] = sizeof(uint64_t),
	[IMAGE_RAW_VALUE] = sizeof(uint32_t),
	[IMAGE_NORM_SLOT] = sizeof(uint64_t),
	[IMAGE_NORM_VALUE] = sizeof(uint32_t),
	[IMAGE_PIECE_SLOT] = sizeof(uint64_t),
	[IMAGE_PIECE_VALUE] = sizeof(uint32_t),
	[IMAGE_BYTE] = 256 * sizeof(uint32_t),
	[IMAGE_UNIT] = 256 * sizeof(uint32_t),
	[IMAGE_CHAR] = sizeof(uint64_t),
	[IMAGE_MERGE] = sizeof(struct model_merge),
	[IMAGE_JOIN_LOW] = 8192,
	[IMAGE_JOIN] = sizeof(uint64_t),
};

static uint32_t
count_of(const struct image_head *h, enum image_section s)
{
	return (uint32_t)(h->section[s].len / unit[s]);
}

static bool
is_sound(const struct image_head *h, size_t len)
{
	if (h->size != len || h->kind >= MODEL_KINDS ||
	    memchr(h->name, '\0', sizeof(h->name)) == NULL)
		return false;
	for (int i = 0; i < IMAGE_SECTIONS; i++) {
		uint64_t at = h->section[i].at, n = h->section[i].len;

		if (at % 64 != 0 || at > len || n > len - at ||
		    n % unit[i] != 0 || n / unit[i] > UINT32_MAX)
			return false;
	}
	return count_of(h, IMAGE_BYTE) == 1 && count_of(h, IMAGE_UNIT) == 1 &&
	    count_of(h, IMAGE_JOIN_LOW) == 1 &&
	    h->n_id <= count_of(h, IMAGE_TOKEN) &&
	    (h->kind != MODEL_UNIGRAM || h->n_id <= count_of(h, IMAGE_SCORE));
}

static struct trie
trie_at(const void *const *at, const struct image_head *h, enum image_section s)
{
	return (struct trie){ at[s], at[s + 1], count_of(h, s),
		count_of(h, s + 1) };
}

int
image_open(struct image *i, const void *bytes, size_t len, struct tk_err *err)
{
	const struct image_head *h = bytes;
	const void *at[IMAGE_SECTIONS];

	memset(i, 0, sizeof(*i));
	if (len < sizeof(*h) || memcmp(h->magic, IMAGE_MAGIC, 7) != 0)
		return tk_fail(err, TK_DATA, "not a packed tokenizer");
	if (h->magic[7] != IMAGE_MAGIC[7])
		return tk_fail(err, TK_DATA,
		    "packed by another version of tokctl");
	if (!is_sound(h, len))
		return tk_fail(err, TK_DATA, "the packed tokenizer is damaged");
	for (int s = 0; s < IMAGE_SECTIONS; s++)
		at[s] = (const char *)bytes + h->section[s].at;
	i->head = h;
	i->text = at[IMAGE_TEXT];
	i->text_len = h->section[IMAGE_TEXT].len;
	i->token = at[IMAGE_TOKEN];
	i->score = at[IMAGE_SCORE];
	i->step = at[IMAGE_STEP];
	i->added = at[IMAGE_ADDED];
	i->byte = at[IMAGE_BYTE];
	i->unit = at[IMAGE_UNIT];
	i->chars = at[IMAGE_CHAR];
	i->merge = at[IMAGE_MERGE];
	i->join_low = at[IMAGE_JOIN_LOW];
	i->join = at[IMAGE_JOIN];
	i->raw = trie_at(at, h, IMAGE_RAW_SLOT);
	i->norm = trie_at(at, h, IMAGE_NORM_SLOT);
	i->piece = trie_at(at, h, IMAGE_PIECE_SLOT);
	i->n_token = count_of(h, IMAGE_TOKEN);
	i->n_step = count_of(h, IMAGE_STEP);
	i->n_added = count_of(h, IMAGE_ADDED);
	i->n_char = count_of(h, IMAGE_CHAR);
	i->n_merge = count_of(h, IMAGE_MERGE);
	i->n_join = count_of(h, IMAGE_JOIN);
	return 0;
}
