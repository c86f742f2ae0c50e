/*
 * LiteLLM's model_prices_and_context_window.json
 *
 *	{"gpt-4o": {"litellm_provider": "openai",
 *	    "input_cost_per_token": 2.5e-06, ...}, ...}
 *
 * USD a token.  What a price is for is in its key, in three parts: what is
 * counted, "_above_200k_tokens", and "_batches" or the like.
 */
#include <ctype.h>
#include <string.h>

#include "price/price_int.h"
#include "json/json.h"

static const struct {
	const char *key;
	enum price_part part;
} parts[] = {
	/* the longer ones first: keys begin with them */
	{ "cache_creation_input_token_cost_above_1hr", PRICE_CACHE_WRITE_1H },
	{ "cache_creation_input_token_cost", PRICE_CACHE_WRITE },
	{ "cache_read_input_audio_token_cost", PRICE_AUDIO_CACHE_READ },
	{ "cache_read_input_token_cost", PRICE_CACHE_READ },
	{ "input_cost_per_audio_token", PRICE_AUDIO_INPUT },
	{ "input_cost_per_image_token", PRICE_IMAGE_INPUT },
	{ "input_cost_per_token", PRICE_INPUT },
	{ "output_cost_per_audio_token", PRICE_AUDIO_OUTPUT },
	{ "output_cost_per_image_token", PRICE_IMAGE_OUTPUT },
	{ "output_cost_per_reasoning_token", PRICE_REASONING },
	{ "output_cost_per_token", PRICE_OUTPUT },
	{ "citation_cost_per_token", PRICE_CITATION },
};

static const struct {
	const char *key;
	int mode;
} modes[] = {
	{ "_batches", 0 },
	{ "_flex", 1 },
	{ "_priority", 2 },
};

enum { USD_TO_PICO = 12, LARGEST_TIER = 100000 };

/* "_above_200k_tokens": past it, with the tokens set; else p as it is. */
static const char *
skip_tier(const char *p, int64_t *above)
{
	static const char before[] = "_above_", after[] = "k_tokens";
	const char *q = p + strlen(before);
	int64_t n = 0;

	*above = -1;
	if (strncmp(p, before, strlen(before)) != 0)
		return p;
	for (; isdigit((unsigned char)*q) && n < LARGEST_TIER; q++)
		n = n * 10 + (*q - '0');
	if (n == 0 || strncmp(q, after, strlen(after)) != 0)
		return p;
	*above = n * 1000;
	return q + strlen(after);
}

/* The place for the price of that key; NULL when it is for nothing here. */
static int64_t *
place(struct price_quote *q, const char *key)
{
	struct price_quote_tier *tier;
	size_t i = 0, n = 0;
	int64_t above;

	for (; i < TK_LEN(parts); i++) {
		n = strlen(parts[i].key);
		if (strncmp(key, parts[i].key, n) == 0)
			break;
	}
	if (i == TK_LEN(parts))
		return NULL;
	key = skip_tier(key + n, &above);
	if (*key == '\0' && above < 0)
		return &q->part[parts[i].part];
	if (*key == '\0') {
		tier = price_quote_tier(q, above);
		return tier != NULL ? &tier->part[parts[i].part] : NULL;
	}
	for (size_t m = 0; m < TK_LEN(modes); m++)
		if (above < 0 && strcmp(key, modes[m].key) == 0)
			return &q->mode[modes[m].mode][parts[i].part];
	return NULL;
}

static void
read_field(struct price_dataset *d, struct json_scan *s,
    const struct json_text *key)
{
	struct price_entry *e = &d->entry[d->n - 1];
	char word[96];
	int64_t *to;

	if (key->escaped || key->n >= sizeof(word)) {
		json_scan_skip(s);
		return;
	}
	memcpy(word, key->p, key->n);
	word[key->n] = '\0';
	to = place(e->quote, word);
	if (to != NULL) {
		*to = price_scan_money(d, s, USD_TO_PICO);
	} else if (strcmp(word, "litellm_provider") == 0 &&
	    e->provider == NULL) {
		e->provider = price_scan_text(s);
	} else if (strcmp(word, "max_input_tokens") == 0) {
		json_scan_int(s, &e->context);
	} else if (strcmp(word, "max_output_tokens") == 0) {
		json_scan_int(s, &e->max_output);
	} else {
		json_scan_skip(s);
	}
}

void
price_read_litellm(struct price_dataset *d, struct json_scan *s)
{
	struct json_text id, key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &id)) {
		struct tk_buf name = TK_BUF_INIT;
		struct price_entry *e;

		if (json_text_is(&id, "sample_spec") ||
		    json_scan_peek(s) != JSON_IS_OBJECT) {
			json_scan_skip(s);
			continue;
		}
		e = price_dataset_add(d);
		json_text_add(&id, &name);
		e->id = tk_buf_detach(&name);
		json_scan_object(s);
		while (json_scan_key(s, &key))
			read_field(d, s, &key);
		if (e->provider == NULL || e->quote->part[PRICE_INPUT] < 0)
			price_dataset_drop(d);
	}
}
