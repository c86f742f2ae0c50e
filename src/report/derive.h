#ifndef REPORT_DERIVE_H
#define REPORT_DERIVE_H

#include "report/report.h"

/*
 * Dimensions that follow from a name of the record: the department that its
 * user was in at that time, the family of its model.  What a name means is
 * looked up once and kept.
 */
struct derive;

struct derive *derive_new(struct report *r, struct ledger *l,
    const struct report_query *q);
void derive_free(struct derive *d); /* NULL is fine */

/*
 * The key of DIM_DEPARTMENT or DIM_FAMILY for this name, the same from "from"
 * to "to": 1; 0 when it changed in between; -1.
 */
int derive_key(struct derive *d, enum report_dim dim, uint32_t name,
    int64_t from, int64_t to, int64_t *key, struct tk_err *err);

#endif
