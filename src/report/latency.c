/* Quantiles of times: see latency.h. */
#include "report/latency.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BITS = 8 };

int64_t
latency_round(int64_t ms)
{
	int bits = 64 - __builtin_clzll((uint64_t)ms | 1);

	return bits <= BITS ? ms : ms >> (bits - BITS) << (bits - BITS);
}

/* The first bin that is not before ms. */
static size_t
find(const struct latency *l, int64_t ms)
{
	size_t low = 0, high = l->bins;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->bin[middle].ms < ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
latency_add(struct latency *l, int64_t ms, int64_t n)
{
	size_t at;

	ms = latency_round(ms);
	at = find(l, ms);
	l->n += n;
	if (at < l->bins && l->bin[at].ms == ms) {
		l->bin[at].n += n;
		return;
	}
	if (l->bins == l->room) {
		l->room = l->room ? l->room * 2 : 8;
		l->bin = tk_xreallocarray(l->bin, l->room, sizeof(*l->bin));
	}
	memmove(l->bin + at + 1, l->bin + at, (l->bins - at) * sizeof(*l->bin));
	l->bins++;
	l->bin[at] = (struct latency_bin){ ms, n };
}

void
latency_merge(struct latency *l, const struct latency *more)
{
	for (size_t i = 0; i < more->bins; i++)
		latency_add(l, more->bin[i].ms, more->bin[i].n);
}

int64_t
latency_quantile(const struct latency *l, int percent)
{
	int64_t rank = l->n / 100 * percent, seen = 0;

	rank += (l->n % 100 * percent + 99) / 100;
	for (size_t i = 0; i < l->bins; i++) {
		seen += l->bin[i].n;
		if (seen >= rank)
			return l->bin[i].ms;
	}
	return -1;
}

void
latency_release(struct latency *l)
{
	free(l->bin);
	*l = (struct latency){ 0 };
}

void
latency_free(struct latency *l)
{
	if (l != NULL)
		latency_release(l);
	free(l);
}
