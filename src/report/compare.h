#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/report.h"

/*
 * A report beside the same one of the period before.
 *
 * If the first dimension is a date, week, month or hour, each row is compared
 * with the one of the period before it; not when its own period is not over
 * or the range cuts it.  Else the range as a whole is compared with the one
 * of the same kind before it: as many months when it is of whole months, else
 * as many days, else as long.  Of a range that is not over, what has passed
 * is compared with as much of the range before: from the first of a month
 * until now, with the month before up to the same day and clock time.
 *
 * So no part of a period is ever compared with a whole one.
 */
struct comparison {
	struct report before;
	int64_t since, until; /* of it */
	bool by_row;          /* the first dimension is one of time */
};

/* TK_USAGE when the range has no start.  r gets rows for what was there
 * before alone, and is in the order of its keys; each row->before stays until
 * comparison_release(). */
int report_compare(struct comparison *c, struct report *r, struct ledger *l,
    const struct report_query *q, struct tk_err *err);
void comparison_release(struct comparison *c);

#endif
