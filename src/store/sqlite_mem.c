/*
 * Memory for SQLite, which asks for some thousand small pieces while it reads
 * the schema and prepares statements, and gives them back in any order.
 *
 * Pieces are cut one behind the other from chunks; what is given back is kept
 * in a list for its size.  That takes a fifth of the instructions of malloc()
 * and touches fewer pages, which a process that lives for a millisecond pays
 * dearly for.  Large pieces, such as pages of the database, are malloc()'s.
 *
 * Each thread has lists of its own; a piece may be given back by another
 * thread than the one that took it.  What watches malloc() sees nothing of
 * this, so builds for tests do without: tk_tidy.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/sqlite_int.h"

enum { STEP = 16, SMALL = 1024, CHUNK = 1 << 15 };

/* What is in front of a piece: SQLite asks for its size.  While the piece is
 * in a list, its first bytes are the next one. */
struct head {
	uint64_t size;
};

static _Thread_local struct {
	void *freed[SMALL / STEP + 1];
	char *at, *end; /* of the last chunk */
} pool;

static struct head *
head_of(void *p)
{
	return (struct head *)p - 1;
}

static void *
cut(size_t size)
{
	size_t need = sizeof(struct head) + size;
	struct head *h;

	if ((size_t)(pool.end - pool.at) < need) {
		char *chunk = malloc(CHUNK);

		if (chunk == NULL)
			return NULL;
		pool.at = chunk;
		pool.end = chunk + CHUNK;
	}
	h = (struct head *)(void *)pool.at;
	pool.at += need;
	h->size = size;
	return h + 1;
}

static void *
take(int n)
{
	size_t size = ((size_t)n + STEP - 1) / STEP * STEP;
	struct head *h;
	void *p;

	if (size > SMALL) {
		h = malloc(sizeof(*h) + size);
		if (h == NULL)
			return NULL;
		h->size = size;
		return h + 1;
	}
	p = pool.freed[size / STEP];
	if (p == NULL)
		return cut(size);
	memcpy(&pool.freed[size / STEP], p, sizeof(p));
	return p;
}

static void
give(void *p)
{
	size_t size = head_of(p)->size;

	if (size > SMALL) {
		free(head_of(p));
		return;
	}
	memcpy(p, &pool.freed[size / STEP], sizeof(p));
	pool.freed[size / STEP] = p;
}

static int
size_of(void *p)
{
	return p == NULL ? 0 : (int)head_of(p)->size;
}

static void *
retake(void *p, int n)
{
	size_t size = head_of(p)->size;
	void *larger;

	if ((size_t)n <= size)
		return p;
	larger = take(n);
	if (larger == NULL)
		return NULL;
	memcpy(larger, p, size);
	give(p);
	return larger;
}

static int
round_up(int n)
{
	return (n + STEP - 1) / STEP * STEP;
}

static int
start(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void
stop(void *data)
{
	(void)data;
}

static const sqlite3_mem_methods methods = { take, give, retake, size_of,
	round_up, start, stop, NULL };

void
sqlite_use_memory(void)
{
	if (!tk_tidy)
		sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
