#ifndef VOCAB_TABLE_H
#define VOCAB_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The packed form of a vocabulary: one flat file, little-endian, without
 * pointers, every section at a multiple of 64.  It is made by pack_tool.c at
 * build time and used where it lies: in read-only memory, or mapped from a
 * file.  Opening one costs nothing; only the pages that are looked at are
 * read.
 *
 * A token is a byte string with a rank; merging prefers the lower rank, and
 * the id that the world sees is the rank plus id_base.  Three hash tables
 * lead from bytes to ranks, by length:
 *
 *   short, 1 to 7 bytes: the bytes and the length (topmost byte) are one
 *     64-bit key; a line of the table is 8 keys, 64 bytes.
 *   mid, 8 to 15 bytes: the same with 128-bit keys, 4 a line.
 *   long, 16 and more: ranks, compared through the bytes section.
 *
 * A key is in its home line unless that was full, then in the next one that
 * was not; lines fill from the front and low ranks are put in first, so a
 * line with an empty last slot ends the search, and the common tokens are
 * all at home.
 *
 * The pair table leads in the same way, 8 slots a line, from two ranks to the
 * rank of their merge.
 */
#define VOCAB_MAGIC "tkvocab1"
#define VOCAB_NONE UINT32_MAX

#define VOCAB_SHORT_MAX 7
#define VOCAB_MID_MAX 15
#define VOCAB_SHORT_WAYS 8
#define VOCAB_MID_WAYS 4
#define VOCAB_PAIR_WAYS 8

enum vocab_section {
	VOCAB_SHORT_KEY,
	VOCAB_SHORT_RANK, /* of the key in the same slot */
	VOCAB_SHORT_AWAY, /* a bit a line: a key is not at home there */
	VOCAB_MID_KEY,
	VOCAB_MID_RANK,
	VOCAB_MID_AWAY,
	VOCAB_LONG,      /* rank + 1, 0 is empty; linear probing */
	VOCAB_BYTES,     /* of long tokens: uint16_t length, bytes */
	VOCAB_PLACE,     /* by rank: where its bytes are */
	VOCAB_BYTE_RANK, /* the 256 single bytes */
	VOCAB_BYTE_PAIR, /* 256 * first + second: their merge, or NONE */
	VOCAB_PAIR,      /* left, right, rank + 1: 20 + 20 + 24 bits */
	VOCAB_SPECIAL,   /* uint32_t id, uint16_t length, bytes; ... */
	VOCAB_SECTIONS,
};

/* The two topmost bits of a place; the rest is a slot or an offset. */
enum { VOCAB_AT_SHORT, VOCAB_AT_MID, VOCAB_AT_BYTES, VOCAB_AT_NOWHERE };

enum vocab_head_flags {
	/* Every token is what merging its own bytes gives. */
	VOCAB_CLOSED = 1 << 0,
	/* The text is brought into that normal form first. */
	VOCAB_NFC = 1 << 8,
	VOCAB_NFKC = 1 << 9,
	/* Special tokens are looked for in the normal form, not before. */
	VOCAB_SPECIAL_LATE = 1 << 10,
};

struct vocab_head {
	char magic[8];
	char name[32];
	uint64_t size;    /* of the whole file */
	uint32_t pattern; /* enum vocab_pattern */
	uint32_t flags;   /* enum vocab_head_flags */
	uint32_t ranks;
	uint32_t id_base;
	uint32_t max_len; /* bytes of the longest token */
	uint32_t specials;
	struct {
		uint64_t at, len; /* in bytes */
	} section[VOCAB_SECTIONS];
};

struct vocab_key16 {
	uint64_t lo, hi;
};

/* A packed file, opened: pointers into it. */
struct vocab {
	const struct vocab_head *head;
	const uint64_t *short_key;
	const uint32_t *short_rank;
	const uint8_t *short_away;
	const struct vocab_key16 *mid_key;
	const uint32_t *mid_rank;
	const uint8_t *mid_away;
	const uint32_t *longs;
	const uint8_t *bytes;
	const uint32_t *place;
	const uint32_t *byte_rank;
	const uint32_t *byte_pair;
	const uint64_t *pair;
	const uint8_t *special;
	uint32_t short_lines, mid_lines, long_slots, pair_lines;
};

/* A 64-bit mix of which the upper half is used, scaled to 0..n-1. */
static inline uint32_t
vocab_scale(uint64_t mix, uint32_t n)
{
	return (uint32_t)((mix >> 32) * n >> 32);
}

static inline uint64_t
vocab_mix8(uint64_t key)
{
	return key * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t
vocab_mix16(uint64_t lo, uint64_t hi)
{
	return lo * UINT64_C(0x9e3779b97f4a7c15) +
	    hi * UINT64_C(0xd6e8feb86659fd93);
}

/* Of 8 bytes or more. */
static inline uint64_t
vocab_mix_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = n, word;

	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&word, p + i, 8);
		h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
		h ^= h >> 32;
	}
	memcpy(&word, p + n - 8, 8);
	h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
	return vocab_mix8(h ^ h >> 32);
}

/* The key of 1 to 7 bytes. */
static inline uint64_t
vocab_key8(const void *bytes, size_t n)
{
	uint64_t key = 0;

	memcpy(&key, bytes, n);
	return key | (uint64_t)n << 56;
}

/* The key of 8 to 15 bytes. */
static inline struct vocab_key16
vocab_key16(const void *bytes, size_t n)
{
	struct vocab_key16 key = { 0, 0 };

	memcpy(&key, bytes, n);
	key.hi |= (uint64_t)n << 56;
	return key;
}

#define VOCAB_PAIR_BITS 20     /* of a rank in a pair */
#define VOCAB_NO_RANK 0xfffffu /* merges with nothing */

static inline uint64_t
vocab_pair_key(uint32_t left, uint32_t right)
{
	return (uint64_t)left << VOCAB_PAIR_BITS | right;
}

/* The rank in a slot of the pair table. */
static inline uint32_t
vocab_pair_rank(uint64_t slot)
{
	return (uint32_t)(slot & 0xffffff) - 1;
}

/* Go on with the search for a pair behind a line that is full. */
static inline uint32_t
vocab_merge_from(const struct vocab *v, uint64_t key, uint32_t line)
{
	for (;;) {
		const uint64_t *slot = v->pair + (size_t)line * VOCAB_PAIR_WAYS;

		for (int i = 0; i < VOCAB_PAIR_WAYS; i++)
			if (slot[i] >> 24 == key && slot[i] != 0)
				return vocab_pair_rank(slot[i]);
		if (slot[VOCAB_PAIR_WAYS - 1] == 0)
			return VOCAB_NONE;
		line = line + 1 == v->pair_lines ? 0 : line + 1;
	}
}

/* The rank that two ranks merge to, or VOCAB_NONE. */
static inline uint32_t
vocab_merge(const struct vocab *v, uint32_t left, uint32_t right)
{
	uint64_t key = vocab_pair_key(left, right);

	return vocab_merge_from(v, key,
	    vocab_scale(vocab_mix8(key), v->pair_lines));
}

#endif
