#ifndef COUNT_PAIRS_H
#define COUNT_PAIRS_H

#include <stdint.h>

#include "vocab/table.h"

/*
 * What pairs of neighbours merged to, or that they do not: a cache of what
 * the tables of the vocabulary said.  A look-up there is a hash of bytes in a
 * megabyte or two; most pairs come again and again, and here one word that is
 * near says it.
 *
 * A part is a number: a byte is itself, a token its rank and 256.  Two of
 * them are a key of 50 bits, mixed in a way that can be undone.  The upper
 * bits of that say where it is, so a slot holds only the lower ones, above a
 * bit that says "used" and the rank.
 */
enum {
	PART_BITS = 25,
	PAIR_SLOT_BITS = 13,
	PAIR_RANK_BITS = 24,
	PAIR_NONE = (1 << PAIR_RANK_BITS) - 1, /* they do not merge */
};

struct pairs {
	uint64_t slot[1 << PAIR_SLOT_BITS];
};

static inline uint32_t
part_of_rank(uint32_t rank)
{
	return rank + 256;
}

static inline uint64_t
pair_mix(uint32_t left, uint32_t right)
{
	uint64_t key = (uint64_t)left << PART_BITS | right;

	return key * VOCAB_FACTOR << (64 - 2 * PART_BITS);
}

/* The slot of that pair, if it has no rank. */
static inline uint64_t
pair_slot(uint64_t mix)
{
	return mix << PAIR_SLOT_BITS | 1 << PAIR_RANK_BITS;
}

static inline void
pair_fetch(const struct pairs *k, uint64_t mix)
{
	__builtin_prefetch(&k->slot[mix >> (64 - PAIR_SLOT_BITS)]);
}

/* The rank, or PAIR_NONE; more than that when it is not known. */
static inline uint64_t
pair_find(const struct pairs *k, uint64_t mix)
{
	return k->slot[mix >> (64 - PAIR_SLOT_BITS)] ^ pair_slot(mix);
}

static inline void
pair_put(struct pairs *k, uint64_t mix, uint32_t rank)
{
	k->slot[mix >> (64 - PAIR_SLOT_BITS)] = pair_slot(mix) | rank;
}

#endif
