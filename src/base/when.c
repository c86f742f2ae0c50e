/* The dates that people type; the grammar is in time.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/when_int.h"

/* The longest number of units that can still be after the year 1. */
enum { MAX_DAYS = 5000000 };

/* A form of date: 1 if t has it and *w is set, 0 if it is none, -1 if it is
 * one but wrong. */
typedef int form_fn(const struct tk_when_text *t, struct tk_when *w,
    struct tk_err *err);

static int TK_PRINTF(3, 4) refuse(const struct tk_when_text *t,
    struct tk_err *err, const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return tk_fail(err, TK_USAGE, "cannot read the date '%.*s': %s",
	    TK_WHEN_TEXT, t->typed, why);
}

void
tk_when_days(struct tk_when *w, const struct tk_when_text *t,
    enum tk_when_kind kind, int32_t first, int32_t next)
{
	w->kind = kind;
	w->range.since = tk_zone_day_start(t->clock->zone, first);
	w->range.until = tk_zone_day_start(t->clock->zone, next);
}

void
tk_when_months(struct tk_when *w, const struct tk_when_text *t,
    enum tk_when_kind kind, int32_t month, int n)
{
	tk_when_days(w, t, kind, tk_month_first_day(month),
	    tk_month_first_day(month + n));
}

void
tk_when_moment(struct tk_when *w, int64_t ms)
{
	w->kind = TK_WHEN_MOMENT;
	w->range.since = w->range.until = ms;
}

int32_t
tk_when_today(const struct tk_when_text *t)
{
	return tk_zone_day(t->clock->zone, t->clock->now);
}

/*
 * Does s begin like the pattern?  '#' stands for a digit; its value is added
 * to the number that the run of '#' belongs to.
 */
static bool
match(const char *s, const char *pattern, int *n)
{
	for (; *pattern != '\0'; s++, pattern++) {
		if (*pattern != '#') {
			if (*s != *pattern)
				return false;
			continue;
		}
		if (*s < '0' || *s > '9')
			return false;
		*n = *n * 10 + (*s - '0');
		n += pattern[1] != '#';
	}
	return true;
}

static bool
match_all(const char *s, const char *pattern, int *n)
{
	return strlen(s) == strlen(pattern) && match(s, pattern, n);
}

static int
check_month(const struct tk_when_text *t, int year, int month,
    struct tk_err *err)
{
	if (year == 0)
		return refuse(t, err, "there is no year 0");
	if (month < 1 || month > 12)
		return refuse(t, err, "there is no month %d", month);
	return 0;
}

static int
check_day(const struct tk_when_text *t, const int *ymd, struct tk_err *err)
{
	static const char *const names[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };

	if (check_month(t, ymd[0], ymd[1], err) < 0)
		return -1;
	if (ymd[2] < 1)
		return refuse(t, err, "there is no day %d", ymd[2]);
	if (ymd[2] > tk_month_days(ymd[0], ymd[1]))
		return refuse(t, err, "%s %d has %d days", names[ymd[1] - 1],
		    ymd[0], tk_month_days(ymd[0], ymd[1]));
	return 0;
}

static int
day_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	int n[3] = { 0 };
	int32_t day;

	if (!match_all(t->s, "####-##-##", n))
		return 0;
	if (check_day(t, n, err) < 0)
		return -1;
	day = tk_day_from_civil(n[0], n[1], n[2]);
	tk_when_days(w, t, TK_WHEN_DATE, day, day + 1);
	if (w->range.since == w->range.until)
		return refuse(t, err, "there was no such day in %s",
		    tk_zone_name(t->clock->zone));
	return 1;
}

static int
month_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	int n[2] = { 0 };

	if (!match_all(t->s, "####-##", n))
		return 0;
	if (check_month(t, n[0], n[1], err) < 0)
		return -1;
	tk_when_months(w, t, TK_WHEN_DATE, 12 * n[0] + n[1] - 1, 1);
	return 1;
}

static int
year_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	int n[1] = { 0 };

	if (!match_all(t->s, "####", n))
		return 0;
	if (check_month(t, n[0], 1, err) < 0)
		return -1;
	tk_when_months(w, t, TK_WHEN_DATE, 12 * n[0], 12);
	return 1;
}

/* The Monday that week 1 of a year starts on: January 4 is always in it. */
static int32_t
first_week(int year)
{
	return tk_day_week(tk_day_from_civil(year, 1, 4), 0);
}

static int
week_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	int n[2] = { 0 }, weeks;
	int32_t first;

	if (!match_all(t->s, "####-w##", n))
		return 0;
	if (check_month(t, n[0], 1, err) < 0)
		return -1;
	first = first_week(n[0]);
	weeks = (first_week(n[0] + 1) - first) / 7;
	if (n[1] < 1)
		return refuse(t, err, "there is no week %d", n[1]);
	if (n[1] > weeks)
		return refuse(t, err, "%d has %d weeks", n[0], weeks);
	/* If weeks do not start on Monday, it is the one that tk_week_add()
	 * gives this number: up to three days earlier or later. */
	first += 7 * (n[1] - 1) + (t->clock->week_start + 3) % 7 - 3;
	tk_when_days(w, t, TK_WHEN_DATE, first, first + 7);
	return 1;
}

/* Why the clock time at s, which was refused, is wrong. */
static int
refuse_clock(const struct tk_when_text *t, const char *s, struct tk_err *err)
{
	int n[2] = { 0 };

	if (!match(s, "##:##", n))
		return 0;
	if (n[0] > 23)
		return refuse(t, err, "there is no hour %d", n[0]);
	if (n[1] > 59)
		return refuse(t, err, "there is no minute %d", n[1]);
	return 0;
}

static int
stamp_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	int n[3] = { 0 };
	int64_t ms;

	if (!match(t->s, "####-##-##", n) ||
	    (t->s[10] != 't' && t->s[10] != ' '))
		return 0;
	if (check_day(t, n, err) < 0)
		return -1;
	if (!tk_time_parse(t->s, strlen(t->s), t->clock->zone, &ms))
		return refuse_clock(t, t->s + 11, err);
	tk_when_moment(w, ms);
	return 1;
}

static int
clock_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int n[2] = { 0 };
	int64_t ms;
	bool ok;

	if (!match(t->s, "##:##", n) ||
	    strspn(t->s, "0123456789:.") < strlen(t->s))
		return 0;
	tk_day_add(&b, tk_when_today(t));
	tk_buf_addf(&b, " %s", t->s);
	ok = tk_time_parse(b.s, b.len, t->clock->zone, &ms);
	tk_buf_release(&b);
	if (!ok)
		return refuse_clock(t, t->s, err);
	tk_when_moment(w, ms);
	return 1;
}

static int
epoch_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	const char *s = t->s + 1, *point = strchr(s, '.');
	size_t len = point == NULL ? strlen(s) : (size_t)(point - s);
	int64_t sec, ms = 0;

	if (t->s[0] != '@' || !tk_int_parse(s, len, &sec))
		return 0;
	if (point != NULL) {
		int scale = 100;

		for (s = point + 1; *s >= '0' && *s <= '9'; s++, scale /= 10)
			ms += (*s - '0') * scale;
		if (*s != '\0' || s == point + 1)
			return 0;
	}
	if (sec > INT64_C(100000000000) && sec <= TK_TIME_MAX)
		return refuse(t, err,
		    "it is too far away; for milliseconds write '@%lld.%03d'",
		    (long long)(sec / 1000), (int)(sec % 1000));
	if (sec < TK_TIME_MIN / 1000 || sec > TK_TIME_MAX / 1000)
		return refuse(t, err, "it is too far away");
	tk_when_moment(w, sec * 1000 + (t->s[1] == '-' ? -ms : ms));
	return 1;
}

/* What can be so many ago: a time to the second, or whole days. */
static const struct unit {
	const char *brief, *name;
	int64_t ms;
	int days, months;
} units[] = {
	{ "s", "second", 1000, 0, 0 },
	{ "min", "minute", 60000, 0, 0 },
	{ "h", "hour", 3600000, 0, 0 },
	{ "d", "day", 0, 1, 0 },
	{ "w", "week", 0, 7, 0 },
	{ "mo", "month", 0, 0, 1 },
	{ "y", "year", 0, 0, 12 },
};

/* "d", or with words allowed " days ago" and ".day.ago". */
static const struct unit *
find_unit(const char *s, bool words)
{
	char sep = s[0];

	for (size_t i = 0; i < TK_LEN(units); i++) {
		const struct unit *u = &units[i];
		size_t len = strlen(u->name);

		if (!words) {
			if (strcmp(s, u->brief) == 0)
				return u;
			continue;
		}
		if ((sep != ' ' && sep != '.') ||
		    strncmp(s + 1, u->name, len) != 0)
			continue;
		len += 1 + (s[1 + len] == 's');
		if (s[len] == sep && strcmp(s + len + 1, "ago") == 0)
			return u;
	}
	return NULL;
}

/* The first of the n whole days, weeks, months or years that end today. */
static int32_t
days_ago(int32_t day, const struct unit *u, int n)
{
	int year, month, mday, most;
	int32_t first;

	if (u->months == 0)
		return day - n * u->days + 1;
	tk_day_to_civil(day, &year, &month, &mday);
	first = 12 * year + month - 1 - n * u->months;
	tk_day_to_civil(tk_month_first_day(first), &year, &month, &most);
	most = tk_month_days(year, month);
	return tk_day_from_civil(year, month, mday < most ? mday : most) + 1;
}

static int
ago_form(const struct tk_when_text *t, struct tk_when *w, struct tk_err *err)
{
	size_t len = strspn(t->s, "0123456789");
	const struct unit *u = find_unit(t->s + len, false);
	int64_t n, ms;

	if (len == 0)
		return 0;
	if (strcmp(t->s + len, "m") == 0) {
		refuse(t, err, "'m' could be minutes or months");
		return tk_hint(err, "use %.*smin or %.*smo", (int)len, t->s,
		    (int)len, t->s);
	}
	if (u == NULL && (u = find_unit(t->s + len, true)) == NULL)
		return 0;
	if (!tk_int_parse(t->s, len, &n))
		return refuse(t, err, "it is too long ago");
	if (u->ms > 0) {
		if (__builtin_mul_overflow(n, u->ms, &ms) ||
		    __builtin_sub_overflow(t->clock->now, ms, &ms) ||
		    ms < TK_TIME_MIN)
			return refuse(t, err, "it is too long ago");
		tk_when_moment(w, ms);
		return 1;
	}
	if (n == 0)
		return refuse(t, err, "today is '1d'");
	if (n > MAX_DAYS / (u->days + 31 * u->months))
		return refuse(t, err, "it is too long ago");
	tk_when_days(w, t, TK_WHEN_AGO, days_ago(tk_when_today(t), u, (int)n),
	    tk_when_today(t) + 1);
	if (w->range.since < TK_TIME_MIN)
		return refuse(t, err, "it is too long ago");
	return 1;
}

/* It has none of the forms: guess which was meant. */
static int
refuse_all(const struct tk_when_text *t, struct tk_err *err)
{
	struct tk_buf guess = TK_BUF_INIT;
	size_t digits = strspn(t->s, "0123456789");
	const char *last = strrchr(t->s, ' ');

	if (digits >= 9 && t->s[digits] == '\0')
		tk_buf_addf(&guess, "did you mean '@%s'?", t->s);
	else if (t->s[0] >= 'a' && t->s[0] <= 'z')
		tk_when_suggest(t->s, &guess);
	if (guess.len == 0 && last != NULL)
		tk_when_suggest(last + 1, &guess);
	tk_fail(err, TK_USAGE, "cannot read the date '%.*s'%s%s%s",
	    TK_WHEN_TEXT, t->typed, guess.len > 0 ? " (" : "", guess.s,
	    guess.len > 0 ? ")" : "");
	tk_buf_release(&guess);
	return tk_hint(err,
	    "use 2026-11-17, 7d, yesterday, this-month, 2026-W47 or an "
	    "RFC 3339 time");
}

/* False when it is too long to be a date. */
static bool
normalize(const char *typed, char *s)
{
	size_t n = 0;

	for (; *typed != '\0'; typed++) {
		if (*typed == ' ' && (n == 0 || s[n - 1] == ' '))
			continue;
		if (n == TK_WHEN_TEXT)
			return false;
		s[n++] = *typed >= 'A' && *typed <= 'Z' ? *typed + 32 : *typed;
	}
	if (n > 0 && s[n - 1] == ' ')
		n--;
	s[n] = '\0';
	return true;
}

int
tk_when_read(const char *text, const struct tk_clock *clock, struct tk_when *w,
    struct tk_err *err)
{
	static form_fn *const forms[] = { day_form, month_form, year_form,
		week_form, stamp_form, clock_form, epoch_form, ago_form,
		tk_when_word };
	struct tk_when_text t = { .typed = text, .clock = clock };
	int rc = 0;

	if (!normalize(text, t.s))
		return refuse_all(&t, err);
	for (size_t i = 0; i < TK_LEN(forms) && rc == 0; i++)
		rc = forms[i](&t, w, err);
	if (rc == 0)
		return refuse_all(&t, err);
	return rc < 0 ? -1 : 0;
}

int
tk_when_parse(const char *text, const struct tk_clock *clock,
    struct tk_range *r, struct tk_err *err)
{
	struct tk_when w;

	if (tk_when_read(text, clock, &w, err) < 0)
		return -1;
	*r = w.range;
	return 0;
}
