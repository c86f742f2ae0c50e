#include "stats/robust.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
stats_sorted_median(const double *v, size_t n)
{
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double
stats_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return stats_sorted_median(v, n);
}

/*
 * The distances below the median, read downwards, and those from it on, read
 * upwards, are two rising lists: find how many of each are among the k least.
 */
static double
distance_at(const double *v, size_t n, double median, size_t split, size_t k)
{
	size_t down = split, up = n - split;
	size_t low = k > up ? k - up : 0, high = k < down ? k : down;

	/* The k least: i from below, k - i from above. */
	while (low < high) {
		size_t i = (low + high) / 2, j = k - i;

		if (median - v[split - 1 - i] < v[split + j - 1] - median)
			low = i + 1;
		else
			high = i;
	}
	/* The next one. */
	if (low == down)
		return v[split + k - low] - median;
	if (k - low == up)
		return median - v[split - 1 - low];
	{
		double a = median - v[split - 1 - low];
		double b = v[split + k - low] - median;

		return a < b ? a : b;
	}
}

/* How many values are less than x. */
static size_t
below(const double *v, size_t n, double x)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (v[low + half] < x) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

double
stats_sorted_mad(const double *v, size_t n)
{
	double median = stats_sorted_median(v, n);
	size_t split = below(v, n, median);

	if (n % 2)
		return distance_at(v, n, median, split, n / 2);
	return (distance_at(v, n, median, split, n / 2 - 1) +
		   distance_at(v, n, median, split, n / 2)) /
	    2;
}

void
stats_window_init(struct stats_window *w, size_t room)
{
	*w = (struct stats_window){ .room = room };
	w->sorted = tk_xcalloc(room, sizeof(*w->sorted));
	w->ring = tk_xcalloc(room, sizeof(*w->ring));
}

void
stats_window_release(struct stats_window *w)
{
	free(w->sorted);
	free(w->ring);
	*w = (struct stats_window){ 0 };
}

void
stats_window_add(struct stats_window *w, double value)
{
	size_t at;

	if (w->n == w->room) {
		at = below(w->sorted, w->n, w->ring[w->next]);
		w->n--;
		memmove(w->sorted + at, w->sorted + at + 1,
		    (w->n - at) * sizeof(*w->sorted));
	}
	at = below(w->sorted, w->n, value);
	memmove(w->sorted + at + 1, w->sorted + at,
	    (w->n - at) * sizeof(*w->sorted));
	w->sorted[at] = value;
	w->n++;
	w->ring[w->next] = value;
	w->next = (w->next + 1) % w->room;
}
