/* The calendar, and stamps as machines write them. */
#include "base/time.h"

#include "base/buf.h"
#include "tap.h"

static struct tk_buf b = TK_BUF_INIT;

#define TEXT(call) (tk_buf_reset(&b), (call), b.s)
#define DAY(y, m, d) tk_day_from_civil((y), (m), (d))

/* Every day of 800 years, and back. */
static void
the_calendar_counts_every_day(void)
{
	int32_t day = DAY(1601, 1, 1);
	int bad = 0, weekday = 0; /* 1601-01-01 was a Monday */

	for (int y = 1601; y <= 2400; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= tk_month_days(y, m); d++) {
				int year, month, mday;

				tk_day_to_civil(day, &year, &month, &mday);
				bad += year != y || month != m || mday != d ||
				    DAY(y, m, d) != day ||
				    tk_day_weekday(day) != weekday ||
				    tk_day_month(day) != 12 * y + m - 1;
				weekday = (weekday + 1) % 7;
				day++;
			}
	CHECK(bad == 0);
	CHECK(DAY(1970, 1, 1) == 0);
	CHECK(DAY(2026, 11, 21) == 20778);
	CHECK(tk_month_first_day(tk_day_month(-1)) == -31);
	CHECK(tk_month_first_day(-1) == DAY(-1, 12, 1));
}

static void
weeks_start_where_people_want(void)
{
	int32_t sat = DAY(2026, 11, 21);

	CHECK(tk_day_weekday(sat) == 5);
	CHECK(tk_day_week(sat, 0) == DAY(2026, 11, 16));
	CHECK(tk_day_week(sat, 6) == DAY(2026, 11, 15));
	CHECK(tk_day_week(sat, 5) == sat);
	CHECK(tk_day_week(-1, 0) == -3);
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2026, 11, 16))), "2026-W47");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2026, 11, 15))), "2026-W47");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2026, 11, 14))), "2026-W47");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2026, 12, 28))), "2026-W53");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2024, 12, 30))), "2025-W01");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2020, 12, 28))), "2020-W53");
	CHECK_STR(TEXT(tk_week_add(&b, DAY(2021, 1, 4))), "2021-W01");
}

static void
dates_are_printed(void)
{
	CHECK_STR(TEXT(tk_day_add(&b, DAY(2026, 11, 21))), "2026-11-21");
	CHECK_STR(TEXT(tk_day_add(&b, DAY(7, 1, 2))), "0007-01-02");
	CHECK_STR(TEXT(tk_day_add(&b, DAY(-5, 1, 2))), "-0005-01-02");
	CHECK_STR(TEXT(tk_month_add(&b, 12 * 2026 + 10)), "2026-11");
	CHECK_STR(TEXT(tk_month_add(&b, 12 * 2026)), "2026-01");
}

static void
stamps_are_read(void)
{
	static const struct {
		const char *s;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "2026-11-21T14:32:07Z", 1795271527000 },
		{ "2026-11-21t14:32:07z", 1795271527000 },
		{ "2026-11-21 14:32:07Z", 1795271527000 },
		{ "2026-11-21T14:32:07+00:00", 1795271527000 },
		{ "2026-11-21T15:32:07+01:00", 1795271527000 },
		{ "2026-11-21T15:32:07+0100", 1795271527000 },
		{ "2026-11-21 15:32:07 +0100", 1795271527000 },
		{ "2026-11-21 15:32:07+01", 1795271527000 },
		{ "2026-11-21T08:47:07-05:45", 1795271527000 },
		{ "2026-11-21T14:32:07.5Z", 1795271527500 },
		{ "2026-11-21T14:32:07,25Z", 1795271527250 },
		{ "2026-11-21T14:32:07.123999999999Z", 1795271527123 },
		{ "2026-11-21T14:32Z", 1795271520000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "1969-12-31T23:59:59.250Z", -750 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "2026-11-21T14:32:07", -1 },
		{ "2026-11-21", -1 },
		{ "2026-11-21T", -1 },
		{ "2026-11-21T14", -1 },
		{ "2026-11-21T14:32:0", -1 },
		{ "2026-11-21T14:32:07.Z", -1 },
		{ "2026-11-21T14:32:07.5", -1 },
		{ "2026-11-21T14:32:07 ", -1 },
		{ "2026-11-21T14:32:07Zx", -1 },
		{ "2026-11-21T14:32:07+1", -1 },
		{ "2026-11-21T14:32:07+1:00", -1 },
		{ "2026-11-21T14:32:07+01-00", -1 },
		{ "2026-11-21T14:32:07+24:00", -1 },
		{ "2026-11-21T14:32:07+01:60", -1 },
		{ "2026-11-21T24:00:00Z", -1 },
		{ "2026-11-21T23:60:00Z", -1 },
		{ "2026-11-21T23:59:61Z", -1 },
		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-00-01T00:00:00Z", -1 },
		{ "2026-02-29T00:00:00Z", -1 },
		{ "2026-11-31T00:00:00Z", -1 },
		{ "2026-11-00T00:00:00Z", -1 },
		{ "2o26-11-21T14:32:07Z", -1 },
		{ "-026-11-21T14:32:07Z", -1 },
		{ "20261121T143207Z....", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		int64_t ms = -1;
		bool ok =
		    tk_time_parse(cases[i].s, strlen(cases[i].s), NULL, &ms);

		tap_result(ok == (cases[i].ms != -1) && ms == cases[i].ms,
		    cases[i].s, __FILE__, __LINE__);
	}
}

static void
stamps_are_printed(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_zone *utc, *east, *west;

	CHECK(tk_zone_open(&utc, "UTC", &err) == 0);
	CHECK(tk_zone_open(&east, "+05:45", &err) == 0);
	CHECK(tk_zone_open(&west, "<-0330>3:30", &err) == 0);
	CHECK_STR(TEXT(tk_time_add(&b, utc, 1795271527000)),
	    "2026-11-21T14:32:07Z");
	CHECK_STR(TEXT(tk_time_add(&b, east, 1795271527005)),
	    "2026-11-21T20:17:07.005+05:45");
	CHECK_STR(TEXT(tk_time_add(&b, west, 1795271527000)),
	    "2026-11-21T11:02:07-03:30");
	CHECK_STR(TEXT(tk_time_add(&b, utc, -1)), "1969-12-31T23:59:59.999Z");
	CHECK_STR(TEXT(tk_time_add(&b, utc, INT64_MAX)),
	    "292278994-08-17T07:12:55.807Z");
	CHECK_STR(TEXT(tk_time_add(&b, east, INT64_MIN)),
	    "-292275055-05-16T22:32:04.192+05:45");
	CHECK_STR(TEXT(tk_time_add_minute(&b, east, 1795271527000)),
	    "2026-11-21 20:17");
	CHECK_STR(TEXT(tk_time_add_second(&b, west, 1795271527999)),
	    "11:02:07");
	CHECK(tk_zone_day(utc, INT64_MAX) == TK_DAY_LIMIT);
	CHECK(tk_zone_day(west, INT64_MIN) == -TK_DAY_LIMIT);
	tk_zone_free(utc);
	tk_zone_free(east);
	tk_zone_free(west);
}

int
main(void)
{
	the_calendar_counts_every_day();
	weeks_start_where_people_want();
	dates_are_printed();
	stamps_are_read();
	stamps_are_printed();
	tk_buf_release(&b);
	return tap_done();
}
