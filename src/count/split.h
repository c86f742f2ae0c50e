#ifndef COUNT_SPLIT_H
#define COUNT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "count/class.h"
#include "vocab/vocab.h"

/*
 * Where a piece of text ends: the patterns of the encodings, by hand.
 *
 * The published patterns are regular expressions that are tried at the end
 * of the last piece, alternatives in order:
 *
 *   o200k: [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*
 *              [\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *        | [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+
 *              [\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *        | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+
 *        | \s+(?!\S) | \s+
 *   cl100k: (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+
 *        | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+
 *        | \s+(?!\S) | \s+
 *
 * They look ahead but never back, so a piece depends only on the text from
 * its start on.  This is the ground truth; window.h does the same faster for
 * most ASCII text.
 */
struct split_rule {
	bool cased;  /* a word is upper case, then lower; marks are letters */
	bool suffix; /* contractions end a word; else they are pieces */
	bool slash;  /* slashes may follow punctuation's newlines */
};

static const struct split_rule split_rules[VOCAB_PATTERNS] = {
	[VOCAB_O200K] = { .cased = true, .suffix = true, .slash = true },
	[VOCAB_CL100K] = { .cased = false, .suffix = false, .slash = false },
};

/* Where text ends; open is set when more text could move the boundary. */
struct split {
	const uint8_t *end;
	bool open;
};

static inline enum count_class
split_class(const uint8_t *p, unsigned *len)
{
	uint32_t b = *p;

	if (b < 0x80) {
		*len = 1;
		return count_class_at(b >> 6, b & 63);
	}
	if (b < 0xe0) {
		*len = 2;
		return count_class_at(b & 31, p[1] & 63);
	}
	if (b < 0xf0) {
		*len = 3;
		return count_class_at((b & 15) << 6 | (p[1] & 63), p[2] & 63);
	}
	*len = 4;
	return count_class_at((b & 7) << 12 | (uint32_t)(p[1] & 63) << 6 |
		(p[2] & 63),
	    p[3] & 63);
}

static inline bool
split_is_newline(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* The length of a contraction at the apostrophe p, or 0. */
static inline size_t
split_contraction(const uint8_t *p, const uint8_t *end)
{
	unsigned a, b;

	if (end - p < 2)
		return 0;
	a = p[1] | 32;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	if (end - p < 3)
		return 0;
	b = p[2] | 32;
	if ((a == 'l' && b == 'l') || (a == 'v' && b == 'e') ||
	    (a == 'r' && b == 'e'))
		return 3;
	/* U+017F, the long s, is an s when case does not matter. */
	return p[1] == 0xc5 && p[2] == 0xbf ? 3 : 0;
}

static inline bool
split_is_letter(enum count_class c, const struct split_rule r)
{
	return r.cased ? c <= CLASS_MARK : c <= CLASS_CASELESS;
}

/* Neither letter, number nor white space; marks are, in every pattern. */
static inline bool
split_is_punct(enum count_class c)
{
	return c >= CLASS_OTHER || c == CLASS_MARK;
}

/*
 * Upper case, then lower case, where letters without case and marks are
 * both.  Upper case alone is a word too, but only when no way ends in one of
 * those: "AB" + caseless + "CD" ends behind the caseless letter.
 */
static inline const uint8_t *
split_cased(const uint8_t *p, struct split *s)
{
	const uint8_t *caseless = NULL;
	bool upper = true;
	unsigned n;

	for (; p < s->end; p += n) {
		enum count_class c = split_class(p, &n);

		if (c == CLASS_LOWER) {
			upper = false;
		} else if (c == CLASS_UPPER) {
			if (!upper)
				return p;
		} else if (c <= CLASS_MARK) {
			if (upper)
				caseless = p + n;
		} else {
			return upper && caseless != NULL ? caseless : p;
		}
	}
	s->open = true;
	return upper && caseless != NULL ? caseless : p;
}

static inline const uint8_t *
split_letters(const uint8_t *p, struct split *s)
{
	unsigned n;

	for (; p < s->end; p += n)
		if (split_class(p, &n) > CLASS_CASELESS)
			return p;
	s->open = true;
	return p;
}

static inline const uint8_t *
split_word(const uint8_t *p, struct split *s, const struct split_rule r)
{
	p = r.cased ? split_cased(p, s) : split_letters(p, s);
	if (!r.suffix)
		return p;
	if (s->end - p < 3)
		s->open = true;
	if (p < s->end && *p == '\'')
		p += split_contraction(p, s->end);
	return p;
}

static inline const uint8_t *
split_numbers(const uint8_t *p, struct split *s)
{
	unsigned n;

	for (int i = 0; i < 3; i++, p += n) {
		if (p == s->end) {
			s->open = true;
			return p;
		}
		if (split_class(p, &n) != CLASS_NUMBER)
			return p;
	}
	return p;
}

/* The rest of a run of punctuation, and the line ends behind it. */
static inline const uint8_t *
split_punct(const uint8_t *p, struct split *s, const struct split_rule r)
{
	unsigned n;

	while (p < s->end && split_is_punct(split_class(p, &n)))
		p += n;
	while (p < s->end && (split_is_newline(*p) || (r.slash && *p == '/')))
		p++;
	if (p == s->end)
		s->open = true;
	return p;
}

/*
 * White space: to the last newline, else without the last character, which
 * goes with what follows; alone, or at the end of the text, all of it.
 */
static inline const uint8_t *
split_space(const uint8_t *p, struct split *s)
{
	const uint8_t *start = p, *newline = NULL, *last = p;
	unsigned n;

	for (; p < s->end && split_class(p, &n) == CLASS_SPACE; p += n) {
		if (split_is_newline(*p))
			newline = p + 1;
		last = p;
	}
	if (p == s->end)
		s->open = true;
	if (newline != NULL)
		return newline;
	return p == s->end || last == start ? p : last;
}

/* Where the piece that starts at p ends; p is before s->end. */
static inline const uint8_t *
split_next(const uint8_t *p, struct split *s, const struct split_rule r)
{
	unsigned n, n2;
	enum count_class c = split_class(p, &n), next;

	if (!r.suffix && *p == '\'') {
		size_t k = split_contraction(p, s->end);

		if (s->end - p < 3)
			s->open = true;
		if (k > 0)
			return p + k;
	}
	if (split_is_letter(c, r))
		return split_word(p, s, r);
	if (c == CLASS_NUMBER)
		return split_numbers(p, s);
	if (p + n == s->end) {
		s->open = true;
		return s->end;
	}
	if (split_is_newline(*p))
		return split_space(p, s);
	next = split_class(p + n, &n2);
	if (split_is_letter(next, r))
		return split_word(p + n, s, r);
	if (c != CLASS_SPACE || (*p == ' ' && split_is_punct(next)))
		return split_punct(p + n, s, r);
	return split_space(p, s);
}

#endif
