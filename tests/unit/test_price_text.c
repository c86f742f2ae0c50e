/* Numbers, dates, patterns and suffixes as a price book reads them. */
#include <inttypes.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/price_int.h"
#include "tap.h"

/* "value" when exact, "~value" when rounded, "no" when it is no number. */
static const char *
decimal(const char *s, int scale)
{
	static char text[40];
	int64_t value;
	bool exact;

	if (!price_decimal(s, strlen(s), scale, &value, &exact))
		return "no";
	snprintf(text, sizeof(text), "%s%" PRId64, exact ? "" : "~", value);
	return text;
}

static void
decimals(void)
{
	CHECK_STR(decimal("0.15", 6), "150000");
	CHECK_STR(decimal("15", 6), "15000000");
	CHECK_STR(decimal(".5", 6), "500000");
	CHECK_STR(decimal("5.", 6), "5000000");
	CHECK_STR(decimal("2.5e-06", 12), "2500000");
	CHECK_STR(decimal("2.5E-6", 12), "2500000");
	CHECK_STR(decimal("1e+3", 0), "1000");
	CHECK_STR(decimal("0", 12), "0");
	CHECK_STR(decimal("0e999999999999", 12), "0");
	CHECK_STR(decimal("0.000000000000000000000000000000000000000000000", 6),
	    "0");
	CHECK_STR(decimal("2.9999900000000002e-06", 12), "~2999990");
	CHECK_STR(decimal("0.0000005", 6), "~0");
	CHECK_STR(decimal("0.0000015", 6), "~2");
	CHECK_STR(decimal("0.00000050000000000000000000000000000000000000001",
		      6),
	    "~1");
	CHECK_STR(decimal("0.0000014999999999999999999999999999999999999999",
		      6),
	    "~1");
	CHECK_STR(decimal("1e-99", 6), "~0");
	CHECK_STR(decimal("1e-38", 0), "~0");
	CHECK_STR(decimal("1e-40", 2), "~0");
	CHECK_STR(decimal("9223372036854775807", 0), "9223372036854775807");
	CHECK_STR(decimal("9223372036854775808", 0), "no");
	CHECK_STR(decimal("9223372036854.775807", 6), "9223372036854775807");
	CHECK_STR(decimal("1000000000000000000000000000000000000000000", 0),
	    "no");
	CHECK_STR(decimal("1e99", 0), "no");
	CHECK_STR(decimal("100000000000000000000000000000000000000000e-41", 0),
	    "1");
	CHECK_STR(decimal("", 6), "no");
	CHECK_STR(decimal(".", 6), "no");
	CHECK_STR(decimal("-1", 6), "no");
	CHECK_STR(decimal("+1", 6), "no");
	CHECK_STR(decimal("1e", 6), "no");
	CHECK_STR(decimal("1e-", 6), "no");
	CHECK_STR(decimal("1 ", 6), "no");
	CHECK_STR(decimal("1,5", 6), "no");
	CHECK_STR(decimal("0x1", 6), "no");
	CHECK_STR(decimal("nan", 6), "no");
}

static const char *
round_trip(const char *s)
{
	static struct tk_buf b = TK_BUF_INIT;
	int64_t ms;

	tk_buf_release(&b);
	if (!price_time_parse(s, strlen(s), &ms))
		return "no";
	price_time_add(&b, ms);
	return b.s;
}

static void
times(void)
{
	int64_t ms, day;

	CHECK_STR(round_trip("1970-01-01"), "1970-01-01");
	CHECK_STR(round_trip("2024-02-29"), "2024-02-29");
	CHECK_STR(round_trip("2000-02-29"), "2000-02-29");
	CHECK_STR(round_trip("2026-04-26T12:15:00Z"), "2026-04-26T12:15:00Z");
	CHECK_STR(round_trip("2026-04-26T12:15Z"), "2026-04-26T12:15:00Z");
	CHECK_STR(round_trip("2026-04-26T00:00:00Z"), "2026-04-26");
	CHECK_STR(round_trip("2100-02-29"), "no");
	CHECK_STR(round_trip("2026-13-01"), "no");
	CHECK_STR(round_trip("2026-00-01"), "no");
	CHECK_STR(round_trip("2026-01-32"), "no");
	CHECK_STR(round_trip("2026-01-01T24:00:00Z"), "no");
	CHECK_STR(round_trip("2026-01-01T12:15:00"), "no");
	CHECK_STR(round_trip("2026-01-01T12:15+01:00"), "no");
	CHECK_STR(round_trip("2026-01-01T12:15"), "no");
	CHECK_STR(round_trip("1969-12-31"), "no");
	CHECK_STR(round_trip("2026-1-1"), "no");
	CHECK_STR(round_trip(""), "no");
	for (day = 0; day < 60000; day += 13) {
		struct tk_buf b = TK_BUF_INIT;

		price_time_add(&b, day * 86400000);
		if (!price_time_parse(b.s, b.len, &ms) || ms != day * 86400000)
			CHECK(!"every day is read as it is written");
		tk_buf_release(&b);
	}
}

static void
patterns(void)
{
	CHECK(price_glob_match("a*", "a"));
	CHECK(price_glob_match("a*", "abc/d"));
	CHECK(!price_glob_match("a*", "ba"));
	CHECK(price_glob_match("*b*", "abc"));
	CHECK(price_glob_match("*ab", "aab"));
	CHECK(!price_glob_match("*ab", "aba"));
	CHECK(price_glob_match("a?c", "abc"));
	CHECK(!price_glob_match("a?c", "ac"));
	CHECK(price_glob_match("a[0-9]", "a7"));
	CHECK(!price_glob_match("a[0-9]", "ab"));
	CHECK(price_glob_match("a[!0-9]", "ab"));
	CHECK(price_glob_match("a[]]", "a]"));
	CHECK(price_glob_match("a[b-]", "a-"));
	CHECK(price_glob_match("a[1", "a[1"));
	CHECK(!price_glob_match("a[1", "a1"));
	CHECK(price_glob_match("**", ""));
	CHECK(price_glob_match("", ""));
	CHECK(!price_glob_match("", "a"));
	CHECK(!price_glob_match("a", ""));
	CHECK(price_glob_match("*[0-9][0-9]", "x12"));
	/* Would take for ever, if every star went over the rest again. */
	CHECK(!price_glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static const char *
strip(const char *name)
{
	static char text[PRICE_NAME_MAX + 1];

	snprintf(text, sizeof(text), "%s", name);
	return price_strip(text) ? text : "nothing";
}

static void
suffixes(void)
{
	CHECK_STR(strip("a-2025-09-29"), "a");
	CHECK_STR(strip("a-20250929"), "a");
	CHECK_STR(strip("a-09-2025"), "a");
	CHECK_STR(strip("a-05-20"), "a");
	CHECK_STR(strip("a-250929"), "a");
	CHECK_STR(strip("a-0613"), "a");
	CHECK_STR(strip("a-2512"), "a");
	CHECK_STR(strip("a-001"), "a");
	CHECK_STR(strip("a-latest"), "a");
	CHECK_STR(strip("a-v1"), "a");
	CHECK_STR(strip("a-v1:0"), "a");
	CHECK_STR(strip("a-v0.1"), "a");
	CHECK_STR(strip("a:0"), "a");
	CHECK_STR(strip("a@20250929"), "a");
	CHECK_STR(strip("a@default"), "a");
	CHECK_STR(strip("a[1m]"), "a");
	CHECK_STR(strip("gpt-99"), "nothing");
	CHECK_STR(strip("gpt-4.1"), "nothing");
	CHECK_STR(strip("a-9999"), "nothing");
	CHECK_STR(strip("a-1300"), "nothing");
	CHECK_STR(strip("a-123"), "nothing");
	CHECK_STR(strip("a-20251399"), "nothing");
	CHECK_STR(strip("a-1999-01-01"), "a-1999");
	CHECK_STR(strip("-2025-09-29"), "-2025");
	CHECK_STR(strip("-v1"), "nothing");
	CHECK_STR(strip("@x"), "nothing");
	CHECK_STR(strip("[1m]"), "nothing");
	CHECK_STR(strip(":0"), "nothing");
	CHECK_STR(strip("1.5"), "nothing");
	CHECK_STR(strip("a"), "nothing");
	CHECK_STR(strip("7"), "nothing");
	CHECK_STR(strip(""), "nothing");
	CHECK_STR(strip("x@y/z"), "nothing");
}

static void
folding(void)
{
	char name[PRICE_NAME_MAX + 1], longest[PRICE_NAME_MAX + 2];

	CHECK(price_fold(name, "  Claude Opus 4"));
	CHECK_STR(name, "claude-opus-4");
	CHECK(!price_fold(name, ""));
	CHECK(!price_fold(name, "   "));
	memset(longest, 'A', sizeof(longest));
	longest[PRICE_NAME_MAX + 1] = '\0';
	CHECK(!price_fold(name, longest));
	longest[PRICE_NAME_MAX] = '\0';
	CHECK(price_fold(name, longest));
}

int
main(void)
{
	decimals();
	times();
	patterns();
	suffixes();
	folding();
	round_trip("");
	return tap_done();
}
