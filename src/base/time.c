/* The civil calendar, stamps as people and machines write them, and the
 * clock for waiting. */
#include "base/time.h"

#include <time.h>

#include "base/buf.h"
#include "base/zone_int.h"

enum { MS_PER_DAY = 86400000, DAYS_PER_ERA = 146097 };

/*
 * Years that begin in March have their leap day at the end, and 400 of them
 * ("an era") always have 146,097 days; day 0 of era 0 is 0000-03-01, which
 * is 719,468 days before 1970-01-01.
 */
int64_t
tk_civil_to_days(int64_t year, int month, int mday)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + mday - 1;

	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

int64_t
tk_civil_from_days(int64_t days, int *month, int *mday)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int of_era = (int)(z - era * DAYS_PER_ERA);
	int year = (of_era - of_era / 1460 + of_era / 36524 -
		       of_era / (DAYS_PER_ERA - 1)) /
	    365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int m = (5 * of_year + 2) / 153; /* 0 is March */

	*mday = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	return era * 400 + year + (*month <= 2);
}

static int32_t
clamp_day(int64_t day)
{
	if (day > TK_DAY_LIMIT)
		return TK_DAY_LIMIT;
	return day < -TK_DAY_LIMIT ? -TK_DAY_LIMIT : (int32_t)day;
}

int32_t
tk_day_from_civil(int year, int month, int mday)
{
	return clamp_day(tk_civil_to_days(year, month, mday));
}

void
tk_day_to_civil(int32_t day, int *year, int *month, int *mday)
{
	*year = (int)tk_civil_from_days(day, month, mday);
}

int
tk_day_weekday(int32_t day)
{
	/* 1970-01-01 was a Thursday. */
	int d = (day % 7 + 3) % 7;

	return d < 0 ? d + 7 : d;
}

int32_t
tk_day_week(int32_t day, int week_start)
{
	return clamp_day(day) - (tk_day_weekday(day) + 7 - week_start) % 7;
}

int32_t
tk_day_month(int32_t day)
{
	int year, month, mday;

	tk_day_to_civil(day, &year, &month, &mday);
	return 12 * year + month - 1;
}

int32_t
tk_month_first_day(int32_t month)
{
	int year = month / 12 - (month % 12 < 0);

	return tk_day_from_civil(year, month - 12 * year + 1, 1);
}

/* At least that many digits, before end. */
static char *
put_number(char *end, int64_t n, int digits)
{
	char *s = end;
	int64_t left = n < 0 ? -n : n;

	for (; left > 0 || digits > 0; left /= 10, digits--)
		*--s = (char)('0' + left % 10);
	if (n < 0)
		*--s = '-';
	return s;
}

/* "-11-21" and the year before it, at end. */
static char *
put_day(char *end, int64_t days)
{
	int month, mday;
	int64_t year = tk_civil_from_days(days, &month, &mday);
	char *s = put_number(end, mday, 2);

	*--s = '-';
	s = put_number(s, month, 2);
	*--s = '-';
	return put_number(s, year, 4);
}

void
tk_day_add(struct tk_buf *b, int32_t day)
{
	char text[24], *end = text + sizeof(text), *s = put_day(end, day);

	tk_buf_add(b, s, (size_t)(end - s));
}

void
tk_week_add(struct tk_buf *b, int32_t day)
{
	/* The ISO week of the middle day; its Thursday decides the year. */
	int32_t thursday = tk_day_week(day + 3, 0) + 3;
	int year, month, mday;

	tk_day_to_civil(thursday, &year, &month, &mday);
	tk_buf_addf(b, "%04d-W%02d", year,
	    (thursday - tk_day_from_civil(year, 1, 1)) / 7 + 1);
}

void
tk_month_add(struct tk_buf *b, int32_t month)
{
	int year = month / 12 - (month % 12 < 0);

	tk_buf_addf(b, "%04d-%02d", year, month - 12 * year + 1);
}

/* The day of a local time, and what is left of it. */
static int64_t
split_day(int64_t local, int *ms_of_day)
{
	int64_t rest = local % MS_PER_DAY;

	*ms_of_day = (int)(rest < 0 ? rest + MS_PER_DAY : rest);
	return local / MS_PER_DAY - (rest < 0);
}

/* "14:32:07", with ".250" when there is a part of a second, before end. */
static char *
put_clock(char *end, int ms_of_day)
{
	int sec = ms_of_day / 1000;
	char *s = end;

	if (ms_of_day % 1000 > 0) {
		s = put_number(s, ms_of_day % 1000, 3);
		*--s = '.';
	}
	s = put_number(s, sec % 60, 2);
	*--s = ':';
	s = put_number(s, sec / 60 % 60, 2);
	*--s = ':';
	return put_number(s, sec / 3600, 2);
}

void
tk_time_add(struct tk_buf *b, const struct tk_zone *z, int64_t ms)
{
	char text[48], *end = text + sizeof(text), *s = end;
	/* RFC 3339 has no seconds in offsets; only very old times have. */
	int32_t minutes = tk_zone_offset(z, ms) / 60;
	int64_t local, days;
	int ms_of_day;

	if (__builtin_add_overflow(ms, minutes * INT64_C(60000), &local))
		local = ms;
	days = split_day(local, &ms_of_day);
	if (tk_zone_is_utc(z)) {
		*--s = 'Z';
	} else {
		int32_t m = minutes < 0 ? -minutes : minutes;

		s = put_number(s, m % 60, 2);
		*--s = ':';
		s = put_number(s, m / 60, 2);
		*--s = minutes < 0 ? '-' : '+';
	}
	s = put_clock(s, ms_of_day);
	*--s = 'T';
	s = put_day(s, days);
	tk_buf_add(b, s, (size_t)(end - s));
}

void
tk_time_add_minute(struct tk_buf *b, const struct tk_zone *z, int64_t ms)
{
	char text[48], *end = text + sizeof(text), *s = end;
	int ms_of_day;
	int64_t days = split_day(tk_zone_local(z, ms), &ms_of_day);

	s = put_number(s, ms_of_day / 60000 % 60, 2);
	*--s = ':';
	s = put_number(s, ms_of_day / 3600000, 2);
	*--s = ' ';
	s = put_day(s, days);
	tk_buf_add(b, s, (size_t)(end - s));
}

void
tk_time_add_second(struct tk_buf *b, const struct tk_zone *z, int64_t ms)
{
	char text[16], *end = text + sizeof(text), *s;
	int ms_of_day;

	split_day(tk_zone_local(z, ms), &ms_of_day);
	s = put_clock(end, ms_of_day - ms_of_day % 1000);
	tk_buf_add(b, s, (size_t)(end - s));
}

/* A number of exactly two digits, or -1. */
static int
two_digits(const char *s)
{
	unsigned tens = (unsigned char)s[0] - '0';
	unsigned ones = (unsigned char)s[1] - '0';

	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

int
tk_month_days(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* "2026-11-21" in 10 bytes. */
static bool
parse_day(const char *s, int32_t *day)
{
	int century = two_digits(s), year = two_digits(s + 2);
	int month = two_digits(s + 5), mday = two_digits(s + 8);

	year += century * 100;
	if (century < 0 || year < century * 100 || s[4] != '-' || s[7] != '-' ||
	    month < 1 || month > 12 || mday < 1 ||
	    mday > tk_month_days(year, month))
		return false;
	*day = tk_day_from_civil(year, month, mday);
	return true;
}

/*
 * "14:32", "14:32:07", "14:32:07.25"; finer than a millisecond is cut.  A
 * leap second is the second after it.
 */
static bool
take_clock(const char **p, const char *end, int64_t *ms)
{
	const char *s = *p;
	int h, m, sec = 0, scale = 100;

	if (end - s < 5 || (h = two_digits(s)) < 0 || h > 23 || s[2] != ':' ||
	    (m = two_digits(s + 3)) < 0 || m > 59)
		return false;
	s += 5;
	*ms = (h * 60 + m) * INT64_C(60000);
	if (s < end && *s == ':') {
		if (end - s < 3 || (sec = two_digits(s + 1)) < 0 || sec > 60)
			return false;
		s += 3;
		if (s < end && (*s == '.' || *s == ',')) {
			const char *digits = ++s;

			for (; s < end && *s >= '0' && *s <= '9'; s++) {
				*ms += (*s - '0') * scale;
				scale /= 10;
			}
			if (s == digits)
				return false;
		}
	}
	*ms += sec * 1000;
	*p = s;
	return true;
}

/* "Z", "+01:00", "+0100" or "+01", to the end. */
static bool
parse_offset(const char *s, const char *end, int64_t *ms)
{
	size_t len = (size_t)(end - s);
	int h, m = 0;

	if (len == 1 && (*s == 'Z' || *s == 'z')) {
		*ms = 0;
		return true;
	}
	if ((len != 3 && len != 5 && len != 6) || (*s != '+' && *s != '-') ||
	    (h = two_digits(s + 1)) < 0 || h > 23 || (len == 6 && s[3] != ':'))
		return false;
	if (len > 3 && ((m = two_digits(end - 2)) < 0 || m > 59))
		return false;
	*ms = (h * 60 + m) * (*s == '-' ? INT64_C(-60000) : INT64_C(60000));
	return true;
}

bool
tk_time_parse(const char *s, size_t len, const struct tk_zone *z, int64_t *ms)
{
	const char *end = s + len;
	int64_t of_day, offset;
	int32_t day;

	if (len < 16 || !parse_day(s, &day) ||
	    (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
		return false;
	s += 11;
	if (!take_clock(&s, end, &of_day))
		return false;
	if (s == end) {
		if (z == NULL)
			return false;
		*ms = tk_zone_instant(z, day, of_day);
		return true;
	}
	if (*s == ' ')
		s++;
	if (!parse_offset(s, end, &offset))
		return false;
	*ms = day * (int64_t)MS_PER_DAY + of_day - offset;
	return true;
}

int64_t
tk_steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
