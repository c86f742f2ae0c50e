#ifndef INGEST_IDS_H
#define INGEST_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How often each of many things was seen, in 12 bytes for each.  A thing is
 * its hash; two that share all 64 bits are one here.
 */
struct ids {
	uint64_t *keys; /* 0: free */
	uint32_t *counts;
	size_t cap, n;
};

#define IDS_INIT \
	{ \
		.cap = 0 \
	}

void ids_release(struct ids *s);

/* How often it was seen before this time. */
uint32_t ids_see(struct ids *s, uint64_t key);

bool ids_has(const struct ids *s, uint64_t key);

#endif
