#ifndef TESTS_UNIT_TOP_LEDGER_H
#define TESTS_UNIT_TOP_LEDGER_H

/*
 * For tests of top: a ledger of 70 calls with names of all kinds, some
 * limits, in a folder that is removed in the end; the clock stands at "now".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "limit/budget.h"
#include "limit/quota.h"
#include "store/store.h"
#include "top/ui.h"

#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-top.XXXXXX";
static const int64_t now = INT64_C(1795271527000); /* 2026-11-21 14:32:07Z */

static void
set_limits(struct ledger *l)
{
	static const struct limit_name of[] = { { SCOPE_USER, "ci-bot", "" },
		{ SCOPE_USER, "bob", "" }, { SCOPE_USER, "\033[2Jevil\n", "" },
		{ SCOPE_EVERYONE, "", "" } };
	struct ledger_actor by = { "tester", now };
	struct budget b;

	for (size_t i = 0; i < TK_LEN(of); i++) {
		struct quota q;

		quota_init(&q, &of[i], "UTC");
		q.limit[QUOTA_DAILY] = i % 2 ? 7 : INT64_C(1) << 60;
		q.limit[QUOTA_MONTHLY] = INT64_C(1) << (20 * i);
		CHECK(quota_put(l, &q, &by, "quota.set", &err) == 0);
	}
	budget_init(&b, &of[3], "UTC");
	b.amount = TK_PICO_PER_USD * 15;
	CHECK(budget_put(l, &b, &by, &err) == 0);
}

static struct ledger *
make_ledger(void)
{
	static const char *const names[] = { "ci-bot", "bob",
		"dmitri.konstantinovich-lin", "\033[2Jevil\n", "\u200b\ufeff",
		"e\u0301\u4e2d\u6587\u202e", "user1234567890123456" };
	struct tk_buf path = TK_BUF_INIT;
	struct ledger *l;

	tk_buf_addf(&path, "%s/ledger", folder);
	if (ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) < 0 ||
	    ledger_begin(l, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	for (int i = 0; i < 70; i++) {
		enum ledger_result result;
		struct usage_record r;

		record_init(&r);
		r.user = names[i % 7];
		r.model = i % 5 ? names[(i + 2) % 7] : NULL;
		r.application = "app";
		r.time = now - (int64_t)i * i * 60000;
		r.input_tokens = (int64_t)1 << (i % 55);
		r.output_tokens = i;
		r.cost = i % 4 ? (int64_t)1 << (i % 61) : RECORD_UNKNOWN;
		r.cost_origin = i % 4 ? COST_GIVEN : COST_UNKNOWN;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			CHECK(!"put");
	}
	set_limits(l);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	tk_buf_release(&path);
	return l;
}

static struct top_query
query(const struct tk_zone *zone, enum top_view view)
{
	struct top_query q = { .now = now, .zone = zone, .view = view };

	ledger_filter_init(&q.filter);
	return q;
}

static void
add_user(struct ledger *l, const char *user, int64_t tokens)
{
	enum ledger_result result;
	struct usage_record r;

	CHECK(ledger_begin(l, &err) == 0);
	record_init(&r);
	r.user = user;
	r.model = "m";
	r.time = now - 1000;
	r.input_tokens = tokens;
	CHECK(ledger_put(l, &r, LEDGER_STRICT, &result, &err) == 0);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
}

/* In the end, with what the test says. */
static int
remove_folder(void)
{
	struct tk_buf command = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&command, "rm -rf '%s'", folder);
	rc = system(command.s);
	tk_buf_release(&command);
	return tap_done() || rc != 0;
}

#endif
