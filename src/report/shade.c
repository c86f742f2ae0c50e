/* Quartiles of what is there: see shade.h. */
#include "report/shade.h"

#include <stdlib.h>

static int
by_value(const void *a, const void *b)
{
	const tk_int128 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
shade_init(struct shade *s, tk_int128 *value, size_t n)
{
	size_t none = 0;

	*s = (struct shade){ { 0 } };
	if (n > 1)
		qsort(value, n, sizeof(*value), by_value);
	while (none < n && value[none] <= 0)
		none++;
	value += none;
	n -= none;
	for (size_t i = 0; n > 0 && i < 3; i++)
		s->quartile[i] = value[(n * (i + 1) + 3) / 4 - 1];
}

int
shade_of(const struct shade *s, tk_int128 value)
{
	int level = 1;

	if (value <= 0)
		return 0;
	for (int i = 0; i < 3; i++)
		level += value > s->quartile[i];
	return level;
}
