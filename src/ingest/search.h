#ifndef INGEST_SEARCH_H
#define INGEST_SEARCH_H

#include "ingest/ingest_int.h"

/* Wait until all is found; *found is the search's. */
int search_end(struct ingest_search *s, const struct walk **found,
    struct tk_err *err);

#endif
