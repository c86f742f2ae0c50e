#include "count/pieces.h"

#include <stdlib.h>

#include "base/mem.h"
#include "count/count_int.h"

struct count_pieces {
	uint32_t pattern;
	struct batch batch;
};

struct count_pieces *
count_pieces_new(uint32_t pattern)
{
	struct count_pieces *c = tk_xcalloc(1, sizeof(*c));

	c->pattern = pattern;
	return c;
}

void
count_pieces_free(struct count_pieces *c)
{
	free(c);
}

size_t
count_pieces_cut(struct count_pieces *c, const uint8_t *text, size_t n,
    size_t at, bool final, const uint32_t **end)
{
	struct text t = { text, (uint32_t)n, final, NULL, false, 0 };

	c->batch.n = c->batch.rest = 0;
	if (at < n)
		engine_best()->cut(&t, c->pattern, (uint32_t)at, &c->batch);
	*end = c->batch.at + 1;
	return c->batch.n;
}
