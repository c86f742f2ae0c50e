#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/count.h"
#include "count/count_int.h"
#include "count/memo.h"

/*
 * A text on its way.  What comes in is appended as valid UTF-8, then
 * everything certain is counted, and the rest, mostly less than a line,
 * moves to the front.
 */
struct count_stream {
	const struct count_encoding *e;
	void *other; /* of e->ops, which then does everything */
	enum count_flags flags;
	struct counter c;
	struct count_bytes in;      /* to be normalized, if that is asked for */
	struct count_bytes text;    /* to be cut into pieces */
	struct count_bytes *source; /* where special tokens are looked for */
	struct norm norm;
	struct special_set *special; /* NULL: they are text as any other */
	size_t wait, in_wait; /* do not try again until there is so much */
	bool too_long;
	uint8_t cut[4]; /* the beginning of a character, to be continued */
	size_t n_cut;
	int64_t tokens;
	count_ids_fn *on_ids;
	void *data;
	struct batch batch;
};

/* How much is taken in at once, how much of it until the text that waited is
 * counted, and the longest piece there can be. */
enum { TAKE = 1 << 16, JOIN = 1 << 10, LONGEST = 1 << 30 };

struct count_stream *
count_stream_new(const struct count_encoding *e, enum count_flags flags)
{
	struct count_stream *s = tk_xcalloc(1, sizeof(*s));

	s->e = e;
	s->flags = flags;
	if (e->ops != NULL) {
		s->other = e->ops->stream_new(e->self, flags);
		return s;
	}
	s->c.v = e->v;
	s->c.memo = memo_new(e->memos);
	s->c.work = bpe_new();
	count_bytes_room(&s->in, 0);
	count_bytes_room(&s->text, 0);
	s->source = &s->text;
	s->special = special_set_new(&e->special, (flags & COUNT_SPECIAL) != 0);
	if (special_longest(s->special) == 0) {
		special_set_free(s->special);
		s->special = NULL;
	} else if (e->form != NORM_NONE && !e->special_late) {
		s->source = &s->in;
	}
	return s;
}

void
count_stream_free(struct count_stream *s)
{
	if (s == NULL)
		return;
	if (s->other != NULL)
		s->e->ops->stream_free(s->other);
	bpe_free(s->c.work);
	free(s->c.forward);
	memo_free(s->c.memo);
	special_set_free(s->special);
	norm_release(&s->norm);
	free(s->in.s);
	free(s->text.s);
	free(s);
}

void
count_stream_on_ids(struct count_stream *s, count_ids_fn *fn, void *data)
{
	s->on_ids = fn;
	s->data = data;
	if (s->other != NULL)
		s->e->ops->on_ids(s->other, fn, data);
}

void
count_stream_reset(struct count_stream *s)
{
	if (s->other != NULL)
		s->e->ops->reset(s->other);
	s->in.len = s->text.len = s->n_cut = 0;
	s->wait = s->in_wait = 0;
	s->too_long = false;
	s->tokens = 0;
}

static void
give_ids(struct count_stream *s, const uint8_t *text, const struct batch *b)
{
	uint32_t ids[256];

	for (uint32_t i = 0; i < b->n; i++) {
		const uint32_t *ranks;
		size_t n = piece_ranks(&s->c, text + b->at[i],
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
count_from(struct count_stream *s, struct text t, size_t at)
{
	const struct engine *engine = engine_best();
	struct batch *b = &s->batch;

	b->rest = 0;
	memo_enter(s->c.memo, t.len - at);
	do {
		t.bare = s->c.bare > 0;
		t.whole = s->c.sparse > 0 ? SPARSE_BYTES : 3;
		engine->cut(&t, s->e->v->head->pattern, (uint32_t)at, b);
		if (s->on_ids != NULL)
			give_ids(s, t.s, b);
		else
			s->tokens += engine->sum(&s->c, t.s, b);
		at = b->at[b->n];
	} while (b->n >= BATCH_MAX);
	memo_leave(s->c.memo);
	return at;
}

static size_t
count_span(struct count_stream *s, size_t at, size_t end, bool final)
{
	return count_from(s,
	    (struct text){ s->text.s, (uint32_t)end, final, s->e->v->seams,
		false, 0 },
	    at);
}

/* The text between at and end of the source of special tokens; returns how
 * far it was used, which is to the end if it is final. */
static size_t
count_part(struct count_stream *s, size_t at, size_t end, bool final)
{
	size_t used;

	if (s->source == &s->text)
		return count_span(s, at, end, final);
	used = norm_add(&s->norm, s->e->form, s->source->s + at, end - at,
	    final, &s->text);
	if (s->text.len > LONGEST) {
		s->too_long = true;
		s->text.len = 0;
	}
	memset(s->text.s + s->text.len, 0, COUNT_PAD);
	count_bytes_drop(&s->text, count_span(s, 0, s->text.len, final));
	return at + used;
}

/* The text between special tokens is text of its own. */
static size_t
count_with_special(struct count_stream *s, bool final)
{
	const struct count_bytes *from = s->source;
	size_t at = 0, found = 0, hold = special_longest(s->special);
	const struct special *x;

	while ((x = special_find(s->special, from->s, from->len, &found)) !=
	    NULL) {
		/* One that is longer may be about to come. */
		if (!final && from->len - found < hold)
			break;
		count_part(s, at, found, true);
		s->tokens++;
		if (s->on_ids != NULL)
			s->on_ids(&x->id, 1, s->data);
		at = found += x->len;
	}
	if (final)
		return count_part(s, at, from->len, true);
	found = x != NULL ? found : from->len;
	if (from->len - at <= hold || found - at <= hold)
		return at;
	found -= hold;
	while (found > at && from->s[found] >> 6 == 2)
		found--;
	return count_part(s, at, found, false);
}

/*
 * Count what is certain:
 *
 *	s->in -> normal form -> s->text -> special tokens -> pieces
 *
 * or, where special tokens are of the text as it came,
 *
 *	s->in -> special tokens -> normal form -> s->text -> pieces
 *
 * Without a normal form text comes in as s->text.
 */
static int
count_certain(struct count_stream *s, bool final, struct tk_err *err)
{
	bool early = s->e->form != NORM_NONE && s->source == &s->text;
	size_t at;

	if (early && (final || s->in.len >= s->in_wait)) {
		at = norm_add(&s->norm, s->e->form, s->in.s, s->in.len, final,
		    &s->text);
		count_bytes_drop(&s->in, at);
		s->in_wait = s->in.len > TAKE ? 2 * s->in.len : 0;
	}
	if (s->in.len > LONGEST || s->text.len > LONGEST)
		s->too_long = true;
	else if (final || s->source->len + s->text.len >= s->wait) {
		memset(s->source->s + s->source->len, 0, COUNT_PAD);
		at = s->special != NULL ? count_with_special(s, final)
					: count_span(s, 0, s->text.len, final);
		count_bytes_drop(s->source, at);
		/* A long piece waits until it has doubled. */
		at = s->source->len + s->text.len;
		s->wait = at > TAKE ? 2 * at : 0;
	}
	if (s->too_long)
		return tk_fail(err, TK_DATA,
		    "over 1 GiB of text without a place to cut it");
	return 0;
}

/*
 * Append n bytes as valid UTF-8.  Unless they are the last, an incomplete
 * character at their end is left; returns how many bytes were used.
 */
static size_t
repair(struct count_stream *s, const uint8_t *p, size_t n, bool last)
{
	struct count_bytes *to = s->e->form != NORM_NONE ? &s->in : &s->text;

	count_bytes_room(to, 3 * n);
	return utf8_repair(p, n, last, to->s, &to->len);
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

/* Take in n bytes; all but an incomplete character is text then. */
static void
take_in(struct count_stream *s, const uint8_t *p, size_t n)
{
	size_t used = repair(s, p, n, false);

	s->n_cut = n - used;
	memcpy(s->cut, p + used, s->n_cut);
}

/*
 * Count valid text where it lies, but for the end, of which nothing can be
 * read behind; returns how many bytes that were.
 */
static size_t
count_in_place(struct count_stream *s, const uint8_t *p, size_t n)
{
	size_t done = 0, valid = 0;

	while (n - valid > COUNT_PAD) {
		/* A long piece waits until there is four times as much. */
		size_t more = valid - done < TAKE ? TAKE : 3 * (valid - done),
		       k;

		if (valid - done > LONGEST)
			break;
		if (more > n - valid - COUNT_PAD)
			more = n - valid - COUNT_PAD;
		k = utf8_valid(p + valid, more);
		valid += k;
		done += count_from(s,
		    (struct text){ p + done, (uint32_t)(valid - done), false,
			s->e->v->seams, false, 0 },
		    0);
		/* Invalid, or a character that ends behind this stretch. */
		if (k + 4 <= more || k == 0)
			break;
	}
	/* Of a long piece all that there is was looked at: not again before
	 * there is more. */
	if (valid - done > TAKE && n - valid < COUNT_PAD + 4)
		s->wait = 2 * (n - done) + 1;
	return done;
}

/*
 * The text that waits is at the front of its buffer, and those who give ours
 * have much of it: join the two, count, and what then waits is theirs again.
 * Returns how many of the n bytes are done with.
 */
static size_t
count_joined(struct count_stream *s, const uint8_t *p, size_t n,
    struct tk_err *err)
{
	size_t waited = s->text.len, k = utf8_valid(p, n < JOIN ? n : JOIN);

	count_bytes_add(&s->text, p, k);
	if (count_certain(s, false, err) < 0)
		return SIZE_MAX;
	if (s->text.len > k || waited == 0)
		return k;
	k -= s->text.len;
	s->text.len = s->wait = 0;
	return k;
}

/* Without special tokens and normal form there need be no buffer between. */
static int
add_plain(struct count_stream *s, const uint8_t **p, size_t *n,
    struct tk_err *err)
{
	size_t k;

	if (s->text.len > 0 && s->text.len<JOIN && * n> 2 * JOIN) {
		k = count_joined(s, *p, *n, err);
		if (k == SIZE_MAX)
			return -1;
		*p += k;
		*n -= k;
	}
	if (s->text.len == 0) {
		k = count_in_place(s, *p, *n);
		*p += k;
		*n -= k;
	}
	return 0;
}

int
count_stream_add(struct count_stream *s, const void *bytes, size_t n,
    struct tk_err *err)
{
	bool plain = s->e->form == NORM_NONE && s->special == NULL;
	const uint8_t *p = bytes;

	if (s->other != NULL)
		return s->e->ops->add(s->other, bytes, n, err);
	while (n > 0) {
		size_t k = repair_cut(s, p, n);

		p += k;
		n -= k;
		if (plain && s->n_cut == 0 && add_plain(s, &p, &n, err) < 0)
			return -1;
		k = n < TAKE ? n : TAKE;
		if (k > 0)
			take_in(s, p, k);
		p += k;
		n -= k;
		if (count_certain(s, false, err) < 0)
			return -1;
	}
	return 0;
}

int
count_stream_end(struct count_stream *s, int64_t *tokens, struct tk_err *err)
{
	int rc;

	if (s->other != NULL)
		return s->e->ops->end(s->other, tokens, err);
	repair(s, s->cut, s->n_cut, true);
	rc = count_certain(s, true, err);
	*tokens = s->tokens;
	count_stream_reset(s);
	return rc;
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
