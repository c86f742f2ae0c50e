/* Frames of top at every size: nothing drawn twice, no number cut. */
#include "top/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf8.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-top.XXXXXX";
static const int64_t now = INT64_C(1795271527000); /* 2026-11-21 14:32:07Z */

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

/* Whether the frame is sound; its text is valid and as large as said. */
static bool
is_sound(struct cells *g, const struct top_model *m,
    const struct top_style *style)
{
	struct tk_buf b = TK_BUF_INIT;
	int rows = 0;
	bool ok;

	top_draw(g, m, style);
	cells_print(g, false, &b);
	ok = g->faults == 0 && tk_utf8_valid(b.s, b.len);
	for (size_t i = 0; i < b.len; i++) {
		rows += b.s[i] == '\n';
		ok = ok && ((unsigned char)b.s[i] >= ' ' || b.s[i] == '\n') &&
		    (!g->ascii || (unsigned char)b.s[i] < 0x7f);
	}
	tk_buf_release(&b);
	return ok && rows == g->h;
}

static void
every_size_is_sound(struct ledger *l, const struct tk_zone *zone)
{
	struct top_style style = { zone, &tk_digits_default, "all users" };
	int bad = 0;

	for (int v = 0; v < TOP_VIEWS; v++) {
		struct top_query q = query(zone, (enum top_view)v);
		struct top_model m;

		CHECK(top_model_read(&m, l, &q, &err) == 0);
		for (int w = 1; w <= 250; w++) {
			for (int h = 1; h <= 45; h += h < 18 ? 1 : 9) {
				struct cells g;

				cells_init(&g, w, h, (w + h + v) % 2);
				if (!is_sound(&g, &m, &style) && bad++ < 5)
					printf("# %d faults at %dx%d\n",
					    g.faults, w, h);
				cells_release(&g);
			}
		}
		top_model_release(&m);
	}
	CHECK(bad == 0);
}

/* The header of a filter that lets all through is the header without one. */
static void
both_ways_to_the_header_agree(struct ledger *l, const struct tk_zone *zone)
{
	static const char *all[] = { "ci-bot", "bob",
		"dmitri.konstantinovich-lin", "\033[2Jevil\n", "\u200b\ufeff",
		"e\u0301\u4e2d\u6587\u202e", "user1234567890123456" };
	struct top_query q = query(zone, TOP_USER);
	struct top_model a, b;

	CHECK(top_model_read(&a, l, &q, &err) == 0);
	q.filter.name[NAME_USER] = all;
	q.filter.names[NAME_USER] = 7;
	CHECK(top_model_read(&b, l, &q, &err) == 0);
	CHECK(sums_equal(&a.figures.today, &b.figures.today));
	CHECK(sums_equal(&a.figures.this_month, &b.figures.this_month));
	for (int m = 1; m <= 60; m++) {
		struct now_rate x, y;

		now_rate(&a.figures, now, m, &x);
		now_rate(&b.figures, now, m, &y);
		if (x.tokens_per_minute != y.tokens_per_minute ||
		    x.cost_per_hour != y.cost_per_hour)
			CHECK(!"the rates");
	}
	CHECK(a.table.rows == b.table.rows && a.calls == b.calls);
	CHECK(sums_equal(&a.table.total, &a.figures.today));
	top_model_release(&a);
	top_model_release(&b);
}

static void
forecasts_need_calls_and_time(const struct tk_zone *zone)
{
	struct top_model m = { .now = now };
	struct usage_sums *s = &m.figures.today;
	tk_int128 tokens;
	int64_t minute = now / 60000;

	m.figures.day = tk_zone_day_start(zone, tk_zone_day(zone, now));
	CHECK(!top_day_ahead(&m, zone, &tokens));
	s->v[SUM_REQUESTS] = 3;
	s->v[SUM_INPUT] = 14532;
	CHECK(!top_day_ahead(&m, zone, &tokens)); /* nothing for an hour */
	m.figures.minute[minute % NOW_MINUTES] =
	    (struct now_minute){ minute, 14532, 0, 0 };
	/* 14h32m07s gone, 9h27m53s left; the hour was faster than the day */
	CHECK(top_day_ahead(&m, zone, &tokens));
	CHECK(tokens == 14532 + block_scale(14532, 34073, 52327));
	m.figures.minute[minute % NOW_MINUTES].tokens = 59;
	CHECK(top_day_ahead(&m, zone, &tokens));
	CHECK(tokens == 14532 + block_scale(60, 34073, 3600));
	s->v[SUM_REQUESTS] = 2;
	CHECK(!top_day_ahead(&m, zone, &tokens));
}

int
main(void)
{
	struct tk_buf command = TK_BUF_INIT;
	struct tk_zone *zone;
	struct ledger *l;
	int rc;

	if (mkdtemp(folder) == NULL || tk_zone_open(&zone, "UTC", &err) < 0)
		return 1;
	l = make_ledger();
	every_size_is_sound(l, zone);
	both_ways_to_the_header_agree(l, zone);
	forecasts_need_calls_and_time(zone);
	ledger_close(l);
	tk_zone_free(zone);
	tk_buf_addf(&command, "rm -rf '%s'", folder);
	rc = system(command.s);
	tk_buf_release(&command);
	return tap_done() || rc != 0;
}
