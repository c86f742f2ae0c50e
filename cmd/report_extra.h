#ifndef CMD_REPORT_EXTRA_H
#define CMD_REPORT_EXTRA_H

#include "out/out.h"
#include "report/report.h"

struct latency;

/* Columns that a report has when they are asked for. */
enum report_extra {
	EXTRA_SUCCESS = 1 << 0,    /* how many calls failed */
	EXTRA_LATENCY = 1 << 1,    /* how long they took */
	EXTRA_BEFORE = 1 << 2,     /* the period before */
	EXTRA_BY_ROW = 1 << 3,     /* that is the row above, mostly */
	EXTRA_UNFINISHED = 1 << 4, /* of one row: it is not over yet */
};

enum { EXTRA_COLS = 10 };

/* Fill in cols; returns how many. */
size_t report_extra_cols(int extra, struct out_col cols[EXTRA_COLS]);

/* Their cells; before and l may be NULL: not known. */
void report_extra_out(struct out *o, int extra, const struct usage_sums *s,
    const struct usage_sums *before, struct latency *l);

/* No cells, in rows for which there are none. */
void report_extra_null(struct out *o, int extra);

#endif
