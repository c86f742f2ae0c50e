#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;

/*
 * Instants, zones and the dates that people type.
 *
 * An instant is int64_t milliseconds since 1970-01-01T00:00:00Z ("ms").  A
 * day is int32_t, civil days since 1970-01-01, in some zone; weeks are named
 * by the day number of their first day, months by 12 * year + month - 1.
 * Local days have 23, 24 or 25 hours (or odd ones): always ask the zone
 * where a day starts, never add 86,400 seconds.
 *
 * Zones are read from the tz database (TZif files under $TZDIR or
 * /usr/share/zoneinfo) by our own reader, because setenv("TZ") and tzset()
 * are global to the process.  POSIX TZ strings ("CET-1CEST,M3.5.0,M10.5.0/3"
 * and the footer of a TZif file) work too.
 */
struct tk_zone;

/*
 * NULL or "" is the zone of this machine: $TZ, else /etc/localtime, else
 * UTC.  Otherwise an IANA name, a fixed offset ("+05:30") or a POSIX TZ
 * string; no name leads out of the database.  UTC needs no file.  A zone
 * keeps what it looked up last, so each thread has its own.
 */
int tk_zone_open(struct tk_zone **z, const char *name, struct tk_err *err);
void tk_zone_free(struct tk_zone *z); /* NULL is fine */

/* The same zone for another thread, for as long as z is there. */
struct tk_zone *tk_zone_twin(const struct tk_zone *z);

/* The same from the bytes of a TZif file. */
int tk_zone_open_mem(struct tk_zone **z, const char *name, const void *bytes,
    size_t len, struct tk_err *err);

/* As it was asked for; for the zone of this machine the name of $TZ or of
 * the link /etc/localtime, or "localtime" when that has none. */
const char *tk_zone_name(const struct tk_zone *z);

/* Seconds east of UTC at that instant. */
int32_t tk_zone_offset(const struct tk_zone *z, int64_t ms);

/*
 * The local day that holds the instant, and the instant a day starts at.
 * Where midnight is skipped a day starts later; a day that the zone skipped
 * (Pacific/Apia, 2011-12-30) starts where the next one does.  Days stay
 * within TK_DAY_LIMIT, however far off the instant is.
 */
enum { TK_DAY_LIMIT = 1000000000 };
int32_t tk_zone_day(const struct tk_zone *z, int64_t ms);
int64_t tk_zone_day_start(const struct tk_zone *z, int32_t day);

/* The instant of a local clock time; in a gap the first instant after it,
 * in an overlap the earlier one. */
int64_t tk_zone_instant(const struct tk_zone *z, int32_t day,
    int64_t ms_of_day);

/* The civil calendar. */
int32_t tk_day_from_civil(int year, int month, int mday);
void tk_day_to_civil(int32_t day, int *year, int *month, int *mday);
int tk_day_weekday(int32_t day);                  /* 0 is Monday */
int32_t tk_day_week(int32_t day, int week_start); /* first day of its week */
int32_t tk_day_month(int32_t day);                /* 12 * year + month - 1 */
int32_t tk_month_first_day(int32_t month);
int tk_month_days(int year, int month); /* 28 to 31 */

/*
 * "2026-11-21", "2026-W47", "2026-11".  A week is named by its first day; if
 * that is no Monday, it has the ISO number of the week it shares most with.
 */
void tk_day_add(struct tk_buf *b, int32_t day);
void tk_week_add(struct tk_buf *b, int32_t day);
void tk_month_add(struct tk_buf *b, int32_t month);

/* "2026-11-21T14:32:07+01:00"; milliseconds are printed when there are any;
 * "Z" for UTC itself. */
void tk_time_add(struct tk_buf *b, const struct tk_zone *z, int64_t ms);

/* "2026-11-21 14:32" and "14:32:07", for people. */
void tk_time_add_minute(struct tk_buf *b, const struct tk_zone *z, int64_t ms);
void tk_time_add_second(struct tk_buf *b, const struct tk_zone *z, int64_t ms);

/*
 * A stamp as machines write it: RFC 3339 ("T" or a space, seconds or none,
 * any fraction, "Z" or an offset, before which a space may stand); with no
 * offset, it is a clock time of z, or refused if z is NULL.  Fast, and total
 * on any bytes.
 */
bool tk_time_parse(const char *s, size_t len, const struct tk_zone *z,
    int64_t *ms);

/* Half-open: since <= t < until. */
struct tk_range {
	int64_t since, until;
};

/* The first instant of the year 1, and the last one of 9999: what people
 * can write. */
#define TK_TIME_MIN INT64_C(-62135596800000)
#define TK_TIME_MAX INT64_C(253402300799999)

/* What words mean depends on these. */
struct tk_clock {
	int64_t now; /* ms */
	const struct tk_zone *zone;
	int week_start; /* 0 is Monday */
};

/*
 * Read what people type after --since, --until, --period:
 *
 *	2026-11-21 2026-11 2026-W47 2026	that day, month, week, year
 *	2026-11-21T14:32:07+01:00 "2026-11-21 14:32" 14:32 @1795271527
 *	90s 15min 24h				exactly so long ago
 *	7d 2w 3mo 1y "7 days ago" 7.days.ago	whole days, today included
 *	now today yesterday mon..sun this-month last-week ytd mtd start
 *
 * The range is from where it starts to where it ends; a moment (a clock
 * time, "24h", "now", "start") is since == until; what ends in the future
 * ends there, and callers cut it at now.  "7d" is today and the six days
 * before it; "mon" is the latest Monday, which may be today; "start" is
 * TK_TIME_MIN.
 */
int tk_when_parse(const char *text, const struct tk_clock *clock,
    struct tk_range *r, struct tk_err *err);

enum tk_range_flags {
	TK_RANGE_FUTURE = 1 << 0, /* it starts after now: worth a warning */
	TK_RANGE_ALL = 1 << 1,    /* it starts at TK_TIME_MIN: no --since */
	TK_RANGE_OPEN = 1 << 2,   /* it ends now only because now is the end */
};

/*
 * The range of --since, --until and --period, each NULL if it is not given.
 * It starts where since starts, or at TK_TIME_MIN.  It ends where a day,
 * month, week or year of until ends, at until when that is a moment or
 * "7d", and now when there is none.  A period is both, cut at now when it
 * is words ("this-month"), not when it is a date.  *flags are of enum
 * tk_range_flags.
 */
int tk_range_resolve(const char *since, const char *until, const char *period,
    const struct tk_clock *clock, struct tk_range *r, int *flags,
    struct tk_err *err);

/* Milliseconds of a clock that is never set: for waiting and measuring, not
 * for the time of anything. */
int64_t tk_steady_ms(void);

/* "500ms", "90s", "10m", "2h", "400d", "1h30m" as milliseconds. */
int tk_duration_parse(const char *text, int64_t *ms, struct tk_err *err);

#endif
