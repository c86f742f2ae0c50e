#ifndef REPORT_ADVICE_H
#define REPORT_ADVICE_H

#include "report/report.h"

/*
 * What would have cost less, by the price book and by nothing else: both what
 * calls cost and what they would have cost are computed from it, call by
 * call, and what has no price there is left out.
 *
 *	model	calls of at most ADVICE_SMALL_INPUT tokens in and
 *		ADVICE_SMALL_OUTPUT out, with the cheapest other model that
 *		answered calls in the same range
 *	cache	calls of a conversation within five minutes of each other, each
 *		with a prompt at least as long as the one before, of at least
 *		ADVICE_CACHED tokens, and nothing read from a cache: had the
 *		prompt before been read from there, and the rest been written
 *	batch	calls of low priority, as a batch
 *	failed	calls that failed and were paid for
 *	retry	those of them that repeat a call of the conversation which
 *		failed, with a prompt as long, within five minutes
 *	truncate calls of a conversation with a prompt of more than
 *		ADVICE_CONVERSATION tokens, which is what "budget fit" cuts
 *		to, had it been cut: what is cheapest is taken off first
 */
enum advice_kind {
	ADVICE_MODEL,
	ADVICE_CACHE,
	ADVICE_BATCH,
	ADVICE_FAILED,
	ADVICE_RETRY,
	ADVICE_TRUNCATE,
	ADVICE_KINDS
};

enum {
	ADVICE_SMALL_INPUT = 2000,
	ADVICE_SMALL_OUTPUT = 500,
	ADVICE_CACHED = 1024,
	ADVICE_CONVERSATION = 100000,
	ADVICE_WITHIN_MS = 5 * 60 * 1000,
};

extern const char *const advice_names[ADVICE_KINDS]; /* "model", ... */

struct advice {
	enum advice_kind kind;
	const char *model;
	const char *other; /* the model that costs less, or NULL */
	int64_t requests;  /* that it rests on */
	tk_int128 cost;    /* of those */
	tk_int128 saves;   /* of that cost; more than 0 */
};

struct advices {
	struct advice *v; /* what saves most first */
	size_t n;
};

/* Price r by its names, counts and tier: r->cost, RECORD_UNKNOWN if there is
 * no price. */
typedef int advice_price_fn(struct usage_record *r, void *data,
    struct tk_err *err);

/* Of the records of a filter; texts stay while the ledger is open. */
int advice_run(struct advices *a, struct ledger *l,
    const struct report_query *q, advice_price_fn *price, void *data,
    struct tk_err *err);
void advice_release(struct advices *a);

#endif
