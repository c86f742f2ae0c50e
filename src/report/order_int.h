#ifndef REPORT_ORDER_INT_H
#define REPORT_ORDER_INT_H

#include "report/order.h"
#include "report/order_sort.h"

/* Rows, or groups while row is NULL, and their places by their numbers. */
struct order {
	const struct report_row *row;
	const struct report_query *q;
	struct order_ranks ranks;
	struct order_place *place;
};

/* The entries of n places in order; takes the places. */
struct order_entry *order_sort_places(const struct order *o,
    struct order_place *place, size_t n);

/* All names of a kind are read at once, which also says how they are ordered,
 * where the rows may well have most of the names that there are. */
int order_rank_names(struct order *o, size_t rows, struct names *names,
    struct tk_err *err);

/* Groups become rows with names, in their order. */
int order_sort_rows(struct order *o, struct report *r, struct groups *g,
    struct ledger *l, struct tk_err *err);

/*
 * What is in files, part by part: rows go to files again when the reader
 * takes them one by one; else the groups that stay are kept.
 */
int order_parts(struct order *o, struct report *r, struct groups *g,
    struct ledger *l, struct tk_err *err);

#endif
