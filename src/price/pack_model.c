/* Packing models and providers, and the tables that find them. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "price/price_int.h"

enum { PROVIDERS_MAX = 250 };

static struct price_provider *
providers(const struct price_packer *p, size_t *n)
{
	*n = p->providers.len / sizeof(struct price_provider);
	return (struct price_provider *)(void *)p->providers.s;
}

/* The folded text of a node; an error when it cannot be a name. */
static int
fold_node(struct price_packer *p, const struct price_node *n, char *to)
{
	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (!price_fold(to, n->text))
		return price_pack_fail(p, n, "a name has to have 1 to %d bytes",
		    PRICE_NAME_MAX);
	return 0;
}

/* The provider's index; it is added when it is new. */
static int
pack_provider_id(struct price_packer *p, const struct price_node *n, void *to)
{
	struct price_provider new = { .primary = PRICE_UNSAID,
		.fallback = PRICE_UNSAID };
	char id[PRICE_NAME_MAX + 1];
	struct price_provider *all;
	size_t i, count;

	if (fold_node(p, n, id) < 0)
		return -1;
	all = providers(p, &count);
	for (i = 0; i < count; i++)
		if (strcmp(p->book->s + all[i].id, id) == 0)
			break;
	if (i == PROVIDERS_MAX)
		return price_pack_fail(p, n, "too many providers");
	if (i == count) {
		new.id = price_pack_string(p, id);
		tk_buf_add(&p->providers, &new, sizeof(new));
	}
	*(uint32_t *)to = (uint32_t)i;
	return 0;
}

static void
add_rule(struct tk_buf *to, uint32_t provider, uint32_t pattern, size_t length,
    uint32_t target)
{
	struct price_rule r = {
		.provider = provider,
		.length = (uint32_t)length,
		.order = (uint32_t)(to->len / sizeof(r)),
		.glob = { pattern, target },
	};

	tk_buf_add(to, &r, sizeof(r));
}

/* A list of patterns that lead to the provider or model of that index. */
static int
add_rules(struct price_packer *p, const struct price_node *list,
    struct tk_buf *to, uint32_t provider, uint32_t target)
{
	char folded[PRICE_NAME_MAX + 1];

	if (list == NULL)
		return 0;
	if (price_pack_kind(p, list, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		if (fold_node(p, &list->child[i], folded) < 0)
			return -1;
		add_rule(to, provider, price_pack_string(p, folded),
		    strlen(folded), target);
	}
	return 0;
}

static int
pack_provider(struct price_packer *p, const struct price_node *n)
{
	static const struct price_pack_key keys[] = {
		{ "id", price_pack_skip, 0 },
		{ "primary", price_pack_flag,
		    offsetof(struct price_provider, primary) },
		{ "fallback", price_pack_flag,
		    offsetof(struct price_provider, fallback) },
		{ "detect", price_pack_skip, 0 },
		{ "prefixes", price_pack_skip, 0 },
		{ .key = NULL },
	};
	struct price_provider said = { .primary = PRICE_UNSAID,
		.fallback = PRICE_UNSAID };
	const struct price_node *id;
	struct price_provider *all;
	uint32_t ix;
	size_t count;

	if (price_pack_map(p, n, keys, NULL, &said) < 0)
		return -1;
	id = price_node_get(n, "id");
	if (id == NULL)
		return price_pack_fail(p, n, "a provider needs 'id'");
	if (pack_provider_id(p, id, &ix) < 0)
		return -1;
	all = providers(p, &count);
	all[ix].primary = said.primary;
	all[ix].fallback = said.fallback;
	if (add_rules(p, price_node_get(n, "detect"), &p->detects, 0, ix) < 0)
		return -1;
	return add_rules(p, price_node_get(n, "prefixes"), &p->prefixes, 0, ix);
}

int
price_pack_providers(struct price_packer *p, const struct price_node *n,
    void *to)
{
	(void)to;
	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++)
		if (pack_provider(p, &n->child[i]) < 0)
			return -1;
	return 0;
}

/* The slot of that name, or the empty one where it would be. */
static struct price_name *
name_slot(const struct price_packer *p, const char *folded, uint32_t provider)
{
	uint32_t i = price_hash(folded, provider);
	struct price_name *s;

	for (;; i++) {
		s = &p->names[i & (p->name_slots - 1)];
		if (s->name == 0 ||
		    (s->provider == provider &&
			strcmp(p->book->s + s->name, folded) == 0))
			return s;
	}
}

static void
grow_names(struct price_packer *p)
{
	struct price_name *old = p->names;
	uint32_t n = p->name_slots;

	p->name_slots = n ? n * 2 : 64;
	p->names = tk_xcalloc(p->name_slots, sizeof(*p->names));
	for (uint32_t i = 0; i < n; i++)
		if (old[i].name != 0)
			*name_slot(p, p->book->s + old[i].name,
			    old[i].provider) = old[i];
	free(old);
}

/* 1: the name is this model's now; 0: it is another's, which is fine among
 * updates; -1: it is another's, which is an error. */
static int
add_name(struct price_packer *p, const struct price_node *n, uint32_t provider,
    uint32_t model)
{
	const struct price_model *all =
	    (const struct price_model *)(void *)p->models.s;
	char folded[PRICE_NAME_MAX + 1];
	struct price_name *s;

	if (fold_node(p, n, folded) < 0)
		return -1;
	if (p->nnames * 2 >= p->name_slots)
		grow_names(p);
	s = name_slot(p, folded, provider);
	if (s->name != 0 && s->model == model)
		return 1;
	if (s->name != 0)
		return p->updates ? 0
				  : price_pack_fail(p, n,
					"'%s' is a name of the model of line "
					"%u already",
					n->text, all[s->model].line);
	*s = (struct price_name){ price_pack_string(p, folded), provider,
		model };
	p->nnames++;
	return 1;
}

static int
pack_strings(struct price_packer *p, const struct price_node *n, void *to)
{
	struct tk_buf items = TK_BUF_INIT;

	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		uint32_t s;

		if (price_pack_text(p, &n->child[i], &s) < 0) {
			tk_buf_release(&items);
			return -1;
		}
		tk_buf_add(&items, &s, sizeof(s));
	}
	*(struct price_span *)to =
	    price_pack_array(p, &items, sizeof(uint32_t));
	return 0;
}

static int
pack_periods(struct price_packer *p, const struct price_node *n, void *to)
{
	struct tk_buf items = TK_BUF_INIT;
	struct price_period period;
	int64_t last = INT64_MIN;

	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		if (price_pack_period(p, &n->child[i], &period) < 0)
			goto fail;
		if (i > 0 && period.from <= last) {
			price_pack_fail(p, &n->child[i],
			    "a period has to be 'from' later than the one "
			    "before it");
			goto fail;
		}
		last = period.from;
		tk_buf_add(&items, &period, sizeof(period));
	}
	*(struct price_span *)to = price_pack_array(p, &items, sizeof(period));
	return 0;
fail:
	tk_buf_release(&items);
	return -1;
}

/* "genai" as what the list of sources says of it. */
static int
pack_source(struct price_packer *p, const struct price_node *n, void *to)
{
	const struct price_node *id, *dataset, *version;
	struct tk_buf b = TK_BUF_INIT;

	if (price_pack_text(p, n, to) < 0)
		return -1;
	for (size_t i = 0; p->sources != NULL && i < p->sources->n; i++) {
		const struct price_node *s = &p->sources->child[i];

		id = price_node_get(s, "id");
		dataset = price_node_get(s, "dataset");
		version = price_node_get(s, "version");
		if (id == NULL || dataset == NULL || version == NULL ||
		    strcmp(id->text, n->text) != 0)
			continue;
		tk_buf_addf(&b, "%s, %s", dataset->text, version->text);
		*(uint32_t *)to = price_pack_string(p, b.s);
		break;
	}
	tk_buf_release(&b);
	return 0;
}

#define FIELD(f) offsetof(struct price_model, f)

static const struct price_pack_key model_keys[] = {
	{ "id", price_pack_text, FIELD(id) },
	{ "provider", pack_provider_id, FIELD(provider) },
	{ "name", price_pack_text, FIELD(name) },
	{ "released", price_pack_text, FIELD(released) },
	{ "retires", price_pack_text, FIELD(retires) },
	{ "status", price_pack_text, FIELD(status) },
	{ "note", price_pack_text, FIELD(note) },
	{ "src", pack_source, FIELD(source) },
	{ "tokenizer", price_pack_text, FIELD(tokenizer) },
	{ "aliases", pack_strings, FIELD(aliases) },
	{ "match", pack_strings, FIELD(matches) },
	{ "context", price_pack_count, FIELD(context) },
	{ "max_output", price_pack_count, FIELD(max_output) },
	{ "regional", price_pack_factor, FIELD(regional) },
	{ "prices", pack_periods, FIELD(periods) },
	{ .key = NULL },
};

static void
inherit_tokenizer(struct price_packer *p, struct price_model *m,
    const struct price_model *from)
{
	if (m->tokenizer != 0)
		return;
	m->tokenizer =
	    price_pack_string(p, price_str(p->under, from->tokenizer));
	m->tokenizer_exact = from->tokenizer_exact;
}

/* What the model's own file does not say, from the book under it. */
static void
inherit(struct price_packer *p, struct price_model *m,
    const struct price_model *from)
{
	static const size_t texts[] = { FIELD(name), FIELD(released),
		FIELD(retires), FIELD(status) };

	for (size_t i = 0; i < TK_LEN(texts); i++) {
		uint32_t *to = (uint32_t *)(void *)((char *)m + texts[i]);
		uint32_t at =
		    *(const uint32_t *)(const void *)((const char *)from +
			texts[i]);

		if (*to == 0)
			*to = price_pack_string(p, price_str(p->under, at));
	}
	inherit_tokenizer(p, m, from);
	if (m->context == 0)
		m->context = from->context;
	if (m->max_output == 0)
		m->max_output = from->max_output;
	if (m->regional < 0)
		m->regional = from->regional;
}

static bool
tokenizer_exact(const struct price_packer *p, uint32_t name)
{
	const struct price_tokenizer *t =
	    (const struct price_tokenizer *)(void *)p->tokenizers.s;
	size_t n = p->tokenizers.len / sizeof(*t);
	const struct price_head *h = p->under;

	for (size_t i = 0; i < n; i++)
		if (t[i].name == name)
			return t[i].exact;
	if (h == NULL)
		return false;
	t = PRICE_SPAN(h, h->tokenizers);
	for (size_t i = 0; i < h->tokenizers.n; i++)
		if (strcmp(price_str(h, t[i].name), p->book->s + name) == 0)
			return t[i].exact;
	return false;
}

/* The model of that name that its maker sells. */
static const struct price_model *
find_primary(const struct price_head *h, const char *folded)
{
	const struct price_provider *all = PRICE_SPAN(h, h->providers);
	const struct price_model *m = NULL;

	for (uint32_t i = 0; m == NULL && i < h->providers.n; i++)
		if (all[i].primary == 1)
			m = price_find_name(h, i, folded);
	return m;
}

/* Who else sells a model sells it with its tokenizer. */
static void
complete(struct price_packer *p, const struct price_node *id,
    struct price_model *m)
{
	const struct price_model *from = NULL;
	char folded[PRICE_NAME_MAX + 1];
	size_t n;
	int ix;

	m->tokenizer_exact = tokenizer_exact(p, m->tokenizer);
	if (p->under != NULL && price_fold(folded, id->text)) {
		ix = price_find_provider(p->under,
		    p->book->s + providers(p, &n)[m->provider].id);
		if (ix >= 0)
			from = price_find_name(p->under, (uint32_t)ix, folded);
		if (from != NULL)
			inherit(p, m, from);
		else if ((from = find_primary(p->under, folded)) != NULL)
			inherit_tokenizer(p, m, from);
	}
	if (m->regional < 0)
		m->regional = PRICE_PPM;
}

static int
pack_model(struct price_packer *p, const struct price_node *n)
{
	struct price_model m = { .line = n->line,
		.updated = p->updates,
		.regional = -1 };
	uint32_t ix = (uint32_t)(p->models.len / sizeof(m));
	const struct price_node *id, *aliases;
	int rc;

	if (price_pack_map(p, n, model_keys, NULL, &m) < 0)
		return -1;
	id = price_node_get(n, "id");
	if (id == NULL || price_node_get(n, "provider") == NULL ||
	    m.periods.n == 0)
		return price_pack_fail(p, n,
		    "a model needs 'id', 'provider' and 'prices'");
	rc = add_name(p, id, m.provider, ix);
	if (rc <= 0)
		return rc;
	complete(p, id, &m);
	tk_buf_add(&p->models, &m, sizeof(m));
	aliases = price_node_get(n, "aliases");
	for (size_t i = 0; aliases != NULL && i < aliases->n; i++)
		if (add_name(p, &aliases->child[i], m.provider, ix) < 0)
			return -1;
	return add_rules(p, price_node_get(n, "match"), &p->globs, m.provider,
	    ix);
}

int
price_pack_models(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)to;
	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++)
		if (pack_model(p, &n->child[i]) < 0)
			return -1;
	return 0;
}

static int
by_rank(const void *a_, const void *b_)
{
	const struct price_rule *a = a_, *b = b_;

	if (a->provider != b->provider)
		return a->provider < b->provider ? -1 : 1;
	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* Sorted; and without what was only for sorting. */
static struct price_span
lay_rules(struct price_packer *p, struct tk_buf *rules)
{
	struct tk_buf globs = TK_BUF_INIT;
	size_t n = rules->len / sizeof(struct price_rule);
	struct price_rule *r = (struct price_rule *)(void *)rules->s;

	if (n > 1)
		qsort(r, n, sizeof(*r), by_rank);
	for (size_t i = 0; i < n; i++)
		tk_buf_add(&globs, &r[i].glob, sizeof(r[i].glob));
	return price_pack_array(p, &globs, sizeof(struct price_glob));
}

void
price_pack_rules(struct price_packer *p, struct price_head *head)
{
	size_t nproviders, n = p->globs.len / sizeof(struct price_rule);
	struct price_provider *all = providers(p, &nproviders);
	struct price_span span = lay_rules(p, &p->globs);
	const struct price_rule *r =
	    (const struct price_rule *)(void *)p->globs.s;

	for (size_t i = 0; i < n; i++) {
		struct price_span *to = &all[r[i].provider].globs;

		if (to->n++ == 0)
			to->at =
			    span.at + (uint32_t)(i * sizeof(struct price_glob));
	}
	head->detects = lay_rules(p, &p->detects);
	head->prefixes = lay_rules(p, &p->prefixes);
}
