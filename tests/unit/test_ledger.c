/* The ledger: what is put once is there once, whatever happens between. */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "ledger/segment.h"
#include "ledger/sums.h"
#include "store/store.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-ledger.XXXXXX";

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

static struct usage_record
record(const char *id, int64_t input, int64_t output)
{
	struct usage_record r;

	record_init(&r);
	r.user = "alice";
	r.application = "chat";
	r.model = "gpt-4.1";
	r.time = 1700000000000;
	r.input_tokens = input;
	r.output_tokens = output;
	r.cost = input < 1000000 ? 1000 * input : 0;
	r.cost_origin = COST_PRICED;
	r.request_id = id;
	return r;
}

static enum ledger_result
put(struct ledger *l, struct usage_record r, enum ledger_rule rule)
{
	enum ledger_result result;

	CHECK(ledger_begin(l, &err) == 0);
	CHECK(ledger_put(l, &r, rule, &result, &err) == 0);
	CHECK(ledger_commit(l, LEDGER_DURABLE, &err) == 0);
	return result;
}

static void
same_request_lands_once(void)
{
	struct ledger *l = open_ledger("once");
	struct usage_record r = record("r1", 10, 5), got;
	enum ledger_result result;

	CHECK(put(l, r, LEDGER_STRICT) == LEDGER_NEW);
	CHECK(put(l, r, LEDGER_STRICT) == LEDGER_KNOWN);
	r.time++;
	CHECK(put(l, r, LEDGER_STRICT_UNTIMED) == LEDGER_KNOWN);
	CHECK(ledger_begin(l, &err) == 0);
	CHECK(ledger_put(l, &r, LEDGER_STRICT, &result, &err) == -1);
	CHECK(err.code == TK_CONFLICT);
	ledger_rollback(l);
	CHECK(ledger_get(l, 1, &got, &err) == 1);
	CHECK_STR(got.user, "alice");
	CHECK_STR(got.request_id, "r1");
	CHECK(got.input_tokens == 10 && got.cost == 10000);
	CHECK(ledger_get(l, 2, &got, &err) == 0);
	ledger_close(l);
}

static void
larger_sighting_is_booked_in_place_of_the_old(void)
{
	struct ledger *l = open_ledger("merge");
	struct usage_record small = record("m", 10, 1), got;
	struct usage_record large = record("m", 10, 90);
	int64_t by;

	large.time += 5000;
	CHECK(put(l, small, LEDGER_MERGE) == LEDGER_NEW);
	CHECK(put(l, large, LEDGER_MERGE) == LEDGER_UPDATED);
	CHECK(put(l, small, LEDGER_MERGE) == LEDGER_KNOWN);
	CHECK(put(l, large, LEDGER_MERGE) == LEDGER_KNOWN);
	CHECK(ledger_get(l, 2, &got, &err) == 1);
	CHECK(got.reverses == 1 && got.requests == -1);
	CHECK(got.output_tokens == -1 && got.time == small.time);
	CHECK(ledger_get(l, 3, &got, &err) == 1);
	CHECK(got.requests == 1 && got.output_tokens == 90);
	CHECK(got.time == large.time);
	CHECK(ledger_reversed_by(l, 1, &by, &err) == 0 && by == 2);
	ledger_close(l);
}

static void
merging_does_not_depend_on_the_order(void)
{
	struct usage_record s[3] = { record("x", 1, 2), record("x", 1, 9),
		record("x", 1, 9) };
	struct usage_record one, other;

	s[1].session = "b";
	s[2].session = "a";
	s[0].time = 3, s[1].time = 2, s[2].time = 1;
	one = s[0];
	ledger_merge(&one, &s[1]);
	ledger_merge(&one, &s[2]);
	other = s[2];
	ledger_merge(&other, &s[0]);
	ledger_merge(&other, &s[1]);
	CHECK_STR(one.session, "a");
	CHECK_STR(other.session, "a");
	CHECK(one.output_tokens == 9 && other.output_tokens == 9);
	CHECK(one.time == 3 && other.time == 3);
	CHECK(!ledger_merge(&one, &other));
}

/* Single commits and batches of every size end in few, whole segments. */
static void
segments_join(void)
{
	struct ledger *l = open_ledger("join");
	struct usage_record got;
	struct stmt *q = NULL;
	int64_t n = 0;

	for (int batch = 1; n < 5000; batch = batch % 97 + 1) {
		ledger_begin(l, &err);
		for (int i = 0; i < batch; i++, n++) {
			struct usage_record r = record(NULL, n, 1);
			enum ledger_result result;

			r.time += n * 60000;
			ledger_put(l, &r, LEDGER_STRICT, &result, &err);
		}
		ledger_commit(l, LEDGER_RELAXED, &err);
	}
	for (int64_t id = 1; id <= n; id += 7)
		if (ledger_get(l, id, &got, &err) != 1 ||
		    got.input_tokens != id - 1)
			CHECK(!"every record is where its id says");
	CHECK(store_prepare(ledger_store(l), &q,
		  "SELECT count(*), sum(n) FROM segment", &err) == 0);
	CHECK(stmt_step(q, &err) == 1);
	CHECK(stmt_int(q, 1) == n);
	CHECK(stmt_int(q, 0) <= n / SEGMENT_GROUP + 2 * SEGMENT_SMALL_GROUP);
	stmt_free(q);
	ledger_close(l);
}

static void
rollback_leaves_nothing(void)
{
	struct ledger *l = open_ledger("rollback");
	struct usage_record r = record("gone", 1, 1), got;
	enum ledger_result result;

	CHECK(ledger_begin(l, &err) == 0);
	CHECK(ledger_put(l, &r, LEDGER_STRICT, &result, &err) == 0);
	ledger_rollback(l);
	CHECK(ledger_get(l, 1, &got, &err) == 0);
	CHECK(put(l, r, LEDGER_STRICT) == LEDGER_NEW);
	CHECK(ledger_get(l, 1, &got, &err) == 1);
	CHECK_STR(got.model, "gpt-4.1");
	ledger_close(l);
}

static void
void_takes_back_once(void)
{
	struct ledger *l = open_ledger("void");
	struct ledger_actor actor = { "alice", 1700000000000 };
	struct usage_record r = record("v", 4, 4);

	CHECK(put(l, r, LEDGER_STRICT) == LEDGER_NEW);
	CHECK(ledger_begin(l, &err) == 0);
	CHECK(ledger_void(l, 1, "{}", &actor, &err) == 0);
	CHECK(ledger_void(l, 1, "{}", &actor, &err) == -1);
	CHECK(ledger_void(l, 2, "{}", &actor, &err) == -1);
	CHECK(ledger_void(l, 9, "{}", &actor, &err) == -1);
	CHECK(err.code == TK_NOTFOUND);
	CHECK(ledger_commit(l, LEDGER_DURABLE, &err) == 0);
	CHECK(put(l, r, LEDGER_MERGE) == LEDGER_KNOWN);
	ledger_close(l);
}

static void
refuses_what_no_record_may_hold(void)
{
	struct ledger *l = open_ledger("refuse");
	struct usage_record bad[5] = { record(NULL, -1, 0),
		record(NULL, INT64_MAX, 1), record(NULL, 1, 1),
		record(NULL, 1, 1), record(NULL, 1, 1) };
	enum ledger_result result;

	bad[2].user = NULL;
	bad[3].time = -1;
	bad[4].model = bad[4].application = NULL;
	CHECK(ledger_begin(l, &err) == 0);
	for (int i = 0; i < 5; i++) {
		CHECK(ledger_put(l, &bad[i], LEDGER_STRICT, &result, &err) < 0);
		CHECK(err.code == TK_DATA);
	}
	ledger_rollback(l);
	ledger_close(l);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	same_request_lands_once();
	larger_sighting_is_booked_in_place_of_the_old();
	merging_does_not_depend_on_the_order();
	segments_join();
	rollback_leaves_nothing();
	void_takes_back_once();
	refuses_what_no_record_may_hold();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
