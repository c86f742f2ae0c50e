/*
 * The data.json of genai-prices
 *
 *	[{"id": "openai", "models": [{"id": "gpt-4o", "context_window": 128000,
 *	    "prices": {"input_mtok": 2.5, "output_mtok": 10}}]}]
 *
 * USD a million tokens.  A price may be {"base": 3, "tiers": [{"start":
 * 200000, "price": 6}]}; "prices" may be a list of such objects with a
 * "constraint" each: the date that they hold from, or hours of the day.
 * The later form of the file has the list under "providers".
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"
#include "json/json.h"

enum { USD_A_MILLION_TO_PICO = 6, USD_A_THOUSAND_TO_PICO = 9 };

static const struct {
	const char *key;
	enum price_part part;
} parts[] = {
	{ "input_mtok", PRICE_INPUT },
	{ "output_mtok", PRICE_OUTPUT },
	{ "cache_read_mtok", PRICE_CACHE_READ },
	{ "cache_write_mtok", PRICE_CACHE_WRITE },
	{ "cache_write_1h_mtok", PRICE_CACHE_WRITE_1H },
	{ "input_audio_mtok", PRICE_AUDIO_INPUT },
	{ "output_audio_mtok", PRICE_AUDIO_OUTPUT },
	{ "cache_audio_read_mtok", PRICE_AUDIO_CACHE_READ },
	{ "input_image_mtok", PRICE_IMAGE_INPUT },
	{ "output_image_mtok", PRICE_IMAGE_OUTPUT },
};

/* {"start": 200000, "price": 6} */
static void
read_tier(struct price_dataset *d, struct json_scan *s, struct price_quote *q,
    enum price_part part)
{
	int64_t start = -1, price = -1;
	struct price_quote_tier *t;
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "start"))
			json_scan_int(s, &start);
		else if (json_text_is(&key, "price"))
			price = price_scan_money(d, s, USD_A_MILLION_TO_PICO);
		else
			json_scan_skip(s);
	}
	if (start > 0 && (t = price_quote_tier(q, start)) != NULL)
		t->part[part] = price;
}

static void
read_part(struct price_dataset *d, struct json_scan *s, struct price_quote *q,
    enum price_part part)
{
	struct json_text key;

	if (json_scan_peek(s) != JSON_IS_OBJECT) {
		q->part[part] = price_scan_money(d, s, USD_A_MILLION_TO_PICO);
		return;
	}
	json_scan_object(s);
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "base"))
			q->part[part] =
			    price_scan_money(d, s, USD_A_MILLION_TO_PICO);
		else if (!json_text_is(&key, "tiers"))
			json_scan_skip(s);
		else if (json_scan_array(s) > 0)
			while (json_scan_item(s))
				read_tier(d, s, q, part);
	}
}

static void
read_prices(struct price_dataset *d, struct json_scan *s, struct price_quote *q)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		size_t i = 0;

		while (i < TK_LEN(parts) && !json_text_is(&key, parts[i].key))
			i++;
		if (i < TK_LEN(parts))
			read_part(d, s, q, parts[i].part);
		else if (json_text_is(&key, "requests_kcount"))
			q->request =
			    price_scan_money(d, s, USD_A_THOUSAND_TO_PICO);
		else
			json_scan_skip(s);
	}
}

static void
read_constraint(struct json_scan *s, struct price_quote *q)
{
	struct json_text key, date;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		bool start = json_text_is(&key, "start_date") ||
		    json_text_is(&key, "start");

		q->by_hour = q->by_hour || json_text_is(&key, "start_time");
		if (!start)
			json_scan_skip(s);
		else if (json_scan_text(s, &date) <= 0 ||
		    !price_time_parse(date.p, date.n, &q->from))
			q->by_hour = true; /* not to be understood */
	}
}

/* [{"prices": {...}}, {"constraint": {...}, "prices": {...}}] */
static void
read_periods(struct price_dataset *d, struct json_scan *s)
{
	struct price_entry *e = &d->entry[d->n - 1];
	struct json_text key;

	e->nquotes = 0;
	while (json_scan_item(s)) {
		struct price_quote *q = price_entry_quote(e);

		if (json_scan_object(s) <= 0)
			continue;
		while (json_scan_key(s, &key)) {
			if (json_text_is(&key, "prices"))
				read_prices(d, s, q);
			else if (json_text_is(&key, "constraint"))
				read_constraint(s, q);
			else
				json_scan_skip(s);
		}
	}
	if (e->nquotes == 0)
		price_entry_quote(e);
}

/* Those by the hour make the whole model one that is not read here. */
static bool
usable(struct price_entry *e)
{
	for (size_t i = 1; i < e->nquotes; i++) {
		e->quote[0].by_hour |= e->quote[i].by_hour;
		if (e->quote[i].from <= e->quote[i - 1].from)
			e->quote[0].by_hour = true;
	}
	return e->id != NULL && e->quote[0].part[PRICE_INPUT] >= 0;
}

static void
read_model(struct price_dataset *d, struct json_scan *s, const char *provider)
{
	struct price_entry *e = price_dataset_add(d);
	struct json_text key;

	e->provider = tk_xstrdup(provider);
	if (json_scan_object(s) > 0) {
		while (json_scan_key(s, &key)) {
			if (json_text_is(&key, "id") && e->id == NULL)
				e->id = price_scan_text(s);
			else if (json_text_is(&key, "name") && e->name == NULL)
				e->name = price_scan_text(s);
			else if (json_text_is(&key, "context_window"))
				json_scan_int(s, &e->context);
			else if (!json_text_is(&key, "prices"))
				json_scan_skip(s);
			else if (json_scan_peek(s) != JSON_IS_ARRAY)
				read_prices(d, s, &e->quote[0]);
			else if (json_scan_array(s) > 0)
				read_periods(d, s);
		}
	}
	if (!usable(e))
		price_dataset_drop(d);
}

static void
read_provider(struct price_dataset *d, struct json_scan *s)
{
	size_t first = d->n;
	char *id = NULL;
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "id") && id == NULL)
			id = price_scan_text(s);
		else if (!json_text_is(&key, "models"))
			json_scan_skip(s);
		else if (json_scan_array(s) > 0)
			while (json_scan_item(s))
				read_model(d, s, id != NULL ? id : "");
	}
	/* Its id may stand after its models. */
	for (size_t i = first; i < d->n && id != NULL; i++) {
		free(d->entry[i].provider);
		d->entry[i].provider = tk_xstrdup(id);
	}
	free(id);
}

void
price_read_genai(struct price_dataset *d, struct json_scan *s)
{
	struct json_text key;

	if (json_scan_peek(s) == JSON_IS_ARRAY) {
		json_scan_array(s);
		while (json_scan_item(s))
			read_provider(d, s);
		return;
	}
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (!json_text_is(&key, "providers"))
			json_scan_skip(s);
		else if (json_scan_array(s) > 0)
			while (json_scan_item(s))
				read_provider(d, s);
	}
}
