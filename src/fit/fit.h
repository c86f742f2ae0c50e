#ifndef FIT_FIT_H
#define FIT_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"

struct count_encoding;

/*
 * Cutting text to a number of tokens.
 *
 * A cut is made where a token of the text ends, and never within a UTF-8
 * character, or else farther inside, where a line or a word ends.  What is
 * cut off is counted again by itself, since a text that ends elsewhere may
 * fall into other tokens, and is shortened until it has at most as many as
 * were asked for; so what is given always fits.
 *
 * Where an encoding normalizes what it reads (NFC, NFKC) and that changes
 * the text, the tokens have no place in it any more; from there on a cut is
 * made between any two characters.
 */
enum fit_at {
	FIT_AT_TOKEN,
	FIT_AT_WORD, /* white space is on one side of the cut */
	FIT_AT_LINE, /* behind a line feed */
};

/* "token", "word", "line". */
extern const struct tk_choice fit_ats[];

struct fit; /* has memory of its own; for one thread */

/* flags are enum count_flags. */
struct fit *fit_new(const struct count_encoding *e, int flags);
void fit_free(struct fit *f); /* NULL is fine */

/*
 * The longest part from the beginning: *len bytes, which may be 0.  final
 * says that the text ends with these bytes.  Returns 1 when more of the text
 * must be seen first: call again with at least twice as much.
 */
int fit_prefix(struct fit *f, const char *text, size_t n, bool final,
    int64_t max, enum fit_at at, size_t *len, struct tk_err *err);

/* The longest part up to the end: it begins at *start, which may be n. */
int fit_suffix(struct fit *f, const char *text, size_t n, int64_t max,
    enum fit_at at, size_t *start, struct tk_err *err);

/* The tokens of a text by itself. */
int fit_count(struct fit *f, const char *text, size_t n, int64_t *tokens,
    struct tk_err *err);

#endif
