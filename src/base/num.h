#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;

/*
 * Whole numbers and money: parsing and printing, never through a float.
 *
 * Money is a count of pico-dollars (10^-12 USD).  A price in USD per million
 * tokens with six decimals is a whole number of pico-dollars a token, so
 * every product and sum is exact.  One record's cost fits int64_t (9.2
 * million dollars); sums use tk_int128.
 */
__extension__ typedef __int128 tk_int128;

#define TK_PICO_PER_USD INT64_C(1000000000000)

/* How people want their digits; from ui.thousands and ui.decimal. */
struct tk_digits {
	const char *thousands; /* "," by default; "" for none */
	const char *decimal;   /* "." by default */
};

extern const struct tk_digits tk_digits_default;

/* The whole string is a decimal int64_t, with an optional '-'. */
bool tk_int_parse(const char *s, size_t len, int64_t *n);

/* Decimal digits, as machines read them. */
void tk_int128_add(struct tk_buf *b, tk_int128 n);

/*
 * A decimal number of dollars ("12.5", ".5", "1e-6", "-0.000000000001") as
 * pico-dollars.  False when it is no number, has more than 12 decimals that
 * matter, or is out of range.
 */
bool tk_money_parse(const char *s, size_t len, tk_int128 *pico);

/* The same, but further decimals are rounded, half to even: for numbers
 * that passed through someone's float, as 0.010200000000000001. */
bool tk_money_parse_near(const char *s, size_t len, tk_int128 *pico);

/* "0.8" or "80%" as parts per million, above 0 and up to 1; false otherwise. */
bool tk_part_parse(const char *s, int64_t *ppm);

/* Exactly, without trailing zeros: "0.0049", "-3", "12.75". */
void tk_money_add(struct tk_buf *b, tk_int128 pico);

/*
 * For people: "$12.75", "$0.0187", "$0.00490", "-$3.00", "$0.00" for
 * nothing: decimals by size, or as many (up to 12) as are given when
 * decimals >= 0.  Rounds half to even.
 */
void tk_money_add_human(struct tk_buf *b, tk_int128 pico, int decimals,
    const struct tk_digits *d);

/* How many decimals tk_money_add_human() would use. */
int tk_money_decimals(tk_int128 pico);

/* As many as it has, but cents at least: "$2.00", "$0.125". */
int tk_money_all_decimals(tk_int128 pico);

/* "1,274,175". */
void tk_int_add_grouped(struct tk_buf *b, tk_int128 n,
    const struct tk_digits *d);

/*
 * In at most width columns: "1,274,175" while that fits, else three figures
 * and K, M, B or T: "1.27M".  Below that figures are dropped, "1.3M", "1M",
 * but never digits before the point, even if that is wider than asked for.
 */
void tk_int_add_short(struct tk_buf *b, tk_int128 n, size_t width,
    const struct tk_digits *d);

/*
 * part/whole as "42.5%" with that many decimals (up to 6), half to even; but
 * from 99 to 100 toward zero, so that 99.96 is "99.9%", not "100.0%".  "n/a"
 * when whole is 0; ">1e30%" for more than that.
 */
void tk_percent_add(struct tk_buf *b, tk_int128 part, tk_int128 whole,
    int decimals, const struct tk_digits *d);

/* "512 B", "1.5 KiB", "3.2 GiB"; half to even. */
void tk_bytes_add(struct tk_buf *b, int64_t bytes);

#endif
