/* Reports: one query, cut by days and hours of any zone. */
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-report.XXXXXX";

/* Spring and autumn of a zone that moves by half an hour, at 02:00. */
static const char lord_howe[] = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";

static struct ledger *
make_ledger(const char *name, const int64_t *time, size_t n)
{
	struct tk_buf path = TK_BUF_INIT;
	enum ledger_result result;
	struct ledger *l;

	tk_buf_addf(&path, "%s/%s", folder, name);
	if (ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) < 0 ||
	    ledger_begin(l, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	for (size_t i = 0; i < n; i++) {
		struct usage_record r;

		record_init(&r);
		r.user = i % 2 ? "odd" : "even";
		r.model = "m";
		r.time = time[i];
		r.input_tokens = INT64_MAX;
		CHECK(ledger_put(l, &r, LEDGER_STRICT, &result, &err) == 0);
	}
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	tk_buf_release(&path);
	return l;
}

static struct report_query
query(const struct tk_zone *zone, enum report_dim dim)
{
	struct report_query q = { .zone = zone, .dim = { dim }, .dims = 1 };

	ledger_filter_init(&q.filter);
	return q;
}

static void
check_text(const struct report_query *q, const struct report *r, size_t i,
    const char *want)
{
	struct tk_buf b = TK_BUF_INIT;

	CHECK(i < r->rows);
	if (i < r->rows)
		report_key_text(&b, q, &r->row[i], 0);
	CHECK_STR(b.s, want);
	tk_buf_release(&b);
}

/* 2023-09-30T15:30Z: 02:00 becomes 02:30; 2023-04-01T15:00Z: 02:00 becomes
 * 01:30. */
static void
hours_begin_where_the_clock_was_moved(void)
{
	static const int64_t times[] = { INT64_C(1696087740000),
		INT64_C(1696087800000), INT64_C(1680361140000),
		INT64_C(1680361200000), INT64_C(1680363060000) };
	struct ledger *l = make_ledger("hours", times, 5);
	struct report_query q;
	struct tk_zone *zone;
	struct report r;

	CHECK(tk_zone_open(&zone, lord_howe, &err) == 0);
	q = query(zone, DIM_HOUR);
	CHECK(report_run(&r, l, &q, &err) == 0);
	CHECK(r.rows == 5);
	check_text(&q, &r, 0, "2023-04-02T01:00:00+11:00");
	check_text(&q, &r, 1, "2023-04-02T01:30:00+10:30");
	check_text(&q, &r, 2, "2023-04-02T02:00:00+10:30");
	check_text(&q, &r, 3, "2023-10-01T01:00:00+10:30");
	check_text(&q, &r, 4, "2023-10-01T02:30:00+11:00");
	report_release(&r);
	tk_zone_free(zone);
	ledger_close(l);
}

/* 64 records of the most tokens there are: a segment with a roll-up. */
static void
sums_do_not_overflow(void)
{
	struct ledger *l;
	struct report_query q;
	struct tk_zone *zone;
	struct report r;
	int64_t times[64];

	for (int i = 0; i < 64; i++)
		times[i] = INT64_C(86400000) * (i / 32) + i;
	l = make_ledger("sums", times, 64);
	CHECK(tk_zone_open(&zone, "UTC", &err) == 0);
	q = query(zone, DIM_DATE);
	CHECK(report_run(&r, l, &q, &err) == 0);
	CHECK(r.rows == 2);
	CHECK(r.total.v[SUM_INPUT] == (tk_int128)INT64_MAX * 64);
	CHECK(r.row[1].sums.v[SUM_INPUT] == (tk_int128)INT64_MAX * 32);
	check_text(&q, &r, 1, "1970-01-02");
	CHECK(report_key_start(&q, DIM_DATE, 1) == 86400000);
	CHECK(report_key_end(&q, DIM_DATE, 1) == 2 * 86400000);
	report_release(&r);
	q = query(zone, (enum report_dim)NAME_USER);
	CHECK(report_run(&r, l, &q, &err) == 0);
	CHECK(r.rows == 2 && r.row[0].first == 0);
	check_text(&q, &r, 0, "even");
	report_sort(&r, &q, ORDER_LAST, false);
	check_text(&q, &r, 0, "odd");
	report_release(&r);
	tk_zone_free(zone);
	ledger_close(l);
}

static void
roll_ups_and_records_agree_at_the_ends_of_time(void)
{
	int64_t times[40];
	static const char *const zones[] = { "+14:00", "-12:00", "+00:44" };
	struct ledger *l;

	for (int i = 0; i < 40; i++)
		times[i] = i < 20 ? i : RECORD_LAST_TIME - i;
	l = make_ledger("ends", times, 40);
	for (size_t i = 0; i < 3; i++) {
		struct tk_zone *zone;
		struct report_query q;
		struct report fast, slow;
		const char *all[] = { "even", "odd" };

		CHECK(tk_zone_open(&zone, zones[i], &err) == 0);
		q = query(zone, DIM_DATE);
		CHECK(report_run(&fast, l, &q, &err) == 0);
		q.filter.name[NAME_USER] = all;
		q.filter.names[NAME_USER] = 2;
		CHECK(report_run(&slow, l, &q, &err) == 0);
		CHECK(fast.rows == 2 && slow.rows == 2);
		for (size_t k = 0; k < fast.rows && k < slow.rows; k++)
			CHECK(fast.row[k].key[0] == slow.row[k].key[0] &&
			    sums_equal(&fast.row[k].sums, &slow.row[k].sums));
		report_release(&fast);
		report_release(&slow);
		tk_zone_free(zone);
	}
	ledger_close(l);
}

/* Calls of 300 sessions by 7 users; many have the same sums and times. */
static struct ledger *
make_sessions(void)
{
	struct ledger *l = make_ledger("sessions", NULL, 0);
	enum ledger_result result;
	char session[16], user[16];

	CHECK(ledger_begin(l, &err) == 0);
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t x = i * 2654435761u;
		struct usage_record r;

		snprintf(session, sizeof(session), "s%u", (x >> 8) % 300);
		snprintf(user, sizeof(user), "u%u", (x >> 4) % 7);
		record_init(&r);
		r.user = user;
		r.session = (x >> 20) % 9 ? session : NULL;
		r.model = "m";
		r.time = INT64_C(1700000000000) + (x >> 12) % 50 * 3600000;
		r.input_tokens = (x >> 16) % 4;
		CHECK(ledger_put(l, &r, LEDGER_STRICT, &result, &err) == 0);
	}
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	return l;
}

static const char *
text_of(const struct report_query *q, const struct report_row *row, size_t d)
{
	static struct tk_buf text[2] = { TK_BUF_INIT, TK_BUF_INIT };
	static int next;
	struct tk_buf *b = &text[next++ % 2];

	tk_buf_reset(b);
	report_key_text(b, q, row, d);
	return b->s;
}

/* The first rows of a query are those of all rows, in its order. */
static void
compare_top(struct ledger *l, struct report_query *q, size_t top)
{
	struct report all, some;
	size_t wrong = 0, n;

	q->top = 0;
	q->order = ORDER_KEYS;
	n = q->reverse;
	q->reverse = false;
	CHECK(report_run(&all, l, q, &err) == 0);
	q->reverse = n;
	for (const struct tk_choice *c = report_orders; c->name != NULL; c++) {
		report_sort(&all, q, (enum report_order)c->value, q->reverse);
		q->order = (enum report_order)c->value;
		q->top = top;
		CHECK(report_run(&some, l, q, &err) == 0);
		n = top == 0 || top > all.rows ? all.rows : top;
		CHECK(some.rows == n);
		CHECK(sums_equal(&some.total, &all.total));
		CHECK(some.first == all.first && some.last == all.last);
		for (size_t i = 0; i < some.rows && i < n; i++)
			for (size_t d = 0; d < q->dims; d++)
				wrong += strcmp(text_of(q, &some.row[i], d),
					     text_of(q, &all.row[i], d)) != 0;
		report_release(&some);
	}
	CHECK(wrong == 0);
	report_release(&all);
}

static void
the_top_are_the_first_of_all(void)
{
	static const size_t tops[] = { 0, 1, 2, 10, 299, 300, 1000 };
	struct ledger *l = make_sessions();
	struct tk_zone *zone;
	struct report_query q;

	CHECK(tk_zone_open(&zone, "Asia/Kolkata", &err) == 0);
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		for (int reverse = 0; reverse < 2; reverse++) {
			q = query(zone, (enum report_dim)NAME_SESSION);
			q.reverse = reverse;
			compare_top(l, &q, tops[i]);
			q.dim[q.dims++] = (enum report_dim)NAME_USER;
			compare_top(l, &q, tops[i]);
			q = query(zone, DIM_DATE);
			q.dim[q.dims++] = DIM_FAMILY;
			q.dim[q.dims++] = (enum report_dim)NAME_USER;
			q.reverse = reverse;
			compare_top(l, &q, tops[i]);
		}
	tk_zone_free(zone);
	ledger_close(l);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	hours_begin_where_the_clock_was_moved();
	sums_do_not_overflow();
	roll_ups_and_records_agree_at_the_ends_of_time();
	the_top_are_the_first_of_all();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
