#ifndef REPORT_ORDER_H
#define REPORT_ORDER_H

#include "report/report.h"

struct group;
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

/* The number by which rows are ordered, the largest first, before their keys
 * are: q->order of them.  It needs no names. */
tk_int128 order_amount(const int64_t *key, const struct usage_sums *sums,
    int64_t last, const struct report_query *q);
tk_int128 order_group_amount(const struct group *g,
    const struct report_query *q);

/*
 * By dimension: whose names_rank() says how its names are ordered; NULL: their
 * text does.  Where sums come first, few rows are compared by their names, and
 * their ranks are looked up late.
 */
struct order_ranks {
	const struct names *of[REPORT_MAX_DIMS];
	bool late;
	bool texts; /* the text of some dimension does */
};

int order_name_row(const struct report *r, struct report_row *row,
    const struct report_query *q, struct names *names, struct tk_err *err);

/* Where a row stands.  Places say how rows are ordered, but for names that are
 * not ranked: then the texts in the rows do, which must be there. */
struct order_place {
	tk_int128 amount;
	int64_t key[REPORT_MAX_DIMS]; /* or the rank of its name */
	bool late;                    /* not yet */
};

void order_find_place(const struct report_query *q,
    const struct order_ranks *ranks, tk_int128 amount, const int64_t *key,
    struct order_place *at);
/* A number that is less for a place that is before another, or the same. */
uint64_t order_prefix(const struct report_query *q,
    const struct order_ranks *ranks, const struct order_place *at);
/* Places get their ranks when they are needed. */
int order_compare(const struct report_query *q, const struct order_ranks *ranks,
    struct order_place *x, const struct report_row *a, struct order_place *y,
    const struct report_row *b);

#endif
