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
 * What arrives comes many at a time, as columns: first all keys are hashed and
 * the memory of their groups is asked for, then the groups are found, then each
 * column is added.  There may be more rows than a processor's nearest memory
 * holds, so a row here is half of what it is in the report.
 */
enum { GROUPS_ROWS = 128 };

struct arrivals {
	size_t n;
	const int64_t *key[REPORT_MAX_DIMS]; /* for each dimension */
	const int64_t *v[SUMS];              /* NULL: all are 0 */
	const int64_t *first, *last;
	const int64_t *latency_ms; /* -1: not known; NULL: none is */
	/* Where those may be that are nowhere else. */
	int64_t own_key[REPORT_MAX_DIMS][GROUPS_ROWS];
	int64_t own[SUMS + 2][GROUPS_ROWS];
};

/* A sum is v plus 2^64 times the carry: few have one. */
struct group {
	int64_t key[REPORT_MAX_DIMS];
	int64_t v[SUMS];
	int64_t *carry; /* of each of v; NULL: all are 0 */
	int64_t first, last;
	struct latency *latency; /* NULL: none is known */
};

struct groups {
	size_t dims;
	struct group *group;
	size_t n, room;
	struct group_slot {
		uint32_t row; /* its number + 1; 0: none */
		uint32_t tag; /* some bits of its hash: rows are far apart */
	} * slot;             /* a power of two of them */
	size_t slots;
	size_t bytes;                 /* that latencies take */
	struct spill *spill, *joined; /* what is in files; NULL: nothing */
	bool stays;                   /* there can be no files */
};

void groups_init(struct groups *g, size_t dims);
void groups_release(struct groups *g);
void groups_empty(struct groups *g);

void groups_take(struct groups *g, const struct arrivals *a);

/* Arrivals that come one by one: set row a->n of own_key and own, where first
 * and last are behind the sums; then add it.  The last ones are to be flushed.
 */
void arrivals_init(struct arrivals *a);

static inline void
arrivals_flush(struct arrivals *a, struct groups *g)
{
	groups_take(g, a);
	a->n = 0;
}

static inline void
arrivals_add(struct arrivals *a, struct groups *g)
{
	if (++a->n == GROUPS_ROWS)
		arrivals_flush(a, g);
}

/* The same for sums of any size, at once. */
void groups_add(struct groups *g, const int64_t key[REPORT_MAX_DIMS],
    int64_t first, int64_t last, const struct usage_sums *sums);

/* The same for a group, which gives away what it has of its own. */
void groups_add_group(struct groups *g, struct group *from);

/* Add all that is in more, which is left with nothing. */
void groups_join(struct groups *g, struct groups *more);

/* The group as a row without names, which shares its latency. */
void group_row(const struct group *group, struct report_row *row);

/* And back: a group with a carry of its own. */
void group_of_row(struct group *group, const struct report_row *row);

/* The hash of its key, of which the highest bits are no part of its place. */
uint64_t group_hash(const struct groups *g, const struct group *group);

static inline tk_int128
group_sum(const struct group *g, enum sum i)
{
	return g->carry == NULL ? g->v[i]
				: g->v[i] + g->carry[i] * ((tk_int128)1 << 64);
}

void group_sums(const struct group *g, struct usage_sums *sums);

/* What a group has of its own, but for the latency. */
void group_release(struct group *g);

#endif
