/* One piece at a time: what the rounds of engine.h leave over. */
#include "count/count_int.h"
#include "count/memo.h"
#include "vocab/vocab.h"

/* So many bytes that are not easy pay for what counting them better needs. */
enum { HARD = 1 << 15 };

/* A token of up to 15 bytes that the first rounds did not find at home. */
static bool
token_away(const struct vocab *v, const uint8_t *p, size_t n)
{
	struct vocab_key16 key = { 0, 0 };
	uint64_t mix;

	if (n <= VOCAB_SHORT_MAX) {
		key.lo = count_key8(p, n);
		mix = vocab_mix8(key.lo);
		/* Then the mid table may have it. */
		return vocab_away(v->short_away, vocab_scale(mix, v->s.lines),
		    mix);
	}
	key = count_key16(p, n);
	mix = vocab_mix16(key);
	return vocab_away(v->mid_away, vocab_scale(mix, v->m.lines), mix);
}

/* A token of more than that: mostly the sieve tells that it is none, if it
 * has all of them. */
static bool
token_long(const struct vocab *v, const uint8_t *p)
{
	struct vocab_key16 key;

	memcpy(&key, p, sizeof(key));
	return v->merges < v->head->ranks ||
	    vocab_sieve(v, key.lo, key.hi << 8 >> 8);
}

static unsigned
memo_of(const struct memo *m, const uint8_t *p, size_t n)
{
	if (n > MEMO_LONG_MAX)
		return 0;
	if (n > MEMO_MEDIUM_MAX)
		return memo_find_long(m, memo_key64(p, n));
	return memo_find_medium(m, memo_key32(p, n));
}

unsigned
piece_known(struct counter *c, const uint8_t *p, size_t n)
{
	unsigned count = 0;

	if (n <= VOCAB_MID_MAX) {
		if (!token_away(c->v, p, n))
			return 0;
	} else {
		count = memo_of(c->memo, p, n);
		if (count == 0 && !token_long(c->v, p))
			return 0;
	}
	if (count == 0 && vocab_rank(c->v, p, n) != VOCAB_NONE) {
		piece_learn(c, p, n, 1);
		count = 1;
	}
	return count;
}

void
piece_learn(struct counter *c, const uint8_t *p, size_t n, unsigned count)
{
	if (n <= VOCAB_SHORT_MAX)
		memo_put_short(c->memo, count_key8(p, n), count);
	else if (n <= VOCAB_MID_MAX)
		memo_put(c->memo, count_key16(p, n), count);
	else if (n <= MEMO_MEDIUM_MAX)
		memo_put_medium(c->memo, memo_key32(p, n), count);
	else if (n <= MEMO_LONG_MAX)
		memo_put_long(c->memo, memo_key64(p, n), count);
}

bool
piece_forward(struct counter *c, size_t n)
{
	if (!count_can_forward(c->v))
		return false;
	c->hard += n < HARD - c->hard ? (uint32_t)n : HARD - c->hard;
	return c->hard == HARD;
}

int64_t
piece_count(struct counter *c, const uint8_t *p, size_t n)
{
	int64_t count = piece_known(c, p, n);

	if (count == 0) {
		const uint32_t at[2] = { 0, (uint32_t)n };

		count = -1;
		if (!bpe_is_few(c->work, c->v, p, n) &&
		    !bpe_is_periodic(p, n) &&
		    !bpe_is_periodic(p + n / 2, n - n / 2) &&
		    piece_forward(c, n))
			count = engine_best()->forward(c, p, at, 1);
		if (count < 0)
			count = bpe_count(c->work, c->v, p, n);
		piece_learn(c, p, n, (unsigned)count);
	}
	return count;
}

size_t
piece_ranks(struct counter *c, const uint8_t *p, size_t n,
    const uint32_t **ranks)
{
	c->one = vocab_rank(c->v, p, n);
	if (c->one == VOCAB_NONE)
		return bpe_merge(c->work, c->v, p, n, ranks);
	*ranks = &c->one;
	return 1;
}
