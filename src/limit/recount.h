#ifndef LIMIT_RECOUNT_H
#define LIMIT_RECOUNT_H

#include "limit/limit_int.h"

/*
 * What one name used in a range of time, from the records and the holds
 * themselves: where counters do not say it, or not yet.
 */
enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

/* A row of a window. */
struct bucket {
	int64_t start;
	struct tally_sums sums;
};

struct buckets {
	struct bucket *v;
	size_t n, room;
};

void buckets_add(struct buckets *all, const struct bucket *b);

/* session NULL: any; all: or NULL; also by minutes, in any order. */
int recount(struct limits *L, const struct limit_name *n, const char *session,
    int64_t since, int64_t until, struct tally_sums *s, struct buckets *all,
    struct tk_err *err);

/* Take out holds whose time is over but that nobody has freed yet. */
int recount_less_expired(struct limits *L, const struct limit_part *p,
    const char *session, int64_t now, int64_t since, int64_t until,
    struct tally_sums *s, struct buckets *all, struct tk_err *err);

#endif
