#ifndef REPORT_SPILL_H
#define REPORT_SPILL_H

#include "report/groups.h"

/*
 * Groups that memory has no room for.  They go to SPILL_PARTS files, by a part
 * of the hash of their key, so that all sums of a key meet again in one of
 * them, each of which memory has room for.
 */
enum {
	SPILL_PARTS = 64,
	SPILL_BYTES = 5 << 22, /* of latencies; beyond that they go */
};

/* The same for the number of groups; tests make it small. */
extern size_t spill_most;

struct spill;

/* All groups of g go to its files; where no file can be made, they stay. */
void spill_groups(struct groups *g);

/* Those of both go to files, of which one of them has some already. */
void spill_both(struct groups *g, struct groups *more);

/*
 * Go over the parts, two at a time where there are two processors: prepare()
 * gets the groups of one, in any order and from any thread, then take() gets
 * what it left of them, never from two threads at once.
 */
typedef int spill_part_fn(struct groups *g, size_t part, void *data,
    struct tk_err *err);

struct spill_fns {
	spill_part_fn *prepare, *take;
};

int spill_each_part(struct groups *g, const struct spill_fns *fn, void *data,
    struct tk_err *err);

/* So many groups there are at most. */
size_t spill_rows(const struct groups *g);

void spill_free(struct spill *s); /* NULL is fine */

#endif
