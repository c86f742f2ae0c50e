#ifndef CMD_USAGE_EXPLAIN_H
#define CMD_USAGE_EXPLAIN_H

#include "base/err.h"

struct cmd_ctx;
struct ingest_options;
struct ledger;

/*
 * Print what became of the lines of logs: without paths in o, how many of
 * each source were what; of files and folders, line by line; and of a call,
 * by its request_id or its number in the ledger, the lines that mention it.
 * l NULL: there is no ledger.
 */
int usage_explain(struct cmd_ctx *ctx, struct ingest_options *o,
    struct ledger *l, struct tk_err *err);

#endif
