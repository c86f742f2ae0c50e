#ifndef PRICE_UPDATE_H
#define PRICE_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "price/price.h"

struct price_book;
struct tk_buf;

/*
 * Taking prices from the lists that other projects publish:
 *
 *	LiteLLM's model_prices_and_context_window.json,
 *	the api.json of models.dev,
 *	the data.json of genai-prices.
 *
 * Which one it is shows in its shape.  Numbers are read from their digits,
 * never through a float; where they have more than pico-dollars can hold,
 * as 2.9999900000000002e-06, they are rounded and that is warned of.
 *
 * The list is compared with a book as it is at a time.  Where a price is
 * another one, there is a new period from that time, which has everything
 * else as it was; models that the book does not know, of providers that it
 * does, are new.  What someone wrote into their own file is left alone, and
 * so are prices that depend on the time of day.
 *
 * What a person has said with price_update_said() is kept by updates, too.
 *
 * The result is a new text of the user's file: what was written by hand,
 * byte for byte, and the key 'updates'.
 */
struct price_update;

enum price_update_flags {
	PRICE_UPDATE_KNOWN = 1 << 0, /* no new models */
};

struct price_update_options {
	const char *file;     /* where the text is from, for messages */
	int64_t from;         /* ms: when the new prices begin */
	const char *provider; /* of this one alone; or NULL */
	enum price_update_flags flags;
};

/* pb has to stay until price_update_free(). */
int price_update_new(struct price_update **u, const struct price_book *pb,
    const char *text, size_t len, const struct price_update_options *o,
    struct tk_err *err);

/*
 * The same with what a person says of one model: pico-dollars a token, -1
 * where nothing is said.  provider NULL: who sells the model of that name.
 * What cannot be changed so (it is written by hand, or depends on the time
 * of day) is an error.
 */
struct price_said {
	const char *provider, *model;
	int64_t part[PRICE_PARTS];
};

int price_update_said(struct price_update **u, const struct price_book *pb,
    const struct price_said *said, const struct price_update_options *o,
    struct tk_err *err);
void price_update_free(struct price_update *u); /* NULL is fine */

/* One price that is not what it was. */
struct price_diff {
	const char *provider, *model;
	const char *when; /* as in struct price_row */
	const char *part;
	int64_t from;          /* ms; INT64_MIN for new models */
	int64_t before, after; /* pico a token, or a call for fees; -1: none */
	bool new_model;
};

typedef int price_diff_fn(const struct price_diff *d, void *data);
int price_update_each(const struct price_update *u, price_diff_fn *fn,
    void *data);

struct price_update_counts {
	const char *format; /* "litellm", "models.dev", "genai-prices" */
	size_t read;        /* entries with prices */
	size_t elsewhere;   /* of providers that are not known or asked for */
	size_t same, changed, added;
	size_t kept;  /* written by hand, and other here */
	size_t other; /* another name of a model, with another price */
	size_t warnings;
};

void price_update_count(const struct price_update *u,
    struct price_update_counts *c);
/* NULL after the last one; of very many, only the first are kept. */
const char *price_update_warning(const struct price_update *u, size_t i);

/*
 * Append the new text of the user's file to *to.  old NULL: there is no
 * such file yet; name is the file's, for messages.
 */
int price_update_write(const struct price_update *u, const char *old,
    size_t len, const char *name, struct tk_buf *to, struct tk_err *err);

#endif
