/*
 * The api.json of models.dev
 *
 *	{"openai": {"id": "openai", "models": {"gpt-4o": {"id": "gpt-4o",
 *	    "cost": {"input": 2.5, "output": 10, "cache_read": 1.25,
 *		"tiers": [{"input": 5, "tier": {"size": 272000}}]},
 *	    "limit": {"context": 128000, "output": 16384}}}}}
 *
 * USD a million tokens.  "context_over_200k" is the older form of a tier.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"
#include "json/json.h"

enum { USD_A_MILLION_TO_PICO = 6, OLD_TIER = 200000 };

static const struct {
	const char *key;
	enum price_part part;
} parts[] = {
	{ "input", PRICE_INPUT },
	{ "output", PRICE_OUTPUT },
	{ "cache_read", PRICE_CACHE_READ },
	{ "cache_write", PRICE_CACHE_WRITE },
	{ "cache_write_1h", PRICE_CACHE_WRITE_1H },
	{ "reasoning", PRICE_REASONING },
	{ "input_audio", PRICE_AUDIO_INPUT },
	{ "output_audio", PRICE_AUDIO_OUTPUT },
};

static bool
read_part(struct price_dataset *d, struct json_scan *s,
    const struct json_text *key, int64_t *part)
{
	for (size_t i = 0; i < TK_LEN(parts); i++) {
		if (!json_text_is(key, parts[i].key))
			continue;
		part[parts[i].part] =
		    price_scan_money(d, s, USD_A_MILLION_TO_PICO);
		return true;
	}
	return false;
}

/* "tier": {"type": "context", "size": 272000} */
static int64_t
read_size(struct json_scan *s)
{
	int64_t size = -1;
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return -1;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "size"))
			json_scan_int(s, &size);
		else
			json_scan_skip(s);
	}
	return size;
}

static void
read_tier(struct price_dataset *d, struct json_scan *s, int64_t above)
{
	struct price_quote *q = d->entry[d->n - 1].quote;
	struct price_quote_tier t, *to;
	struct json_text key;

	memset(&t, 0xff, sizeof(t));
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "tier"))
			above = read_size(s);
		else if (!read_part(d, s, &key, t.part))
			json_scan_skip(s);
	}
	t.above = above;
	if (above > 0 && (to = price_quote_tier(q, above)) != NULL)
		*to = t;
}

static void
read_cost(struct price_dataset *d, struct json_scan *s)
{
	struct price_quote *q = d->entry[d->n - 1].quote;
	struct json_text key;
	bool tiers = false;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "tiers") && json_scan_array(s) > 0) {
			/* What the older form says is less exact. */
			tiers = true;
			q->ntiers = 0;
			while (json_scan_item(s))
				read_tier(d, s, -1);
		} else if (json_text_is(&key, "tiers")) {
			continue; /* was null, or was skipped */
		} else if (json_text_is(&key, "context_over_200k") && !tiers) {
			read_tier(d, s, OLD_TIER);
		} else if (!read_part(d, s, &key, q->part)) {
			json_scan_skip(s);
		}
	}
}

static void
read_limit(struct price_entry *e, struct json_scan *s)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "context"))
			json_scan_int(s, &e->context);
		else if (json_text_is(&key, "output"))
			json_scan_int(s, &e->max_output);
		else
			json_scan_skip(s);
	}
}

static void
read_model(struct price_dataset *d, struct json_scan *s, const char *provider,
    const struct json_text *id)
{
	struct price_entry *e = price_dataset_add(d);
	struct tk_buf name = TK_BUF_INIT;
	struct json_text key;

	json_text_add(id, &name);
	e->id = tk_buf_detach(&name);
	e->provider = tk_xstrdup(provider);
	if (json_scan_object(s) > 0) {
		while (json_scan_key(s, &key)) {
			if (json_text_is(&key, "cost"))
				read_cost(d, s);
			else if (json_text_is(&key, "limit"))
				read_limit(e, s);
			else if (json_text_is(&key, "name") && e->name == NULL)
				e->name = price_scan_text(s);
			else
				json_scan_skip(s);
		}
	}
	if (e->quote->part[PRICE_INPUT] < 0)
		price_dataset_drop(d);
}

void
price_read_modelsdev(struct price_dataset *d, struct json_scan *s)
{
	struct json_text provider, key, id;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &provider)) {
		struct tk_buf name = TK_BUF_INIT;

		json_text_add(&provider, &name);
		if (json_scan_object(s) > 0) {
			while (json_scan_key(s, &key)) {
				if (!json_text_is(&key, "models")) {
					json_scan_skip(s);
					continue;
				}
				if (json_scan_object(s) <= 0)
					continue;
				while (json_scan_key(s, &id))
					read_model(d, s, name.s, &id);
			}
		}
		tk_buf_release(&name);
	}
}
