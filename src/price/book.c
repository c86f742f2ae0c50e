/* Opening a price book, and what is written about its models. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "price/price_int.h"

enum { FILE_MAX = 16 << 20 };

static const struct price_provider *
provider_at(const struct price_head *h, int ix)
{
	const struct price_provider *p = PRICE_SPAN(h, h->providers);

	return &p[ix];
}

/* What the first layer that says it says. */
static bool
said(const struct price_book *pb, const struct price_seller *s, bool primary)
{
	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_provider *p;
		int word;

		if (s->ix[l] < 0)
			continue;
		p = provider_at(pb->layers[l], s->ix[l]);
		word = primary ? p->primary : p->fallback;
		if (word != PRICE_UNSAID)
			return word;
	}
	return primary;
}

static bool
is_listed(const struct price_sellers *all, const char *id)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].id, id) == 0)
			return true;
	return false;
}

/* One list of providers: the user's first, then the built-in ones. */
static void
join_providers(const struct price_book *pb, struct price_sellers *all)
{
	size_t most = 0;

	for (int l = 0; l < pb->nlayers; l++)
		most += pb->layers[l]->providers.n;
	all->v = tk_xcalloc(most + 1, sizeof(*all->v));
	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_head *h = pb->layers[l];

		for (int i = 0; i < (int)h->providers.n; i++) {
			const char *id = price_str(h, provider_at(h, i)->id);
			struct price_seller *s;

			if (is_listed(all, id))
				continue;
			s = &all->v[all->n++];
			s->id = id;
			for (int k = 0; k < pb->nlayers; k++)
				s->ix[k] =
				    price_find_provider(pb->layers[k], id);
		}
	}
	for (size_t i = 0; i < all->n; i++) {
		all->v[i].primary = said(pb, &all->v[i], true);
		all->v[i].fallback = said(pb, &all->v[i], false);
	}
}

const struct price_sellers *
price_sellers(const struct price_book *pb)
{
	if (pb->sellers->v == NULL)
		join_providers(pb, pb->sellers);
	return pb->sellers;
}

int
price_find_seller(const struct price_book *pb, const char *id)
{
	const struct price_sellers *all = price_sellers(pb);

	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].id, id) == 0)
			return (int)i;
	return -1;
}

/* Which of the user's models stands for which built-in one. */
static void
pair_models(struct price_book *pb)
{
	const struct price_head *top = pb->layers[0], *bottom = pb->layers[1];
	const struct price_model *m = PRICE_SPAN(top, top->models);
	const struct price_model *all = PRICE_SPAN(bottom, bottom->models);
	char folded[PRICE_NAME_MAX + 1];

	pb->under = tk_xcalloc(top->models.n + 1, sizeof(void *));
	pb->over = tk_xcalloc(bottom->models.n + 1, sizeof(void *));
	for (uint32_t i = 0; i < top->models.n; i++) {
		const char *id = price_str(top, m[i].id);
		int ix = price_find_provider(bottom, price_provider(&m[i]));

		if (ix < 0 || !price_fold(folded, id))
			continue;
		pb->under[i] = price_find_name(bottom, (uint32_t)ix, folded);
		if (pb->under[i] != NULL)
			pb->over[pb->under[i] - all] = &m[i];
	}
}

static int
open_layers(struct price_book **to, const char *text, size_t len,
    const char *name, const struct price_head *bottom, struct tk_err *err)
{
	struct price_book *pb = tk_xcalloc(1, sizeof(*pb));
	struct tk_buf book = TK_BUF_INIT;

	*to = NULL;
	if (text != NULL) {
		if (price_pack(text, len, name, bottom, &book, err) < 0) {
			tk_buf_release(&book);
			free(pb);
			return -1;
		}
		pb->owned = tk_buf_detach(&book);
		pb->layers[pb->nlayers++] =
		    (const struct price_head *)(const void *)pb->owned;
	}
	if (bottom != NULL)
		pb->layers[pb->nlayers++] = bottom;
	pb->memo = price_memo_new();
	pb->sellers = tk_xcalloc(1, sizeof(*pb->sellers));
	if (pb->nlayers == 2)
		pair_models(pb);
	*to = pb;
	return 0;
}

static int
open_file(struct price_book **pb, const char *path,
    const struct price_head *bottom, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	int rc = -1;

	*pb = NULL;
	if (tk_read_file(path, FILE_MAX, &text, err) == 0)
		rc = open_layers(pb, text.s, text.len, path, bottom, err);
	tk_buf_release(&text);
	return rc;
}

int
price_book_open(struct price_book **pb, const char *overlay, struct tk_err *err)
{
	return overlay != NULL
	    ? open_file(pb, overlay, &price_builtin, err)
	    : open_layers(pb, NULL, 0, NULL, &price_builtin, err);
}

int
price_book_builtin(struct price_book **pb, const char *name, struct tk_err *err)
{
	const struct price_head *h = NULL;

	*pb = NULL;
	if (strcmp(name, "models") == 0)
		h = &price_builtin;
	else if (strcmp(name, "examples") == 0)
		h = &price_examples;
	else
		return tk_fail(err, TK_NOTFOUND, "no price book named '%s'",
		    name);
	return open_layers(pb, NULL, 0, NULL, h, err);
}

int
price_book_load(struct price_book **pb, const char *path, struct tk_err *err)
{
	return open_file(pb, path, NULL, err);
}

int
price_book_read(struct price_book **pb, const char *text, size_t len,
    const char *name, enum price_read_flags flags, struct tk_err *err)
{
	return open_layers(pb, text, len, name,
	    flags & PRICE_READ_OVER ? &price_builtin : NULL, err);
}

void
price_book_close(struct price_book *pb)
{
	if (pb == NULL)
		return;
	price_memo_free(pb->memo);
	free(pb->over);
	free(pb->under);
	free(pb->sellers->v);
	free(pb->sellers);
	free(pb->owned);
	free(pb);
}

const struct price_model *
price_under(const struct price_book *pb, const struct price_model *m)
{
	const struct price_head *h = price_head_of(m);
	const struct price_model *all = PRICE_SPAN(h, h->models);

	return pb->under != NULL && h == pb->layers[0] ? pb->under[m - all]
						       : NULL;
}

const char *
price_tokenizer(const struct price_model *m, bool *exact)
{
	*exact = m->tokenizer_exact;
	return m->tokenizer != 0 ? price_str(price_head_of(m), m->tokenizer)
				 : NULL;
}

const char *
price_provider(const struct price_model *m)
{
	const struct price_head *h = price_head_of(m);

	return price_str(h, provider_at(h, (int)m->provider)->id);
}

const char *
price_model_id(const struct price_model *m)
{
	return price_str(price_head_of(m), m->id);
}

int64_t
price_context(const struct price_model *m)
{
	return m->context;
}

void
price_facts(const struct price_book *pb, const struct price_model *m,
    struct price_facts *f)
{
	const struct price_head *h = price_head_of(m);

	*f = (struct price_facts){
		.provider = price_provider(m),
		.id = price_str(h, m->id),
		.name = price_str(h, m->name),
		.released = price_str(h, m->released),
		.retires = price_str(h, m->retires),
		.status = price_str(h, m->status),
		.note = price_str(h, m->note),
		.source = price_str(h, m->source),
		.tokenizer = price_str(h, m->tokenizer),
		.tokenizer_exact = m->tokenizer_exact,
		.built_in = h == &price_builtin,
		.context = m->context,
		.max_output = m->max_output,
		.regional = m->regional,
		.aliases = m->aliases.n,
		.matches = m->matches.n,
	};
	(void)pb;
}

static const char *
string_at(const struct price_model *m, struct price_span span, size_t i)
{
	const struct price_head *h = price_head_of(m);
	const uint32_t *strings = PRICE_SPAN(h, span);

	return price_str(h, strings[i]);
}

const char *
price_alias(const struct price_model *m, size_t i)
{
	return string_at(m, m->aliases, i);
}

const char *
price_match(const struct price_model *m, size_t i)
{
	return string_at(m, m->matches, i);
}

int
price_each(const struct price_book *pb, price_visit_fn *fn, void *data)
{
	for (int l = 0; l < pb->nlayers; l++) {
		const struct price_head *h = pb->layers[l];
		const struct price_model *m = PRICE_SPAN(h, h->models);

		for (uint32_t i = 0; i < h->models.n; i++) {
			bool hidden = l == 1 && pb->over[i] != NULL;
			int rc = hidden ? 0 : fn(&m[i], data);

			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

bool
price_ceiling(const struct price_book *pb, int64_t *input, int64_t *output)
{
	for (int l = 0; l < pb->nlayers; l++) {
		*input = pb->layers[l]->ceiling_input;
		*output = pb->layers[l]->ceiling_output;
		if (*input >= 0 && *output >= 0)
			return true;
	}
	return false;
}

const char *
price_as_of(const struct price_book *pb)
{
	const struct price_head *h = pb->layers[pb->nlayers - 1];

	return price_str(h, h->as_of);
}
