/* JSON objects for the audit chain: detail.h. */
#include "limit/detail.h"

#include <string.h>

#include "base/buf.h"
#include "json/write.h"

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
	if (text == NULL)
		return;
	add_key(b, key);
	json_string_add(b, text, strlen(text));
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
