/* What is printed exactly is read back as the same number. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(tk_int128 n)
{
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 again = 0;

	tk_money_add(&b, n);
	if (!tk_money_parse(b.s, b.len, &again) || again != n)
		abort();
	tk_buf_reset(&b);
	tk_int128_add(&b, n);
	if (n >= INT64_MIN && n <= INT64_MAX) {
		int64_t small = 0;

		if (!tk_int_parse(b.s, b.len, &small) || small != n)
			abort();
	}
	for (int decimals = -1; decimals < 14; decimals++)
		tk_money_add_human(&b, n, decimals, &tk_digits_default);
	for (size_t width = 0; width < 12; width++) {
		tk_buf_reset(&b);
		tk_int_add_short(&b, n, width, &tk_digits_default);
		/* "-1.27M" is the widest that is needed below 10^15. */
		if (width >= 6 && b.len > width &&
		    n < INT64_C(999000000000000) &&
		    n > INT64_C(-999000000000000))
			abort();
	}
	tk_buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 n, near, pair[2] = { 0, 0 };
	int64_t whole;

	if (tk_money_parse(s, size, &n)) {
		if (!tk_money_parse_near(s, size, &near) || near != n)
			abort();
		round_trip(n);
	} else if (tk_money_parse_near(s, size, &near)) {
		round_trip(near);
	}
	if (tk_int_parse(s, size, &whole))
		round_trip(whole);
	memcpy(pair, data, size < sizeof(pair) ? size : sizeof(pair));
	round_trip(pair[0]);
	for (int decimals = -1; decimals < 8; decimals++)
		tk_percent_add(&b, pair[0], pair[1], decimals,
		    &tk_digits_default);
	tk_bytes_add(&b, (int64_t)pair[0]);
	tk_buf_release(&b);
	return 0;
}
