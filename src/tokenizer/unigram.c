/*
 * The stage of unigram models: of all ways to cut a piece into tokens, the
 * one with the highest sum of scores; of equal ones the first found, going
 * through the places from the left and through the tokens from the shortest.
 *
 * A place between two characters that stand side by side in no token is on
 * every way, so what is on its left is given at once; but the sum goes on,
 * since how it is rounded decides between ways that are nearly equal.
 * Scores and sums are 32-bit floats in SentencePiece, 64-bit in Hugging
 * Face's tokenizers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/stage.h"

/* The best way to a place: where its last token starts. */
struct way {
	double sum;
	uint32_t start; /* NONE: no way was found yet */
	uint32_t id;
};

struct unigram {
	struct way *way;
	size_t room;
	double sum; /* of what was given of this piece */
	struct tk_buf ids;
};

static struct unigram *
unigram_of(struct stage *g)
{
	struct unigram *u = g->own;

	if (u == NULL) {
		g->own = u = tk_xcalloc(1, sizeof(*u));
		u->ids = (struct tk_buf)TK_BUF_INIT;
	}
	return u;
}

static void
offer(struct way *w, double sum, uint32_t start, uint32_t id, bool spm)
{
	if (w->start != MODEL_NONE && !(sum > w->sum))
		return;
	w->sum = spm ? (double)(float)sum : sum;
	w->start = start;
	w->id = id;
}

/* All tokens that start at a place, and the unknown if none is a character
 * long. */
static void
go_on(const struct image *i, struct way *way, const uint8_t *p, uint32_t at,
    uint32_t n)
{
	bool spm = (i->head->flags & MODEL_SPM) != 0, single = false;
	double sum = way[at].sum, low = i->head->low_score - 10;
	unsigned len = model_char_len(p[at]);
	uint32_t node = 0;

	for (uint32_t k = at; k < n;) {
		uint32_t id;

		node = trie_step(&i->piece, node, p[k++]);
		if (node == 0)
			break;
		id = trie_value(&i->piece, node);
		if (id >= i->head->n_id)
			continue;
		offer(&way[k], i->score[id] + sum, at, id, spm);
		single = single || k - at == len;
	}
	if (!single)
		offer(&way[at + len],
		    spm ? (double)((float)low + (float)sum) : low + sum, at,
		    i->head->unknown, spm);
}

static void
add_unknown(struct stage *g, struct unigram *u, const uint8_t *p, size_t n)
{
	const struct image *i = g->flow->image;

	if ((i->head->flags & MODEL_BYTE_FALLBACK) != 0)
		for (size_t k = 0; k < n; k++)
			tk_buf_add(&u->ids, &i->byte[p[k]], sizeof(uint32_t));
	else if (!g->flow->last_unknown)
		tk_buf_add(&u->ids, &i->head->unknown, sizeof(uint32_t));
}

/* The tokens from the left; each way is turned round to say its end. */
static void
give(struct stage *g, struct unigram *u, const uint8_t *p, uint32_t n)
{
	struct way *way = u->way;
	uint32_t end = n, next = MODEL_NONE;

	while (end > 0) {
		uint32_t start = way[end].start;

		way[end].start = next;
		next = end;
		end = start;
	}
	tk_buf_reset(&u->ids);
	for (uint32_t start = 0; next != MODEL_NONE; next = way[next].start) {
		if (way[next].id == g->flow->image->head->unknown) {
			add_unknown(g, u, p + start, next - start);
			g->flow->last_unknown = true;
		} else {
			tk_buf_add(&u->ids, &way[next].id, sizeof(uint32_t));
			g->flow->last_unknown = false;
		}
		start = next;
	}
	flow_give(g->flow, (const uint32_t *)(void *)u->ids.s,
	    u->ids.len / sizeof(uint32_t));
}

static void
encode(struct stage *g, const uint8_t *p, uint32_t n)
{
	struct unigram *u = unigram_of(g);

	if (n + 1 > u->room) {
		u->room = n + 1 > 2 * u->room ? n + 1 : 2 * u->room;
		u->way = tk_xreallocarray(u->way, u->room, sizeof(*u->way));
	}
	for (uint32_t k = 1; k <= n; k++)
		u->way[k].start = MODEL_NONE;
	u->way[0].sum = u->sum;
	for (uint32_t at = 0; at < n; at += model_char_len(p[at]))
		go_on(g->flow->image, u->way, p, at, n);
	u->sum = u->way[n].sum;
	give(g, u, p, n);
}

static void
advance(struct stage *g, bool final)
{
	const uint8_t *p = (const uint8_t *)g->held.s;
	size_t start = 0, n = g->held.len;
	uint32_t last = g->before, cp;
	unsigned k;

	for (size_t at = g->from; at < n; at += k) {
		cp = model_char(p + at, &k);
		if (at > start && !image_joins(g->flow->image, last, cp)) {
			encode(g, p + start, (uint32_t)(at - start));
			start = at;
		}
		last = cp;
	}
	if (final && start < n) {
		encode(g, p + start, (uint32_t)(n - start));
		start = n;
	}
	stage_drop(g, start);
	g->from = g->held.len;
	g->before = last;
}

static void
unigram_text(struct stage *g, const uint8_t *p, size_t n)
{
	if (stage_hold(g, p, n))
		advance(g, false);
}

static void
unigram_cut(struct stage *g)
{
	if (g->held.len > 0)
		advance(g, true);
	g->from = 0;
	unigram_of(g)->sum = 0;
	g->flow->last_unknown = false;
}

static void
unigram_token(struct stage *g, uint32_t id)
{
	flow_give(g->flow, &id, 1);
}

static void
unigram_reset(struct stage *g)
{
	stage_reset(g);
	unigram_of(g)->sum = 0;
}

static void
unigram_release(struct stage *g)
{
	struct unigram *u = g->own;

	if (u == NULL)
		return;
	free(u->way);
	tk_buf_release(&u->ids);
	free(u);
}

const struct stage_ops stage_unigram = {
	.text = unigram_text,
	.cut = unigram_cut,
	.token = unigram_token,
	.reset = unigram_reset,
	.release = unigram_release,
};
