#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count.h"
#include "count/count_int.h"
#include "count/memo.h"

/*
 * A text on its way: s->buf holds what is not counted yet, as valid UTF-8.
 * What comes in is appended (repaired), then everything certain is counted
 * and the rest, mostly less than a line, moves to the front.
 */
struct count_stream {
	const struct count_encoding *e;
	enum count_flags flags;
	struct counter c;
	uint8_t *buf;
	size_t len, cap;
	size_t wait;    /* do not try again until len is this */
	uint8_t cut[4]; /* the beginning of a character, to be continued */
	size_t n_cut;
	int64_t tokens;
	count_ids_fn *on_ids;
	void *data;
	struct batch batch;
};

/* How much is taken in at once, and the longest piece there can be. */
enum { TAKE = 1 << 16, LONGEST = 1 << 30 };

struct count_stream *
count_stream_new(const struct count_encoding *e, enum count_flags flags)
{
	struct count_stream *s = tk_xcalloc(1, sizeof(*s));

	s->e = e;
	s->flags = flags;
	s->c.v = e->v;
	s->c.memo = memo_new();
	s->c.work = bpe_new();
	return s;
}

void
count_stream_free(struct count_stream *s)
{
	if (s == NULL)
		return;
	bpe_free(s->c.work);
	memo_free(s->c.memo);
	free(s->buf);
	free(s);
}

void
count_stream_on_ids(struct count_stream *s, count_ids_fn *fn, void *data)
{
	s->on_ids = fn;
	s->data = data;
}

void
count_stream_reset(struct count_stream *s)
{
	s->len = s->wait = s->n_cut = 0;
	s->tokens = 0;
}

static void
give_ids(struct count_stream *s, const struct batch *b)
{
	uint32_t ids[256];

	for (uint32_t i = 0; i < b->n; i++) {
		const uint32_t *ranks;
		size_t n = piece_ranks(&s->c, s->buf + b->at[i],
		    b->at[i + 1] - b->at[i], &ranks);

		s->tokens += (int64_t)n;
		while (n > 0) {
			size_t k = n < 256 ? n : 256;

			for (size_t j = 0; j < k; j++)
				ids[j] = vocab_id(s->e->v, ranks[j]);
			s->on_ids(ids, k, s->data);
			ranks += k;
			n -= k;
		}
	}
}

/* Count from at on, as far as is certain; returns where that ends. */
static size_t
count_span(struct count_stream *s, size_t at, size_t end, bool final)
{
	const struct engine *engine = engine_best();
	struct text t = { s->buf, (uint32_t)end, final };
	struct batch *b = &s->batch;

	do {
		engine->cut(&t, s->e->v->head->pattern, (uint32_t)at, b);
		if (s->on_ids != NULL)
			give_ids(s, b);
		else
			s->tokens += engine->sum(&s->c, s->buf, b);
		at = b->at[b->n];
	} while (b->n >= BATCH_MAX);
	return at;
}

/* The first special token from at on; the longest of those there. */
static const struct vocab_special *
find_special(const struct count_stream *s, size_t *at)
{
	const struct count_encoding *e = s->e;

	for (; *at < s->len; ++*at) {
		const struct vocab_special *best = NULL;

		for (size_t i = 0; i < e->n_special; i++) {
			const struct vocab_special *x = &e->special[i];

			if (x->len <= s->len - *at &&
			    s->buf[*at] == x->text[0] &&
			    memcmp(s->buf + *at, x->text, x->len) == 0 &&
			    (best == NULL || x->len > best->len))
				best = x;
		}
		if (best != NULL)
			return best;
	}
	return NULL;
}

/* The text between special tokens is text of its own. */
static size_t
count_with_special(struct count_stream *s, bool final)
{
	size_t at = 0, found = 0, hold = s->e->special_max;
	const struct vocab_special *x;

	while ((x = find_special(s, &found)) != NULL) {
		/* One that is longer may be about to come. */
		if (!final && s->len - found < hold)
			break;
		count_span(s, at, found, true);
		s->tokens++;
		if (s->on_ids != NULL)
			s->on_ids(&x->id, 1, s->data);
		at = found += x->len;
	}
	if (final)
		return count_span(s, at, s->len, true);
	found = x != NULL ? found : s->len;
	if (s->len - at <= hold || found - at <= hold)
		return at;
	found -= hold;
	while (found > at && s->buf[found] >> 6 == 2)
		found--;
	return count_span(s, at, found, false);
}

static void
count_certain(struct count_stream *s, bool final)
{
	size_t at;

	if (s->len < s->wait && !final)
		return;
	memset(s->buf + s->len, 0, COUNT_PAD);
	if ((s->flags & COUNT_SPECIAL) != 0 && s->e->n_special > 0)
		at = count_with_special(s, final);
	else
		at = count_span(s, 0, s->len, final);
	s->len -= at;
	memmove(s->buf, s->buf + at, s->len);
	/* A long piece is not looked at again before it has doubled. */
	s->wait = s->len > TAKE ? 2 * s->len : 0;
}

static void
make_room(struct count_stream *s, size_t more)
{
	size_t need = s->len + more + COUNT_PAD;

	if (need <= s->cap)
		return;
	s->cap = need < 2 * s->cap ? 2 * s->cap : need;
	s->buf = tk_xreallocarray(s->buf, s->cap, 1);
}

static void
put(struct count_stream *s, const void *bytes, size_t n)
{
	memcpy(s->buf + s->len, bytes, n);
	s->len += n;
}

/*
 * Append n bytes as valid UTF-8.  Unless they are the last, an incomplete
 * character at their end is left; returns how many bytes were used.
 */
static size_t
repair(struct count_stream *s, const uint8_t *p, size_t n, bool last)
{
	size_t i = 0;

	make_room(s, 3 * n);
	while (i < n) {
		size_t k = utf8_valid(p + i, n - i);

		put(s, p + i, k);
		i += k;
		if (i == n)
			break;
		k = utf8_subpart(p + i, n - i);
		if (k == 0 && !last)
			break;
		put(s, "\xef\xbf\xbd", 3);
		i += k > 0 ? k : n - i;
	}
	return i;
}

/* Complete the character that the bytes before ended in. */
static size_t
repair_cut(struct count_stream *s, const uint8_t *p, size_t n)
{
	size_t used = 0, done = 0;

	while (s->n_cut > 0 && used < n) {
		s->cut[s->n_cut++] = p[used++];
		done = repair(s, s->cut, s->n_cut, false);
		s->n_cut -= done;
		memmove(s->cut, s->cut + done, s->n_cut);
	}
	return used;
}

int
count_stream_add(struct count_stream *s, const void *bytes, size_t n,
    struct tk_err *err)
{
	const uint8_t *p = bytes;

	while (n > 0) {
		size_t k = repair_cut(s, p, n);

		p += k;
		n -= k;
		k = n < TAKE ? n : TAKE;
		if (k > 0) {
			size_t used = repair(s, p, k, false);

			s->n_cut = k - used;
			memcpy(s->cut, p + used, s->n_cut);
			p += k;
			n -= k;
		}
		count_certain(s, false);
		if (s->len > LONGEST)
			return tk_fail(err, TK_DATA,
			    "over 1 GiB of text without a place to cut it");
	}
	return 0;
}

int
count_stream_end(struct count_stream *s, int64_t *tokens, struct tk_err *err)
{
	(void)err;
	make_room(s, 3 * sizeof(s->cut));
	repair(s, s->cut, s->n_cut, true);
	count_certain(s, true);
	*tokens = s->tokens;
	count_stream_reset(s);
	return 0;
}

int
count_text(struct count_stream *s, const void *bytes, size_t n, int64_t *tokens,
    struct tk_err *err)
{
	count_stream_reset(s);
	if (count_stream_add(s, bytes, n, err) < 0) {
		count_stream_reset(s);
		return -1;
	}
	return count_stream_end(s, tokens, err);
}
