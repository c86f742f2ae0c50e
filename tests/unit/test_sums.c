/* Sums: exact beyond 64 bits, written and read, and by quarter of an hour. */
#include "ledger/sums.h"

#include "base/buf.h"
#include "ledger/pack.h"
#include "ledger/segment.h"
#include "tap.h"

static const tk_int128 most = (tk_int128)INT64_MAX << 36;

static bool
round_trips(const struct usage_sums *s)
{
	struct tk_buf b = TK_BUF_INIT;
	struct usage_sums got;
	const uint8_t *p, *end;
	bool ok;

	sums_pack(&b, s);
	p = (const uint8_t *)b.s;
	end = p + b.len;
	ok = sums_read(&p, end, &got) && p == end && sums_equal(s, &got);
	for (size_t n = 0; n < b.len; n++) {
		p = (const uint8_t *)b.s;
		ok = ok && !sums_read(&p, p + n, &got);
	}
	tk_buf_release(&b);
	return ok;
}

static void
every_size_round_trips(void)
{
	struct usage_sums s = { 0 };
	bool ok = round_trips(&s);

	for (int bit = 0; bit < 100; bit++) {
		for (int i = 0; i < SUMS; i++) {
			tk_int128 n = (tk_int128)1 << bit;

			s.v[i] = (i + bit) % 3 == 0 ? 0
			    : (i + bit) % 3 == 1    ? n
						    : -n;
		}
		ok = ok && round_trips(&s);
	}
	CHECK(ok);
	s.v[SUM_COST] = most;
	s.v[SUM_INPUT] = -most;
	CHECK(round_trips(&s));
}

static struct usage_record
record(int64_t time, int64_t n)
{
	struct usage_record r;

	record_init(&r);
	r.time = time;
	r.input_tokens = n;
	r.cache_read_tokens = 2;
	r.cache_write_5m_tokens = 3;
	r.cache_write_1h_tokens = 4;
	r.cache_write_other_tokens = 5;
	r.output_tokens = 6;
	r.reasoning_tokens = 1;
	r.unsplit_tokens = 7;
	r.cost = 100;
	r.cost_origin = COST_PRICED;
	return r;
}

static void
totals_are_of_disjoint_classes(void)
{
	struct usage_record r = record(0, 1);
	struct usage_sums s = { 0 };

	sums_add_record(&s, &r, false);
	CHECK(sums_total(&s) == 1 + 2 + 3 + 4 + 5 + 6 + 7);
	CHECK(sums_total(&s) == record_total(&r));
	CHECK(sums_cache_write(&s) == 12);
	CHECK(s.v[SUM_ERRORS] == 0 && s.v[SUM_UNPRICED] == 0);
	r.cost = RECORD_UNKNOWN;
	sums_add_record(&s, &r, true);
	CHECK(s.v[SUM_ERRORS] == 1 && s.v[SUM_UNPRICED] == 1);
	CHECK(s.v[SUM_COST] == 100 && s.v[SUM_REQUESTS] == 2);
}

static void
sums_go_beyond_64_bits(void)
{
	struct usage_record r = record(0, 0);
	struct usage_sums s = { 0 }, twice = { 0 };

	r = (struct usage_record){ .input_tokens = INT64_MAX,
		.cost = INT64_MAX,
		.requests = 1 };
	for (int i = 0; i < 1000; i++)
		sums_add_record(&s, &r, false);
	CHECK(s.v[SUM_INPUT] == (tk_int128)INT64_MAX * 1000);
	CHECK(s.v[SUM_COST] == (tk_int128)INT64_MAX * 1000);
	sums_add(&twice, &s);
	sums_add(&twice, &s);
	CHECK(twice.v[SUM_INPUT] == 2 * s.v[SUM_INPUT]);
	CHECK(round_trips(&twice));
}

static void
what_is_taken_back_leaves_nothing(void)
{
	static const struct usage_sums nothing;
	struct usage_record r = record(5, 9);
	struct usage_sums s = { 0 };

	sums_add_record(&s, &r, true);
	CHECK(!sums_equal(&s, &nothing));
	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type == RECORD_COUNT)
			*record_int(&r, f) = -*record_int(&r, f);
	r.cost = -r.cost;
	r.requests = -1;
	sums_add_record(&s, &r, true);
	CHECK(sums_equal(&s, &nothing));
}

/* Times out of order, on both sides of a quarter of an hour. */
static void
slots_are_in_order_and_complete(void)
{
	static const int64_t times[] = { 5 * SLOT_MS, 4 * SLOT_MS,
		5 * SLOT_MS - 1, 5 * SLOT_MS + 1, 0, SLOT_MS - 1,
		INT64_C(253370764799999), 6 * SLOT_MS - 1 };
	uint32_t name[NAME_KINDS] = { 0 };
	struct tk_buf data = TK_BUF_INIT, slots = TK_BUF_INIT;
	struct slots_iter it = { 0 };
	struct usage_sums all = { 0 };
	int64_t before = -1, n = 0;
	int more;

	for (size_t i = 0; i < 8; i++) {
		struct usage_record r = record(times[i], (int64_t)i);

		pack_record(&data, &r, name);
		sums_add_record(&all, &r, false);
	}
	CHECK(slots_build(&slots, (const uint8_t *)data.s, data.len, 8));
	it.p = (const uint8_t *)slots.s;
	it.end = it.p + slots.len;
	while ((more = slots_next(&it)) > 0) {
		struct usage_sums minus = it.sums;

		CHECK(it.slot > before);
		before = it.slot;
		n += (int64_t)it.sums.v[SUM_REQUESTS];
		for (int i = 0; i < SUMS; i++)
			minus.v[i] = -minus.v[i];
		sums_add(&all, &minus);
	}
	CHECK(more == 0 && n == 8);
	CHECK(sums_equal(&all, &(struct usage_sums){ 0 }));
	tk_buf_reset(&slots);
	CHECK(!slots_build(&slots, (const uint8_t *)data.s, data.len, 7));
	CHECK(!slots_build(&slots, (const uint8_t *)data.s, data.len, 9));
	CHECK(!slots_build(&slots, (const uint8_t *)data.s, data.len - 1, 8));
	tk_buf_release(&data);
	tk_buf_release(&slots);
}

int
main(void)
{
	every_size_round_trips();
	totals_are_of_disjoint_classes();
	sums_go_beyond_64_bits();
	what_is_taken_back_leaves_nothing();
	slots_are_in_order_and_complete();
	return tap_done();
}
