#ifndef REPORT_RECORDS_H
#define REPORT_RECORDS_H

#include <stdint.h>

struct arrivals;
struct record_columns;

/* What records add to the sums of a report, as columns: sums_of_record() of
 * sums.h for many.  These fields are what it looks at. */
uint64_t records_fields(void);
void records_sums(struct arrivals *a, const struct record_columns *c);

#endif
