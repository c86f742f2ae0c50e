#ifndef LIMIT_REQUEST_H
#define LIMIT_REQUEST_H

#include "limit/quota.h"

/*
 * Wishes for a larger quota: what is wanted and why, and what was used at
 * that time.  A manager or an admin decides, but a manager not about a wish
 * of their own; what is approved holds at once.
 */
enum request_state { REQUEST_OPEN, REQUEST_APPROVED, REQUEST_DENIED };
extern const struct tk_choice request_states[];

struct request {
	int64_t id;
	enum request_state state;
	int64_t time;
	const char *actor; /* who asked */
	struct limit_name of;
	int64_t limit[QUOTA_LIMITS]; /* or QUOTA_ABSENT: as it is */
	const char *justification;
	const char *projected;        /* what will be needed; or NULL */
	const char *snapshot;         /* JSON: use at that time */
	int64_t decided;              /* 0: not yet */
	const char *decider, *reason; /* or NULL */
};

typedef int request_visit_fn(const struct request *r, void *data,
    struct tk_err *err);
/* In the order they came; id 0: all. */
int request_each(struct ledger *l, int64_t id, request_visit_fn *fn, void *data,
    struct tk_err *err);

/* Inside ledger_begin(). */
int request_add(struct ledger *l, struct request *r,
    const struct ledger_actor *by, struct tk_err *err);
/* q: the quota as it is to be, when approved; else NULL. */
int request_decide(struct ledger *l, const struct request *r, bool approve,
    const char *reason, const struct quota *q, const struct ledger_actor *by,
    struct tk_err *err);

#endif
