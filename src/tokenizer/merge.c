/*
 * What a chunk of text merges to: its symbols, and of all pairs of symbols
 * again and again the one of the lowest rank.
 */
#include "tokenizer/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/image.h"

/* Up to so many symbols are looked through; more have a heap. */
enum { SMALL = 40 };

static void
add_symbol(struct merge *b, size_t *n, uint32_t id)
{
	if (*n == b->room) {
		b->room = b->room > 0 ? 2 * b->room : 64;
		b->s = tk_xreallocarray(b->s, b->room, sizeof(*b->s));
	}
	b->s[(*n)++].id = id;
}

/* A character that the model does not know. */
struct unknown {
	size_t waiting; /* tokens for the unknown that are to be added */
};

static void
flush_unknown(struct merge *b, const struct image *i, struct unknown *u,
    size_t *n)
{
	if (u->waiting > 0)
		add_symbol(b, n, i->head->unknown);
	u->waiting = 0;
}

/*
 * As Hugging Face's tokenizers have it: bytes, if there is a token for each;
 * else one that stands for the unknown, which is kept back until the next
 * character that is known, or the next unknown one that is not fused.
 */
static void
add_unknown(struct merge *b, const struct image *i, const uint8_t *p,
    unsigned len, struct unknown *u, size_t *n)
{
	uint32_t flags = i->head->flags;
	bool bytes = (flags & MODEL_BYTE_FALLBACK) != 0;

	for (unsigned k = 0; k < len; k++)
		bytes = bytes && i->byte[p[k]] != MODEL_NONE;
	if (bytes) {
		for (unsigned k = 0; k < len; k++)
			add_symbol(b, n, i->byte[p[k]]);
		return;
	}
	if (i->head->unknown == MODEL_NONE)
		return;
	if ((flags & MODEL_FUSE_UNKNOWN) == 0)
		flush_unknown(b, i, u, n);
	u->waiting++;
}

static size_t
to_symbols(struct merge *b, const struct image *i, const uint8_t *p, size_t len)
{
	bool bytes = i->head->kind == MODEL_BYTES;
	struct unknown u = { 0 };
	size_t n = 0;
	unsigned k = 1;

	for (size_t at = 0; at < len; at += k) {
		uint32_t id = bytes ? i->unit[p[at]]
				    : image_symbol(i, model_char(p + at, &k));

		if (id == MODEL_NONE) {
			add_unknown(b, i, p + at, k, &u, &n);
			continue;
		}
		flush_unknown(b, i, &u, &n);
		add_symbol(b, &n, id);
	}
	flush_unknown(b, i, &u, &n);
	return n;
}

static void
look_up(const struct image *i, struct merge_symbol *s, uint32_t right)
{
	const struct model_merge *m = image_merge(i, s->id, right);

	s->rank = m != NULL ? m->rank : MODEL_NONE;
	s->to = m != NULL ? m->to : MODEL_NONE;
}

/* Few symbols: look through all of them for the lowest rank. */
static size_t
merge_small(const struct image *i, struct merge_symbol *s, size_t n)
{
	for (size_t k = 0; k + 1 < n; k++)
		look_up(i, &s[k], s[k + 1].id);
	while (n > 1) {
		size_t best = 0;

		for (size_t k = 1; k + 1 < n; k++)
			if (s[k].rank < s[best].rank)
				best = k;
		if (s[best].rank == MODEL_NONE)
			break;
		s[best].id = s[best].to;
		memmove(s + best + 1, s + best + 2,
		    (n - best - 2) * sizeof(*s));
		n--;
		s[n].rank = MODEL_NONE;
		if (best + 1 < n)
			look_up(i, &s[best], s[best + 1].id);
		else
			s[best].rank = MODEL_NONE;
		if (best > 0)
			look_up(i, &s[best - 1], s[best].id);
	}
	return n;
}

static bool
comes_first(struct merge_pair a, struct merge_pair b)
{
	return a.rank != b.rank ? a.rank < b.rank : a.at < b.at;
}

static void
heap_push(struct merge *b, uint32_t at)
{
	struct merge_pair p = { b->s[at].rank, at };
	size_t k = b->heap_len++;

	if (p.rank == MODEL_NONE) {
		b->heap_len--;
		return;
	}
	if (k == b->heap_room) {
		b->heap_room = k > 0 ? 2 * k : 64;
		b->heap =
		    tk_xreallocarray(b->heap, b->heap_room, sizeof(*b->heap));
	}
	for (; k > 0 && comes_first(p, b->heap[(k - 1) / 2]); k = (k - 1) / 2)
		b->heap[k] = b->heap[(k - 1) / 2];
	b->heap[k] = p;
}

static struct merge_pair
heap_pop(struct merge *b)
{
	struct merge_pair top = b->heap[0], last = b->heap[--b->heap_len];
	size_t k = 0, c;

	while ((c = 2 * k + 1) < b->heap_len) {
		if (c + 1 < b->heap_len &&
		    comes_first(b->heap[c + 1], b->heap[c]))
			c++;
		if (!comes_first(b->heap[c], last))
			break;
		b->heap[k] = b->heap[c];
		k = c;
	}
	b->heap[k] = last;
	return top;
}

/* Take the symbol behind s[at] into it. */
static void
merge_at(struct merge *b, const struct image *i, uint32_t at)
{
	struct merge_symbol *s = b->s, *me = &s[at];
	uint32_t gone = me->next;

	me->id = me->to;
	me->next = s[gone].next;
	s[gone].id = MODEL_NONE;
	s[gone].rank = MODEL_NONE;
	me->rank = MODEL_NONE;
	if (me->next != MODEL_NONE) {
		s[me->next].prev = at;
		look_up(i, me, s[me->next].id);
		heap_push(b, at);
	}
	if (me->prev != MODEL_NONE) {
		look_up(i, &s[me->prev], me->id);
		heap_push(b, me->prev);
	}
}

static size_t
merge_large(struct merge *b, const struct image *i, size_t n)
{
	struct merge_symbol *s = b->s;
	size_t left = 0;

	b->heap_len = 0;
	for (uint32_t k = 0; k < n; k++) {
		s[k].prev = k > 0 ? k - 1 : MODEL_NONE;
		s[k].next = k + 1 < n ? k + 1 : MODEL_NONE;
		s[k].rank = MODEL_NONE;
		if (k + 1 < n)
			look_up(i, &s[k], s[k + 1].id);
		heap_push(b, k);
	}
	while (b->heap_len > 0) {
		struct merge_pair p = heap_pop(b);

		/* Else it is of before a merge beside it. */
		if (s[p.at].rank == p.rank)
			merge_at(b, i, p.at);
	}
	for (uint32_t k = 0; k != MODEL_NONE; k = s[k].next)
		s[left++].id = s[k].id;
	return left;
}

size_t
merge_chunk(struct merge *b, const struct image *i, const uint8_t *p,
    size_t len)
{
	size_t n = to_symbols(b, i, p, len);

	return n <= SMALL ? merge_small(i, b->s, n) : merge_large(b, i, n);
}

void
merge_release(struct merge *b)
{
	free(b->s);
	free(b->heap);
}
