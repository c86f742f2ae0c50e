#ifndef INGEST_PUT_H
#define INGEST_PUT_H

#include <pthread.h>

#include "ingest/run.h"

enum { BATCH_FIRST = 8192 }; /* records, until it is known how long they take */

/*
 * Putting what was read into the ledger, while more is read.
 *
 * run_flush() hands run->next over and goes on; a thread of its own prices
 * and puts it.  There is one parcel at a time on its way, so that the order of
 * a reader's is that of reading, and one thread at a time has the ledger.  A
 * durable flush, and any where there is one processor, is done when
 * run_flush() returns.  Readers share it: queue.h.
 */
struct put {
	struct run *run; /* of the first reader: options, sink and ledger */
	struct parcel parcel;
	enum ledger_sync sync;
	int64_t took_ms;

	/* What came of it: for the run when it is settled. */
	struct ingest_report report;
	struct tk_err err;
	bool failed; /* for good */

	pthread_mutex_t
	    lock; /* of what follows, and of the ledger while free */
	pthread_cond_t changed;
	enum {
		PUT_FREE,
		PUT_HANDED, /* to the thread */
		PUT_TAKEN,  /* by a reader that puts it itself */
	} state;
	bool started; /* there is a thread */
	bool quit;
	pthread_t thread;
};

/* Is enough for a batch gathered?  Less is, while none is on its way: then
 * less is left for the end, when nothing is read meanwhile. */
bool put_is_due(struct run *run);

/* What is gathered in from is gathered in to. */
void put_join(struct run *to, struct run *from);

void put_init(struct run *run);
void put_end(struct run *run);

#endif
