#ifndef LIMIT_QUOTA_H
#define LIMIT_QUOTA_H

#include "limit/limit.h"

struct ledger_actor;

/*
 * A quota: how many tokens somebody may use.  Any of its limits may be
 * absent; 0 is a limit that nothing fits.  A new amount holds at once, over
 * what was used in the period before it was set.
 */
#define QUOTA_ABSENT INT64_MIN

enum quota_limit {
	QUOTA_DAILY,
	QUOTA_MONTHLY,
	QUOTA_HARD,
	QUOTA_SESSION,
	QUOTA_LIMITS
};

struct quota {
	int64_t id;      /* 0: not set yet */
	int64_t version; /* how often its amounts changed */
	struct limit_name of;
	int64_t limit[QUOTA_LIMITS]; /* or QUOTA_ABSENT */
	int64_t warning, critical;   /* parts per million */
	bool rolling;
	const char *zone;
	const char *template; /* what it was made from, or NULL */
	int64_t updated;
};

extern const struct tk_choice quota_limits[]; /* "daily", ... */

/* As it is before anything was said. */
void quota_init(struct quota *q, const struct limit_name *of, const char *zone);

/* 1: fn got it; 0: there is none. */
typedef int quota_visit_fn(const struct quota *q, void *data,
    struct tk_err *err);
int quota_get(struct ledger *l, const struct limit_name *of, quota_visit_fn *fn,
    void *data, struct tk_err *err);
/* All are read before fn is called: it may write. */
int quota_each(struct ledger *l, quota_visit_fn *fn, void *data,
    struct tk_err *err);

/* Inside ledger_begin(): all of it is as it is in q from now on. */
int quota_put(struct ledger *l, const struct quota *q,
    const struct ledger_actor *by, const char *action, struct tk_err *err);
/* 1: removed; 0: there was none. */
int quota_remove(struct ledger *l, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err);

#endif
