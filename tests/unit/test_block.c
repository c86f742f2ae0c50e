/* Windows of usage: against their definition, call by call. */
#include "report/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-block.XXXXXX";
static const int64_t hour = 3600000, minute = 60000;
static const int64_t base = INT64_C(1699920000000); /* a midnight, UTC */

static uint64_t seed;

static int64_t
random_below(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (int64_t)(seed >> 33) % n;
}

static struct ledger *
open_ledger(const char *name)
{
	struct tk_buf path = TK_BUF_INIT;
	struct ledger *l;

	tk_buf_addf(&path, "%s/%s", folder, name);
	if (ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	tk_buf_release(&path);
	return l;
}

static void
put(struct ledger *l, const int64_t *time, size_t n)
{
	static const char *const models[] = { "a", "b", "c" };
	enum ledger_result result;

	CHECK(ledger_begin(l, &err) == 0);
	for (size_t i = 0; i < n; i++) {
		struct usage_record r;

		record_init(&r);
		r.user = i % 2 ? "odd" : "even";
		r.model = models[i % 3];
		r.time = time[i];
		r.input_tokens = 1 + (int64_t)i % 7;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			CHECK(!"put");
	}
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
}

static struct block_query
query(int64_t window, int64_t now)
{
	struct block_query q = { .now = now,
		.window = window,
		.from = INT64_MIN };

	ledger_filter_init(&q.filter);
	return q;
}

/* The rules of block.h once more, in the simplest way; returns how many. */
struct simple {
	int64_t start, first, last, n;
};

static size_t
simply(const int64_t *sorted, size_t n, int64_t window, struct simple *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t t = sorted[i];

		if (k == 0 || t - out[k - 1].start > window ||
		    t - out[k - 1].last > window)
			out[k++] = (struct simple){ t - t % hour, t, t, 0 };
		out[k - 1].last = t;
		out[k - 1].n++;
	}
	return k;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool
equal(const struct blocks *b, const struct simple *s, size_t n)
{
	if (b->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct block *x = &b->block[i];

		if (x->start != s[i].start || x->first != s[i].first ||
		    x->last != s[i].last || x->sums.v[SUM_REQUESTS] != s[i].n)
			return false;
	}
	return true;
}

enum { CALLS = 400 };

/* Dense and sparse usage, calls at full hours and just after them. */
static void
make_times(int64_t *time, size_t n, int64_t spread)
{
	for (size_t i = 0; i < n; i++) {
		time[i] = base + random_below(spread);
		if (random_below(4) == 0)
			time[i] -= time[i] % hour;
		if (random_below(8) == 0)
			time[i] += time[i] % hour ? 0 : 1;
	}
}

static void
windows_are_as_defined(void)
{
	static const int64_t spreads[] = { 20 * 3600000, 9 * 86400000,
		INT64_C(200) * 86400000 };
	static const int64_t windows[] = { 5 * 3600000, 3600000, 4500000,
		5400000, 86400000 };
	int64_t time[CALLS];
	struct simple want[CALLS];

	for (size_t s = 0; s < 3; s++) {
		char name[16];
		struct ledger *l;

		snprintf(name, sizeof(name), "define%zu", s);
		l = open_ledger(name);
		make_times(time, CALLS, spreads[s]);
		put(l, time, CALLS);
		qsort(time, CALLS, sizeof(*time), compare);
		for (size_t w = 0; w < 5; w++) {
			struct block_query q =
			    query(windows[w], base + spreads[s]);
			struct blocks b;
			size_t n = simply(time, CALLS, windows[w], want);

			CHECK(block_run(&b, l, &q, &err) == 0);
			CHECK(equal(&b, want, n));
			block_release(&b);
		}
		ledger_close(l);
	}
}

/* However late one begins to look, the windows are the same. */
static void
the_range_does_not_move_windows(void)
{
	int64_t time[CALLS];
	struct simple want[CALLS];
	struct ledger *l = open_ledger("range");
	size_t n;

	make_times(time, CALLS, 40 * 24 * hour);
	put(l, time, CALLS);
	qsort(time, CALLS, sizeof(*time), compare);
	n = simply(time, CALLS, 5 * hour, want);
	for (int i = 0; i < 60; i++) {
		struct block_query q = query(5 * hour, base + 99 * 24 * hour);
		struct blocks b;
		size_t skip = 0;

		q.from = base + random_below(40 * 24 * hour);
		while (skip < n && want[skip].start < q.from)
			skip++;
		CHECK(block_run(&b, l, &q, &err) == 0);
		CHECK(equal(&b, want + skip, n - skip));
		block_release(&b);
	}
	ledger_close(l);
}

/* Records of the range alone are counted, in windows that began before. */
static void
sums_are_those_of_the_range(void)
{
	static const int64_t time[] = { 10 * 3600000, 11 * 3600000,
		13 * 3600000, 15 * 3600000, 15 * 3600000 + 1 };
	int64_t at[5];
	struct ledger *l = open_ledger("sums");
	struct block_query q = query(5 * hour, base + 24 * hour);
	struct blocks b;

	for (int i = 0; i < 5; i++)
		at[i] = base + time[i];
	put(l, at, 5);
	q.filter.since = base + 12 * hour;
	CHECK(block_run(&b, l, &q, &err) == 0);
	CHECK(b.n == 2);
	CHECK(b.block[0].start == base + 10 * hour);
	CHECK(b.block[0].first == base + 13 * hour);
	CHECK(b.block[0].sums.v[SUM_REQUESTS] == 2);
	CHECK(b.block[1].start == base + 15 * hour);
	block_release(&b);
	ledger_close(l);
}

static void
names_choose_the_calls_that_open_windows(void)
{
	int64_t at[] = { base, base + 4 * hour, base + 6 * hour };
	const char *odd[] = { "odd" };
	struct ledger *l = open_ledger("names");
	struct block_query q = query(5 * hour, base + 7 * hour);
	struct blocks b;

	put(l, at, 3);
	q.filter.name[NAME_USER] = odd;
	q.filter.names[NAME_USER] = 1;
	CHECK(block_run(&b, l, &q, &err) == 0);
	CHECK(b.n == 1 && b.block[0].start == base + 4 * hour);
	CHECK(b.n == 1 && b.block[0].active);
	CHECK(b.n == 1 && b.block[0].models == 1);
	CHECK_STR(b.block[0].model[0], "b");
	CHECK(block_active(&b) == &b.block[0]);
	block_release(&b);
	ledger_close(l);
}

static void
void_one(struct ledger *l, int64_t id)
{
	struct ledger_actor me = { "me", base };
	int64_t by;

	if (ledger_reversed_by(l, id, &by, &err) < 0 || by != 0)
		return;
	CHECK(ledger_begin(l, &err) == 0);
	if (ledger_void(l, id, "{}", &me, &err) < 0)
		ledger_rollback(l); /* it takes one back itself */
	else
		CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
}

/* With what was remembered the answer is the same as without, whatever was
 * written meanwhile. */
static void
an_anchor_changes_nothing(void)
{
	struct ledger *l = open_ledger("anchor");
	struct block_anchor anchor = { .first = 0 };
	int64_t day = base;

	for (int i = 0; i < 60; i++) {
		struct block_query q = query(5 * hour, day);
		struct blocks with, without;
		int64_t time[12];

		/* Mostly new ones, now and then older or voided ones. */
		for (int k = 0; k < 12; k++)
			time[k] = day - random_below(9 * hour);
		if (random_below(5) == 0)
			time[3] = day - random_below(30 * hour);
		put(l, time, 12);
		if (random_below(4) == 0)
			void_one(l, 1 + random_below(12 * i + 12));
		q.from = day - 5 * hour;
		CHECK(block_run(&without, l, &q, &err) == 0);
		q.anchor = &anchor;
		CHECK(block_run(&with, l, &q, &err) == 0);
		CHECK(with.n == without.n);
		for (size_t k = 0; k < with.n && k < without.n; k++) {
			const struct block *x = &with.block[k],
					   *y = &without.block[k];

			CHECK(x->start == y->start && x->first == y->first &&
			    sums_equal(&x->sums, &y->sums));
		}
		block_release(&with);
		block_release(&without);
		day += random_below(7 * hour);
	}
	ledger_close(l);
}

static void
rates_need_time(void)
{
	struct block b = { .start = base,
		.end = base + 5 * hour,
		.first = base + minute,
		.last = base + minute };
	struct block_rate rate;
	struct block_ahead ahead;

	b.sums.v[SUM_REQUESTS] = 1;
	b.sums.v[SUM_INPUT] = 600;
	b.sums.v[SUM_COST] = 1000;
	CHECK(!block_rate(&b, &rate));
	CHECK(!block_project(&b, base + hour, &ahead));
	b.last = base + 11 * minute;
	b.sums.v[SUM_REQUESTS] = 3;
	CHECK(block_rate(&b, &rate));
	CHECK(rate.tokens_per_minute == 60);
	CHECK(rate.cost_per_hour == 6000);
	CHECK(block_project(&b, base + 61 * minute, &ahead));
	CHECK(ahead.left == 239 * minute);
	CHECK(ahead.tokens == 600 + 600 * 239 / 60);
}

static void
scaling_is_exact_and_total(void)
{
	CHECK(block_scale(10, 1, 4) == 3); /* 2.5, half up */
	CHECK(block_scale(-10, 1, 4) == -3);
	CHECK(block_scale(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
	CHECK(block_scale(((tk_int128)1 << 126), INT64_MAX, 1) ==
	    ((tk_int128)1 << 126));
	CHECK(block_scale(7, 3, 2) == 11); /* 10.5 */
}

int
main(void)
{
	struct tk_buf command = TK_BUF_INIT;
	int rc;

	seed = 20261122;
	if (mkdtemp(folder) == NULL)
		return 1;
	windows_are_as_defined();
	the_range_does_not_move_windows();
	sums_are_those_of_the_range();
	names_choose_the_calls_that_open_windows();
	an_anchor_changes_nothing();
	rates_need_time();
	scaling_is_exact_and_total();
	tk_buf_addf(&command, "rm -rf '%s'", folder);
	rc = system(command.s);
	tk_buf_release(&command);
	return tap_done() || rc != 0;
}
