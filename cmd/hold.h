#ifndef CMD_HOLD_H
#define CMD_HOLD_H

#include "cmd.h"
#include "limit/limit.h"
#include "usage.h"

/*
 * Reserving and settling, each in a transaction of its own: for the verbs of
 * quota and budget, for streams of them and for "quota run".
 */

/* What a call really used; numbers that are not known are RECORD_UNKNOWN. */
struct hold_usage {
	struct usage_tokens used;
	int64_t latency;
	const char *model, *provider, *application, *session, *cost, *at,
	    *request_id, *error, *metadata;
};

void hold_usage_init(struct hold_usage *u);

struct hold_result {
	char id[24]; /* "r17" */
	bool again;  /* it was so before */
	enum limit_hold_state state;
	int64_t record, total, held;
	bool priced;
	int64_t cost;
};

/* Durable when it returns 0 and a->allowed. */
int hold_reserve(struct cmd_ctx *ctx, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err);
int hold_settle(struct cmd_ctx *ctx, const char *id, const struct hold_usage *u,
    struct hold_result *r, struct tk_err *err);
int hold_free(struct cmd_ctx *ctx, const char *id, struct hold_result *r,
    struct tk_err *err);

/* Requests from JSON Lines, each with one answer, at once; op is what a line
 * asks for that does not say. */
int hold_stream(struct cmd_ctx *ctx, const char *op, const char *path,
    struct tk_err *err);

/* One line of an answer, where the answer goes. */
void hold_say(const struct cmd_ctx *ctx, const char *text);

#endif
