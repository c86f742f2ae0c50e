#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include <stdint.h>

#include "ledger/anchor.h"
#include "ledger/ledger.h"

/*
 * Does the ledger hold what it says?  Everything that was worked out when
 * records were written is worked out again from the records.
 */
enum ledger_check {
	CHECK_DATABASE,   /* the database finds no fault in itself */
	CHECK_RECORDS,    /* every record is there, once, and can be read */
	CHECK_ROLL_UPS,   /* the sums are those of the records */
	CHECK_CHAIN,      /* the hash chain fits every record and name */
	CHECK_IDENTITIES, /* every request id is known, and its record */
	CHECK_REVERSALS,  /* what was taken back was there, and once */
	CHECK_AUDIT,      /* the audit chain fits */
	CHECK_COUNTERS,   /* what limits count is what records say */
	CHECK_ANCHOR,     /* both are what they were when last anchored */
	CHECKS,
};

/* "records", and what it means, as above. */
extern const struct ledger_check_name {
	const char *name, *text;
} ledger_check_names[CHECKS];

struct ledger_findings {
	int64_t looked_at[CHECKS]; /* how many things */
	int64_t faults[CHECKS];
	char first[CHECKS][160]; /* the first fault, in words */
	int64_t records;
	char head[65]; /* of the hash chain, in hexadecimal */
	int64_t audit_entries;
	char audit_head[65];
};

/* anchor NULL: without that check.  -1 only when it could not be looked at. */
int ledger_check(struct ledger *l, const struct ledger_anchor *anchor,
    struct ledger_findings *f, struct tk_err *err);

#endif
