/* Plain C, for every processor; what the other engines are compared with. */
#include <stdbool.h>
#include <stdint.h>

#include "count/memo.h"

static bool
works(void)
{
	return true;
}

static inline bool
line_has(const uint64_t *line, uint64_t key)
{
	bool found = false;

	for (int i = 0; i < 8; i++)
		found |= line[i] == key;
	return found;
}

static inline bool
line_has16(const struct vocab_key16 *line, struct vocab_key16 key)
{
	bool found = false;

	for (int i = 0; i < 4; i++)
		found |= line[i].lo == key.lo && line[i].hi == key.hi;
	return found;
}

static inline unsigned
line_memo(const struct vocab_key16 *line, struct vocab_key16 key)
{
	return memo_find(line, key);
}

static inline uint64_t
line_pair(const uint64_t *line, uint64_t key)
{
	uint64_t slot = 0;

	for (int i = 0; i < 8; i++)
		slot |= line[i] >> 24 == key ? line[i] : 0;
	return slot;
}

static inline unsigned
lowest(const uint32_t *v, unsigned n)
{
	unsigned at = 0;

	for (unsigned i = 1; i < n; i++)
		if (v[i] < v[at])
			at = i;
	return at;
}

#define ENGINE plain
#define ENGINE_NAME "plain"
#define ENGINE_WINDOW 0
#include "count/engine.h"
