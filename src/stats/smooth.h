#ifndef STATS_SMOOTH_H
#define STATS_SMOOTH_H

#include <stddef.h>

/*
 * Forecasts of series without a season: h values after y[0..n-1], n >= 4,
 * into out.  Exponential smoothing as in Hyndman and Athanasopoulos,
 * Forecasting: Principles and Practice, chapter 8; the parameters are those
 * with the least squared one-step errors.
 */
typedef void smooth_fn(const double *y, size_t n, size_t h, double *out);

smooth_fn smooth_simple; /* SES: a level */
smooth_fn smooth_damped; /* Holt's level and trend, the trend damped */
smooth_fn smooth_theta;  /* Assimakopoulos and Nikolopoulos, 2000: the mean of
			  * the line through all, and SES of twice the
			  * distance from it */

#endif
