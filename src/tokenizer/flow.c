/* A text's way through a tokenizer, put together from its steps. */
#include "tokenizer/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "count/pieces.h"
#include "vocab/vocab.h"

static const struct stage_ops *const ops_of[STEP_KINDS] = {
	[STEP_PREPEND] = &stage_prepend,
	[STEP_REPLACE] = &stage_replace,
	[STEP_STRIP] = &stage_strip,
	[STEP_CHARSMAP] = &stage_charsmap,
	[STEP_ADDED] = &stage_added,
	[STEP_PATTERN] = &stage_pattern,
	[STEP_SPLIT] = &stage_split,
	[STEP_DIGITS] = &stage_digits,
	[STEP_SPACES] = &stage_spaces,
	[STEP_NORMALIZE] = &stage_normalize,
	[STEP_MATCHES] = &stage_matches,
	[STEP_REWRITE] = &stage_rewrite,
};

/* Tokens of the trie can be in a text that is counted like this. */
static void
use_trie(struct stage *g, const struct trie *t, const uint8_t *first,
    uint32_t plain)
{
	static const struct trie none;
	const struct flow *f = g->flow;

	g->first = first;
	g->trie =
	    f->special || (f->image->head->flags & plain) != 0 ? t : &none;
}

static int
begin_step(struct stage *g, const struct model_step *s, struct tk_err *err)
{
	const struct image *i = g->flow->image;
	const struct image_head *h = i->head;

	if (s->kind >= STEP_KINDS || ops_of[s->kind] == NULL)
		return tk_fail(err, TK_DATA,
		    "the packed tokenizer asks for step %u", s->kind);
	g->ops = ops_of[s->kind];
	g->step = s;
	g->a = image_text(i, s->a, &g->a_len);
	g->b = image_text(i, s->b, &g->b_len);
	if (s->kind == STEP_ADDED)
		use_trie(g, &i->norm, h->norm_first, MODEL_NORM_PLAIN);
	if (s->kind == STEP_CHARSMAP)
		return charsmap_check(g->a, g->a_len, err);
	if (s->kind == STEP_NORMALIZE)
		return normalize_check(g->a, g->a_len, err);
	if (s->kind == STEP_MATCHES || s->kind == STEP_REWRITE)
		return matches_check(g, err);
	if (s->kind == STEP_PATTERN)
		return pattern_find((const char *)g->a, g->a_len, &g->pattern,
		    err);
	if (!tk_utf8_valid((const char *)g->a, g->a_len) ||
	    !tk_utf8_valid((const char *)g->b, g->b_len) ||
	    (g->a_len == 0 &&
		(s->kind == STEP_REPLACE || s->kind == STEP_SPLIT)))
		return tk_fail(err, TK_DATA, "the packed tokenizer is damaged");
	return 0;
}

int
flow_init(struct flow *f, const struct image *i, enum count_flags flags,
    struct tk_err *err)
{
	struct stage *g;

	memset(f, 0, sizeof(*f));
	f->image = i;
	f->special = (flags & COUNT_SPECIAL) != 0;
	f->n_stage = (size_t)i->n_step + 2;
	f->stage = tk_xcalloc(f->n_stage, sizeof(*f->stage));
	for (size_t k = 0; k < f->n_stage; k++) {
		g = &f->stage[k];
		g->flow = f;
		g->held = (struct tk_buf)TK_BUF_INIT;
		g->next = k + 1 < f->n_stage ? g + 1 : NULL;
	}
	f->stage[0].ops = &stage_added;
	use_trie(&f->stage[0], &i->raw, i->head->raw_first, MODEL_RAW_PLAIN);
	g = &f->stage[f->n_stage - 1];
	g->ops = i->head->kind == MODEL_UNIGRAM ? &stage_unigram : &stage_bpe;
	for (uint32_t k = 0; k < i->n_step; k++)
		if (begin_step(&f->stage[k + 1], &i->step[k], err) < 0)
			return -1;
	return 0;
}

void
flow_release(struct flow *f)
{
	for (size_t k = 0; k < f->n_stage; k++) {
		struct stage *g = &f->stage[k];

		if (g->ops != NULL && g->ops->release != NULL)
			g->ops->release(g);
		tk_buf_release(&g->held);
	}
	free(f->stage);
}

void
flow_reset(struct flow *f)
{
	for (size_t k = 0; k < f->n_stage; k++) {
		struct stage *g = &f->stage[k];

		if (g->ops->reset != NULL)
			g->ops->reset(g);
		else
			stage_reset(g);
	}
	f->too_long = f->too_hard = f->last_unknown = false;
	f->tokens = 0;
	f->n_part = 0;
}

/* How many bytes from the start on are ASCII, at least. */
static size_t
ascii(const uint8_t *p, size_t n)
{
	size_t k = 0;
	uint64_t word;

	for (; n - k >= 8; k += 8) {
		memcpy(&word, p + k, 8);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return k;
}

/*
 * Give all that is valid, and U+FFFD for what is not; returns how many bytes
 * at the end may be the beginning of a character.
 */
static size_t
repair(struct flow *f, const uint8_t *p, size_t n, bool final)
{
	size_t start = 0, at = 0;
	int32_t cp;

	while ((at += ascii(p + at, n - at)) < n) {
		size_t k = tk_utf8_step((const char *)p + at, n - at, &cp);

		if (cp >= 0) {
			at += k;
			continue;
		}
		stage_text(&f->stage[0], p + start, at - start);
		if (at + k == n && !final)
			return k;
		stage_text(&f->stage[0], "\xef\xbf\xbd", 3);
		start = at += k;
	}
	stage_text(&f->stage[0], p + start, n - start);
	return 0;
}

static int
flow_failed(const struct flow *f, struct tk_err *err)
{
	if (f->too_hard)
		return tk_fail(err, TK_DATA,
		    "the tokenizer's regular expression takes too many steps");
	return tk_fail(err, TK_DATA,
	    "over 1 GiB of text without a place to cut it");
}

int
flow_add(struct flow *f, const uint8_t *p, size_t n, struct tk_err *err)
{
	while (f->n_part > 0 && n > 0) {
		size_t left;

		f->part[f->n_part++] = *p++;
		n--;
		left = repair(f, f->part, f->n_part, false);
		memmove(f->part, f->part + f->n_part - left, left);
		f->n_part = left;
	}
	while (n > 0) {
		size_t k = n < 1 << 16 ? n : 1 << 16;

		f->n_part = repair(f, p, k, false);
		if (k < n) {
			k -= f->n_part;
			f->n_part = 0;
		}
		memcpy(f->part, p + k - f->n_part, f->n_part);
		p += k;
		n -= k;
	}
	if (f->too_long || f->too_hard)
		return flow_failed(f, err);
	return 0;
}

int
flow_end(struct flow *f, int64_t *tokens, struct tk_err *err)
{
	repair(f, f->part, f->n_part, true);
	stage_cut(&f->stage[0]);
	*tokens = f->tokens;
	if (f->too_long || f->too_hard)
		return flow_failed(f, err);
	flow_reset(f);
	return 0;
}

/* The last stage, where it is only the text that is wanted. */
static void
collect_text(struct stage *g, const uint8_t *p, size_t n)
{
	tk_buf_add(g->own, p, n);
}

static void
collect_cut(struct stage *g)
{
	(void)g;
}

static const struct stage_ops stage_collect = {
	.text = collect_text,
	.cut = collect_cut,
	.token = stage_token,
};

int
flow_normalize(const struct model *m, size_t steps, const char *text, size_t n,
    struct tk_buf *to, struct tk_err *err)
{
	static const struct image_head head;
	const struct image i = { .head = &head,
		.text = (const uint8_t *)m->text.s,
		.text_len = m->text.len,
		.step = m->step,
		.n_step = (uint32_t)steps };
	struct flow f;
	int rc = flow_init(&f, &i, 0, err);

	tk_buf_reset(to);
	if (rc == 0) {
		f.stage[f.n_stage - 1].ops = &stage_collect;
		f.stage[f.n_stage - 1].own = to;
		stage_text(&f.stage[0], text, n);
		stage_cut(&f.stage[0]);
	}
	flow_release(&f);
	return rc;
}

int
pattern_find(const char *name, size_t n, uint32_t *pattern, struct tk_err *err)
{
	for (uint32_t i = 0; i < VOCAB_PATTERNS; i++) {
		if (strlen(vocab_patterns[i]) == n &&
		    memcmp(vocab_patterns[i], name, n) == 0) {
			*pattern = i;
			return 0;
		}
	}
	return tk_fail(err, TK_DATA, "no pattern '%.*s' in this program",
	    n < 40 ? (int)n : 40, name);
}

/* The pieces of a pattern that sure end where they do. */
static void
pattern_pieces(struct stage *g, bool final)
{
	const uint8_t *p = (const uint8_t *)g->held.s;
	const uint32_t *end;
	size_t at = 0, n;

	if (g->own == NULL)
		g->own = count_pieces_new(g->pattern);
	do {
		n = count_pieces_cut(g->own, p, g->held.len, at, final, &end);
		for (size_t k = 0; k < n; k++) {
			stage_text(g->next, p + at, end[k] - at);
			stage_cut(g->next);
			at = end[k];
		}
	} while (n > 0 && at < g->held.len);
	stage_drop(g, at);
	g->wait = g->held.len > 1 << 16 ? 2 * g->held.len : 0;
}

static void
pattern_text(struct stage *g, const uint8_t *p, size_t n)
{
	static const char pad[COUNT_PIECES_PAD];

	if (!stage_hold(g, p, n) || g->held.len < g->wait)
		return;
	tk_buf_add(&g->held, pad, sizeof(pad));
	g->held.len -= sizeof(pad);
	pattern_pieces(g, false);
}

static void
pattern_cut(struct stage *g)
{
	static const char pad[COUNT_PIECES_PAD];

	tk_buf_add(&g->held, pad, sizeof(pad));
	g->held.len -= sizeof(pad);
	if (g->held.len > 0)
		pattern_pieces(g, true);
	g->wait = 0;
	stage_cut(g->next);
}

static void
pattern_release(struct stage *g)
{
	count_pieces_free(g->own);
}

const struct stage_ops stage_pattern = {
	.text = pattern_text,
	.cut = pattern_cut,
	.token = stage_token,
	.release = pattern_release,
};
