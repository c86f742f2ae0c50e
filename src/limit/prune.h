#ifndef LIMIT_PRUNE_H
#define LIMIT_PRUNE_H

#include "limit/limit_int.h"

/*
 * What is over for long is dropped, a little in each transaction that writes
 * of the same: counters of past periods, and which of their thresholds were
 * crossed.  The records stay, and say what was used before.
 *
 * A tally counts from its "since" on, which is raised, once a month at most,
 * with an entry of the audit chain; the counters of a name that are before it
 * go when that name begins a new period.  Counters for ever and of sessions
 * stay.
 */

/* Raise the since of tallies for which it is time. */
int prune_tallies(struct limits *L, struct tk_err *err);

/* A counter was written that was not there: drop those of its name that
 * nobody asks for. */
int prune_counters(struct limits *L, const struct tally_key *k,
    struct tk_err *err);

/* A threshold was crossed: forget those of the same limit of long ago. */
int prune_crossed(struct limits *L, const struct limit_crossing *c,
    struct tk_err *err);

#endif
