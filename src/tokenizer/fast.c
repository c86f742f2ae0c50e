/*
 * Proving that a model is one of those that src/count does, and packing it.
 *
 * Lists of merges name pairs of tokens; a packed vocabulary merges any two
 * neighbours whose bytes together are a token.  vocab/pack.c says why that
 * is the same when each token comes, from its own bytes alone, from a pair
 * of the list; then the rank of that pair is the token's.  So the merges are
 * done for each token here.  A token that they do not make is never made in
 * any text, and only a piece that has its bytes may be it.
 */
#include "tokenizer/fast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/flow.h"
#include "vocab/pack.h"

/* So many steps of merging are enough for 2^23 tokens of common length, and
 * so many pairs of added tokens are compared. */
#define WORK_MAX (INT64_C(1) << 31)
#define PAIRS_MAX (1 << 22)

struct fast {
	const struct model *m;
	struct vocab_source src;
	struct vocab_source_token *token;
	struct vocab_special *special;
	struct model_merge *pair; /* by left and right; to NONE is empty */
	uint32_t pairs;           /* a power of two */
	uint32_t byte[256];
	uint32_t *part; /* of the token that is being merged */
	uint32_t part_room;
	int64_t work;
};

static struct model_merge *
pair_slot(const struct fast *f, uint32_t left, uint32_t right)
{
	uint64_t h =
	    ((uint64_t)left << 32 | right) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t at = (uint32_t)(h >> 32) & (f->pairs - 1);

	while (f->pair[at].to != MODEL_NONE &&
	    (f->pair[at].left != left || f->pair[at].right != right))
		at = (at + 1) & (f->pairs - 1);
	return &f->pair[at];
}

/* Of two for the same pair the last counts. */
static void
put_pairs(struct fast *f)
{
	const struct model *m = f->m;

	f->pairs = 1024;
	while (f->pairs / 2 < m->n_merge)
		f->pairs *= 2;
	f->pair = tk_xreallocarray(NULL, f->pairs, sizeof(*f->pair));
	memset(f->pair, 0xff, f->pairs * sizeof(*f->pair));
	for (size_t i = 0; i < m->n_merge; i++)
		*pair_slot(f, m->merge[i].left, m->merge[i].right) =
		    m->merge[i];
}

/* The lowest rank among neighbours, the leftmost of those, or NULL. */
static const struct model_merge *
lowest(struct fast *f, uint32_t n, uint32_t *where)
{
	const struct model_merge *best = NULL;

	for (uint32_t i = 0; i + 1 < n; i++) {
		const struct model_merge *p =
		    pair_slot(f, f->part[i], f->part[i + 1]);

		if (p->to == MODEL_NONE ||
		    (best != NULL && p->rank >= best->rank))
			continue;
		best = p;
		*where = i;
	}
	f->work += n;
	return best;
}

/* The rank of the merge that completes a token, or NONE: none does. */
static uint32_t
merge_alone(struct fast *f, uint32_t id)
{
	struct model_text t = f->m->token[id].text;
	const uint8_t *p = model_bytes(f->m, t);
	const struct model_merge *best;
	uint32_t n = t.len, at = 0, rank = MODEL_NONE;

	if (n > f->part_room) {
		f->part_room = n;
		f->part = tk_xreallocarray(f->part, n, sizeof(*f->part));
	}
	for (uint32_t i = 0; i < n; i++)
		f->part[i] = f->byte[p[i]];
	while (f->work < WORK_MAX && (best = lowest(f, n, &at)) != NULL) {
		f->part[at] = best->to;
		rank = best->rank;
		n--;
		memmove(f->part + at + 1, f->part + at + 2,
		    (n - at - 1) * sizeof(*f->part));
	}
	return n == 1 && f->part[0] == id ? rank : MODEL_NONE;
}

/* Ids are ranks when merging goes by them, and no table is needed then. */
static bool
ids_are_ranks(const struct vocab_source *src)
{
	uint32_t last = 0, id = 0;
	bool any = false;

	for (size_t i = 0; i < src->n; i++) {
		const struct vocab_source_token *t = &src->tokens[i];

		if (t->flags != 0)
			return false;
		if (t->len == 1)
			continue;
		if (any && (t->id <= id || t->rank <= last))
			return false;
		id = t->id;
		last = t->rank;
		any = true;
	}
	return true;
}

static bool
put_tokens(struct fast *f)
{
	const struct model *m = f->m;
	uint32_t n = 0,
		 whole = (m->flags & MODEL_WHOLE) != 0 ? VOCAB_TOKEN_WHOLE
						       : VOCAB_TOKEN_DECODE;

	f->token = tk_xcalloc(m->n_id + 1u, sizeof(*f->token));
	for (uint32_t id = 0; id < m->n_id; id++) {
		struct model_text t = m->token[id].text;
		struct vocab_source_token *to = &f->token[n];
		enum model_token_type type = m->token[id].type;

		if (type == TOKEN_ABSENT)
			continue;
		if (t.len == 0 && type == TOKEN_RESERVED)
			continue;
		if (t.len == 0 ||
		    (type != TOKEN_NORMAL && type != TOKEN_RESERVED))
			return false;
		*to = (struct vocab_source_token){ model_bytes(m, t), t.len, 0,
			id, 0 };
		if (type == TOKEN_RESERVED)
			to->flags = VOCAB_TOKEN_DECODE;
		else if (t.len == 1)
			to->rank = *to->bytes;
		else if ((to->rank = merge_alone(f, id)) == MODEL_NONE)
			to->flags = whole;
		else
			to->rank += 256;
		n++;
	}
	f->src.tokens = f->token;
	f->src.n = n;
	if (ids_are_ranks(&f->src))
		for (uint32_t i = 0; i < n; i++)
			f->token[i].rank = f->token[i].id;
	return f->work < WORK_MAX;
}

static bool
has_all_bytes(struct fast *f)
{
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		f->byte[i] = model_find(f->m, &byte, 1);
		if (f->byte[i] >= f->m->n_id)
			return false;
	}
	return true;
}

static bool
is_form(const struct model *m, const struct model_step *s, const char *name)
{
	return s->a.len == strlen(name) &&
	    memcmp(model_bytes(m, s->a), name, s->a.len) == 0;
}

/* A normal form or none, added tokens, one pattern. */
static bool
read_steps(struct fast *f)
{
	const struct model *m = f->m;
	const struct model_step *s = m->step, *end = m->step + m->n_step;
	struct tk_err none = TK_ERR_INIT;
	uint32_t pattern;

	if (s < end && s->kind == STEP_NORMALIZE) {
		f->src.flags = is_form(m, s, "NFC") ? VOCAB_NFC
		    : is_form(m, s, "NFKC")         ? VOCAB_NFKC
						    : 0;
		if (f->src.flags == 0)
			return false;
		s++;
	}
	if (s < end && s->kind == STEP_ADDED)
		s++;
	if (end - s != 1 || s->kind != STEP_PATTERN ||
	    pattern_find((const char *)model_bytes(m, s->a), s->a.len, &pattern,
		&none) < 0)
		return false;
	f->src.pattern = (enum vocab_pattern)pattern;
	return true;
}

/* Whether the two can stand in a text so that they share bytes. */
static bool
overlap(const struct model *m, struct model_text a, struct model_text b)
{
	const uint8_t *p = model_bytes(m, a), *q = model_bytes(m, b);

	for (uint32_t at = 0; at < a.len; at++) {
		uint32_t n = a.len - at < b.len ? a.len - at : b.len;

		if (memcmp(p + at, q, n) == 0)
			return true;
	}
	for (uint32_t at = 1; at < b.len; at++) {
		uint32_t n = b.len - at < a.len ? b.len - at : a.len;

		if (memcmp(q + at, p, n) == 0)
			return true;
	}
	return false;
}

static bool
same_text(const struct model *m, struct model_text a, struct model_text b)
{
	return a.len == b.len &&
	    memcmp(model_bytes(m, a), model_bytes(m, b), a.len) == 0;
}

/*
 * Added tokens that are looked for one after the other, or of which only
 * some are taken, hide each other where they overlap: there may be none.
 */
static bool
are_apart(const struct model *m)
{
	uint32_t differ = ADDED_SPECIAL | ADDED_NORMALIZED;
	size_t pairs = 0;

	for (size_t i = 0; i < m->n_added; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct model_added *a = &m->added[i];
			const struct model_added *b = &m->added[k];

			if (((a->flags ^ b->flags) & differ) == 0) {
				if (same_text(m, a->text, b->text))
					return false;
				continue;
			}
			if (++pairs > PAIRS_MAX || overlap(m, a->text, b->text))
				return false;
		}
	}
	return true;
}

/* Those that are always found come first. */
static bool
put_added(struct fast *f)
{
	const struct model *m = f->m;
	uint32_t norm = 0, odd = 0;

	f->special = tk_xcalloc(m->n_added + 1, sizeof(*f->special));
	for (uint32_t special = 0; special <= ADDED_SPECIAL; special +=
	     ADDED_SPECIAL) {
		for (size_t i = 0; i < m->n_added; i++) {
			const struct model_added *a = &m->added[i];

			if ((a->flags & ADDED_SPECIAL) != special)
				continue;
			if (a->text.len == 0)
				return false;
			norm += (a->flags & ADDED_NORMALIZED) != 0;
			odd |= a->flags;
			f->special[f->src.n_specials++] =
			    (struct vocab_special){ a->id,
				    model_bytes(m, a->text), a->text.len };
			f->src.n_always += special == 0;
		}
	}
	f->src.specials = f->special;
	if ((odd & (ADDED_LSTRIP | ADDED_RSTRIP | ADDED_SINGLE_WORD)) != 0)
		return false;
	if (f->src.flags != 0 && norm > 0) {
		f->src.flags |= VOCAB_SPECIAL_LATE;
		if (norm < m->n_added)
			return false;
	}
	return are_apart(m);
}

bool
fast_make(const struct model *m, const char *name, void **image, size_t *len)
{
	static const uint32_t others =
	    MODEL_SPACES | MODEL_DROP_FIRST | MODEL_DROP_LAST | MODEL_SPM;
	struct fast f = { .m = m };
	struct tk_err none = TK_ERR_INIT;
	char start[32];
	bool done = false;

	/* What there is room for; who opens it knows the name. */
	snprintf(start, sizeof(start), "%s", name);
	f.src.name = start;
	*image = NULL;
	if (m->kind == MODEL_BYTES && (m->flags & others) == 0 &&
	    read_steps(&f) && put_added(&f) && has_all_bytes(&f)) {
		put_pairs(&f);
		done = put_tokens(&f) &&
		    vocab_pack(&f.src, image, len, &none) == 0;
	}
	free(f.pair);
	free(f.part);
	free(f.token);
	free(f.special);
	return done;
}
