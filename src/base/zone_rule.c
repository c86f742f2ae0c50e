/* What the clocks of a place do for ever: POSIX TZ strings. */
#include "base/zone_int.h"

enum { DAY = 86400, EDGES_AROUND = 5 };

struct reader {
	const char *s, *end;
};

static bool
take(struct reader *in, char c)
{
	if (in->s == in->end || *in->s != c)
		return false;
	in->s++;
	return true;
}

static bool
take_number(struct reader *in, int min, int max, int *n)
{
	int v = 0;
	const char *start = in->s;

	while (in->s < in->end && *in->s >= '0' && *in->s <= '9') {
		v = v * 10 + (*in->s++ - '0');
		if (v > max)
			return false;
	}
	*n = v;
	return in->s > start && v >= min;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_quoted(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-';
}

/* "CET" or "<+0530>"; what it is called does not matter here. */
static bool
take_name(struct reader *in)
{
	const char *start = in->s;

	if (take(in, '<')) {
		while (in->s < in->end && is_quoted(*in->s))
			in->s++;
		return in->s - start >= 4 && take(in, '>');
	}
	while (in->s < in->end && is_letter(*in->s))
		in->s++;
	return in->s - start >= 3;
}

/* "[+-]hh[:mm[:ss]]" as seconds. */
static bool
take_seconds(struct reader *in, int max_hours, int32_t *seconds)
{
	bool negative = take(in, '-');
	int h, m = 0, s = 0;

	if (!negative)
		(void)take(in, '+');
	if (!take_number(in, 0, max_hours, &h))
		return false;
	if (take(in, ':')) {
		if (!take_number(in, 0, 59, &m))
			return false;
		if (take(in, ':') && !take_number(in, 0, 59, &s))
			return false;
	}
	*seconds = h * 3600 + m * 60 + s;
	if (negative)
		*seconds = -*seconds;
	return true;
}

static bool
take_edge(struct reader *in, struct tk_zone_edge *e)
{
	*e = (struct tk_zone_edge){ .seconds = 7200 };
	if (take(in, 'M')) {
		e->kind = EDGE_WEEK;
		if (!take_number(in, 1, 12, &e->month) || !take(in, '.') ||
		    !take_number(in, 1, 5, &e->week) || !take(in, '.') ||
		    !take_number(in, 0, 6, &e->day))
			return false;
	} else if (take(in, 'J')) {
		e->kind = EDGE_JULIAN;
		if (!take_number(in, 1, 365, &e->day))
			return false;
	} else {
		e->kind = EDGE_DAY;
		if (!take_number(in, 0, 365, &e->day))
			return false;
	}
	return !take(in, '/') || take_seconds(in, 167, &e->seconds);
}

bool
tk_zone_rule_parse(const char *s, size_t len, struct tk_zone_rule *r)
{
	/* What tzcode takes when a string names no edges. */
	static const char default_edges[] = "M3.2.0,M11.1.0";
	struct tk_zone_rule rule = { .set = true };
	struct reader in = { s, s + len };
	int32_t west;

	if (!take_name(&in) || !take_seconds(&in, 24, &west))
		return false;
	rule.std = -west;
	if (in.s < in.end) {
		if (!take_name(&in))
			return false;
		rule.has_dst = true;
		rule.dst = rule.std + 3600;
		if (in.s < in.end && *in.s != ',') {
			if (!take_seconds(&in, 24, &west))
				return false;
			rule.dst = -west;
		}
		if (in.s == in.end)
			in = (struct reader){ default_edges,
				default_edges + sizeof(default_edges) - 1 };
		else if (!take(&in, ','))
			return false;
		if (!take_edge(&in, &rule.start) || !take(&in, ',') ||
		    !take_edge(&in, &rule.end) || in.s != in.end)
			return false;
	}
	*r = rule;
	return true;
}

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The day of the edge in that year, as days since 1970. */
static int64_t
edge_day(const struct tk_zone_edge *e, int64_t year)
{
	int64_t first, next, day;

	switch (e->kind) {
	case EDGE_JULIAN: /* February 29 is not counted */
		return tk_civil_to_days(year, 1, 1) + e->day - 1 +
		    (is_leap(year) && e->day > 59);
	case EDGE_DAY:
		return tk_civil_to_days(year, 1, 1) + e->day;
	case EDGE_WEEK:
		break;
	}
	first = tk_civil_to_days(year, e->month, 1);
	next = e->month < 12 ? tk_civil_to_days(year, e->month + 1, 1)
			     : tk_civil_to_days(year + 1, 1, 1);
	/* 1970-01-01 was a Thursday, day 4 of a week from Sunday. */
	day = first + (((e->day - first - 4) % 7) + 7) % 7 + 7 * (e->week - 1);
	return day >= next ? day - 7 : day;
}

struct change {
	int64_t at;
	int32_t offset;
};

/* Both edges of the years around this one, in order of time. */
static size_t
changes_around(const struct tk_zone_rule *r, int64_t year, struct change *c)
{
	size_t n = 0;

	for (int64_t y = year - 2; y <= year + 2; y++) {
		struct change edges[2] = {
			{ edge_day(&r->start, y) * DAY + r->start.seconds -
				r->std,
			    r->dst },
			{ edge_day(&r->end, y) * DAY + r->end.seconds - r->dst,
			    r->std },
		};

		/* Stable: when one year's end is the next one's start, the
		 * start counts, so that summer may last for ever. */
		for (int i = 0; i < 2; i++) {
			size_t at = n++;

			for (; at > 0 && c[at - 1].at > edges[i].at; at--)
				c[at] = c[at - 1];
			c[at] = edges[i];
		}
	}
	return n;
}

struct tk_zone_span
tk_zone_rule_at(const struct tk_zone_rule *r, int64_t sec)
{
	struct tk_zone_span span = { INT64_MIN, INT64_MAX, r->std };
	struct change c[2 * EDGES_AROUND];
	int month, mday;
	size_t n;

	if (!r->has_dst)
		return span;
	n = changes_around(r,
	    tk_civil_from_days(sec / DAY - (sec % DAY < 0), &month, &mday), c);
	for (size_t i = 0; i < n; i++) {
		if (c[i].at > sec) {
			span.to = c[i].at;
			break;
		}
		span.from = c[i].at;
		span.offset = c[i].offset;
	}
	return span;
}
