#ifndef INGEST_PUT_H
#define INGEST_PUT_H

#include <pthread.h>

#include "ingest/run.h"

enum { BATCH_FIRST = 8192 }; /* records, until it is known how long they take */

/*
 * Putting what was read into the ledger, while more is read.
 *
 * run_flush() hands run->next over and goes on; a thread of its own prices
 * and puts it.  There is one parcel at a time on its way, so the order is
 * that of reading, and only one of the two threads has the ledger: who wants
 * it while reading calls run_settle() first.  A durable flush, and any where
 * there is one processor, is done when run_flush() returns.
 */
struct put {
	struct run *run; /* its options, sink and ledger */
	struct parcel parcel;
	enum ledger_sync sync;
	int64_t took_ms;

	/* What came of it: for the run when it is settled. */
	struct ingest_report report;
	struct tk_err err;
	bool failed; /* for good */

	bool started; /* there is a thread */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool busy, quit; /* behind the lock */
};

void put_init(struct run *run);
void put_end(struct run *run);

/* Wait for what is on its way.  -1 with *run->err set if it, or one before,
 * could not be put. */
int run_settle(struct run *run);

#endif
