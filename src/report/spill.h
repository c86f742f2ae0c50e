#ifndef REPORT_SPILL_H
#define REPORT_SPILL_H

#include "report/groups.h"

/*
 * Groups that memory has no room for.  They go to SPILL_PARTS files, by a part
 * of the hash of their key, so that all sums of a key meet again in one of
 * them, each of which memory has room for.
 */
enum {
	SPILL_PARTS = 32,
	SPILL_BYTES = 3 << 23, /* of latencies; beyond that they go */
};

/* The same for the number of groups; tests make it small. */
extern size_t spill_most;

struct spill;

/* All groups of g go to its files; where no file can be made, they stay. */
void spill_groups(struct groups *g);

/* Those of both go to files, of which one of them has some already. */
void spill_both(struct groups *g, struct groups *more);

/* The sums of one part, and no others, are in g; 0 or -1. */
int spill_part(struct groups *g, size_t part, struct tk_err *err);

void spill_free(struct spill *s); /* NULL is fine */

#endif
