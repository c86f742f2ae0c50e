#ifndef VOCAB_VOCAB_H
#define VOCAB_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The vocabularies: which byte strings are tokens, and with what rank.
 *
 * Those of "make VOCABS=..." are embedded in the program as packed files
 * (table.h).  An encoder works on the tables themselves; for everyone else
 * the functions here are enough.
 */
struct vocab;

/* How text is cut into pieces before merging; src/count does it. */
enum vocab_pattern {
	VOCAB_O200K,
	VOCAB_CL100K,
	VOCAB_TEKKEN,
	VOCAB_QWEN2,
	VOCAB_GPT2,
	VOCAB_DEEPSEEK3,
	VOCAB_PATTERNS,
};

extern const char *const vocab_patterns[VOCAB_PATTERNS];

/* What is done to the text besides; src/count does that, too. */
enum vocab_text_flags {
	/* It is brought into that normal form first. */
	VOCAB_NFC = 1 << 8,
	VOCAB_NFKC = 1 << 9,
	/* Special tokens are looked for in the normal form, not before. */
	VOCAB_SPECIAL_LATE = 1 << 10,
	/* Merging its bytes, from lower to higher ranks, makes each token:
	 * then table.h has seams and starts. */
	VOCAB_ALL_MERGE = 1 << 11,
};

/* One that is built in; an unknown name is TK_NOTFOUND. */
int vocab_open(struct vocab **v, const char *name, struct tk_err *err);

/*
 * Packed bytes (pack.h), which stay where they are, at a multiple of 64.
 * vocab_open_mem() looks at the header alone, for bytes that we made.
 * vocab_open_image() is for bytes from a file: it reads them once to compare
 * their checksum.  Whatever they are, nothing outside of them is touched.
 */
int vocab_open_mem(struct vocab **v, const void *bytes, size_t len,
    struct tk_err *err);
int vocab_open_image(struct vocab **v, const void *bytes, size_t len,
    struct tk_err *err);
void vocab_free(struct vocab *v); /* NULL is fine */

/* The name of the n-th that is built in, NULL after the last. */
const char *vocab_name(size_t n);

/* The rank of a byte string, or VOCAB_NONE. */
uint32_t vocab_rank(const struct vocab *v, const void *bytes, size_t len);

/*
 * The bytes of a rank, in room or in the tables, not terminated; NULL when
 * there is no such token.
 */
const uint8_t *vocab_token(const struct vocab *v, uint32_t rank,
    uint8_t room[16], size_t *len);

/* Call fn() for each token of which bit b of bytes is set for each byte b, in
 * no order; far faster than by rank. */
typedef void vocab_token_fn(const uint8_t *token, size_t len, void *data);
void vocab_each_of(const struct vocab *v, const uint64_t bytes[4],
    vocab_token_fn *fn, void *data);

/* The same for each token of more than VOCAB_MID_MAX bytes. */
void vocab_each_long(const struct vocab *v, vocab_token_fn *fn, void *data);

/* Between ranks and the ids that the world sees; VOCAB_NONE: none. */
uint32_t vocab_id(const struct vocab *v, uint32_t rank);
uint32_t vocab_rank_of_id(const struct vocab *v, uint32_t id);

struct vocab_special {
	uint32_t id;
	const uint8_t *text;
	size_t len;
};

/* The n-th special token: 1, or 0 after the last. */
int vocab_special(const struct vocab *v, size_t n, struct vocab_special *s);

#endif
