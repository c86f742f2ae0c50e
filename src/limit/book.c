/*
 * Adding up, in memory, what a transaction does to counters: a batch of a
 * million records changes a few thousand of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/record.h"
#include "ledger/sums.h"
#include "limit/limit_int.h"

void
tally_sums_add(struct tally_sums *s, const struct tally_sums *more, int sign)
{
	for (int i = 0; i < TALLY_SUMS; i++)
		s->v[i] += sign * more->v[i];
}

bool
tally_sums_zero(const struct tally_sums *s)
{
	for (int i = 0; i < TALLY_SUMS; i++)
		if (s->v[i] != 0)
			return false;
	return true;
}

/* A record that takes another back has its numbers negative. */
void
tally_sums_of_record(struct tally_sums *s, const struct usage_record *r)
{
	*s = (struct tally_sums){ 0 };
	s->v[TALLY_REQUESTS] = r->requests;
	s->v[TALLY_TOKENS] = record_total(r);
	if (r->cost != RECORD_UNKNOWN) {
		s->v[TALLY_COST] = r->cost;
		return;
	}
	s->v[TALLY_UNPRICED] = r->requests;
	s->v[TALLY_BLIND_OUTPUT] =
	    (tk_int128)r->output_tokens + r->unsplit_tokens;
	s->v[TALLY_BLIND_INPUT] = s->v[TALLY_TOKENS] - s->v[TALLY_BLIND_OUTPUT];
}

void
tally_sums_of_hold(struct tally_sums *s, const struct limit_hold *h, int sign)
{
	*s = (struct tally_sums){ 0 };
	s->v[TALLY_HOLDS] = sign;
	s->v[TALLY_HELD_TOKENS] = (tk_int128)sign * h->tokens;
	s->v[TALLY_HELD_COST] = sign * h->cost;
}

/* Sums as pack.h has numbers: a mask of what is not 0, and that. */
void
counter_pack(struct tk_buf *b, const struct tally_sums *s)
{
	uint64_t mask = 0;

	for (int i = 0; i < TALLY_SUMS; i++)
		if (s->v[i] != 0)
			mask |= UINT64_C(1) << i;
	sums_add_wide(b, (tk_int128)mask);
	for (int i = 0; i < TALLY_SUMS; i++)
		if (s->v[i] != 0)
			sums_add_wide(b, s->v[i]);
}

bool
counter_unpack(const void *bytes, size_t len, struct tally_sums *s)
{
	const uint8_t *p = bytes, *end = p + len;
	tk_int128 mask;

	*s = (struct tally_sums){ 0 };
	if (!sums_read_wide(&p, end, &mask) || mask < 0 ||
	    mask >> TALLY_SUMS != 0)
		return false;
	for (int i = 0; i < TALLY_SUMS; i++)
		if (mask >> i & 1 && !sums_read_wide(&p, end, &s->v[i]))
			return false;
	return p == end;
}

/* FNV-1a, going on. */
static uint32_t
hash_text(uint32_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return (h ^ 0xff) * 16777619u;
}

static uint32_t
hash_time(uint32_t h, size_t tally, int64_t start)
{
	uint64_t x = (uint64_t)start * UINT64_C(0x9e3779b97f4a7c15) ^
	    (uint64_t)tally * UINT64_C(0xc2b2ae3d27d4eb4f);

	h ^= (uint32_t)(x >> 32) ^ (uint32_t)x;
	h *= 0x85ebca6bu;
	return h ^ h >> 15;
}

static bool
same_key(const struct tally_key *a, const struct tally_key *b)
{
	return a->tally == b->tally && a->start == b->start &&
	    strcmp(a->name, b->name) == 0 && strcmp(a->name2, b->name2) == 0 &&
	    strcmp(a->session, b->session) == 0;
}

static void
grow_slots(struct book *b)
{
	b->slots = b->slots ? 2 * b->slots : 64;
	free(b->slot);
	b->slot = tk_xcalloc(b->slots, sizeof(*b->slot));
	for (size_t i = 0; i < b->n; i++) {
		size_t at = b->v[i].hash & (b->slots - 1);

		while (b->slot[at] != 0)
			at = (at + 1) & (b->slots - 1);
		b->slot[at] = (uint32_t)i + 1;
	}
}

/* A copy that stays as long as the book has entries. */
static const char *
keep_text(struct book *b, const char *text)
{
	bool fresh;
	void **at;

	if (*text == '\0')
		return "";
	at = limit_map_at(&b->texts, text, strlen(text), &fresh);
	if (fresh)
		*at = tk_xstrdup(text);
	return *at;
}

static struct book_entry *
entry_of(struct book *b, const struct tally_key *k, uint32_t hash, bool keep)
{
	struct book_entry *e;
	size_t at;

	if (2 * b->n >= b->slots)
		grow_slots(b);
	for (at = hash & (b->slots - 1); b->slot[at] != 0;
	     at = (at + 1) & (b->slots - 1)) {
		e = &b->v[b->slot[at] - 1];
		if (e->hash == hash && same_key(&e->key, k))
			return e;
	}
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 32;
		b->v = tk_xreallocarray(b->v, b->room, sizeof(*b->v));
	}
	e = &b->v[b->n++];
	b->slot[at] = (uint32_t)b->n;
	*e = (struct book_entry){ .key = *k, .hash = hash };
	if (keep) {
		e->key.name = keep_text(b, k->name);
		e->key.name2 = keep_text(b, k->name2);
		e->key.session = keep_text(b, k->session);
	}
	return e;
}

static void
add_to_tally(struct limits *L, struct book *b, size_t i, struct tally_key k,
    uint32_t hash, int64_t time, const struct tally_sums *sums, bool keep)
{
	struct tally *t = &L->tally[i];
	struct book_entry *e;

	k.tally = i;
	k.start = tally_span(t, time)->since;
	if (k.start < t->since)
		return;
	if (t->period != PERIOD_SESSION)
		k.session = "";
	else
		hash = hash_text(hash, k.session);
	e = entry_of(b, &k, hash_time(hash, i, k.start), keep);
	tally_sums_add(&e->sums, sums, 1);
	if (time > e->latest)
		e->latest = time;
}

int
book_add(struct limits *L, struct book *b, const struct limit_subject *s,
    int64_t time, const struct tally_sums *sums, bool keep, size_t from,
    struct tk_err *err)
{
	const char *department = NULL;

	if (L->mask & 1u << SCOPE_DEPARTMENT && s->user != NULL &&
	    limits_department(L, s->user, time, &department, err) < 0)
		return -1;
	for (int scope = 0; scope < SCOPES; scope++) {
		struct tally_key k = { .session = s->session };
		uint32_t hash;

		if (!(L->mask & 1u << scope) ||
		    !limit_subject_name(s, department, (enum limit_scope)scope,
			&k.name, &k.name2))
			continue;
		hash = hash_text(hash_text(2166136261u, k.name), k.name2);
		for (size_t i = from; i < L->n; i++) {
			if ((int)L->tally[i].scope != scope ||
			    (L->tally[i].period == PERIOD_SESSION &&
				s->session == NULL))
				continue;
			add_to_tally(L, b, i, k, hash, time, sums,
			    keep || scope == SCOPE_DEPARTMENT);
		}
	}
	return 0;
}

void
book_reset(struct book *b)
{
	b->n = 0;
	if (b->slots > 0)
		memset(b->slot, 0, b->slots * sizeof(*b->slot));
	limit_map_release(&b->texts, free);
}

void
book_release(struct book *b)
{
	book_reset(b);
	free(b->v);
	free(b->slot);
	*b = (struct book){ 0 };
}
