/* Sets of characters in expressions, and what stands behind a backslash. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/category.h"
#include "tokenizer/regex_parse.h"

enum { DEPTH = 16 };

/* Han of Scripts.txt, Unicode 16.0. */
static const uint32_t han[][2] = {
	{ 0x2e80, 0x2e99 },
	{ 0x2e9b, 0x2ef3 },
	{ 0x2f00, 0x2fd5 },
	{ 0x3005, 0x3005 },
	{ 0x3007, 0x3007 },
	{ 0x3021, 0x3029 },
	{ 0x3038, 0x303b },
	{ 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff },
	{ 0xf900, 0xfa6d },
	{ 0xfa70, 0xfad9 },
	{ 0x16fe2, 0x16fe3 },
	{ 0x16ff0, 0x16ff1 },
	{ 0x20000, 0x2a6df },
	{ 0x2a700, 0x2b739 },
	{ 0x2b740, 0x2b81d },
	{ 0x2b820, 0x2cea1 },
	{ 0x2ceb0, 0x2ebe0 },
	{ 0x2ebf0, 0x2ee5d },
	{ 0x2f800, 0x2fa1d },
	{ 0x30000, 0x3134a },
	{ 0x31350, 0x323af },
};

void
regex_add_item(struct regex_items *to, enum regex_item_kind kind, uint32_t a,
    uint32_t b, bool negated)
{
	to->item = tk_xreallocarray(to->item, to->n + 1, sizeof(*to->item));
	to->item[to->n++] = (struct regex_item){ kind, a, b, negated };
}

uint32_t
regex_add_set(struct regex_parse *x, struct regex_items *from, uint32_t also,
    bool negated)
{
	struct regex *r = x->r;

	r->set = tk_xreallocarray(r->set, r->sets + 1, sizeof(*r->set));
	r->set[r->sets] = (struct regex_set){ .first = r->items,
		.items = from->n,
		.also = also,
		.negated = negated };
	r->item =
	    tk_xreallocarray(r->item, r->items + from->n + 1, sizeof(*r->item));
	if (from->n > 0)
		memcpy(r->item + r->items, from->item,
		    from->n * sizeof(*r->item));
	r->items += from->n;
	free(from->item);
	*from = (struct regex_items){ 0 };
	regex_set_ready(r, r->sets);
	return r->sets++;
}

static bool
is_letter(uint32_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

bool
regex_add_range(struct regex_parse *x, struct regex_items *to, uint32_t a,
    uint32_t b)
{
	regex_add_item(to, ITEM_RANGE, a, b, false);
	if (!x->fold)
		return true;
	if (b > 0x7f)
		return regex_wrong(x, "(?i: with other than ASCII");
	for (uint32_t c = a; c <= b; c++) {
		if (is_letter(c))
			regex_add_item(to, ITEM_RANGE, c ^ 32, c ^ 32, false);
		if ((c | 32) == 's')
			regex_add_item(to, ITEM_RANGE, 0x17f, 0x17f, false);
		if ((c | 32) == 'k')
			regex_add_item(to, ITEM_RANGE, 0x212a, 0x212a, false);
	}
	return true;
}

/* \p{Lu}, \P{N}, \p{^L}, \pL is not Oniguruma's. */
static bool
property(struct regex_parse *x, struct regex_items *to, bool negated)
{
	const char *close;
	uint32_t bits;
	size_t n;

	if (!regex_skip(x, "{") ||
	    (close = memchr(x->s, '}', (size_t)(x->end - x->s))) == NULL)
		return regex_wrong(x, "a property cannot be read");
	negated ^= regex_skip(x, "^");
	n = (size_t)(close - x->s);
	bits = category_bits(x->s, n);
	if (x->fold)
		return regex_wrong(x, "(?i: with a property");
	if (bits != 0) {
		regex_add_item(to, ITEM_CATEGORY, bits, 0, negated);
	} else if (n == 3 && memcmp(x->s, "Han", 3) == 0) {
		struct regex_items all = { 0 };

		for (size_t i = 0; i < TK_LEN(han); i++)
			regex_add_item(&all, ITEM_RANGE, han[i][0], han[i][1],
			    false);
		regex_add_item(to, ITEM_SET,
		    regex_add_set(x, &all, REGEX_NONE, negated), 0, false);
	} else {
		return regex_wrong(x, "a property that is no category");
	}
	x->s = close + 1;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \u3000, \x{3000}, \x0a: behind the letter. */
static bool
hex_char(struct regex_parse *x, char letter, uint32_t *cp)
{
	bool braces = letter == 'x' && regex_skip(x, "{");
	int most = braces ? 6 : letter == 'u' ? 4 : 2, n = 0;

	*cp = 0;
	while (n < most && x->s < x->end && hex_digit(*x->s) >= 0) {
		*cp = *cp << 4 | (uint32_t)hex_digit(*x->s++);
		n++;
	}
	if (n == 0 || (!braces && n < most) ||
	    (braces && !regex_skip(x, "}")) || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp < 0xe000) ||
	    (!braces && letter == 'x' && *cp > 0x7f))
		return regex_wrong(x, "a number of a character");
	return true;
}

bool
regex_escape(struct regex_parse *x, struct regex_items *to, bool in_set,
    uint32_t *cp)
{
	char c = x->s < x->end ? *x->s++ : '\0';

	*cp = REGEX_NONE;
	switch (c) {
	case 'n':
		*cp = '\n';
		return true;
	case 'r':
		*cp = '\r';
		return true;
	case 't':
		*cp = '\t';
		return true;
	case 'f':
		*cp = '\f';
		return true;
	case 'v':
		*cp = '\v';
		return true;
	case 's':
	case 'S':
		regex_add_item(to, ITEM_SPACE, 0, 0, c == 'S');
		return true;
	case 'w':
	case 'W':
		regex_add_item(to, ITEM_WORD, in_set, 0, c == 'W');
		return true;
	case 'd':
	case 'D':
		regex_add_item(to, ITEM_CATEGORY, UINT32_C(1) << CATEGORY_Nd, 0,
		    c == 'D');
		return true;
	case 'p':
	case 'P':
		return property(x, to, c == 'P');
	case 'u':
	case 'x':
		return hex_char(x, c, cp);
	}
	if (c < 0x21 || c > 0x7e || is_letter((uint8_t)c) ||
	    (c >= '0' && c <= '9'))
		return regex_wrong(x, "an escape");
	*cp = (uint8_t)c;
	return true;
}

uint32_t
regex_literal(struct regex_parse *x)
{
	int32_t cp;

	x->s += tk_utf8_step(x->s, (size_t)(x->end - x->s), &cp);
	return (uint32_t)cp;
}

/* One element of a set: a range, a character, an escape, a set. */
static bool
element(struct regex_parse *x, struct regex_items *to)
{
	uint32_t a, b, set;
	struct regex_items none = { 0 };

	if (regex_is_next(x, "[:"))
		return regex_wrong(x, "a class of POSIX");
	if (regex_skip(x, "[")) {
		if (!regex_parse_set(x, true, &set))
			return false;
		regex_add_item(to, ITEM_SET, set, 0, false);
		return true;
	}
	if (regex_skip(x, "\\")) {
		if (!regex_escape(x, to, true, &a))
			return false;
		if (a == REGEX_NONE)
			return !regex_is_next(x, "-") || x->s + 1 == x->end ||
			    x->s[1] == ']' || regex_wrong(x, "a range");
	} else {
		a = regex_literal(x);
	}
	b = a;
	if (regex_is_next(x, "-") && x->s + 1 < x->end && x->s[1] != ']') {
		x->s++;
		if (regex_is_next(x, "[") || regex_is_next(x, "&&"))
			return regex_wrong(x, "a range");
		if (!regex_skip(x, "\\"))
			b = regex_literal(x);
		else if (!regex_escape(x, &none, true, &b) || b == REGEX_NONE)
			b = 0;
		free(none.item);
		if (b < a)
			return regex_wrong(x, "a range");
	}
	return regex_add_range(x, to, a, b);
}

bool
regex_parse_set(struct regex_parse *x, bool inner, uint32_t *set)
{
	bool negated = inner && regex_skip(x, "^"), good = true;
	uint32_t also = REGEX_NONE;
	struct regex_items items = { 0 };

	if (++x->depth > DEPTH || regex_is_next(x, "]"))
		good = regex_wrong(x, "a set");
	while (good && x->s < x->end && *x->s != ']') {
		if (regex_skip(x, "&&")) {
			good = regex_parse_set(x, false, &also);
			break;
		}
		good = element(x, &items);
	}
	x->depth--;
	if (good && inner && !regex_skip(x, "]"))
		good = regex_wrong(x, "a set that does not end");
	if (good)
		*set = regex_add_set(x, &items, also, negated);
	free(items.item);
	return good;
}
