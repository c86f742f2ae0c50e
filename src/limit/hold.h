#ifndef LIMIT_HOLD_H
#define LIMIT_HOLD_H

#include "limit/limit_int.h"

/* What hold.c does for the other files of this module, in a transaction. */

/* Make it, with h->id, and take it into the counters. */
int hold_add(struct limits *L, struct limit_hold *h, const char *request_id,
    const void *body, size_t body_len, struct tk_err *err);
/* Take it out of the counters, if it is active, and mark it. */
int hold_end(struct limits *L, const struct limit_hold *h,
    enum limit_hold_state state, int64_t now, int64_t record,
    struct tk_err *err);
/* End those whose time is over. */
int hold_sweep(struct limits *L, int64_t now, struct tk_err *err);

#endif
