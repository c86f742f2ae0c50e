/* Departments and families: see derive.h. */
#include "report/derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/names.h"

/* What one name means from when on; the first holds for all time before. */
struct meaning {
	uint32_t name; /* 0: the slot is free */
	size_t n;
	struct span {
		int64_t since;
		int64_t key;
	} * span;
};

struct derive {
	struct report *r;
	struct ledger *l;
	const struct report_query *q;
	struct meaning *slot; /* open-addressed; a power of two of them */
	size_t slots, used;
	struct meaning *filling;
};

struct derive *
derive_new(struct report *r, struct ledger *l, const struct report_query *q)
{
	struct derive *d = tk_xcalloc(1, sizeof(*d));

	d->r = r;
	d->l = l;
	d->q = q;
	d->slots = 64;
	d->slot = tk_xcalloc(d->slots, sizeof(*d->slot));
	return d;
}

void
derive_free(struct derive *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->slots; i++)
		free(d->slot[i].span);
	free(d->slot);
	free(d);
}

static struct meaning *
find(const struct meaning *slot, size_t slots, uint32_t name)
{
	size_t i = (name * UINT32_C(0x9e3779b9)) & (slots - 1);

	while (slot[i].name != 0 && slot[i].name != name)
		i = (i + 1) & (slots - 1);
	return (struct meaning *)&slot[i];
}

static void
grow(struct derive *d)
{
	size_t slots = d->slots * 2;
	struct meaning *slot = tk_xcalloc(slots, sizeof(*slot));

	for (size_t i = 0; i < d->slots; i++)
		if (d->slot[i].name != 0)
			*find(slot, slots, d->slot[i].name) = d->slot[i];
	free(d->slot);
	d->slot = slot;
	d->slots = slots;
}

/* The number of a text in the report: from 1 up; 0 for none. */
static int64_t
text_key(struct report *r, const char *text)
{
	if (text == NULL || *text == '\0')
		return 0;
	for (size_t i = 0; i < r->texts; i++)
		if (strcmp(r->text[i], text) == 0)
			return (int64_t)i + 1;
	r->text = tk_xreallocarray(r->text, r->texts + 1, sizeof(*r->text));
	r->text[r->texts++] = tk_xstrdup(text);
	return (int64_t)r->texts;
}

static void
add_span(struct derive *d, int64_t since, const char *text)
{
	struct meaning *m = d->filling;

	m->span = tk_xreallocarray(m->span, m->n + 1, sizeof(*m->span));
	m->span[m->n++] = (struct span){ since, text_key(d->r, text) };
}

static void
add_department(int64_t since, const char *department, void *data)
{
	add_span(data, since, department);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void
report_model_family(struct tk_buf *b, const char *model)
{
	const char *from = model, *slash = strrchr(model, '/'), *s;

	if (slash != NULL && slash[1] != '\0')
		from = slash + 1;
	/* "us.anthropic.claude": who sells it is not its family. */
	for (s = from; s[0] != '\0'; s++)
		if (s[0] == '.' && s > from && is_letter(s[-1]) &&
		    is_letter(s[1]))
			from = s + 1;
	for (s = from; is_letter(*s); s++)
		continue;
	if (s == from)
		s = from + strlen(from);
	for (; from < s; from++)
		tk_buf_add(b,
		    (char[]){ *from >= 'A' && *from <= 'Z'
			    ? (char)(*from - 'A' + 'a')
			    : *from },
		    1);
}

static int
fill(struct derive *d, enum report_dim dim, uint32_t name, struct tk_err *err)
{
	struct tk_buf family = TK_BUF_INIT;
	const char *text;

	if (names_text(ledger_names(d->l), name, &text, err) < 0)
		return -1;
	if (text == NULL)
		return 0;
	if (dim == DIM_DEPARTMENT)
		return d->q->departments == NULL
		    ? 0
		    : d->q->departments(d->l, text, add_department, d, err);
	report_model_family(&family, text);
	add_span(d, INT64_MIN, family.s);
	tk_buf_release(&family);
	return 0;
}

int
derive_key(struct derive *d, enum report_dim dim, uint32_t name, int64_t from,
    int64_t to, int64_t *key, struct tk_err *err)
{
	struct meaning *m;
	size_t i = 0;

	*key = 0;
	if (name == 0)
		return 1;
	m = find(d->slot, d->slots, name);
	if (m->name == 0) {
		if (++d->used * 2 > d->slots)
			grow(d);
		m = d->filling = find(d->slot, d->slots, name);
		m->name = name;
		if (fill(d, dim, name, err) < 0)
			return -1;
	}
	if (m->n == 0)
		return 1;
	while (i + 1 < m->n && m->span[i + 1].since <= from)
		i++;
	*key = m->span[i].key;
	return i + 1 == m->n || m->span[i + 1].since > to;
}
