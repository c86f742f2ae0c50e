#ifndef STATS_SEASON_H
#define STATS_SEASON_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/smooth.h"

/*
 * Seasons of m values.  season_test(): whether the autocorrelation at lag m
 * is beyond what chance gives in one of ten series, as the benchmarks of M4
 * test it; false with less than three seasons.
 */
bool season_test(const double *y, size_t n, size_t m);

/*
 * Take the season out by classical decomposition (means of what is left
 * after a centred moving average), forecast, and put it back in; without a
 * season just forecast.  Ratios when all values are positive, else
 * differences.
 */
void season_forecast(const double *y, size_t n, size_t m, size_t h, double *out,
    smooth_fn *method);

/* The same place in the last k seasons, on average; fewer if there are
 * fewer; the last value when there is not one. */
void season_repeat(const double *y, size_t n, size_t m, size_t k, size_t h,
    double *out);

#endif
