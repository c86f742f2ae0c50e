#ifndef COUNT_MEMO_H
#define COUNT_MEMO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vocab/table.h"

/*
 * What pieces that are no token counted when they were merged.  A cache of
 * fixed size: a new piece takes the place of another in its line.  The whole
 * piece is kept, so an answer is never another piece's.
 *
 * Keys are those of vocab/table.h (a short key has 0 as its upper half); a
 * count is at most 15 and stands above the length, in the topmost bits.
 */
enum { MEMO_LINES = 1 << 16, MEMO_LONG_LINES = 1 << 15, MEMO_LONG_MAX = 60 };

struct memo_long {
	uint16_t len; /* 0: empty */
	uint16_t count;
	uint8_t text[MEMO_LONG_MAX];
};

struct memo {
	struct vocab_key16 line[MEMO_LINES][4];
	struct memo_long longs[MEMO_LONG_LINES][2];
	uint32_t turn; /* whose place is taken next */
};

static inline struct vocab_key16 *
memo_line(struct memo *m, struct vocab_key16 key)
{
	return m->line[vocab_scale(vocab_mix16(key.lo, key.hi), MEMO_LINES)];
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

static inline void
memo_put(struct memo *m, struct vocab_key16 *line, struct vocab_key16 key,
    size_t count)
{
	int i = 0;

	while (i < 4 && line[i].hi >> 60 != 0)
		i++;
	if (i == 4)
		i = (int)(m->turn++ & 3);
	key.hi |= (uint64_t)count << 60;
	line[i] = key;
}

static inline struct memo_long *
memo_long_line(struct memo *m, const uint8_t *p, size_t n)
{
	return m->longs[vocab_scale(vocab_mix_bytes(p, n), MEMO_LONG_LINES)];
}

static inline unsigned
memo_find_long(const struct memo_long line[2], const uint8_t *p, size_t n)
{
	for (int i = 0; i < 2; i++)
		if (line[i].len == n && memcmp(line[i].text, p, n) == 0)
			return line[i].count;
	return 0;
}

static inline void
memo_put_long(struct memo *m, struct memo_long line[2], const uint8_t *p,
    size_t n, size_t count)
{
	struct memo_long *to = &line[line[0].len == 0 ? 0 : m->turn++ & 1];

	to->len = (uint16_t)n;
	to->count = (uint16_t)count;
	memcpy(to->text, p, n);
}

#endif
