#ifndef TOKENIZER_IMAGE_H
#define TOKENIZER_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "tokenizer/model.h"
#include "tokenizer/trie.h"

/*
 * The packed form of a tokenizer: one flat file, little-endian, without
 * pointers, every section at a multiple of 64, used where it lies.  Opening
 * it costs nothing; only the pages that are looked at are read.
 *
 * The bounds of the sections are checked when it is opened, and those of
 * what the tables say when it is used: a damaged file gives wrong tokens or
 * an error, never more.
 */
#define IMAGE_MAGIC "tktoken1"

enum image_section {
	IMAGE_TEXT,
	IMAGE_TOKEN,      /* struct model_text, by id; symbols behind them */
	IMAGE_SCORE,      /* double, by id; unigram only */
	IMAGE_STEP,       /* struct model_step */
	IMAGE_ADDED,      /* struct model_added */
	IMAGE_RAW_SLOT,   /* trie of those looked for in the text as it comes */
	IMAGE_RAW_VALUE,  /* ... index of the added token */
	IMAGE_NORM_SLOT,  /* trie of those looked for at STEP_ADDED */
	IMAGE_NORM_VALUE, /* ... index of the added token */
	IMAGE_PIECE_SLOT, /* trie of all tokens: unigram, MODEL_WHOLE */
	IMAGE_PIECE_VALUE,
	IMAGE_BYTE,  /* uint32_t[256]: the token of a byte of the unknown */
	IMAGE_UNIT,  /* uint32_t[256]: symbol of a byte or ASCII character */
	IMAGE_CHAR,  /* (code point + 1) << 32 | symbol; linear probing */
	IMAGE_MERGE, /* struct model_merge; to NONE is empty; linear probing */
	IMAGE_JOIN_LOW, /* 256 * 256 bits: may the two stand in one token? */
	IMAGE_JOIN,     /* the same for other characters: a << 21 | b, + 1 */
	IMAGE_SECTIONS,
};

struct image_head {
	char magic[8];
	char name[40];
	uint64_t size; /* of the whole */
	uint32_t kind, flags;
	uint32_t n_id; /* ids; symbols that are no tokens come behind */
	uint32_t unknown;
	uint32_t max_len; /* bytes of the longest token */
	uint32_t spare;
	double low_score, high_score; /* unigram: of its tokens */
	/* Bits of the bytes that added tokens begin with. */
	uint8_t raw_first[32], norm_first[32];
	struct {
		uint64_t at, len; /* in bytes */
	} section[IMAGE_SECTIONS];
};

/* An opened image: pointers into it. */
struct image {
	const struct image_head *head;
	const uint8_t *text;
	size_t text_len;
	const struct model_text *token;
	const double *score;
	const struct model_step *step;
	const struct model_added *added;
	const uint32_t *byte, *unit;
	const uint64_t *chars, *join;
	const struct model_merge *merge;
	const uint8_t *join_low;
	struct trie raw, norm, piece;
	uint32_t n_token, n_step, n_added, n_char, n_merge, n_join;
};

/* Pack a model into new memory, which the caller frees. */
int image_make(const struct model *m, const char *name, void **bytes,
    size_t *len, struct tk_err *err);

/* Packed bytes, which stay where they are, at a multiple of 8. */
int image_open(struct image *i, const void *bytes, size_t len,
    struct tk_err *err);

/* A text of the image; one that is not inside of it is empty. */
static inline const uint8_t *
image_text(const struct image *i, struct model_text t, size_t *len)
{
	if (t.at > i->text_len || t.len > i->text_len - t.at) {
		*len = 0;
		return i->text;
	}
	*len = t.len;
	return i->text + t.at;
}

static inline uint64_t
image_mix(uint64_t a)
{
	a *= UINT64_C(0x9e3779b97f4a7c15);
	return a ^ a >> 29;
}

static inline uint32_t
image_home(uint64_t key, uint32_t n)
{
	return (
	    uint32_t)(((image_mix(key) * UINT64_C(0xd6e8feb86659fd93)) >> 32) *
		n >>
	    32);
}

/* The merge of two symbols, or NULL. */
static inline const struct model_merge *
image_merge(const struct image *i, uint32_t left, uint32_t right)
{
	uint64_t key = (uint64_t)left << 32 | right;
	uint32_t at = i->n_merge > 0 ? image_home(key, i->n_merge) : 0;

	for (uint32_t n = 0; n < i->n_merge; n++) {
		const struct model_merge *m = &i->merge[at];

		if (m->to == MODEL_NONE)
			return NULL;
		if (m->left == left && m->right == right)
			return m;
		at = at + 1 == i->n_merge ? 0 : at + 1;
	}
	return NULL;
}

/* The symbol of a character, or NONE. */
static inline uint32_t
image_symbol(const struct image *i, uint32_t cp)
{
	uint64_t key = (uint64_t)(cp + 1);
	uint32_t at;

	if (cp < 128)
		return i->unit[cp];
	at = i->n_char > 0 ? image_home(key, i->n_char) : 0;
	for (uint32_t n = 0; n < i->n_char && i->chars[at] != 0; n++) {
		if (i->chars[at] >> 32 == key)
			return (uint32_t)i->chars[at];
		at = at + 1 == i->n_char ? 0 : at + 1;
	}
	return MODEL_NONE;
}

/* The place of a character in IMAGE_JOIN_LOW, or 256: U+2581 is common. */
static inline uint32_t
image_low(uint32_t cp)
{
	return cp < 128 ? cp : cp == 0x2581 ? 128 : 256;
}

/* Whether a symbol that ends in a may merge with one that starts with b. */
static inline bool
image_joins(const struct image *i, uint32_t a, uint32_t b)
{
	uint32_t low_a = image_low(a), low_b = image_low(b), at;
	uint64_t key = ((uint64_t)a << 21 | b) + 1;

	if (low_a < 256 && low_b < 256) {
		at = low_a << 8 | low_b;
		return i->join_low[at / 8] >> at % 8 & 1;
	}
	at = i->n_join > 0 ? image_home(key, i->n_join) : 0;
	for (uint32_t n = 0; n < i->n_join && i->join[at] != 0; n++) {
		if (i->join[at] == key)
			return true;
		at = at + 1 == i->n_join ? 0 : at + 1;
	}
	return false;
}

#endif
