/*
 * The scanner against jansson: on any bytes both say the same, where json.h
 * does not say that they differ.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What jansson refuses and the scanner takes on purpose. */
static bool
differs_on_purpose(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_numeric_overflow:
	case json_error_stack_overflow:
		return true;
	default:
		/* lone surrogates are told by their text alone */
		return strstr(e->text, "Unicode") != NULL;
	}
}

/* Walk by cursor, so that both ways through a text are tried. */
static void
walk(struct json_scan *s, struct tk_buf *b)
{
	struct json_text t;
	int64_t n;

	switch (json_scan_peek(s)) {
	case JSON_IS_OBJECT:
		if (s->depth > 64 || json_scan_object(s) <= 0)
			json_scan_skip(s);
		else
			while (json_scan_key(s, &t))
				walk(s, b);
		break;
	case JSON_IS_ARRAY:
		if (s->depth > 64 || json_scan_array(s) <= 0)
			json_scan_skip(s);
		else
			while (json_scan_item(s))
				walk(s, b);
		break;
	case JSON_IS_TEXT:
		if (json_scan_text(s, &t) > 0) {
			tk_buf_reset(b);
			json_text_add(&t, b);
			assert(json_bytes_clean(b->s, 0));
			if (memchr(b->s, 0, b->len) == NULL &&
			    json_bytes_clean(t.p, t.n) &&
			    strstr(b->s, "\xef\xbf\xbd") == NULL)
				assert(json_text_equal(&t, b->s, b->len));
		}
		break;
	default:
		json_scan_int(s, &n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct tk_buf b = TK_BUF_INIT;
	struct json_scan s;
	json_error_t e;
	json_t *j;
	bool strict, free_, walked;

	json_scan_init(&s, text, size);
	s.flags = JSON_SCAN_STRICT;
	json_scan_skip(&s);
	strict = json_scan_end(&s);
	json_scan_init(&s, text, size);
	json_scan_skip(&s);
	free_ = json_scan_end(&s);
	assert(free_ || !strict);

	json_scan_init(&s, text, size);
	walk(&s, &b);
	walked = json_scan_end(&s);
	assert(walked == free_);

	j = json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	/* jansson takes a NUL byte after the value for the end */
	if (j != NULL)
		assert(strict || memchr(text, 0, size) != NULL);
	else if (strict && size > 0)
		assert(differs_on_purpose(&e));
	json_decref(j);
	tk_buf_release(&b);
	return 0;
}
