/*
 * GPT-2's way to write bytes as characters that can be seen: those that can
 * be are themselves, and the others, in order, are U+0100 and following.
 */
#include <string.h>

#include "tokenizer/read.h"

static bool
is_itself(uint32_t c)
{
	return (c >= 0x21 && c <= 0x7e) || (c >= 0xa1 && c <= 0xac) ||
	    (c >= 0xae && c <= 0xff);
}

/* The byte of a character, or -1. */
static int
byte_of(uint32_t cp)
{
	static int16_t table[0x100 + 68];
	static bool made;

	if (!made) {
		int next = 0x100;

		memset(table, 0xff, sizeof(table));
		for (int c = 0; c < 256; c++)
			table[is_itself((uint32_t)c) ? c : next++] = (int16_t)c;
		made = true;
	}
	return cp < 0x100 + 68 ? table[cp] : -1;
}

bool
byte_level_decode(const void *text, size_t n, struct tk_buf *to)
{
	const uint8_t *p = text;
	unsigned k;

	tk_buf_reset(to);
	for (size_t at = 0; at < n; at += k) {
		int byte = byte_of(model_char(p + at, &k));
		char c = (char)byte;

		if (byte < 0)
			return false;
		tk_buf_add(to, &c, 1);
	}
	return true;
}
