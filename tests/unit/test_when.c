/* The dates that people type. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "tap.h"

/* Saturday 2026-11-21T14:32:07+01:00 in Berlin. */
#define NOW INT64_C(1795267927000)

static struct tk_clock berlin = { .now = NOW };

static const char *
stamp(int64_t ms)
{
	static struct tk_buf b[2];
	static int turn;
	struct tk_buf *text = &b[turn = !turn];

	if (text->s == NULL)
		*text = (struct tk_buf)TK_BUF_INIT;
	tk_buf_reset(text);
	tk_time_add(text, berlin.zone, ms);
	return text->s;
}

static void
each_form_has_its_range(void)
{
	static const struct {
		const char *text, *since, *until; /* until NULL: a moment */
	} cases[] = {
		/* by number */
		{ "2026-11-21", "2026-11-21T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "2026-10-25", "2026-10-25T00:00:00+02:00",
		    "2026-10-26T00:00:00+01:00" },
		{ "2026-03-29", "2026-03-29T00:00:00+01:00",
		    "2026-03-30T00:00:00+02:00" },
		{ "2024-02-29", "2024-02-29T00:00:00+01:00",
		    "2024-03-01T00:00:00+01:00" },
		{ "2026-10", "2026-10-01T00:00:00+02:00",
		    "2026-11-01T00:00:00+01:00" },
		{ "2026-12", "2026-12-01T00:00:00+01:00",
		    "2027-01-01T00:00:00+01:00" },
		{ "2026-W47", "2026-11-16T00:00:00+01:00",
		    "2026-11-23T00:00:00+01:00" },
		{ "2026-w53", "2026-12-28T00:00:00+01:00",
		    "2027-01-04T00:00:00+01:00" },
		{ "2025-W01", "2024-12-30T00:00:00+01:00",
		    "2025-01-06T00:00:00+01:00" },
		{ "2026", "2026-01-01T00:00:00+01:00",
		    "2027-01-01T00:00:00+01:00" },
		/* moments */
		{ "2026-11-21T14:32:07+01:00", "2026-11-21T14:32:07+01:00",
		    NULL },
		{ "2026-11-21T13:32:07.250Z", "2026-11-21T14:32:07.250+01:00",
		    NULL },
		{ "2026-11-21 14:32", "2026-11-21T14:32:00+01:00", NULL },
		{ "2026-07-01 14:32:07", "2026-07-01T14:32:07+02:00", NULL },
		{ "2026-03-29 02:30", "2026-03-29T03:00:00+02:00", NULL },
		{ "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", NULL },
		{ "09:15", "2026-11-21T09:15:00+01:00", NULL },
		{ "09:15:30", "2026-11-21T09:15:30+01:00", NULL },
		{ "@1795271527", "2026-11-21T15:32:07+01:00", NULL },
		{ "@1795271527.25", "2026-11-21T15:32:07.250+01:00", NULL },
		{ "@0", "1970-01-01T01:00:00+01:00", NULL },
		{ "@-1", "1970-01-01T00:59:59+01:00", NULL },
		{ "now", "2026-11-21T14:32:07+01:00", NULL },
		{ "start", "0001-01-01T00:53:00+00:53", NULL },
		/* so long ago */
		{ "90s", "2026-11-21T14:30:37+01:00", NULL },
		{ "15min", "2026-11-21T14:17:07+01:00", NULL },
		{ "24h", "2026-11-20T14:32:07+01:00", NULL },
		{ "0h", "2026-11-21T14:32:07+01:00", NULL },
		{ "720h", "2026-10-22T15:32:07+02:00", NULL },
		{ "2 hours ago", "2026-11-21T12:32:07+01:00", NULL },
		{ "1d", "2026-11-21T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "7d", "2026-11-15T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "7D", "2026-11-15T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "7 days ago", "2026-11-15T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "7.days.ago", "2026-11-15T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "1 week ago", "2026-11-15T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "2w", "2026-11-08T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "30d", "2026-10-23T00:00:00+02:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "1mo", "2026-10-22T00:00:00+02:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "9mo", "2026-02-22T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "1y", "2025-11-22T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		/* words */
		{ "today", "2026-11-21T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "Yesterday", "2026-11-20T00:00:00+01:00",
		    "2026-11-21T00:00:00+01:00" },
		{ "mon", "2026-11-16T00:00:00+01:00",
		    "2026-11-17T00:00:00+01:00" },
		{ "monday", "2026-11-16T00:00:00+01:00",
		    "2026-11-17T00:00:00+01:00" },
		{ "sun", "2026-11-15T00:00:00+01:00",
		    "2026-11-16T00:00:00+01:00" },
		{ "sat", "2026-11-21T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "this-day", "2026-11-21T00:00:00+01:00",
		    "2026-11-22T00:00:00+01:00" },
		{ "last-day", "2026-11-20T00:00:00+01:00",
		    "2026-11-21T00:00:00+01:00" },
		{ "this-week", "2026-11-16T00:00:00+01:00",
		    "2026-11-23T00:00:00+01:00" },
		{ " last  week ", "2026-11-09T00:00:00+01:00",
		    "2026-11-16T00:00:00+01:00" },
		{ "this-month", "2026-11-01T00:00:00+01:00",
		    "2026-12-01T00:00:00+01:00" },
		{ "last-month", "2026-10-01T00:00:00+02:00",
		    "2026-11-01T00:00:00+01:00" },
		{ "this-quarter", "2026-10-01T00:00:00+02:00",
		    "2027-01-01T00:00:00+01:00" },
		{ "last-quarter", "2026-07-01T00:00:00+02:00",
		    "2026-10-01T00:00:00+02:00" },
		{ "last-year", "2025-01-01T00:00:00+01:00",
		    "2026-01-01T00:00:00+01:00" },
		{ "ytd", "2026-01-01T00:00:00+01:00",
		    "2027-01-01T00:00:00+01:00" },
		{ "mtd", "2026-11-01T00:00:00+01:00",
		    "2026-12-01T00:00:00+01:00" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_range r = { 0, 0 };

		if (tk_when_parse(cases[i].text, &berlin, &r, &err) < 0)
			printf("# %s\n", err.msg);
		CHECK_STR(stamp(r.since), cases[i].since);
		CHECK_STR(stamp(r.until),
		    cases[i].until == NULL ? cases[i].since : cases[i].until);
	}
}

static void
months_end_early(void)
{
	struct tk_clock clock = berlin;
	struct tk_range r;
	struct tk_err err;

	CHECK(tk_when_parse("2026-03-31 12:00", &berlin, &r, &err) == 0);
	clock.now = r.since;
	CHECK(tk_when_parse("1mo", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2026-03-01T00:00:00+01:00");
	CHECK(tk_when_parse("2024-02-29 12:00", &berlin, &r, &err) == 0);
	clock.now = r.since;
	CHECK(tk_when_parse("1y", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2023-03-01T00:00:00+01:00");
}

static void
weeks_start_on_the_day_chosen(void)
{
	struct tk_clock clock = berlin;
	struct tk_range r;
	struct tk_err err;

	clock.week_start = 6;
	CHECK(tk_when_parse("2026-W47", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2026-11-15T00:00:00+01:00");
	CHECK(tk_when_parse("this-week", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2026-11-15T00:00:00+01:00");
	clock.week_start = 5;
	CHECK(tk_when_parse("2026-W47", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2026-11-14T00:00:00+01:00");
	CHECK(tk_when_parse("this-week", &clock, &r, &err) == 0);
	CHECK_STR(stamp(r.since), "2026-11-21T00:00:00+01:00");
}

/* The names of weeks are read back, wherever weeks start. */
static void
weeks_are_read_as_they_are_printed(void)
{
	struct tk_clock clock = berlin;
	int bad = 0;

	for (int start = 0; start < 7; start++) {
		clock.week_start = start;
		for (int32_t day = 16000; day < 22000; day += 5) {
			int32_t week = tk_day_week(day, start);
			struct tk_buf b = TK_BUF_INIT;
			struct tk_range r;
			struct tk_err err;

			tk_week_add(&b, week);
			bad += tk_when_parse(b.s, &clock, &r, &err) < 0 ||
			    tk_zone_day(clock.zone, r.since) != week ||
			    tk_zone_day(clock.zone, r.until) != week + 7;
			tk_buf_release(&b);
		}
	}
	CHECK(bad == 0);
}

#define GENERAL \
	"use 2026-11-17, 7d, yesterday, this-month, 2026-W47 or an RFC 3339 " \
	"time"

static void
what_is_wrong_is_said(void)
{
	static const struct {
		const char *text, *why, *hint;
	} cases[] = {
		{ "2026-13-45", ": there is no month 13", "" },
		{ "2026-02-29", ": February 2026 has 28 days", "" },
		{ "2026-11-31", ": November 2026 has 30 days", "" },
		{ "2026-11-00", ": there is no day 0", "" },
		{ "2026-00", ": there is no month 0", "" },
		{ "0000", ": there is no year 0", "" },
		{ "2025-W53", ": 2025 has 52 weeks", "" },
		{ "2026-W54", ": 2026 has 53 weeks", "" },
		{ "2026-W00", ": there is no week 0", "" },
		{ "2026-11-21T25:00", ": there is no hour 25", "" },
		{ "2026-11-31T12:00", ": November 2026 has 30 days", "" },
		{ "24:00", ": there is no hour 24", "" },
		{ "12:60", ": there is no minute 60", "" },
		{ "7m", ": 'm' could be minutes or months", "use 7min or 7mo" },
		{ "0d", ": today is '1d'", "" },
		{ "9999999999999999999d", ": it is too long ago", "" },
		{ "9999999999y", ": it is too long ago", "" },
		{ "3000y", ": it is too long ago", "" },
		{ "9223372036854775807h", ": it is too long ago", "" },
		{ "99999999h", ": it is too long ago", "" },
		{ "@253402300800000", ": it is too far away", "" },
		{ "@1795271527000",
		    ": it is too far away; for milliseconds write "
		    "'@1795271527.000'",
		    "" },
		{ "last tusday", " (did you mean 'tue'?)", GENERAL },
		{ "yesterdy", " (did you mean 'yesterday'?)", GENERAL },
		{ "last-mont", " (did you mean 'last-month'?)", GENERAL },
		{ "1795271527", " (did you mean '@1795271527'?)", GENERAL },
		{ "garbage", "", GENERAL },
		{ "", "", GENERAL },
		{ "2026-1-5", "", GENERAL },
		{ "11/21/2026", "", GENERAL },
		{ "2026-11-21T", "", GENERAL },
		{ "2026-11-21T12", "", GENERAL },
		{ "12:30Z", "", GENERAL },
		{ "9:30", "", GENERAL },
		{ "7days ago", "", GENERAL },
		{ "7 days.ago", "", GENERAL },
		{ "7 dayses ago", "", GENERAL },
		{ "@", "", GENERAL },
		{ "@1.", "", GENERAL },
		{ "@1.5x", "", GENERAL },
		{ "-7d", "", GENERAL },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_buf want = TK_BUF_INIT;
		struct tk_range r;

		CHECK(tk_when_parse(cases[i].text, &berlin, &r, &err) == -1);
		CHECK(err.code == TK_USAGE);
		tk_buf_addf(&want, "cannot read the date '%s'%s", cases[i].text,
		    cases[i].why);
		CHECK_STR(err.msg, want.s);
		CHECK_STR(err.hint, cases[i].hint);
		tk_buf_release(&want);
	}
}

static void
a_skipped_day_is_none(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_clock clock = { .now = NOW };
	struct tk_zone *z;
	struct tk_range r;

	if (tk_zone_open(&z, "Pacific/Apia", &err) < 0)
		return;
	clock.zone = z;
	CHECK(tk_when_parse("2011-12-30", &clock, &r, &err) == -1);
	CHECK_STR(err.msg,
	    "cannot read the date '2011-12-30': there was no such day in "
	    "Pacific/Apia");
	CHECK(tk_when_parse("2011-12-31", &clock, &r, &err) == 0);
	tk_zone_free(z);
}

static void
ranges_are_resolved(void)
{
	static const struct {
		const char *since, *until, *period;
		const char *from, *to;
		int flags;
	} cases[] = {
		{ NULL, NULL, NULL, "0001-01-01T00:53:00+00:53",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_ALL | TK_RANGE_OPEN },
		{ "today", NULL, NULL, "2026-11-21T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ "7d", NULL, NULL, "2026-11-15T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ "24h", NULL, NULL, "2026-11-20T14:32:07+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ "mon", NULL, NULL, "2026-11-16T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ "2026-10", "2026-10", NULL, "2026-10-01T00:00:00+02:00",
		    "2026-11-01T00:00:00+01:00", 0 },
		{ "2026-10-25", "yesterday", NULL, "2026-10-25T00:00:00+02:00",
		    "2026-11-21T00:00:00+01:00", 0 },
		{ "mon", "2026-11-17T12:00:00Z", NULL,
		    "2026-11-16T00:00:00+01:00", "2026-11-17T13:00:00+01:00",
		    0 },
		{ "14d", "7d", NULL, "2026-11-08T00:00:00+01:00",
		    "2026-11-15T00:00:00+01:00", 0 },
		{ NULL, "2026-W46", NULL, "0001-01-01T00:53:00+00:53",
		    "2026-11-16T00:00:00+01:00", TK_RANGE_ALL },
		{ NULL, NULL, "yesterday", "2026-11-20T00:00:00+01:00",
		    "2026-11-21T00:00:00+01:00", 0 },
		{ NULL, NULL, "today", "2026-11-21T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ NULL, NULL, "this-week", "2026-11-16T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ NULL, NULL, "2026-W47", "2026-11-16T00:00:00+01:00",
		    "2026-11-23T00:00:00+01:00", 0 },
		{ NULL, NULL, "7d", "2026-11-15T00:00:00+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ NULL, NULL, "24h", "2026-11-20T14:32:07+01:00",
		    "2026-11-21T14:32:07+01:00", TK_RANGE_OPEN },
		{ NULL, NULL, "mon", "2026-11-16T00:00:00+01:00",
		    "2026-11-17T00:00:00+01:00", 0 },
		{ NULL, NULL, "last-month", "2026-10-01T00:00:00+02:00",
		    "2026-11-01T00:00:00+01:00", 0 },
		{ "@1795271527", NULL, NULL, "2026-11-21T15:32:07+01:00",
		    "2026-11-21T15:32:07+01:00",
		    TK_RANGE_FUTURE | TK_RANGE_OPEN },
		{ NULL, NULL, "2026-12", "2026-12-01T00:00:00+01:00",
		    "2027-01-01T00:00:00+01:00", TK_RANGE_FUTURE },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_range r = { 0, 0 };
		int flags = -1;

		if (tk_range_resolve(cases[i].since, cases[i].until,
			cases[i].period, &berlin, &r, &flags, &err) < 0)
			printf("# %s\n", err.msg);
		CHECK_STR(stamp(r.since), cases[i].from);
		CHECK_STR(stamp(r.until), cases[i].to);
		CHECK(flags == cases[i].flags);
	}
}

static void
ranges_are_not_empty(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_range r;
	int flags;

	CHECK(tk_range_resolve("today", "yesterday", NULL, &berlin, &r, &flags,
		  &err) == -1);
	CHECK(err.code == TK_USAGE);
	CHECK_STR(err.msg,
	    "nothing is since 'today' and until 'yesterday', which ends at "
	    "2026-11-21T00:00:00+01:00");
	CHECK(tk_range_resolve("now", "now", NULL, &berlin, &r, &flags, &err) ==
	    -1);
	CHECK(tk_range_resolve("7d", NULL, "7d", &berlin, &r, &flags, &err) ==
	    -1);
	CHECK(err.code == TK_USAGE);
	CHECK(tk_range_resolve(NULL, "garbage", NULL, &berlin, &r, &flags,
		  &err) == -1);
	CHECK(tk_range_resolve(NULL, NULL, "garbage", &berlin, &r, &flags,
		  &err) == -1);
}

static void
durations_are_read(void)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "500ms", 500 },
		{ "90s", 90000 },
		{ "10m", 600000 },
		{ "10min", 600000 },
		{ "2h", 7200000 },
		{ "400d", INT64_C(34560000000) },
		{ "1w", 604800000 },
		{ "1h30m", 5400000 },
		{ "0s", 0 },
		{ "", -1 },
		{ "5", -1 },
		{ "s", -1 },
		{ "5 s", -1 },
		{ "-5s", -1 },
		{ "5x", -1 },
		{ "1h30", -1 },
		{ "1.5h", -1 },
		{ "9223372036854775807s", -1 },
		{ "99999999999999999999s", -1 },
		{ "9223372036854775807ms1ms", -1 },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		int64_t ms = -1;
		int rc = tk_duration_parse(cases[i].text, &ms, &err);

		tap_result(ms == cases[i].ms && (rc == 0) == (ms >= 0) &&
			(rc == 0 || err.code == TK_USAGE),
		    cases[i].text, __FILE__, __LINE__);
	}
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	char dir[PATH_MAX - 64], tzdir[PATH_MAX];
	struct tk_zone *z;

	if (getcwd(dir, sizeof(dir)) == NULL)
		return 1;
	snprintf(tzdir, sizeof(tzdir), "%s/tests/data/time/zoneinfo", dir);
	setenv("TZDIR", tzdir, 1);
	if (tk_zone_open(&z, "Europe/Berlin", &err) < 0)
		return 1;
	berlin.zone = z;
	each_form_has_its_range();
	months_end_early();
	weeks_start_on_the_day_chosen();
	weeks_are_read_as_they_are_printed();
	what_is_wrong_is_said();
	a_skipped_day_is_none();
	ranges_are_resolved();
	ranges_are_not_empty();
	durations_are_read();
	tk_zone_free(z);
	return tap_done();
}
