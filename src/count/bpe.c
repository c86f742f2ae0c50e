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

struct bpe_work {
	struct chunk chunk;
	uint32_t *memory; /* of its levels */
	size_t cap;
	uint64_t *starts; /* of the tokens of a piece: a bit a byte */
	size_t starts_cap;
	uint32_t *ranks;
	size_t ranks_cap;
};

/* How much is merged at once, at first, and the longest period looked for. */
enum { CHUNK = 1024, PERIOD_MAX = 16, PERIOD_SEEN = 32 };

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
	free(w->chunk.alive);
	free(w->memory);
	free(w->starts);
	free(w->ranks);
	free(w);
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
merge(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n)
{
	plant(w, n);
	w->chunk.p = p;
	w->chunk.n = (uint32_t)n;
	engine_best()->merge(&w->chunk, v);
}

static bool
is_set(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> i % 64 & 1) != 0;
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

/* Copy the first n bits to bit at on, where none is set yet. */
static void
copy_bits(uint64_t *to, size_t at, const uint64_t *bits, size_t n)
{
	for (size_t i = 0; i < n; i += 64) {
		uint64_t x = bits[i / 64];
		size_t bit = (at + i) % 64;

		if (n - i < 64)
			x &= (UINT64_C(1) << (n - i)) - 1;
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

	while (!is_set(k->alive, at + len))
		len++;
	q = period_of(p + at - (at < len ? at : len), n - at);
	if (q == 0)
		return 0;
	/* The same token in the same phase of the period. */
	do {
		end = from;
		if (from == 0 || at - from > 8 * PERIOD_MAX * len)
			return 0;
		while (!is_set(k->alive, --from))
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

/*
 * Merge in chunks.  Each begins with a token of the one before, far enough
 * from that one's end not to depend on what follows; if it has another token
 * there, it did depend, and the answer is -1.  Fills w->starts, or only
 * counts if that is faster.
 */
static int64_t
merge_chunks(struct bpe_work *w, const struct vocab *v, const uint8_t *p,
    size_t n, size_t chunk, bool fill)
{
	const struct chunk *k = &w->chunk;
	size_t at = 0, first = 0, len, end, last;
	int64_t tokens = 0;

	for (;;) {
		len = n - at < chunk ? n - at : chunk;
		merge(w, v, p + at, len);
		if (first > 0 &&
		    (!is_set(k->alive, first) ||
			count_bits(k->alive, first) != 1))
			return -1;
		if (len == n - at)
			break;
		end = len - chunk / 8;
		while (!is_set(k->alive, end))
			end--;
		for (last = end > 0 ? end - 1 : 0; !is_set(k->alive, last);)
			last--;
		if (last == 0)
			return -1;
		first = end - last;
		tokens += (int64_t)count_bits(k->alive, last);
		if (fill)
			copy_bits(w->starts, at, k->alive, last);
		else
			at += step_over(k, p + at, n - at, last, &tokens);
		at += last;
	}
	if (fill)
		copy_bits(w->starts, at, k->alive, len);
	return tokens + (int64_t)count_bits(k->alive, len);
}

static int64_t
merge_any(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n,
    bool fill)
{
	int64_t tokens;

	/* If a chunk is as long as the piece, it is the only one. */
	for (size_t chunk = CHUNK;; chunk *= 4) {
		if (fill)
			memset(w->starts, 0, (n / 64 + 2) * 8);
		tokens = merge_chunks(w, v, p, n, chunk, fill);
		if (tokens >= 0)
			return tokens;
	}
}

int64_t
bpe_count(struct bpe_work *w, const struct vocab *v, const uint8_t *p, size_t n)
{
	return merge_any(w, v, p, n, false);
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
		if (i < n && !is_set(w->starts, i))
			continue;
		w->ranks[out++] = i - from == 1
		    ? v->byte_rank[p[from]]
		    : count_merge_rank(v, p + from, i - from);
		from = i;
	}
	*ranks = w->ranks;
	return tokens;
}
