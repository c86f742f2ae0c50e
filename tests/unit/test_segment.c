/* Segments: where records are, whatever the order and size of commits. */
#include "ledger/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "store/store.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-segment.XXXXXX";
static uint64_t state = 1234567;

static uint64_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
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

static int64_t
put(struct ledger *l, int64_t time, int64_t n, const char *metadata)
{
	enum ledger_result result;
	struct usage_record r;

	record_init(&r);
	r.user = n % 2 ? "odd" : "even";
	r.model = "m";
	r.time = time;
	r.input_tokens = n;
	r.metadata = metadata;
	if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
		return -1;
	return r.id;
}

static bool
is_whole(struct ledger *l)
{
	struct ledger_findings f;
	bool whole = ledger_check(l, NULL, &f, &err) == 0;

	for (int i = 0; whole && i < CHECKS; i++) {
		if (f.faults[i] > 0) {
			printf("# %s: %s\n", ledger_check_names[i].name,
			    f.first[i]);
			whole = false;
		}
	}
	return whole;
}

/* Each id leads to its record, in the batch that it came with and after. */
static void
ids_lead_to_their_records(void)
{
	static const int sizes[] = { 1, 2, 31, 32, 33, 100, 1023, 1024, 1025,
		2049 };
	struct ledger *l = open_ledger("ids");
	struct usage_record got;
	int64_t n = 0;
	bool ok = true;

	for (int round = 0; round < 60; round++) {
		int size = round < 40 ? 1 : sizes[next_random() % 10];

		ledger_begin(l, &err);
		for (int i = 0; i < size; i++) {
			int64_t at = (int64_t)(next_random() % 1000000) * 7777;

			ok = ok && put(l, at, n, NULL) == n + 1;
			n++;
			if (next_random() % 50 == 0) {
				int64_t id =
				    1 + (int64_t)(next_random() % (uint64_t)n);

				ok = ok && ledger_get(l, id, &got, &err) == 1 &&
				    got.input_tokens == id - 1 && got.id == id;
			}
		}
		ok = ok && ledger_get(l, n + 1, &got, &err) == 0;
		if (round % 7 == 6) {
			ledger_rollback(l);
			n -= size;
		} else {
			ok = ok && ledger_commit(l, LEDGER_RELAXED, &err) == 0;
		}
	}
	CHECK(ok);
	for (int64_t id = 1; id <= n; id++)
		ok = ok && ledger_get(l, id, &got, &err) == 1 &&
		    got.input_tokens == id - 1;
	CHECK(ok);
	CHECK(ledger_get(l, 0, &got, &err) == 0);
	CHECK(ledger_get(l, -1, &got, &err) == 0);
	CHECK(ledger_get(l, INT64_MAX, &got, &err) == 0);
	CHECK(ledger_get(l, INT64_MIN, &got, &err) == 0);
	CHECK(is_whole(l));
	ledger_close(l);
}

/* Long texts: segments stay small, and are joined no further. */
static void
segments_stay_below_their_limit(void)
{
	struct ledger *l = open_ledger("long");
	char *text = malloc(60001);
	struct stmt *q = NULL;
	bool ok = text != NULL;

	memset(text, ' ', 60000);
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + 59998, "\"}", 3);
	for (int i = 0; ok && i < 150; i++) {
		ledger_begin(l, &err);
		for (int k = 0; k < 1 + i % 3; k++)
			ok = ok && put(l, i, i, text) > 0;
		ok = ok && ledger_commit(l, LEDGER_RELAXED, &err) == 0;
	}
	CHECK(ok);
	CHECK(store_prepare(ledger_store(l), &q,
		  "SELECT max(length(data)), sum(n) FROM segment", &err) == 0);
	CHECK(stmt_step(q, &err) == 1);
	CHECK(stmt_int(q, 0) <= SEGMENT_MAX_BYTES);
	CHECK(stmt_int(q, 1) == 300);
	stmt_free(q);
	CHECK(is_whole(l));
	ledger_close(l);
	free(text);
}

static int
add_slot(const struct ledger_slot *slot, void *data, struct tk_err *e)
{
	(void)e;
	sums_add(data, &slot->sums);
	return 0;
}

static struct usage_sums
sums_between(struct ledger *l, int64_t since, int64_t until)
{
	struct usage_sums sums = { 0 };

	CHECK(ledger_each_slot(l, since, until, add_slot, &sums, &err) == 0);
	return sums;
}

/* What the roll-ups say of a range is what its records say. */
static void
slots_are_cut_by_any_range(void)
{
	struct ledger *l = open_ledger("slots");
	int64_t *time = calloc(5000, sizeof(*time));
	bool ok = time != NULL;

	for (int n = 0; ok && n < 5000;) {
		int size =
		    next_random() % 3 ? 1 + (int)(next_random() % 200) : 1;

		ledger_begin(l, &err);
		for (int i = 0; i < size && n < 5000; i++, n++) {
			time[n] = (int64_t)(next_random() % 400000) * 100;
			if (next_random() % 4 == 0)
				time[n] -= time[n] % SLOT_MS;
			ok = ok && put(l, time[n], n, NULL) > 0;
		}
		ok = ok && ledger_commit(l, LEDGER_RELAXED, &err) == 0;
	}
	CHECK(ok);
	for (int round = 0; ok && round < 40; round++) {
		int64_t a = (int64_t)(next_random() % 40000000);
		int64_t b = (int64_t)(next_random() % 40000000);
		struct usage_sums got;
		tk_int128 input = 0;
		int64_t requests = 0;

		if (round % 4 == 0)
			a -= a % SLOT_MS;
		if (round % 5 == 0)
			b = time[round];
		got = sums_between(l, a, b);
		for (int i = 0; i < 5000; i++) {
			if (time[i] < a || time[i] >= b)
				continue;
			requests++;
			input += i;
		}
		ok = got.v[SUM_REQUESTS] == requests &&
		    got.v[SUM_INPUT] == input;
		if (!ok)
			printf("# from %lld to %lld\n", (long long)a,
			    (long long)b);
	}
	CHECK(ok);
	free(time);
	ledger_close(l);
}

struct newest {
	int64_t time, id;
	int n;
	bool ordered;
};

static int
look(struct packed_record *v, void *data, struct tk_err *e)
{
	struct newest *last = data;

	(void)e;
	if (last->n > 0 &&
	    (v->r.time > last->time ||
		(v->r.time == last->time && v->r.id >= last->id)))
		last->ordered = false;
	last->time = v->r.time;
	last->id = v->r.id;
	last->n++;
	return 0;
}

static void
the_latest_are_in_order(void)
{
	struct ledger *l = open_ledger("slots");
	static const size_t sizes[] = { 1, 2, 20, 999, 5000, 6000 };
	struct ledger_filter f;

	ledger_filter_init(&f);
	for (size_t i = 0; i < 6; i++) {
		struct newest last = { .ordered = true };

		CHECK(ledger_latest(l, &f, SCAN_ALL, sizes[i], look, &last,
			  &err) == 0);
		CHECK(last.ordered);
		CHECK(last.n == (int)(sizes[i] < 5000 ? sizes[i] : 5000));
	}
	ledger_close(l);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	ids_lead_to_their_records();
	segments_stay_below_their_limit();
	slots_are_cut_by_any_range();
	the_latest_are_in_order();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
