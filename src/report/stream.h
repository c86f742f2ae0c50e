#ifndef REPORT_STREAM_H
#define REPORT_STREAM_H

#include "report/report.h"

/*
 * More rows than memory has room for, in the order of the query: parts, each
 * in its order, are put into files and merged as they are taken.
 */
struct stream;

struct order_ranks;

struct stream *stream_new(struct report *r, const struct report_query *q,
    const struct order_ranks *ranks, struct ledger *l);
void stream_free(struct stream *s); /* NULL is fine */

/* Another part: rows in their order, whose latencies are freed. */
int stream_add(struct stream *s, struct report_row *row, size_t rows,
    struct tk_err *err);

int stream_next(struct stream *s, const struct report_row **row,
    struct tk_err *err);

#endif
