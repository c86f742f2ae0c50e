#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/sums.h"
#include "report/report.h"

struct latency;
struct spill;

/*
 * The rows of a report while records and cubes are read: an open-addressed
 * table of sums by key.
 *
 * Beyond some number they are put aside into files, see spill.h, and what is
 * in memory is not all any more: spill_each_part() brings it back.
 *
 * There may be more rows than a processor's nearest memory holds.  So a row
 * here is half of what it is in the report, and what arrives is added in
 * batches: while one is worked on, the memory of the next ones is on its way.
 * Fill in what groups_arrival() gives, then call groups_take().
 */
struct arrival {
	int64_t key[REPORT_MAX_DIMS]; /* 0 beyond the query's dims */
	int64_t v[SUMS];
	int64_t first, last;
	int64_t latency_ms; /* -1: not known, or not asked for */
	uint64_t hash;      /* private */
};

/* A sum is v plus 2^64 times the carry: few have one. */
struct group {
	int64_t key[REPORT_MAX_DIMS];
	int64_t v[SUMS];
	int64_t *carry; /* of each of v; NULL: all are 0 */
	int64_t first, last;
	struct latency *latency; /* NULL: none is known */
};

enum { GROUPS_BATCH = 16 };

struct groups {
	struct group *group;
	size_t n, room;
	struct group_slot {
		uint32_t row; /* its number + 1; 0: none */
		uint32_t tag; /* some bits of its hash: rows are far apart */
	} * slot;             /* a power of two of them */
	size_t slots;
	size_t latest;                /* the row that was added to last */
	size_t bytes;                 /* that latencies take */
	struct spill *spill, *joined; /* what is in files; NULL: nothing */
	bool stays;                   /* there can be no files */
	struct arrival batch[GROUPS_BATCH];
	size_t waiting;
};

void groups_init(struct groups *g);
void groups_release(struct groups *g);
void groups_empty(struct groups *g);

static inline struct arrival *
groups_arrival(struct groups *g)
{
	return &g->batch[g->waiting];
}

void groups_take(struct groups *g);
void groups_flush(struct groups *g); /* when all has arrived */

/* The same for sums of any size, at once. */
void groups_add(struct groups *g, const int64_t key[REPORT_MAX_DIMS],
    int64_t first, int64_t last, const struct usage_sums *sums);

/* Add to, and give away, the latency of the group that was added to last. */
void groups_add_latency(struct groups *g, struct latency *l);

/* Add all that is in more, which is left with nothing. */
void groups_join(struct groups *g, struct groups *more);

/* The group as a row without names, which shares its latency; its hash. */
uint64_t group_row(const struct group *group, struct report_row *row);

void group_sums(const struct group *g, struct usage_sums *sums);

/* What a group has of its own, but for the latency. */
void group_release(struct group *g);

#endif
