#ifndef JSON_JSON_INT_H
#define JSON_JSON_INT_H

#include <stdbool.h>

#include "json/json.h"

/* The first thing that is wrong, and where, stays.  Returns false. */
bool json_wrong(struct json_scan *s, const char *at, const char *wrong);

static inline bool
json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* After white space: the next byte, or 0 at the end. */
static inline char
json_next(struct json_scan *s)
{
	while (s->at < s->end && json_is_space(*s->at))
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

/* At a quote: go over the string. */
bool json_skip_string(struct json_scan *s, struct json_text *t);

/* "name" and the colon. */
bool json_skip_key(struct json_scan *s, struct json_text *key);

/* A value that is neither object nor array, at its first byte. */
bool json_skip_scalar(struct json_scan *s);

/* At '{' or '[': go over all of it. */
bool json_skip_nested(struct json_scan *s);

#endif
