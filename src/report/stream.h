#ifndef REPORT_STREAM_H
#define REPORT_STREAM_H

#include "report/report.h"

/*
 * More rows than memory has room for, in the order of the query: SPILL_PARTS
 * parts, each in its order, are put into files and merged as they are taken.
 */
struct stream;

struct order_ranks;
struct rows_file;

struct stream *stream_new(struct report *r, const struct report_query *q,
    const struct order_ranks *ranks, struct ledger *l);
void stream_free(struct stream *s); /* NULL is fine */

/* Open the file of a part, each once, for its rows in their order; it is to be
 * turned then.  Any thread may fill one. */
int stream_file(struct stream *s, size_t part, struct rows_file **f,
    struct tk_err *err);

int stream_next(struct stream *s, const struct report_row **row,
    struct tk_err *err);
int stream_name(struct stream *s, struct tk_err *err); /* report_name() */

#endif
