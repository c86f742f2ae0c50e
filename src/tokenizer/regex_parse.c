/* From the text of an expression to the program of regex_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/regex_parse.h"

enum { DEPTH = 16, OPS_MAX = 4096, BRANCHES = 256 };

static struct regex_op *
add_op(struct regex_parse *x, enum regex_op_kind kind)
{
	struct regex *r = x->r;

	if (r->ops >= OPS_MAX)
		regex_wrong(x, "it is too long");
	r->op = tk_xreallocarray(r->op, r->ops + 1, sizeof(*r->op));
	r->op[r->ops] = (struct regex_op){ .kind = kind, .other = REGEX_NONE };
	return &r->op[r->ops++];
}

/* A split in front of what begins at a place; what led there from before
 * leads to the split. */
static struct regex_op *
insert_split(struct regex_parse *x, uint32_t at)
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

static bool parse_branches(struct regex_parse *x, bool *empty);

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
add_char(struct regex_parse *x, uint32_t cp)
{
	struct regex_items items = { 0 };
	struct regex_op *o;
	bool good = true;
	uint32_t set;

	if (x->fold && folds_together(x->before, cp))
		good = regex_wrong(x, "(?i: of letters that may be one");
	x->before = cp;
	good = good && regex_add_range(x, &items, cp, cp);
	set = regex_add_set(x, &items, REGEX_NONE, false);
	o = add_op(x, OP_SPAN);
	o->set = set;
	o->min = o->max = 1;
	return good;
}

static void
add_one(struct regex_parse *x, uint32_t set)
{
	struct regex_op *o = add_op(x, OP_SPAN);

	o->set = set;
	o->min = o->max = 1;
	x->before = 0;
}

/* (?!\S) and the like: what is looked at is one character. */
static bool
parse_look(struct regex_parse *x, bool negated)
{
	uint32_t at = x->r->ops;
	bool empty = false;
	struct regex_op *o;

	if (!parse_branches(x, &empty))
		return false;
	if (x->r->ops != at + 1)
		return regex_wrong(x, "looking at more than one character");
	o = &x->r->op[at];
	if (o->kind != OP_SPAN || o->min != 1)
		return regex_wrong(x, "looking at more than one character");
	o->kind = OP_LOOK;
	o->negated = negated;
	return true;
}

static bool
parse_group(struct regex_parse *x, bool *empty)
{
	bool fold = x->fold, good;

	*empty = false;
	if (++x->depth > DEPTH)
		return regex_wrong(x, "groups in groups");
	x->before = 0;
	if (regex_skip(x, "?!")) {
		good = parse_look(x, true);
		*empty = true;
	} else if (regex_skip(x, "?=")) {
		good = parse_look(x, false);
		*empty = true;
	} else {
		if (regex_skip(x, "?i:"))
			x->fold = true;
		else if (!regex_skip(x, "?:") && regex_is_next(x, "?"))
			return regex_wrong(x, "a group of a kind of its own");
		good = parse_branches(x, empty);
	}
	x->fold = fold;
	x->before = 0;
	x->depth--;
	return good &&
	    (regex_skip(x, ")") || regex_wrong(x, "a group that does not end"));
}

/* At the end of a line: no character but a line feed is next. */
static bool
parse_dollar(struct regex_parse *x, bool *empty)
{
	struct regex_items items = { 0 };
	struct regex_op *o;
	uint32_t set;

	regex_add_item(&items, ITEM_RANGE, '\n', '\n', false);
	set = regex_add_set(x, &items, REGEX_NONE, true);
	o = add_op(x, OP_LOOK);
	o->set = set;
	o->negated = true;
	*empty = true;
	return true;
}

static bool
parse_atom(struct regex_parse *x, bool *empty)
{
	struct regex_items items = { 0 };
	uint32_t cp, set;
	bool good;

	*empty = false;
	if (regex_skip(x, "("))
		return parse_group(x, empty);
	if (regex_skip(x, "[")) {
		if (!regex_parse_set(x, true, &set))
			return false;
		add_one(x, set);
		return true;
	}
	if (regex_skip(x, ".")) {
		regex_add_item(&items, ITEM_RANGE, '\n', '\n', false);
		add_one(x, regex_add_set(x, &items, REGEX_NONE, true));
		return true;
	}
	if (regex_skip(x, "$"))
		return parse_dollar(x, empty);
	if (strchr("^*+?{}]", *x->s) != NULL)
		return regex_wrong(x,
		    "an anchor, or a sign without its meaning");
	if (!regex_skip(x, "\\"))
		return add_char(x, regex_literal(x));
	good = regex_escape(x, &items, false, &cp);
	if (good && cp != REGEX_NONE)
		return add_char(x, cp);
	if (good)
		add_one(x, regex_add_set(x, &items, REGEX_NONE, false));
	free(items.item);
	return good;
}

/* {2}, {1,3}, {2,}: behind the brace. */
static bool
parse_times(struct regex_parse *x, uint32_t *min, uint32_t *max)
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
			return regex_wrong(x, "a number of times");
		*to = *to * 10 + (uint32_t)(*x->s - '0');
	}
	if (to == min)
		*max = *min;
	return regex_skip(x, "}") && *max > 0 && *min <= *max
	    ? true
	    : regex_wrong(x, "a number of times");
}

/* A group that may be left out, or be there again. */
static bool
repeat_group(struct regex_parse *x, uint32_t at, uint32_t min, uint32_t max,
    bool empty)
{
	struct regex_op *o;

	if (max == 1) {
		o = insert_split(x, at);
		o->other = x->r->ops;
		return true;
	}
	if (empty || min > 1 || max != UINT32_MAX)
		return regex_wrong(x, "a group so many times");
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
parse_quantifier(struct regex_parse *x, uint32_t at, bool *empty)
{
	uint32_t min, max;
	bool braces = false;
	struct regex_op *o = x->r->ops == at + 1 ? &x->r->op[at] : NULL;

	if (regex_skip(x, "*")) {
		min = 0;
		max = UINT32_MAX;
	} else if (regex_skip(x, "+")) {
		min = 1;
		max = UINT32_MAX;
	} else if (regex_skip(x, "?")) {
		min = 0;
		max = 1;
	} else if (regex_skip(x, "{")) {
		braces = true;
		if (!parse_times(x, &min, &max))
			return false;
	} else {
		return true;
	}
	x->before = 0;
	if (regex_is_next(x, "?") || regex_is_next(x, "*") ||
	    regex_is_next(x, "{") || (braces && regex_is_next(x, "+")))
		return regex_wrong(x,
		    "a quantifier of a quantifier, or a lazy one");
	if (min == 1 && max == 1)
		return true;
	if (o != NULL && o->kind == OP_SPAN && o->min == 1 && o->max == 1) {
		o->min = min;
		o->max = max;
		o->possessive = regex_skip(x, "+");
	} else if (regex_is_next(x, "+") ||
	    !repeat_group(x, at, min, max, *empty)) {
		return regex_wrong(x, "a possessive group");
	}
	*empty = *empty || min == 0;
	return true;
}

static bool
parse_sequence(struct regex_parse *x, bool *empty)
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
parse_branches(struct regex_parse *x, bool *empty)
{
	uint32_t jump[BRANCHES], n = 0, start = x->r->ops;
	bool one;

	*empty = false;
	for (;;) {
		x->before = 0;
		if (!parse_sequence(x, &one))
			return false;
		*empty = *empty || one;
		if (!regex_skip(x, "|"))
			break;
		if (n == BRANCHES)
			return regex_wrong(x, "so many alternatives");
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
	struct regex_parse x = { .r = r, .s = s, .end = s + n };
	bool empty = false;

	*rp = NULL;
	r->uts18 = (flags & REGEX_UTS18) != 0;
	if (!tk_utf8_valid(s, n))
		regex_wrong(&x, "it is not UTF-8");
	if (x.wrong == NULL && parse_branches(&x, &empty) && x.s < x.end)
		regex_wrong(&x, "a group that does not begin");
	if (empty)
		regex_wrong(&x, "it can match nothing");
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
