/*
 * An expression becomes a program, which is run by trying and going back.
 * A run of one set is a single step, and going back into it one character
 * each, so the expressions that cut text take few steps for each character;
 * for those that do not, REGEX_LONG ends what would not.
 */
#include "tokenizer/regex.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/category.h"
#include "tokenizer/model.h"
#include "tokenizer/regex_int.h"

/* Steps for one place, besides some for each character of the text. */
enum { STEPS = 1 << 20, STEPS_EACH = 32 };

/* A place to go on from when what is tried fails: at pos, and if it is
 * behind low, at each character before that down to low. */
struct regex_way {
	uint32_t op;
	size_t pos, low;
};

/* Oniguruma's \w has no Join_Control, and the numbers of Latin 1, these but
 * within a set. */
static bool
is_word(const struct regex *r, bool in_set, uint32_t cp)
{
	if (!r->uts18 && (cp == 0x200c || cp == 0x200d))
		return false;
	if (!r->uts18 && !in_set &&
	    (cp == 0xb2 || cp == 0xb3 || cp == 0xb9 ||
		(cp >= 0xbc && cp <= 0xbe)))
		return true;
	return stage_is_word(cp);
}

static bool
item_has(const struct regex *r, const struct regex_item *i, uint32_t cp)
{
	switch (i->kind) {
	case ITEM_RANGE:
		return cp >= i->a && cp <= i->b;
	case ITEM_CATEGORY:
		return (i->a >> category_of(cp) & 1) != 0;
	case ITEM_SPACE:
		return stage_is_space(cp);
	case ITEM_WORD:
		return is_word(r, i->a != 0, cp);
	case ITEM_SET:
		return regex_set_has(r, i->a, cp);
	}
	return false;
}

static bool
set_looks(const struct regex *r, const struct regex_set *s, uint32_t cp)
{
	bool has = false;

	for (uint32_t i = s->first; i < s->first + s->items && !has; i++)
		has = item_has(r, &r->item[i], cp) != r->item[i].negated;
	if (has && s->also != REGEX_NONE)
		has = regex_set_has(r, s->also, cp);
	return has != s->negated;
}

bool
regex_set_has(const struct regex *r, uint32_t set, uint32_t cp)
{
	const struct regex_set *s = &r->set[set];

	if (cp < 128 && s->ready)
		return (s->ascii[cp / 64] >> cp % 64 & 1) != 0;
	return set_looks(r, s, cp);
}

void
regex_set_ready(struct regex *r, uint32_t set)
{
	struct regex_set *s = &r->set[set];

	for (uint32_t cp = 0; cp < 128; cp++)
		if (set_looks(r, s, cp))
			s->ascii[cp / 64] |= UINT64_C(1) << cp % 64;
	s->ready = true;
}

/* While a match is tried. */
struct run {
	struct regex *r;
	const uint8_t *p;
	size_t n;
	bool final;
	bool unsure;
};

/* Whether the character at pos is of the set, and where the next one is. */
static bool
one(struct run *x, uint32_t set, size_t *pos)
{
	unsigned k;
	uint32_t cp;

	if (*pos == x->n) {
		x->unsure = !x->final;
		return false;
	}
	cp = model_char(x->p + *pos, &k);
	if (!regex_set_has(x->r, set, cp))
		return false;
	*pos += k;
	return true;
}

static void
push(struct regex *r, uint32_t op, size_t pos, size_t low)
{
	if (r->ways == r->way_room) {
		r->way_room = r->way_room > 0 ? 2 * r->way_room : 64;
		r->way = tk_xreallocarray(r->way, r->way_room, sizeof(*r->way));
	}
	r->way[r->ways++] = (struct regex_way){ op, pos, low };
}

/* As many characters of the set as there are, and a way back. */
static bool
span(struct run *x, const struct regex_op *o, uint32_t at, size_t *pos)
{
	size_t low = *pos;
	uint32_t count = 0;

	while (count < o->max && one(x, o->set, pos)) {
		count++;
		x->r->steps++;
		if (count == o->min)
			low = *pos;
	}
	if (count < o->min || x->unsure)
		return false;
	if (!o->possessive && *pos > low)
		push(x->r, at + 1, *pos, low);
	return true;
}

static bool
look(struct run *x, const struct regex_op *o, size_t pos)
{
	bool there = one(x, o->set, &pos);

	return !x->unsure && there != o->negated;
}

/* Take the way that was left last; a way with more places stays. */
static bool
go_back(struct run *x, uint32_t *op, size_t *pos)
{
	struct regex *r = x->r;

	while (r->ways > 0) {
		struct regex_way *w = &r->way[r->ways - 1];

		*op = w->op;
		if (w->low == SIZE_MAX) {
			*pos = w->pos;
			r->ways--;
			return true;
		}
		if (w->pos <= w->low) {
			r->ways--;
			continue;
		}
		do
			w->pos--;
		while (x->p[w->pos] >> 6 == 2);
		*pos = w->pos;
		return true;
	}
	return false;
}

enum regex_answer
regex_match(struct regex *r, const uint8_t *p, size_t n, size_t at, bool final,
    size_t *end)
{
	struct run x = { .r = r, .p = p, .n = n, .final = final };
	uint64_t most = r->steps + STEPS + STEPS_EACH * (uint64_t)(n - at);
	size_t pos = at;
	uint32_t op = 0;
	bool good = true;

	r->ways = 0;
	for (;;) {
		const struct regex_op *o;

		if (!good && !go_back(&x, &op, &pos))
			return REGEX_NO;
		if (++r->steps > most)
			return REGEX_LONG;
		o = &r->op[op];
		good = true;
		switch (o->kind) {
		case OP_SPAN:
			good = span(&x, o, op, &pos);
			op++;
			break;
		case OP_LOOK:
			good = look(&x, o, pos);
			op++;
			break;
		case OP_SPLIT:
			push(r, o->other, pos, SIZE_MAX);
			op++;
			break;
		case OP_JUMP:
			op = o->other;
			break;
		case OP_MATCH:
			*end = pos;
			return REGEX_YES;
		}
		if (x.unsure)
			return REGEX_UNSURE;
	}
}

uint64_t
regex_steps(const struct regex *r)
{
	return r->steps;
}

void
regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	free(r->op);
	free(r->set);
	free(r->item);
	free(r->way);
	free(r);
}
