/* JSON objects for the audit chain: detail.h. */
#include "limit/detail.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void
detail_begin(struct tk_buf *b)
{
	tk_buf_adds(b, "{");
}

static void
add_key(struct tk_buf *b, const char *key)
{
	tk_buf_addf(b, "%s\"%s\":", b->s[b->len - 1] == '{' ? "" : ",", key);
}

/* NULL is left out. */
void
detail_text(struct tk_buf *b, const char *key, const char *text)
{
	size_t len, n;
	int32_t cp;

	if (text == NULL)
		return;
	add_key(b, key);
	tk_buf_adds(b, "\"");
	for (len = strlen(text); len > 0; text += n, len -= n) {
		unsigned char c = (unsigned char)*text;

		n = tk_utf8_step(text, len, &cp);
		if (c == '"' || c == '\\')
			tk_buf_addf(b, "\\%c", c);
		else if (c < 0x20)
			tk_buf_addf(b, "\\u%04x", c);
		else if (cp < 0)
			tk_buf_adds(b, "\xef\xbf\xbd");
		else
			tk_buf_add(b, text, n);
	}
	tk_buf_adds(b, "\"");
}

void
detail_int(struct tk_buf *b, const char *key, tk_int128 n)
{
	add_key(b, key);
	tk_int128_add(b, n);
}

void
detail_money(struct tk_buf *b, const char *key, tk_int128 pico)
{
	add_key(b, key);
	tk_money_add(b, pico);
}

void
detail_end(struct tk_buf *b)
{
	tk_buf_adds(b, "}");
}
