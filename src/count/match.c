#include "count/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count_int.h"

enum {
	SYMBOLS = 8,    /* different bytes */
	CODE_BITS = 12, /* some symbols, as a number; the first is lowest */
	NODES = 1 << 13,
	NO_NODE = 0,
	NOTHING = UINT16_MAX,
	DEEPER = UINT16_MAX - 1,
	TOKENS = 1 << 10,
	TOKEN_MAX = 255, /* bytes; longer ones are left to others */
	LOOK = 256,      /* so many bytes say if the others are few */
	SOON = 1 << 14,  /* after so many bytes the tree pays, */
	LATER = 1 << 24  /* or another, when it was none for the last */
};

/* A byte string that is a token, or that one begins with; the first are the
 * single bytes, by symbol. */
struct node {
	uint32_t rank;    /* or NONE */
	uint16_t before;  /* the node of one byte less */
	uint16_t shorter; /* the longest token it begins with, or NO_NODE */
	uint8_t len;
	bool is_split;
	uint16_t token; /* its number among tokens */
	/* The two that are merged last to make it. */
	uint16_t left, right;
	/* By symbol: the node of one byte more, or NO_NODE. */
	uint16_t next[SYMBOLS];
};

struct match {
	const struct vocab *v;
	uint8_t symbol[256], byte[SYMBOLS]; /* 0: it has none yet */
	uint32_t symbols;
	bool full;
	uint32_t wait; /* so many bytes, until it pays */
	struct node *node;
	uint32_t nodes;
	/* Tokens have numbers, and by number: */
	uint32_t tokens;
	struct token {
		uint16_t node;
		uint16_t shorter; /* the longest it begins with, or NOTHING */
		uint8_t len;
	} by_number[TOKENS];
	/*
	 * By two numbers, in rows of 2^row_bits: the longest that the second
	 * begins with, itself or another, and that may stand behind the first,
	 * plus one, or NOTHING; 0: not known.
	 */
	uint16_t *fit;
	uint32_t row_bits;
	uint32_t symbol_bits, code_symbols; /* of a code */
	/* By code: the number of the longest token, or DEEPER if more symbols
	 * can have one that is longer. */
	uint16_t longest[1 << CODE_BITS];
	/* Of the stretch: */
	uint16_t *token;      /* numbers, in order */
	uint8_t *text;        /* the symbols */
	uint16_t *longest_at; /* that of the code of those that begin there */
	uint64_t *dead;       /* bits: nothing may follow what ends there */
	size_t cap;
};

struct match *
match_new(const struct vocab *v)
{
	struct match *m = tk_xcalloc(1, sizeof(*m));

	m->v = v;
	m->wait = SOON;
	return m;
}

void
match_free(struct match *m)
{
	if (m == NULL)
		return;
	free(m->node);
	free(m->fit);
	free(m->text);
	free(m->longest_at);
	free(m->token);
	free(m->dead);
	free(m);
}

/* A token becomes a node, and what it begins with. */
static vocab_token_fn add_token;
static void
add_token(const uint8_t *p, size_t n, void *data)
{
	struct match *m = data;
	uint32_t at = m->symbol[*p], rank;

	rank = n <= TOKEN_MAX ? vocab_rank(m->v, p, n) : VOCAB_NONE;
	m->full |= m->nodes + n > NODES || m->tokens == TOKENS;
	if (n < 2 || rank >= m->v->merges || m->full)
		return;
	m->tokens++;
	for (size_t i = 1; i < n; i++) {
		uint16_t *next = &m->node[at].next[m->symbol[p[i]] - 1];

		if (*next == NO_NODE) {
			*next = (uint16_t)m->nodes;
			m->node[m->nodes++] = (struct node){ .rank = VOCAB_NONE,
				.before = (uint16_t)at,
				.len = (uint8_t)(i + 1) };
		}
		at = *next;
	}
	m->node[at].rank = rank;
}

struct numbered {
	uint32_t rank;
	uint16_t node;
};

static int
by_rank(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Number the tokens by rank, so that what is common is close together. */
static void
number_tokens(struct match *m)
{
	struct numbered list[TOKENS];
	uint32_t n = 0;

	for (uint32_t i = 1; i < m->nodes && n < TOKENS; i++)
		if (m->node[i].rank != VOCAB_NONE)
			list[n++] =
			    (struct numbered){ m->node[i].rank, (uint16_t)i };
	qsort(list, n, sizeof(*list), by_rank);
	for (uint32_t i = 0; i < n; i++)
		m->node[list[i].node].token = (uint16_t)i;
	for (uint32_t i = 0; i < n; i++) {
		const struct node *x = &m->node[list[i].node];

		m->by_number[i] = (struct token){ .node = list[i].node,
			.shorter = x->shorter != NO_NODE
			    ? m->node[x->shorter].token
			    : NOTHING,
			.len = x->len };
	}
	m->tokens = n;
	m->row_bits = 0;
	while (1u << m->row_bits < n)
		m->row_bits++;
}

/* The node of n symbols, or NO_NODE. */
static uint32_t
node_of(const struct match *m, const uint8_t *p, size_t n)
{
	uint32_t at = 1u + *p;

	for (size_t k = 1; k < n && at != NO_NODE; k++)
		at = m->node[at].next[p[k]];
	return at;
}

/* The number of the longest token of up to n symbols. */
static uint32_t
longest_from(const struct match *m, const uint8_t *p, size_t n)
{
	uint32_t at = 1u + *p;

	for (size_t k = 1; k < n; k++) {
		uint32_t next = m->node[at].next[p[k]];

		if (next == NO_NODE)
			break;
		at = next;
	}
	if (m->node[at].rank == VOCAB_NONE)
		at = m->node[at].shorter;
	return m->node[at].token;
}

static void
make_codes(struct match *m)
{
	m->symbol_bits = m->symbols > 4 ? 3 : m->symbols > 2 ? 2 : 1;
	m->code_symbols = CODE_BITS / m->symbol_bits;
	for (uint32_t code = 0; code < 1 << CODE_BITS; code++) {
		uint8_t p[CODE_BITS];
		uint32_t at, n = m->code_symbols;
		bool all = true;

		for (uint32_t i = 0; i < n; i++) {
			p[i] = code >> i * m->symbol_bits &
			    ((1u << m->symbol_bits) - 1);
			all &= p[i] < m->symbols;
		}
		if (!all)
			continue;
		at = node_of(m, p, n);
		m->longest[code] =
		    (uint16_t)(at != NO_NODE ? DEEPER : longest_from(m, p, n));
	}
}

/* The nodes for all symbols; false: they are too many. */
static bool
make_nodes(struct match *m)
{
	uint64_t bytes[4] = { 0 };

	if (m->node == NULL) {
		m->node = tk_xcalloc(NODES, sizeof(*m->node));
		m->fit = tk_xcalloc(TOKENS, TOKENS * sizeof(*m->fit));
	}
	m->full = false;
	m->nodes = 1 + m->symbols;
	for (uint32_t i = 0; i < m->symbols; i++) {
		uint8_t byte = m->byte[i];

		bytes[byte / 64] |= UINT64_C(1) << byte % 64;
		m->node[1 + i] =
		    (struct node){ .rank = m->v->byte_rank[byte], .len = 1 };
	}
	m->tokens = m->symbols;
	vocab_each_of(m->v, bytes, add_token, m);
	for (uint32_t i = 1 + m->symbols; i < m->nodes; i++) {
		const struct node *x = &m->node[m->node[i].before];

		m->node[i].shorter =
		    x->rank == VOCAB_NONE ? x->shorter : m->node[i].before;
	}
	if (m->full)
		return false;
	number_tokens(m);
	memset(m->fit, 0, (m->tokens * sizeof(*m->fit)) << m->row_bits);
	make_codes(m);
	return true;
}

/* Give each byte a symbol and make the nodes for them; false: there are too
 * many. */
static bool
take_symbols(struct match *m, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (m->symbol[p[i]] != 0)
			continue;
		if (m->symbols == SYMBOLS)
			return false;
		m->byte[m->symbols] = p[i];
		m->symbol[p[i]] = (uint8_t)++m->symbols;
	}
	return make_nodes(m);
}

/* Text becomes symbols; false: some have none. */
static bool
translate(struct match *m, const uint8_t *p, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++) {
		uint8_t symbol = m->symbol[p[i]];

		all &= symbol != 0;
		m->text[i] = (uint8_t)(symbol - 1);
	}
	return all;
}

/* What is longest at each place, of n; the last ones have too few symbols for
 * a code. */
static void
look_ahead(struct match *m, size_t n)
{
	uint32_t code = 0;

	for (size_t i = n; i-- > 0;) {
		code = (code << m->symbol_bits | m->text[i]) &
		    ((1 << CODE_BITS) - 1);
		m->longest_at[i] = n - i < m->code_symbols ? (uint16_t)DEEPER
							   : m->longest[code];
	}
}

/* The number of the longest token there, of n symbols. */
static inline uint32_t
longest(const struct match *m, size_t at, size_t n)
{
	uint32_t token = m->longest_at[at];

	return token != DEEPER ? token : longest_from(m, m->text + at, n - at);
}

static uint32_t
rank_of(const struct match *m, const uint8_t *p, size_t n)
{
	uint32_t at = node_of(m, p, n);

	return at != NO_NODE ? m->node[at].rank : VOCAB_NONE;
}

/* Which two the bytes of a token, which are at p, are merged of last; false:
 * they do not make it. */
static bool
split_token(struct match *m, uint32_t token, const uint8_t *p)
{
	uint8_t start[TOKEN_MAX + 1];
	uint32_t n = m->node[token].len, left, right;

	for (uint32_t i = 0; i <= n; i++)
		start[i] = (uint8_t)i;
	for (; n > 2; n--) {
		uint32_t least = VOCAB_NONE, at = 0;

		for (uint32_t i = 0; i + 1 < n; i++) {
			uint32_t rank = rank_of(m, p + start[i],
			    (size_t)start[i + 2] - start[i]);

			if (rank < least) {
				least = rank;
				at = i;
			}
		}
		if (least == VOCAB_NONE)
			return false;
		memmove(start + at + 1, start + at + 2, n - at - 1);
	}
	left = node_of(m, p, start[1]);
	right = node_of(m, p + start[1], (size_t)m->node[token].len - start[1]);
	m->node[token].left = (uint16_t)left;
	m->node[token].right = (uint16_t)right;
	m->node[token].is_split = true;
	return true;
}

/* The rank of a token of more than one byte, plus one; else 0. */
static inline uint32_t
made_at(const struct match *m, uint32_t token)
{
	return m->node[token].len > 1 ? m->node[token].rank + 1 : 0;
}

/* The rank of two side by side, the second at p. */
static uint32_t
rank_of_both(const struct match *m, uint32_t a, uint32_t b, const uint8_t *p)
{
	for (uint32_t i = 0; i < m->node[b].len && a != NO_NODE; i++)
		a = m->node[a].next[p[i]];
	return a != NO_NODE ? m->node[a].rank : VOCAB_NONE;
}

/* Whether two tokens stay as they are, the second at p, from the last merges
 * in them to the first. */
static bool
find_stay(struct match *m, uint32_t a, uint32_t b, const uint8_t *p)
{
	uint32_t until = VOCAB_NONE;

	for (;;) {
		const struct node *x = &m->node[a], *y = &m->node[b];
		uint32_t left = made_at(m, a), right = made_at(m, b);
		uint32_t rank = rank_of_both(m, a, b, p);

		if (rank != VOCAB_NONE && rank + 1 < until)
			return false;
		if (left == 0 && right == 0)
			return true;
		if (left > right) {
			if (!x->is_split && !split_token(m, a, p - x->len))
				return false;
			until = left;
			a = m->node[a].right;
		} else {
			if (!y->is_split && !split_token(m, b, p))
				return false;
			until = right + 1;
			b = m->node[b].left;
		}
	}
}

/* What fit[] is to have of two numbers, the second token at p. */
static __attribute__((noinline)) uint16_t
find_fit(struct match *m, uint32_t a, uint32_t b, const uint8_t *p)
{
	while (b != NOTHING &&
	    !find_stay(m, m->by_number[a].node, m->by_number[b].node, p))
		b = m->by_number[b].shorter;
	return (uint16_t)(b != NOTHING ? b + 1 : NOTHING);
}

/* The longest that token b, at p, begins with, and that may stand behind a;
 * or NOTHING. */
static inline uint32_t
fit(struct match *m, uint32_t a, uint32_t b, const uint8_t *p)
{
	uint16_t *x = &m->fit[a << m->row_bits | b];

	if (__builtin_expect(*x == 0, 0))
		*x = find_fit(m, a, b, p);
	return *x == NOTHING ? NOTHING : *x - 1u;
}

static void
room_for(struct match *m, size_t n)
{
	if (n >= m->cap) {
		m->cap = n + 1;
		m->token =
		    tk_xreallocarray(m->token, m->cap, sizeof(*m->token));
		m->text = tk_xreallocarray(m->text, m->cap, 1);
		m->longest_at = tk_xreallocarray(m->longest_at, m->cap,
		    sizeof(*m->longest_at));
		m->dead = tk_xreallocarray(m->dead, m->cap / 64 + 1,
		    sizeof(*m->dead));
	}
	memset(m->dead, 0, (n / 64 + 1) * sizeof(*m->dead));
}

/* Behind the token "before", if there is one, b or the longest that it begins
 * with, of which something may follow: it ends at no dead place. */
static uint32_t
fit_alive(struct match *m, uint32_t before, uint32_t b, size_t at)
{
	while (b != NOTHING) {
		if (before != NOTHING)
			b = fit(m, before, b, m->text + at);
		if (b == NOTHING ||
		    !count_has_bit(m->dead, at + m->by_number[b].len))
			break;
		b = m->by_number[b].shorter;
	}
	return b;
}

/* m->token for the n symbols of m->text; how many there are, or 0. */
static size_t
find_tokens(struct match *m, size_t n)
{
	const uint8_t *p = m->text;
	size_t at = 0, k = 0, last_dead = 0;
	uint32_t next, before = NOTHING, token;

	look_ahead(m, n);
	next = longest(m, 0, n);
	while (at < n) {
		token = next;
		if (before != NOTHING && at >= last_dead)
			token = fit(m, before, token, p + at);
		else
			token = fit_alive(m, before, token, at);
		if (token != NOTHING) {
			m->token[k++] = (uint16_t)token;
			before = token;
			at += m->by_number[token].len;
			if (at < n)
				next = longest(m, at, n);
			continue;
		}
		if (k == 0)
			return 0;
		m->dead[at / 64] |= UINT64_C(1) << at % 64;
		last_dead = at > last_dead ? at : last_dead;
		next = before;
		at -= m->by_number[before].len;
		before = --k > 0 ? m->token[k - 1] : NOTHING;
	}
	return k;
}

bool
match_pays(struct match *m, const uint8_t *p, size_t n)
{
	size_t look = n < LOOK ? n : LOOK;
	uint64_t seen[4] = { 0 };
	int different = 0;

	if (m->v->four == NULL || m->v->head->max_len > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < look; i++)
		seen[p[i] / 64] |= UINT64_C(1) << p[i] % 64;
	for (int i = 0; i < 4; i++)
		different += __builtin_popcountll(seen[i]);
	if (different > SYMBOLS)
		return false;
	m->wait -= n < m->wait ? (uint32_t)n : m->wait;
	return m->wait == 0;
}

size_t
match_count(struct match *m, const uint8_t *p, size_t n)
{
	room_for(m, n);
	if (!translate(m, p, n)) {
		if (!take_symbols(m, p, n)) {
			memset(m->symbol, 0, sizeof(m->symbol));
			m->symbols = 0;
			m->wait = LATER;
			return 0;
		}
		translate(m, p, n);
	}
	return find_tokens(m, n);
}

size_t
match_merge(struct match *m, const uint8_t *p, size_t n, uint64_t *starts)
{
	size_t k = match_count(m, p, n), at = 0;

	if (k == 0)
		return 0;
	memset(starts, 0, (n / 64 + 1) * sizeof(*starts));
	for (size_t i = 0; i < k; i++) {
		starts[at / 64] |= UINT64_C(1) << at % 64;
		at += m->by_number[m->token[i]].len;
	}
	starts[n / 64] |= UINT64_C(1) << n % 64;
	return k;
}
