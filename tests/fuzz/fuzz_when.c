/* Dates, durations and stamps of any bytes; ranges are never turned round. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_stamp(const struct tk_zone *z, const char *s, size_t len)
{
	struct tk_buf b = TK_BUF_INIT;
	int64_t ms, again;

	if (tk_time_parse(s, len, z, &ms)) {
		tk_time_add(&b, z, ms);
		/* One hour of either end of the years may spill over. */
		if (ms >= TK_TIME_MIN && ms <= TK_TIME_MAX - 86400000 &&
		    (!tk_time_parse(b.s, b.len, NULL, &again) || again != ms))
			abort();
	}
	tk_buf_release(&b);
}

static void
check_day(const struct tk_zone *z, int64_t ms)
{
	int32_t day = tk_zone_day(z, ms);
	int year, month, mday;

	tk_day_to_civil(day, &year, &month, &mday);
	if (tk_day_from_civil(year, month, mday) != day)
		abort();
	if (day > -TK_DAY_LIMIT && day < TK_DAY_LIMIT &&
	    (tk_zone_day_start(z, day) > ms ||
		tk_zone_day_start(z, day) > tk_zone_day_start(z, day + 1)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tk_zone *z;
	struct tk_err err = TK_ERR_INIT;
	struct tk_clock clock = { .now = INT64_C(1795267927000) };
	struct tk_range r;
	int64_t ms = 0;
	char *text;
	int flags;

	if (z == NULL &&
	    tk_zone_open(&z, "CET-1CEST,M3.5.0,M10.5.0/3", &err) < 0)
		abort();
	clock.zone = z;
	memcpy(&ms, data, size < sizeof(ms) ? size : sizeof(ms));
	check_day(z, ms);
	check_stamp(z, (const char *)data, size);
	if (size > 0)
		clock.week_start = data[0] % 7;
	text = strndup((const char *)data, size);
	if (tk_when_parse(text, &clock, &r, &err) == 0 && r.since > r.until)
		abort();
	if (tk_range_resolve(text, NULL, NULL, &clock, &r, &flags, &err) == 0 &&
	    r.since > r.until)
		abort();
	if (tk_range_resolve(NULL, NULL, text, &clock, &r, &flags, &err) == 0 &&
	    r.since > r.until)
		abort();
	if (tk_duration_parse(text, &ms, &err) == 0 && ms < 0)
		abort();
	free(text);
	return 0;
}
