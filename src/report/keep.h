#ifndef REPORT_KEEP_H
#define REPORT_KEEP_H

#include "report/report.h"

struct groups;

/* Which groups become rows.  These look at no names and no ledger. */

/* Forget those in which everything was taken back. */
void keep_used(struct groups *g);

/* Of those beyond the first q->top, only the ones stay that have the place of
 * the last of these: their names decide. */
void keep_top(struct groups *g, const struct report_query *q);

/* Add to the total of a report, and to its first and last time. */
void keep_totals(struct report *r, const struct groups *g);

#endif
