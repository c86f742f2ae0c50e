#ifndef ALERT_RULE_H
#define ALERT_RULE_H

#include "alert/alert.h"

struct limit_crossing;
struct tk_buf;

/*
 * Rules: who is told of which alerts, and of which further thresholds.
 *
 * Without any rule every alert is there, in 'alert list'.  A rule sends
 * those that it matches to its targets (outbox.h).  One with a threshold of
 * its own, as 60 %, has the limits that it matches tell of that as well, and
 * matches only what passes it.
 */
struct alert_rule {
	int64_t id;
	const char *name;
	int kind;                     /* enum alert_kind; -1: any */
	int scope;                    /* enum limit_scope; -1: any */
	const char *who, *who2;       /* of the scope; "" for everyone */
	int period;                   /* enum limit_period; -1: any */
	int64_t threshold;            /* ppm; 0: whatever the limit has */
	enum alert_severity severity; /* at least */
	int64_t cool_down;            /* ms; 0: none */
	const char *message;          /* in place of the usual one, or NULL */
	int64_t added;
};

typedef int rule_visit_fn(const struct alert_rule *r, void *data,
    struct tk_err *err);
/* By id; what fn gets stays until it returns, and it asks the ledger for
 * nothing: the list is being read. */
int rule_each(struct ledger *l, rule_visit_fn *fn, void *data,
    struct tk_err *err);

/* Inside ledger_begin(); each an entry in the audit chain.  targets: those
 * that it sends to.  An empty name becomes "rule-<id>", given in *id. */
int rule_add(struct ledger *l, const struct alert_rule *r,
    const int64_t *target, size_t targets, const struct ledger_actor *by,
    int64_t *id, struct tk_err *err);
/* 1: removed; 0: there was none. */
int rule_remove(struct ledger *l, const char *name,
    const struct ledger_actor *by, struct tk_err *err);

/* c NULL: a condition, which has no scope. */
bool rule_matches(const struct alert_rule *r, const struct limit_crossing *c,
    enum alert_kind kind, enum alert_severity severity);

/* 1: the message of the first rule that matches and has one. */
int rule_message(struct ledger *l, const struct limit_crossing *c,
    enum alert_severity severity, struct tk_buf *b, struct tk_err *err);

/* For limit_listener. */
int rule_thresholds(struct ledger *l, const struct limit_crossing *c,
    int64_t *ppm, size_t max, struct tk_err *err);

#endif
