#include "count/memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

static const struct shape {
	int ways, words;
} shapes[MEMO_KINDS] = {
	[MEMO_SHORT] = { MEMO_SHORT_WAYS, 1 },
	[MEMO_MID] = { MEMO_MID_WAYS, 2 },
	[MEMO_MEDIUM] = { MEMO_MEDIUM_WAYS, MEMO_MEDIUM_WORDS },
	[MEMO_LONG] = { MEMO_LONG_WAYS, MEMO_LONG_WORDS },
};

/* Lines of each table: 72 kB, then a huge page, which is the pool's, then four
 * for the only pool, two for one of two, one for one of more. */
typedef uint32_t sizes[MEMO_KINDS];

static const sizes small = { 1 << 9, 1 << 8, 1 << 7, 1 << 6 };
static const sizes middle = { 1 << 13, 1 << 13, 1 << 12, 1 << 12 };
static const sizes large[] = {
	{ 3 << 14, 1 << 15, 1 << 14, 1 << 13 },
	{ 3 << 13, 1 << 14, 1 << 13, 1 << 12 },
	{ 3 << 12, 1 << 13, 1 << 12, 1 << 11 },
};

/* How many have large tables: all of them together stay in bounds. */
static atomic_int pools;

/* Then the small tables are full; or it is no small text that is counted, when
 * there are others to share what was learned; and then those in the middle. */
enum {
	LEARNED_SMALL = 1 << 11,
	LEARNED_MIDDLE = 3 << 13,
	LEARNED_FEW = 1 << 7,
	MANY_BYTES = 1 << 14
};

enum { HUGE_PAGE = 2 << 20 };

/* A bit beside those of the tables in which to make room. */
enum { GROW = 1 << MEMO_KINDS };

/* A count of none: the slot is about to be filled.  No key is that short. */
enum { CLAIMED = 1 };

struct memo_pool {
	pthread_mutex_t lock; /* of users and t, and while room is made */
	pthread_cond_t change;
	struct memo *users;
	struct memo_tables t; /* there are some while there are users */
	bool large;           /* they are */
	uint32_t turn;
	atomic_uint full;  /* bits: tables in which to make room, and GROW */
	atomic_uint memos; /* small ones, too */
};

/* Memory from mmap(2) is zero already; it begins at a huge page. */
static void
tables_make(struct memo_tables *t, const sizes lines)
{
	size_t at[MEMO_KINDS], size = 0, skip = 0;
	char *p;

	for (int k = 0; k < MEMO_KINDS; k++) {
		at[k] = size;
		size += (size_t)lines[k] * (size_t)shapes[k].ways *
		    (size_t)shapes[k].words * sizeof(uint64_t);
		t->lines[k] = lines[k];
	}
	t->size = size + (size >= HUGE_PAGE ? HUGE_PAGE : 0);
	p = mmap(NULL, t->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		abort(); /* as tk_xcalloc() does */
	if (size >= HUGE_PAGE) {
		skip = -(uintptr_t)p % HUGE_PAGE;
		/* Without huge pages it works as well, only slower. */
		(void)madvise(p + skip, size, MADV_HUGEPAGE);
	}
	t->memory = p;
	for (int k = 0; k < MEMO_KINDS; k++)
		t->slots[k] = (void *)(p + skip + at[k]);
}

static void
tables_free(const struct memo_tables *t)
{
	munmap(t->memory, t->size);
}

struct memo_pool *
memo_pool_new(void)
{
	struct memo_pool *p = tk_xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->change, NULL);
	return p;
}

void
memo_pool_free(struct memo_pool *p)
{
	if (p == NULL)
		return;
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct memo *
memo_new(struct memo_pool *p)
{
	struct memo *m = tk_xcalloc(1, sizeof(*m));

	m->pool = p;
	m->hot = tk_xcalloc(1 << MEMO_HOT_BITS, sizeof(*m->hot));
	tables_make(&m->t, small);
	atomic_fetch_add(&p->memos, 1);
	return m;
}

/* Two lines have no room: when that has come as often as there are slots, as
 * far as this one can tell, some is made at the next occasion. */
static void
lose(struct memo *m, enum memo_kind k)
{
	uint64_t slots = (uint64_t)m->t.lines[k] * (unsigned)shapes[k].ways;

	if (!m->shared)
		return;
	if (++m->lost[k] * (uint64_t)atomic_load(&m->pool->memos) < slots)
		return;
	m->lost[k] = 0;
	atomic_fetch_or(&m->pool->full, 1u << k);
}

/* The last word of key has the count already; false: there is no room. */
static bool
fill_line(enum memo_kind k, uint64_t *slot, const uint64_t *key)
{
	int words = shapes[k].words;
	uint64_t *end = slot + shapes[k].ways * words;

	for (; slot < end; slot += words) {
		uint64_t empty = 0, *last = slot + words - 1;

		if (memo_word(last) != 0 ||
		    !__atomic_compare_exchange_n(last, &empty, CLAIMED, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		for (int i = 0; i + 1 < words; i++)
			__atomic_store_n(slot + i, ~key[i], __ATOMIC_RELAXED);
		__atomic_store_n(last, key[words - 1], __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

static void
fill(struct memo *m, enum memo_kind k, uint64_t *line, const uint64_t *key)
{
	int words = shapes[k].ways * shapes[k].words;

	if (fill_line(k, line, key) ||
	    fill_line(k, memo_beside(line, words), key))
		return;
	if (k == MEMO_SHORT)
		__atomic_store_n(line + m->lost[k]++ % MEMO_SHORT_WAYS, *key,
		    __ATOMIC_RELAXED);
	else
		lose(m, k);
}

/* Where a slot of that key and count belongs. */
static uint64_t *
line_of(const struct memo *m, enum memo_kind k, const uint64_t *slot)
{
	struct memo_key32 medium;
	struct memo_key64 key;

	switch (k) {
	case MEMO_SHORT:
		return memo_short_line(m, slot[0] & MEMO_SHORT_KEY);
	case MEMO_MID:
		return memo_line(m,
		    (struct vocab_key16){ slot[0], slot[1] << 4 >> 4 });
	case MEMO_MEDIUM:
		memcpy(&medium, slot, sizeof(medium));
		medium.word[3] = medium.word[3] << 8 >> 8;
		return memo_medium_line(m, medium);
	case MEMO_LONG:
		memcpy(&key, slot, sizeof(key));
		key.word[7] = key.word[7] << 8 >> 8;
		return memo_long_line(m, &key);
	case MEMO_KINDS:
		break;
	}
	return NULL;
}

/* What the small tables have goes to those of the pool. */
static void
take_over(struct memo *m, const struct memo_tables *old, enum memo_kind k)
{
	size_t words = (size_t)shapes[k].words;
	size_t n = old->lines[k] * words * (size_t)shapes[k].ways;

	for (size_t i = 0; i < n; i += words) {
		uint64_t slot[MEMO_LONG_WORDS] = { 0 };

		for (size_t w = 0; w + 1 < words; w++)
			slot[w] = ~old->slots[k][i + w];
		slot[words - 1] = old->slots[k][i + words - 1];
		if (slot[words - 1] != 0)
			fill(m, k, line_of(m, k, slot), slot);
	}
}

static void
move(struct memo *m, const struct memo_tables *old)
{
	for (enum memo_kind k = 0; k < MEMO_KINDS; k++)
		take_over(m, old, k);
	tables_free(old);
}

/* The pool's tables become large.  Nobody is inside, and there is a user. */
static void
grow(struct memo_pool *p)
{
	struct memo_tables old = p->t;
	int others = atomic_fetch_add(&pools, 1);

	tables_make(&p->t, large[others < 2 ? others : 2]);
	p->large = true;
	for (struct memo *m = p->users; m != NULL; m = m->next)
		m->t = p->t;
	move(p->users, &old);
}

static void
empty_ways(struct memo_pool *p, unsigned full)
{
	for (int k = 0; k < MEMO_KINDS; k++) {
		size_t words = (size_t)shapes[k].words;
		size_t line = words * (size_t)shapes[k].ways;
		uint64_t *slot = p->t.slots[k] +
		    words * (p->turn % (unsigned)shapes[k].ways);

		if ((full >> k & 1) == 0)
			continue;
		for (uint32_t i = 0; i < p->t.lines[k]; i++, slot += line)
			memset(slot, 0, words * sizeof(*slot));
	}
	p->turn++;
}

/*
 * Make room, if nobody is inside: in larger tables, or each way of a line is
 * emptied in its turn, since what comes once a gigabyte must not drive out
 * what comes once a megabyte.  The lock is held.
 */
static void
make_room(struct memo_pool *p)
{
	unsigned full = atomic_load(&p->full);

	for (const struct memo *m = p->users; m != NULL; m = m->next)
		if (atomic_load(&m->inside))
			return;
	if ((full & GROW) != 0 && p->users != NULL)
		grow(p);
	else if (full != 0)
		empty_ways(p, full);
	atomic_store(&p->full, 0);
	pthread_cond_broadcast(&p->change);
}

/* From now on it is one of those that have the pool's tables. */
static void
share(struct memo *m)
{
	struct memo_tables old = m->t;
	struct memo_pool *p = m->pool;

	pthread_mutex_lock(&p->lock);
	if (p->users == NULL) {
		tables_make(&p->t, middle);
		p->large = false;
	}
	m->t = p->t;
	m->shared = true;
	m->next = p->users;
	p->users = m;
	atomic_store(&m->inside, true);
	pthread_mutex_unlock(&p->lock);
	move(m, &old);
}

void
memo_enter(struct memo *m, size_t bytes)
{
	struct memo_pool *p = m->pool;

	if (!m->shared && bytes >= MANY_BYTES && atomic_load(&p->memos) > 1)
		share(m);
	if (!m->shared)
		return;
	atomic_store(&m->inside, true);
	if (atomic_load(&p->full) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	atomic_store(&m->inside, false);
	make_room(p);
	while (atomic_load(&p->full) != 0)
		pthread_cond_wait(&p->change, &p->lock);
	atomic_store(&m->inside, true);
	pthread_mutex_unlock(&p->lock);
}

void
memo_leave(struct memo *m)
{
	struct memo_pool *p = m->pool;

	if (!m->shared)
		return;
	atomic_store(&m->inside, false);
	if (atomic_load(&p->full) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	make_room(p);
	pthread_mutex_unlock(&p->lock);
}

void
memo_free(struct memo *m)
{
	struct memo_pool *p;

	if (m == NULL)
		return;
	p = m->pool;
	pthread_mutex_lock(&p->lock);
	for (struct memo **at = &p->users; *at != NULL; at = &(*at)->next) {
		if (*at == m) {
			*at = m->next;
			break;
		}
	}
	if (!m->shared) {
		tables_free(&m->t);
	} else {
		make_room(p); /* Others may wait for this one. */
		if (p->users == NULL) {
			tables_free(&p->t);
			if (p->large)
				atomic_fetch_sub(&pools, 1);
		}
	}
	pthread_mutex_unlock(&p->lock);
	atomic_fetch_sub(&p->memos, 1);
	free(m->hot);
	free(m);
}

static void
put(struct memo *m, enum memo_kind k, const uint64_t *slot)
{
	struct memo_pool *p = m->pool;
	uint64_t memos;

	if (++m->learned >= LEARNED_FEW && !m->shared) {
		if (m->learned >= LEARNED_SMALL || atomic_load(&p->memos) > 1)
			share(m);
	} else if (m->learned % LEARNED_SMALL == 0 && !p->large) {
		memos = atomic_load(&p->memos);
		if (m->learned * memos >= LEARNED_MIDDLE)
			atomic_fetch_or(&p->full, GROW);
	}
	fill(m, k, line_of(m, k, slot), slot);
}

void
memo_put_short(struct memo *m, uint64_t key, unsigned count)
{
	uint64_t slot = key | (uint64_t)count << MEMO_SHORT_BITS;

	memo_hot_put(memo_hot_slot(m, key), slot, true);
	put(m, MEMO_SHORT, &slot);
}

void
memo_put(struct memo *m, struct vocab_key16 key, unsigned count)
{
	uint64_t word = word_number(key) | (uint64_t)count << MEMO_SHORT_BITS;
	uint64_t slot[2] = { key.lo,
		key.hi | (uint64_t)count << MEMO_MID_BITS };

	if (word << (64 - MEMO_SHORT_BITS) != 0)
		put(m, MEMO_SHORT, &word);
	else
		put(m, MEMO_MID, slot);
}

void
memo_put_medium(struct memo *m, struct memo_key32 key, unsigned count)
{
	key.word[MEMO_MEDIUM_WORDS - 1] |= (uint64_t)count << MEMO_BITS;
	put(m, MEMO_MEDIUM, key.word);
}

void
memo_put_long(struct memo *m, struct memo_key64 key, unsigned count)
{
	key.word[MEMO_LONG_WORDS - 1] |= (uint64_t)count << MEMO_BITS;
	put(m, MEMO_LONG, key.word);
}
