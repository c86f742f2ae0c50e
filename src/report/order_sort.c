/* Sorting by numbers: see order_sort.h. */
#include "report/order_sort.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BYTE = 256 };

/* By one byte, the order of those that are equal in it stays; false: all are,
 * and nothing was moved. */
static bool
sort_by_byte(struct order_entry *to, const struct order_entry *from, size_t n,
    unsigned shift)
{
	size_t at[BYTE] = { 0 }, next = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i].prefix >> shift & (BYTE - 1)]++;
	if (at[from[0].prefix >> shift & (BYTE - 1)] == n)
		return false;
	for (int byte = 0; byte < BYTE; byte++) {
		size_t count = at[byte];

		at[byte] = next;
		next += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].prefix >> shift & (BYTE - 1)]++] = from[i];
	return true;
}

void
order_sort(struct order_entry *e, size_t n, order_entry_fn *compare, void *data)
{
	struct order_entry *other = tk_xcalloc(n + 1, sizeof(*other));
	struct order_entry *from = e, *to = other;

	for (unsigned shift = 0; n > 1 && shift < 64; shift += 8)
		if (sort_by_byte(to, from, n, shift)) {
			struct order_entry *moved = from;

			from = to;
			to = moved;
		}
	for (size_t i = 0; from != e && i < n; i++)
		e[i] = from[i];
	free(other);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && e[end].prefix == e[i].prefix;)
			end++;
		if (end - i > 1)
			qsort_r(e + i, end - i, sizeof(*e), compare, data);
	}
}
