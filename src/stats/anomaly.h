#ifndef STATS_ANOMALY_H
#define STATS_ANOMALY_H

#include <stddef.h>

/*
 * What stands out in a series, judged by what came before it alone.
 *
 * The score of a value is the mean of three: how far the value, the mean of
 * the latest values, and the sum of their steps up and down are each from
 * their median in the ANOMALY_WINDOW before.  The unit is the deviation of
 * normal noise as the MAD estimates it, or, where that is more, a share of
 * how far the outermost half percent on that side was: what has happened
 * before, such as a peak each morning, is no surprise.  Without enough past
 * the score is 0.
 *
 * Of the Numenta Anomaly Benchmark this gets 56 of 100 (tests/bench/nab.c).
 *
 * An alert for each value would be noise: once the threshold is passed, the
 * values that follow belong to the same episode for "rest" values.
 */
enum {
	ANOMALY_WINDOW = 4000,
	ANOMALY_LEARN = 10,
	ANOMALY_LATEST = 12, /* a good number of latest values */
};

#define ANOMALY_THRESHOLD 2.5

/* score[i] >= 0 for each of y[0..n-1], which are finite. */
void anomaly_scores(const double *y, size_t n, size_t latest, double *score);

/*
 * The next episode from *at on: its first value is at *from and its highest
 * score at *peak; *at moves behind it.  1, or 0 when there is none.
 */
struct anomaly_episode {
	size_t from, peak, end; /* end: behind the last over the threshold */
};

int anomaly_next(const double *score, size_t n, double threshold, size_t rest,
    size_t *at, struct anomaly_episode *e);

#endif
