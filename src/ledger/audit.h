#ifndef LEDGER_AUDIT_H
#define LEDGER_AUDIT_H

#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

struct tk_buf;

/*
 * Who changed what, in a hash chain: head(i) is SHA-256 of head(i - 1) and
 * the entry's fields, so that an edit, a removal or an insertion shows.  A
 * chain alone cannot show that its end was cut off or that all of it was
 * written anew; for that, keep its head elsewhere: anchor.h.
 */

/* In a transaction.  detail is a JSON object. */
int audit_add(struct ledger *l, const struct ledger_actor *by,
    const char *action, const char *object, const char *detail,
    struct tk_err *err);

/* Where the chain ends now: another head says that something was changed.  *q
 * is the caller's, kept and freed by it. */
struct store;
struct stmt;
int audit_head(struct store *st, struct stmt **q, uint8_t *head,
    struct tk_err *err);

/* Append {"key":"text"}. */
void audit_detail(struct tk_buf *b, const char *key, const char *text);

struct audit_entry {
	int64_t seq;
	int64_t time;
	const char *actor, *action, *object, *detail;
	const uint8_t *head; /* the chain after it, HEAD_SIZE bytes */
	bool broken;         /* the chain does not fit from here on */
};

/* Walk over the chain, oldest first, until fn returns something else than
 * 0, which is then returned. */
typedef int audit_visit_fn(const struct audit_entry *e, void *data);
int audit_each(struct ledger *l, audit_visit_fn *fn, void *data,
    struct tk_err *err);

#endif
