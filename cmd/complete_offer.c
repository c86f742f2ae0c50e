/*
 * tokctl __complete: the values that there are of each kind: dates, zones,
 * names of the ledger, models, encodings
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complete.h"
#include "count.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "price/price.h"
#include "report/report.h"
#include "store/store.h"
#include "vocab/vocab.h"

void
complete_offer(const struct typed *t, const char *name, const char *what)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_add(&b, t->last.s, t->from);
	tk_buf_adds(&b, name);
	if (strncmp(b.s, t->last.s, t->last.len) == 0)
		printf("%s\t%s\n", b.s + t->skip, what);
	tk_buf_release(&b);
}

static void
offer_dates(const struct typed *t)
{
	static const char *const words[][2] = {
		{ "today", "since midnight" },
		{ "yesterday", "the day before" },
		{ "7d", "today and six days before" },
		{ "30d", "today and 29 days before" },
		{ "this-week", "since the week began" },
		{ "last-week", "the week before" },
		{ "this-month", "since the 1st" },
		{ "last-month", "the month before" },
		{ "this-year", "since 1 January" },
		{ "24h", "exactly one day" },
		{ "now", "this moment" },
	};

	for (size_t i = 0; i < TK_LEN(words); i++)
		complete_offer(t, words[i][0], words[i][1]);
}

/* The n-th word of a line, from 0; false if there are fewer. */
static bool
nth_word(char *line, int n, char **word)
{
	char *save = NULL;

	for (*word = strtok_r(line, " \t\n", &save); *word != NULL && n > 0;
	     n--)
		*word = strtok_r(NULL, " \t\n", &save);
	return *word != NULL;
}

static FILE *
open_zones(const char *name)
{
	const char *dir = getenv("TZDIR");
	struct tk_buf path = TK_BUF_INIT;
	FILE *f;

	tk_buf_addf(&path, "%s/%s", dir != NULL ? dir : "/usr/share/zoneinfo",
	    name);
	f = fopen(path.s, "re");
	tk_buf_release(&path);
	return f;
}

/* From the compact source, "Z NAME ..." and "L TARGET NAME", or else from
 * the table "COUNTRY COORDINATES NAME". */
static void
offer_zones(const struct typed *t)
{
	bool compact = true;
	FILE *f = open_zones("tzdata.zi");
	char *line = NULL, *word;
	size_t cap = 0;

	if (f == NULL) {
		compact = false;
		f = open_zones("zone1970.tab");
	}
	if (f == NULL)
		return;
	while (getline(&line, &cap, f) > 0) {
		bool link = strncmp(line, "L ", 2) == 0;

		if (compact ? !link && strncmp(line, "Z ", 2) != 0
			    : line[0] == '#')
			continue;
		if (nth_word(line, compact && !link ? 1 : 2, &word))
			complete_offer(t, word, "time zone");
	}
	free(line);
	fclose(f);
}

/* A visit of names or models. */
struct visit {
	const struct typed *t;
	const struct price_book *known; /* or NULL */
};

static int
offer_name(const char *name, void *data)
{
	const struct visit *v = data;
	const struct price_model *m = NULL;

	if (v->known != NULL)
		m = price_resolve(v->known, NULL, name);
	if (m == NULL || strcmp(price_model_id(m), name) != 0)
		complete_offer(v->t, name, "");
	return 0;
}

/* The newest names of the ledger, if it can be read at once. */
static void
offer_names(struct visit *v, enum name_kind kind)
{
	enum { MOST = 200, WAIT_MS = 50 };
	struct tk_err err = TK_ERR_INIT;
	struct ledger *l = NULL;

	store_busy_ms = WAIT_MS;
	if (v->t->ledger.len > 0 &&
	    ledger_open(&l, v->t->ledger.s, LEDGER_READ, &err) == 0)
		names_each(ledger_names(l), kind, MOST, offer_name, v, &err);
	ledger_close(l);
}

/* A model that several providers sell is offered once. */
static int
offer_model(const struct price_model *m, void *data)
{
	const struct visit *v = data;
	const char *id = price_model_id(m);

	if (price_resolve(v->known, NULL, id) == m)
		complete_offer(v->t, id, price_provider(m));
	return 0;
}

/* Those of the price book, then what else was used. */
static void
offer_models(const struct typed *t)
{
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb = NULL;
	struct visit v = { .t = t };

	if (price_book_open(&pb, NULL, &err) == 0) {
		v.known = pb;
		price_each(pb, offer_model, &v);
	}
	offer_names(&v, NAME_MODEL);
	price_book_close(pb);
}

static void
offer_dimensions(const struct typed *t)
{
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		complete_offer(t, c->name, "");
}

static void
offer_added(const char *name, void *t)
{
	complete_offer(t, name, "added");
}

static void
offer_encodings(const struct typed *t)
{
	struct typed with = *t;
	const char *name;

	for (size_t i = 0; (name = vocab_name(i)) != NULL; i++)
		complete_offer(t, name, "exact");
	count_each_added(offer_added, &with);
}

void
complete_offer_hint(const struct typed *t, enum opt_hint hint)
{
	static const struct {
		enum opt_hint hint;
		void (*offer)(const struct typed *t);
	} known[] = {
		{ HINT_DATE, offer_dates },
		{ HINT_ZONE, offer_zones },
		{ HINT_DIMENSION, offer_dimensions },
		{ HINT_MODEL, offer_models },
		{ HINT_ENCODING, offer_encodings },
	};
	static const struct {
		enum opt_hint hint;
		enum name_kind kind;
	} names[] = {
		{ HINT_USER, NAME_USER },
		{ HINT_APPLICATION, NAME_APPLICATION },
		{ HINT_SESSION, NAME_SESSION },
		{ HINT_PROJECT, NAME_PROJECT },
		{ HINT_SOURCE, NAME_SOURCE },
	};

	for (size_t i = 0; i < TK_LEN(known); i++)
		if (known[i].hint == hint)
			known[i].offer(t);
	for (size_t i = 0; i < TK_LEN(names); i++)
		if (names[i].hint == hint)
			offer_names(&(struct visit){ .t = t }, names[i].kind);
}
