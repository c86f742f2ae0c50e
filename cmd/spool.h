#ifndef CMD_SPOOL_H
#define CMD_SPOOL_H

#include <stdbool.h>

#include "cmd.h"
#include "ledger/record.h"
#include "spool/spool.h"

/*
 * Records that wait for the ledger: "usage record --async" and "--fallback"
 * put them there, and whichever command next opens the ledger books them.
 *
 * Each ledger has a spool of its own, in the folder of the state of this user,
 * so that it can be written when the ledger cannot: JSON Lines as "usage
 * record --jsonl" reads them, each with a request_id, so that a line that was
 * booked and not taken away is booked once.  Lines that the ledger refuses are
 * kept beside it, in a file named .bad.
 */

/* The record as a line, priced only if its cost was given. */
int spool_add_record(struct cmd_ctx *ctx, const struct usage_record *r,
    struct tk_buf *lines, struct tk_err *err);

/* 1: they wait; 0: there is no room. */
int spool_keep(struct cmd_ctx *ctx, const struct tk_buf *lines,
    enum spool_sync sync, struct tk_err *err);

/* What became of the lines. */
struct spool_result {
	int64_t lines, fresh, known, bad;
};

/* Is there anything? */
bool spool_waits(struct cmd_ctx *ctx);

/* Book them; ctx->ledger is not open, and is not afterwards, either.  Nothing
 * waits: 0 lines. */
int spool_book(struct cmd_ctx *ctx, struct spool_result *done,
    struct tk_err *err);

/* The same before a command that is about something else: if they cannot be
 * booked, it says so, and goes on; one that writes will find out itself. */
void spool_try(struct cmd_ctx *ctx, bool writes);

#endif
