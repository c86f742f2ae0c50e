#include "count/longest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count_int.h"
#include "count/sieve.h"

enum {
	TOKEN_MAX = 255, /* bytes */
	LENGTHS = (TOKEN_MAX + 1) / 64,
	PREFIX = 16,
	SPLIT_BITS = 12,
	FIT_BITS = 13,
};

/* The lengths of the tokens that begin with these bytes; bit k: k bytes. */
struct prefix {
	uint8_t bytes[PREFIX];
	uint64_t lengths[LENGTHS]; /* none: it is not used */
};

/* The two that a token is made of by the last merge. */
struct split {
	uint32_t token; /* its rank plus one; 0: not used */
	uint32_t left, right;
	uint32_t left_len;
};

/* A token, of n bytes at p. */
struct piece {
	const uint8_t *p;
	uint32_t rank, n;
};

struct longest {
	const struct vocab *v;
	struct prefix *prefix; /* a hash table */
	uint32_t prefix_mask;
	/* What was found out, where the last one like it was. */
	struct split split[1 << SPLIT_BITS];
	uint64_t fit[1 << FIT_BITS]; /* the ranks, and if they fit */
	/* Of the bytes that are merged: */
	struct taken {
		uint32_t rank, n;
	} * taken;
	uint64_t *dead; /* bits: nothing can follow what ends there */
	size_t cap;
};

static struct prefix *
prefix_slot(const struct longest *l, const uint8_t *p)
{
	uint32_t i = (uint32_t)(vocab_mix_bytes(p, PREFIX) >> 32);
	struct prefix *x;

	for (;; i++) {
		uint64_t any = 0;

		x = &l->prefix[i & l->prefix_mask];
		for (int w = 0; w < LENGTHS; w++)
			any |= x->lengths[w];
		if (any == 0 || memcmp(x->bytes, p, PREFIX) == 0)
			return x;
	}
}

static vocab_token_fn count_long;
static void
count_long(const uint8_t *p, size_t n, void *data)
{
	(void)p;
	(void)n;
	++*(uint32_t *)data;
}

static vocab_token_fn add_prefix;
static void
add_prefix(const uint8_t *p, size_t n, void *data)
{
	struct longest *l = data;
	struct prefix *x;

	if (vocab_rank(l->v, p, n) >= l->v->merges)
		return;
	x = prefix_slot(l, p);
	memcpy(x->bytes, p, PREFIX);
	x->lengths[n / 64] |= UINT64_C(1) << n % 64;
}

struct longest *
longest_new(const struct vocab *v)
{
	struct longest *l;
	uint32_t n = 0, slots = 64;

	if (v->four == NULL || v->head->max_len > TOKEN_MAX)
		return NULL;
	l = tk_xcalloc(1, sizeof(*l));
	l->v = v;
	vocab_each_long(v, count_long, &n);
	while (slots < 2 * n)
		slots *= 2;
	l->prefix = tk_xcalloc(slots, sizeof(*l->prefix));
	l->prefix_mask = slots - 1;
	vocab_each_long(v, add_prefix, l);
	return l;
}

void
longest_free(struct longest *l)
{
	if (l == NULL)
		return;
	free(l->prefix);
	free(l->taken);
	free(l->dead);
	free(l);
}

/* The longest of up to n bytes, of which there are PREFIX at least; 0: none
 * has more. */
static uint32_t
find_long(const struct longest *l, const uint8_t *p, uint32_t n)
{
	const struct prefix *x = prefix_slot(l, p);
	uint32_t k = n < TOKEN_MAX ? n : TOKEN_MAX;
	uint32_t w = k / 64;
	uint64_t bits = x->lengths[w] << (63 - k % 64);

	/* Only these bytes are known to begin it. */
	for (;; bits <<= 1, k--) {
		while (bits == 0) {
			if (w == 0)
				return 0;
			bits = x->lengths[--w];
			k = 64 * w + 63;
		}
		if (bits >> 63 != 0 &&
		    vocab_rank_long(l->v, p, k) < l->v->merges)
			return k;
	}
}

/* No token at p has more than so many of n bytes, if it has less than
 * PREFIX. */
static uint32_t
reach(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	const struct vocab_three *t;
	uint64_t key[2];
	uint32_t most;

	memcpy(key, p, sizeof(key));
	t = &v->three[vocab_three_at((uint32_t)key[0], v->three_mask)];
	if ((t->more >> (key[0] >> 16 & 63) & 1) == 0 ||
	    !vocab_starts(v, key[0] & UINT32_MAX, 0))
		most = 3;
	else if (!vocab_starts(v, key[0], 0))
		most = 7;
	else if (!vocab_starts(v, key[0], key[1] & UINT32_MAX))
		most = 11;
	else
		most = VOCAB_MID_MAX;
	return n < most ? n : most;
}

/* The longest token of up to n bytes at p. */
static struct piece
find(const struct longest *l, const uint8_t *p, uint32_t n)
{
	const struct vocab *v = l->v;
	uint64_t key[2];
	uint32_t k;

	memcpy(key, p, sizeof(key));
	if (n >= PREFIX && vocab_starts(v, key[0], key[1])) {
		k = find_long(l, p, n);
		if (k > 0)
			return (struct piece){ p, vocab_rank_long(v, p, k), k };
	}
	for (k = reach(v, p, n); k > 2; k--) {
		uint32_t rank;

		if (!may_merge(v, p, k))
			continue;
		rank = count_merge_rank(v, p, k);
		if (rank != VOCAB_NONE)
			return (struct piece){ p, rank, k };
	}
	if (k == 2) {
		uint32_t rank = vocab_merge_two(v, p[0], p[1]);

		if (rank != VOCAB_NONE)
			return (struct piece){ p, rank, 2 };
	}
	return (struct piece){ p, v->byte_rank[*p], 1 };
}

/* The rank of n bytes when merging makes them, or NONE. */
static uint32_t
rank_of(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	if (n == 2)
		return vocab_merge_two(v, p[0], p[1]);
	if (n > v->head->max_len || !may_merge(v, p, n))
		return VOCAB_NONE;
	return count_merge_rank(v, p, n);
}

/* Merge the bytes of a token until two are left; where the second begins. */
static uint32_t
parts_of(const struct vocab *v, const struct piece *t)
{
	uint32_t start[TOKEN_MAX + 1], pair[TOKEN_MAX], n = t->n;

	for (uint32_t i = 0; i <= n; i++)
		start[i] = i;
	for (uint32_t i = 0; i + 1 < n; i++)
		pair[i] = vocab_merge_two(v, t->p[i], t->p[i + 1]);
	for (; n > 2; n--) {
		uint32_t at = 0;

		for (uint32_t i = 1; i + 1 < n; i++)
			at = pair[i] < pair[at] ? i : at;
		memmove(start + at + 1, start + at + 2,
		    (n - at - 1) * sizeof(*start));
		memmove(pair + at, pair + at + 1, (n - at - 2) * sizeof(*pair));
		if (at > 0)
			pair[at - 1] = rank_of(v, t->p + start[at - 1],
			    start[at + 1] - start[at - 1]);
		if (at + 2 < n)
			pair[at] = rank_of(v, t->p + start[at],
			    start[at + 2] - start[at]);
	}
	return start[1];
}

/* Of a token of more than one byte. */
static const struct split *
split_of(struct longest *l, const struct piece *t)
{
	struct split *x =
	    &l->split[t->rank * UINT32_C(0x9e3779b1) >> (32 - SPLIT_BITS)];

	if (x->token != t->rank + 1) {
		x->token = t->rank + 1;
		x->left_len = t->n > 2 ? parts_of(l->v, t) : 1;
		x->left = vocab_rank(l->v, t->p, x->left_len);
		x->right =
		    vocab_rank(l->v, t->p + x->left_len, t->n - x->left_len);
	}
	return x;
}

/* When a token was made: after all others of lower rank; bytes were first. */
static inline uint32_t
made_at(const struct piece *t)
{
	return t->n > 1 ? t->rank + 1 : 0;
}

/* Whether two side by side are what merging their bytes gives. */
static bool
find_fit(struct longest *l, struct piece a, struct piece b)
{
	uint32_t until = VOCAB_NONE;

	for (;;) {
		uint32_t left = made_at(&a), right = made_at(&b);
		uint32_t rank = rank_of(l->v, a.p, a.n + b.n);
		const struct split *x;

		if (rank != VOCAB_NONE && rank + 1 < until)
			return false;
		if (left > right) {
			until = left;
			x = split_of(l, &a);
			a = (struct piece){ a.p + x->left_len, x->right,
				a.n - x->left_len };
		} else if (right > 0) {
			until = right + 1;
			x = split_of(l, &b);
			b = (struct piece){ b.p, x->left, x->left_len };
		} else {
			return true;
		}
	}
}

static bool
is_fit(struct longest *l, const struct piece *a, const struct piece *b)
{
	uint64_t key = (a->rank + UINT64_C(1)) << 32 | (uint64_t)b->rank << 1;
	uint64_t *x = &l->fit[key * VOCAB_FACTOR >> (64 - FIT_BITS)];

	if ((*x & ~UINT64_C(1)) != key)
		*x = key | find_fit(l, *a, *b);
	return (*x & 1) != 0;
}

/* The longest of up to n bytes at p + at that can stand there behind the one
 * before, if there is one; of no bytes: none can. */
static struct piece
take(struct longest *l, const struct piece *before, const uint8_t *p, size_t at,
    uint32_t n)
{
	while (n > 0) {
		struct piece t = find(l, p + at, n);

		if (!count_has_bit(l->dead, at + t.n) &&
		    (before == NULL || is_fit(l, before, &t)))
			return t;
		n = t.n - 1;
	}
	return (struct piece){ p + at, 0, 0 };
}

static void
room_for(struct longest *l, size_t n)
{
	if (n >= l->cap) {
		l->cap = n + 1;
		l->taken =
		    tk_xreallocarray(l->taken, l->cap, sizeof(*l->taken));
		l->dead = tk_xreallocarray(l->dead, l->cap / 64 + 1,
		    sizeof(*l->dead));
	}
	memset(l->dead, 0, (n / 64 + 1) * sizeof(*l->dead));
}

size_t
longest_merge(struct longest *l, const uint8_t *p, size_t n, uint64_t *starts)
{
	size_t at = 0, k = 0, most = n;

	room_for(l, n);
	while (at < n) {
		struct piece before = { p, 0, 0 }, t;

		if (k > 0)
			before = (struct piece){ p + at - l->taken[k - 1].n,
				l->taken[k - 1].rank, l->taken[k - 1].n };
		t = take(l, k > 0 ? &before : NULL, p, at,
		    (uint32_t)(most < UINT32_MAX ? most : UINT32_MAX));
		if (t.n > 0) {
			l->taken[k++] = (struct taken){ t.rank, t.n };
			at += t.n;
			most = n - at;
		} else if (k > 0) {
			count_set_bit(l->dead, at);
			at -= before.n;
			most = before.n - 1;
			k--;
		} else {
			return 0;
		}
	}
	memset(starts, 0, (n / 64 + 1) * sizeof(*starts));
	at = 0;
	for (size_t i = 0; i < k; at += l->taken[i++].n)
		count_set_bit(starts, at);
	count_set_bit(starts, n);
	return k;
}
