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

/* One that is built in; an unknown name is TK_NOTFOUND with a hint. */
int vocab_open(struct vocab **v, const char *name, struct tk_err *err);

/*
 * Packed bytes, which stay where they are, at a multiple of 64.  The header
 * and the bounds are checked; what the tables say is believed.
 */
int vocab_open_mem(struct vocab **v, const void *bytes, size_t len,
    struct tk_err *err);
void vocab_free(struct vocab *v); /* NULL is fine */

/* The name of the n-th that is built in, NULL after the last. */
const char *vocab_name(size_t n);

/* The rank of a byte string, or VOCAB_NONE. */
uint32_t vocab_rank(const struct vocab *v, const void *bytes, size_t len);

/* The bytes of a rank, not terminated; NULL when there is no such token. */
const uint8_t *vocab_token(const struct vocab *v, uint32_t rank, size_t *len);

struct vocab_special {
	uint32_t id;
	const uint8_t *text;
	size_t len;
};

/* The n-th special token: 1, or 0 after the last. */
int vocab_special(const struct vocab *v, size_t n, struct vocab_special *s);

#endif
