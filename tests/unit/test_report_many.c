/* More rows than there is room for: the same report by way of files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "report/latency.h"
#include "report/report.h"
#include "report/spill.h"
#include "tap.h"

enum { RECORDS = 34000, MOST = 5 };

static struct tk_err err;
static uint64_t seed = 7;

static int
pick(int n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1;
	return (int)((seed >> 33) % (uint64_t)n);
}

static void
put(struct ledger *l, int i)
{
	char user[16], session[16], model[16];
	enum ledger_result result;
	struct usage_record r;

	snprintf(user, sizeof(user), "u%d", pick(37));
	snprintf(session, sizeof(session), "s%d", pick(53));
	snprintf(model, sizeof(model), "m%d", pick(7));
	record_init(&r);
	r.user = user;
	r.session = session;
	r.model = model;
	r.time = INT64_C(1700000000000) + i * INT64_C(60000);
	r.input_tokens = i % 3 ? pick(5000) : INT64_MAX / 2 - pick(9);
	r.output_tokens = pick(3);
	r.cost = i % 5 ? pick(1000000) : RECORD_UNKNOWN;
	r.latency_ms = i % 4 ? (int64_t)pick(500) * pick(500) : RECORD_UNKNOWN;
	if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
		CHECK_STR(err.msg, "");
}

/* More segments than one thread goes over alone. */
static struct ledger *
make_ledger(const char *path)
{
	struct ledger *l;

	if (ledger_open(&l, path, LEDGER_WRITE | LEDGER_CREATE, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	for (int i = 0; i < RECORDS; i++) {
		if (i % 1000 == 0)
			CHECK(ledger_begin(l, &err) == 0);
		put(l, i);
		if (i % 1000 == 999)
			CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	}
	return l;
}

static bool
is_same(const struct report_query *q, const struct report_row *a,
    const struct report_row *b)
{
	bool same = sums_equal(&a->sums, &b->sums) && a->first == b->first &&
	    a->last == b->last && (a->latency == NULL) == (b->latency == NULL);

	for (size_t d = 0; d < q->dims; d++)
		same &= a->key[d] == b->key[d] &&
		    (a->name[d] == NULL) == (b->name[d] == NULL) &&
		    (a->name[d] == NULL || !strcmp(a->name[d], b->name[d]));
	for (int p = 1; a->latency != NULL && p <= 100; p += 7)
		same &= latency_quantile(a->latency, p) ==
		    latency_quantile(b->latency, p);
	return same;
}

static void
compare(struct ledger *l, const struct report_query *asked)
{
	struct report_query q = *asked;
	const struct report_row *row;
	struct report want, got;
	size_t n = 0;
	int more;

	spill_most = 1 << 17;
	CHECK(report_run(&want, l, &q, &err) == 0);
	CHECK(want.row != NULL && want.stream == NULL && want.rows > MOST);
	spill_most = MOST;
	CHECK(report_run(&got, l, &q, &err) == 0);
	CHECK(got.rows == want.rows && sums_equal(&got.total, &want.total));
	CHECK(got.first == want.first && got.last == want.last);
	while (n < got.rows && n < want.rows &&
	    is_same(&q, &got.row[n], &want.row[n]))
		n++;
	CHECK(n == want.rows);
	report_release(&got);
	q.stream = true;
	CHECK(report_run(&got, l, &q, &err) == 0);
	CHECK(got.rows == want.rows && (got.stream != NULL) == (q.top == 0));
	for (n = 0;
	     (more = report_next(&got, &row, &err)) > 0 && n < want.rows;)
		n += is_same(&q, row, &want.row[n]);
	CHECK(more == 0 && n == want.rows);
	report_release(&got);
	report_release(&want);
}

static void
all_ways_are_the_same(struct ledger *l, const struct tk_zone *zone)
{
	static const enum report_dim dims[][3] = {
		{ (enum report_dim)NAME_SESSION, (enum report_dim)NAME_USER,
		    (enum report_dim)NAME_MODEL },
		{ (enum report_dim)NAME_USER, DIM_FAMILY, DIM_HOUR_OF_DAY },
		{ DIM_DATE, (enum report_dim)NAME_SESSION, DIM_WEEKDAY },
	};
	struct report_query q = { .zone = zone, .now = INT64_MAX / 2 };

	ledger_filter_init(&q.filter);
	for (size_t i = 0; i < TK_LEN(dims); i++)
		for (int k = (int)i % 2; k < 12; k += 2 + (int)i) {
			memcpy(q.dim, dims[i], sizeof(dims[i]));
			q.dims = k % 3 == 0 && i != 1 ? 3 : 2;
			q.latency = k % 2;
			q.order = (enum report_order)(k % 5);
			q.reverse = k % 4 > 1;
			q.top = k % 4 == 3 ? 9 : 0;
			compare(l, &q);
		}
}

int
main(void)
{
	char folder[] = "/tmp/tokctl-many.XXXXXX", command[64];
	struct tk_buf path = TK_BUF_INIT;
	struct tk_zone *zone;
	struct ledger *l;

	if (mkdtemp(folder) == NULL)
		return 1;
	tk_buf_addf(&path, "%s/l.db", folder);
	CHECK(tk_zone_open(&zone, "UTC", &err) == 0);
	l = make_ledger(path.s);
	all_ways_are_the_same(l, zone);
	ledger_close(l);
	tk_zone_free(zone);
	tk_buf_release(&path);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
