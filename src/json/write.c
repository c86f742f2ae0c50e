#include "json/write.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static void
add_escape(struct tk_buf *b, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = memchr(from, c, sizeof(from) - 1);

	if (known != NULL)
		tk_buf_addf(b, "\\%c", to[known - from]);
	else
		tk_buf_addf(b, "\\u%04x", (unsigned)(unsigned char)c);
}

void
json_string_add(struct tk_buf *b, const char *s, size_t len)
{
	tk_buf_adds(b, "\"");
	for (size_t i = 0, n; i < len; i += n) {
		int32_t cp;

		n = tk_utf8_step(s + i, len - i, &cp);
		if (cp < 0)
			tk_buf_adds(b, "\xef\xbf\xbd");
		else if (cp < 0x20 || cp == '"' || cp == '\\')
			add_escape(b, s[i]);
		else
			tk_buf_add(b, s + i, n);
	}
	tk_buf_adds(b, "\"");
}

static void
break_line(struct json_write *w)
{
	if (w->indent > 0)
		tk_buf_addf(w->to, "\n%*s", w->indent * w->depth, "");
}

/* What stands before a key, or before a value that has none. */
static void
separate(struct json_write *w)
{
	if (w->keyed) {
		w->keyed = false;
		return;
	}
	if (w->some)
		tk_buf_adds(w->to, ",");
	if (w->depth > 0)
		break_line(w);
	w->some = true;
}

void
json_write_open(struct json_write *w, char bracket)
{
	separate(w);
	tk_buf_add(w->to, &bracket, 1);
	w->depth++;
	w->some = false;
}

void
json_write_close(struct json_write *w, char bracket)
{
	w->depth--;
	if (w->some)
		break_line(w);
	tk_buf_add(w->to, &bracket, 1);
	w->some = true;
}

void
json_write_key(struct json_write *w, const char *key)
{
	separate(w);
	json_string_add(w->to, key, strlen(key));
	tk_buf_adds(w->to, w->indent > 0 ? ": " : ":");
	w->keyed = true;
}

void
json_write_raw(struct json_write *w, const char *json)
{
	separate(w);
	tk_buf_adds(w->to, json);
}

void
json_write_text(struct json_write *w, const char *s)
{
	separate(w);
	if (s == NULL)
		tk_buf_adds(w->to, "null");
	else
		json_string_add(w->to, s, strlen(s));
}

void
json_write_int(struct json_write *w, tk_int128 n)
{
	separate(w);
	tk_int128_add(w->to, n);
}

void
json_write_money(struct json_write *w, tk_int128 pico)
{
	separate(w);
	tk_money_add(w->to, pico);
}

void
json_write_bool(struct json_write *w, bool yes)
{
	json_write_raw(w, yes ? "true" : "false");
}

void
json_write_member_text(struct json_write *w, const char *key, const char *s)
{
	json_write_key(w, key);
	json_write_text(w, s);
}

void
json_write_member_int(struct json_write *w, const char *key, tk_int128 n)
{
	json_write_key(w, key);
	json_write_int(w, n);
}

void
json_write_member_money(struct json_write *w, const char *key, tk_int128 pico)
{
	json_write_key(w, key);
	json_write_money(w, pico);
}

void
json_write_member_bool(struct json_write *w, const char *key, bool yes)
{
	json_write_key(w, key);
	json_write_bool(w, yes);
}

void
json_write_member_raw(struct json_write *w, const char *key, const char *json)
{
	json_write_key(w, key);
	json_write_raw(w, json);
}
