#ifndef COUNT_MEMO_H
#define COUNT_MEMO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vocab/table.h"

/*
 * What pieces that are no token counted when they were merged.  A cache: a
 * new piece may take the place of another in its line.  The whole piece is
 * kept, so an answer is never another piece's.
 *
 * Four tables by length, and before all of them one of pieces of up to 7
 * bytes, tokens or not, that just came: it is small enough to be near.
 *
 *   up to 7 bytes: the keys of vocab/table.h, and the count above them
 *   up to 15 bytes: likewise; the count is in the topmost four bits
 *   up to 30 bytes: those, then the length and the count in a byte each
 *   up to MEMO_LONG_MAX
 *
 * It begins small, so that a small text touches little memory, and grows
 * once, to 8.5 MB of huge pages where there are any, or less when other
 * threads have one, too: most look-ups would miss the TLB otherwise, and a
 * prefetch that does is lost.
 */
enum { MEMO_HOT_BITS = 11 };
enum { MEMO_MEDIUM_MAX = 30, MEMO_LONG_MAX = 62, MEMO_SHORT_BITS = 59 };

#define MEMO_SHORT_KEY ((UINT64_C(1) << MEMO_SHORT_BITS) - 1)

struct memo_key32 {
	uint64_t word[4];
};

struct memo_long {
	uint8_t len; /* 0: empty */
	uint8_t count;
	uint8_t text[MEMO_LONG_MAX];
};

struct memo {
	uint64_t *hot;
	uint64_t (*shorts)[8];
	struct vocab_key16 (*line)[4];
	struct memo_key32 (*medium)[4];
	struct memo_long (*longs)[2];
	uint32_t short_lines, lines, medium_lines, long_lines;
	uint32_t learned; /* since it has this size */
	uint32_t turn;    /* whose place is taken next */
	void *memory;     /* all of the above */
	size_t size;
};

struct memo *memo_new(void);
void memo_free(struct memo *m); /* NULL is fine */

void memo_put_short(struct memo *m, uint64_t key, unsigned count);
void memo_put(struct memo *m, struct vocab_key16 key, unsigned count);
void memo_put_medium(struct memo *m, struct memo_key32 key, unsigned count);
void memo_put_long(struct memo *m, const uint8_t *p, size_t n, unsigned count);

/* The only place for that key among the hot ones, whatever it is of. */
static inline uint64_t *
memo_hot_slot(const struct memo *m, uint64_t key)
{
	return &m->hot[key * VOCAB_FACTOR >> (64 - MEMO_HOT_BITS)];
}

static inline uint64_t *
memo_short_line(const struct memo *m, uint64_t key)
{
	return m->shorts[vocab_scale(vocab_mix8(key), m->short_lines)];
}

static inline struct vocab_key16 *
memo_line(const struct memo *m, struct vocab_key16 key)
{
	return m->line[vocab_scale(vocab_mix16(key), m->lines)];
}

/* The count, or 0 when it is not known. */
static inline unsigned
memo_find(const struct vocab_key16 line[4], struct vocab_key16 key)
{
	uint64_t count = 0;

	for (int i = 0; i < 4; i++)
		if (line[i].lo == key.lo && line[i].hi << 4 == key.hi << 4)
			count = line[i].hi >> 60;
	return (unsigned)count;
}

/* The key of 16 to 30 bytes, of which 32 can be read. */
static inline struct memo_key32
memo_key32(const uint8_t *p, uint64_t n)
{
	struct memo_key32 key;

	memcpy(&key, p, sizeof(key));
	key.word[2] &= n < 24 ? ~(~UINT64_C(0) << (8 * n & 63)) : ~UINT64_C(0);
	key.word[3] &= n > 24 ? ~(~UINT64_C(0) << (8 * n & 63)) : 0;
	key.word[3] |= n << 48;
	return key;
}

static inline struct memo_key32 *
memo_medium_line(const struct memo *m, struct memo_key32 key)
{
	uint64_t mix = (key.word[0] * VOCAB_FACTOR ^ key.word[2]) +
	    (key.word[1] * VOCAB_FACTOR2 ^ key.word[3]);

	return m->medium[vocab_scale((mix ^ mix >> 32) * VOCAB_FACTOR,
	    m->medium_lines)];
}

static inline unsigned
memo_find_medium(const struct memo_key32 line[4], struct memo_key32 key)
{
	uint64_t count = 0;

	for (int i = 0; i < 4; i++)
		if (line[i].word[0] == key.word[0] &&
		    line[i].word[1] == key.word[1] &&
		    line[i].word[2] == key.word[2] &&
		    line[i].word[3] << 8 == key.word[3] << 8)
			count = line[i].word[3] >> 56;
	return (unsigned)count;
}

static inline unsigned
memo_find_long(const struct memo *m, const uint8_t *p, size_t n)
{
	uint32_t i = vocab_scale(vocab_mix_bytes(p, n), m->long_lines);
	const struct memo_long *line = m->longs[i];

	for (int k = 0; k < 2; k++)
		if (line[k].len == n && memcmp(line[k].text, p, n) == 0)
			return line[k].count;
	return 0;
}

#endif
