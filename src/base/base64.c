#include "base/base64.h"

#include <stdint.h>
#include <string.h>

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

bool
tk_base64_decode(struct tk_buf *b, const char *text, size_t n)
{
	uint32_t bits = 0;
	int have = 0;

	while (n > 0 && text[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		const char *at =
		    text[i] != '\0' ? strchr(digits, text[i]) : NULL;
		char byte;

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		byte = (char)(bits >> have & 255);
		tk_buf_add(b, &byte, 1);
	}
	return n % 4 != 1;
}
