#ifndef LIMIT_USE_H
#define LIMIT_USE_H

#include "limit/limit.h"

/*
 * How much of a limit is used: of each period of a quota, and of each budget,
 * in the same words.
 */
struct limit_use {
	enum limit_kind kind;
	int64_t id;
	struct limit_name of;
	enum limit_period period;
	bool rolling;
	const char *zone;
	const char *session;   /* of a session limit, else "" */
	tk_int128 amount, own; /* with what was carried over; without */
	tk_int128 used, held, remaining;
	int64_t start, resets_at; /* 0: none */
	const int64_t *threshold;
	size_t thresholds;
	int64_t critical;
	bool block;
	tk_int128 requests, tokens, unpriced;
	tk_int128 estimated; /* of used: what has no price */
};

/* "ok", "warning", "critical", "exceeded". */
const char *limit_use_state(const struct limit_use *u);

typedef int limit_use_fn(const struct limit_use *u, void *data,
    struct tk_err *err);

/* Of one name; inside ledger_begin_read(). session NULL: none. */
int limit_each_use(struct ledger *l, const struct limit_name *of,
    const char *session, int64_t now, limit_use_fn *fn, void *data,
    struct tk_err *err);

#endif
