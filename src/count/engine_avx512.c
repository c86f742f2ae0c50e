#include <stdbool.h>

#include "count/count_int.h"

static bool
works(void)
{
	return false;
}

const struct engine engine_avx512 = { .name = "avx512", .works = works };
