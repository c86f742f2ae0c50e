#include "base/base64.h"

#include <stdint.h>

#include "base/buf.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
tk_base64_add(struct tk_buf *b, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (; n > 0; p += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		uint32_t bits = (uint32_t)p[0] << 16 |
		    (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
		char four[4] = { digits[bits >> 18], digits[bits >> 12 & 63],
			n > 1 ? digits[bits >> 6 & 63] : '=',
			n > 2 ? digits[bits & 63] : '=' };

		tk_buf_add(b, four, sizeof(four));
	}
}

int
tk_base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool
tk_base64_decode(struct tk_buf *b, size_t from)
{
	size_t n = b->len, out = from;
	uint32_t bits = 0;
	int have = 0;

	while (n > from && b->s[n - 1] == '=' && b->len - n < 2)
		n--;
	for (size_t i = from; i < n; i++) {
		int value = tk_base64_digit((unsigned char)b->s[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if ((have += 6) >= 8)
			b->s[out++] = (char)(bits >> (have -= 8));
	}
	if (b->len > from)
		b->s[b->len = out] = '\0';
	return (n - from) % 4 != 1;
}
