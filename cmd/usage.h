#ifndef CMD_USAGE_H
#define CMD_USAGE_H

#include "cmd.h"

struct ingest_report;

/* What the verbs of "usage" share. */
extern const struct cmd cmd_usage_record, cmd_usage_import;

/* Who runs this, as the system knows it; NULL if it does not. */
const char *usage_login(struct cmd_ctx *ctx);

/* Fill in *user if it is NULL: the setting user.name, or who is logged in. */
int usage_user(struct cmd_ctx *ctx, const char **user, struct tk_err *err);

/* The setting machine.name, or what this machine is called; NULL if nothing. */
int usage_machine(struct cmd_ctx *ctx, const char **name, struct tk_err *err);

/* What a call used, as options say it; RECORD_UNKNOWN: not said. */
struct usage_tokens {
	int64_t input, output, cache_read, cache_write_5m, cache_write_1h,
	    cache_write, reasoning, tokens;
};

#define OPT_USAGE_TOKEN(type, field, name, help) \
	OPT_INT(0, name, type, field, "n", help)
#define OPT_USAGE_TOKENS(type, field) \
	OPT_USAGE_TOKEN(type, field.input, "input", \
	    "input tokens, not from a cache"), \
	    OPT_USAGE_TOKEN(type, field.output, "output", \
		"output tokens, with reasoning"), \
	    OPT_USAGE_TOKEN(type, field.cache_read, "cache-read", \
		"tokens read from a cache"), \
	    OPT_USAGE_TOKEN(type, field.cache_write_5m, "cache-write-5m", \
		"tokens written to a cache for five minutes"), \
	    OPT_USAGE_TOKEN(type, field.cache_write_1h, "cache-write-1h", \
		"tokens written to a cache for an hour"), \
	    OPT_USAGE_TOKEN(type, field.cache_write, "cache-write", \
		"tokens written to a cache otherwise"), \
	    OPT_USAGE_TOKEN(type, field.reasoning, "reasoning", \
		"reasoning tokens of the output"), \
	    OPT_USAGE_TOKEN(type, field.tokens, "tokens", \
		"only a total, without a split")

void usage_tokens_init(struct usage_tokens *t);
/* Any but reasoning, which is a part of the output? */
bool usage_says_tokens(const struct usage_tokens *t);

/* Into the record; -1 when none were said, a total and its parts, or more
 * reasoning than output. */
struct usage_record;
int usage_read_tokens(const struct usage_tokens *t, struct usage_record *r,
    struct tk_err *err);

/* Are the record's request id and metadata what they may be? */
int usage_check_texts(const struct usage_record *r, struct tk_err *err);

/* What --cost and --at say; without them, the record is as it was. */
int usage_read_cost(const char *text, struct usage_record *r,
    struct tk_err *err);
int usage_read_time(const struct cmd_ctx *ctx, const char *text,
    struct usage_record *r, struct tk_err *err);

/* 4 when something could not be read, though all else was. */
int usage_import_status(const struct ingest_report *r);

#endif
