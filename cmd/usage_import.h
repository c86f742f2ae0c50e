#ifndef CMD_USAGE_IMPORT_H
#define CMD_USAGE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

struct ingest_place;
struct ingest_report;
struct out;

/* One row for each source that had files, and their sum.  dry_run: nothing
 * was imported; named: of these paths. */
void import_print_report(struct out *o, const struct ingest_report *r,
    bool dry_run, bool named);

void import_print_places(struct out *o, const struct ingest_place *v, size_t n);

#endif
