#ifndef PROVIDER_LIMITS_H
#define PROVIDER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Limits as the provider itself says them: how much of each window is used,
 * and when it begins anew.  Nothing here is worked out from usage.
 *
 * Only some of the provider's programs pass them on, and only while they
 * run, so the last word is kept in a small file, with when it was said.
 */
struct provider_limit {
	char name[32];     /* "five_hour", "seven_day", "seven_day_opus", ... */
	int64_t used;      /* millionths of the limit; may be over 1,000,000 */
	int64_t resets_at; /* ms; 0: not said */
	int64_t seen_at;   /* ms */
};

enum { PROVIDER_LIMITS_MAX = 16 };

struct provider_limits {
	struct provider_limit v[PROVIDER_LIMITS_MAX];
	size_t n;
};

/* NULL: nothing is known of it. */
const struct provider_limit *provider_limits_find(const struct provider_limits
						      *l,
    const char *name);

/* Add one, or replace the one of this name if this is as new; what does not
 * fit any more is left out.  Whether that changed anything. */
bool provider_limits_put(struct provider_limits *l,
    const struct provider_limit *seen);

/* The window that it is about is over. */
bool provider_limit_is_over(const struct provider_limit *l, int64_t now);

/* A missing file is no limits; one that cannot be understood is TK_DATA. */
int provider_limits_load(struct provider_limits *l, const char *path,
    struct tk_err *err);
int provider_limits_parse(struct provider_limits *l, const char *text,
    size_t len, struct tk_err *err);
int provider_limits_save(const struct provider_limits *l, const char *path,
    struct tk_err *err);

#endif
