#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_buf;

/*
 * How long calls took, as a histogram from which any quantile can be read
 * and that can be added to another one.
 *
 * Times below 256 ms are kept exactly; larger ones are rounded down to their
 * eight leading bits, so they are less than 0.8 % too small.  A quantile p is
 * by nearest rank: the smallest time that at least p of all do not exceed.
 *
 * Such times are numbered from 0 up.  Few are listed as they come, which is
 * what a report with many rows has; more are counted in an array that goes
 * from the least to the largest.
 */
struct latency {
	uint16_t *listed; /* numbers of times; NULL: none, or counted */
	int64_t *count;   /* of number low and up, or NULL */
	uint32_t low;
	uint32_t used, room; /* of whichever there is */
	bool sorted;         /* the list is */
	int64_t n;
};

void latency_add(struct latency *l, int64_t ms, int64_t n); /* ms >= 0 */
void latency_merge(struct latency *l, const struct latency *more);
/* percent of 1 to 100; -1 when there is none.  The list is sorted for it,
 * which may be done before, when there is time. */
int64_t latency_quantile(struct latency *l, int percent);
void latency_sort(struct latency *l);

/* The bytes that it takes besides itself. */
static inline size_t
latency_size(const struct latency *l)
{
	return l->room *
	    (l->count != NULL ? sizeof(*l->count) : sizeof(*l->listed));
}

/* As bytes, and back: those are added; false if they are damaged. */
void latency_write(struct tk_buf *b, const struct latency *l);
bool latency_read(const uint8_t **p, const uint8_t *end, struct latency *l);

void latency_release(struct latency *l);
void latency_free(struct latency *l); /* of tk_xcalloc(); NULL is fine */

#endif
