#ifndef INGEST_BATCH_H
#define INGEST_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/record.h"

struct importer;

/*
 * Records on their way to the ledger, with the texts they point to.
 *
 * Sightings of one call are merged here already, so that a call which a log
 * mentions five times is booked once and not four times corrected.
 */
struct batch_slot {
	uint64_t hash;
	const void *item; /* NULL: free */
};

struct batch_set {
	struct batch_slot *slots;
	size_t cap, n;
};

struct batch_item {
	struct usage_record record;
	const struct importer *from; /* whose sighting it is */
};

struct batch {
	struct batch_item *v;
	size_t n, cap;
	struct batch_set ids;   /* by request_id; items are places in v */
	struct batch_set names; /* items are texts */
	struct text_chunk *first, *chunk;
};

void batch_init(struct batch *b);
void batch_release(struct batch *b);
void batch_reset(struct batch *b);

/* A copy of the bytes with a NUL behind, kept until batch_reset(). */
const char *batch_text(struct batch *b, const char *p, size_t n);

/* The same, but equal texts are kept once: for what repeats. */
const char *batch_name(struct batch *b, const char *p, size_t n);

/*
 * Add a record, whose texts are the batch's or live longer; false if it was
 * merged into one that has the same request_id.
 */
bool batch_add(struct batch *b, const struct usage_record *r,
    const struct importer *from);

/* Add all of another, with its texts; it is empty then. */
void batch_absorb(struct batch *b, struct batch *from);

#endif
