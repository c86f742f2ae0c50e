#ifndef LIMIT_WINDOW_H
#define LIMIT_WINDOW_H

#include "limit/limit_int.h"

/*
 * What is used in a rolling window, of the last 24 hours or 30 days: the sum
 * of its minutes, by whole hours and days where it can.
 */
int window_state(struct limits *L, const struct limit_part *p, int64_t now,
    bool unswept, struct part_state *s, struct tk_err *err);

#endif
