#include "base/num.h"

#include "base/buf.h"
#include "tap.h"

#define INT128_MAX ((((tk_int128)1 << 126) - 1) * 2 + 1)
#define INT128_MIN (-INT128_MAX - 1)
#define USD(n) ((tk_int128)(n)*TK_PICO_PER_USD)
#define MICRO(n) ((tk_int128)(n)*1000000)

static struct tk_buf b = TK_BUF_INIT;

/* Each helper gives the text that its function appended. */
#define TEXT(call) (tk_buf_reset(&b), (call), b.s)
#define PLAIN(n) TEXT(tk_int128_add(&b, (n)))
#define MONEY(n) TEXT(tk_money_add(&b, (n)))
#define HUMAN(n, dec) \
	TEXT(tk_money_add_human(&b, (n), (dec), &tk_digits_default))
#define GROUPED(n) TEXT(tk_int_add_grouped(&b, (n), &tk_digits_default))
#define SHORT(n, w) TEXT(tk_int_add_short(&b, (n), (w), &tk_digits_default))
#define PERCENT(p, w, dec) \
	TEXT(tk_percent_add(&b, (p), (w), (dec), &tk_digits_default))
#define BYTES(n) TEXT(tk_bytes_add(&b, (n)))

static void
whole_numbers_are_read(void)
{
	static const struct {
		const char *s;
		bool ok;
		int64_t n;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "--1", false, 0 },
		{ "+1", false, 0 },
		{ "1 ", false, 0 },
		{ " 1", false, 0 },
		{ "1.0", false, 0 },
		{ "0x10", false, 0 },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		int64_t n = 0;
		bool ok = tk_int_parse(cases[i].s, strlen(cases[i].s), &n);

		tap_result(ok == cases[i].ok && (!ok || n == cases[i].n),
		    cases[i].s, __FILE__, __LINE__);
	}
}

static void
whole_numbers_are_printed(void)
{
	CHECK_STR(PLAIN(0), "0");
	CHECK_STR(PLAIN(INT64_MIN), "-9223372036854775808");
	CHECK_STR(PLAIN(INT128_MAX), "170141183460469231731687303715884105727");
	CHECK_STR(PLAIN(INT128_MIN),
	    "-170141183460469231731687303715884105728");
	CHECK_STR(PLAIN((tk_int128)UINT64_MAX), "18446744073709551615");
	CHECK_STR(PLAIN((tk_int128)UINT64_MAX + 1), "18446744073709551616");
	CHECK_STR(GROUPED(0), "0");
	CHECK_STR(GROUPED(-999), "-999");
	CHECK_STR(GROUPED(1000), "1,000");
	CHECK_STR(GROUPED(-1274175), "-1,274,175");
	CHECK_STR(GROUPED(INT128_MIN),
	    "-170,141,183,460,469,231,731,687,303,715,884,105,728");
}

static void
people_choose_their_digits(void)
{
	static const struct tk_digits german = { ".", "," };
	static const struct tk_digits none = { "", "." };
	static const struct tk_digits thin = { "\xe2\x80\xaf", "," };

	CHECK_STR(TEXT(tk_int_add_grouped(&b, 1274175, &german)), "1.274.175");
	CHECK_STR(TEXT(tk_int_add_grouped(&b, 1274175, &none)), "1274175");
	CHECK_STR(TEXT(tk_money_add_human(&b, USD(12345) / 10, -1, &german)),
	    "$1.234,50");
	CHECK_STR(TEXT(tk_int_add_short(&b, 1274175, 9, &thin)),
	    "1\xe2\x80\xaf"
	    "274\xe2\x80\xaf"
	    "175");
	CHECK_STR(TEXT(tk_int_add_short(&b, 1274175, 8, &thin)), "1,27M");
}

static void
money_is_read_exactly(void)
{
	static const struct {
		const char *s;
		const char *pico; /* NULL: refused */
	} cases[] = {
		{ "12.5", "12500000000000" },
		{ ".5", "500000000000" },
		{ "5.", "5000000000000" },
		{ "1e-6", "1000000" },
		{ "1E+2", "100000000000000" },
		{ "-0.000000000001", "-1" },
		{ "+3", "3000000000000" },
		{ "0.0000000000010000000", "1" },
		{ "100000000000000e-14", "1000000000000" },
		{ "0.00000000000000000000000001e14", "1" },
		{ "0e99999999999999999999999", "0" },
		{ "-0", "0" },
		{ "170141183460469231731687303.715884105727",
		    "170141183460469231731687303715884105727" },
		{ "-170141183460469231731687303.715884105728",
		    "-170141183460469231731687303715884105728" },
		{ "170141183460469231731687303.715884105728", NULL },
		{ "-170141183460469231731687303.715884105729", NULL },
		{ "1e27", NULL },
		{ "1e99999999999999999999999", NULL },
		{ "0.0000000000001", NULL },
		{ "1e-99999999999999999999999", NULL },
		{ "", NULL },
		{ ".", NULL },
		{ "-", NULL },
		{ "-.e1", NULL },
		{ "1e", NULL },
		{ "1e+", NULL },
		{ "1e1.5", NULL },
		{ "1.2.3", NULL },
		{ "1,5", NULL },
		{ "$1", NULL },
		{ "1 ", NULL },
		{ "nan", NULL },
		{ "inf", NULL },
		{ "0x1p3", NULL },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		tk_int128 n = 0;
		bool ok = tk_money_parse(cases[i].s, strlen(cases[i].s), &n);

		tap_result(ok ? cases[i].pico != NULL &&
			    strcmp(PLAIN(n), cases[i].pico) == 0
			      : cases[i].pico == NULL,
		    cases[i].s, __FILE__, __LINE__);
	}
}

static void
money_from_floats_is_rounded(void)
{
	static const struct {
		const char *s, *pico;
	} cases[] = {
		{ "0.010200000000000001", "10200000000" },
		{ "0.010199999999999999", "10200000000" },
		{ "0.0000000000005", "0" },
		{ "0.0000000000015", "2" },
		{ "0.0000000000025", "2" },
		{ "0.00000000000250001", "3" },
		{ "0.0000000000024999", "2" },
		{ "-0.0000000000015", "-2" },
		{ "6e-13", "1" },
		{ "6e-14", "0" },
		{ "1e-999999", "0" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		tk_int128 n = 0;

		CHECK(tk_money_parse_near(cases[i].s, strlen(cases[i].s), &n));
		CHECK_STR(PLAIN(n), cases[i].pico);
	}
}

static void
money_is_printed_for_machines(void)
{
	CHECK_STR(MONEY(0), "0");
	CHECK_STR(MONEY(1), "0.000000000001");
	CHECK_STR(MONEY(-1), "-0.000000000001");
	CHECK_STR(MONEY(MICRO(4900)), "0.0049");
	CHECK_STR(MONEY(USD(-3)), "-3");
	CHECK_STR(MONEY(USD(1275) / 100), "12.75");
	CHECK_STR(MONEY(USD(1000)), "1000");
	CHECK_STR(MONEY(INT128_MIN),
	    "-170141183460469231731687303.715884105728");
}

static void
money_is_printed_for_people(void)
{
	CHECK_STR(HUMAN(0, -1), "$0.00");
	CHECK_STR(HUMAN(USD(1275) / 100, -1), "$12.75");
	CHECK_STR(HUMAN(USD(-3), -1), "-$3.00");
	CHECK_STR(HUMAN(USD(1234567), -1), "$1,234,567.00");
	CHECK_STR(HUMAN(MICRO(18700), -1), "$0.0187");
	CHECK_STR(HUMAN(MICRO(4900), -1), "$0.00490");
	CHECK_STR(HUMAN(MICRO(10000), -1), "$0.0100");
	CHECK_STR(HUMAN(MICRO(9999), -1), "$0.0100");
	CHECK_STR(HUMAN(USD(1), -1), "$1.00");
	CHECK_STR(HUMAN(MICRO(999949), -1), "$0.9999");
	CHECK_STR(HUMAN(MICRO(999950), -1), "$1.00");
	CHECK_STR(HUMAN(MICRO(999999), -1), "$1.00");
	/* Half to even, at the digit that is shown. */
	CHECK_STR(HUMAN(MICRO(1005000), -1), "$1.00");
	CHECK_STR(HUMAN(MICRO(1015000), -1), "$1.02");
	CHECK_STR(HUMAN(MICRO(1005001), -1), "$1.01");
	CHECK_STR(HUMAN(MICRO(-1015000), -1), "-$1.02");
	/* Nothing is not less than nothing. */
	CHECK_STR(HUMAN(-1, -1), "$0.00000");
	CHECK_STR(HUMAN(MICRO(4900), 2), "$0.00");
	CHECK_STR(HUMAN(MICRO(4900), 0), "$0");
	CHECK_STR(HUMAN(USD(3), 4), "$3.0000");
	CHECK_STR(HUMAN(1, 99), "$0.000000000001");
	CHECK_STR(HUMAN(INT128_MIN, -1),
	    "-$170,141,183,460,469,231,731,687,303.72");
	CHECK(tk_money_decimals(USD(-5)) == 2);
	CHECK(tk_money_decimals(MICRO(-50000)) == 4);
	CHECK(tk_money_decimals(1) == 5);
	CHECK(tk_money_all_decimals(USD(2)) == 2);
	CHECK(tk_money_all_decimals(MICRO(-125000)) == 3);
	CHECK(tk_money_all_decimals(1) == 12);
}

static void
short_forms_keep_three_figures(void)
{
	CHECK_STR(SHORT(1274175, 9), "1,274,175");
	CHECK_STR(SHORT(1274175, 8), "1.27M");
	CHECK_STR(SHORT(1274175, 5), "1.27M");
	CHECK_STR(SHORT(1274175, 4), "1.3M");
	CHECK_STR(SHORT(1274175, 2), "1M");
	CHECK_STR(SHORT(1274175, 0), "1M");
	CHECK_STR(SHORT(-1274175, 6), "-1.27M");
	CHECK_STR(SHORT(999, 1), "999");
	CHECK_STR(SHORT(1000, 4), "1.0K");
	CHECK_STR(SHORT(9996, 4), "10K");
	CHECK_STR(SHORT(99960, 5), "100K");
	CHECK_STR(SHORT(12345, 5), "12.3K");
	CHECK_STR(SHORT(12350, 5), "12.4K");
	CHECK_STR(SHORT(12450, 5), "12.4K");
	CHECK_STR(SHORT(999499, 5), "999K");
	CHECK_STR(SHORT(999999, 5), "1.00M");
	CHECK_STR(SHORT(999999999, 5), "1.00B");
	CHECK_STR(SHORT(INT64_C(999999999999), 5), "1.00T");
	CHECK_STR(SHORT(INT64_MAX, 9), "9,223,372T");
	CHECK_STR(SHORT(INT128_MIN, 9),
	    "-170,141,183,460,469,231,731,687,304T");
}

static void
percent_is_full_only_at_the_limit(void)
{
	CHECK_STR(PERCENT(0, 5, 1), "0.0%");
	CHECK_STR(PERCENT(425, 1000, 1), "42.5%");
	CHECK_STR(PERCENT(9996, 10000, 1), "99.9%");
	CHECK_STR(PERCENT(9996, 10000, 0), "99%");
	CHECK_STR(PERCENT(9996, 10000, 2), "99.96%");
	CHECK_STR(PERCENT(9895, 10000, 0), "99%");
	CHECK_STR(PERCENT(9850, 10000, 0), "98%");
	CHECK_STR(PERCENT(1, 1, 1), "100.0%");
	CHECK_STR(PERCENT(65454, 60000, 1), "109.1%");
	CHECK_STR(PERCENT(1, 8, 0), "12%");
	CHECK_STR(PERCENT(3, 8, 0), "38%");
	CHECK_STR(PERCENT(1, 3, 6), "33.333333%");
	CHECK_STR(PERCENT(-1, 8, 1), "-12.5%");
	CHECK_STR(PERCENT(-1, 100000, 1), "0.0%");
	CHECK_STR(PERCENT(-1, -8, 1), "12.5%");
	CHECK_STR(PERCENT(3, 0, 1), "n/a");
	CHECK_STR(PERCENT(INT128_MAX, INT128_MIN, 1), "-99.9%");
	CHECK_STR(PERCENT(INT128_MIN, INT128_MIN, 6), "100.000000%");
	CHECK_STR(PERCENT(INT128_MAX, 1, 1), ">1e30%");
	CHECK_STR(PERCENT(INT128_MIN, 1, 1), "<-1e30%");
	CHECK_STR(PERCENT(INT128_MAX, INT64_MAX, 0),
	    "1,844,674,407,370,955,161,800%");
}

static void
bytes_are_binary(void)
{
	CHECK_STR(BYTES(0), "0 B");
	CHECK_STR(BYTES(512), "512 B");
	CHECK_STR(BYTES(1023), "1023 B");
	CHECK_STR(BYTES(1024), "1.0 KiB");
	CHECK_STR(BYTES(1536), "1.5 KiB");
	CHECK_STR(BYTES(1048575), "1.0 MiB");
	CHECK_STR(BYTES(INT64_C(3435973837)), "3.2 GiB");
	CHECK_STR(BYTES(INT64_MAX), "8.0 EiB");
	CHECK_STR(BYTES(INT64_MIN), "-8.0 EiB");
}

static void
parts_are_of_one(void)
{
	static const char *const wrong[] = { "", "%", "0", "0%", "-0.5", "1.01",
		"101%", "x", "0.8 ", "0.00000001" };
	int64_t ppm;

	CHECK(tk_part_parse("0.8", &ppm) && ppm == 800000);
	CHECK(tk_part_parse("80%", &ppm) && ppm == 800000);
	CHECK(tk_part_parse("0.0001%", &ppm) && ppm == 1);
	CHECK(tk_part_parse("1", &ppm) && ppm == 1000000);
	for (size_t i = 0; i < TK_LEN(wrong); i++)
		CHECK(!tk_part_parse(wrong[i], &ppm));
}

int
main(void)
{
	parts_are_of_one();
	whole_numbers_are_read();
	whole_numbers_are_printed();
	people_choose_their_digits();
	money_is_read_exactly();
	money_from_floats_is_rounded();
	money_is_printed_for_machines();
	money_is_printed_for_people();
	short_forms_keep_three_figures();
	percent_is_full_only_at_the_limit();
	bytes_are_binary();
	tk_buf_release(&b);
	return tap_done();
}
