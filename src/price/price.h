#ifndef PRICE_PRICE_H
#define PRICE_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

struct tk_buf;

/*
 * The price book: what a call of a model cost at the time of the call.
 *
 * The book that ships with tokctl is compiled from config/models.yaml into
 * read-only memory at build time, so that opening it costs nothing.  A file
 * of the same schema can lie over it: its models come first.
 *
 * A price is a whole number of pico-dollars a token; multipliers are parts
 * per million; a record is rounded once (half to even), after all its
 * components are added.  The rules (periods, tiers, windows, fallbacks,
 * resolution of names) stand at the top of config/models.yaml.
 */
struct price_book;

/* overlay NULL: the built-in book alone. */
int price_book_open(struct price_book **pb, const char *overlay,
    struct tk_err *err);
/* A file alone, without the built-in book. */
int price_book_load(struct price_book **pb, const char *path,
    struct tk_err *err);
void price_book_close(struct price_book *pb); /* NULL is fine */

/* What was used, in disjoint classes. */
struct price_usage {
	int64_t time; /* ms */
	const char *provider; /* or NULL */
	const char *model;
	int64_t input, output, cache_read;
	int64_t cache_write_5m, cache_write_1h, cache_write_other;
	int64_t reasoning; /* of the output */
	int64_t unsplit;   /* total only: priced at the dearer of in and out */
	int64_t web_searches;
	int64_t audio_input, audio_output, image_input;
	int tier; /* enum record_tier, ledger/record.h */
};

struct price_model; /* one entry of a book */

/* NULL when the book does not know it. */
const struct price_model *price_resolve(const struct price_book *pb,
    const char *provider, const char *model);

/*
 * 1: *cost is set; 0: there is no price for it (never 0 dollars); -1: the
 * cost of one record is beyond int64_t.
 */
int price_cost(const struct price_book *pb, const struct price_usage *u,
    int64_t *cost, struct tk_err *err);

/* "o200k_base", or NULL; *exact is false when it is only a stand-in. */
const char *price_tokenizer(const struct price_model *m, bool *exact);
const char *price_provider(const struct price_model *m);
const char *price_model_id(const struct price_model *m);
int64_t price_context(const struct price_model *m); /* tokens; 0: unknown */

#endif
