#ifndef OUT_OUT_DIGITS_H
#define OUT_OUT_DIGITS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/*
 * Numbers as decimal digits without a loop or a branch for each digit: eight
 * at a time, by dividing in all parts of a word at once.  These write up to
 * OUT_DIGITS_MORE bytes behind what they return.
 */
enum { OUT_DIGITS_MORE = 8 };

/* n < 10^8 as eight numbers below 10, the first digit in the lowest byte.
 * 10486 / 2^20 and 103 / 2^10 are 1/100 and 1/10, near enough for numbers
 * below 10000 and 100. */
static inline uint64_t
out_eight_digits(uint32_t n)
{
	uint64_t x = n / 10000 | (uint64_t)(n % 10000) << 32, q;

	q = (x * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
	x = q | (x - q * 100) << 16;
	q = (x * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	return q | (x - q * 10) << 8;
}

static inline void
out_put_eight(char *p, uint64_t digits)
{
	digits = htole64(digits | UINT64_C(0x3030303030303030));
	memcpy(p, &digits, 8);
}

static inline char *
out_put_small(char *p, uint32_t n)
{
	uint64_t x = out_eight_digits(n);
	/* the last digit stays, even if it is 0 */
	int zeros = __builtin_ctzll(x | UINT64_C(1) << 56) / 8;

	x |= UINT64_C(0x3030303030303030);
	x = htole64(x >> (8 * zeros));
	memcpy(p, &x, 8);
	return p + 8 - zeros;
}

static inline char *
out_put_digits(char *p, uint64_t n)
{
	const uint64_t part = 100000000;

	if (n < part)
		return out_put_small(p, (uint32_t)n);
	if (n < part * part) {
		p = out_put_small(p, (uint32_t)(n / part));
	} else {
		p = out_put_small(p, (uint32_t)(n / part / part));
		out_put_eight(p, out_eight_digits((uint32_t)(n / part % part)));
		p += 8;
	}
	out_put_eight(p, out_eight_digits((uint32_t)(n % part)));
	return p + 8;
}

/* n < 10^12 as twelve digits, but for zeros at their end; n is not 0. */
static inline char *
out_put_twelve(char *p, uint64_t n)
{
	uint64_t high = out_eight_digits((uint32_t)(n / 10000));
	uint64_t low = out_eight_digits((uint32_t)(n % 10000) * 10000);

	out_put_eight(p, high);
	if (low == 0)
		return p + 8 - __builtin_clzll(high) / 8;
	out_put_eight(p + 8, low);
	return p + 16 - __builtin_clzll(low) / 8;
}

#endif
