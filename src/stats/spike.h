#ifndef STATS_SPIKE_H
#define STATS_SPIKE_H

#include <stddef.h>

/*
 * A copy of y[0..n-1] in which spikes are what they would have been: a value
 * that differs from those one season before and after, or two seasons before
 * at the end, by more than SPIKE_SIGMAS of what such differences usually are,
 * in the same direction, while its neighbours do not.  Two in a row are a
 * change, which is for a forecast to follow.  To be freed.
 */
enum { SPIKE_SIGMAS = 10 };

double *spikes_removed(const double *y, size_t n, size_t season);

#endif
