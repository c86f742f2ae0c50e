/* One piece at a time: what the rounds of engine.h leave over. */
#include "count/count_int.h"
#include "count/memo.h"
#include "vocab/vocab.h"

static int64_t
count_small(struct counter *c, const uint8_t *p, size_t n)
{
	struct vocab_key16 key = { 0, 0 }, *line;
	uint32_t ranks[BPE_SMALL];
	size_t count;

	if (n <= VOCAB_SHORT_MAX)
		key.lo = vocab_key8(p, n);
	else
		key = vocab_key16(p, n);
	line = memo_line(c->memo, key);
	count = memo_find(line, key);
	if (count > 0)
		return (int64_t)count;
	/* It may be a token that is not at home in its line. */
	count = vocab_rank(c->v, p, n) != VOCAB_NONE
	    ? 1
	    : bpe_merge_small(c->v, p, n, ranks);
	memo_put(c->memo, line, key, count);
	return (int64_t)count;
}

int64_t
piece_count(struct counter *c, const uint8_t *p, size_t n)
{
	const uint32_t *ranks;
	struct memo_long *line;
	size_t count;

	if (n <= VOCAB_MID_MAX)
		return count_small(c, p, n);
	if (n > MEMO_LONG_MAX) {
		if (vocab_rank(c->v, p, n) != VOCAB_NONE)
			return 1;
		return (int64_t)bpe_merge(c->work, c->v, p, n, &ranks);
	}
	line = memo_long_line(c->memo, p, n);
	count = memo_find_long(line, p, n);
	if (count > 0)
		return (int64_t)count;
	count = vocab_rank(c->v, p, n) != VOCAB_NONE
	    ? 1
	    : bpe_merge(c->work, c->v, p, n, &ranks);
	memo_put_long(c->memo, line, p, n, count);
	return (int64_t)count;
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
