/* Small texts of a price book: numbers, dates, names, patterns. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "price/price_int.h"

enum { DIGITS_MAX = 36 }; /* more would not fit an int128 */

__extension__ typedef unsigned __int128 wide;

/* The digits of a decimal and where its point is. */
struct digits {
	wide value;
	int count;     /* significant ones in value */
	long exponent; /* value times 10 to this */
	bool lost;     /* a digit that is not 0 had no room */
	bool any;
};

static void
take_digit(struct digits *d, int digit, bool fraction)
{
	d->any = true;
	if (d->count < DIGITS_MAX) {
		d->value = d->value * 10 + (unsigned)digit;
		d->count += d->value > 0;
		d->exponent -= fraction;
	} else {
		d->lost = d->lost || digit != 0;
		d->exponent += !fraction;
	}
}

/* "e-06"; where it ends, or NULL when it is none. */
static const char *
take_exponent(const char *s, const char *end, long *exponent)
{
	bool minus;
	long n = 0;

	if (s == end || (*s != 'e' && *s != 'E'))
		return s;
	s++;
	minus = s < end && *s == '-';
	if (s < end && (*s == '-' || *s == '+'))
		s++;
	if (s == end)
		return NULL;
	for (; s < end && isdigit((unsigned char)*s); s++)
		if (n < 100000)
			n = n * 10 + (*s - '0');
	*exponent += minus ? -n : n;
	return s;
}

static bool
scan_decimal(const char *s, size_t len, struct digits *d)
{
	const char *end = s + len;

	*d = (struct digits){ .value = 0 };
	for (; s < end && isdigit((unsigned char)*s); s++)
		take_digit(d, *s - '0', false);
	if (s < end && *s == '.')
		for (s++; s < end && isdigit((unsigned char)*s); s++)
			take_digit(d, *s - '0', true);
	return d->any && take_exponent(s, end, &d->exponent) == end;
}

bool
price_decimal(const char *s, size_t len, int scale, int64_t *value, bool *exact)
{
	struct digits d;
	wide unit = 1, rest;

	if (!scan_decimal(s, len, &d))
		return false;
	d.exponent += scale;
	for (; d.exponent > 0 && d.value > 0; d.exponent--)
		if (__builtin_mul_overflow(d.value, (wide)10, &d.value))
			return false;
	*exact = !d.lost;
	if (d.exponent < -38) {
		*exact = *exact && d.value == 0;
		d.value = 0;
	} else if (d.exponent < 0) {
		for (; d.exponent < 0; d.exponent++)
			unit *= 10;
		rest = d.value % unit;
		d.value /= unit;
		*exact = *exact && rest == 0;
		if (rest > unit / 2 ||
		    (rest == unit / 2 && (d.lost || d.value % 2 != 0)))
			d.value++;
	}
	if (d.value > INT64_MAX)
		return false;
	*value = (int64_t)d.value;
	return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int
month_days(int y, int m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	return days[m - 1] +
	    (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

/* Digits in the places of '0' in the form, the form's bytes elsewhere. */
static bool
looks_like(const char *s, const char *form)
{
	for (; *form != '\0'; s++, form++)
		if (*form == '0' ? !isdigit((unsigned char)*s) : *s != *form)
			return false;
	return true;
}

static int
number(const char *s, int digits)
{
	int n = 0;

	while (digits-- > 0)
		n = n * 10 + (*s++ - '0');
	return n;
}

bool
price_time_parse(const char *s, size_t len, int64_t *ms)
{
	char t[] = "0000-00-00T00:00:00Z";
	int y, m, d, hour, min, sec;

	/* Shorter forms are the long one with zeros at the end. */
	if (len != 10 && len != 17 && len != 20)
		return false;
	memcpy(t, s, len == 17 ? 16 : len);
	if (len == 17 && s[16] != 'Z')
		return false;
	if (!looks_like(t, "0000-00-00T00:00:00Z"))
		return false;
	y = number(t, 4);
	m = number(t + 5, 2);
	d = number(t + 8, 2);
	hour = number(t + 11, 2);
	min = number(t + 14, 2);
	sec = number(t + 17, 2);
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > month_days(y, m) ||
	    hour > 23 || min > 59 || sec > 59)
		return false;
	*ms = ((days_from_civil(y, m, d) * 24 + hour) * 60 + min) * 60000 +
	    sec * INT64_C(1000);
	return true;
}

void
price_time_add(struct tk_buf *b, int64_t ms)
{
	int64_t day = ms / 86400000, rest = ms % 86400000 / 1000;
	int64_t z = day + 719468, era = z / 146097, doe = z % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (int)((5 * doy + 2) / 153);
	int m = mp < 10 ? mp + 3 : mp - 9;

	tk_buf_addf(b, "%04d-%02d-%02d", (int)(yoe + era * 400 + (m <= 2)), m,
	    (int)(doy - (153 * mp + 2) / 5 + 1));
	if (rest != 0)
		tk_buf_addf(b, "T%02d:%02d:%02dZ", (int)(rest / 3600),
		    (int)(rest / 60 % 60), (int)(rest % 60));
}

bool
price_fold(char *to, const char *name)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
	size_t n = 0;

	while (*name == ' ')
		name++;
	for (; *name != '\0'; name++) {
		char c = *name;

		if (n == PRICE_NAME_MAX)
			return false;
		if (c == ' ')
			c = '-';
		else if (c >= 'A' && c <= 'Z')
			c = lower[c - 'A'];
		to[n++] = c;
	}
	to[n] = '\0';
	return n > 0;
}

uint32_t
price_hash(const char *name, uint32_t provider)
{
	uint32_t h = 2166136261u ^ provider * 2654435761u;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h ^ h >> 15;
}

/*
 * One set, "[0-9a-f]" or "[!a-z]", at p; NULL when it is not closed and
 * therefore an ordinary '['.
 */
static const char *
match_set(const char *p, unsigned char c, bool *in)
{
	bool not = p[1] == '!' || p[1] == '^';
	const char *start = p + 1 + not ;

	*in = false;
	for (p = start; *p != '\0' && (*p != ']' || p == start); p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
			high = (unsigned char)p[2];
			p += 2;
		}
		*in = *in || (c >= low && c <= high);
	}
	if (*p == '\0')
		return NULL;
	*in = *in != not ;
	return p + 1;
}

/* The pattern after its first element, if that takes c. */
static const char *
match_one(const char *p, char c)
{
	const char *after;
	bool in;

	if (*p == '[' && (after = match_set(p, (unsigned char)c, &in)) != NULL)
		return in ? after : NULL;
	return *p == '?' || *p == c ? p + 1 : NULL;
}

bool
price_glob_match(const char *p, const char *s)
{
	const char *star = NULL, *mark = s, *after;

	while (*s != '\0') {
		if (*p == '*') {
			star = ++p;
			mark = s;
		} else if (*p != '\0' && (after = match_one(p, *s)) != NULL) {
			p = after;
			s++;
		} else if (star != NULL) {
			p = star;
			s = ++mark;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

static bool
is_month_day(const char *s)
{
	int m = number(s, 2), d = number(s + 2, 2);

	return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

/* "0613" (month and day) or "2512" (year and month). */
static bool
is_short_date(const char *s)
{
	int y = number(s, 2), m = number(s + 2, 2);

	return is_month_day(s) || (y >= 20 && y < 40 && m >= 1 && m <= 12);
}

static bool
is_year(const char *s)
{
	return s[0] == '2' && s[1] == '0' && s[2] >= '2' && s[2] <= '9';
}

/* The length of the date that ends the name, with its '-'; 0: none. */
static size_t
date_length(const char *name, size_t n)
{
	const char *end = name + n;

	if (n > 11 && looks_like(end - 11, "-0000-00-00") && is_year(end - 10))
		return 11;
	if (n > 9 && looks_like(end - 9, "-00000000") && is_year(end - 8) &&
	    is_month_day(end - 4))
		return 9;
	if (n > 8 && looks_like(end - 8, "-00-0000") && is_year(end - 4))
		return 8;
	if (n > 7 && looks_like(end - 7, "-000000") && is_short_date(end - 6) &&
	    is_month_day(end - 4))
		return 7;
	if (n > 6 && looks_like(end - 6, "-00-00") && number(end - 5, 2) > 0 &&
	    number(end - 5, 2) <= 12 && number(end - 2, 2) > 0 &&
	    number(end - 2, 2) <= 31)
		return 6;
	if (n > 5 && looks_like(end - 5, "-0000") && is_short_date(end - 4))
		return 5;
	return n > 4 && looks_like(end - 4, "-000") && end[-3] == '0' ? 4 : 0;
}

/* "-v1", "-v2:0", "-v0.1", ":0". */
static size_t
version_length(const char *name, size_t n)
{
	size_t i = n;

	while (i > 0 &&
	    (isdigit((unsigned char)name[i - 1]) || name[i - 1] == '.' ||
		name[i - 1] == ':'))
		i--;
	if (i == n)
		return 0;
	if (i > 2 && name[i - 1] == 'v' && name[i - 2] == '-')
		return n - i + 2;
	return i > 0 && name[i] == ':' ? n - i : 0;
}

bool
price_strip(char *name)
{
	size_t n = strlen(name), cut;
	char *at = strrchr(name, '@'), *open = strrchr(name, '[');

	if (open != NULL && open > name && name[n - 1] == ']') {
		*open = '\0';
		return true;
	}
	if (at != NULL && at > name && strchr(at, '/') == NULL) {
		*at = '\0';
		return true;
	}
	if (n > 7 && strcmp(name + n - 7, "-latest") == 0)
		cut = 7;
	else if ((cut = date_length(name, n)) == 0)
		cut = version_length(name, n);
	name[n - cut] = '\0';
	return cut > 0;
}
