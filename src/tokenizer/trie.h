#ifndef TOKENIZER_TRIE_H
#define TOKENIZER_TRIE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Which of many byte strings begin at a place in a text: one step a byte.
 *
 * The edges are a hash table, so that it can lie in a file as it is:
 * a slot is (node << 8 | byte) << 24 | child, 0 is empty; linear probing.
 * Node 0 is the root and no child.  value[node] is what was put there, plus
 * one; 0: no string ends there.
 */
struct trie {
	const uint64_t *slot;
	const uint32_t *value;
	uint32_t slots, nodes;
};

#define TRIE_NONE UINT32_MAX

static inline uint32_t
trie_home(uint64_t key, uint32_t slots)
{
	return (
	    uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15) >> 32) * slots >> 32);
}

/* The node behind that byte, or 0. */
static inline uint32_t
trie_step(const struct trie *t, uint32_t node, uint8_t byte)
{
	uint64_t key = (uint64_t)node << 8 | byte;
	uint32_t i = t->slots > 0 ? trie_home(key, t->slots) : 0;

	for (uint32_t n = 0; n < t->slots && t->slot[i] != 0; n++) {
		if (t->slot[i] >> 24 == key) {
			uint32_t child = (uint32_t)t->slot[i] & 0xffffff;

			return child < t->nodes ? child : 0;
		}
		i = i + 1 == t->slots ? 0 : i + 1;
	}
	return 0;
}

static inline uint32_t
trie_value(const struct trie *t, uint32_t node)
{
	return node < t->nodes ? t->value[node] - 1 : TRIE_NONE;
}

/* While it is made; starts as { 0 }. */
struct trie_maker {
	uint64_t *slot;
	uint32_t *value;
	uint32_t slots, nodes, room;
};

/* There can be this many nodes; trie_put() returns -1 when they are used. */
enum { TRIE_NODES_MAX = 1 << 24 };

int trie_put(struct trie_maker *t, const void *bytes, size_t n, uint32_t value);

/* What is at exactly that string, or TRIE_NONE. */
uint32_t trie_get(const struct trie_maker *t, const void *bytes, size_t n);
void trie_release(struct trie_maker *t);

#endif
