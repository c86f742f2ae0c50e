/* What --since, --until and --period say together. */
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/when_int.h"

static int
resolve_period(const char *period, const struct tk_clock *clock,
    struct tk_range *r, int *flags, struct tk_err *err)
{
	struct tk_when w;

	if (tk_when_read(period, clock, &w, err) < 0)
		return -1;
	*r = w.range;
	if (w.kind == TK_WHEN_MOMENT ||
	    (w.kind != TK_WHEN_DATE && r->until > clock->now)) {
		r->until = clock->now;
		*flags |= TK_RANGE_OPEN;
	}
	return 0;
}

static int
resolve_until(const char *until, const struct tk_clock *clock, int64_t *end,
    struct tk_err *err)
{
	struct tk_when w;

	if (tk_when_read(until, clock, &w, err) < 0)
		return -1;
	*end = w.kind == TK_WHEN_AGO ? w.range.since : w.range.until;
	return 0;
}

static int
refuse_empty(const char *since, const char *until, const struct tk_range *r,
    const struct tk_zone *z, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_time_add(&b, z, r->until);
	tk_fail(err, TK_USAGE,
	    "nothing is since '%.64s' and until '%.64s', which ends at %s",
	    since == NULL ? "start" : since, until, b.s);
	tk_buf_release(&b);
	return tk_hint(err, "--since must be before --until");
}

int
tk_range_resolve(const char *since, const char *until, const char *period,
    const struct tk_clock *clock, struct tk_range *r, int *flags,
    struct tk_err *err)
{
	struct tk_when w;

	*flags = 0;
	*r = (struct tk_range){ TK_TIME_MIN, clock->now };
	if (period != NULL) {
		if (since != NULL || until != NULL) {
			tk_fail(err, TK_USAGE,
			    "--period does not go with --since and --until");
			return tk_hint(err,
			    "--period X is --since X with --until X");
		}
		if (resolve_period(period, clock, r, flags, err) < 0)
			return -1;
	}
	if (since != NULL) {
		if (tk_when_read(since, clock, &w, err) < 0)
			return -1;
		r->since = w.range.since;
	}
	if (until != NULL) {
		if (resolve_until(until, clock, &r->until, err) < 0)
			return -1;
		if (r->since >= r->until)
			return refuse_empty(since, until, r, clock->zone, err);
	} else if (period == NULL) {
		*flags |= TK_RANGE_OPEN;
	}
	if (r->since == TK_TIME_MIN)
		*flags |= TK_RANGE_ALL;
	if (r->since > clock->now)
		*flags |= TK_RANGE_FUTURE;
	/* What starts in the future has no end that is now. */
	if (r->until < r->since)
		r->until = r->since;
	return 0;
}

int
tk_duration_parse(const char *text, int64_t *ms, struct tk_err *err)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60000 },
		{ "min", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
		{ "w", 604800000 },
	};
	int64_t sum = 0;
	const char *s = text;

	do {
		size_t digits = strspn(s, "0123456789"), len, i;
		int64_t n;

		len = strcspn(s + digits, "0123456789");
		for (i = 0; i < TK_LEN(units); i++)
			if (strlen(units[i].name) == len &&
			    memcmp(units[i].name, s + digits, len) == 0)
				break;
		if (digits == 0 || i == TK_LEN(units)) {
			tk_fail(err, TK_USAGE,
			    "cannot read the duration '%.64s'", text);
			return tk_hint(err, "use 500ms, 90s, 10m, 2h or 7d");
		}
		if (!tk_int_parse(s, digits, &n) ||
		    __builtin_mul_overflow(n, units[i].ms, &n) ||
		    __builtin_add_overflow(sum, n, &sum))
			return tk_fail(err, TK_USAGE,
			    "the duration '%.64s' is too long", text);
		s += digits + len;
	} while (*s != '\0');
	*ms = sum;
	return 0;
}
