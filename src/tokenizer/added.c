/*
 * Added tokens: texts that are found before anything is cut or merged, the
 * first one, and of those the longest.
 *
 * As in Hugging Face's tokenizers, one that is found and not taken (it is
 * special and those are text, or it has to be a word and is not) hides
 * others that begin in it.
 */
#include <string.h>

#include "tokenizer/stage.h"

/* A match: bytes start to stop of what is held. */
struct found {
	size_t start, stop;
	const struct model_added *added;
};

enum { UNSURE = -1, MISSED, FOUND };

/* Whether a token begins at that place: FOUND, MISSED, or more is needed. */
static int
match_at(const struct stage *g, size_t at, bool final, struct found *f)
{
	const struct image *i = g->flow->image;
	uint32_t node = 0;
	int rc = MISSED;

	for (size_t k = at;; k++) {
		if (k == g->held.len)
			return final ? rc : UNSURE;
		node = trie_step(g->trie, node, (uint8_t)g->held.s[k]);
		if (node == 0)
			return rc;
		if (trie_value(g->trie, node) < i->n_added) {
			f->added = &i->added[trie_value(g->trie, node)];
			f->start = at;
			f->stop = k + 1;
			rc = FOUND;
		}
	}
}

static uint32_t
char_before(const struct stage *g, size_t at)
{
	unsigned n;

	if (at == 0)
		return g->before;
	do
		at--;
	while ((uint8_t)g->held.s[at] >> 6 == 2);
	return model_char((const uint8_t *)g->held.s + at, &n);
}

static uint32_t
char_at(const struct stage *g, size_t at)
{
	unsigned n;

	if (at == g->held.len)
		return 0;
	return model_char((const uint8_t *)g->held.s + at, &n);
}

/* Bytes of white space in front of a place, not before from. */
static size_t
space_before(const struct stage *g, size_t from, size_t at)
{
	while (at > from && stage_is_space(char_before(g, at))) {
		do
			at--;
		while ((uint8_t)g->held.s[at] >> 6 == 2);
	}
	return at;
}

static size_t
space_after(const struct stage *g, size_t at)
{
	while (at < g->held.len && stage_is_space(char_at(g, at)))
		at += model_char_len((uint8_t)g->held.s[at]);
	return at;
}

/* Give the text in front of the match, and the token. */
static void
take(struct stage *g, const struct found *f)
{
	size_t start = f->start, stop = f->stop;

	if ((f->added->flags & ADDED_LSTRIP) != 0)
		start = space_before(g, g->done, start);
	if ((f->added->flags & ADDED_RSTRIP) != 0)
		stop = space_after(g, stop);
	/* White space that the one before has taken is not taken again. */
	if (start < g->done && (f->added->flags & ADDED_LSTRIP) != 0)
		start = g->done;
	if (start > g->done)
		stage_text(g->next, g->held.s + g->done, start - g->done);
	stage_cut(g->next);
	if (start < stop)
		g->next->ops->token(g->next, f->added->id);
	g->done = stop;
}

static bool
is_taken(const struct stage *g, const struct found *f)
{
	uint32_t flags = f->added->flags;

	if ((flags & ADDED_SPECIAL) != 0 && !g->flow->special)
		return false;
	return (flags & ADDED_SINGLE_WORD) == 0 ||
	    (!stage_is_word(char_before(g, f->start)) &&
		!stage_is_word(char_at(g, f->stop)));
}

/* What stands behind the match matters, and it is not known yet. */
static bool
needs_more(const struct stage *g, const struct found *f, bool final)
{
	size_t end = f->stop;

	if (final)
		return false;
	if ((f->added->flags & ADDED_RSTRIP) != 0)
		end = space_after(g, end);
	return end == g->held.len &&
	    (f->added->flags & (ADDED_RSTRIP | ADDED_SINGLE_WORD)) != 0;
}

/* The text before a place, less what a token behind it may yet take. */
static size_t
certain(const struct stage *g, size_t at, bool final)
{
	if (at <= g->done || final ||
	    (g->flow->image->head->flags & MODEL_LSTRIP) == 0)
		return at;
	return space_before(g, g->done, at);
}

static void
scan(struct stage *g, bool final)
{
	size_t at = g->from, give, drop;
	struct found f;

	while (at < g->held.len) {
		uint8_t first = (uint8_t)g->held.s[at];
		int rc = MISSED;

		if ((g->first[first / 8] >> first % 8 & 1) != 0)
			rc = match_at(g, at, final, &f);
		if (rc == UNSURE || (rc == FOUND && needs_more(g, &f, final)))
			break;
		if (rc == FOUND && is_taken(g, &f))
			take(g, &f);
		at = rc == FOUND ? f.stop : at + 1;
	}
	give = certain(g, at, final);
	if (give > g->done) {
		stage_text(g->next, g->held.s + g->done, give - g->done);
		g->done = give;
	}
	/* A token may have taken white space beyond the place. */
	drop = g->done < at ? g->done : at;
	if (drop > 0) {
		g->before = char_before(g, drop);
		stage_drop(g, drop);
	}
	g->from = at - drop;
	g->done -= drop;
}

static void
added_text(struct stage *g, const uint8_t *p, size_t n)
{
	if (g->trie->nodes == 0) {
		stage_text(g->next, p, n);
		return;
	}
	if (!stage_hold(g, p, n) || g->held.len < g->wait)
		return;
	scan(g, false);
	/* A long run of white space is not looked at again and again. */
	g->wait = g->held.len > 8192 ? 2 * g->held.len : 0;
}

static void
added_cut(struct stage *g)
{
	if (g->held.len > 0)
		scan(g, true);
	tk_buf_reset(&g->held);
	g->before = 0;
	g->wait = g->from = g->done = 0;
	stage_cut(g->next);
}

const struct stage_ops stage_added = {
	.text = added_text,
	.cut = added_cut,
	.token = stage_token,
};
