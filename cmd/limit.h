#ifndef CMD_LIMIT_H
#define CMD_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd.h"
#include "ledger/ledger.h"
#include "limit/limit.h"
#include "limit/quota.h"
#include "out/out.h"

/* What the commands about limits share: quota, budget, user. */

/* Whose limit; --user and --application together are a pair. */
struct cmd_scope {
	const char *user, *department, *application, *model, *key;
	bool everyone;
};

extern const struct opt cmd_scope_opts[];
#define OPT_SCOPE(S) OPT_GROUP(S, scope, struct cmd_scope, cmd_scope_opts)

/* 1: one was named; 0: none was. */
int cmd_scope_read(const struct cmd_scope *args, struct limit_name *of,
    struct tk_err *err);
/* The same, but one must be named; "whose quota?" */
int cmd_scope_need(const struct cmd_scope *args, const char *what,
    struct limit_name *of, struct tk_err *err);

/* Who does it: for the audit chain, and for what roles may do. */
int cmd_actor(struct cmd_ctx *ctx, struct ledger_actor *by, struct tk_err *err);

/* A user whose limits are asked for must be known. */
int cmd_scope_known(struct cmd_ctx *ctx, const struct limit_name *of,
    struct tk_err *err);

/* A user that a limit is set for is added, or must have been. */
int cmd_scope_user(struct cmd_ctx *ctx, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err);

int cmd_strangers(struct cmd_ctx *ctx, enum limit_strangers *what,
    struct tk_err *err);

/* "0.8" or "80%" as parts per million, above 0 and up to 1. */
int cmd_read_part(const char *option, const char *text, int64_t *ppm,
    struct tk_err *err);

/* "$12.50", "12.5" or "1250c": dollars, not negative. */
int cmd_read_money(const char *option, const char *text, tk_int128 *pico,
    struct tk_err *err);

/* What a call is going to use; for check and reserve. */
struct cmd_need {
	const char *user, *application, *model, *provider, *key, *session;
	int64_t tokens, input, output; /* RECORD_UNKNOWN: not given */
	const char *cost;
	const char *ttl, *request_id;
};

/* Rows of its options, where S has it as need: who asks and for what; for how
 * long that is held; and under which id.  No group: a synopsis shows them. */
/* clang-format off */
#define OPT_NEED(S) \
	OPT_STR('u', "user", S, need.user, "name", HINT_USER, \
	    "who is going to make the call"), \
	OPT_INT(0, "tokens", S, need.tokens, "n", \
	    "how many tokens it may use"), \
	OPT_INT(0, "input", S, need.input, "n", \
	    "in place of --tokens: input tokens"), \
	OPT_INT(0, "output", S, need.output, "n", "and output tokens"), \
	OPT_STR('m', "model", S, need.model, "model", HINT_MODEL, \
	    "which model is asked"), \
	OPT_STR(0, "application", S, need.application, "name", \
	    HINT_APPLICATION, "which program asks"), \
	OPT_STR(0, "session", S, need.session, "name", HINT_SESSION, \
	    "the conversation"), \
	OPT_STR(0, "key", S, need.key, "name", HINT_NONE, "the API key"), \
	OPT_STR(0, "provider", S, need.provider, "name", HINT_NONE, \
	    "who is paid"), \
	OPT_STR(0, "cost", S, need.cost, "usd", HINT_NONE, \
	    "what it may cost, if you know better")
#define OPT_TTL(S) \
	OPT_STR(0, "ttl", S, need.ttl, "time", HINT_NONE, \
	    "how long it holds (10m)")
#define OPT_REQUEST(S) \
	OPT_STR(0, "request-id", S, need.request_id, "id", HINT_NONE, \
	    "the same id gets the same answer")
/* clang-format on */

/* Before the options are read, and after. */
void cmd_need_init(struct cmd_need *need);
int cmd_need_check(const struct cmd_need *need, struct tk_err *err);

/* Fill in the question: who, how many tokens, and what that may cost. */
int cmd_need_ask(struct cmd_ctx *ctx, const struct cmd_need *need,
    struct limit_ask *ask, struct tk_err *err);

/* The answer, as columns of its document. */
/* clang-format off */
#define CMD_ANSWER_COLS \
	{ "allowed", "Allowed", OUT_BOOL, 0 }, \
	{ "reservation", "Reservation", OUT_TEXT, 0 }, \
	{ "user", "User", OUT_TEXT, 0 }, \
	{ "need", "Required", OUT_INT, 0 }, \
	{ "scope", "Limit of", OUT_TEXT, 0 }, \
	{ "name", "Name", OUT_TEXT, 0 }, \
	{ "application", "Application", OUT_TEXT, 0 }, \
	{ "period", "Period", OUT_TEXT, 0 }, \
	{ "kind", "Kind", OUT_TEXT, 0 }, \
	{ "limit", "Limit", OUT_JSON, 0 }, \
	{ "used", "Used", OUT_JSON, 0 }, \
	{ "reserved", "Reserved", OUT_JSON, 0 }, \
	{ "remaining", "Remaining", OUT_JSON, 0 }, \
	{ "resets_at", "Resets", OUT_TIME, 0 }, \
	{ "estimated_cost_usd", "Estimated cost", OUT_MONEY, 0 }, \
	{ "expires_at", "Expires", OUT_TIME, 0 }, \
	{ "reason", "Reason", OUT_TEXT, 0 }
/* clang-format on */
extern const struct out_col cmd_answer_cols[];
/* For people: whose limit it is, and a bar of how much of it is used, with a
 * mark where its period is (length 0: it has none). */
#define CMD_WHOSE_COL(title) \
	{ \
		"whose", title, OUT_TEXT, OUT_PEOPLE \
	}
#define CMD_GAUGE_COL \
	{ \
		"gauge", "", OUT_SHADES, OUT_PEOPLE | OUT_SCREEN | OUT_MEDIUM \
	}
void cmd_out_whose(struct out *o, const struct limit_name *of);
void cmd_out_gauge(struct out *o, tk_int128 used, tk_int128 amount,
    int64_t passed, int64_t length);
void cmd_answer_cells(struct out *o, const struct limit_ask *ask,
    const struct limit_answer *a);
/* "ok: alice has 45,662 of 100,000 tokens left today" */
void cmd_answer_sentence(const struct cmd_ctx *ctx, const struct limit_ask *ask,
    const struct limit_answer *a, struct tk_buf *b);
/*
 * The answer: a document when a format was asked for, else the id of what is
 * held, else the sentence, which is a message when something was to be held.
 * Returns the exit status: 0 yes, 1 no.
 */
int cmd_answer_print(struct cmd_ctx *ctx, const char *schema,
    const struct limit_ask *ask, const struct limit_answer *a, bool hold);

extern const struct cmd cmd_quota_check, cmd_quota_reserve, cmd_quota_settle,
    cmd_quota_release, cmd_quota_run, cmd_quota_template, cmd_quota_request,
    cmd_quota_requests, cmd_quota_approve, cmd_quota_deny;

#endif
