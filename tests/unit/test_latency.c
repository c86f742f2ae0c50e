/* Quantiles of latencies, against sorted lists. */
#include "report/latency.h"

#include <stdlib.h>

#include "base/buf.h"
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

/* As the only one there is comes back. */
static int64_t
rounded(int64_t ms)
{
	struct latency l = { 0 };
	int64_t back;

	latency_add(&l, ms, 1);
	back = latency_quantile(&l, 100);
	latency_release(&l);
	return back;
}

static void
rounds_to_eight_bits(void)
{
	CHECK(rounded(0) == 0);
	CHECK(rounded(255) == 255);
	CHECK(rounded(257) == 256);
	CHECK(rounded(1001) == 1000);
	CHECK(rounded(INT64_MAX) == INT64_C(0xff) << 55);
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
		all[n - 1] = rounded(ms);
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

/* As a list, as an array, and with counts that no 32 bits hold. */
static void
comes_back_from_bytes(void)
{
	static const int64_t large = INT64_C(5000000000);

	for (int many = 1; many < 200; many += 15) {
		struct latency l = { 0 }, back = { 0 };
		struct tk_buf b = TK_BUF_INIT;
		const uint8_t *p;

		for (int i = 0; i < many; i++)
			latency_add(&l, (int64_t)i * i * i, i % 3 + 1);
		latency_add(&l, 7, large);
		latency_add(&l, 7, large);
		latency_add(&l, INT64_MAX, 1);
		latency_write(&b, &l);
		p = (const uint8_t *)b.s;
		CHECK(latency_read(&p, p + b.len, &back));
		CHECK((const char *)p == b.s + b.len);
		CHECK(back.n == l.n && l.n > 2 * large);
		for (int percent = 1; percent <= 100; percent++)
			CHECK(latency_quantile(&back, percent) ==
			    latency_quantile(&l, percent));
		p = (const uint8_t *)b.s;
		CHECK(!latency_read(&p, p + b.len - 1, &back));
		tk_buf_release(&b);
		latency_release(&l);
		latency_release(&back);
	}
}

/* As few as are listed, and more. */
static void
lists_come_back_too(void)
{
	for (int many = 0; many < 400; many += 19) {
		struct latency l = { 0 }, back = { 0 };
		struct tk_buf b = TK_BUF_INIT;
		const uint8_t *p;

		for (int i = 0; i < many; i++)
			latency_add(&l, (int64_t)(many - i) * i, 1);
		latency_write(&b, &l);
		for (int twice = 0; twice < 2; twice++) {
			p = (const uint8_t *)b.s;
			CHECK(latency_read(&p, p + b.len, &back));
			CHECK((const char *)p == b.s + b.len);
		}
		CHECK(back.n == 2 * (int64_t)many);
		for (int percent = 1; percent <= 100 && many > 0; percent++)
			CHECK(latency_quantile(&back, percent) ==
			    latency_quantile(&l, percent));
		p = (const uint8_t *)b.s;
		CHECK(!latency_read(&p, p + b.len - 1, &back));
		tk_buf_release(&b);
		latency_release(&l);
		latency_release(&back);
	}
}

/* A bin is full: the next one takes the rest. */
static void
counts_beyond_32_bits(void)
{
	struct latency l = { 0 };

	latency_add(&l, 5, UINT32_MAX);
	latency_add(&l, 5, UINT32_MAX);
	latency_add(&l, 9, UINT32_MAX);
	CHECK(l.n == 3 * (int64_t)UINT32_MAX);
	CHECK(latency_quantile(&l, 66) == 5);
	CHECK(latency_quantile(&l, 67) == 9);
	latency_release(&l);
}

int
main(void)
{
	comes_back_from_bytes();
	lists_come_back_too();
	counts_beyond_32_bits();
	nothing_has_no_quantile();
	rounds_to_eight_bits();
	is_the_nearest_rank();
	return tap_done();
}
