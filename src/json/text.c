/* Strings and numbers of JSON, decoded. */
#include "base/buf.h"
#include "json/json.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static unsigned
hex4(const char *p)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i];

		n = n << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return n;
}

static size_t
encode(unsigned c, char *to)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The escape at p, which was checked before; its length in *used. */
static size_t
decode_escape(const char *p, const char *end, char *to, size_t *used)
{
	static const char plain[] = "b\bf\fn\nr\rt\t";
	unsigned c, low;

	*used = 2;
	if (p[1] != 'u') {
		to[0] = p[1];
		for (size_t i = 0; i + 1 < sizeof(plain); i += 2)
			if (plain[i] == p[1])
				to[0] = plain[i + 1];
		return 1;
	}
	*used = 6;
	c = hex4(p + 2);
	if (c < 0xd800 || c > 0xdfff)
		return encode(c, to);
	if (c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
		low = hex4(p + 8);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*used = 12;
			return encode(0x10000 +
				((c & 0x3ff) << 10 | (low & 0x3ff)),
			    to);
		}
	}
	return encode(0xfffd, to);
}

/*
 * The length of the UTF-8 sequence at p, 0 if it is none (Unicode 15, table
 * 3-7: shortest forms, no surrogates, at most U+10FFFF).
 */
static size_t
utf8_length(const char *p, const char *end)
{
	unsigned char c = (unsigned char)p[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if ((size_t)(end - p) < n)
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++) {
		unsigned char b = (unsigned char)p[i];

		if (b < low || b > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

bool
json_bytes_clean(const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		size_t used = utf8_length(p, end);

		if (used == 0 || (unsigned char)*p < 0x20)
			return false;
		p += used;
	}
	return true;
}

/* ASCII that stands for itself, eight bytes at a time: most of all text. */
static const char *
skip_ascii(const char *p, const char *end, bool escaped)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word, other;

	for (; end - p >= 8; p += 8) {
		memcpy(&word, p, sizeof(word));
		/* a byte that is '\\' becomes 0, which borrows */
		other = word ^ ones * '\\';
		if ((word & ones << 7) != 0 ||
		    (escaped && ((other - ones) & ~other & ones << 7) != 0))
			break;
	}
	return p;
}

void
json_text_add(const struct json_text *t, struct tk_buf *b)
{
	const char *p = t->p, *end = p + t->n;

	while (p < end) {
		const char *run = p;
		char bytes[4];
		size_t used, n;

		p = skip_ascii(p, end, t->escaped);
		while (p < end && (*p != '\\' || !t->escaped) &&
		    (used = utf8_length(p, end)) > 0)
			p += used;
		tk_buf_add(b, run, (size_t)(p - run));
		if (p >= end)
			break;
		if (*p == '\\') {
			n = decode_escape(p, end, bytes, &used);
			tk_buf_add(b, bytes, n);
			p += used;
		} else {
			tk_buf_adds(b, replacement);
			p++;
		}
	}
}

bool
json_text_equal(const struct json_text *t, const char *word, size_t n)
{
	const char *p = t->p, *end = p + t->n;

	while (p < end) {
		char bytes[4];
		size_t used = 1, len = 1;

		bytes[0] = *p;
		if (*p == '\\')
			len = decode_escape(p, end, bytes, &used);
		if (len > n || memcmp(bytes, word, len) != 0)
			return false;
		word += len;
		n -= len;
		p += used;
	}
	return n == 0;
}

/* What follows the 'e', held within what any int64_t could need. */
static bool
parse_exponent(const char *s, const char *end, int64_t *to)
{
	const int64_t most = INT64_C(1) << 40;
	bool negative = false;
	int64_t e = 0;

	if (s < end && (*s == '-' || *s == '+'))
		negative = *s++ == '-';
	if (s >= end)
		return false;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (e < most)
			e = e * 10 + (*s - '0');
	}
	*to = negative ? -e : e;
	return true;
}

/*
 * The digits without point, leading and trailing zeros are the number
 * shifted by a power of ten; it is whole when that power is not negative.
 * The number is built below zero, where int64_t reaches further.
 */
bool
json_int_parse(const char *s, size_t len, int64_t *to)
{
	const char *p = s, *end = s + len, *digits;
	bool negative = p < end && *p == '-', point = false, any = false;
	int64_t n = 0, zeros = 0, power = 0, exponent = 0;

	p += negative;
	for (digits = p; p < end && (*p == '.' || (*p >= '0' && *p <= '9'));
	     p++) {
		if (*p == '.') {
			if (point || p == digits)
				return false;
			point = true;
			continue;
		}
		any = true;
		power -= point;
		if (*p == '0') {
			zeros++;
			continue;
		}
		if (n != 0)
			for (; zeros > 0; zeros--)
				if (__builtin_mul_overflow(n, 10, &n))
					return false;
		zeros = 0;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, *p - '0', &n))
			return false;
	}
	if (!any)
		return false;
	if (p < end &&
	    ((*p != 'e' && *p != 'E') ||
		!parse_exponent(p + 1, end, &exponent)))
		return false;
	power += exponent + zeros;
	if (n != 0 && power < 0)
		return false;
	for (; n != 0 && power > 0; power--)
		if (__builtin_mul_overflow(n, 10, &n))
			return false;
	if (!negative && n == INT64_MIN)
		return false;
	*to = negative ? n : -n;
	return true;
}
