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
 * Keys are those of vocab/table.h (a short key has 0 as its upper half); a
 * count is at most 15 and stands above the length, in the topmost bits.
 *
 * It begins small, so that a small text touches little memory, and grows
 * once, to 8 MB of huge pages where there are any: most look-ups would miss
 * the TLB otherwise, and a prefetch that does is lost.
 */
enum { MEMO_LONG_MAX = 124 };

struct memo_long {
	uint16_t len; /* 0: empty */
	uint16_t count;
	uint8_t text[MEMO_LONG_MAX];
};

struct memo {
	struct vocab_key16 (*line)[4];
	struct memo_long (*longs)[2];
	uint32_t lines, long_lines;
	uint32_t learned; /* since it has this size */
	uint32_t turn;    /* whose place is taken next */
	void *memory;     /* both of the above */
	size_t size;
};

struct memo *memo_new(void);
void memo_free(struct memo *m); /* NULL is fine */

/* Pieces of up to 15 bytes, and of 16 to MEMO_LONG_MAX. */
void memo_put(struct memo *m, struct vocab_key16 key, unsigned count);
void memo_put_long(struct memo *m, const uint8_t *p, size_t n, unsigned count);

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
