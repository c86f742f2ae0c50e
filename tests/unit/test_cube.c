/* Sums by name are those of the records, whichever sets are kept. */
#include "ledger/cube.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/time.h"
#include "ledger/check.h"
#include "report/report.h"
#include "tap.h"

static struct tk_err err;

enum {
	RECORDS = 2 * CUBE_GROUP + 1000,
	USERS = 20000, /* too many for a set: CUBE_MAX_ENTRIES */
	APPS = 7,
	MODELS = 3,
	MACHINES = 5,
	STEP_MS = 60000,
};

struct call {
	int user, app, model, tier, priority, machine;
	int64_t time, input;
};

static struct call *calls;

/* In the first group few users, in the second too many. */
static struct call
call_of(int i)
{
	uint32_t x = (uint32_t)i * 2654435761u;
	struct call c = { .app = (int)(x >> 8) % APPS,
		.model = (int)(x >> 16) % MODELS,
		.tier = (int)(x >> 20) % 2,
		.priority = (int)(x >> 22) % 4,
		.machine = (int)(x >> 24) % MACHINES,
		.time = INT64_C(1700000000000) + (int64_t)i * STEP_MS,
		.input = x >> 12 };

	c.user = i < CUBE_GROUP ? (int)(x >> 4) % 11 : i % USERS;
	return c;
}

static struct ledger *
make_ledger(const char *path)
{
	enum ledger_result result;
	struct ledger *l;
	char user[16], app[16], model[16], machine[16];

	calls = tk_xcalloc(RECORDS, sizeof(*calls));
	if (ledger_open(&l, path, LEDGER_WRITE | LEDGER_CREATE, &err) < 0)
		printf("Bail out! %s\n", err.msg);
	CHECK(ledger_begin(l, &err) == 0);
	for (int i = 0; i < RECORDS; i++) {
		struct usage_record r;

		calls[i] = call_of(i);
		snprintf(user, sizeof(user), "u%d", calls[i].user);
		snprintf(app, sizeof(app), "a%d", calls[i].app);
		snprintf(model, sizeof(model), "m%d", calls[i].model);
		snprintf(machine, sizeof(machine), "h%d", calls[i].machine);
		record_init(&r);
		r.user = user;
		r.machine = machine;
		r.priority = calls[i].priority;
		r.application = app;
		r.model = model;
		r.time = calls[i].time;
		r.tier = calls[i].tier;
		r.input_tokens = calls[i].input;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			printf("Bail out! %s\n", err.msg);
	}
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	return l;
}

/* What the rows must be: by a number that stands for the key. */
struct expected {
	int64_t input[USERS * APPS];
	int64_t requests[USERS * APPS];
	int64_t first[USERS * APPS];
	size_t rows;
};

typedef int key_fn(const struct call *c);

static int
key_user(const struct call *c)
{
	return c->user;
}

static int
key_app_model(const struct call *c)
{
	return c->app * MODELS + c->model;
}

static int
key_user_app(const struct call *c)
{
	return c->user * APPS + c->app;
}

static int
key_user_app_model(const struct call *c)
{
	return (c->user % 4000 * APPS + c->app) * MODELS + c->model;
}

static int
key_priority(const struct call *c)
{
	return c->priority;
}

static int
key_machine(const struct call *c)
{
	return c->machine;
}

static int
key_tier(const struct call *c)
{
	return c->tier;
}

/* A day of India, which begins in the middle of an hour of UTC. */
static int
day_of(const struct call *c)
{
	return (int)((c->time + 19800000) / 86400000 - 19675);
}

static int
key_day_model(const struct call *c)
{
	return day_of(c) * MODELS + c->model;
}

static int
key_day_user(const struct call *c)
{
	return day_of(c) % 6 * USERS + c->user;
}

static int
key_day(const struct call *c)
{
	return day_of(c);
}

static struct expected *
expect(const struct report_query *q, key_fn *key, int only_app)
{
	struct expected *e = tk_xcalloc(1, sizeof(*e));

	for (int i = 0; i < RECORDS; i++) {
		const struct call *c = &calls[i];
		int k = key(c);

		if (c->time < q->filter.since || c->time >= q->filter.until ||
		    (only_app >= 0 && c->app != only_app))
			continue;
		if (e->requests[k]++ == 0) {
			e->rows++;
			e->first[k] = c->time;
		}
		e->input[k] += c->input;
	}
	return e;
}

static int
number(const char *name)
{
	return atoi(name + 1);
}

static int
key_of_row(const struct report_query *q, const struct report_row *row)
{
	int day = (int)row->key[0] - 19675;

	if (q->dim[0] == DIM_TIER || q->dim[0] == DIM_PRIORITY)
		return (int)row->key[0];
	if (q->dims == 3)
		return (number(row->name[0]) % 4000 * APPS +
			   number(row->name[1])) *
		    MODELS +
		    number(row->name[2]);
	if (q->dim[0] == DIM_DATE && q->dims == 1)
		return day;
	if (q->dim[0] == DIM_DATE && q->dim[1] == (enum report_dim)NAME_MODEL)
		return day * MODELS + number(row->name[1]);
	if (q->dim[0] == DIM_DATE)
		return day % 6 * USERS + number(row->name[1]);
	if (q->dims == 1)
		return number(row->name[0]);
	return number(row->name[0]) *
	    (q->dim[1] == (enum report_dim)NAME_MODEL ? MODELS : APPS) +
	    number(row->name[1]);
}

/* By date alone they are of roll-ups, to the quarter of an hour. */
static bool
is_first(const struct report_query *q, int64_t first, int64_t want)
{
	if (q->dim[0] == DIM_DATE && q->dims == 1)
		return first <= want && want - first < 15 * 60 * 1000;
	return first == want;
}

static void
compare(struct ledger *l, const struct report_query *q, key_fn *key,
    int only_app)
{
	struct expected *e = expect(q, key, only_app);
	struct report r;
	int wrong = 0;

	CHECK(report_run(&r, l, q, &err) == 0);
	CHECK(r.rows == e->rows);
	for (size_t i = 0; i < r.rows; i++) {
		int k = key_of_row(q, &r.row[i]);

		wrong += r.row[i].sums.v[SUM_INPUT] != e->input[k] ||
		    r.row[i].sums.v[SUM_REQUESTS] != e->requests[k] ||
		    !is_first(q, r.row[i].first, e->first[k]);
	}
	CHECK(wrong == 0);
	report_release(&r);
	free(e);
}

static void
compare_all(struct ledger *l, struct report_query *q)
{
	static const char *const app = "a3";
	static const struct {
		enum report_dim dim[3];
		size_t dims;
		key_fn *key;
	} by[] = {
		{ { (enum report_dim)NAME_USER }, 1, key_user },
		{ { DIM_TIER }, 1, key_tier },
		{ { DIM_PRIORITY }, 1, key_priority },
		{ { (enum report_dim)NAME_MACHINE }, 1, key_machine },
		{ { (enum report_dim)NAME_APPLICATION,
		      (enum report_dim)NAME_MODEL },
		    2, key_app_model },
		{ { (enum report_dim)NAME_USER,
		      (enum report_dim)NAME_APPLICATION },
		    2, key_user_app },
		{ { DIM_DATE }, 1, key_day },
		{ { DIM_DATE, (enum report_dim)NAME_MODEL }, 2, key_day_model },
	};

	for (size_t i = 0; i < TK_LEN(by); i++) {
		q->dim[0] = by[i].dim[0];
		q->dim[1] = by[i].dim[1];
		q->dim[2] = by[i].dim[2];
		q->dims = by[i].dims;
		compare(l, q, by[i].key, -1);
		q->filter.name[NAME_APPLICATION] = &app;
		q->filter.names[NAME_APPLICATION] = 1;
		compare(l, q, by[i].key, 3);
		q->filter.names[NAME_APPLICATION] = 0;
	}
}

static void
sums_are_those_of_the_records(struct ledger *l)
{
	struct report_query q = { 0 };
	struct tk_zone *india;

	CHECK(tk_zone_open(&india, "Asia/Kolkata", &err) == 0);
	q.zone = india;
	ledger_filter_init(&q.filter);
	compare_all(l, &q);
	/* A range that cuts both groups. */
	q.filter.since = calls[1000].time + 1;
	q.filter.until = calls[CUBE_GROUP + 7].time;
	compare_all(l, &q);
	/* One that has the second group whole. */
	q.filter.since = calls[CUBE_GROUP - 5].time;
	q.filter.until = INT64_MAX;
	compare_all(l, &q);
	/* The first group, and some of the second: no two users are the same
	 * to the key in either. */
	q.filter.since = INT64_MIN;
	q.filter.until = calls[CUBE_GROUP].time;
	q.dim[0] = (enum report_dim)NAME_USER;
	q.dim[1] = (enum report_dim)NAME_APPLICATION;
	q.dim[2] = (enum report_dim)NAME_MODEL;
	q.dims = 3;
	compare(l, &q, key_user_app_model, -1);
	q.filter.since = calls[CUBE_GROUP].time;
	q.filter.until = calls[CUBE_GROUP + 2900].time;
	compare(l, &q, key_user_app_model, -1);
	q.dims = 2;
	q.filter.until = INT64_MAX;
	/* Six days, by as many users as there are. */
	q.filter.since = calls[RECORDS - 1].time - INT64_C(4) * 86400000;
	q.dim[0] = DIM_DATE;
	q.dim[1] = (enum report_dim)NAME_USER;
	compare(l, &q, key_day_user, -1);
	tk_zone_free(india);
}

/* A record of a group that has cubes, by one that has none: all reports leave
 * both out. */
static void
what_was_taken_back_is_in_no_report(struct ledger *l)
{
	static const enum report_dim by[] = { (enum report_dim)NAME_MODEL,
		DIM_DATE, (enum report_dim)NAME_MACHINE };
	struct report_query q = { .dims = 1 };
	struct report r;
	const struct ledger_actor who = { .name = "tester", .time = 1 };
	struct tk_zone *zone;

	CHECK(tk_zone_open(&zone, "Asia/Kolkata", &err) == 0);
	q.zone = zone;
	ledger_filter_init(&q.filter);
	CHECK(ledger_begin(l, &err) == 0);
	CHECK(ledger_void(l, 7, "{}", &who, &err) == 0);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	for (size_t i = 0; i < TK_LEN(by); i++) {
		q.dim[0] = by[i];
		CHECK(report_run(&r, l, &q, &err) == 0);
		CHECK(r.total.v[SUM_REQUESTS] == RECORDS - 1);
		report_release(&r);
	}
	tk_zone_free(zone);
}

/* What many ask for is in a set, unless it has too many values. */
static void
sets_know_what_is_asked_for(void)
{
	static const uint32_t asked[] = {
		1 << NAME_USER | 1 << NAME_APPLICATION | 1 << NAME_MODEL,
		CUBE_HOUR | 1 << NAME_MODEL,
		1 << NAME_ERROR | CUBE_PRIORITY,
		1 << NAME_SESSION,
		1 << NAME_USER | 1 << NAME_SESSION,
		1 << NAME_MACHINE,
		1 << NAME_KEY,
	};
	struct cube *y = cube_new();
	struct cube_set set = { .data = TK_BUF_INIT };
	size_t known = 0;
	bool found[TK_LEN(asked)] = { false };

	/* 97 users, 50 applications, 11 models: all of 32,000 differ. */
	for (uint32_t i = 0; i < 15000; i++) {
		struct packed_record v = { .r = { .time = 1700000000000 + i,
					       .requests = 1 } };

		v.name[NAME_USER] = 1 + i % 97;
		v.name[NAME_APPLICATION] = 100 + i % 50;
		v.name[NAME_MODEL] = 200 + i % 11;
		v.name[NAME_SESSION] = 1000 + i / 10;
		cube_add(y, &v);
	}
	while (cube_next(y, &set))
		for (size_t i = 0; i < TK_LEN(asked); i++)
			found[i] |= (set.dims & asked[i]) == asked[i];
	for (size_t i = 0; i < TK_LEN(asked); i++)
		known += found[i];
	CHECK(known == TK_LEN(asked));
	tk_buf_release(&set.data);
	cube_free(y);
}

/*
 * Tables that others were to be made of become full at any record, two at
 * one: no record is lost and none is counted twice.
 */
static void
full_sets_leave_the_others_whole(void)
{
	struct cube *y = cube_new();
	struct cube_set set = { .data = TK_BUF_INIT };
	int wrong = 0, sets = 0;

	for (uint32_t i = 0; i < CUBE_GROUP; i++) {
		struct packed_record v = {
			.r = { .time = INT64_C(1700000000000) + i * 7919,
			    .requests = 1,
			    .input_tokens = i }
		};

		v.name[NAME_USER] = 1 + i;
		v.name[NAME_APPLICATION] = 1 + i % 9000;
		v.name[NAME_MODEL] = 1 + i % 3;
		v.name[NAME_PROVIDER] = 1 + i / 2;
		v.name[NAME_SOURCE] = 1 + i % 4;
		v.name[NAME_AGENT] = 1 + i / 3;
		v.name[NAME_KEY] = 1 + i % 5;
		cube_add(y, &v);
	}
	while (cube_next(y, &set)) {
		struct cube_iter it = { .p = (const uint8_t *)set.data.s,
			.end = (const uint8_t *)set.data.s + set.data.len,
			.dims = set.dims,
			.t_min = set.t_min };
		tk_int128 requests = 0, input = 0;

		while (cube_read(&it) > 0) {
			requests += it.entry.sums.v[SUM_REQUESTS];
			input += it.entry.sums.v[SUM_INPUT];
		}
		wrong += requests != CUBE_GROUP ||
		    input != (tk_int128)CUBE_GROUP * (CUBE_GROUP - 1) / 2;
		sets++;
	}
	CHECK(wrong == 0);
	CHECK(sets > 5);
	tk_buf_release(&set.data);
	cube_free(y);
}

static void
nothing_is_wrong(struct ledger *l)
{
	struct ledger_findings f;

	CHECK(ledger_check(l, NULL, &f, &err) == 0);
	CHECK(f.faults[CHECK_ROLL_UPS] == 0);
}

int
main(void)
{
	char path[] = "/tmp/tokctl-cube.XXXXXX";
	struct ledger *l;

	if (mkdtemp(path) == NULL || chdir(path) < 0)
		return 1;
	sets_know_what_is_asked_for();
	full_sets_leave_the_others_whole();
	l = make_ledger("a.db");
	sums_are_those_of_the_records(l);
	what_was_taken_back_is_in_no_report(l);
	nothing_is_wrong(l);
	ledger_close(l);
	unlink("a.db");
	unlink("a.db-lock");
	rmdir(path);
	free(calls);
	return tap_done();
}
