/* From texts to anything: limit_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "limit/limit_int.h"

static uint32_t
hash_bytes(const char *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h ^ h >> 15;
}

static void
grow(struct limit_map *m)
{
	struct limit_map bigger = { .cap = m->cap ? 2 * m->cap : 16 };

	bigger.slot = tk_xcalloc(bigger.cap, sizeof(*bigger.slot));
	for (size_t i = 0; i < m->cap; i++) {
		size_t at = m->slot[i].hash & (bigger.cap - 1);

		if (m->slot[i].key == NULL)
			continue;
		while (bigger.slot[at].key != NULL)
			at = (at + 1) & (bigger.cap - 1);
		bigger.slot[at] = m->slot[i];
	}
	free(m->slot);
	m->slot = bigger.slot;
	m->cap = bigger.cap;
}

/* Keys may hold NULs; they are kept with one behind. */
void **
limit_map_at(struct limit_map *m, const char *key, size_t len, bool *fresh)
{
	uint32_t h = hash_bytes(key, len);
	size_t at;

	if (2 * m->n >= m->cap)
		grow(m);
	for (at = h & (m->cap - 1); m->slot[at].key != NULL;
	     at = (at + 1) & (m->cap - 1)) {
		size_t stored;

		if (m->slot[at].hash != h)
			continue;
		memcpy(&stored, m->slot[at].key, sizeof(stored));
		if (stored == len &&
		    memcmp(m->slot[at].key + sizeof(stored), key, len) == 0) {
			*fresh = false;
			return &m->slot[at].value;
		}
	}
	m->slot[at].hash = h;
	m->slot[at].key = tk_xcalloc(1, sizeof(len) + len + 1);
	memcpy(m->slot[at].key, &len, sizeof(len));
	memcpy(m->slot[at].key + sizeof(len), key, len);
	m->n++;
	*fresh = true;
	return &m->slot[at].value;
}

void
limit_map_release(struct limit_map *m, void (*free_value)(void *))
{
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slot[i].key != NULL && free_value != NULL)
			free_value(m->slot[i].value);
		free(m->slot[i].key);
	}
	free(m->slot);
	*m = (struct limit_map){ 0 };
}
