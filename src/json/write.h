#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>

#include "base/num.h"

struct tk_buf;

/*
 * JSON of other shapes than rows, which are src/out's: a document is
 * appended to a buffer piece by piece, as
 *
 *	struct json_write w = { .to = &b, .indent = 2 };
 *
 *	json_write_open(&w, '{');
 *	json_write_key(&w, "models");
 *	json_write_open(&w, '[');
 *	json_write_text(&w, "gpt-4.1");
 *	json_write_close(&w, ']');
 *	json_write_close(&w, '}');
 *
 * Commas and line breaks come by themselves; indent 0 writes one line.  Any
 * bytes become valid JSON: what is not UTF-8 turns into U+FFFD.
 */
struct json_write {
	struct tk_buf *to;
	int indent;
	int depth;  /* private, as what follows */
	bool some;  /* the innermost bracket has an item */
	bool keyed; /* a key waits for its value */
};

void json_write_open(struct json_write *w, char bracket);
void json_write_close(struct json_write *w, char bracket);
void json_write_key(struct json_write *w, const char *key);
void json_write_text(struct json_write *w, const char *s); /* NULL: null */
void json_write_int(struct json_write *w, tk_int128 n);
void json_write_money(struct json_write *w, tk_int128 pico); /* a number */
void json_write_bool(struct json_write *w, bool yes);
void json_write_raw(struct json_write *w, const char *json);

/* A key and its value at once. */
void json_write_member_text(struct json_write *w, const char *key,
    const char *s);
void json_write_member_int(struct json_write *w, const char *key, tk_int128 n);
void json_write_member_money(struct json_write *w, const char *key,
    tk_int128 pico);
void json_write_member_bool(struct json_write *w, const char *key, bool yes);
void json_write_member_raw(struct json_write *w, const char *key,
    const char *json);

/* A string with its quotes. */
void json_string_add(struct tk_buf *b, const char *s, size_t len);

#endif
