#ifndef LIMIT_BUDGET_H
#define LIMIT_BUDGET_H

#include "limit/limit.h"

struct ledger_actor;

/*
 * A budget: how much money somebody may spend in a period.  One that only
 * warns never refuses; what was left of the period before may be carried
 * over (of its own amount, and only if the budget was there then).  Amounts
 * are pico-dollars and may be larger than int64_t.
 */
enum { BUDGET_THRESHOLDS = 12 };

struct budget {
	int64_t id;      /* 0: not set yet */
	int64_t version; /* how often it changed */
	struct limit_name of;
	enum limit_period period; /* PERIOD_DAY to PERIOD_YEAR */
	tk_int128 amount;
	int64_t threshold[BUDGET_THRESHOLDS]; /* parts per million, ascending */
	size_t thresholds;
	bool block, carry;
	const char *zone;
	int64_t added, updated;
};

/* As it is before anything was said: a month, 50, 75 and 90 %, blocking. */
void budget_init(struct budget *b, const struct limit_name *of,
    const char *zone);

typedef int budget_visit_fn(const struct budget *b, void *data,
    struct tk_err *err);
/* 1: fn got it; 0: there is none. */
int budget_get(struct ledger *l, const struct limit_name *of,
    enum limit_period period, budget_visit_fn *fn, void *data,
    struct tk_err *err);
/* By scope, name and period; all are read before fn is called. */
int budget_each(struct ledger *l, budget_visit_fn *fn, void *data,
    struct tk_err *err);

/* Inside ledger_begin(). */
int budget_put(struct ledger *l, const struct budget *b,
    const struct ledger_actor *by, struct tk_err *err);
/* 1: removed; 0: there was none. */
int budget_remove(struct ledger *l, const struct limit_name *of,
    enum limit_period period, const struct ledger_actor *by,
    struct tk_err *err);

#endif
