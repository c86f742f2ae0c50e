#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"
#include "limit/limit.h"

struct ledger;
struct ledger_actor;

/*
 * Alerts: what somebody should know of.
 *
 * One is written in the transaction of the fact, whoever did it: a limit
 * whose use passed thresholds (limit/crossing.h) is one alert that names all
 * that were passed in that step, and takes the place of an earlier one of
 * the same limit and period.  What no transaction notices, such as a ledger
 * that is damaged, alert_raise() writes, once while it lasts.
 *
 * An alert is active until somebody acknowledges it, and there until it is
 * resolved: by somebody, or by itself (settle.c), when the period is over,
 * the use is below the threshold again, or what it is about is gone.
 *
 * Who else is told is in rules (rule.h); what is still to be sent, in the
 * outbox (outbox.h), written in the same transaction.
 */
enum alert_kind {
	ALERT_QUOTA,
	ALERT_BUDGET,
	ALERT_SESSION,
	ALERT_PRICE,    /* usage without a price */
	ALERT_LEDGER,   /* 'ledger check' finds a fault */
	ALERT_DELIVERY, /* a message could not be delivered */
	ALERT_REQUEST,  /* somebody asks for a larger quota */
	ALERT_DECISION, /* that was approved or denied; ends after a week */
	ALERT_IMPORT,   /* logs that cannot be read */
	ALERT_CAPACITY, /* the disk of the ledger is nearly full */
	ALERT_ANOMALY,  /* a day that stood out */
	ALERT_KINDS,
};

/* "quota", "budget", "session", "price_unknown", ... */
extern const struct tk_choice alert_kinds[];

enum alert_severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };
extern const struct tk_choice alert_severities[];

enum alert_state { ALERT_ACTIVE, ALERT_ACKNOWLEDGED, ALERT_RESOLVED };
extern const struct tk_choice alert_states[];

enum { ALERT_NO_SCOPE = -1 };

struct alert {
	int64_t id;
	enum alert_kind kind;
	const char *about; /* which one of its kind, for machines */
	enum alert_severity severity;
	enum alert_state state;
	int64_t time;
	int scope; /* enum limit_scope, or ALERT_NO_SCOPE */
	const char *name, *name2;
	int64_t event;       /* of the crossing; 0: none */
	int64_t line;        /* the lowest threshold passed, ppm */
	const char *message; /* a sentence for people */
	const char *body;    /* a JSON object: all that is known of it */
	bool told;           /* 'alert run --new' printed it */
	int64_t changed;     /* when it was acknowledged or resolved, or 0 */
	const char *actor;   /* who did; NULL: nobody, it resolved itself */
	const char *reason;  /* why, or NULL */
};

typedef int alert_visit_fn(const struct alert *a, void *data,
    struct tk_err *err);

enum alert_which {
	ALERTS_ALL,
	ALERTS_OPEN,   /* active or acknowledged */
	ALERTS_UNSEEN, /* active */
	ALERTS_UNTOLD, /* not printed by --new, and not resolved */
};

/* In the order they came, until fn returns something else than 0; it asks the
 * ledger for nothing, since the list is being read. */
int alert_each(struct ledger *l, enum alert_which which, alert_visit_fn *fn,
    void *data, struct tk_err *err);
/* 1: fn got it; 0: there is none. */
int alert_get(struct ledger *l, int64_t id, alert_visit_fn *fn, void *data,
    struct tk_err *err);

/* The same, for who only reads, as they are at that time: what is over is
 * resolved, although nobody has written that down yet. */
int alert_each_now(struct ledger *l, enum alert_which which, int64_t now,
    alert_visit_fn *fn, void *data, struct tk_err *err);

/* Inside ledger_begin(), all that follow. */

/* Resolve what is over; the number of alerts, or -1. */
int alert_settle(struct ledger *l, int64_t now, struct tk_err *err);

/*
 * Acknowledge or resolve; an entry in the audit chain.  1: done; 0: it was
 * so before.
 */
int alert_set_state(struct ledger *l, int64_t id, enum alert_state state,
    const char *reason, const struct ledger_actor *by, struct tk_err *err);

/* Take an acknowledgement back: it is active again.  Audited.  1: done; 0: it
 * was not acknowledged, or is over. */
int alert_reopen(struct ledger *l, int64_t id, const char *reason,
    const struct ledger_actor *by, struct tk_err *err);

/* The numbers of those that were printed. */
int alert_set_told(struct ledger *l, const int64_t *id, size_t n,
    struct tk_err *err);

/* A condition that no limit has: one alert while it lasts.  1: it is new;
 * 0: it was there. */
struct alert_condition {
	enum alert_kind kind;
	const char *about;
	enum alert_severity severity;
	const char *message;
	const char *detail; /* further members of the body, or "" */
	const char *user;   /* whom it concerns, or NULL */
};
int alert_raise(struct ledger *l, const struct alert_condition *c, int64_t now,
    struct tk_err *err);
/* It is over: the number of alerts that were resolved.  about NULL: all of
 * that kind. */
int alert_clear(struct ledger *l, enum alert_kind kind, const char *about,
    const char *reason, int64_t now, struct tk_err *err);

#endif
