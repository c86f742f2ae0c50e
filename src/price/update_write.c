/*
 * Writing the key 'updates' of a user's file.
 *
 * The periods that were taken before are written again, the new ones after
 * them.  The rest of the file is not touched, and what comes out is read as
 * a book before it is handed out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"

static const char file_head[] =
    "# Prices of your own, over those built into tokctl; see "
    "tokctl-price(1).\n"
    "# Put yours under the key 'models'.\n"
    "schema: tokctl-prices/1\n"
    "currency: USD\n"
    "unit: per_million_tokens\n";

static void
add_text(struct tk_buf *b, const char *name, const char *value)
{
	tk_buf_addf(b, "    %s: ", name);
	price_quote_add(b, value);
	tk_buf_adds(b, "\n");
}

static void
add_count(struct tk_buf *b, const char *name, int64_t n)
{
	if (n > 0)
		tk_buf_addf(b, "    %s: %" PRId64 "\n", name, n);
}

/* Names of datasets are shown, when they are in plain letters. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

/* What the built-in book does not say of the model. */
static void
add_facts(struct tk_buf *b, const struct price_update *u,
    const struct price_change *c)
{
	struct price_facts f = { .name = "" };

	if (c->m != NULL)
		price_facts(u->pb, c->m, &f);
	if (c->m != NULL && (f.built_in || price_under(u->pb, c->m) != NULL))
		return;
	if (c->m == NULL && c->e->name != NULL)
		f.name = c->e->name;
	if (*f.name != '\0' && is_plain(f.name))
		add_text(b, "name", f.name);
	add_count(b, "context", c->m != NULL ? f.context : c->e->context);
	add_count(b, "max_output",
	    c->m != NULL ? f.max_output : c->e->max_output);
}

/* The periods that an earlier update has left, and the new ones, by time;
 * the new one where they begin at the same time. */
static void
add_periods(struct tk_buf *b, const struct price_change *c)
{
	const struct price_head *h = NULL;
	const struct price_period *old = NULL;
	struct price_draft d;
	uint32_t n = 0, i = 0;
	size_t k = 0;

	if (c->m != NULL && c->m->updated) {
		h = price_head_of(c->m);
		old = PRICE_SPAN(h, c->m->periods);
		n = c->m->periods.n;
	}
	while (i < n || k < c->n) {
		if (k < c->n && (i == n || c->period[k].from <= old[i].from)) {
			i += i < n && old[i].from == c->period[k].from;
			price_draft_add(b, &c->period[k++]);
		} else if (price_draft_init(&d, h, &old[i++])) {
			price_draft_add(b, &d);
		}
	}
}

static void
add_model(struct tk_buf *b, const struct price_update *u,
    const struct price_change *c)
{
	tk_buf_adds(b, "  - id: ");
	price_quote_add(b, c->id);
	tk_buf_adds(b, "\n");
	add_text(b, "provider", c->provider);
	add_facts(b, u, c);
	tk_buf_adds(b, "    prices:\n");
	add_periods(b, c);
}

static const struct price_change *
change_of(const struct price_update *u, const struct price_model *m)
{
	for (size_t i = 0; i < u->nchanges; i++)
		if (u->change[i].m == m)
			return &u->change[i];
	return NULL;
}

struct section {
	struct tk_buf *b;
	const struct price_update *u;
};

/* Those that are there already keep their place. */
static int
add_old(const struct price_model *m, void *data)
{
	struct section *s = data;
	struct price_change same = { .provider = price_provider(m), .m = m };
	const struct price_change *c;

	if (!m->updated)
		return 0;
	c = change_of(s->u, m);
	if (c == NULL) {
		same.id = tk_xstrdup(price_model_id(m));
		add_model(s->b, s->u, &same);
		free(same.id);
	} else {
		add_model(s->b, s->u, c);
	}
	return 0;
}

/* Nothing, when there is no model for it. */
static void
add_section(struct tk_buf *b, const struct price_update *u)
{
	struct tk_buf models = TK_BUF_INIT;
	struct section s = { &models, u };

	price_each(u->pb, add_old, &s);
	for (size_t i = 0; i < u->nchanges; i++)
		if (u->change[i].m == NULL || !u->change[i].m->updated)
			add_model(&models, u, &u->change[i]);
	if (models.len > 0)
		tk_buf_addf(b,
		    "updates:\n"
		    "  # Written by 'tokctl price set' and 'price update', "
		    "which write it anew.\n"
		    "%s",
		    models.s);
	tk_buf_release(&models);
}

/* Where the line of that number begins; the end, when there are not so
 * many. */
static size_t
line_start(const char *text, size_t len, uint32_t line)
{
	size_t at = 0;

	for (; line > 1 && at < len; line--) {
		const char *nl = memchr(text + at, '\n', len - at);

		at = nl != NULL ? (size_t)(nl - text) + 1 : len;
	}
	return at;
}

/* Back over the blank lines and comments before that place: they belong to
 * what follows. */
static size_t
before_comments(const char *text, size_t start, size_t at)
{
	while (at > start) {
		size_t line = at - 1;

		while (line > start && text[line - 1] != '\n')
			line--;
		if (text[line] != '#' && text[line] != '\n')
			break;
		at = line;
	}
	return at;
}

/* The part of the text that is the key 'updates'; an empty one at the end
 * when there is none. */
static int
find_section(const char *text, size_t len, const char *name, size_t *start,
    size_t *end, struct tk_err *err)
{
	struct price_node root;
	int rc = price_node_read(text, len, name, &root, err);

	*start = *end = len;
	for (size_t i = 0; root.kind == NODE_MAP && i < root.n; i++) {
		if (rc < 0 || strcmp(root.child[i].key, "updates") != 0)
			continue;
		*start = line_start(text, len, root.child[i].key_line);
		if (i + 1 < root.n)
			*end =
			    line_start(text, len, root.child[i + 1].key_line);
		*end = before_comments(text, *start, *end);
	}
	price_node_release(&root);
	return rc;
}

int
price_update_write(const struct price_update *u, const char *old, size_t len,
    const char *name, struct tk_buf *to, struct tk_err *err)
{
	struct tk_buf packed = TK_BUF_INIT;
	size_t before = to->len, start, end;
	int rc;

	if (old == NULL) {
		old = file_head;
		len = strlen(file_head);
	}
	if (find_section(old, len, name, &start, &end, err) < 0)
		return -1;
	tk_buf_add(to, old, start);
	if (start > 0 && old[start - 1] != '\n')
		tk_buf_adds(to, "\n");
	add_section(to, u);
	tk_buf_add(to, old + end, len - end);
	rc = price_pack(to->s + before, to->len - before, name, &price_builtin,
	    &packed, err);
	if (rc < 0) {
		tk_wrap(err, "cannot add the new prices");
		tk_hint(err,
		    "begin each key of '%s' on a line of its own, as "
		    "in config/models.yaml",
		    name);
	}
	tk_buf_release(&packed);
	return rc;
}
