#ifndef CMD_PRICE_H
#define CMD_PRICE_H

#include <stdbool.h>

#include "base/buf.h"
#include "cmd.h"
#include "price/price.h"
#include "json/json.h"

/* What the verbs of "price" share. */
extern const struct cmd cmd_price_cost, cmd_price_set, cmd_price_update,
    cmd_price_reprice;

/*
 * The user's own prices: the setting prices.file, or prices.yaml beside
 * tokctl.yaml.  *wanted is false when the latter is not there, and then
 * there are none.
 */
int price_file(struct config *config, struct tk_buf *path, bool *wanted,
    struct tk_err *err);

/* The model that a person has named; an error with a suggestion. */
int price_model_named(const struct price_book *pb, const char *provider,
    const char *name, const struct price_model **m, struct tk_err *err);

/* "--at": a time, or a day and then its beginning; now when NULL. */
int price_moment(const struct cmd_ctx *ctx, const char *text, int64_t *ms,
    struct tk_err *err);

/* A call as a line of JSON Lines says it. */
struct price_call {
	struct price_usage use;
	struct json_text id; /* as it is written; p NULL: none */
	struct tk_buf texts;
	size_t model, provider, book; /* offsets into texts; 0: none */
};

int price_call_read(struct price_call *c, const char *line, size_t len,
    const struct cmd_ctx *ctx, struct tk_err *err);

#endif
