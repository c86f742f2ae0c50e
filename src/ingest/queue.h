#ifndef INGEST_QUEUE_H
#define INGEST_QUEUE_H

#include "ingest/run.h"

/*
 * Read files, in their order, on two threads where there is much to read.
 *
 * Each reader has a struct run of its own, and takes from the queue a few
 * files at a time that lie together, since those of one session do.  Both
 * hand their batches to the same struct put, so that one batch at a time is
 * on its way to the ledger.  What the second has left is put by the first.
 */
int queue_read(struct run *run, const struct walk_file *const *v, size_t n);

#endif
