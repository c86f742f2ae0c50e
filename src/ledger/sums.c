#include "ledger/sums.h"

#include <string.h>

#include "base/buf.h"
#include "ledger/pack.h"
#include "ledger/record.h"

__extension__ typedef unsigned __int128 uint128;

void
sums_of_record(int64_t n[SUMS], const struct usage_record *r, bool failed)
{
	bool priced = r->cost != RECORD_UNKNOWN;

	n[SUM_REQUESTS] = r->requests;
	n[SUM_INPUT] = r->input_tokens;
	n[SUM_CACHE_READ] = r->cache_read_tokens;
	n[SUM_CACHE_WRITE_5M] = r->cache_write_5m_tokens;
	n[SUM_CACHE_WRITE_1H] = r->cache_write_1h_tokens;
	n[SUM_CACHE_WRITE_OTHER] = r->cache_write_other_tokens;
	n[SUM_OUTPUT] = r->output_tokens;
	n[SUM_REASONING] = r->reasoning_tokens;
	n[SUM_UNSPLIT] = r->unsplit_tokens;
	n[SUM_COST] = priced ? r->cost : 0;
	n[SUM_UNPRICED] = priced ? 0 : r->requests;
	n[SUM_ERRORS] = failed ? r->requests : 0;
}

void
sums_add_record(struct usage_sums *s, const struct usage_record *r, bool failed)
{
	int64_t n[SUMS];

	sums_of_record(n, r, failed);
	for (int i = 0; i < SUMS; i++)
		s->v[i] += n[i];
}

void
sums_add(struct usage_sums *s, const struct usage_sums *more)
{
	for (int i = 0; i < SUMS; i++)
		s->v[i] += more->v[i];
}

bool
sums_equal(const struct usage_sums *a, const struct usage_sums *b)
{
	return memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

tk_int128
sums_cache_write(const struct usage_sums *s)
{
	return s->v[SUM_CACHE_WRITE_5M] + s->v[SUM_CACHE_WRITE_1H] +
	    s->v[SUM_CACHE_WRITE_OTHER];
}

tk_int128
sums_total(const struct usage_sums *s)
{
	return s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s) +
	    s->v[SUM_OUTPUT] + s->v[SUM_UNSPLIT];
}

void
sums_add_wide(struct tk_buf *b, tk_int128 n)
{
	uint128 u = (uint128)n << 1 ^ (uint128)(n >> 127);

	while (u >= 0x80) {
		tk_buf_add(b, &(uint8_t){ (uint8_t)(u | 0x80) }, 1);
		u >>= 7;
	}
	tk_buf_add(b, &(uint8_t){ (uint8_t)u }, 1);
}

/* No slot adds up to 2^100: so a damaged one does not overflow a sum. */
bool
sums_read_wide(const uint8_t **p, const uint8_t *end, tk_int128 *n)
{
	uint128 u = 0;

	for (unsigned shift = 0; shift < 127 && *p < end; shift += 7) {
		uint8_t byte = *(*p)++;

		u |= (uint128)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*n = (tk_int128)(u >> 1) ^ -(tk_int128)(u & 1);
			return u >> 101 == 0;
		}
	}
	return false;
}

void
sums_pack(struct tk_buf *b, const struct usage_sums *s)
{
	uint64_t mask = 0;

	for (int i = 0; i < SUMS; i++)
		if (s->v[i] != 0)
			mask |= UINT64_C(1) << i;
	pack_varint(b, mask);
	for (int i = 0; i < SUMS; i++)
		if (s->v[i] != 0)
			sums_add_wide(b, s->v[i]);
}

bool
sums_read(const uint8_t **p, const uint8_t *end, struct usage_sums *s)
{
	uint64_t mask;

	if (!pack_read_varint(p, end, &mask) || mask >> SUMS != 0)
		return false;
	*s = (struct usage_sums){ 0 };
	for (; mask != 0; mask &= mask - 1) {
		tk_int128 *v = &s->v[__builtin_ctzll(mask)];
		const uint8_t *start = *p;
		uint64_t n;

		/* Most numbers are of less than 64 bits. */
		if (pack_read_varint(p, end, &n)) {
			*v = pack_unzigzag(n);
			continue;
		}
		*p = start;
		if (!sums_read_wide(p, end, v))
			return false;
	}
	return true;
}
