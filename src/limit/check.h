#ifndef LIMIT_CHECK_H
#define LIMIT_CHECK_H

#include <stdint.h>

#include "base/err.h"

struct limits;

/* Count everything again and compare it with the counters: hooks.h. */
int limits_check(struct limits *L, void (*fault)(const char *text, void *data),
    void *data, int64_t *looked_at, struct tk_err *err);

#endif
