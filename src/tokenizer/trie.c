#include "tokenizer/trie.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint64_t *
slot_of(const struct trie_maker *t, uint64_t key)
{
	uint32_t i = trie_home(key, t->slots);

	while (t->slot[i] != 0 && t->slot[i] >> 24 != key)
		i = i + 1 == t->slots ? 0 : i + 1;
	return &t->slot[i];
}

/* At most two thirds full. */
static void
grow(struct trie_maker *t)
{
	struct trie_maker bigger = *t;

	if ((uint64_t)t->nodes * 3 < (uint64_t)t->slots * 2)
		return;
	bigger.slots = t->slots > 0 ? 2 * t->slots : 64;
	bigger.slot = tk_xcalloc(bigger.slots, sizeof(*bigger.slot));
	for (uint32_t i = 0; i < t->slots; i++)
		if (t->slot[i] != 0)
			*slot_of(&bigger, t->slot[i] >> 24) = t->slot[i];
	free(t->slot);
	*t = bigger;
}

static int
new_node(struct trie_maker *t, uint32_t *node)
{
	if (t->nodes == TRIE_NODES_MAX)
		return -1;
	if (t->nodes == t->room) {
		t->room = t->room > 0 ? 2 * t->room : 64;
		t->value =
		    tk_xreallocarray(t->value, t->room, sizeof(*t->value));
	}
	t->value[t->nodes] = 0;
	*node = t->nodes++;
	return 0;
}

int
trie_put(struct trie_maker *t, const void *bytes, size_t n, uint32_t value)
{
	const uint8_t *p = bytes;
	uint32_t node = 0, child;

	if (t->nodes == 0 && new_node(t, &node) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		uint64_t key = (uint64_t)node << 8 | p[i];
		uint64_t *slot;

		grow(t);
		slot = slot_of(t, key);
		if (*slot == 0) {
			if (new_node(t, &child) < 0)
				return -1;
			*slot = key << 24 | child;
		}
		node = (uint32_t)*slot & 0xffffff;
	}
	t->value[node] = value + 1;
	return 0;
}

uint32_t
trie_get(const struct trie_maker *t, const void *bytes, size_t n)
{
	struct trie view = { t->slot, t->value, t->slots, t->nodes };
	const uint8_t *p = bytes;
	uint32_t node = 0;

	for (size_t i = 0; i < n; i++) {
		node = trie_step(&view, node, p[i]);
		if (node == 0)
			return TRIE_NONE;
	}
	return trie_value(&view, node);
}

void
trie_release(struct trie_maker *t)
{
	free(t->slot);
	free(t->value);
	memset(t, 0, sizeof(*t));
}
