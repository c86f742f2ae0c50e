/*
 * The stage of models that merge: pieces to symbols to tokens.
 *
 * Two symbols can only ever merge across a place if a merge of the model has
 * the character before it at the end of its left part and the one behind it
 * at the start of its right part.  Where no merge has, the piece falls apart
 * into chunks that are merged by themselves with the same result, since
 * which pair is merged first only matters among pairs that touch.  Models
 * that do not cut text before merging are fast and need little memory by
 * that: what has U+2581 only at the start of tokens is merged word by word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/merge.h"
#include "tokenizer/stage.h"

/* Chunks seen before, up to 23 bytes, and how many tokens they are. */
struct memo {
	uint64_t key[3]; /* the topmost byte is the length */
	uint64_t count;
};

enum { MEMO_SLOTS = 1 << 14, MEMO_BYTES = 23 };

struct bpe {
	struct merge merge;
	struct memo *memo;
	struct tk_buf ids;
};

static struct bpe *
bpe_of(struct stage *g)
{
	struct bpe *b = g->own;

	if (b == NULL) {
		g->own = b = tk_xcalloc(1, sizeof(*b));
		b->ids = (struct tk_buf)TK_BUF_INIT;
	}
	return b;
}

/* SentencePiece: a symbol that is no token is its bytes, or unknown. */
static void
give_spm(struct stage *g, struct bpe *b, size_t n)
{
	const struct image *i = g->flow->image;
	bool bytes = (i->head->flags & MODEL_BYTE_FALLBACK) != 0;
	uint32_t id;

	tk_buf_reset(&b->ids);
	for (size_t k = 0; k < n; k++) {
		const uint8_t *p;
		size_t len = 0;

		id = b->merge.s[k].id;
		if (id < i->head->n_id && id != i->head->unknown) {
			g->flow->last_unknown = false;
			tk_buf_add(&b->ids, &id, sizeof(id));
			continue;
		}
		p = id < i->n_token ? image_text(i, i->token[id], &len) : NULL;
		for (size_t j = 0; bytes && j < len; j++)
			tk_buf_add(&b->ids, &i->byte[p[j]], sizeof(id));
		if (!bytes && !g->flow->last_unknown)
			tk_buf_add(&b->ids, &i->head->unknown, sizeof(id));
		g->flow->last_unknown = true;
	}
	flow_give(g->flow, (const uint32_t *)(void *)b->ids.s,
	    b->ids.len / sizeof(id));
}

static void
give(struct stage *g, struct bpe *b, size_t n)
{
	uint32_t ids[64];
	size_t k = 0;

	if ((g->flow->image->head->flags & MODEL_SPM) != 0) {
		give_spm(g, b, n);
		return;
	}
	if (g->flow->on_ids == NULL) {
		flow_give(g->flow, NULL, n);
		return;
	}
	for (size_t j = 0; j < n; j++) {
		ids[k++] = b->merge.s[j].id;
		if (k == 64 || j + 1 == n) {
			flow_give(g->flow, ids, k);
			k = 0;
		}
	}
}

static struct memo *
memo_slot(struct bpe *b, const uint8_t *p, size_t n, uint64_t key[3])
{
	uint8_t text[24] = { 0 };
	uint64_t h;

	if (b->memo == NULL)
		b->memo = tk_xcalloc(MEMO_SLOTS, sizeof(*b->memo));
	memcpy(text, p, n);
	text[23] = (uint8_t)n;
	memcpy(key, text, sizeof(text));
	h = image_mix(key[0]) ^ image_mix(key[1] + 1) * 3 ^
	    image_mix(key[2] + 2) * 5;
	return &b->memo[image_mix(h) >> 32 & (MEMO_SLOTS - 1)];
}

static void
encode(struct stage *g, const uint8_t *p, size_t n)
{
	const struct image *i = g->flow->image;
	struct bpe *b = bpe_of(g);
	struct memo *m = NULL;
	uint64_t key[3];
	int64_t before = g->flow->tokens;
	size_t count;

	if (g->flow->on_ids == NULL && n <= MEMO_BYTES &&
	    (i->head->flags & MODEL_ALL_KNOWN) != 0) {
		m = memo_slot(b, p, n, key);
		if (memcmp(m->key, key, sizeof(key)) == 0) {
			g->flow->tokens += (int64_t)m->count;
			return;
		}
	}
	count = merge_chunk(&b->merge, i, p, n);
	give(g, b, count);
	if (m != NULL) {
		memcpy(m->key, key, sizeof(key));
		m->count = (uint64_t)(g->flow->tokens - before);
	}
}

/* Whether nothing can merge across the place between two characters. */
static bool
is_seam(const struct stage *g, uint32_t a, uint32_t b)
{
	const struct image *i = g->flow->image;
	uint32_t flags = i->head->flags;
	bool known_a, known_b;

	if (i->head->kind == MODEL_BYTES) {
		uint32_t at = a << 8 | b;

		return (flags & MODEL_ALL_KNOWN) != 0 &&
		    (i->join_low[at / 8] >> at % 8 & 1) == 0;
	}
	if (image_joins(i, a, b))
		return false;
	if ((flags & MODEL_SPM) != 0 ||
	    (flags & (MODEL_ALL_KNOWN | MODEL_ODD_MERGES)) == MODEL_ALL_KNOWN)
		return true;
	known_a = image_symbol(i, a) != MODEL_NONE;
	known_b = image_symbol(i, b) != MODEL_NONE;
	/* Unknown ones may merge, or go away, or become one token. */
	if ((flags & MODEL_ODD_MERGES) != 0 || i->head->unknown == MODEL_NONE)
		return known_a && known_b;
	return known_a || known_b;
}

/* Encode the chunks that are certain, all if the piece ends. */
static void
advance(struct stage *g, bool final)
{
	bool bytes = g->flow->image->head->kind == MODEL_BYTES;
	const uint8_t *p = (const uint8_t *)g->held.s;
	size_t start = 0, n = g->held.len;
	uint32_t last = g->before, cp;
	unsigned k = 1;

	for (size_t at = g->from; at < n; at += k) {
		cp = bytes ? p[at] : model_char(p + at, &k);
		if (at > start && is_seam(g, last, cp)) {
			encode(g, p + start, at - start);
			start = at;
		}
		last = cp;
	}
	if (final && start < n) {
		encode(g, p + start, n - start);
		start = n;
	}
	if (start > 0)
		g->inside = true;
	stage_drop(g, start);
	g->from = g->held.len;
	g->before = last;
}

static void
bpe_text(struct stage *g, const uint8_t *p, size_t n)
{
	const struct image_head *h = g->flow->image->head;

	if (!stage_hold(g, p, n))
		return;
	if ((h->flags & MODEL_WHOLE) != 0 && g->held.len <= h->max_len)
		return;
	/* Pieces of bytes were cut before, and are mostly a word. */
	if (h->kind == MODEL_BYTES && g->held.len < 4096)
		return;
	advance(g, false);
}

/* A whole piece that is a token. */
static bool
is_token(struct stage *g)
{
	const struct image *i = g->flow->image;
	uint32_t node = 0, id;

	if (g->inside || g->held.len > i->head->max_len)
		return false;
	for (size_t k = 0; k < g->held.len; k++) {
		node = trie_step(&i->piece, node, (uint8_t)g->held.s[k]);
		if (node == 0)
			return false;
	}
	id = trie_value(&i->piece, node);
	if (id >= i->head->n_id)
		return false;
	flow_give(g->flow, &id, 1);
	return true;
}

static void
end_piece(struct stage *g)
{
	const struct image_head *h = g->flow->image->head;

	if ((h->flags & MODEL_WHOLE) != 0 && is_token(g))
		return;
	if (h->kind == MODEL_BYTES && !g->inside && g->held.len <= MEMO_BYTES)
		encode(g, (const uint8_t *)g->held.s, g->held.len);
	else
		advance(g, true);
}

/* Whole pieces are remembered apart from chunks, of which they may be one. */
static void
end_known_piece(struct stage *g)
{
	int64_t before = g->flow->tokens;
	uint64_t key[3];
	struct memo *m =
	    memo_slot(bpe_of(g), (const uint8_t *)g->held.s, g->held.len, key);

	key[2] |= UINT64_C(1) << 63;
	if (memcmp(m->key, key, sizeof(key)) == 0) {
		g->flow->tokens += (int64_t)m->count;
		return;
	}
	end_piece(g);
	memcpy(m->key, key, sizeof(key));
	m->count = (uint64_t)(g->flow->tokens - before);
}

static void
bpe_cut(struct stage *g)
{
	const uint32_t known = MODEL_WHOLE | MODEL_ALL_KNOWN;
	uint32_t flags = g->flow->image->head->flags;

	if (g->held.len > 0) {
		if ((flags & known) == known && g->flow->on_ids == NULL &&
		    !g->inside && g->held.len <= MEMO_BYTES)
			end_known_piece(g);
		else
			end_piece(g);
	}
	tk_buf_reset(&g->held);
	g->from = 0;
	g->inside = false;
}

static void
bpe_token(struct stage *g, uint32_t id)
{
	g->flow->last_unknown = false;
	flow_give(g->flow, &id, 1);
}

static void
bpe_release(struct stage *g)
{
	struct bpe *b = g->own;

	if (b == NULL)
		return;
	merge_release(&b->merge);
	free(b->memo);
	tk_buf_release(&b->ids);
	free(b);
}

const struct stage_ops stage_bpe = {
	.text = bpe_text,
	.cut = bpe_cut,
	.token = bpe_token,
	.release = bpe_release,
};
