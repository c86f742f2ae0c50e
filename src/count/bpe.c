/*
 * Byte pair encoding: of all pairs of neighbours that are a token together,
 * merge the one with the lowest rank, the leftmost first, until there is
 * none.  The engines do it for up to some hundred bytes (merge.h, chunk.h);
 * here are pieces of any length.
 *
 * A list of tokens is what merging gives if, and only if, every two
 * neighbours are what merging the bytes of the two gives: as long as no
 * merge crosses a boundary, each token is made as if it were alone, and the
 * first one that did would do so with its two tokens alone as well.  Hence
 *
 * - lists of two stretches that overlap can be joined at a token that both
 *   have in the same place;
 * - where a token comes twice, what stands between may be repeated, as often
 *   as the text repeats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count_int.h"
#include "count/longest.h"
#include "count/match.h"

/* How much is merged at once, at first, and the longest period looked for. */
enum {
	CHUNK = 1024,
	MATCHED = 4096,
	PERIOD_MAX = 16,
	PERIOD_SEEN = 32,
	RUNS = 64,
	STEPS = 16,    /* of windows, after which it is seen if they join; */
	APART = 64,    /* if not, so many are without */
	SOON = 1 << 14 /* after so many bytes longest.h pays */
};

struct bpe_work {
	struct match *match;
	const struct vocab *match_of;
	struct longest *longest;
	const struct vocab *longest_of;
	size_t merged; /* bytes that might have been by it */
	struct chunk chunk;
	uint32_t *memory; /* of its levels */
	size_t cap;
	uint64_t *starts; /* of the tokens of a piece: a bit a byte */
	size_t starts_cap;
	uint32_t *ranks;
	size_t ranks_cap;
	/* Pieces of one byte, again and again: lines that are drawn. */
	struct {
		size_t n;
		int64_t tokens;
		uint8_t byte;
	} runs[RUNS];
};

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
	match_free(w->match);
	longest_free(w->longest);
	free(w->chunk.alive);
	free(w->memory);
	free(w->starts);
	free(w->ranks);
	free(w);
}

bool
bpe_is_few(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n)
{
	if (w->match == NULL || w->match_of != v) {
		match_free(w->match);
		w->match = match_new(v);
		w->match_of = v;
	}
	return match_pays(w->match, p, n);
}

size_t
bpe_count_few(struct bpe_work *w, const uint8_t *p, size_t n)
{
	return match_count(w->match, p, n);
}

/* To merge n bytes of this vocabulary, or NULL when it is not the way. */
static struct longest *
longest_for(struct bpe_work *w, const struct vocab *v, size_t n)
{
	if (w->longest_of == v)
		return w->longest;
	w->merged += n;
	if (w->merged < SOON)
		return NULL;
	longest_free(w->longest);
	w->longest = longest_new(v);
	w->longest_of = v;
	w->merged = 0;
	return w->longest;
}

/* The tree for n bytes: levels of whole lines, up to one of a line. */
static void
plant(struct bpe_work *w, size_t n)
{
	struct chunk *k = &w->chunk;
	size_t size[CHUNK_LEVELS];

	k->levels = 0;
	for (size_t lanes = n; k->levels == 0 || lanes > 1; lanes /= 64) {
		lanes = (lanes + 63) / 64 * 64;
		size[k->levels++] = lanes;
	}
	if (n >= w->cap) {
		size_t most = n < CHUNK ? CHUNK : n;

		w->cap = most + 1;
		w->memory = tk_xreallocarray(w->memory,
		    most + most / 32 + 64 * CHUNK_LEVELS, sizeof(*w->memory));
		k->alive = tk_xreallocarray(k->alive, most / 64 + 2,
		    sizeof(*k->alive));
	}
	k->level[0] = w->memory;
	for (unsigned l = 1; l < k->levels; l++)
		k->level[l] = k->level[l - 1] + size[l - 1];
}

static void
merge(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    bool few, struct longest *l)
{
	plant(w, n);
	w->chunk.p = p;
	w->chunk.n = (uint32_t)n;
	if (few && match_merge(w->match, p, n, w->chunk.alive) > 0)
		return;
	if (l != NULL && longest_merge(l, p, n, w->chunk.alive) > 0)
		return;
	engine_best()->merge(&w->chunk, v);
}

/* The bits of the first n that are set. */
static size_t
count_bits(const uint64_t *bits, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n / 64; i++)
		sum += (size_t)__builtin_popcountll(bits[i]);
	if (n % 64 != 0)
		sum +=
		    (size_t)__builtin_popcountll(bits[n / 64] << (64 - n % 64));
	return sum;
}

/* Set the bits from..to of a list in another, at "at" on. */
static void
copy_bits(uint64_t *to, size_t at, const uint64_t *bits, size_t from,
    size_t end)
{
	for (size_t i = from / 64 * 64; i < end; i += 64) {
		uint64_t x = bits[i / 64];
		size_t bit = (at + i) % 64;

		if (i < from)
			x &= ~UINT64_C(0) << (from - i);
		if (end - i < 64)
			x &= (UINT64_C(1) << (end - i)) - 1;
		to[(at + i) / 64] |= x << bit;
		if (bit > 0)
			to[(at + i) / 64 + 1] |= x >> (64 - bit);
	}
}

/* How many bytes from p on are equal to those q behind them. */
static size_t
repeated(const uint8_t *p, size_t n, size_t q)
{
	size_t i = 0;

	while (i + q + 32 <= n && memcmp(p + i, p + i + q, 32) == 0)
		i += 32;
	while (i + q < n && p[i] == p[i + q])
		i++;
	return i;
}

static size_t
period_of(const uint8_t *p, size_t n)
{
	if (n < PERIOD_MAX + PERIOD_SEEN)
		return 0;
	for (size_t q = 1; q <= PERIOD_MAX; q++)
		if (memcmp(p, p + q, PERIOD_SEEN) == 0)
			return q;
	return 0;
}

bool
bpe_is_periodic(const uint8_t *p, size_t n)
{
	return period_of(p, n) > 0;
}

/*
 * The chunk, which is at p and of which the token at byte "at" is certain,
 * may be in text that repeats.  Then as much as a whole number of times what
 * is between an equal token and that one can be stepped over, but not the
 * last bytes of the run.  Returns the bytes, and adds the tokens.
 */
static size_t
step_over(const struct chunk *k, const uint8_t *p, size_t n, size_t at,
    int64_t *tokens)
{
	size_t len = 1, from = at, end = at, q, run, step, times;

	while (!count_has_bit(k->alive, at + len))
		len++;
	q = period_of(p + at - (at < len ? at : len), n - at);
	if (q == 0)
		return 0;
	/* The same token in the same phase of the period. */
	do {
		end = from;
		if (from == 0 || at - from > 8 * PERIOD_MAX * len)
			return 0;
		while (!count_has_bit(k->alive, --from))
			;
	} while (end - from != len || (at - from) % q != 0);
	run = repeated(p + from, n - from, q) + q;
	step = at - from;
	if (run < step + len + k->n)
		return 0;
	times = (run - step - k->n) / step;
	*tokens += (int64_t)times *
	    (int64_t)(count_bits(k->alive, at) - count_bits(k->alive, from));
	return times * step;
}

/* Most of it repeats, and is stepped over: nothing need be made ready. */
static bool
is_same(const uint8_t *p, size_t n)
{
	size_t q = period_of(p, n);

	return q > 0 && repeated(p, n, q) > n / 2;
}

/* How far a piece is merged. */
struct walk {
	const uint8_t *p;
	size_t n;
	size_t at;    /* here begins a token */
	size_t first; /* of so many bytes; 0: nothing is known of it */
	int64_t tokens;
	bool fill;             /* w->starts, too */
	unsigned windows;      /* of a step; as many as may join */
	unsigned steps, joins; /* by windows, and of them, lately */
	unsigned apart;        /* so many steps are not by windows */
};

/* Take over from a list of starts those from "from" to "to". */
static void
take(struct bpe_work *w, struct walk *k, const uint64_t *bits, size_t from,
    size_t to)
{
	k->tokens += (int64_t)(count_bits(bits, to) - count_bits(bits, from));
	if (k->fill)
		copy_bits(w->starts, k->at, bits, from, to);
}

/* The list does not begin with the token that is known. */
static bool
is_other(const struct walk *k, const uint64_t *bits)
{
	return k->first > 0 &&
	    (!count_has_bit(bits, k->first) || count_bits(bits, k->first) != 1);
}

/*
 * The last token of a list that ends far enough from its end not to depend
 * on what follows; it is at *last and has *len bytes.
 */
static void
last_certain(const uint64_t *bits, size_t end, size_t *last, size_t *len)
{
	while (!count_has_bit(bits, end))
		end--;
	*last = end > 0 ? end - 1 : 0;
	while (!count_has_bit(bits, *last))
		--*last;
	*len = end - *last;
}

/* Where, in the second, a token is that both have; -1: nowhere. */
static int
common_token(const struct count_window *a, const struct count_window *b)
{
	uint64_t mask = (UINT64_C(2) << (WINDOW_SIZE - WINDOW_STEP)) - 1;
	uint64_t left = a->bits[1] >> (WINDOW_STEP - 64) & mask;
	uint64_t right = b->bits[0] & mask;
	uint64_t both = left & right, any = left | right;

	for (; both != 0; both &= both - 1) {
		uint64_t rest = any & ~(both ^ (both - 1));

		if ((rest & -rest & both) != 0)
			return __builtin_ctzll(both);
	}
	return -1;
}

/* So many of the windows joined the one before: where tokens are long, hardly
 * two have one in common. */
static void
expect_windows(struct walk *k, unsigned windows, unsigned joined)
{
	if (joined + 1 < windows)
		k->windows = joined + 2;
	else
		k->windows = 2 * windows < WINDOWS ? 2 * windows : WINDOWS;
	k->joins += joined;
	if (++k->steps < STEPS)
		return;
	k->apart = k->joins < 2 * STEPS ? APART : 0;
	k->steps = k->joins = 0;
}

/* Go on by windows; false: not a step. */
static bool
step_windows(struct bpe_work *w, const struct vocab *v, struct walk *k)
{
	struct count_window list[WINDOWS];
	size_t n = k->n - k->at, from = 0, last, len;
	unsigned windows, i;

	if (k->apart > 0) {
		k->apart--;
		return false;
	}
	if (n < WINDOW_SIZE + WINDOW_STEP || period_of(k->p + k->at, n) > 0)
		return false;
	windows = (unsigned)((n - WINDOW_SIZE) / WINDOW_STEP) + 1;
	windows = windows < k->windows ? windows : k->windows;
	engine_best()->windows(v, k->p + k->at, windows, list);
	if (is_other(k, list[0].bits))
		return false;
	for (i = 0; i + 1 < windows; i++) {
		int join = common_token(&list[i], &list[i + 1]);

		if (join < 0)
			break;
		take(w, k, list[i].bits, from, WINDOW_STEP + (size_t)join);
		k->at += WINDOW_STEP;
		from = (size_t)join;
	}
	expect_windows(k, windows, i);
	last_certain(list[i].bits, WINDOW_STEP, &last, &len);
	if (last <= from) {
		if (i == 0)
			return false;
		/* Back to the token that the last two have in common. */
		last = from;
		for (len = 1; !count_has_bit(list[i].bits, last + len);)
			len++;
	}
	take(w, k, list[i].bits, from, last);
	k->at += last;
	k->first = len;
	return true;
}

/* Go on by one chunk, which may have few different bytes, or be merged by l:
 * 0: there is more, 1: that was all, -1: it is too small. */
static int
step_chunk(struct bpe_work *w, const struct vocab *v, struct walk *k,
    size_t chunk, bool few, struct longest *l)
{
	size_t n = k->n - k->at, len = n < chunk ? n : chunk, last;
	const uint64_t *bits;

	merge(w, v, k->p + k->at, len, few, l);
	bits = w->chunk.alive;
	if (is_other(k, bits))
		return -1;
	if (len == n) {
		take(w, k, bits, 0, len);
		return 1;
	}
	last_certain(bits, len - (chunk == MATCHED ? CHUNK : chunk) / 8, &last,
	    &k->first);
	if (last == 0)
		return -1;
	take(w, k, bits, 0, last);
	if (!k->fill)
		k->at +=
		    step_over(&w->chunk, k->p + k->at, n, last, &k->tokens);
	k->at += last;
	return 0;
}

/* One step, in the way that is best there; as step_chunk(). */
static int
step(struct bpe_work *w, const struct vocab *v, struct walk *k, size_t chunk)
{
	const uint8_t *p = k->p + k->at;
	size_t n = k->n - k->at, len = n < chunk ? n : chunk;

	bool same = is_same(p, len);
	struct longest *l = NULL;

	if (!same && bpe_is_few(w, v, p, len))
		return step_chunk(w, v, k, chunk < MATCHED ? MATCHED : chunk,
		    true, NULL);
	if (chunk <= CHUNK && step_windows(w, v, k))
		return 0;
	if (!same && k->apart > 0)
		l = longest_for(w, v, len);
	if (l != NULL && chunk < MATCHED)
		chunk = MATCHED;
	return step_chunk(w, v, k, chunk, false, l);
}

/*
 * Each stretch begins with a token of the one before, far enough from that
 * one's end not to depend on what follows; if it has another token there, it
 * did depend, and all begins anew with longer ones.  One as long as the piece
 * is the only one.
 */
static int64_t
merge_any(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    bool fill)
{
	size_t chunk = period_of(p, n) > 0 ? CHUNK / 2 : CHUNK;

	for (;; chunk *= 4) {
		struct walk k = { p, n, .fill = fill, .windows = WINDOWS };
		int done = 0;

		if (fill)
			memset(w->starts, 0, (n / 64 + 2) * 8);
		while (done == 0)
			done = step(w, v, &k, chunk);
		if (done > 0)
			return k.tokens;
	}
}

int64_t
bpe_count(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n)
{
	size_t i = (n * 31 + *p) % RUNS;
	bool run = n > 1 && memcmp(p, p + 1, n - 1) == 0;
	int64_t tokens;

	if (run && w->runs[i].n == n && w->runs[i].byte == *p)
		return w->runs[i].tokens;
	tokens = merge_any(w, v, p, n, false);
	if (run) {
		w->runs[i].n = n;
		w->runs[i].byte = *p;
		w->runs[i].tokens = tokens;
	}
	return tokens;
}

size_t
bpe_merge(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    const uint32_t **ranks)
{
	size_t tokens, from = 0, out = 0;

	if (n / 64 + 2 > w->starts_cap) {
		w->starts_cap = n / 64 + 2 + CHUNK / 64;
		w->starts = tk_xreallocarray(w->starts, w->starts_cap,
		    sizeof(*w->starts));
	}
	tokens = (size_t)merge_any(w, v, p, n, true);
	if (tokens > w->ranks_cap) {
		w->ranks_cap = tokens + CHUNK;
		w->ranks =
		    tk_xreallocarray(w->ranks, w->ranks_cap, sizeof(*w->ranks));
	}
	for (size_t i = 1; i <= n; i++) {
		if (i < n && !count_has_bit(w->starts, i))
			continue;
		w->ranks[out++] = i - from == 1
		    ? v->byte_rank[p[from]]
		    : count_merge_rank(v, p + from, i - from);
		from = i;
	}
	*ranks = w->ranks;
	return tokens;
}
