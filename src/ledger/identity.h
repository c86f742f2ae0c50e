#ifndef LEDGER_IDENTITY_H
#define LEDGER_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * Which request_ids the ledger knows: for ever, whatever the time and
 * whether the record is still there.  They are kept by 96 bits of their
 * SHA-256: among a thousand million, the chance that any two are taken for
 * one is one in 10^11.
 */
struct identities;

struct identities *identities_new(struct store *st);
void identities_free(struct identities *s); /* NULL is fine */

/*
 * In a transaction, and only to be faster: these will be entered.  They are
 * looked up, and at the end entered, in the order in which the database has
 * them, which touches each of its pages once; one by one, in the order of a
 * log, each touches another page.  What was expected before is forgotten.
 * The texts must stay where they are, as they are, until the commit: who
 * enters them in this order is not asked to hash them again.
 */
int identities_expect(struct identities *s, const char *const *request_id,
    size_t n, struct tk_err *err);
/* Before the commit: write what was entered. */
int identities_flush(struct identities *s, struct tk_err *err);
/* After a rollback. */
void identities_forget(struct identities *s);

/* In a transaction.  1: it is new and was entered as record id; 0: it is
 * known, *known is its record. */
int identities_enter(struct identities *s, const char *request_id, int64_t id,
    int64_t *known, struct tk_err *err);

/* 1: *id is the record that counts for it; 0: not known. */
int identities_find(struct identities *s, const char *request_id, int64_t *id,
    struct tk_err *err);

/* In a transaction: from now on another record counts for it. */
int identities_move(struct identities *s, const char *request_id, int64_t id,
    struct tk_err *err);

#endif
