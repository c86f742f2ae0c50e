#ifndef COUNT_COUNT_INT_H
#define COUNT_COUNT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "count/bytes.h"
#include "count/norm.h"
#include "count/special.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

/*
 * How a text flows through this folder:
 *
 *	stream.c   any bytes -> valid UTF-8 (utf8.c) -> the normal form the
 *	           encoding asks for (norm.h), cut at special tokens
 *	           (special.h), in one buffer
 *	engine.h   the two loops for one kind of processor:
 *	cutting.h  buffer -> batches of pieces: 64 bytes at a time (window.h,
 *	           window_high.h) where that can be, elsewhere one piece
 *	           (split.h), divided at seams (vocab/table.h)
 *	rounds.h   batches -> a sum, by table look-ups
 *	sparse.h   the same where hardly anything merges
 *	memo.h     what the pieces that are no token counted last time
 *	word.h     words as numbers, which it remembers
 *	merge.h    merging many short pieces that are seen for the first time
 *	bpe.c      merging long ones
 *	match.h    merging what has few different bytes
 *	longest.h  merging what has long tokens, such as runs
 *	sieve.h    what cannot be a token
 *	forward.h  counting what never comes again, without merging
 *	piece.c    one piece -> its tokens, or their ids
 *	encoding.c opening, decoding, choosing the engine
 *	builtin.c  which encodings there are, and their special tokens
 */

/* For what must be compiled into each caller, as constants decide. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Bit i of a list of bits. */
static inline bool
count_has_bit(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> i % 64 & 1) != 0;
}

static inline void
count_set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* An encoding, opened. */
struct count_encoding {
	struct vocab *v;
	const char *name;
	enum norm_form form;
	bool special_late;       /* special tokens are of the normalized text */
	struct memo_pool *memos; /* of its streams; the one part that changes */
	struct special_source special;
	const struct count_ops *ops; /* of another module, or NULL */
	void *self;
	void (*release)(void *self); /* of count_open_packed() */
};

/* builtin.c */
struct count_builtin {
	const char *name;
	const char *vocab;
	const struct special_row *special;
	bool always; /* they are found without being asked */
};

/* By name or another spelling; NULL: *err says why. */
const struct count_builtin *builtin_find(const char *name, struct tk_err *err);

/*
 * Pieces at[i]..at[i + 1] of the text, for i < n; a piece may be divided at
 * seams (vocab/table.h), which makes no difference to its tokens.
 */
enum { BATCH_MAX = 512, SPARSE_BYTES = 256 };

struct batch {
	uint32_t n;
	uint32_t rest; /* the end of a piece that was divided but in part */
	/* Whole windows are added: at most 64 more than asked for. */
	uint32_t at[BATCH_MAX + 64 + 16];
};

/*
 * The look-ups of a batch go in rounds, each over what the round before has
 * left, so that the memory of many pieces is fetched at the same time.
 */
struct round {
	uint32_t n;
	uint16_t piece[BATCH_MAX + 64];
};

/* A text of valid UTF-8, with COUNT_PAD readable bytes behind it. */
struct text {
	const uint8_t *s;
	uint32_t len;
	bool final; /* nothing follows; else only what is certain is cut */
	const struct vocab_seams *seams; /* divide pieces there; or NULL */
	bool bare;      /* also where not both sides are other than ASCII */
	uint32_t whole; /* but not pieces of so many bytes */
};

/* The keys of vocab/table.h, of bytes with COUNT_PAD readable behind them. */
static inline uint64_t
count_key8(const uint8_t *p, uint64_t n)
{
	uint64_t key;

	memcpy(&key, p, sizeof(key));
	return (key & ~(~UINT64_C(0) << (8 * n & 63))) | n << 56;
}

/* 8 to 15 bytes; of more, a key that no token has. */
static inline struct vocab_key16
count_key16(const uint8_t *p, uint64_t n)
{
	uint64_t none = UINT64_C(1) << 56;
	struct vocab_key16 key;

	memcpy(&key, p, sizeof(key));
	key.hi = (key.hi & ~(~UINT64_C(0) << (8 * n & 63))) | n << 56;
	/* Not as a condition, of which a branch would be made. */
	key.hi ^= (key.hi ^ none) & (0 - (uint64_t)(n > VOCAB_MID_MAX));
	return key;
}

/* The rank that these bytes merge to, or NONE. */
static inline uint32_t
count_merge_rank(const struct vocab *v, const uint8_t *p, size_t n)
{
	uint32_t rank;

	if (n <= VOCAB_SHORT_MAX)
		rank = vocab_rank_short(v, count_key8(p, n), p, n);
	else if (n <= VOCAB_MID_MAX)
		rank = vocab_rank_mid(v, count_key16(p, n), p, n);
	else
		rank = vocab_rank(v, p, n);
	return rank < v->merges ? rank : VOCAB_NONE;
}

struct bpe_work;
struct memo;
struct forward;

struct counter {
	const struct vocab *v;
	struct memo *memo;
	struct bpe_work *work;
	struct forward *forward; /* when there was a reason */
	uint32_t hard;   /* bytes so far that had to be merged, up to a bound */
	uint32_t bare;   /* so many are to be divided at all seams */
	int32_t sparse;  /* so many batches have few pairs that merge; < 0:
			    so many have not */
	bool probe;      /* the next batch tells if many have few */
	uint32_t direct; /* so many batches are not to be looked up */
	uint32_t fresh;  /* so many came in which much was new, up to a bound */
	uint32_t one;    /* the rank that piece_ranks() points to */
};

/* Of eight bytes, as bits: a token of three, or of more, may begin there, by
 * struct vocab_three. */
struct starts {
	unsigned three, more;
};

/* Ranks by two bytes, in rows by the second; rows are apart for the cache's
 * sake.  NONE has all bits of all ranks. */
enum { PAIR_ROW = 256 + 16, PAIR_NONE = (1 << 21) - 1 };

/* Whether that is known of this vocabulary which forward.h asks for. */
static inline bool
count_can_forward(const struct vocab *v)
{
	return v->four != NULL && v->merges < PAIR_NONE;
}

/* A stretch of bytes that is being merged. */
enum { CHUNK_LEVELS = 6 };

struct chunk {
	const uint8_t *p;
	uint32_t n, levels;
	uint64_t *alive; /* n + 1 bits: a part begins there, or the end */
	/* [0]: by byte, the rank of merging the part that begins there with
	 * the next; [i + 1]: the lowest of each 64 of those. */
	uint32_t *level[CHUNK_LEVELS];
};

/*
 * The same for a long stretch in windows, many at a time: each begins
 * WINDOW_STEP bytes behind the one before.
 */
enum { WINDOWS = 16, WINDOW_SIZE = 126, WINDOW_STEP = 110 };

struct count_window {
	uint64_t bits[2]; /* where parts begin, and WINDOW_SIZE */
};

/* One way to do it; all of them give the same result. */
struct engine {
	const char *name;
	bool (*works)(void);
	/* Cut from at on until the batch is full or the rest is uncertain; it
	 * stopped at b->at[b->n].  b->rest is 0 for the first batch of a text,
	 * and then stays as it was left. */
	void (*cut)(const struct text *t, uint32_t pattern, uint32_t at,
	    struct batch *b);
	int64_t (
	    *sum)(struct counter *c, const uint8_t *s, const struct batch *b);
	/* The bytes up to i >= 3 are valid UTF-8; how far is it certain, but
	 * for what the last three may begin, that more are? */
	size_t (*valid)(const uint8_t *p, size_t i, size_t n);
	/* Merge what is in k->p; k->levels are there, to be filled. */
	void (*merge)(struct chunk *k, const struct vocab *v);
	/* Merge n <= WINDOWS windows. */
	void (*windows)(const struct vocab *v, const uint8_t *p, unsigned n,
	    struct count_window *w);
	/* The tokens of pieces at[i]..at[i + 1], or -1 when that is not the
	 * way to count them; of a counter that piece_forward() said yes to. */
	int64_t (*forward)(struct counter *c, const uint8_t *s,
	    const uint32_t *at, uint32_t pieces);
};

extern const struct engine engine_plain, engine_avx2, engine_neon;
const struct engine *engine_best(void);

/* bpe.c */
struct bpe_work *bpe_new(void);
void bpe_free(struct bpe_work *w);

/*
 * Merge a piece of n >= 1 bytes, COUNT_PAD readable behind them; returns the
 * number of tokens, and in *ranks which they are, until the next call.
 */
int64_t bpe_count(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n);
size_t bpe_merge(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n, const uint32_t **ranks);

/* Much text has had few different bytes, and so have these, as it seems;
 * bpe_count_few() says 0 when they have not. */
bool bpe_is_few(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n);
size_t bpe_count_few(struct bpe_work *w, const uint8_t *p, size_t n);

/*
 * piece.c: the tokens of one piece of 1 to 2^31 bytes.  piece_known() is
 * about pieces that are no token at home and, up to 15 bytes,
 * not in the memo; it says 0 when they must be merged;
 * piece_learn() remembers the outcome.
 */
int64_t piece_count(struct counter *c, const uint8_t *p, size_t n);
unsigned piece_known(struct counter *c, const uint8_t *p, size_t n);
void piece_learn(struct counter *c, const uint8_t *p, size_t n, unsigned count);

/* n more bytes are to be merged: should that be by engine.forward()? */
bool piece_forward(struct counter *c, size_t n);

/* Whether a piece begins with what is repeated every few bytes. */
bool bpe_is_periodic(const uint8_t *p, size_t n);

/* The ranks of a piece, which are in *ranks until the next call. */
size_t piece_ranks(struct counter *c, const uint8_t *p, size_t n,
    const uint32_t **ranks);

/* utf8.c: how many bytes from the start on are valid and complete. */
size_t utf8_valid(const uint8_t *p, size_t n);

/*
 * Write n bytes as valid UTF-8 to "to" from *len on, where there is room for
 * 3 * n and COUNT_PAD.  Unless they are the last, an incomplete character at
 * their end is left; returns how many bytes were used.
 */
size_t utf8_repair(const uint8_t *p, size_t n, bool last, uint8_t *to,
    size_t *len);

#endif
