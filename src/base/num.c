#include "base/num.h"

#include <string.h>

#include "base/buf.h"

__extension__ typedef unsigned __int128 u128;

enum { MAX_DIGITS = 40, MAX_SEP = 16, MONEY_DECIMALS = 12 };

const struct tk_digits tk_digits_default = { ",", "." };
static const struct tk_digits machine_digits = { "", "." };

static const int64_t power10[] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
};

static u128
magnitude(tk_int128 n)
{
	return n < 0 ? -(u128)n : (u128)n;
}

/* n / unit, half to even. */
static u128
divide(u128 n, u128 unit)
{
	u128 q = n / unit, r = n % unit;

	return q + (r > unit - r || (r == unit - r && q % 2 == 1));
}

/* The digits of n end just before end; at least min of them. */
static char *
digits_before(char *end, u128 n, int min)
{
	char *s = end;
	uint64_t low;

	while (n > UINT64_MAX) {
		*--s = (char)('0' + (int)(n % 10));
		n /= 10;
	}
	for (low = (uint64_t)n; low > 0; low /= 10)
		*--s = (char)('0' + low % 10);
	while (end - s < min)
		*--s = '0';
	return s;
}

/* n / 10^decimals, with all of those decimals. */
static void
add_fixed(struct tk_buf *b, u128 n, int decimals, const struct tk_digits *d)
{
	char text[MAX_DIGITS];
	char *end = text + sizeof(text);
	char *s = digits_before(end, n, decimals + 1);
	size_t whole = (size_t)(end - s) - (size_t)decimals;
	size_t first = d->thousands[0] == '\0' ? whole : (whole - 1) % 3 + 1;

	if (decimals == 0 && first == whole) {
		tk_buf_add(b, s, whole);
		return;
	}
	tk_buf_add(b, s, first);
	for (size_t i = first; i < whole; i += 3) {
		tk_buf_adds(b, d->thousands);
		tk_buf_add(b, s + i, 3);
	}
	if (decimals > 0) {
		tk_buf_adds(b, d->decimal);
		tk_buf_add(b, s + whole, (size_t)decimals);
	}
}

bool
tk_int_parse(const char *s, size_t len, int64_t *n)
{
	bool negative = len > 0 && s[0] == '-';
	int64_t v = 0;
	size_t i = negative;

	if (i == len)
		return false;
	for (; i < len; i++) {
		int digit = s[i] - '0';

		/* Downwards, since INT64_MIN has no positive twin. */
		if (digit < 0 || digit > 9 ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, digit, &v))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, v, &v))
		return false;
	*n = v;
	return true;
}

void
tk_int128_add(struct tk_buf *b, tk_int128 n)
{
	if (n < 0)
		tk_buf_add(b, "-", 1);
	add_fixed(b, magnitude(n), 0, &machine_digits);
}

/* A decimal number taken apart: sign, digits with one point, exponent. */
struct decimal {
	bool negative;
	const char *s, *end; /* digits and at most one '.' */
	int64_t power;       /* of ten, of the first digit; in dollars */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "e-6" and nothing behind it.  Large ones are cut where they no longer
 * matter: no number has 10^15 digits. */
static bool
parse_exponent(const char *s, const char *end, int64_t *exponent)
{
	bool negative = false;

	if (s < end && (*s == '-' || *s == '+'))
		negative = *s++ == '-';
	if (s == end)
		return false;
	for (; s < end && is_digit(*s); s++)
		if (*exponent < INT64_C(1000000000000000))
			*exponent = *exponent * 10 + (*s - '0');
	if (negative)
		*exponent = -*exponent;
	return s == end;
}

static bool
parse_decimal(const char *s, size_t len, struct decimal *d)
{
	const char *end = s + len, *point = NULL;
	int64_t exponent = 0;
	bool any = false;

	*d = (struct decimal){ .s = s };
	if (s < end && (*s == '-' || *s == '+'))
		d->negative = *s++ == '-';
	for (d->s = s; s < end; s++) {
		if (is_digit(*s))
			any = true;
		else if (*s == '.' && point == NULL)
			point = s;
		else
			break;
	}
	d->end = s;
	if (!any)
		return false;
	if (s < end &&
	    ((*s != 'e' && *s != 'E') ||
		!parse_exponent(s + 1, end, &exponent)))
		return false;
	d->power = (point == NULL ? d->end : point) - d->s - 1 + exponent;
	return true;
}

/*
 * The number in units of 10^-12.  What is left of it below one unit: 0 for
 * nothing, 1 for under a half, 2 for a half, 3 for more.
 */
static bool
decimal_to_pico(const struct decimal *d, u128 *pico, int *rest)
{
	int64_t power = d->power + MONEY_DECIMALS;
	u128 v = 0;

	*rest = 0;
	for (const char *s = d->s; s < d->end; s++) {
		if (*s == '.')
			continue;
		if (power >= 0) {
			if (__builtin_mul_overflow(v, (u128)10, &v) ||
			    __builtin_add_overflow(v, (u128)(*s - '0'), &v))
				return false;
		} else if (power == -1) {
			*rest = *s < '5' ? *s > '0' : *s == '5' ? 2 : 3;
		} else if (*s > '0' && *rest % 2 == 0) {
			(*rest)++;
		}
		power--;
	}
	for (; power >= 0 && v > 0; power--)
		if (__builtin_mul_overflow(v, (u128)10, &v))
			return false;
	*pico = v;
	return true;
}

static bool
parse_money(const char *s, size_t len, bool exact, tk_int128 *pico)
{
	const u128 most = (u128)-1 >> 1;
	struct decimal d;
	u128 v;
	int rest;

	if (!parse_decimal(s, len, &d) || !decimal_to_pico(&d, &v, &rest) ||
	    (exact && rest > 0))
		return false;
	v += rest == 3 || (rest == 2 && v % 2 == 1);
	if (v > most + d.negative)
		return false;
	*pico = (tk_int128)(d.negative ? -v : v);
	return true;
}

bool
tk_money_parse(const char *s, size_t len, tk_int128 *pico)
{
	return parse_money(s, len, true, pico);
}

bool
tk_money_parse_near(const char *s, size_t len, tk_int128 *pico)
{
	return parse_money(s, len, false, pico);
}

bool
tk_part_parse(const char *s, int64_t *ppm)
{
	size_t len = strlen(s);
	bool percent = len > 0 && s[len - 1] == '%';
	tk_int128 pico, unit = TK_PICO_PER_USD / 1000000 * (percent ? 100 : 1);

	if (!tk_money_parse(s, len - percent, &pico) || pico % unit != 0 ||
	    pico <= 0 || pico / unit > 1000000)
		return false;
	*ppm = (int64_t)(pico / unit);
	return true;
}

void
tk_money_add(struct tk_buf *b, tk_int128 pico)
{
	u128 n = magnitude(pico);
	int decimals = MONEY_DECIMALS;

	if (pico < 0)
		tk_buf_add(b, "-", 1);
	while (decimals > 0 && n % 10 == 0) {
		n /= 10;
		decimals--;
	}
	add_fixed(b, n, decimals, &machine_digits);
}

int
tk_money_decimals(tk_int128 pico)
{
	u128 n = magnitude(pico);

	/* As it will look: $0.99996 is a round dollar. */
	if (n == 0 || divide(n, (u128)power10[8]) >= (u128)power10[4])
		return 2;
	return divide(n, (u128)power10[7]) >= (u128)power10[3] ? 4 : 5;
}

int
tk_money_all_decimals(tk_int128 pico)
{
	int n = MONEY_DECIMALS;

	while (n > 2 && pico % 10 == 0) {
		pico /= 10;
		n--;
	}
	return n;
}

void
tk_money_add_human(struct tk_buf *b, tk_int128 pico, int decimals,
    const struct tk_digits *d)
{
	u128 n;

	if (decimals < 0)
		decimals = tk_money_decimals(pico);
	if (decimals > MONEY_DECIMALS)
		decimals = MONEY_DECIMALS;
	n = divide(magnitude(pico), (u128)power10[MONEY_DECIMALS - decimals]);
	tk_buf_adds(b, pico < 0 && n > 0 ? "-$" : "$");
	add_fixed(b, n, decimals, d);
}

void
tk_int_add_grouped(struct tk_buf *b, tk_int128 n, const struct tk_digits *d)
{
	if (n < 0)
		tk_buf_add(b, "-", 1);
	add_fixed(b, magnitude(n), 0, d);
}

/* Columns of UTF-8 text in which every character is one column wide. */
static size_t
columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* n with that many figures, or as many as stand before the point. */
static void
add_figures(struct tk_buf *b, u128 n, int figures, const struct tk_digits *d)
{
	static const char letters[] = " KMBT";
	int unit = 1, decimals;
	u128 shown;

	while (unit < 4 && n / (u128)power10[3 * unit] >= 1000)
		unit++;
	for (;;) {
		u128 whole = n / (u128)power10[3 * unit];

		decimals = figures - (whole >= 100 ? 3 : whole >= 10 ? 2 : 1);
		if (decimals < 0)
			decimals = 0;
		shown = divide(n,
		    (u128)power10[3 * unit] / (u128)power10[decimals]);
		/* Rounding may have made one more digit: 9.996 is 10.0. */
		if (decimals > 0 && shown == (u128)power10[figures]) {
			shown /= 10;
			decimals--;
		}
		if (shown < (u128)power10[3 + decimals] || unit == 4)
			break;
		n = (u128)power10[3 * ++unit];
	}
	add_fixed(b, shown, decimals, d);
	tk_buf_add(b, letters + unit, 1);
}

void
tk_int_add_short(struct tk_buf *b, tk_int128 n, size_t width,
    const struct tk_digits *d)
{
	size_t start = b->len;

	tk_int_add_grouped(b, n, d);
	if (magnitude(n) < 1000)
		return;
	for (int figures = 3; figures > 0; figures--) {
		if (columns(b->s + start, b->len - start) <= width)
			return;
		b->s[b->len = start] = '\0';
		if (n < 0)
			tk_buf_add(b, "-", 1);
		add_figures(b, magnitude(n), figures, d);
	}
}

/* The next decimal of *rest / whole, without going over 128 bits. */
static u128
next_decimal(u128 *rest, u128 whole)
{
	u128 sum = 0, digit = 0;

	for (int i = 0; i < 10; i++) {
		sum += *rest;
		if (sum >= whole) {
			sum -= whole;
			digit++;
		}
	}
	*rest = sum;
	return digit;
}

void
tk_percent_add(struct tk_buf *b, tk_int128 part, tk_int128 whole, int decimals,
    const struct tk_digits *d)
{
	u128 w = magnitude(whole), n, rest;
	bool half_up;

	if (w == 0) {
		tk_buf_adds(b, "n/a");
		return;
	}
	decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
	n = magnitude(part);
	if (n <= UINT64_MAX / (u128)power10[decimals + 2] && w <= UINT64_MAX) {
		/* Nearly all: a division of 64 bits is several times faster. */
		uint64_t scaled = (uint64_t)n * (uint64_t)power10[decimals + 2];

		n = scaled / (uint64_t)w;
		rest = scaled % (uint64_t)w;
	} else {
		n = magnitude(part) / w;
		rest = magnitude(part) % w;
		if (n / (u128)power10[12] >= (u128)power10[12] * 10000) {
			tk_buf_adds(b,
			    (part < 0) == (whole < 0) ? ">1e30%" : "<-1e30%");
			return;
		}
		for (int i = 0; i < decimals + 2; i++)
			n = n * 10 + next_decimal(&rest, w);
	}
	half_up = rest > w - rest || (rest == w - rest && n % 2 == 1);
	if (n < 99 * (u128)power10[decimals] ||
	    n >= 100 * (u128)power10[decimals])
		n += half_up;
	if (n > 0 && (part < 0) != (whole < 0))
		tk_buf_add(b, "-", 1);
	add_fixed(b, n, decimals, d);
	tk_buf_add(b, "%", 1);
}

void
tk_bytes_add(struct tk_buf *b, int64_t bytes)
{
	static const char letters[] = "KMGTPE";
	u128 n = magnitude(bytes), shown = n;
	int unit = 0;

	if (bytes < 0)
		tk_buf_add(b, "-", 1);
	if (n < 1024) {
		add_fixed(b, n, 0, &machine_digits);
		tk_buf_adds(b, " B");
		return;
	}
	do {
		shown = divide(n * 10, (u128)1 << (10 * ++unit));
	} while (shown >= 10240 && unit < 6);
	add_fixed(b, shown, 1, &machine_digits);
	tk_buf_addf(b, " %ciB", letters[unit - 1]);
}
