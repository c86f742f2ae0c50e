/*
 * Which model of a book an entry of a dataset is.
 *
 * Several names of a dataset can be one model here.  The one that is the
 * model's id speaks for it, else an alias, else one that only fits a
 * pattern; what the others say is not taken, for it may be another model.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"
#include "price/update.h"

enum { RANK_FITS, RANK_ALIAS, RANK_ID };

/* "vertex_ai-language-models" is a kind of "vertex_ai". */
const struct price_seller *
price_seller_like(const struct price_book *pb, const char *provider)
{
	char word[PRICE_NAME_MAX + 1], *dash;
	int who;

	if (provider == NULL || !price_fold(word, provider))
		return NULL;
	while ((who = price_seller_named(pb, word)) < 0) {
		dash = strrchr(word, '-');
		if (dash == NULL)
			return NULL;
		*dash = '\0';
	}
	return &price_sellers(pb)->v[who];
}

/* Ids go into a YAML file and on the screen: plain ASCII, or not at all. */
static bool
plain_id(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

/* In which way the candidate's name is one of the model's. */
static int
rank_of(const struct price_model *m, const char *id)
{
	char folded[PRICE_NAME_MAX + 1];

	if (price_fold(folded, price_model_id(m)) && strcmp(folded, id) == 0)
		return RANK_ID;
	return price_find_name(price_head_of(m), m->provider, id) == m
	    ? RANK_ALIAS
	    : RANK_FITS;
}

static bool
make_candidate(const struct price_book *pb, const struct price_entry *e,
    const struct price_seller *only, struct price_candidate *c)
{
	const struct price_seller *seller = price_seller_like(pb, e->provider);
	size_t cut;
	int who;

	if (seller == NULL || !plain_id(e->id) || !price_fold(c->id, e->id) ||
	    (only != NULL && only != seller))
		return false;
	c->e = e;
	c->seller = seller;
	who = price_seller_of_prefix(pb, c->id, &cut);
	if (who >= 0 && &price_sellers(pb)->v[who] == seller)
		memmove(c->id, c->id + cut, strlen(c->id + cut) + 1);
	c->m = price_resolve(pb, seller->id, c->id);
	c->via = NULL;
	if (c->m != NULL && strcmp(price_provider(c->m), seller->id) != 0) {
		c->via = c->m;
		c->m = NULL;
	}
	c->rank = c->m != NULL ? rank_of(c->m, c->id) : RANK_ID;
	return true;
}

bool
price_candidate_of(const struct price_book *pb, const struct price_entry *e,
    struct price_candidate *c)
{
	*c = (struct price_candidate){ .order = 0 };
	if (!make_candidate(pb, e, NULL, c))
		return false;
	c->via = NULL;
	if (c->rank == RANK_FITS)
		c->m = NULL;
	return true;
}

/* The names of one model together, who speaks for it first. */
static int
by_model(const void *a_, const void *b_)
{
	const struct price_candidate *a = a_, *b = b_;
	int names;

	if (a->m != b->m)
		return (uintptr_t)a->m < (uintptr_t)b->m ? -1 : 1;
	if (a->m == NULL) {
		names = strcmp(a->seller->id, b->seller->id);
		if (names == 0)
			names = strcmp(a->id, b->id);
		if (names != 0)
			return names;
	}
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int
by_order(const void *a_, const void *b_)
{
	const struct price_candidate *a = a_, *b = b_;

	return (a->order > b->order) - (a->order < b->order);
}

static bool
same_model(const struct price_candidate *a, const struct price_candidate *b)
{
	if (a->m != NULL || b->m != NULL)
		return a->m == b->m;
	return a->seller == b->seller && strcmp(a->id, b->id) == 0;
}

static bool
same_input_and_output(const struct price_entry *a, const struct price_entry *b)
{
	return a->quote->part[PRICE_INPUT] == b->quote->part[PRICE_INPUT] &&
	    a->quote->part[PRICE_OUTPUT] == b->quote->part[PRICE_OUTPUT];
}

/* Keep who speaks for each model, in the order of the dataset. */
static size_t
choose(struct price_candidate *c, size_t n, size_t *other)
{
	size_t kept = 0;

	if (n > 1)
		qsort(c, n, sizeof(*c), by_model);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && same_model(&c[kept - 1], &c[i]))
			*other += !same_input_and_output(c[kept - 1].e, c[i].e);
		else
			c[kept++] = c[i];
	}
	if (kept > 1)
		qsort(c, kept, sizeof(*c), by_order);
	return kept;
}

size_t
price_candidates(const struct price_book *pb, const struct price_dataset *data,
    const char *provider, struct price_candidate **to,
    struct price_update_counts *counts)
{
	struct price_candidate *c = tk_xcalloc(data->n + 1, sizeof(*c));
	const struct price_seller *only = price_seller_like(pb, provider);
	size_t n = 0;

	for (size_t i = 0; i < data->n; i++) {
		c[n].order = i;
		if (make_candidate(pb, &data->entry[i], only, &c[n]))
			n++;
		else
			counts->elsewhere++;
	}
	*to = c;
	return choose(c, n, &counts->other);
}
