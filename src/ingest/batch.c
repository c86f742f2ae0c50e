#include "ingest/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/hash.h"
#include "ledger/ledger.h"

struct text_chunk {
	struct text_chunk *next;
	size_t size, used;
	char bytes[];
};

enum { CHUNK_SIZE = 64 * 1024, FIRST_SLOTS = 1024 };

void
batch_init(struct batch *b)
{
	*b = (struct batch){ 0 };
}

static void
free_chunks(struct text_chunk *c)
{
	while (c != NULL) {
		struct text_chunk *next = c->next;

		free(c);
		c = next;
	}
}

void
batch_release(struct batch *b)
{
	free(b->v);
	free(b->ids.slots);
	free(b->names.slots);
	free_chunks(b->first);
	batch_init(b);
}

static void
set_reset(struct batch_set *set)
{
	if (set->n > 0)
		memset(set->slots, 0, set->cap * sizeof(*set->slots));
	set->n = 0;
}

void
batch_reset(struct batch *b)
{
	b->n = 0;
	set_reset(&b->ids);
	set_reset(&b->names);
	b->chunk = b->first;
	if (b->chunk != NULL)
		b->chunk->used = 0;
}

/* The next chunk with room for n bytes: one from before, or a new one. */
static void
next_chunk(struct batch *b, size_t n)
{
	struct text_chunk *c = b->chunk != NULL ? b->chunk->next : NULL;
	size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;

	if (c == NULL || c->size < n) {
		struct text_chunk *fresh;

		fresh = tk_xreallocarray(NULL, sizeof(*fresh) + size, 1);
		fresh->size = size;
		fresh->next = c;
		if (b->chunk != NULL)
			b->chunk->next = fresh;
		else
			b->first = fresh;
		c = fresh;
	}
	c->used = 0;
	b->chunk = c;
}

const char *
batch_text(struct batch *b, const char *p, size_t n)
{
	char *to;

	if (b->chunk == NULL || b->chunk->size - b->chunk->used < n + 1)
		next_chunk(b, n + 1);
	to = b->chunk->bytes + b->chunk->used;
	b->chunk->used += n + 1;
	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	return to;
}

static void
set_grow(struct batch_set *set)
{
	size_t cap = set->cap > 0 ? 2 * set->cap : FIRST_SLOTS;
	struct batch_slot *slots = tk_xreallocarray(NULL, cap, sizeof(*slots));

	/* Not calloc()'s zeros: a page that is read before it is written is
	 * made twice, and the second time all processors are told. */
	memset(slots, 0, cap * sizeof(*slots));
	for (size_t i = 0; i < set->cap; i++) {
		const struct batch_slot *s = &set->slots[i];
		size_t at = s->hash & (cap - 1);

		if (s->item == NULL)
			continue;
		while (slots[at].item != NULL)
			at = (at + 1) & (cap - 1);
		slots[at] = *s;
	}
	free(set->slots);
	set->slots = slots;
	set->cap = cap;
}

/* The slot of a text, or the free one where it would be. */
static struct batch_slot *
set_find(struct batch_set *set, uint64_t hash, const char *p, size_t n,
    const char *(*text)(const struct batch *b, const void *item),
    const struct batch *b)
{
	size_t at;

	if (2 * set->n >= set->cap)
		set_grow(set);
	for (at = hash & (set->cap - 1); set->slots[at].item != NULL;
	     at = (at + 1) & (set->cap - 1)) {
		const struct batch_slot *s = &set->slots[at];
		const char *t;

		if (s->hash != hash)
			continue;
		t = text(b, s->item);
		if (strncmp(t, p, n) == 0 && t[n] == '\0')
			break;
	}
	return &set->slots[at];
}

static const char *
name_text(const struct batch *b, const void *item)
{
	(void)b;
	return item;
}

const char *
batch_name(struct batch *b, const char *p, size_t n)
{
	uint64_t hash = hash_bytes(p, n).a;
	struct batch_slot *s;

	if (n > 0 && memchr(p, '\0', n) != NULL)
		return batch_text(b, p, n);
	s = set_find(&b->names, hash, p, n, name_text, b);
	if (s->item == NULL) {
		s->hash = hash;
		s->item = batch_text(b, p, n);
		b->names.n++;
	}
	return s->item;
}

/* Items of ids are the records' places, plus one. */
static const char *
id_text(const struct batch *b, const void *item)
{
	return b->v[(uintptr_t)item - 1].record.request_id;
}

static void
append(struct batch *b, const struct usage_record *r,
    const struct importer *from)
{
	if (b->n == b->cap) {
		b->cap = b->cap > 0 ? 2 * b->cap : 256;
		b->v = tk_xreallocarray(b->v, b->cap, sizeof(*b->v));
	}
	b->v[b->n++] = (struct batch_item){ .record = *r, .from = from };
}

bool
batch_add(struct batch *b, const struct usage_record *r,
    const struct importer *from)
{
	struct batch_slot *s;
	uint64_t hash;
	size_t n;

	if (r->request_id == NULL) {
		append(b, r, from);
		return true;
	}
	n = strlen(r->request_id);
	hash = hash_bytes(r->request_id, n).a;
	s = set_find(&b->ids, hash, r->request_id, n, id_text, b);
	if (s->item != NULL) {
		ledger_merge(&b->v[(uintptr_t)s->item - 1].record, r);
		return false;
	}
	append(b, r, from);
	s->hash = hash;
	s->item = (const void *)(uintptr_t)b->n;
	b->ids.n++;
	return true;
}

void
batch_absorb(struct batch *b, struct batch *from)
{
	struct text_chunk *last = from->first;

	for (size_t i = 0; i < from->n; i++)
		batch_add(b, &from->v[i].record, from->v[i].from);
	if (last != NULL) {
		while (last->next != NULL)
			last = last->next;
		last->next = b->first;
		b->first = from->first;
		if (b->chunk == NULL)
			b->chunk = last;
		from->first = NULL;
	}
	batch_release(from);
}
