#ifndef PRICE_PRICE_H
#define PRICE_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

struct tk_buf;

/*
 * The price book: what a call of a model cost at the time of the call.
 *
 * The book that ships with tokctl is compiled from config/models.yaml into
 * read-only memory at build time, so that opening it costs nothing.  A file
 * of the same schema can lie over it: its models come first, and one that
 * has the provider and id of a built-in model takes its place; when the
 * first of its periods has a "from", the built-in prices hold before that.
 *
 * A price is a whole number of pico-dollars a token; multipliers are parts
 * per million; a record is rounded once (half to even), after all its
 * components are added.  The rules (periods, tiers, windows, fallbacks,
 * resolution of names) stand at the top of config/models.yaml.
 *
 * A book remembers the names it was asked for, so one book is for one
 * thread at a time.
 */
struct price_book;

/* overlay NULL: the built-in book alone. */
int price_book_open(struct price_book **pb, const char *overlay,
    struct tk_err *err);
/* A file alone, without the built-in book. */
int price_book_load(struct price_book **pb, const char *path,
    struct tk_err *err);
/* The same from memory; name is for messages. */
enum price_read_flags {
	PRICE_READ_ALONE = 0,
	PRICE_READ_OVER = 1 << 0, /* over the built-in book */
};
int price_book_read(struct price_book **pb, const char *text, size_t len,
    const char *name, enum price_read_flags flags, struct tk_err *err);
/* One that is built in: "models", or "examples", whose prices are those of
 * the API's documents and nobody's. */
int price_book_builtin(struct price_book **pb, const char *name,
    struct tk_err *err);
void price_book_close(struct price_book *pb); /* NULL is fine */

/* What was used, in disjoint classes. */
struct price_usage {
	int64_t time;         /* ms */
	const char *provider; /* or NULL */
	const char *model;
	int64_t input, output, cache_read;
	int64_t cache_write_5m, cache_write_1h, cache_write_other;
	int64_t reasoning; /* of the output */
	int64_t unsplit;   /* total only: priced at the dearer of in and out */
	int64_t web_searches;
	int64_t audio_input, audio_output, image_input;
	int tier; /* enum record_tier, ledger/record.h */
	int64_t cache_write_12h, audio_cache_read;
	int64_t image_output, image_cache_read, video_input, video_output;
	int64_t citation;
	int64_t file_searches;
	bool regional; /* served within one region, where that costs more */
};

struct price_model; /* one entry of a book */

/*
 * NULL when the book does not know it.  A provider that is given is the one
 * who is asked; it is named by its id or a prefix ("bedrock", "aws").
 */
const struct price_model *price_resolve(const struct price_book *pb,
    const char *provider, const char *model);

/* Who is asked for a model when nobody says: the one whose prefix the name
 * has, else the maker of the model, else whose patterns fit.  Its id, while
 * the book lives; NULL: not known. */
const char *price_provider_of(const struct price_book *pb, const char *model);

/*
 * 1: *cost is set; 0: there is no price for it (never 0 dollars); -1: the
 * cost of one record is beyond int64_t, or a count is negative.
 */
int price_cost(const struct price_book *pb, const struct price_usage *u,
    int64_t *cost, struct tk_err *err);

/* The same when the model is known; u's provider and model are not asked. */
int price_cost_of(const struct price_book *pb, const struct price_model *m,
    const struct price_usage *u, int64_t *cost, struct tk_err *err);

/* "o200k_base", or NULL; *exact is false when it is only a stand-in. */
const char *price_tokenizer(const struct price_model *m, bool *exact);
const char *price_provider(const struct price_model *m);
const char *price_model_id(const struct price_model *m);
int64_t price_context(const struct price_model *m); /* tokens; 0: unknown */

/* What price cost is made of; the names are those of the YAML file. */
enum price_part {
	PRICE_INPUT,
	PRICE_OUTPUT,
	PRICE_CACHE_READ,
	PRICE_CACHE_WRITE,
	PRICE_CACHE_WRITE_5M,
	PRICE_CACHE_WRITE_1H,
	PRICE_CACHE_WRITE_12H,
	PRICE_REASONING,
	PRICE_CITATION,
	PRICE_AUDIO_INPUT,
	PRICE_AUDIO_OUTPUT,
	PRICE_AUDIO_CACHE_READ,
	PRICE_IMAGE_INPUT,
	PRICE_IMAGE_OUTPUT,
	PRICE_IMAGE_CACHE_READ,
	PRICE_VIDEO_INPUT,
	PRICE_VIDEO_OUTPUT,
	PRICE_PARTS,
	PRICE_ALL = PRICE_PARTS, /* in batch and the like: what is not named */
};

extern const char *const price_part_names[]; /* with "all"; ends with NULL */

enum price_fee {
	PRICE_FEE_WEB_SEARCH,
	PRICE_FEE_FILE_SEARCH,
	PRICE_FEE_REQUEST, /* one a record */
	PRICE_FEE_PAGE,    /* from here on: shown, but no record counts them */
	PRICE_FEE_ANNOTATED_PAGE,
	PRICE_FEE_AUDIO_HOUR,
	PRICE_FEE_TEXT_MESSAGE,
	PRICE_FEES,
};

extern const char *const price_fee_names[]; /* ends with NULL */

/* What "price show" tells of a model; texts are "" when not known. */
struct price_facts {
	const char *provider, *id, *name;
	const char *released, *retires, *status, *note, *source;
	const char *tokenizer;
	bool tokenizer_exact;
	bool built_in;               /* not from the user's file */
	int64_t context, max_output; /* tokens; 0: unknown */
	int64_t regional; /* ppm; 1000000: costs the same everywhere */
	size_t aliases, matches;
};

void price_facts(const struct price_book *pb, const struct price_model *m,
    struct price_facts *f);
const char *price_alias(const struct price_model *m, size_t i);
const char *price_match(const struct price_model *m, size_t i);

/* Each model once, the user's own first; stop when fn returns non-0. */
typedef int price_visit_fn(const struct price_model *m, void *data);
int price_each(const struct price_book *pb, price_visit_fn *fn, void *data);

/* One price of one model: everything in a book is a list of these. */
struct price_row {
	int64_t from; /* ms; INT64_MIN: from the beginning */
	const char *basis, *ref;
	/* "", "above 200000", "01:00-04:00 mon-fri", "batch", "fee", ... */
	const char *when;
	const char *name; /* of the part or the fee */
	int64_t value;    /* pico a token, pico a unit for a fee, or ppm */
	bool multiplies;  /* value is ppm of the price without it */
	bool fee;
};

typedef int price_row_fn(const struct price_row *r, void *data);
int price_rows(const struct price_book *pb, const struct price_model *m,
    price_row_fn *fn, void *data);

/* The plain price of a part at that time, by the fallbacks; -1: none. */
int64_t price_rate_at(const struct price_book *pb, const struct price_model *m,
    enum price_part part, int64_t ms);

/* How sure the price at that time is: "vendor", ...; "" without one.  from
 * (NULL is fine): the time it holds from, INT64_MIN for always. */
const char *price_basis_at(const struct price_book *pb,
    const struct price_model *m, int64_t ms, int64_t *from);

/* The time of a period, in UTC: "2026-04-26", "2026-04-26T12:15:00Z". */
void price_time_add(struct tk_buf *b, int64_t ms);

/* What an unknown model may cost at most in a budget; pico a token. */
bool price_ceiling(const struct price_book *pb, int64_t *input,
    int64_t *output);

/* The date that the built-in book was last looked through. */
const char *price_as_of(const struct price_book *pb);

#endif
