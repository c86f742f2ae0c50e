#ifndef COUNT_SPLIT_H
#define COUNT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
 *   tekken: o200k without contractions, and \p{N} instead of \p{N}{1,3}
 *   cl100k: (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+
 *        | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+
 *        | \s+(?!\S) | \s+
 *   qwen2: cl100k with \p{N} instead of \p{N}{1,3}
 *   gpt2: 's|'t|'re|'ve|'m|'ll|'d | ?\p{L}+ | ?\p{N}+ | ?[^\s\p{L}\p{N}]+
 *        | \s+(?!\S) | \s+
 *   deepseek3, one after the other:
 *        \p{N}{1,3}
 *        [\x{4e00}-\x{9fa5}\x{3040}-\x{30ff}]+
 *        [!-/:-@\[-`{-~][A-Za-z]+ | [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
 *        | ?[\p{P}\p{S}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S) | \s+
 *
 * They look ahead but never back, so a piece depends only on the text from
 * its start on.  This is the ground truth; window.h does the same faster for
 * most text.
 */
enum split_family { SPLIT_WORDS, SPLIT_GPT2, SPLIT_DEEPSEEK };

/* Contractions are no matter, pieces of their own, or the end of a word. */
enum split_contractions { SPLIT_NONE, SPLIT_ALONE, SPLIT_SUFFIX };

struct split_rule {
	enum split_family family;
	/* The rest is of SPLIT_WORDS. */
	enum split_contractions contractions;
	bool cased; /* a word is upper case, then lower; marks are letters */
	bool slash; /* slashes may follow punctuation's newlines */
	uint8_t digits; /* at most so many in a piece: 1 or 3 */
};

static const struct split_rule split_rules[VOCAB_PATTERNS] = {
	[VOCAB_O200K] = { SPLIT_WORDS, SPLIT_SUFFIX, true, true, 3 },
	[VOCAB_CL100K] = { SPLIT_WORDS, SPLIT_ALONE, false, false, 3 },
	[VOCAB_TEKKEN] = { SPLIT_WORDS, SPLIT_NONE, true, true, 1 },
	[VOCAB_QWEN2] = { SPLIT_WORDS, SPLIT_ALONE, false, false, 1 },
	[VOCAB_GPT2] = { SPLIT_GPT2, SPLIT_ALONE, false, false, 0 },
	[VOCAB_DEEPSEEK3] = { SPLIT_DEEPSEEK, SPLIT_NONE, false, false, 3 },
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

/*
 * The same in a mixture of white space, of which no branch on the lengths
 * could foresee them.  Four bytes can be read.
 */
static inline enum count_class
split_class_mixed(const uint8_t *p, unsigned *len)
{
	/* By the upper half of the first byte. */
	static const uint8_t lens[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2,
		2, 3, 4 };
	static const uint32_t bits[5] = { 0, 0x7f, 0x1f3f, 0xf3f3f, 0x73f3f3f };
	unsigned n = lens[*p >> 4];
	uint32_t x, c;

	memcpy(&x, p, sizeof(x));
	x = __builtin_bswap32(x) >> ((32 - 8 * n) & 31) & bits[n];
	c = (x & 0x7f) | (x >> 2 & 0xfc0) | (x >> 4 & 0x3f000) |
	    (x >> 6 & 0x1c0000);
	*len = n;
	return count_class_at(c >> 6, c & 63);
}

static inline bool
split_is_newline(uint8_t c)
{
	return c == '\n' || c == '\r';
}

static inline bool
split_is_ascii_letter(uint8_t c)
{
	return (uint8_t)((c | 32) - 'a') < 26;
}

/*
 * The length of a contraction at the apostrophe p, or 0; with fold, case
 * does not matter.
 */
static inline size_t
split_contraction(const uint8_t *p, const uint8_t *end, bool fold)
{
	unsigned a, b, lower = fold ? 32 : 0;

	if (end - p < 2)
		return 0;
	a = p[1] | lower;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	if (end - p < 3)
		return 0;
	b = p[2] | lower;
	if ((a == 'l' && b == 'l') || (a == 'v' && b == 'e') ||
	    (a == 'r' && b == 'e'))
		return 3;
	/* U+017F, the long s, is an s when case does not matter. */
	return fold && p[1] == 0xc5 && p[2] == 0xbf ? 3 : 0;
}

static inline bool
split_is_letter(enum count_class c, const struct split_rule r)
{
	return r.cased ? c <= CLASS_MARK : c <= CLASS_CASELESS;
}

/* Neither letter, number nor white space; marks are, in these patterns. */
static inline bool
split_is_punct(enum count_class c)
{
	return c >= CLASS_OTHER || c == CLASS_MARK;
}

/* From a character of three bytes without case to the last of the Han
 * characters U+4E00 to U+9FFF behind it, which have none either. */
static inline const uint8_t *
split_over_han(const uint8_t *p, const struct split *s)
{
	while (s->end - p >= 6 &&
	    (uint16_t)((p[3] << 8 | p[4]) - 0xe4b8) <= 0xe9bf - 0xe4b8)
		p += 3;
	return p;
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
			if (c == CLASS_CASELESS && n == 3)
				p = split_over_han(p, s);
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

	for (; p < s->end; p += n) {
		enum count_class c = split_class(p, &n);

		if (c > CLASS_CASELESS)
			return p;
		if (c == CLASS_CASELESS && n == 3)
			p = split_over_han(p, s);
	}
	s->open = true;
	return p;
}

static inline const uint8_t *
split_word(const uint8_t *p, struct split *s, const struct split_rule r)
{
	p = r.cased ? split_cased(p, s) : split_letters(p, s);
	if (r.contractions != SPLIT_SUFFIX)
		return p;
	if (s->end - p < 3)
		s->open = true;
	if (p < s->end && *p == '\'')
		p += split_contraction(p, s->end, true);
	return p;
}

/* At most max numbers; 0: all of them. */
static inline const uint8_t *
split_numbers(const uint8_t *p, struct split *s, unsigned max)
{
	unsigned n;

	for (unsigned i = 0; i < max || max == 0; i++, p += n) {
		if (p == s->end) {
			s->open = true;
			return p;
		}
		if (split_class(p, &n) != CLASS_NUMBER)
			return p;
	}
	return p;
}

static inline bool
split_is_same8(const uint8_t *p, const uint8_t *q)
{
	uint64_t a, b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, q, sizeof(b));
	return a == b;
}

/* Over as many characters of three bytes as are the one before p. */
static inline const uint8_t *
split_over_same(const uint8_t *p, const struct split *s)
{
	while (s->end - p >= 24 && split_is_same8(p, p - 3) &&
	    split_is_same8(p + 8, p + 5) && split_is_same8(p + 16, p + 13))
		p += 24;
	return p;
}

/* The rest of a run of punctuation, and the line ends behind it. */
static inline const uint8_t *
split_punct(const uint8_t *p, struct split *s, const struct split_rule r)
{
	unsigned n;

	while (p < s->end && split_is_punct(split_class(p, &n))) {
		p += n;
		if (n == 3)
			p = split_over_same(p, s);
	}
	while (r.family != SPLIT_GPT2 && p < s->end &&
	    (split_is_newline(*p) || (r.slash && *p == '/')))
		p++;
	if (p == s->end)
		s->open = true;
	return p;
}

/*
 * White space: with lines, to the last newline; else without the last
 * character, which goes with what follows; alone, or at the end of the text,
 * all of it.  From p on, of a run in which a newline was seen, or none.
 */
static inline const uint8_t *
split_space_from(const uint8_t *p, const uint8_t *newline, struct split *s,
    bool lines)
{
	const uint8_t *start = p, *last = p;
	unsigned n;

	newline = newline != NULL ? newline + 1 : NULL;
	for (; p < s->end && split_class_mixed(p, &n) == CLASS_SPACE; p += n) {
		newline = split_is_newline(*p) ? p + 1 : newline;
		last = p;
	}
	if (p == s->end)
		s->open = true;
	if (lines && newline != NULL)
		return newline;
	return p == s->end || last == start ? p : last;
}

static inline const uint8_t *
split_space(const uint8_t *p, struct split *s, bool lines)
{
	return split_space_from(p, NULL, s, lines);
}

static inline const uint8_t *
split_next_word(const uint8_t *p, struct split *s, const struct split_rule r)
{
	unsigned n, n2;
	enum count_class c = split_class(p, &n), next;

	if (r.contractions == SPLIT_ALONE && *p == '\'') {
		size_t k = split_contraction(p, s->end, true);

		if (s->end - p < 3)
			s->open = true;
		if (k > 0)
			return p + k;
	}
	if (split_is_letter(c, r))
		return split_word(p, s, r);
	if (c == CLASS_NUMBER)
		return split_numbers(p, s, r.digits);
	if (p + n == s->end) {
		s->open = true;
		return s->end;
	}
	if (split_is_newline(*p))
		return split_space(p, s, true);
	next = split_class(p + n, &n2);
	if (split_is_letter(next, r))
		return split_word(p + n, s, r);
	if (c != CLASS_SPACE || (*p == ' ' && split_is_punct(next)))
		return split_punct(p + n, s, r);
	return split_space(p, s, true);
}

static inline const uint8_t *
split_next_gpt2(const uint8_t *p, struct split *s, const struct split_rule r)
{
	unsigned n, n2;
	enum count_class c = split_class(p, &n), next;

	if (*p == '\'') {
		size_t k = split_contraction(p, s->end, false);

		if (s->end - p < 3)
			s->open = true;
		if (k > 0)
			return p + k;
	}
	if (*p == ' ') {
		if (p + 1 == s->end) {
			s->open = true;
			return s->end;
		}
		next = split_class(p + 1, &n2);
		if (next != CLASS_SPACE) {
			p++;
			c = next;
		}
	}
	if (c == CLASS_SPACE)
		return split_space(p, s, false);
	if (c == CLASS_NUMBER)
		return split_numbers(p, s, 0);
	return c <= CLASS_CASELESS ? split_letters(p, s) : split_punct(p, s, r);
}

/* Han as in the pattern, Hiragana and Katakana. */
static inline bool
split_is_cjk(const uint8_t *p)
{
	uint32_t c;

	if (p[0] < 0xe3 || p[0] > 0xe9)
		return false;
	c = (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
	return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x4e00 && c <= 0x9fa5);
}

/*
 * The class at p in one part of the text: the first two patterns cut it into
 * numbers, CJK and the rest, and the third sees a part as if it were all.
 * CLASS_NUMBER: the part ends here.
 */
static inline enum count_class
split_in_part(const uint8_t *p, struct split *s, bool cjk, unsigned *n)
{
	enum count_class c;

	if (p == s->end) {
		s->open = true;
		return CLASS_NUMBER;
	}
	c = split_class(p, n);
	return split_is_cjk(p) == cjk ? c : CLASS_NUMBER;
}

static inline const uint8_t *
split_part_word(const uint8_t *p, struct split *s, bool cjk)
{
	unsigned n = 0;

	while (split_in_part(p, s, cjk, &n) <= CLASS_MARK)
		p += n;
	return p;
}

static inline const uint8_t *
split_part_punct(const uint8_t *p, struct split *s, bool cjk)
{
	unsigned n = 0;

	while (split_in_part(p, s, cjk, &n) == CLASS_PUNCT)
		p += n;
	while (!cjk && p < s->end && split_is_newline(*p))
		p++;
	if (p == s->end)
		s->open = true;
	return p;
}

static inline const uint8_t *
split_part_space(const uint8_t *p, struct split *s, bool cjk)
{
	const uint8_t *start = p, *newline = NULL, *last = p;
	unsigned n = 0;
	enum count_class c;

	for (; (c = split_in_part(p, s, cjk, &n)) == CLASS_SPACE; p += n) {
		if (split_is_newline(*p))
			newline = p + 1;
		last = p;
	}
	if (newline != NULL)
		return newline;
	return c == CLASS_NUMBER || last == start ? p : last;
}

/* What no alternative takes is a piece: up to where the next one can begin. */
static inline const uint8_t *
split_part_other(const uint8_t *p, struct split *s, bool cjk)
{
	unsigned n = 0, n2;

	while (split_in_part(p, s, cjk, &n) == CLASS_OTHER &&
	    split_in_part(p + n, s, cjk, &n2) > CLASS_MARK)
		p += n;
	return p;
}

static inline const uint8_t *
split_next_deepseek(const uint8_t *p, struct split *s)
{
	unsigned n, n2 = 0;
	enum count_class c = split_class(p, &n), next;
	bool cjk = split_is_cjk(p);

	if (c == CLASS_NUMBER)
		return split_numbers(p, s, 3);
	if (c <= CLASS_MARK)
		return split_part_word(p + n, s, cjk);
	next = split_in_part(p + n, s, cjk, &n2);
	if (c == CLASS_PUNCT) {
		if (*p >= 0x80 || next > CLASS_MARK ||
		    !split_is_ascii_letter(p[1]))
			return split_part_punct(p + n, s, cjk);
		for (p++; p < s->end && split_is_ascii_letter(*p);)
			p++;
		if (p == s->end)
			s->open = true;
		return p;
	}
	if (next <= CLASS_MARK && !split_is_newline(*p))
		return split_part_word(p + n + n2, s, cjk);
	if (c != CLASS_SPACE)
		return split_part_other(p + n, s, cjk);
	if (*p == ' ' && next == CLASS_PUNCT)
		return split_part_punct(p + n + n2, s, cjk);
	return split_part_space(p, s, cjk);
}

/* Where the piece that starts at p ends; p is before s->end. */
static inline const uint8_t *
split_next(const uint8_t *p, struct split *s, const struct split_rule r)
{
	switch (r.family) {
	case SPLIT_WORDS:
		return split_next_word(p, s, r);
	case SPLIT_GPT2:
		return split_next_gpt2(p, s, r);
	case SPLIT_DEEPSEEK:
		return split_next_deepseek(p, s);
	}
	return s->end;
}

#endif
