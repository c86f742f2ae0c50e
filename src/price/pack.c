/* Packing a price book: YAML to one run of bytes without pointers. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "price/price_int.h"

enum { ALIGN = 8 };

static const char schema_name[] = "tokctl-prices/1";

int
price_pack_fail(struct price_packer *p, const struct price_node *at,
    const char *fmt, ...)
{
	char what[sizeof(p->err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return price_node_fail(p->err, p->name, at->line, "%s", what);
}

int
price_pack_kind(struct price_packer *p, const struct price_node *n,
    enum price_node_kind kind)
{
	static const char *const words[] = { [NODE_SCALAR] = "one value",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a map" };

	if (n->kind == kind)
		return 0;
	return price_pack_fail(p, n, "%s%s%shas to be %s",
	    n->key != NULL ? "'" : "this ", n->key != NULL ? n->key : "",
	    n->key != NULL ? "' " : "", words[kind]);
}

/* Append n bytes, aligned for any struct here; the offset. */
static uint32_t
pack_bytes(struct price_packer *p, const void *bytes, size_t n)
{
	static const char zero[ALIGN];
	size_t at;

	tk_buf_add(p->book, zero, -p->book->len % ALIGN);
	at = p->book->len;
	tk_buf_add(p->book, bytes, n);
	return (uint32_t)at;
}

struct price_span
price_pack_array(struct price_packer *p, struct tk_buf *items, size_t size)
{
	struct price_span span = { 0, (uint32_t)(items->len / size) };

	if (span.n > 0)
		span.at = pack_bytes(p, items->s, items->len);
	tk_buf_release(items);
	return span;
}

static void
grow_strings(struct price_packer *p)
{
	uint32_t *old = p->strings, n = p->string_slots;

	p->string_slots = n ? n * 2 : 1024;
	p->strings = tk_xcalloc(p->string_slots, sizeof(*p->strings));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = old[i], slot;

		if (at == 0)
			continue;
		slot = price_hash(p->book->s + at, 0);
		while (p->strings[slot &= p->string_slots - 1] != 0)
			slot++;
		p->strings[slot] = at;
	}
	free(old);
}

uint32_t
price_pack_string(struct price_packer *p, const char *s)
{
	uint32_t slot = price_hash(s, 0), at;

	if (*s == '\0')
		return 0;
	if (p->nstrings * 2 >= p->string_slots)
		grow_strings(p);
	while ((at = p->strings[slot &= p->string_slots - 1]) != 0) {
		if (strcmp(p->book->s + at, s) == 0)
			return at;
		slot++;
	}
	at = (uint32_t)p->book->len;
	tk_buf_add(p->book, s, strlen(s) + 1);
	p->strings[slot] = at;
	p->nstrings++;
	return at;
}

int
price_pack_text(struct price_packer *p, const struct price_node *n, void *to)
{
	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	*(uint32_t *)to = price_pack_string(p, n->text);
	return 0;
}

int
price_pack_count(struct price_packer *p, const struct price_node *n, void *to)
{
	bool exact;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (!price_decimal(n->text, n->len, 0, to, &exact) || !exact)
		return price_pack_fail(p, n, "'%s' is not a whole number",
		    n->text);
	return 0;
}

int
price_pack_skip(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)p, (void)n, (void)to;
	return 0;
}

int
price_pack_flag(struct price_packer *p, const struct price_node *n, void *to)
{
	bool yes;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	yes = strcmp(n->text, "true") == 0;
	if (!yes && strcmp(n->text, "false") != 0)
		return price_pack_fail(p, n, "'%s' is neither true nor false",
		    n->text);
	*(int8_t *)to = (int8_t)yes;
	return 0;
}

static int
fail_unknown(struct price_packer *p, const struct price_node *n,
    const struct price_pack_key *keys, bool parts)
{
	struct tk_suggest s;

	tk_suggest_init(&s, n->key);
	for (; keys->key != NULL; keys++)
		tk_suggest_offer(&s, keys->key);
	for (int i = 0; parts && i < PRICE_PARTS; i++)
		tk_suggest_offer(&s, price_part_names[i]);
	price_pack_fail(p, n, "there is no key '%s' here", n->key);
	return tk_suggest_hint(&s, NULL, p->err);
}

static int
take_rate(struct price_packer *p, const struct price_node *n,
    struct tk_buf *rates)
{
	struct price_rate r = { .part = 0 };

	while (r.part < PRICE_PARTS &&
	    strcmp(price_part_names[r.part], n->key) != 0)
		r.part++;
	if (r.part == PRICE_PARTS)
		return 0;
	if (price_pack_money(p, n, &r.value) < 0)
		return -1;
	tk_buf_add(rates, &r, sizeof(r));
	return 1;
}

int
price_pack_map(struct price_packer *p, const struct price_node *n,
    const struct price_pack_key *keys, struct tk_buf *rates, void *to)
{
	if (price_pack_kind(p, n, NODE_MAP) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		const struct price_node *c = &n->child[i];
		const struct price_pack_key *k = keys;
		int took = rates != NULL ? take_rate(p, c, rates) : 0;

		if (took < 0)
			return -1;
		if (took > 0)
			continue;
		while (k->key != NULL && strcmp(k->key, c->key) != 0)
			k++;
		if (k->key == NULL)
			return fail_unknown(p, c, keys, rates != NULL);
		if (k->fn(p, c, (char *)to + k->offset) < 0)
			return -1;
	}
	return 0;
}

/* The ids of sources, as "genai", stand for what they name. */
static int
check_sources(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)to;
	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		const struct price_node *c = &n->child[i];

		if (price_pack_kind(p, c, NODE_MAP) < 0)
			return -1;
		for (size_t k = 0; k < c->n; k++)
			if (price_pack_kind(p, &c->child[k], NODE_SCALAR) < 0)
				return -1;
	}
	p->sources = n;
	return 0;
}

static int
pack_tokenizers(struct price_packer *p, const struct price_node *n, void *to)
{
	static const struct price_pack_key keys[] = {
		{ "exact", price_pack_flag,
		    offsetof(struct price_tokenizer, exact) },
		{ "note", price_pack_skip, 0 },
		{ .key = NULL },
	};

	(void)to;
	if (price_pack_kind(p, n, NODE_MAP) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		struct price_tokenizer t = { .exact = 0 };

		if (price_pack_map(p, &n->child[i], keys, NULL, &t) < 0)
			return -1;
		t.name = price_pack_string(p, n->child[i].key);
		tk_buf_add(&p->tokenizers, &t, sizeof(t));
	}
	return 0;
}

static int
pack_ceiling(struct price_packer *p, const struct price_node *n, void *to)
{
	static const struct price_pack_key keys[] = {
		{ "input", price_pack_money,
		    offsetof(struct price_head, ceiling_input) },
		{ "output", price_pack_money,
		    offsetof(struct price_head, ceiling_output) },
		{ .key = NULL },
	};

	return price_pack_map(p, n, keys, NULL, to);
}

static int
pack_unknown_model(struct price_packer *p, const struct price_node *n, void *to)
{
	static const struct price_pack_key keys[] = {
		{ "policy", price_pack_skip, 0 },
		{ "budget_price", pack_ceiling, 0 },
		{ .key = NULL },
	};

	return price_pack_map(p, n, keys, NULL, to);
}

static int
expect_word(struct price_packer *p, const struct price_node *n,
    const char *word)
{
	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (strcmp(n->text, word) == 0)
		return 0;
	return price_pack_fail(p, n, "'%s' has to be '%s', not '%s'", n->key,
	    word, n->text);
}

static int
check_schema(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)to;
	return expect_word(p, n, schema_name);
}

static int
check_currency(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)to;
	return expect_word(p, n, "USD");
}

static int
check_unit(struct price_packer *p, const struct price_node *n, void *to)
{
	(void)to;
	return expect_word(p, n, "per_million_tokens");
}

static int
pack_updates(struct price_packer *p, const struct price_node *n, void *to)
{
	p->updates = true;
	return price_pack_models(p, n, to);
}

static int
pack_root(struct price_packer *p, const struct price_node *root,
    struct price_head *head)
{
	static const struct price_pack_key keys[] = {
		{ "schema", check_schema, 0 },
		{ "as_of", price_pack_text,
		    offsetof(struct price_head, as_of) },
		{ "currency", check_currency, 0 },
		{ "unit", check_unit, 0 },
		{ "source", check_sources, 0 },
		{ "tokenizers", pack_tokenizers, 0 },
		{ "unknown_model", pack_unknown_model, 0 },
		/* These three need the others, in this order. */
		{ "providers", price_pack_skip, 0 },
		{ "models", price_pack_skip, 0 },
		{ "updates", price_pack_skip, 0 },
		{ .key = NULL },
	};
	const struct price_node *n;

	if (price_pack_map(p, root, keys, NULL, head) < 0)
		return -1;
	if (price_node_get(root, "schema") == NULL)
		return price_pack_fail(p, root,
		    "a price book begins with 'schema: %s'", schema_name);
	n = price_node_get(root, "providers");
	if (n != NULL && price_pack_providers(p, n, NULL) < 0)
		return -1;
	n = price_node_get(root, "models");
	if (n != NULL && price_pack_models(p, n, NULL) < 0)
		return -1;
	n = price_node_get(root, "updates");
	return n != NULL ? pack_updates(p, n, NULL) : 0;
}

static struct price_span
lay_names(struct price_packer *p)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_add(&b, p->names, p->name_slots * sizeof(*p->names));
	return price_pack_array(p, &b, sizeof(*p->names));
}

/* Models know where they are, to find the head of their book. */
static struct price_span
lay_models(struct price_packer *p)
{
	struct price_span span =
	    price_pack_array(p, &p->models, sizeof(struct price_model));

	for (uint32_t i = 0; i < span.n; i++) {
		uint32_t at =
		    span.at + i * (uint32_t)sizeof(struct price_model);

		memcpy(p->book->s + at + offsetof(struct price_model, self),
		    &at, sizeof(at));
	}
	return span;
}

static void
lay_out(struct price_packer *p, struct price_head *head)
{
	price_pack_rules(p, head);
	head->tokenizers =
	    price_pack_array(p, &p->tokenizers, sizeof(struct price_tokenizer));
	head->names = lay_names(p);
	head->models = lay_models(p);
	head->providers =
	    price_pack_array(p, &p->providers, sizeof(struct price_provider));
	head->size = (uint32_t)p->book->len;
	memcpy(p->book->s, head, sizeof(*head));
}

int
price_pack(const char *text, size_t len, const char *name,
    const struct price_head *under, struct tk_buf *book, struct tk_err *err)
{
	struct price_packer p = {
		.name = name,
		.err = err,
		.book = book,
		.under = under,
		.providers = TK_BUF_INIT,
		.models = TK_BUF_INIT,
		.globs = TK_BUF_INIT,
		.detects = TK_BUF_INIT,
		.prefixes = TK_BUF_INIT,
		.tokenizers = TK_BUF_INIT,
	};
	struct price_head head = { .magic = PRICE_MAGIC,
		.ceiling_input = -1,
		.ceiling_output = -1 };
	struct price_node root;
	int rc;

	assert(book->len == 0);
	tk_buf_add(book, &head, sizeof(head));
	rc = price_node_read(text, len, name, &root, err);
	if (rc == 0)
		rc = pack_root(&p, &root, &head);
	if (rc == 0)
		lay_out(&p, &head);
	price_node_release(&root);
	tk_buf_release(&p.providers);
	tk_buf_release(&p.models);
	tk_buf_release(&p.globs);
	tk_buf_release(&p.detects);
	tk_buf_release(&p.prefixes);
	tk_buf_release(&p.tokenizers);
	free(p.names);
	free(p.strings);
	return rc;
}
