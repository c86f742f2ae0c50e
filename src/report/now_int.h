#ifndef REPORT_NOW_INT_H
#define REPORT_NOW_INT_H

#include "report/now.h"

/* The figures with what they are of, as they are kept in the file. */
struct now_state {
	struct block_anchor anchor; /* the ledger, and how far it was read */
	uint64_t print;             /* of the last record: it is the same one */
	/* What is from then on was in the future, and is in no minute and
	 * perhaps in another window.  INT64_MAX: nothing was. */
	int64_t next;
	struct now_figures f;
};

/* As bytes and back; false for anything else. */
void now_state_pack(struct tk_buf *b, const struct now_state *s);
bool now_state_read(const void *bytes, size_t len, struct now_state *s);

#endif
