#ifndef REPORT_BLOCK_INT_H
#define REPORT_BLOCK_INT_H

#include "report/block.h"

/* The time of the earliest record that matters for the windows of q; or
 * INT64_MIN.  A window begins with the first record from then on. */
int block_scan_from(struct ledger *l, const struct block_query *q,
    int64_t *since, struct tk_err *err);

#endif
