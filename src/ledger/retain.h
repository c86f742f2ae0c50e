#ifndef LEDGER_RETAIN_H
#define LEDGER_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

/*
 * Retention: dropping what is known of old calls beyond what they used.
 *
 * A record keeps its id, its time, its names and all numbers that are summed,
 * so that every report, limit and roll-up says what it said before, and it
 * may still be taken back.  It loses its request_id, metadata, tools, latency,
 * time to first token and estimate.  The identity of its request stays: who
 * sends it again is told that it is known.
 *
 * The bytes of such records are not those of the hash chain any more, so their
 * segment is sealed: behind the head of the chain it has a hash of what it
 * holds now (segment.h).  What was dropped is in the audit chain.
 */
struct retention {
	int64_t before; /* ms: of records that are older */
	bool dry_run;
	/* How far it came, and what it did: 0 to begin with. */
	int64_t after_id;
	int64_t records;
	int64_t bytes; /* saved */
	int64_t first,
	    last; /* times of these records; only if there are some */
};

/*
 * One step, which others need not wait long for, durable when it returns: 1:
 * there may be more; 0: done.  Not inside a transaction.
 */
int ledger_prune(struct ledger *l, struct retention *p,
    const struct ledger_actor *by, struct tk_err *err);

/* What prune leaves of a record. */
void ledger_thin(struct usage_record *r);

#endif
