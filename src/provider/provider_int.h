#ifndef PROVIDER_PROVIDER_INT_H
#define PROVIDER_PROVIDER_INT_H

#include "base/num.h"
#include "json/json.h"

/* A decimal number, in 10^-12; false if the next value, which is read, is
 * none. */
bool provider_read_decimal(struct json_scan *s, tk_int128 *pico);

/* A percentage that can be one (0 to 1,000), as millionths of the whole. */
bool provider_read_percent(struct json_scan *s, int64_t *used);

/* A time: seconds or milliseconds since 1970, or RFC 3339. */
bool provider_read_time(struct json_scan *s, int64_t *ms);

/* A clean text, cut to fit; false if it is none. */
bool provider_read_text(struct json_scan *s, char *to, size_t size);

#endif
