#ifndef COUNT_SIEVE_H
#define COUNT_SIEVE_H

#include "count/count_int.h"

/* The first n bytes of sixteen. */
#define LOW(n) ((UINT64_C(1) << 8 * (n)) - 1)
static const uint64_t sieve_mask[16][2] = { { 0, 0 }, { LOW(1), 0 },
	{ LOW(2), 0 }, { LOW(3), 0 }, { LOW(4), 0 }, { LOW(5), 0 },
	{ LOW(6), 0 }, { LOW(7), 0 }, { UINT64_MAX, 0 }, { UINT64_MAX, LOW(1) },
	{ UINT64_MAX, LOW(2) }, { UINT64_MAX, LOW(3) }, { UINT64_MAX, LOW(4) },
	{ UINT64_MAX, LOW(5) }, { UINT64_MAX, LOW(6) },
	{ UINT64_MAX, LOW(7) } };
#undef LOW

/* Whether n bytes, of which 16 can be read, may be a token of more than two,
 * by the sieve; 0 bytes are none. */
ALWAYS_INLINE bool
may_merge(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	struct vocab_key16 key;

	memcpy(&key, p, sizeof(key));
	key.lo &= sieve_mask[n < 15 ? n : 15][0];
	key.hi &= sieve_mask[n < 15 ? n : 15][1];
	return vocab_sieve(v, key.lo, key.hi) & (n > 0);
}

#endif
