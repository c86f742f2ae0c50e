#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_buf;

/*
 * UTF-8 for output: walking over bytes that may be anything, and the width
 * of text on a terminal.
 *
 * Malformed bytes are never an error here.  A step over them takes the
 * longest prefix of a well-formed sequence, or one byte, as the Unicode
 * standard advises (section 3.9), so that every bad piece becomes one
 * replacement character.
 */

/* The bytes that one step takes, 1 to 4; len is at least 1.  *cp is the code
 * point, or -1 when they are malformed. */
size_t tk_utf8_step(const char *s, size_t len, int32_t *cp);

bool tk_utf8_valid(const char *s, size_t len);

/*
 * Columns that a code point takes on a terminal: 0 for combining marks, 2
 * for wide East Asian characters and emoji, else 1.  -1 for what must not
 * reach a terminal: control characters, line and paragraph separators, and
 * the marks that turn the direction of text round.
 */
int tk_utf8_columns(int32_t cp);

/* Append a code point. */
void tk_utf8_add_point(struct tk_buf *b, int32_t cp);

/* Columns of a text as tk_utf8_add_clean() shows it. */
size_t tk_utf8_width(const char *s, size_t len);

/* Append a text that is safe on a terminal: '?' stands for each malformed
 * piece and for each code point of -1 columns. */
void tk_utf8_add_clean(struct tk_buf *b, const char *s, size_t len);

/* Append a clean text in at most that many columns, keeping both ends:
 * "dmitri.konst~y-lin".  Nothing is appended when there is no room. */
void tk_utf8_add_short(struct tk_buf *b, const char *s, size_t len,
    size_t columns);

/*
 * Append a clean text in lines of at most that many columns, broken at
 * spaces; words that are longer stay whole.  The first line has taken
 * "start" columns already; further lines begin with "indent" spaces.
 */
void tk_utf8_add_wrapped(struct tk_buf *b, const char *s, size_t start,
    size_t indent, size_t columns);

#endif
