#ifndef REPORT_ORDER_SORT_H
#define REPORT_ORDER_SORT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Many rows in order: a radix sort by a number that mostly decides, and only
 * where that is equal by comparing rows.
 */
struct order_entry {
	uint64_t prefix; /* the least first */
	size_t row;
};

typedef int order_entry_fn(const void *a, const void *b, void *data);
void order_sort(struct order_entry *e, size_t n, order_entry_fn *compare,
    void *data);

#endif
