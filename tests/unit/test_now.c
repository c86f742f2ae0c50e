/* Today, the month, the window and the last hour: remembered or not. */
#include "report/now.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/time.h"
#include "report/now_int.h"
#include "report/report.h"
#include "store/store.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-now.XXXXXX";
static const int64_t hour = 3600000, minute = 60000;
static const int64_t base = INT64_C(1698710400000); /* 2023-10-31, UTC */
static uint64_t seed = 5;

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

/* A sighting of a call; the same id again, larger, replaces the first. */
static void
see(struct ledger *l, int64_t id, int64_t time, int64_t tokens)
{
	enum ledger_result result;
	struct usage_record r;
	char name[32];

	snprintf(name, sizeof(name), "call-%lld", (long long)id);
	record_init(&r);
	r.user = "u";
	r.model = "m";
	r.request_id = name;
	r.time = time;
	r.input_tokens = tokens;
	r.cost = id % 3 ? tokens * 7 : RECORD_UNKNOWN;
	r.cost_origin = id % 3 ? COST_GIVEN : COST_UNKNOWN;
	if (ledger_put(l, &r, LEDGER_MERGE, &result, &err) < 0)
		CHECK(!"put");
}

static bool
same(const struct now_figures *a, const struct now_figures *b, int64_t now)
{
	if (!sums_equal(&a->today, &b->today) ||
	    !sums_equal(&a->this_month, &b->this_month) || a->open != b->open)
		return false;
	for (int m = 1; m <= 60; m++) {
		struct now_rate x, y;

		now_rate(a, now, m, &x);
		now_rate(b, now, m, &y);
		if (x.tokens_per_minute != y.tokens_per_minute ||
		    x.cost_per_hour != y.cost_per_hour)
			return false;
	}
	return !a->open ||
	    (a->block.start == b->block.start &&
		a->block.first == b->block.first &&
		a->block.last == b->block.last &&
		sums_equal(&a->block.sums, &b->block.sums));
}

/* The same figures from the query that every report asks. */
static bool
as_reported(struct ledger *l, const struct now_figures *f,
    const struct tk_zone *zone, int64_t now)
{
	struct report_query q = { .zone = zone, .now = now };
	struct report r;
	bool ok;

	ledger_filter_init(&q.filter);
	q.dim[q.dims++] = DIM_DATE;
	q.filter.since = f->day;
	q.filter.until = tk_zone_day_start(zone, tk_zone_day(zone, f->day) + 1);
	if (report_run(&r, l, &q, &err) < 0)
		return false;
	ok = sums_equal(&r.total, &f->today);
	report_release(&r);
	return ok;
}

static void
what_is_remembered_changes_nothing(const char *zone_name)
{
	struct tk_buf cache = TK_BUF_INIT;
	struct ledger *l = open_ledger(zone_name);
	struct tk_zone *zone;
	int64_t now = base, id = 0;

	CHECK(tk_zone_open(&zone, zone_name, &err) == 0);
	tk_buf_addf(&cache, "%s/cache/", folder);
	for (int i = 0; i < 250; i++) {
		struct now_query q = { .now = now,
			.zone = zone,
			.window = 5 * hour,
			.folder = cache.s };
		struct now_figures with, without;

		CHECK(ledger_begin(l, &err) == 0);
		for (int64_t k = random_below(6); k >= 0; k--)
			see(l, random_below(3) ? id++ : random_below(id + 1),
			    now -
				random_below(
				    random_below(9) ? 10 * minute : 40 * hour),
			    1 + random_below(1000));
		if (random_below(40) == 0)
			see(l, id++, now + random_below(3 * hour), 5);
		CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
		CHECK(now_read(&with, l, &q, &err) == 0);
		q.folder = NULL;
		CHECK(now_read(&without, l, &q, &err) == 0);
		CHECK(same(&with, &without, now));
		CHECK(as_reported(l, &with, zone, now));
		now += random_below(random_below(10) ? 20 * minute : 30 * hour);
	}
	tk_zone_free(zone);
	tk_buf_release(&cache);
	ledger_close(l);
}

static void
bytes_come_back(void)
{
	struct tk_buf b = TK_BUF_INIT;
	struct now_state s = { .print = UINT64_MAX }, back;
	int bad = 0;

	strcpy(s.anchor.ledger, "0123456789abcdef0123456789abcdef");
	s.anchor.first = base;
	s.f.today.v[SUM_COST] = ((tk_int128)1 << 90) + 7;
	s.f.minute[3] = (struct now_minute){ 77, 5, -6, 1 };
	now_state_pack(&b, &s);
	CHECK(now_state_read(b.s, b.len, &back));
	CHECK_STR(back.anchor.ledger, s.anchor.ledger);
	CHECK(back.print == s.print && back.anchor.first == base);
	CHECK(back.f.today.v[SUM_COST] == s.f.today.v[SUM_COST]);
	CHECK(back.f.minute[3].cost == -6);
	for (size_t i = 0; i < b.len; i++) {
		bad += now_state_read(b.s, i, &back);
		b.s[i] ^= 1;
		bad += now_state_read(b.s, b.len, &back);
		b.s[i] ^= 1;
	}
	CHECK(bad == 0);
	tk_buf_release(&b);
}

/* A copy that went another way has the same number and other records. */
static void
a_copy_is_not_taken_for_the_ledger(void)
{
	struct tk_buf cache = TK_BUF_INIT, path = TK_BUF_INIT;
	struct ledger *l = open_ledger("first"), *copy;
	struct now_query q = { .now = base + hour, .window = 5 * hour };
	struct now_figures f;
	struct tk_zone *zone;

	tk_buf_addf(&cache, "%s/copies/", folder);
	CHECK(tk_zone_open(&zone, "UTC", &err) == 0);
	q.zone = zone;
	q.folder = cache.s;
	CHECK(ledger_begin(l, &err) == 0);
	see(l, 1, base, 10);
	CHECK(ledger_commit(l, LEDGER_DURABLE, &err) == 0);
	tk_buf_addf(&path, "%s/second", folder);
	CHECK(store_backup(ledger_store(l), path.s, &err) == 0);
	copy = open_ledger("second");
	for (int i = 0; i < 2; i++) {
		struct ledger *one = i ? copy : l;

		CHECK(ledger_begin(one, &err) == 0);
		see(one, 2 + i, base + 1 + i, 100 * (i + 1));
		CHECK(ledger_commit(one, LEDGER_RELAXED, &err) == 0);
	}
	for (int i = 0; i < 4; i++) {
		CHECK(now_read(&f, i % 2 ? copy : l, &q, &err) == 0);
		CHECK(f.today.v[SUM_INPUT] == (i % 2 ? 210 : 110));
	}
	ledger_close(l);
	ledger_close(copy);
	tk_zone_free(zone);
	tk_buf_release(&cache);
	tk_buf_release(&path);
}

int
main(void)
{
	struct tk_buf command = TK_BUF_INIT;
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	bytes_come_back();
	what_is_remembered_changes_nothing("UTC");
	what_is_remembered_changes_nothing("Asia/Kathmandu");
	a_copy_is_not_taken_for_the_ledger();
	tk_buf_addf(&command, "rm -rf '%s'", folder);
	rc = system(command.s);
	tk_buf_release(&command);
	return tap_done() || rc != 0;
}
