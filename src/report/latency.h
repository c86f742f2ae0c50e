#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

#include <stddef.h>
#include <stdint.h>

/*
 * How long calls took, as a histogram from which any quantile can be read
 * and that can be added to another one.
 *
 * Times below 256 ms are kept exactly; larger ones are rounded down to their
 * eight leading bits, so they are less than 0.8 % too small.  A quantile p is
 * by nearest rank: the smallest time that at least p of all do not exceed.
 */
struct latency {
	struct latency_bin {
		int64_t ms;
		int64_t n;
	} * bin; /* in the order of ms */
	size_t bins, room;
	int64_t n;
};

int64_t latency_round(int64_t ms);
void latency_add(struct latency *l, int64_t ms, int64_t n); /* ms >= 0 */
void latency_merge(struct latency *l, const struct latency *more);
/* percent of 1 to 100; -1 when there is none. */
int64_t latency_quantile(const struct latency *l, int percent);
void latency_release(struct latency *l);
void latency_free(struct latency *l); /* of tk_xcalloc(); NULL is fine */

#endif
