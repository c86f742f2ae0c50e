#include "json/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool
fail(struct json_scan *s, const char *at, const char *wrong)
{
	if (s->wrong == NULL) {
		s->wrong = wrong;
		s->at = at;
	}
	return false;
}

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* After white space: the next byte, or 0 at the end. */
static inline char
next(struct json_scan *s)
{
	while (s->at < s->end && is_space(*s->at))
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

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

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The length of the escape at p, 0 if it is none. */
static size_t
escape_length(const char *p, const char *end)
{
	if (end - p < 2)
		return 0;
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return 2;
	case 'u':
		if (end - p < 6)
			return 0;
		for (int i = 2; i < 6; i++)
			if (!is_hex(p[i]))
				return 0;
		return 6;
	default:
		return 0;
	}
}

/* The first quote or backslash at or after p, or end. */
static inline const char *
find_special(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		int hit =
		    _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
			_mm_cmpeq_epi8(v, slash)));

		if (hit != 0)
			return p + __builtin_ctz((unsigned)hit);
	}
#endif
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* At a quote: go over the string. */
static bool
skip_string(struct json_scan *s, struct json_text *t)
{
	const char *first = s->at + 1;
	const char *p = find_special(first, s->end);

	t->escaped = p < s->end && *p == '\\';
	while (p < s->end && *p == '\\') {
		size_t n = escape_length(p, s->end);

		if (n == 0)
			return fail(s, p, "this is no escape");
		p = find_special(p + n, s->end);
	}
	if (p >= s->end)
		return fail(s, s->end, "the text ends in a string");
	t->p = first;
	t->n = (size_t)(p - first);
	if ((s->flags & JSON_SCAN_STRICT) && !json_bytes_clean(t->p, t->n))
		return fail(s, first,
		    "a string with a control character or a byte that is "
		    "not UTF-8");
	s->at = p + 1;
	return true;
}

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && is_digit(*p))
		p++;
	return p;
}

static bool
skip_number(struct json_scan *s)
{
	const char *p = s->at, *end = s->end, *digits;

	if (p < end && *p == '-')
		p++;
	digits = p;
	if (p < end && *p == '0')
		p++;
	else
		p = skip_digits(p, end);
	if (p == digits)
		return fail(s, s->at, "this is no value");
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail(s, p, "a digit is missing");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return fail(s, p, "a digit is missing");
	}
	s->at = p;
	return true;
}

static bool
skip_word(struct json_scan *s, const char *word, size_t n)
{
	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		return fail(s, s->at, "this is no value");
	s->at += n;
	return true;
}

/* A value that is neither object nor array, at its first byte. */
static bool
skip_scalar(struct json_scan *s)
{
	struct json_text t;

	if (s->at >= s->end)
		return fail(s, s->end, "the text ends too early");
	switch (*s->at) {
	case '"':
		return skip_string(s, &t);
	case 't':
		return skip_word(s, "true", 4);
	case 'f':
		return skip_word(s, "false", 5);
	case 'n':
		return skip_word(s, "null", 4);
	default:
		return skip_number(s);
	}
}

/* Which of the levels that skip_nested() is in are objects. */
struct levels {
	int n;
	uint64_t object[(JSON_DEPTH_MAX + 63) / 64];
};

static bool
push(struct json_scan *s, struct levels *l, bool object)
{
	uint64_t bit = UINT64_C(1) << (l->n % 64);

	if (s->depth + l->n >= JSON_DEPTH_MAX)
		return fail(s, s->at, "nested too deeply");
	if (object)
		l->object[l->n / 64] |= bit;
	else
		l->object[l->n / 64] &= ~bit;
	l->n++;
	s->at++;
	return true;
}

static bool
in_object(const struct levels *l)
{
	int top = l->n - 1;

	return l->object[top / 64] >> (top % 64) & 1;
}

/* "name" and the colon. */
static bool
skip_key(struct json_scan *s, struct json_text *key)
{
	if (next(s) != '"')
		return fail(s, s->at, "a name in quotes is missing");
	if (!skip_string(s, key))
		return false;
	if (next(s) != ':')
		return fail(s, s->at, "a colon is missing");
	s->at++;
	return true;
}

/* After a value: close what ends here.  True when a value has to follow. */
static bool
skip_to_value(struct json_scan *s, struct levels *l)
{
	struct json_text key;

	while (l->n > 0) {
		bool object = in_object(l);
		char c = next(s);

		if (c == ',') {
			s->at++;
			return !object || skip_key(s, &key);
		}
		if (c != (object ? '}' : ']'))
			return fail(s, s->at,
			    s->at < s->end ? "a comma is missing"
					   : "the text ends too early");
		s->at++;
		l->n--;
	}
	return false;
}

/* At '{' or '[': go over all of it. */
static bool
skip_nested(struct json_scan *s)
{
	struct levels l;
	struct json_text key;

	l.n = 0;
	do {
		char c = next(s);

		if (c == '{') {
			if (!push(s, &l, true))
				return false;
			if (next(s) != '}') {
				if (!skip_key(s, &key))
					return false;
				c = next(s);
				if (c == '{' || c == '[')
					continue;
				if (!skip_scalar(s))
					return false;
			} else {
				s->at++;
				l.n--;
			}
		} else if (c == '[') {
			if (!push(s, &l, false))
				return false;
			if (next(s) != ']')
				continue;
			s->at++;
			l.n--;
		} else if (!skip_scalar(s)) {
			return false;
		}
		if (!skip_to_value(s, &l))
			break;
	} while (s->wrong == NULL);
	return s->wrong == NULL;
}

enum json_kind
json_scan_peek(struct json_scan *s)
{
	if (s->wrong != NULL)
		return JSON_IS_WRONG;
	switch (next(s)) {
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
		return skip_nested(s);
	return skip_scalar(s);
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
		fail(s, s->at, "nested too deeply");
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
	c = next(s);
	if (c == close) {
		s->at++;
		s->depth--;
		s->fresh = false;
		return false;
	}
	if (!s->fresh) {
		if (c != ',')
			return fail(s, s->at,
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
	return another(s, '}') && skip_key(s, key);
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
	return skip_string(s, to) ? 1 : -1;
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
	next(s);
	if (s->at < s->end)
		return fail(s, s->at, "something follows the value");
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
