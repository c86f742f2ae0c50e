#include "ingest/ids.h"

#include <stdlib.h>

#include "base/mem.h"

enum { FIRST_SLOTS = 64 };

void
ids_release(struct ids *s)
{
	free(s->keys);
	free(s->counts);
	*s = (struct ids)IDS_INIT;
}

static size_t
slot_of(const struct ids *s, uint64_t key)
{
	size_t at = key & (s->cap - 1);

	while (s->keys[at] != 0 && s->keys[at] != key)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static void
grow(struct ids *s)
{
	struct ids big = { .cap = s->cap > 0 ? 2 * s->cap : FIRST_SLOTS };

	big.keys = tk_xcalloc(big.cap, sizeof(*big.keys));
	big.counts = tk_xcalloc(big.cap, sizeof(*big.counts));
	for (size_t i = 0; i < s->cap; i++) {
		size_t at;

		if (s->keys[i] == 0)
			continue;
		at = slot_of(&big, s->keys[i]);
		big.keys[at] = s->keys[i];
		big.counts[at] = s->counts[i];
	}
	big.n = s->n;
	ids_release(s);
	*s = big;
}

uint32_t
ids_see(struct ids *s, uint64_t key)
{
	size_t at;

	key += key == 0;
	if (4 * s->n >= 3 * s->cap)
		grow(s);
	at = slot_of(s, key);
	if (s->keys[at] == 0) {
		s->keys[at] = key;
		s->n++;
	}
	return s->counts[at]++;
}

bool
ids_has(const struct ids *s, uint64_t key)
{
	key += key == 0;
	return s->cap > 0 && s->keys[slot_of(s, key)] != 0;
}
