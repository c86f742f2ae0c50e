#ifndef LEDGER_SUMS_H
#define LEDGER_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

struct tk_buf;
struct usage_record;

/*
 * What records add up to.  The sums are exact and cannot overflow: a record
 * has 63 bits a number, a sum 127.
 */
enum sum {
	SUM_REQUESTS,
	SUM_INPUT,
	SUM_CACHE_READ,
	SUM_CACHE_WRITE_5M,
	SUM_CACHE_WRITE_1H,
	SUM_CACHE_WRITE_OTHER,
	SUM_OUTPUT,
	SUM_REASONING,
	SUM_UNSPLIT,
	SUM_COST,     /* pico-dollars */
	SUM_UNPRICED, /* requests whose cost is not known */
	SUM_ERRORS,   /* requests that failed */
	SUMS,
};

struct usage_sums {
	tk_int128 v[SUMS];
};

/* What one record adds to each sum. */
void sums_of_record(int64_t n[SUMS], const struct usage_record *r, bool failed);
void sums_add_record(struct usage_sums *s, const struct usage_record *r,
    bool failed);
void sums_add(struct usage_sums *s, const struct usage_sums *more);
bool sums_equal(const struct usage_sums *a, const struct usage_sums *b);

tk_int128 sums_cache_write(const struct usage_sums *s);
tk_int128 sums_total(const struct usage_sums *s);

/*
 * Written as a varint mask of what is not 0 and zigzag varints of it, as
 * pack.h has them, but up to 127 bits long.
 */
void sums_pack(struct tk_buf *b, const struct usage_sums *s);
bool sums_read(const uint8_t **p, const uint8_t *end, struct usage_sums *s);

/* One such number. */
void sums_add_wide(struct tk_buf *b, tk_int128 n);
bool sums_read_wide(const uint8_t **p, const uint8_t *end, tk_int128 *n);

#endif
