#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct tk_buf;

/*
 * A scanner for JSON (RFC 8259) where speed matters: logs of one object a
 * line.  It never allocates and makes no tree; the caller walks what is
 * there and skips what it does not want, which is checked all the same:
 *
 *	json_scan_init(&s, line, len);
 *	if (json_scan_object(&s) > 0)
 *		while (json_scan_key(&s, &key))
 *			if (json_text_is(&key, "model"))
 *				json_scan_text(&s, &model);
 *			else if (json_text_is(&key, "count"))
 *				json_scan_int(&s, &count);
 *			else
 *				json_scan_skip(&s);
 *	if (!json_scan_end(&s))
 *		s.wrong says what is wrong at byte s.at - s.start
 *
 * It is total: any bytes give a result or an error.  After an error every
 * function fails, so one test at the end is enough.  After each key or item
 * exactly one value has to be read or skipped.  Of members with the same
 * name the caller sees all, in order, so that the last wins in a loop as
 * above.
 *
 * Logs are read to lose nothing, so text is taken more freely than the RFC
 * says: strings may hold raw control characters and bytes that are not
 * UTF-8, escapes may be lone surrogates or \u0000, numbers may be of any
 * size.  JSON_SCAN_STRICT refuses the first two.  Nesting ends at 2,048.
 */
#define JSON_DEPTH_MAX 2048

enum json_flags {
	JSON_SCAN_STRICT = 1 << 0,
};

struct json_scan {
	const char *start, *at, *end;
	const char *wrong; /* NULL while all is well; a constant */
	int depth;
	bool fresh; /* nothing was read since '{' or '[' */
	enum json_flags flags;
};

/* A part of the input: a string without its quotes, or a number. */
struct json_text {
	const char *p;
	size_t n;
	bool escaped; /* a string with escapes: see json_text_add() */
};

enum json_kind {
	JSON_IS_WRONG,
	JSON_IS_OBJECT,
	JSON_IS_ARRAY,
	JSON_IS_TEXT,
	JSON_IS_NUMBER,
	JSON_IS_TRUE,
	JSON_IS_FALSE,
	JSON_IS_NULL,
};

void json_scan_init(struct json_scan *s, const char *text, size_t len);

/* What comes next; the cursor stays before it. */
enum json_kind json_scan_peek(struct json_scan *s);

/*
 * Read one value.  1: it is there; 0: it was null; -1: it was something
 * else, which was skipped, or the text is wrong.  Only 1 changes *to.
 */
int json_scan_object(struct json_scan *s); /* go in; then json_scan_key() */
int json_scan_array(struct json_scan *s);  /* go in; then json_scan_item() */
int json_scan_text(struct json_scan *s, struct json_text *to);
int json_scan_number(struct json_scan *s, struct json_text *to);
/* -1 as well when it has a fraction or does not fit; 12.0 and 1e3 are fine */
int json_scan_int(struct json_scan *s, int64_t *to);
int json_scan_bool(struct json_scan *s, bool *to);

/* Whatever value is next; *to is its text, quotes included. */
bool json_scan_raw(struct json_scan *s, struct json_text *to);
bool json_scan_skip(struct json_scan *s);

/* The next member or item; false at the end of the object or array, and the
 * cursor is after it. */
bool json_scan_key(struct json_scan *s, struct json_text *key);
bool json_scan_item(struct json_scan *s);

/* Nothing was wrong and nothing but white space is left. */
bool json_scan_end(struct json_scan *s);

/* The decoded text equals word, which may hold no NUL. */
bool json_text_equal(const struct json_text *t, const char *word, size_t n);

static inline bool
json_text_is(const struct json_text *t, const char *word)
{
	size_t n = strlen(word);

	if (!t->escaped)
		return t->n == n && memcmp(t->p, word, n) == 0;
	return json_text_equal(t, word, n);
}

/*
 * Append the decoded string, as UTF-8.  Lone surrogates and bytes that are
 * not UTF-8 become U+FFFD; \u0000 becomes a NUL byte.
 */
void json_text_add(const struct json_text *t, struct tk_buf *b);

/* The number as int64_t, exactly: "12", "12.0", "1.2e1", "-0". */
bool json_int_parse(const char *s, size_t len, int64_t *n);

/* An object by the letter of the RFC, as others will have to read it. */
int json_valid_object(const char *text, size_t len, struct tk_err *err);

/* For json.c: the bytes are UTF-8 without control characters. */
bool json_bytes_clean(const char *p, size_t n);

#endif
