/*
 * Going over a value whose first byte is next: strings, numbers, words, and
 * all that is nested in objects and arrays.
 */
#include "json/json_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

bool
json_wrong(struct json_scan *s, const char *at, const char *wrong)
{
	if (s->wrong == NULL) {
		s->wrong = wrong;
		s->at = at;
	}
	return false;
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

bool
json_skip_string(struct json_scan *s, struct json_text *t)
{
	const char *first = s->at + 1;
	const char *p = find_special(first, s->end);

	t->escaped = p < s->end && *p == '\\';
	while (p < s->end && *p == '\\') {
		size_t n = escape_length(p, s->end);

		if (n == 0)
			return json_wrong(s, p, "this is no escape");
		p = find_special(p + n, s->end);
	}
	if (p >= s->end)
		return json_wrong(s, s->end, "the text ends in a string");
	t->p = first;
	t->n = (size_t)(p - first);
	if ((s->flags & JSON_SCAN_STRICT) && !json_bytes_clean(t->p, t->n))
		return json_wrong(s, first,
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
		return json_wrong(s, s->at, "this is no value");
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return json_wrong(s, p, "a digit is missing");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return json_wrong(s, p, "a digit is missing");
	}
	s->at = p;
	return true;
}

static bool
skip_word(struct json_scan *s, const char *word, size_t n)
{
	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		return json_wrong(s, s->at, "this is no value");
	s->at += n;
	return true;
}

bool
json_skip_scalar(struct json_scan *s)
{
	struct json_text t;

	if (s->at >= s->end)
		return json_wrong(s, s->end, "the text ends too early");
	switch (*s->at) {
	case '"':
		return json_skip_string(s, &t);
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

/* Which of the levels that json_skip_nested() is in are objects. */
struct levels {
	int n;
	uint64_t object[(JSON_DEPTH_MAX + 63) / 64];
};

static bool
push(struct json_scan *s, struct levels *l, bool object)
{
	uint64_t bit = UINT64_C(1) << (l->n % 64);

	if (s->depth + l->n >= JSON_DEPTH_MAX)
		return json_wrong(s, s->at, "nested too deeply");
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

bool
json_skip_key(struct json_scan *s, struct json_text *key)
{
	if (json_next(s) != '"')
		return json_wrong(s, s->at, "a name in quotes is missing");
	if (!json_skip_string(s, key))
		return false;
	if (json_next(s) != ':')
		return json_wrong(s, s->at, "a colon is missing");
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
		char c = json_next(s);

		if (c == ',') {
			s->at++;
			return !object || json_skip_key(s, &key);
		}
		if (c != (object ? '}' : ']'))
			return json_wrong(s, s->at,
			    s->at < s->end ? "a comma is missing"
					   : "the text ends too early");
		s->at++;
		l->n--;
	}
	return false;
}

bool
json_skip_nested(struct json_scan *s)
{
	struct levels l;
	struct json_text key;

	l.n = 0;
	do {
		char c = json_next(s);

		if (c == '{') {
			if (!push(s, &l, true))
				return false;
			if (json_next(s) != '}') {
				if (!json_skip_key(s, &key))
					return false;
				c = json_next(s);
				if (c == '{' || c == '[')
					continue;
				if (!json_skip_scalar(s))
					return false;
			} else {
				s->at++;
				l.n--;
			}
		} else if (c == '[') {
			if (!push(s, &l, false))
				return false;
			if (json_next(s) != ']')
				continue;
			s->at++;
			l.n--;
		} else if (!json_skip_scalar(s)) {
			return false;
		}
		if (!skip_to_value(s, &l))
			break;
	} while (s->wrong == NULL);
	return s->wrong == NULL;
}
