#ifndef LEDGER_SCAN_INT_H
#define LEDGER_SCAN_INT_H

#include "ledger/columns.h"
#include "ledger/ledger_int.h"
#include "ledger/scan.h"
#include "ledger/wanted.h"

struct ledger_scan {
	struct ledger *l;
	enum scan_flags flags;
	uint32_t names; /* the kinds that are resolved, one bit each */
	int64_t since, until, min_id, max_id;
	struct wanted wanted;
	bool (*keep)(const struct packed_record *v, const void *data);
	const void *keep_data;
	int64_t *reversed; /* sorted */
	size_t reversals;
	size_t next_reversed; /* the first that is not before the next id */
	struct stmt *q;
	bool inside; /* a segment whose times are all within the range */
	const uint8_t *p, *end;
	int64_t id;      /* of the next record */
	int64_t last_id; /* of the segment, as it says itself */
	struct packed_record v;
	uint64_t mask;         /* of v, for pack_read_next() */
	struct pack_peek peek; /* what the filter looks at */
};

/* The next segment is at hand: 1; 0: there is no more; -1. */
int scan_segment(struct ledger_scan *s, struct tk_err *err);

/* The next record of the segment at hand that is wanted is in s->v: 1; 0: it
 * has no more; -1.  Looks at nothing but s. */
int scan_record(struct ledger_scan *s, struct tk_err *err);

/* The next records of the segment at hand that are wanted, of which some are,
 * are in c: 1; 0: it has no more; -1. */
int scan_columns(struct ledger_scan *s, struct record_columns *c,
    struct tk_err *err);

/* What it looks at, as the fields of columns. */
uint64_t scan_fields(const struct ledger_scan *s);

bool scan_is_reversed(struct ledger_scan *s, int64_t id); /* ids rise */

/* After id, p and end were set to those of a segment. */
void scan_seek(struct ledger_scan *s);

#endif
