#ifndef LIMIT_CROSSING_H
#define LIMIT_CROSSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "limit/limit.h"

struct ledger;
struct ledger_actor;
struct request;
struct usage_record;

/*
 * A limit whose use passed one or more of its thresholds.
 *
 * The event is written in the transaction that booked the usage, whoever did
 * it (record, import, settle, a lowered limit): a row of the table
 * "crossing", whose numbers only grow, and a call of the listener, which
 * acts in the same transaction (alert/alert.h).  One step over several
 * thresholds is one event that lists them all.  A threshold crosses once for
 * each limit, period (or conversation) and version of the limit: changing
 * the amount makes a new version, which arms it again.
 *
 * Thresholds are parts per million of the limit: 800000 is 80 %; 1000000 is
 * always among them: the limit itself is used up.  Use is what was booked,
 * without holds.  A rolling window has no periods: its start is that of the
 * UTC day of the usage.
 */
enum { CROSSING_MAX = 16, CROSSING_FULL = 1000000 };

struct limit_crossing {
	int64_t event;
	int64_t time; /* of the usage, ms */
	enum limit_kind kind;
	int64_t limit_id, version;
	struct limit_name of; /* whose limit */
	enum limit_period period;
	bool rolling;
	int64_t start;       /* of the period; 0 for hard and session */
	const char *session; /* "" but for conversations */
	tk_int128 amount;    /* the limit: tokens, or pico-dollars */
	tk_int128 before, after;
	int64_t threshold[CROSSING_MAX]; /* those crossed now, ascending */
	size_t thresholds;
	/* Of the limit: at and above which it is critical; what is below is
	 * a warning. */
	int64_t critical;
	/* Its lowest threshold; 0 in what crossing_each() gives. */
	int64_t warning;
};

/*
 * Who is told, joined to this module by the linker and not by a call, so
 * that every command has it: alert/crossed.c.  All are called inside the
 * transaction, and -1 undoes all of it, so only a failing ledger is a reason.
 */
struct limit_listener {
	/* More thresholds at which such a limit is to be told: up to max of
	 * them are put into ppm[]; the number of them, or -1. */
	int (*thresholds)(struct ledger *l, const struct limit_crossing *c,
	    int64_t *ppm, size_t max, struct tk_err *err);
	int (*crossed)(struct ledger *l, const struct limit_crossing *c,
	    struct tk_err *err);
	/* Somebody asked for a larger quota; somebody decided (request.h). */
	int (*asked)(struct ledger *l, const struct request *r,
	    const struct ledger_actor *by, struct tk_err *err);
	int (*decided)(struct ledger *l, const struct request *r, bool approved,
	    const char *reason, const struct ledger_actor *by,
	    struct tk_err *err);
	/* 1: somebody wants to hear of each record; what they want changes
	 * only with an entry of the audit chain.  And then: of each. */
	int (*listening)(struct ledger *l, struct tk_err *err);
	int (*recorded)(struct ledger *l, const struct usage_record *r,
	    const struct limit_subject *s, struct tk_err *err);
};
extern const struct limit_listener limit_listener;

/*
 * A listener wants to hear of one more threshold, from now on: tell of the
 * limits of its choice that passed it before, unless they passed a higher
 * one, too, and that was told.  What it chooses by: whose, kind and period.
 */
typedef bool crossing_choose_fn(const struct limit_crossing *c,
    const void *data);
int crossing_line_added(struct ledger *l, int64_t ppm, int64_t now,
    crossing_choose_fn *choose, const void *data, struct tk_err *err);

/* Events with a larger number than after, in order, until fn returns
 * something else than 0; it asks the ledger for nothing meanwhile. */
typedef int crossing_visit_fn(const struct limit_crossing *c, void *data,
    struct tk_err *err);
int crossing_each(struct ledger *l, int64_t after, crossing_visit_fn *fn,
    void *data, struct tk_err *err);

#endif
