#ifndef CMD_REPORT_MATRIX_INT_H
#define CMD_REPORT_MATRIX_INT_H

#include "report_matrix.h"

/* A matrix while it is printed. */
struct matrix_group {
	const struct report_row *row; /* one that has its keys */
	struct usage_sums total;
	struct usage_sums *cell; /* by period */
};

struct matrix {
	struct cmd_ctx *ctx;
	const struct report_query *q;
	const struct report *r;
	enum series_metric metric;
	size_t time; /* the dimension across */
	int64_t *period;
	size_t periods;
	struct matrix_group *group;
	size_t groups;
	struct matrix_group all; /* the sum of those that are shown */
	tk_int128 budget;        /* of a period; 0: none */
	struct tk_digits digits;
	struct tk_buf *label; /* of the periods: their keys, then titles */
};

static inline tk_int128
matrix_measure(const struct usage_sums *s, enum series_metric metric)
{
	return metric == SERIES_COST    ? s->v[SUM_COST]
	    : metric == SERIES_REQUESTS ? s->v[SUM_REQUESTS]
					: sums_total(s);
}

/* What stands below the total: the part of a budget that each period was, the
 * tokens of amounts of money, where the last period ends.  The budget is looked
 * for before anything is printed. */
int matrix_find_budget(struct matrix *m, size_t top, struct tk_err *err);
void matrix_print_below(const struct matrix *m);

#endif
