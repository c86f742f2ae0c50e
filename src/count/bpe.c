/*
 * Byte pair encoding: of all pairs of neighbours, merge the one with the
 * lowest rank, the leftmost first, until no pair has a rank.
 *
 * A short piece is an array that is searched for the lowest; a long one is
 * a linked list with its pairs in a heap, so that it takes O(n log n).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count_int.h"

/* A part of a long piece, at the index of its first byte. */
struct part {
	uint32_t rank;
	uint32_t pair; /* the rank of merging it with the next */
	uint32_t end;
	uint32_t prev, next;
};

struct bpe_work {
	struct part *parts;
	uint64_t *heap; /* pair << 32 | index of the left part */
	size_t cap, n_heap;
	uint32_t *ranks;
	uint32_t *joined; /* of the chunks so far */
	size_t joined_cap;
};

#define NOWHERE UINT32_MAX

enum { SHORT = 64, CHUNK = 512, OVERLAP = CHUNK / 4 };

struct bpe_work *
bpe_new(void)
{
	return tk_xcalloc(1, sizeof(struct bpe_work));
}

void
bpe_free(struct bpe_work *w)
{
	if (w == NULL)
		return;
	free(w->parts);
	free(w->heap);
	free(w->ranks);
	free(w->joined);
	free(w);
}

static size_t
merge_short(const struct vocab *v, const uint8_t *p, size_t n,
    uint32_t ranks[SHORT])
{
	uint32_t pair[SHORT];
	uint8_t start[SHORT + 1];

	for (size_t i = 0; i < n; i++) {
		start[i] = (uint8_t)i;
		ranks[i] = v->byte_rank[p[i]];
		pair[i] =
		    i + 1 < n ? vocab_merge_two(v, p[i], p[i + 1]) : VOCAB_NONE;
	}
	start[n] = (uint8_t)n;
	while (n > 1) {
		size_t at = 0;

		for (size_t i = 1; i + 1 < n; i++)
			if (pair[i] < pair[at])
				at = i;
		if (pair[at] == VOCAB_NONE)
			break;
		n--;
		ranks[at] = pair[at];
		for (size_t i = at + 1; i < n; i++) {
			ranks[i] = ranks[i + 1];
			pair[i] = pair[i + 1];
			start[i] = start[i + 1];
		}
		start[n] = start[n + 1];
		for (size_t i = at > 0 ? at - 1 : 0; i <= at; i++)
			pair[i] = i + 1 < n
			    ? count_merge_rank(v, p + start[i],
				  start[i + 2] - (size_t)start[i])
			    : VOCAB_NONE;
	}
	return n;
}

static void
heap_down(uint64_t *heap, size_t n, size_t i, uint64_t item)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && heap[child + 1] < heap[child])
			child++;
		if (heap[child] >= item)
			break;
		heap[i] = heap[child];
	}
	heap[i] = item;
}

static void
heap_push(struct bpe_work *w, uint32_t pair, uint32_t index)
{
	uint64_t item = (uint64_t)pair << 32 | index;
	size_t i = w->n_heap++;

	for (; i > 0 && w->heap[(i - 1) / 2] > item; i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = item;
}

static uint64_t
heap_pop(struct bpe_work *w)
{
	uint64_t top = w->heap[0];

	w->n_heap--;
	if (w->n_heap > 0)
		heap_down(w->heap, w->n_heap, 0, w->heap[w->n_heap]);
	return top;
}

static void
make_room(struct bpe_work *w, size_t n)
{
	if (n <= w->cap)
		return;
	w->cap = n < CHUNK ? CHUNK : n;
	w->parts = tk_xreallocarray(w->parts, w->cap, sizeof(*w->parts));
	/* Each merge takes one pair away and makes at most two. */
	w->heap = tk_xreallocarray(w->heap, 3 * w->cap, sizeof(*w->heap));
	w->ranks = tk_xreallocarray(w->ranks, w->cap, sizeof(*w->ranks));
}

static void
fill(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n)
{
	w->n_heap = 0;
	for (size_t i = 0; i < n; i++) {
		struct part *t = &w->parts[i];

		t->rank = v->byte_rank[p[i]];
		t->prev = i > 0 ? (uint32_t)i - 1 : NOWHERE;
		t->next = i + 1 < n ? (uint32_t)i + 1 : NOWHERE;
		t->end = (uint32_t)i + 1;
		t->pair =
		    i + 1 < n ? vocab_merge_two(v, p[i], p[i + 1]) : VOCAB_NONE;
		if (t->pair != VOCAB_NONE)
			w->heap[w->n_heap++] = (uint64_t)t->pair << 32 | i;
	}
	for (size_t i = w->n_heap / 2; i-- > 0;)
		heap_down(w->heap, w->n_heap, i, w->heap[i]);
}

/* The part at i has a new rank or a new neighbour on its right. */
static void
pair_up(struct bpe_work *w, const struct vocab *v, const uint8_t *p, uint32_t i)
{
	struct part *t = &w->parts[i];

	t->pair = t->next == NOWHERE
	    ? VOCAB_NONE
	    : count_merge_rank(v, p + i, w->parts[t->next].end - i);
	if (t->pair != VOCAB_NONE)
		heap_push(w, t->pair, i);
}

static size_t
merge_heap(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n)
{
	size_t out = 0;

	make_room(w, n);
	fill(w, v, p, n);
	while (w->n_heap > 0) {
		uint64_t item = heap_pop(w);
		uint32_t i = (uint32_t)item, gone;
		struct part *t = &w->parts[i];

		/* A pair that has been broken up since it was pushed. */
		if (t->pair != item >> 32)
			continue;
		gone = t->next;
		t->rank = t->pair;
		t->next = w->parts[gone].next;
		t->end = w->parts[gone].end;
		w->parts[gone].pair = VOCAB_NONE;
		if (t->next != NOWHERE)
			w->parts[t->next].prev = i;
		pair_up(w, v, p, i);
		if (t->prev != NOWHERE)
			pair_up(w, v, p, t->prev);
	}
	for (uint32_t i = 0; i != NOWHERE; i = w->parts[i].next)
		w->ranks[out++] = w->parts[i].rank;
	return out;
}

static size_t
length(const struct vocab *v, uint32_t rank)
{
	uint8_t room[16];
	size_t n;

	(void)vocab_token(v, rank, room, &n);
	return n;
}

/*
 * Put the n ranks of w->ranks, which begin at byte at, behind those of
 * w->joined from index i on, which begins there too, at the first token that
 * both have in the same place.  Returns how many there are then, or 0 when
 * there is no such token.
 */
static size_t
join(struct bpe_work *w, const struct vocab *v, size_t i, size_t have, size_t n)
{
	size_t j = 0, left = 0, right = 0;

	while (i < have && j < n) {
		size_t left_end = left + length(v, w->joined[i]);
		size_t right_end = right + length(v, w->ranks[j]);

		if (left == right && left_end == right_end) {
			memcpy(w->joined + i, w->ranks + j,
			    (n - j) * sizeof(*w->joined));
			return i + n - j;
		}
		if (left_end <= right_end) {
			left = left_end;
			i++;
		} else {
			right = right_end;
			j++;
		}
	}
	return 0;
}

/*
 * A very long piece, in chunks that fit a fast cache.  A list of tokens is
 * what merging gives if every two neighbours are what merging the bytes of
 * the two gives.  In each chunk that holds; where two chunks that overlap
 * have a token in common, it holds for both sides of it, so the lists are
 * joined there.  Where they have none, a larger overlap is tried.
 */
static size_t
merge_chunks(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n)
{
	size_t chunk = CHUNK, overlap = OVERLAP, have = 0, end = 0;

	if (n > w->joined_cap) {
		w->joined_cap = n;
		w->joined = tk_xreallocarray(w->joined, n, sizeof(*w->joined));
	}
	while (end < n) {
		size_t i = have, at = end, len, k, joined;

		while (i > 0 && end - at < overlap)
			at -= length(v, w->joined[--i]);
		len = n - at < chunk ? n - at : chunk;
		/* The last token may be as long as a chunk. */
		if (at + len <= end) {
			chunk *= 2;
			continue;
		}
		k = merge_heap(w, v, p + at, len);
		joined = join(w, v, i, have, k);
		if (at == 0) {
			memcpy(w->joined, w->ranks, k * sizeof(*w->joined));
			joined = k;
		}
		if (joined == 0) {
			chunk *= 2;
			overlap *= 2;
			continue;
		}
		have = joined;
		end = at + len;
		chunk = CHUNK;
		overlap = OVERLAP;
	}
	return have;
}

size_t
bpe_merge(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    const uint32_t **ranks)
{
	size_t out;

	if (n > CHUNK && (v->head->flags & VOCAB_CLOSED) != 0) {
		out = merge_chunks(w, v, p, n);
		*ranks = w->joined;
		return out;
	}
	if (n > SHORT) {
		out = merge_heap(w, v, p, n);
	} else {
		make_room(w, SHORT);
		out = merge_short(v, p, n, w->ranks);
	}
	*ranks = w->ranks;
	return out;
}
