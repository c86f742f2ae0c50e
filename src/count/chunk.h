#ifndef COUNT_CHUNK_H
#define COUNT_CHUNK_H

#include <string.h>

#include "count/count_int.h"
#include "count/merge.h"

/*
 * Merging one long run of bytes, for one kind of processor; included by
 * engine.h.
 *
 * The pairs are the leaves of a tree in which a node is the lowest of its 64
 * children.  Finding the lowest pair and changing one looks at one line of
 * 64 numbers a level, so n bytes take O(n log n) with a base of 64.
 */

/* The next bit that is set behind i; there is one. */
static inline uint32_t
bit_after(const uint64_t *bits, uint32_t i)
{
	uint32_t word = i / 64;
	uint64_t rest = bits[word] & ~UINT64_C(1) << i % 64;

	while (rest == 0)
		rest = bits[++word];
	return word * 64 + (uint32_t)__builtin_ctzll(rest);
}

static inline uint32_t
bit_before(const uint64_t *bits, uint32_t i)
{
	uint32_t word = i / 64;
	uint64_t rest = bits[word] & ((UINT64_C(1) << i % 64) - 1);

	while (rest == 0)
		rest = bits[--word];
	return word * 64 + 63 - (uint32_t)__builtin_clzll(rest);
}

/* Node i, of which the children are this line. */
ALWAYS_INLINE uint32_t
node_of(const uint32_t *line, uint32_t i)
{
	return (least(line, 64) & ~127u) | i % 64;
}

/* The nodes over leaf i are the lowest of their children again. */
ALWAYS_INLINE void
chunk_lift(struct chunk *k, uint32_t i)
{
	for (unsigned l = 0; l + 1 < k->levels; l++) {
		const uint32_t *line = k->level[l] + (i & ~63u);

		i /= 64;
		k->level[l + 1][i] = node_of(line, i);
	}
}

static void
chunk_fill(struct chunk *k, const struct vocab *v)
{
	uint32_t n = k->n, *pair = k->level[0];

	memset(k->alive, 0xff, (n + 1) / 64 * 8ul);
	k->alive[(n + 1) / 64] = (UINT64_C(1) << (n + 1) % 64) - 1;
	for (uint32_t i = 0; i + 1 < n; i++)
		pair[i] =
		    pair_at(vocab_merge_two(v, k->p[i], k->p[i + 1]), i % 64);
	pair[n - 1] = VOCAB_NONE;
	for (unsigned l = 0;; l++) {
		for (uint32_t i = n; i % 64 != 0; i++)
			k->level[l][i] = VOCAB_NONE;
		n = (n + 63) / 64;
		if (l + 1 == k->levels)
			break;
		for (uint32_t i = 0; i < n; i++) {
			const uint32_t *line = k->level[l] + 64ul * i;

			k->level[l + 1][i] = node_of(line, i);
		}
	}
}

static void
merge_chunk(struct chunk *k, const struct vocab *v)
{
	uint32_t *pair = k->level[0];

	chunk_fill(k, v);
	for (;;) {
		struct look left, right;
		uint32_t lowest = least(k->level[k->levels - 1], 64);
		uint32_t at = lowest & 127, gone, end;

		if (is_no_pair(lowest))
			break;
		for (unsigned l = k->levels - 1; l-- > 0;)
			at = at * 64 +
			    (least(k->level[l] + 64ul * at, 64) & 127);
		gone = bit_after(k->alive, at);
		k->alive[gone / 64] ^= UINT64_C(1) << gone % 64;
		end = bit_after(k->alive, at);
		pair[gone] = VOCAB_NONE;
		/* Of no bytes where there is no neighbour: no token. */
		look_for(&right, v, k->p, at,
		    end < k->n ? bit_after(k->alive, end) : at);
		if (at > 0) {
			look_for(&left, v, k->p, bit_before(k->alive, at), end);
			pair[left.from] =
			    pair_at(look_at(&left, v, k->p), left.from % 64);
			if (left.from / 64 != at / 64)
				chunk_lift(k, left.from);
		}
		pair[at] = pair_at(look_at(&right, v, k->p), at % 64);
		chunk_lift(k, at);
		if (gone / 64 != at / 64)
			chunk_lift(k, gone);
	}
}

#endif
