/* Plain C, for every processor; what the other engines are compared with. */
#include <stdbool.h>
#include <stdint.h>

#include "count/memo.h"

static bool
works(void)
{
	return true;
}

static inline unsigned
line_find(const uint64_t *line, uint64_t mix, uint64_t tag)
{
	unsigned found = 0;

	for (int i = 0; i < 8; i++)
		found |= (unsigned)(((line[i] ^ mix) & tag) == 0) << i;
	return found;
}

static inline unsigned
line_find16(const struct vocab_key16 *line, uint64_t lo, uint64_t mix,
    uint64_t tag)
{
	unsigned found = 0;

	for (int i = 0; i < 4; i++)
		found |= (unsigned)(line[i].lo == lo &&
			     ((line[i].hi ^ mix) & tag) == 0)
		    << 2 * i;
	return found;
}

static inline uint64_t
line_short(const uint64_t *line, uint64_t key)
{
	return memo_find_short(line, key);
}

static inline unsigned
line_memo(const uint64_t *line, struct vocab_key16 key)
{
	return memo_find(line, key);
}

static inline uint32_t
least(const uint32_t *v, unsigned n)
{
	uint32_t x = v[0];

	for (unsigned i = 1; i < n; i++)
		x = v[i] < x ? v[i] : x;
	return x;
}

static size_t
valid(const uint8_t *p, size_t i, size_t n)
{
	(void)p;
	(void)n;
	return i;
}

#define ENGINE plain
#define ENGINE_NAME "plain"
#define ENGINE_WINDOW 0
#define ENGINE_OWN 0
#include "count/engine.h"
