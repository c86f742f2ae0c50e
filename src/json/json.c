#include "json/json.h"

#include "json/json_int.h"

void
json_scan_init(struct json_scan *s, const char *text, size_t len)
{
	if (text == NULL) /* of a json_text that was not found */
		text = "";
	*s = (struct json_scan){
		.start = text,
		.at = text,
		.end = text + len,
	};
}

enum json_kind
json_scan_peek(struct json_scan *s)
{
	if (s->wrong != NULL)
		return JSON_IS_WRONG;
	switch (json_next(s)) {
	case '{':
		return JSON_IS_OBJECT;
	case '[':
		return JSON_IS_ARRAY;
	case '"':
		return JSON_IS_TEXT;
	case 't':
		return JSON_IS_TRUE;
	case 'f':
		return JSON_IS_FALSE;
	case 'n':
		return JSON_IS_NULL;
	default:
		return JSON_IS_NUMBER;
	}
}

bool
json_scan_skip(struct json_scan *s)
{
	enum json_kind kind = json_scan_peek(s);

	if (kind == JSON_IS_WRONG)
		return false;
	s->fresh = false;
	if (kind == JSON_IS_OBJECT || kind == JSON_IS_ARRAY)
		return json_skip_nested(s);
	return json_skip_scalar(s);
}

bool
json_scan_raw(struct json_scan *s, struct json_text *to)
{
	const char *first;

	json_scan_peek(s);
	first = s->at;
	if (!json_scan_skip(s))
		return false;
	*to = (struct json_text){ first, (size_t)(s->at - first), false };
	return true;
}

/* Skip what is next: 0 for null, else -1. */
static int
refuse(struct json_scan *s, enum json_kind kind)
{
	return json_scan_skip(s) && kind == JSON_IS_NULL ? 0 : -1;
}

static int
enter(struct json_scan *s, enum json_kind want)
{
	enum json_kind kind = json_scan_peek(s);

	if (kind != want)
		return refuse(s, kind);
	if (s->depth >= JSON_DEPTH_MAX) {
		json_wrong(s, s->at, "nested too deeply");
		return -1;
	}
	s->at++;
	s->depth++;
	s->fresh = true;
	return 1;
}

int
json_scan_object(struct json_scan *s)
{
	return enter(s, JSON_IS_OBJECT);
}

int
json_scan_array(struct json_scan *s)
{
	return enter(s, JSON_IS_ARRAY);
}

/* True when another member or item follows; else after the closing byte. */
static bool
another(struct json_scan *s, char close)
{
	char c;

	if (s->wrong != NULL)
		return false;
	c = json_next(s);
	if (c == close) {
		s->at++;
		s->depth--;
		s->fresh = false;
		return false;
	}
	if (!s->fresh) {
		if (c != ',')
			return json_wrong(s, s->at,
			    s->at < s->end ? "a comma is missing"
					   : "the text ends too early");
		s->at++;
	}
	s->fresh = false;
	return true;
}

bool
json_scan_key(struct json_scan *s, struct json_text *key)
{
	return another(s, '}') && json_skip_key(s, key);
}

bool
json_scan_item(struct json_scan *s)
{
	return another(s, ']');
}

int
json_scan_text(struct json_scan *s, struct json_text *to)
{
	enum json_kind kind = json_scan_peek(s);

	if (kind != JSON_IS_TEXT)
		return refuse(s, kind);
	s->fresh = false;
	return json_skip_string(s, to) ? 1 : -1;
}

int
json_scan_number(struct json_scan *s, struct json_text *to)
{
	enum json_kind kind = json_scan_peek(s);

	if (kind != JSON_IS_NUMBER)
		return refuse(s, kind);
	return json_scan_raw(s, to) ? 1 : -1;
}

int
json_scan_int(struct json_scan *s, int64_t *to)
{
	struct json_text t;
	int got = json_scan_number(s, &t);

	if (got > 0 && !json_int_parse(t.p, t.n, to))
		return -1;
	return got;
}

int
json_scan_bool(struct json_scan *s, bool *to)
{
	enum json_kind kind = json_scan_peek(s);

	if (kind != JSON_IS_TRUE && kind != JSON_IS_FALSE)
		return refuse(s, kind);
	if (!json_scan_skip(s))
		return -1;
	*to = kind == JSON_IS_TRUE;
	return 1;
}

bool
json_scan_end(struct json_scan *s)
{
	if (s->wrong != NULL)
		return false;
	json_next(s);
	if (s->at < s->end)
		return json_wrong(s, s->at, "something follows the value");
	return true;
}

int
json_valid_object(const char *text, size_t len, struct tk_err *err)
{
	struct json_scan s;

	json_scan_init(&s, text, len);
	s.flags = JSON_SCAN_STRICT;
	if (json_scan_peek(&s) != JSON_IS_OBJECT)
		return tk_fail(err, TK_DATA, "this is no JSON object");
	json_scan_skip(&s);
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "JSON: byte %zu: %s",
		    (size_t)(s.at - s.start), s.wrong);
	return 0;
}
