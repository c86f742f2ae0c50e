#ifndef REPORT_ORDER_H
#define REPORT_ORDER_H

#include "report/report.h"

struct groups;
struct names;

/*
 * From what was summed to the rows of a report, in the query's order: those
 * in which everything was taken back are left out, and of all others only the
 * first q->top become rows, so that the names of the rest are not looked up.
 * The total and the times are those of all.  Takes what g has.
 */
int order_rows(struct report *r, struct groups *g, const struct report_query *q,
    struct ledger *l, struct tk_err *err);

/*
 * Rows come by their place, the largest first, then by their keys.  A place
 * is a number that needs no name.
 */
tk_int128 order_place(const int64_t *key, const struct usage_sums *sums,
    int64_t last, const struct report_query *q, enum report_order by,
    bool reverse);

/* By dimension: whose names_rank() says how its names are ordered; NULL: their
 * text does. */
struct order_ranks {
	const struct names *of[REPORT_MAX_DIMS];
};

/* The names of one row, and how two rows that have them are ordered. */
int order_name_row(const struct report *r, struct report_row *row,
    const struct report_query *q, struct names *names, struct tk_err *err);
int order_compare(const struct report_query *q, const struct order_ranks *ranks,
    const struct report_row *a, const struct report_row *b);

#endif
