/* The price lists of other projects: what all formats have in common. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"
#include "json/json.h"

enum { WARNINGS_MAX = 100 };

void
price_dataset_warn(struct price_dataset *d, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (d->nwarnings++ >= WARNINGS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tk_buf_add(&d->warnings, text, strlen(text) + 1);
}

struct price_quote *
price_entry_quote(struct price_entry *e)
{
	struct price_quote *q;

	e->quote = tk_xreallocarray(e->quote, e->nquotes + 1, sizeof(*q));
	q = &e->quote[e->nquotes++];
	memset(q, 0xff, sizeof(*q)); /* all prices are -1 */
	q->from = INT64_MIN;
	q->ntiers = 0;
	q->by_hour = false;
	return q;
}

struct price_entry *
price_dataset_add(struct price_dataset *d)
{
	struct price_entry *e;

	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 64;
		d->entry = tk_xreallocarray(d->entry, d->cap, sizeof(*e));
	}
	e = &d->entry[d->n++];
	*e = (struct price_entry){ .provider = NULL };
	price_entry_quote(e);
	return e;
}

static void
release_entry(struct price_entry *e)
{
	free(e->provider);
	free(e->id);
	free(e->name);
	free(e->quote);
}

void
price_dataset_drop(struct price_dataset *d)
{
	release_entry(&d->entry[--d->n]);
}

void
price_dataset_release(struct price_dataset *d)
{
	while (d->n > 0)
		price_dataset_drop(d);
	free(d->entry);
	tk_buf_release(&d->warnings);
}

struct price_quote_tier *
price_quote_tier(struct price_quote *q, int64_t above)
{
	struct price_quote_tier *t;

	for (size_t i = 0; i < q->ntiers; i++)
		if (q->tiers[i].above == above)
			return &q->tiers[i];
	if (q->ntiers == PRICE_QUOTE_TIERS)
		return NULL;
	t = &q->tiers[q->ntiers++];
	memset(t, 0xff, sizeof(*t));
	t->above = above;
	return t;
}

char *
price_scan_text(struct json_scan *s)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_text t;

	if (json_scan_text(s, &t) <= 0)
		return NULL;
	json_text_add(&t, &b);
	return tk_buf_detach(&b);
}

int64_t
price_scan_money(struct price_dataset *d, struct json_scan *s, int scale)
{
	const struct price_entry *e = &d->entry[d->n - 1];
	struct json_text t;
	int64_t pico;
	bool exact;
	int rc;

	rc = json_scan_peek(s) == JSON_IS_TEXT ? json_scan_text(s, &t)
					       : json_scan_number(s, &t);
	if (rc <= 0 || !price_decimal(t.p, t.n, scale, &pico, &exact))
		return -1;
	if (!exact)
		price_dataset_warn(d,
		    "'%s': %.*s is rounded to whole pico-dollars",
		    e->id != NULL ? e->id : "", (int)(t.n < 60 ? t.n : 60),
		    t.p);
	return pico;
}

/*
 * A list of providers is genai-prices; an object of models that name their
 * "litellm_provider" is LiteLLM's, one of providers that have "models" is
 * that of models.dev.
 */
static const char *
format_of(const char *text, size_t len)
{
	struct json_text key, inner;
	const char *found = NULL;
	struct json_scan s;

	json_scan_init(&s, text, len);
	if (json_scan_peek(&s) == JSON_IS_ARRAY)
		return "genai-prices";
	if (json_scan_object(&s) <= 0)
		return NULL;
	while (found == NULL && json_scan_key(&s, &key)) {
		if (json_text_is(&key, "providers") &&
		    json_scan_peek(&s) == JSON_IS_ARRAY)
			return "genai-prices";
		if (json_scan_object(&s) <= 0)
			continue;
		while (json_scan_key(&s, &inner)) {
			if (json_text_is(&inner, "litellm_provider"))
				found = "litellm";
			else if (json_text_is(&inner, "models") &&
			    json_scan_peek(&s) == JSON_IS_OBJECT)
				found = "models.dev";
			json_scan_skip(&s);
		}
	}
	return found;
}

static int
by_above(const void *a_, const void *b_)
{
	const struct price_quote_tier *a = a_, *b = b_;

	return (a->above > b->above) - (a->above < b->above);
}

/* In a list, a part that a tier does not name costs what it does in the tier
 * below; here, a tier says all that is not as in the base. */
static void
complete_tiers(struct price_quote *q)
{
	if (q->ntiers > 1)
		qsort(q->tiers, q->ntiers, sizeof(q->tiers[0]), by_above);
	for (size_t i = 1; i < q->ntiers; i++)
		for (int part = 0; part < PRICE_PARTS; part++)
			if (q->tiers[i].part[part] < 0)
				q->tiers[i].part[part] =
				    q->tiers[i - 1].part[part];
}

int
price_dataset_read(struct price_dataset *d, const char *text, size_t len,
    const char *file, struct tk_err *err)
{
	struct json_scan s;
	size_t line = 1;

	*d = (struct price_dataset){ .file = file, .warnings = TK_BUF_INIT };
	d->format = format_of(text, len);
	json_scan_init(&s, text, len);
	if (d->format == NULL)
		json_scan_skip(&s);
	else if (strcmp(d->format, "litellm") == 0)
		price_read_litellm(d, &s);
	else if (strcmp(d->format, "models.dev") == 0)
		price_read_modelsdev(d, &s);
	else
		price_read_genai(d, &s);
	if (!json_scan_end(&s)) {
		for (const char *p = s.start; p < s.at; p++)
			line += *p == '\n';
		return tk_fail(err, TK_DATA, "%s:%zu: this is not JSON: %s",
		    file, line, s.wrong != NULL ? s.wrong : "more follows");
	}
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->entry[i].nquotes; k++)
			complete_tiers(&d->entry[i].quote[k]);
	if (d->format == NULL || d->n == 0) {
		tk_fail(err, TK_DATA, "'%s' is no price list that is known",
		    file);
		return tk_hint(err,
		    "take LiteLLM's model_prices_and_context_window.json, "
		    "models.dev's api.json or genai-prices' data.json");
	}
	return 0;
}
