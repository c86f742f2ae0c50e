#ifndef ALERT_OUTBOX_H
#define ALERT_OUTBOX_H

#include "alert/alert.h"

/*
 * Messages that are still to be sent, and to whom.
 *
 * A message is written in the transaction of the fact that it tells of, once
 * for each alert and target, so that it is there if and only if the fact is.
 * It is sent afterwards, by whoever delivers:
 *
 *	while ((more = outbox_claim(l, holder, after, now, keep, &t)) > 0) {
 *		while (outbox_next(l, t.id, fn, ...) > 0) {
 *			... send it; the ledger is free meanwhile ...
 *			outbox_record(l, &message, &attempt, ...);
 *		}
 *		outbox_let_go(l, t.id, holder);
 *	}
 *
 * Who claimed a target has it alone until the lease ends; who died in
 * between loses it then, and the message is sent again: at least once, and
 * to each target in order.  The receiver knows a repeated message by its id.
 * One that fails waits, longer each time, and those behind it with it; after
 * so many tries it is dead, is told as an alert, and the next one's turn
 * comes.  Dead ones stay, and can be replayed.
 */
enum target_kind {
	TARGET_COMMAND, /* address: JSON array of words */
	TARGET_SHELL,   /* address: for sh -c */
	TARGET_EMAIL,   /* address */
	TARGET_WEBHOOK, /* address: a URL */
};

extern const struct tk_choice target_kinds[];

enum target_state { TARGET_ON, TARGET_OFF, TARGET_GONE };

struct target {
	int64_t id;
	const char *name; /* NULL: it belongs to rules alone */
	enum target_kind kind;
	const char *address;
	/* Of webhooks: the events that are sent without any rule, separated
	 * by blanks; "*": all; "": none. */
	const char *events;
	const char *secret; /* "file:PATH", "env:NAME", or NULL: not signed */
	bool private_ok;    /* may be an address that is not public */
	enum target_state state;
	int64_t added;
	int64_t next;  /* not before; ms */
	char *text[5]; /* private */
};

/* Walking over targets or messages, fn asks the ledger for nothing: the list
 * is being read. */
typedef int target_visit_fn(const struct target *t, void *data,
    struct tk_err *err);
int target_each(struct ledger *l, target_visit_fn *fn, void *data,
    struct tk_err *err);
/* The targets of a rule. */
int target_each_of(struct ledger *l, int64_t rule, target_visit_fn *fn,
    void *data, struct tk_err *err);

/* 1: *t is filled in, to be released; 0: no such name or number. */
int target_find(struct ledger *l, const char *name, struct target *t,
    struct tk_err *err);
void target_release(struct target *t);

/* Inside ledger_begin(), all that follow. */

/* A webhook; an entry in the audit chain.  Sets t->id. */
int target_add(struct ledger *l, struct target *t,
    const struct ledger_actor *by, struct tk_err *err);
int target_remove(struct ledger *l, const struct target *t,
    const struct ledger_actor *by, struct tk_err *err);
/* The one with that address, made if there is none. */
int target_need(struct ledger *l, enum target_kind kind, const char *address,
    int64_t now, int64_t *id, struct tk_err *err);

enum outbox_state { OUTBOX_WAITING, OUTBOX_SENT, OUTBOX_DEAD, OUTBOX_DROPPED };
extern const struct tk_choice outbox_states[];

struct outbox_message {
	int64_t id, target, alert; /* alert 0: a test */
	int64_t time;
	const char *event, *message, *body;
	enum outbox_state state;
	int64_t tries, tried;    /* how often, and when last; 0: never */
	const char *result;      /* of the last try, or NULL */
	const char *target_name; /* its name or address */
};

typedef int outbox_visit_fn(const struct outbox_message *m, void *data,
    struct tk_err *err);
/* In order; target 0: to all. */
int outbox_each(struct ledger *l, int64_t target, outbox_visit_fn *fn,
    void *data, struct tk_err *err);

/* A message that no alert is behind, as a test. */
int outbox_add(struct ledger *l, int64_t target, const char *event,
    const char *message, const char *body, int64_t now, int64_t *id,
    struct tk_err *err);

/* 1: *t, with a larger number than after, has something due and is ours. */
int outbox_claim(struct ledger *l, const char *holder, int64_t after,
    int64_t now, struct target *t, struct tk_err *err);
int outbox_let_go(struct ledger *l, int64_t target, const char *holder,
    struct tk_err *err);

/* The first that waits; needs no transaction.  1: fn got it. */
int outbox_next(struct ledger *l, int64_t target, outbox_visit_fn *fn,
    void *data, struct tk_err *err);

/* What came of sending. */
enum outbox_outcome { OUTCOME_SENT, OUTCOME_FAILED, OUTCOME_GONE };
struct outbox_attempt {
	enum outbox_outcome outcome; /* GONE: never send there again */
	const char *result;          /* "200", "connection refused" */
	int64_t retry_after;         /* ms, as the receiver asked; 0: no */
	int64_t max_tries;
};

/* 1: written; 0: the lease was lost, and somebody else sends it. */
int outbox_record(struct ledger *l, int64_t message, int64_t target,
    const char *holder, const struct outbox_attempt *a, int64_t now,
    struct tk_err *err);

/* Dead ones wait again: that message, or (0) all to that target.  The number
 * of them. */
int outbox_replay(struct ledger *l, int64_t message, int64_t target,
    struct tk_err *err);

/* Do not wait any longer before the next try. */
int outbox_wake(struct ledger *l, int64_t target, struct tk_err *err);

enum { OUTBOX_LEASE_MS = 120000 };

#endif
