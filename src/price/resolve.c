/*
 * From the name that a log or a person gives to a model of the book.
 *
 * Where the call names a provider, that one is asked; else who has a prefix
 * of the name ("bedrock/..."), else whose patterns fit it ("detect"), else
 * all primary ones.  Each is asked for the exact name or alias, then for the
 * longest pattern of its models, then again with a date or version taken off
 * the name.  Who is asked for its prefix knows the name with and without it:
 * "bare" below is the name without, or the same pointer as the name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"

enum { STRIPS_MAX = 4, SELLERS_MAX = 512, MEMO_SLOTS = 256, MEMO_KEY = 112 };

struct seek {
	const struct price_book *pb;
	bool asked[SELLERS_MAX]; /* in vain */
};

static const struct price_model *
ask_globs(const struct price_head *h, int ix, const char *name,
    const char *bare)
{
	const struct price_provider *p = PRICE_SPAN(h, h->providers);
	const struct price_glob *g = PRICE_SPAN(h, p[ix].globs);
	const struct price_model *models = PRICE_SPAN(h, h->models);

	for (uint32_t i = 0; i < p[ix].globs.n; i++) {
		const char *pattern = price_str(h, g[i].pattern);

		if (price_glob_match(pattern, name) ||
		    (bare != name && price_glob_match(pattern, bare)))
			return &models[g[i].target];
	}
	return NULL;
}

static void
copy_name(char *to, const char *name)
{
	memcpy(to, name, strlen(name) + 1);
}

/* "-20250929" for "-2025-09-29" and the reverse: the same snapshot. */
static bool
respell_date(char *to, const char *name)
{
	size_t n = strlen(name), cut;

	copy_name(to, name);
	if (!price_strip(to))
		return false;
	cut = n - strlen(to);
	copy_name(to, name);
	if (cut == 9 && name[n - 9] == '-' && n + 2 <= PRICE_NAME_MAX) {
		to[n - 4] = to[n - 1] = '-';
		memcpy(to + n - 3, name + n - 4, 2);
		memcpy(to + n, name + n - 2, 3);
		return true;
	}
	if (cut == 11 && name[n - 11] == '-' && name[n - 6] == '-') {
		memcpy(to + n - 6, name + n - 5, 2);
		memcpy(to + n - 4, name + n - 2, 3);
		return true;
	}
	return false;
}

static const struct price_model *
find_name(const struct price_head *h, int ix, const char *name)
{
	const struct price_model *m = price_find_name(h, (uint32_t)ix, name);
	char other[PRICE_NAME_MAX + 1];

	if (m == NULL && respell_date(other, name))
		m = price_find_name(h, (uint32_t)ix, other);
	return m;
}

static const struct price_model *
ask_exact(const struct price_head *h, int ix, const char *name,
    const char *bare)
{
	const struct price_model *m = find_name(h, ix, name);

	return m != NULL || bare == name ? m : find_name(h, ix, bare);
}

/* The first "cut" bytes of the name are the seller's prefix; 0: none. */
static const struct price_model *
ask_seller(const struct price_book *pb, size_t seller, const char *name,
    size_t cut)
{
	const int *ix = price_sellers(pb)->v[seller].ix;
	char rest[PRICE_NAME_MAX + 1]; /* of the name: with less at its end */
	int strips = 0;

	copy_name(rest, name);
	do {
		const char *bare = strlen(rest) > cut ? rest + cut : rest;

		for (int l = 0; l < pb->nlayers; l++) {
			const struct price_head *h = pb->layers[l];
			const struct price_model *m = NULL;

			if (ix[l] >= 0)
				m = ask_exact(h, ix[l], rest, bare);
			if (m == NULL && ix[l] >= 0)
				m = ask_globs(h, ix[l], rest, bare);
			if (m != NULL)
				return m;
		}
	} while (strips++ < STRIPS_MAX && price_strip(rest));
	return NULL;
}

typedef const struct price_model *ask_fn(const struct price_head *h, int ix,
    const char *name, const char *bare);

static const struct price_model *
ask_layer(const struct price_book *pb, int layer, ask_fn *ask, const char *name)
{
	const struct price_sellers *all = price_sellers(pb);

	for (size_t i = 0; i < all->n; i++) {
		const struct price_seller *who = &all->v[i];
		const struct price_model *m = NULL;

		if (who->primary && who->ix[layer] >= 0)
			m = ask(pb->layers[layer], who->ix[layer], name, name);
		if (m != NULL)
			return m;
	}
	return NULL;
}

/* All primary sellers; a later one's exact name goes before an earlier
 * one's pattern. */
static const struct price_model *
ask_primaries(const struct price_book *pb, const char *name)
{
	char rest[PRICE_NAME_MAX + 1];
	int strips = 0;

	copy_name(rest, name);
	do {
		for (int l = 0; l < pb->nlayers; l++) {
			const struct price_model *m;

			m = ask_layer(pb, l, ask_exact, rest);
			if (m == NULL)
				m = ask_layer(pb, l, ask_globs, rest);
			if (m != NULL)
				return m;
		}
	} while (strips++ < STRIPS_MAX && price_strip(rest));
	return NULL;
}

/* The seller of the longest prefix that the name begins with; *cut is the
 * prefix's length.  -1: none. */
int
price_seller_of_prefix(const struct price_book *pb, const char *name,
    size_t *cut)
{
	int found = -1;

	*cut = 0;
	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_head *h = pb->layers[l];
		const struct price_provider *p = PRICE_SPAN(h, h->providers);
		const struct price_glob *g = PRICE_SPAN(h, h->prefixes);

		for (uint32_t i = 0; i < h->prefixes.n; i++) {
			const char *prefix = price_str(h, g[i].pattern);
			size_t n = strlen(prefix);

			if (n > *cut && strncmp(name, prefix, n) == 0 &&
			    name[n] != '\0') {
				found = price_find_seller(pb,
				    price_str(h, p[g[i].target].id));
				*cut = n;
				break;
			}
		}
	}
	return found;
}

static const struct price_model *
ask_detected(struct seek *s, const char *name)
{
	const struct price_book *pb = s->pb;

	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_head *h = pb->layers[l];
		const struct price_provider *p = PRICE_SPAN(h, h->providers);
		const struct price_glob *g = PRICE_SPAN(h, h->detects);

		for (uint32_t i = 0; i < h->detects.n; i++) {
			const struct price_model *m;
			int who;

			if (!price_glob_match(price_str(h, g[i].pattern), name))
				continue;
			who = price_find_seller(pb,
			    price_str(h, p[g[i].target].id));
			if (s->asked[who])
				continue;
			s->asked[who] = true;
			m = ask_seller(pb, (size_t)who, name, 0);
			if (m != NULL)
				return m;
		}
	}
	return NULL;
}

/* A name without the name of a provider, or after that provider could not
 * help: does it sell what others list? */
static bool
sells_for_others(const struct price_book *pb, int seller)
{
	const struct price_seller *who = &price_sellers(pb)->v[seller];

	return who->primary || who->fallback;
}

static const struct price_model *
seek(struct seek *s, const char *name)
{
	const struct price_book *pb = s->pb;
	const struct price_model *m = NULL;
	size_t cut;
	int who;

	if (pb->nlayers == 2) {
		m = ask_layer(pb, 0, ask_exact, name);
		if (m == NULL)
			m = ask_layer(pb, 0, ask_globs, name);
	}
	while (
	    m == NULL && (who = price_seller_of_prefix(pb, name, &cut)) >= 0) {
		if (!s->asked[who])
			m = ask_seller(pb, (size_t)who, name, cut);
		name += cut;
		s->asked[who] = true;
		if (m == NULL && !sells_for_others(pb, who))
			return NULL;
	}
	if (m == NULL)
		m = ask_detected(s, name);
	return m != NULL ? m : ask_primaries(pb, name);
}

/* "bedrock", or the word of one of its prefixes: "aws". */
int
price_seller_named(const struct price_book *pb, const char *provider)
{
	char word[PRICE_NAME_MAX + 2];
	size_t n, cut;
	int who;

	if (!price_fold(word, provider))
		return -1;
	who = price_find_seller(pb, word);
	if (who >= 0)
		return who;
	/* As the start of a name that goes on after it. */
	n = strlen(word);
	if (n + 3 > sizeof(word))
		return -1;
	memcpy(word + n, "/?", 3);
	who = price_seller_of_prefix(pb, word, &cut);
	return cut == n + 1 ? who : -1;
}

/* The provider was given.  When a maker, or one who sells for others, does
 * not list the name, the name alone decides. */
static const struct price_model *
seek_at(struct seek *s, const char *provider, const char *name)
{
	const struct price_book *pb = s->pb;
	int who = price_seller_named(pb, provider);
	const struct price_model *m;
	size_t cut;

	if (who < 0)
		return NULL;
	if (price_seller_of_prefix(pb, name, &cut) != who)
		cut = 0;
	m = ask_seller(pb, (size_t)who, name, cut);
	if (m != NULL || !sells_for_others(pb, who))
		return m;
	s->asked[who] = true;
	return seek(s, name);
}

static const struct price_model *
resolve(const struct price_book *pb, const char *provider, const char *model)
{
	struct seek s = { .pb = pb };
	char name[PRICE_NAME_MAX + 1];
	const struct price_model *m, *all;

	if (!price_fold(name, model))
		return NULL;
	m = provider[0] != '\0' ? seek_at(&s, provider, name) : seek(&s, name);
	if (m == NULL || pb->over == NULL || price_head_of(m) == pb->layers[0])
		return m;
	all = PRICE_SPAN(pb->layers[1], pb->layers[1]->models);
	return pb->over[m - all] != NULL ? pb->over[m - all] : m;
}

/* Of the longest pattern that fits the name; NULL: none does. */
static const char *
detect(const struct price_book *pb, const char *name)
{
	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_head *h = pb->layers[l];
		const struct price_provider *p = PRICE_SPAN(h, h->providers);
		const struct price_glob *g = PRICE_SPAN(h, h->detects);

		for (uint32_t i = 0; i < h->detects.n; i++)
			if (price_glob_match(price_str(h, g[i].pattern), name))
				return price_str(h, p[g[i].target].id);
	}
	return NULL;
}

static const char *
provider_of(const struct price_book *pb, const char *model,
    const struct price_model *m)
{
	char name[PRICE_NAME_MAX + 1];
	size_t cut;
	int who;

	if (!price_fold(name, model))
		return NULL;
	who = price_seller_of_prefix(pb, name, &cut);
	if (who >= 0)
		return price_sellers(pb)->v[who].id;
	return m != NULL ? price_provider(m) : detect(pb, name);
}

/*
 * What was asked before.  Logs ask for the same few names a million times,
 * mostly for the same one again.
 */
struct price_slot {
	bool used;
	const struct price_model *answer;
	const char *provider; /* price_provider_of(); when none was given */
	char key[MEMO_KEY];   /* provider, NUL, model, NUL */
};

struct price_memo {
	const struct price_slot *last;
	size_t last_provider;     /* length of the provider in its key */
	struct price_slot *slots; /* made when the first model is asked for */
};

void
price_memo_free(struct price_memo *memo)
{
	if (memo != NULL)
		free(memo->slots);
	free(memo);
}

/* NULL: too long a name to be kept. */
static const struct price_slot *
recall(struct price_memo *memo, const struct price_book *pb,
    const char *provider, const char *model)
{
	size_t np = strlen(provider), nm = strlen(model);
	const struct price_slot *last = memo->last;
	struct price_slot *slot;

	if (last != NULL && strcmp(last->key, provider) == 0 &&
	    strcmp(last->key + memo->last_provider + 1, model) == 0)
		return last;
	if (np + nm + 2 > MEMO_KEY)
		return NULL;
	if (memo->slots == NULL)
		memo->slots = tk_xcalloc(MEMO_SLOTS, sizeof(*memo->slots));
	slot = &memo->slots[price_hash(model, price_hash(provider, 0)) %
	    MEMO_SLOTS];
	if (!slot->used || strcmp(slot->key, provider) != 0 ||
	    strcmp(slot->key + np + 1, model) != 0) {
		slot->used = true;
		memcpy(slot->key, provider, np + 1);
		memcpy(slot->key + np + 1, model, nm + 1);
		slot->answer = resolve(pb, provider, model);
		slot->provider =
		    np == 0 ? provider_of(pb, model, slot->answer) : NULL;
	}
	memo->last = slot;
	memo->last_provider = np;
	return slot;
}

const struct price_model *
price_resolve(const struct price_book *pb, const char *provider,
    const char *model)
{
	const struct price_slot *slot;

	if (provider == NULL)
		provider = "";
	if (model == NULL)
		return NULL;
	slot = recall(pb->memo, pb, provider, model);
	return slot != NULL ? slot->answer : resolve(pb, provider, model);
}

const char *
price_provider_of(const struct price_book *pb, const char *model)
{
	const struct price_slot *slot;

	if (model == NULL)
		return NULL;
	slot = recall(pb->memo, pb, "", model);
	if (slot != NULL)
		return slot->provider;
	return provider_of(pb, model, resolve(pb, "", model));
}

struct price_memo *
price_memo_new(void)
{
	return tk_xcalloc(1, sizeof(struct price_memo));
}
