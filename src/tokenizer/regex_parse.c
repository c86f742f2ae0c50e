/* From the text of an expression to the program of regex_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/category.h"
#include "tokenizer/regex_int.h"

enum { DEPTH = 16, OPS_MAX = 4096, BRANCHES = 256 };

struct parse {
	struct regex *r;
	const char *s, *end;
	const char *wrong; /* why it cannot be done; NULL so far */
	uint32_t before;   /* the letter before, where case does not matter */
	bool fold;         /* (?i: */
	int depth;
};

/* The items of a set, until all of them are known. */
struct items {
	struct regex_item *item;
	uint32_t n;
};

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

static bool
wrong(struct parse *x, const char *why)
{
	if (x->wrong == NULL)
		x->wrong = why;
	return false;
}

static bool
is_next(const struct parse *x, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(x->end - x->s) >= n && memcmp(x->s, text, n) == 0;
}

static bool
skip(struct parse *x, const char *text)
{
	bool there = is_next(x, text);

	x->s += there ? strlen(text) : 0;
	return there;
}

static struct regex_op *
add_op(struct parse *x, enum regex_op_kind kind)
{
	struct regex *r = x->r;

	if (r->ops >= OPS_MAX)
		wrong(x, "it is too long");
	r->op = tk_xreallocarray(r->op, r->ops + 1, sizeof(*r->op));
	r->op[r->ops] = (struct regex_op){ .kind = kind, .other = REGEX_NONE };
	return &r->op[r->ops++];
}

/* A split in front of what begins at a place; what led there from before
 * leads to the split. */
static struct regex_op *
insert_split(struct parse *x, uint32_t at)
{
	struct regex *r = x->r;

	add_op(x, OP_SPLIT);
	for (uint32_t i = r->ops - 1; i > at; i--)
		r->op[i] = r->op[i - 1];
	for (uint32_t i = 0; i < r->ops; i++)
		if (r->op[i].other != REGEX_NONE &&
		    r->op[i].other + (i > at) > at)
			r->op[i].other++;
	r->op[at] = (struct regex_op){ .kind = OP_SPLIT, .other = REGEX_NONE };
	return &r->op[at];
}

static void
add_item(struct items *to, enum regex_item_kind kind, uint32_t a, uint32_t b,
    bool negated)
{
	to->item = tk_xreallocarray(to->item, to->n + 1, sizeof(*to->item));
	to->item[to->n++] = (struct regex_item){ kind, a, b, negated };
}

/* A set of these items, which are let go of. */
static uint32_t
add_set(struct parse *x, struct items *from, uint32_t also, bool negated)
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
	*from = (struct items){ 0 };
	regex_set_ready(r, r->sets);
	return r->sets++;
}

static bool
is_letter(uint32_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Characters a to b, in both cases where that is asked for. */
static bool
add_range(struct parse *x, struct items *to, uint32_t a, uint32_t b)
{
	add_item(to, ITEM_RANGE, a, b, false);
	if (!x->fold)
		return true;
	if (b > 0x7f)
		return wrong(x, "(?i: with other than ASCII");
	for (uint32_t c = a; c <= b; c++) {
		if (is_letter(c))
			add_item(to, ITEM_RANGE, c ^ 32, c ^ 32, false);
		if ((c | 32) == 's')
			add_item(to, ITEM_RANGE, 0x17f, 0x17f, false);
		if ((c | 32) == 'k')
			add_item(to, ITEM_RANGE, 0x212a, 0x212a, false);
	}
	return true;
}

/* \p{Lu}, \P{N}, \p{^L}, \pL is not Oniguruma's. */
static bool
property(struct parse *x, struct items *to, bool negated)
{
	const char *close;
	uint32_t bits;
	size_t n;

	if (!skip(x, "{") ||
	    (close = memchr(x->s, '}', (size_t)(x->end - x->s))) == NULL)
		return wrong(x, "a property cannot be read");
	negated ^= skip(x, "^");
	n = (size_t)(close - x->s);
	bits = category_bits(x->s, n);
	if (x->fold)
		return wrong(x, "(?i: with a property");
	if (bits != 0) {
		add_item(to, ITEM_CATEGORY, bits, 0, negated);
	} else if (n == 3 && memcmp(x->s, "Han", 3) == 0) {
		struct items all = { 0 };

		for (size_t i = 0; i < TK_LEN(han); i++)
			add_item(&all, ITEM_RANGE, han[i][0], han[i][1], false);
		add_item(to, ITEM_SET, add_set(x, &all, REGEX_NONE, negated), 0,
		    false);
	} else {
		return wrong(x, "a property that is no category");
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
hex_char(struct parse *x, char letter, uint32_t *cp)
{
	bool braces = letter == 'x' && skip(x, "{");
	int most = braces ? 6 : letter == 'u' ? 4 : 2, n = 0;

	*cp = 0;
	while (n < most && x->s < x->end && hex_digit(*x->s) >= 0) {
		*cp = *cp << 4 | (uint32_t)hex_digit(*x->s++);
		n++;
	}
	if (n == 0 || (!braces && n < most) || (braces && !skip(x, "}")) ||
	    *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000) ||
	    (!braces && letter == 'x' && *cp > 0x7f))
		return wrong(x, "a number of a character");
	return true;
}

/*
 * What stands behind a backslash: a character, or items of a set, and then
 * *cp is NONE.
 */
static bool
escape(struct parse *x, struct items *to, uint32_t *cp)
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
		add_item(to, ITEM_SPACE, 0, 0, c == 'S');
		return true;
	case 'w':
	case 'W':
		add_item(to, ITEM_WORD, 0, 0, c == 'W');
		return true;
	case 'd':
	case 'D':
		add_item(to, ITEM_CATEGORY, UINT32_C(1) << CATEGORY_Nd, 0,
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
		return wrong(x, "an escape");
	*cp = (uint8_t)c;
	return true;
}

static uint32_t
literal(struct parse *x)
{
	int32_t cp;

	x->s += tk_utf8_step(x->s, (size_t)(x->end - x->s), &cp);
	return (uint32_t)cp;
}

static bool parse_set(struct parse *x, bool inner, uint32_t *set);

/* One element of a set: a range, a character, an escape, a set. */
static bool
element(struct parse *x, struct items *to)
{
	uint32_t a, b, set;
	struct items none = { 0 };

	if (is_next(x, "[:"))
		return wrong(x, "a class of POSIX");
	if (skip(x, "[")) {
		if (!parse_set(x, true, &set))
			return false;
		add_item(to, ITEM_SET, set, 0, false);
		return true;
	}
	if (skip(x, "\\")) {
		if (!escape(x, to, &a))
			return false;
		if (a == REGEX_NONE)
			return !is_next(x, "-") || x->s + 1 == x->end ||
			    x->s[1] == ']' || wrong(x, "a range");
	} else {
		a = literal(x);
	}
	b = a;
	if (is_next(x, "-") && x->s + 1 < x->end && x->s[1] != ']') {
		x->s++;
		if (is_next(x, "[") || is_next(x, "&&"))
			return wrong(x, "a range");
		if (!skip(x, "\\"))
			b = literal(x);
		else if (!escape(x, &none, &b) || b == REGEX_NONE)
			b = 0;
		free(none.item);
		if (b < a)
			return wrong(x, "a range");
	}
	return add_range(x, to, a, b);
}

/* Behind "[", or behind "&&", which goes on to the same "]". */
static bool
parse_set(struct parse *x, bool inner, uint32_t *set)
{
	bool negated = inner && skip(x, "^"), good = true;
	uint32_t also = REGEX_NONE;
	struct items items = { 0 };

	if (++x->depth > DEPTH || is_next(x, "]"))
		good = wrong(x, "a set");
	while (good && x->s < x->end && *x->s != ']') {
		if (skip(x, "&&")) {
			good = parse_set(x, false, &also);
			break;
		}
		good = element(x, &items);
	}
	x->depth--;
	if (good && inner && !skip(x, "]"))
		good = wrong(x, "a set that does not end");
	if (good)
		*set = add_set(x, &items, also, negated);
	free(items.item);
	return good;
}

static bool parse_branches(struct parse *x, bool *empty);

/* What Oniguruma takes for one other letter. */
static bool
folds_together(uint32_t a, uint32_t b)
{
	a |= 32;
	b |= 32;
	return (a == 's' && (b == 's' || b == 't')) ||
	    (a == 'f' && (b == 'f' || b == 'i' || b == 'l')) ||
	    (a == 'i' && b > 0x7f);
}

static bool
add_char(struct parse *x, uint32_t cp)
{
	struct items items = { 0 };
	struct regex_op *o;
	bool good = true;
	uint32_t set;

	if (x->fold && folds_together(x->before, cp))
		good = wrong(x, "(?i: of letters that may be one");
	x->before = cp;
	good = good && add_range(x, &items, cp, cp);
	set = add_set(x, &items, REGEX_NONE, false);
	o = add_op(x, OP_SPAN);
	o->set = set;
	o->min = o->max = 1;
	return good;
}

static void
add_one(struct parse *x, uint32_t set)
{
	struct regex_op *o = add_op(x, OP_SPAN);

	o->set = set;
	o->min = o->max = 1;
	x->before = 0;
}

/* (?!\S) and the like: what is looked at is one character. */
static bool
parse_look(struct parse *x, bool negated)
{
	uint32_t at = x->r->ops;
	bool empty = false;
	struct regex_op *o;

	if (!parse_branches(x, &empty))
		return false;
	if (x->r->ops != at + 1)
		return wrong(x, "looking at more than one character");
	o = &x->r->op[at];
	if (o->kind != OP_SPAN || o->min != 1)
		return wrong(x, "looking at more than one character");
	o->kind = OP_LOOK;
	o->negated = negated;
	return true;
}

static bool
parse_group(struct parse *x, bool *empty)
{
	bool fold = x->fold, good;

	*empty = false;
	if (++x->depth > DEPTH)
		return wrong(x, "groups in groups");
	x->before = 0;
	if (skip(x, "?!")) {
		good = parse_look(x, true);
		*empty = true;
	} else if (skip(x, "?=")) {
		good = parse_look(x, false);
		*empty = true;
	} else {
		if (skip(x, "?i:"))
			x->fold = true;
		else if (!skip(x, "?:") && is_next(x, "?"))
			return wrong(x, "a group of a kind of its own");
		good = parse_branches(x, empty);
	}
	x->fold = fold;
	x->before = 0;
	x->depth--;
	return good && (skip(x, ")") || wrong(x, "a group that does not end"));
}

/* At the end of a line: no character but a line feed is next. */
static bool
parse_dollar(struct parse *x, bool *empty)
{
	struct items items = { 0 };
	struct regex_op *o;
	uint32_t set;

	add_item(&items, ITEM_RANGE, '\n', '\n', false);
	set = add_set(x, &items, REGEX_NONE, true);
	o = add_op(x, OP_LOOK);
	o->set = set;
	o->negated = true;
	*empty = true;
	return true;
}

static bool
parse_atom(struct parse *x, bool *empty)
{
	struct items items = { 0 };
	uint32_t cp, set;
	bool good;

	*empty = false;
	if (skip(x, "("))
		return parse_group(x, empty);
	if (skip(x, "[")) {
		if (!parse_set(x, true, &set))
			return false;
		add_one(x, set);
		return true;
	}
	if (skip(x, ".")) {
		add_item(&items, ITEM_RANGE, '\n', '\n', false);
		add_one(x, add_set(x, &items, REGEX_NONE, true));
		return true;
	}
	if (skip(x, "$"))
		return parse_dollar(x, empty);
	if (strchr("^*+?{}]", *x->s) != NULL)
		return wrong(x, "an anchor, or a sign without its meaning");
	if (!skip(x, "\\"))
		return add_char(x, literal(x));
	good = escape(x, &items, &cp);
	if (good && cp != REGEX_NONE)
		return add_char(x, cp);
	if (good)
		add_one(x, add_set(x, &items, REGEX_NONE, false));
	free(items.item);
	return good;
}

/* {2}, {1,3}, {2,}: behind the brace. */
static bool
parse_times(struct parse *x, uint32_t *min, uint32_t *max)
{
	uint32_t *to = min;

	*min = 0;
	*max = REGEX_NONE;
	for (; x->s < x->end && *x->s != '}'; x->s++) {
		if (*x->s == ',' && to == min && x->s[-1] != '{') {
			to = max;
			*max = x->s + 1 < x->end && x->s[1] == '}' ? UINT32_MAX
								   : 0;
			continue;
		}
		if (*x->s < '0' || *x->s > '9' || *to > 999)
			return wrong(x, "a number of times");
		*to = *to * 10 + (uint32_t)(*x->s - '0');
	}
	if (to == min)
		*max = *min;
	return skip(x, "}") && *max > 0 && *min <= *max
	    ? true
	    : wrong(x, "a number of times");
}

/* A group that may be left out, or be there again. */
static bool
repeat_group(struct parse *x, uint32_t at, uint32_t min, uint32_t max,
    bool empty)
{
	struct regex_op *o;

	if (max == 1) {
		o = insert_split(x, at);
		o->other = x->r->ops;
		return true;
	}
	if (empty || min > 1 || max != UINT32_MAX)
		return wrong(x, "a group so many times");
	if (min == 0) {
		insert_split(x, at);
		o = add_op(x, OP_JUMP);
		o->other = at;
		x->r->op[at].other = x->r->ops;
	} else {
		o = add_op(x, OP_SPLIT);
		o->other = x->r->ops + 1;
		add_op(x, OP_JUMP)->other = at;
	}
	return true;
}

/* *, +, ? or {}, of what begins at a place. */
static bool
parse_quantifier(struct parse *x, uint32_t at, bool *empty)
{
	uint32_t min, max;
	bool braces = false;
	struct regex_op *o = x->r->ops == at + 1 ? &x->r->op[at] : NULL;

	if (skip(x, "*")) {
		min = 0;
		max = UINT32_MAX;
	} else if (skip(x, "+")) {
		min = 1;
		max = UINT32_MAX;
	} else if (skip(x, "?")) {
		min = 0;
		max = 1;
	} else if (skip(x, "{")) {
		braces = true;
		if (!parse_times(x, &min, &max))
			return false;
	} else {
		return true;
	}
	x->before = 0;
	if (is_next(x, "?") || is_next(x, "*") || is_next(x, "{") ||
	    (braces && is_next(x, "+")))
		return wrong(x, "a quantifier of a quantifier, or a lazy one");
	if (min == 1 && max == 1)
		return true;
	if (o != NULL && o->kind == OP_SPAN && o->min == 1 && o->max == 1) {
		o->min = min;
		o->max = max;
		o->possessive = skip(x, "+");
	} else if (is_next(x, "+") || !repeat_group(x, at, min, max, *empty)) {
		return wrong(x, "a possessive group");
	}
	*empty = *empty || min == 0;
	return true;
}

static bool
parse_sequence(struct parse *x, bool *empty)
{
	*empty = true;
	while (x->s < x->end && *x->s != '|' && *x->s != ')') {
		uint32_t at = x->r->ops;
		bool none;

		if (!parse_atom(x, &none) || !parse_quantifier(x, at, &none))
			return false;
		*empty = *empty && none;
	}
	return true;
}

static bool
parse_branches(struct parse *x, bool *empty)
{
	uint32_t jump[BRANCHES], n = 0, start = x->r->ops;
	bool one;

	*empty = false;
	for (;;) {
		x->before = 0;
		if (!parse_sequence(x, &one))
			return false;
		*empty = *empty || one;
		if (!skip(x, "|"))
			break;
		if (n == BRANCHES)
			return wrong(x, "so many alternatives");
		insert_split(x, start);
		jump[n++] = x->r->ops;
		add_op(x, OP_JUMP);
		x->r->op[start].other = x->r->ops;
		start = x->r->ops;
	}
	while (n > 0)
		x->r->op[jump[--n]].other = x->r->ops;
	return true;
}

int
regex_new(struct regex **rp, const char *s, size_t n, enum regex_flags flags,
    struct tk_err *err)
{
	struct regex *r = tk_xcalloc(1, sizeof(*r));
	struct parse x = { .r = r, .s = s, .end = s + n };
	bool empty = false;

	*rp = NULL;
	r->uts18 = (flags & REGEX_UTS18) != 0;
	if (!tk_utf8_valid(s, n))
		wrong(&x, "it is not UTF-8");
	if (x.wrong == NULL && parse_branches(&x, &empty) && x.s < x.end)
		wrong(&x, "a group that does not begin");
	if (empty)
		wrong(&x, "it can match nothing");
	add_op(&x, OP_MATCH);
	if (x.wrong != NULL) {
		tk_fail(err, TK_DATA,
		    "the regular expression '%.*s' is not supported: %s",
		    n < 200 ? (int)n : 200, s, x.wrong);
		regex_free(r);
		return -1;
	}
	*rp = r;
	return 0;
}
