/* Quantiles of latencies, against sorted lists. */
#include "report/latency.h"

#include <stdlib.h>

#include "tap.h"

enum { MANY = 5000 };

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
nothing_has_no_quantile(void)
{
	struct latency l = { 0 };

	CHECK(latency_quantile(&l, 50) == -1);
	latency_release(&l);
}

static void
rounds_to_eight_bits(void)
{
	CHECK(latency_round(0) == 0);
	CHECK(latency_round(255) == 255);
	CHECK(latency_round(257) == 256);
	CHECK(latency_round(1001) == 1000);
	CHECK(latency_round(INT64_MAX) == INT64_C(0xff) << 55);
}

static void
is_the_nearest_rank(void)
{
	static const int percents[] = { 1, 50, 95, 99, 100 };
	int64_t all[MANY];
	struct latency whole = { 0 }, half = { 0 };
	uint64_t seed = 7;

	for (int n = 1; n <= MANY; n++) {
		int64_t ms;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		ms = (int64_t)(seed >> 40) >> (seed >> 33 & 15);
		all[n - 1] = latency_round(ms);
		latency_add(n % 2 ? &whole : &half, ms, 1);
	}
	latency_merge(&whole, &half);
	qsort(all, MANY, sizeof(*all), by_value);
	for (size_t i = 0; i < sizeof(percents) / sizeof(*percents); i++)
		CHECK(latency_quantile(&whole, percents[i]) ==
		    all[MANY * percents[i] / 100 - 1]);
	latency_release(&whole);
	latency_release(&half);
	latency_add(&whole, 30, 1);
	latency_add(&whole, 10, 1);
	latency_add(&whole, 20, 1);
	CHECK(latency_quantile(&whole, 50) == 20);
	CHECK(latency_quantile(&whole, 99) == 30);
	latency_release(&whole);
}

int
main(void)
{
	nothing_has_no_quantile();
	rounds_to_eight_bits();
	is_the_nearest_rank();
	return tap_done();
}
