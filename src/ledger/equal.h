#ifndef LEDGER_EQUAL_H
#define LEDGER_EQUAL_H

#include <stdint.h>

#include "base/err.h"

struct ledger;

/*
 * Do two ledgers hold the same records, whatever their order and ids?
 *
 * A record is what an export says of it, without its id, and with the
 * identity that it has when it leaves its ledger.  What was taken back does
 * not count.  Both are read once, in constant memory, when they are equal;
 * parts of them twice when they are not.
 */
struct ledger_equality {
	int64_t records[2]; /* in each */
	int64_t only[2];    /* without a twin, of those that were compared:
			     * 0 and 0 means equal, and no more than that is
			     * exact */
	/* the earliest of these */
	int first_side;
	int64_t first_id, first_time; /* ms */
};

int ledger_compare(struct ledger *a, struct ledger *b,
    struct ledger_equality *e, struct tk_err *err);

#endif
