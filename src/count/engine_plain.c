/* Plain C, for every processor; what the other engines are compared with. */
#include <stdbool.h>
#include <stdint.h>

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

#define ENGINE plain
#define ENGINE_NAME "plain"
#define ENGINE_WINDOW 0
#include "count/engine.h"
