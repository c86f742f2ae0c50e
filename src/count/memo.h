#ifndef COUNT_MEMO_H
#define COUNT_MEMO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "count/word.h"
#include "vocab/table.h"

/*
 * What pieces that are no token counted when they were merged.  A cache: of
 * what does not fit, some is forgotten.  The whole piece is kept, so an answer
 * is never another piece's.
 *
 * Four tables by length; their slots are words of 64 bits, of which the last
 * has a count in its topmost bits:
 *
 *   SHORT   1 to 7 bytes, the key of vocab/table.h; and words of 8 to 12,
 *           the numbers of word.h, which are no such keys: their length is 0
 *   MID     others of 8 to 15 bytes, the key
 *   MEDIUM  up to 30 bytes, then the length
 *   LONG    up to 62 bytes, likewise
 *
 * and before them all one of pieces of up to 7 bytes, tokens or not, that
 * just came: it is small enough to be near.
 *
 * Lines are in pairs: what a line has no room for goes to the one beside it.
 * When that has none, either, it takes the place of another piece in SHORT; of
 * the other tables some is forgotten when it has come often.
 *
 * Each stream has a memo.  It begins small, so that a small text touches
 * little memory.  When that is full, or soon when its encoding has other
 * streams, at once for much text, it takes part in the tables of the encoding's
 * pool, and these become large when they are full.  What is not small is in
 * whole huge pages where there are any: most look-ups would miss the TLB
 * otherwise, and a prefetch that does is lost; and one page is cleared sooner
 * than its 512 parts are asked for.
 *
 * Threads read and fill the tables of a pool at the same time.  What keeps
 * that exact: a slot of SHORT is one word, and others stay as they are once
 * they are filled.  A writer claims an empty one by its last word, writes the
 * others, then the last word with the count.
 * All but the last are stored inverted, so that zero is eight bytes of 0xff,
 * which no piece has: a reader that sees some words of a slot and not yet
 * others finds nothing.  Room is made only while nobody is between
 * memo_enter() and memo_leave().
 */
enum memo_kind { MEMO_SHORT, MEMO_MID, MEMO_MEDIUM, MEMO_LONG, MEMO_KINDS };

enum { MEMO_HOT_BITS = 11 };
#define MEMO_HOT_FACTOR UINT32_C(0x9e3779b1)

enum { MEMO_MEDIUM_MAX = 30, MEMO_LONG_MAX = 62 };

/* Where the counts begin; they have the bits from there to the top. */
enum { MEMO_SHORT_BITS = 59, MEMO_MID_BITS = 60, MEMO_BITS = 56 };

#define MEMO_SHORT_KEY ((UINT64_C(1) << MEMO_SHORT_BITS) - 1)

/* The words of a line of the first two and of the last two, those of a slot,
 * and the slots of a line. */
enum { MEMO_LINE = 8, MEMO_LONG_LINE = 16 };
enum { MEMO_MEDIUM_WORDS = 4, MEMO_LONG_WORDS = 8 };
enum {
	MEMO_SHORT_WAYS = 8,
	MEMO_MID_WAYS = 4,
	MEMO_MEDIUM_WAYS = 4,
	MEMO_LONG_WAYS = 2
};

struct memo_key32 {
	uint64_t word[MEMO_MEDIUM_WORDS];
};

struct memo_key64 {
	uint64_t word[MEMO_LONG_WORDS];
};

struct memo_tables {
	uint64_t *slots[MEMO_KINDS];
	uint32_t lines[MEMO_KINDS];
	void *memory; /* all of the slots */
	size_t size;
};

struct memo {
	uint64_t *hot;
	struct memo_tables t; /* its own, or those of the pool */
	bool shared;
	uint32_t learned;          /* how much was put into it */
	uint32_t lost[MEMO_KINDS]; /* for want of room, since there was some;
				      of SHORT, ever */
	struct memo_pool *pool;
	struct memo *next; /* of those that share; the pool's */
	atomic_bool inside;
};

/* One for each encoding, since a count is of an encoding. */
struct memo_pool *memo_pool_new(void);
void memo_pool_free(struct memo_pool *p); /* NULL is fine */

struct memo *memo_new(struct memo_pool *p);
void memo_free(struct memo *m); /* NULL is fine */

/* Around the look-ups of so many bytes; it may wait for others to do theirs. */
void memo_enter(struct memo *m, size_t bytes);
void memo_leave(struct memo *m);

void memo_put_short(struct memo *m, uint64_t key, unsigned count);
void memo_put(struct memo *m, struct vocab_key16 key, unsigned count);
void memo_put_medium(struct memo *m, struct memo_key32 key, unsigned count);
void memo_put_long(struct memo *m, struct memo_key64 key, unsigned count);

/* A word that others may be writing. */
static inline uint64_t
memo_word(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* The only place for that key among the hot ones, whatever it is of. */
static inline uint64_t *
memo_hot_slot(const struct memo *m, uint64_t key)
{
	uint32_t x = (uint32_t)(key ^ key >> 32) * MEMO_HOT_FACTOR;

	return &m->hot[x >> (32 - MEMO_HOT_BITS)];
}

/* Without a branch: whether it is to be there cannot be foreseen. */
static inline void
memo_hot_put(uint64_t *hot, uint64_t slot, bool put)
{
	*hot ^= (*hot ^ slot) & (0 - (uint64_t)put);
}

static inline uint64_t *
memo_short_line(const struct memo *m, uint64_t key)
{
	return m->t.slots[MEMO_SHORT] +
	    8ul * vocab_scale(vocab_mix8(key), m->t.lines[MEMO_SHORT]);
}

static inline uint64_t *
memo_line(const struct memo *m, struct vocab_key16 key)
{
	return m->t.slots[MEMO_MID] +
	    8ul * vocab_scale(vocab_mix16(key), m->t.lines[MEMO_MID]);
}

/* Slots are filled from the first on: whether the last one is. */
static inline bool
memo_is_full(const uint64_t *line, int words)
{
	return memo_word(line + words - 1) != 0;
}

/* The other line of a pair. */
static inline uint64_t *
memo_beside(const uint64_t *line, int words)
{
	return (uint64_t *)((uintptr_t)line ^ (size_t)words * sizeof(*line));
}

/* The slot of that key in a line, or 0. */
static inline uint64_t
memo_find_short(const uint64_t *line, uint64_t key)
{
	uint64_t found = 0;

	for (int i = 0; i < MEMO_SHORT_WAYS; i++) {
		uint64_t slot = memo_word(line + i);

		found |= (slot & MEMO_SHORT_KEY) == key ? slot : 0;
	}
	return found;
}

/* The count, or 0 when the line has it not. */
static inline unsigned
memo_find(const uint64_t *line, struct vocab_key16 key)
{
	uint64_t count = 0;

	for (int i = 0; i < MEMO_MID_WAYS; i++) {
		uint64_t lo = memo_word(line + 2 * i);
		uint64_t hi = memo_word(line + 2 * i + 1);

		if (lo == ~key.lo && hi << 4 == key.hi << 4)
			count = hi >> MEMO_MID_BITS;
	}
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

/* The same of up to 62 bytes. */
static inline struct memo_key64
memo_key64(const uint8_t *p, uint64_t n)
{
	struct memo_key64 key = { { 0 } };

	memcpy(&key, p, n);
	key.word[MEMO_LONG_WORDS - 1] |= n << 48;
	return key;
}

static inline uint64_t *
memo_medium_line(const struct memo *m, struct memo_key32 key)
{
	uint64_t mix = (key.word[0] * VOCAB_FACTOR ^ key.word[2]) +
	    (key.word[1] * VOCAB_FACTOR2 ^ key.word[3]);

	return m->t.slots[MEMO_MEDIUM] +
	    16ul *
	    vocab_scale((mix ^ mix >> 32) * VOCAB_FACTOR,
		m->t.lines[MEMO_MEDIUM]);
}

static inline uint64_t *
memo_long_line(const struct memo *m, const struct memo_key64 *key)
{
	uint64_t mix = vocab_mix_bytes(key, sizeof(*key));

	return m->t.slots[MEMO_LONG] +
	    16ul * vocab_scale(mix, m->t.lines[MEMO_LONG]);
}

/* The count of the key of so many words that a line of sixteen has, or 0. */
static inline unsigned
memo_find_words(const uint64_t *line, const uint64_t *key, int words)
{
	uint64_t count = 0;

	for (int at = 0; at < 16; at += words) {
		uint64_t last = memo_word(line + at + words - 1), other;

		other = (last ^ key[words - 1]) << (64 - MEMO_BITS);
		for (int i = 0; i + 1 < words; i++)
			other |= memo_word(line + at + i) ^ ~key[i];
		count |= other == 0 ? last >> MEMO_BITS : 0;
	}
	return (unsigned)count;
}

/* The same, and of the one beside it. */
static inline unsigned
memo_find_pair(const uint64_t *line, const uint64_t *key, int words)
{
	unsigned count = memo_find_words(line, key, words);

	if (count == 0 && memo_is_full(line, MEMO_LONG_LINE))
		count = memo_find_words(memo_beside(line, MEMO_LONG_LINE), key,
		    words);
	return count;
}

static inline unsigned
memo_find_medium(const struct memo *m, struct memo_key32 key)
{
	return memo_find_pair(memo_medium_line(m, key), key.word,
	    MEMO_MEDIUM_WORDS);
}

static inline unsigned
memo_find_long(const struct memo *m, struct memo_key64 key)
{
	return memo_find_pair(memo_long_line(m, &key), key.word,
	    MEMO_LONG_WORDS);
}

#endif
