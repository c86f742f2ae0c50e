#include "count/memo.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

/* Lines of each table, when it is small and when it is large: 8.5 MB for the
 * only one, 5 MB for one of two, 2.5 MB for one of more. */
struct sizes {
	uint32_t shorts, lines, medium, longs;
};

static const struct sizes small = { 1 << 8, 1 << 9, 1 << 7, 1 << 6 };
static const struct sizes large[] = {
	{ 1 << 14, 3 << 14, 1 << 14, 5 << 12 },
	{ 1 << 14, 9 << 12, 6 << 10, 1 << 13 },
	{ 1 << 13, 9 << 11, 3 << 10, 1 << 12 },
};

/* How many there are: all of them together stay in bounds. */
static atomic_int alive;

enum { LEARNED_MAX = 1 << 11 }; /* then the small one is full */

enum { HUGE_PAGE = 2 << 20 };

/* Memory from mmap(2) is zero already; it begins at a huge page. */
static void
memo_size(struct memo *m, const struct sizes n)
{
	size_t at[5] = { 0 }, size, room, skip = 0;
	char *p;

	at[1] = at[0] + n.shorts * sizeof(m->shorts[0]);
	at[2] = at[1] + n.lines * sizeof(m->line[0]);
	at[3] = at[2] + n.medium * sizeof(m->medium[0]);
	size = at[4] = at[3] + n.longs * sizeof(m->longs[0]);
	room = size + (size >= HUGE_PAGE ? HUGE_PAGE : 0);
	p = mmap(NULL, room, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort(); /* as tk_xcalloc() does */
	if (size >= HUGE_PAGE) {
		skip = -(uintptr_t)p % HUGE_PAGE;
		/* Without huge pages it works as well, only slower. */
		(void)madvise(p + skip, size, MADV_HUGEPAGE);
	}
	m->memory = p;
	m->size = room;
	m->shorts = (void *)(p + skip);
	m->line = (void *)(p + skip + at[1]);
	m->medium = (void *)(p + skip + at[2]);
	m->longs = (void *)(p + skip + at[3]);
	m->short_lines = n.shorts;
	m->lines = n.lines;
	m->medium_lines = n.medium;
	m->long_lines = n.longs;
	m->learned = 0;
}

struct memo *
memo_new(void)
{
	struct memo *m = tk_xcalloc(1, sizeof(*m));

	memo_size(m, small);
	m->hot = tk_xcalloc(1 << MEMO_HOT_BITS, sizeof(*m->hot));
	atomic_fetch_add(&alive, 1);
	return m;
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	atomic_fetch_sub(&alive, 1);
	munmap(m->memory, m->size);
	free(m->hot);
	free(m);
}

static void
take_over(struct memo *m, const struct memo *old)
{
	for (uint32_t i = 0; i < 8 * old->short_lines; i++) {
		uint64_t slot = old->shorts[i / 8][i % 8];

		if (slot != 0)
			memo_put_short(m, slot & MEMO_SHORT_KEY,
			    (unsigned)(slot >> MEMO_SHORT_BITS));
	}
	for (uint32_t i = 0; i < old->lines; i++) {
		for (int k = 0; k < 4; k++) {
			struct vocab_key16 key = old->line[i][k];
			unsigned count = (unsigned)(key.hi >> 60);

			key.hi = key.hi << 4 >> 4;
			if (count > 0)
				memo_put(m, key, count);
		}
	}
	for (uint32_t i = 0; i < 4 * old->medium_lines; i++) {
		struct memo_key32 key = old->medium[i / 4][i % 4];
		unsigned count = (unsigned)(key.word[3] >> 56);

		key.word[3] = key.word[3] << 8 >> 8;
		if (count > 0)
			memo_put_medium(m, key, count);
	}
	for (uint32_t i = 0; i < old->long_lines; i++) {
		for (int k = 0; k < 2; k++) {
			const struct memo_long *l = &old->longs[i][k];

			if (l->len > 0)
				memo_put_long(m, l->text, l->len, l->count);
		}
	}
}

static void
learn_one(struct memo *m)
{
	struct memo old = *m;
	int others;

	if (++m->learned < LEARNED_MAX || m->lines > small.lines)
		return;
	others = atomic_load(&alive) - 1;
	memo_size(m, large[others < 2 ? others : 2]);
	take_over(m, &old);
	munmap(old.memory, old.size);
}

/*
 * A line is full: one of its n goes, but only each fourth time, since what
 * comes once a gigabyte must not drive out what comes once a megabyte.
 */
static int
displaced(struct memo *m, int n)
{
	m->turn++;
	return m->turn % 4 == 0 ? (int)(m->turn / 4) & (n - 1) : -1;
}

void
memo_put_short(struct memo *m, uint64_t key, unsigned count)
{
	uint64_t *line;
	int i = 0;

	learn_one(m);
	line = memo_short_line(m, key);
	while (i < 8 && line[i] != 0)
		i++;
	if (i == 8 && (i = displaced(m, 8)) < 0)
		return;
	line[i] = key | (uint64_t)count << MEMO_SHORT_BITS;
}

void
memo_put(struct memo *m, struct vocab_key16 key, unsigned count)
{
	struct vocab_key16 *line;
	int i = 0;

	learn_one(m);
	line = memo_line(m, key);
	while (i < 4 && line[i].hi >> 60 != 0)
		i++;
	if (i == 4 && (i = displaced(m, 4)) < 0)
		return;
	key.hi |= (uint64_t)count << 60;
	line[i] = key;
}

void
memo_put_medium(struct memo *m, struct memo_key32 key, unsigned count)
{
	struct memo_key32 *line;
	int i = 0;

	learn_one(m);
	line = memo_medium_line(m, key);
	while (i < 4 && line[i].word[3] >> 56 != 0)
		i++;
	if (i == 4 && (i = displaced(m, 4)) < 0)
		return;
	key.word[3] |= (uint64_t)count << 56;
	line[i] = key;
}

void
memo_put_long(struct memo *m, const uint8_t *p, size_t n, unsigned count)
{
	struct memo_long *line;
	int i = 0;

	learn_one(m);
	line = m->longs[vocab_scale(vocab_mix_bytes(p, n), m->long_lines)];
	while (i < 2 && line[i].len != 0)
		i++;
	if (i == 2 && (i = displaced(m, 2)) < 0)
		return;
	line[i].len = (uint8_t)n;
	line[i].count = (uint8_t)count;
	memcpy(line[i].text, p, n);
}
