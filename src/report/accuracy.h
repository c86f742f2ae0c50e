#ifndef REPORT_ACCURACY_H
#define REPORT_ACCURACY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/scan.h"

/*
 * How good estimates were: of each call that was estimated before it was
 * made (estimated_input_tokens), the ratio of the input that was billed
 * (input, cache reads and writes) to the estimate.
 *
 * Groups are models, and within a model the kind of content when the
 * record's metadata has a text "content".  The median and the quartiles are
 * exact: all ratios of a group are sorted.  Ratios are parts per million,
 * rounded down.
 */
struct accuracy_row {
	const char *model;
	const char *content; /* NULL: not said */
	int64_t calls;
	int64_t estimated, billed; /* sums of tokens */
	int64_t median_ppm;
	int64_t low_ppm, high_ppm; /* the fifth and 95th of a hundred */
};

struct accuracy {
	struct accuracy_row *row;
	size_t rows;
	struct accuracy_group *group; /* private; owns the texts */
};

/* So many calls are enough to take the median for a factor. */
enum { ACCURACY_ENOUGH = 20 };

/* Rows are in the order of model, then content. */
int accuracy_run(struct accuracy *a, struct ledger *l,
    const struct ledger_filter *f, struct tk_err *err);
void accuracy_release(struct accuracy *a);

#endif
