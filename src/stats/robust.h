#ifndef STATS_ROBUST_H
#define STATS_ROBUST_H

#include <stddef.h>

/*
 * Measures that a few wild values do not move.  MAD is the median distance
 * from the median; times STATS_MAD_SIGMA it estimates the standard deviation
 * of normal noise.
 */
#define STATS_MAD_SIGMA 1.4826

/* Of v[0..n-1], n >= 1, which is sorted by it. */
double stats_median(double *v, size_t n);
/* Of sorted values, about their median; no memory, in logarithmic time. */
double stats_sorted_median(const double *v, size_t n);
double stats_sorted_mad(const double *v, size_t n);

/* The latest "room" values, kept in order. */
struct stats_window {
	double *sorted, *ring;
	size_t n, room, next;
};

void stats_window_init(struct stats_window *w, size_t room);
void stats_window_release(struct stats_window *w);
void stats_window_add(struct stats_window *w, double value);

#endif
