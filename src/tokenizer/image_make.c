/* From a model to its packed form. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tokenizer/image.h"

struct maker {
	const struct model *m;
	struct image_head head;
	struct trie_maker raw, norm, piece;
	struct model_text *token;
	double *score;
	uint32_t unit[256];
	uint64_t *chars, *join;
	struct model_merge *merge;
	uint32_t n_char, n_merge, n_join, join_used;
	uint8_t join_low[8192];
};

static void
note_added(struct maker *k, const struct model_added *a, uint8_t first)
{
	bool norm = (a->flags & ADDED_NORMALIZED) != 0;
	uint8_t *bits = norm ? k->head.norm_first : k->head.raw_first;

	bits[first / 8] |= (uint8_t)(1 << first % 8);
	if ((a->flags & ADDED_LSTRIP) != 0)
		k->head.flags |= MODEL_LSTRIP;
	if ((a->flags & ADDED_SPECIAL) == 0)
		k->head.flags |= norm ? MODEL_NORM_PLAIN : MODEL_RAW_PLAIN;
}

/* Of two of the same text the last is found: it must not be another way. */
static int
put_added(struct maker *k, struct tk_err *err)
{
	const struct model *m = k->m;

	for (size_t i = 0; i < m->n_added; i++) {
		const struct model_added *a = &m->added[i];
		const uint8_t *p = model_bytes(m, a->text);
		struct trie_maker *t =
		    (a->flags & ADDED_NORMALIZED) != 0 ? &k->norm : &k->raw;
		uint32_t twin;

		if (a->text.len == 0)
			continue;
		twin = trie_get(t, p, a->text.len);
		if (twin != TRIE_NONE && m->added[twin].flags != a->flags)
			return tk_fail(err, TK_DATA,
			    "added token '%.*s' with two sets of flags is not "
			    "supported",
			    a->text.len < 60 ? (int)a->text.len : 60,
			    (const char *)p);
		note_added(k, a, *p);
		if (trie_put(t, p, a->text.len, (uint32_t)i) < 0)
			return tk_fail(err, TK_DATA,
			    "the added tokens are too many");
	}
	return 0;
}

/* The range of scores, of the tokens that count for it. */
static void
put_range(struct maker *k)
{
	const struct model *m = k->m;
	bool spm = (m->flags & MODEL_SPM) != 0, any = false;

	/* SentencePiece begins its search for the highest with FLT_MIN. */
	k->head.high_score = 0x1p-126;
	for (uint32_t id = 0; id < m->n_id; id++) {
		const struct model_token *t = &m->token[id];

		if (t->type == TOKEN_ABSENT || (spm && t->type != TOKEN_NORMAL))
			continue;
		if (!any || t->score < k->head.low_score)
			k->head.low_score = t->score;
		if (t->score > k->head.high_score)
			k->head.high_score = t->score;
		any = true;
	}
}

/* In SentencePiece a token of the user's is better than any other. */
static double
score_of(const struct maker *k, const struct model_token *t)
{
	if ((k->m->flags & MODEL_SPM) == 0 || t->type != TOKEN_USER)
		return t->score;
	return (double)((float)t->text.len * (float)k->head.high_score) - 0.1;
}

static int
put_tokens(struct maker *k, struct tk_err *err)
{
	const struct model *m = k->m;
	bool whole = m->kind == MODEL_UNIGRAM || (m->flags & MODEL_WHOLE) != 0;

	k->token = tk_xcalloc(m->n_token + 1, sizeof(*k->token));
	k->score = tk_xcalloc(m->n_id + 1, sizeof(*k->score));
	put_range(k);
	for (uint32_t id = 0; id < m->n_token; id++) {
		const struct model_token *t = &m->token[id];

		k->token[id] = t->text;
		if (id >= m->n_id || t->type == TOKEN_ABSENT)
			continue;
		k->score[id] = score_of(k, t);
		if (t->text.len > k->head.max_len)
			k->head.max_len = t->text.len;
		if (whole && t->type != TOKEN_RESERVED &&
		    t->type != TOKEN_UNUSED &&
		    trie_put(&k->piece, model_bytes(m, t->text), t->text.len,
			id) < 0)
			return tk_fail(err, TK_DATA,
			    "the vocabulary is too large");
	}
	return 0;
}

static void
put_char(struct maker *k, uint32_t cp, uint32_t symbol)
{
	uint64_t key = (uint64_t)cp + 1;
	uint32_t at;

	if (cp < 128) {
		k->unit[cp] = symbol;
		return;
	}
	at = image_home(key, k->n_char);
	while (k->chars[at] != 0)
		at = at + 1 == k->n_char ? 0 : at + 1;
	k->chars[at] = key << 32 | symbol;
}

/* So that no byte of a text can be without a token. */
static bool
all_known(const struct maker *k)
{
	const uint32_t *each =
	    k->m->kind == MODEL_BYTES ? k->unit : k->m->byte_token;

	if (k->m->kind == MODEL_CHARS &&
	    (k->m->flags & MODEL_BYTE_FALLBACK) == 0)
		return false;
	for (int i = 0; i < 256; i++)
		if (each[i] == MODEL_NONE)
			return false;
	return true;
}

/* The symbols of one byte or character. */
static void
put_units(struct maker *k)
{
	const struct model *m = k->m;
	uint32_t singles = 0;

	memset(k->unit, 0xff, sizeof(k->unit));
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t id = 0; id < m->n_token; id++) {
			const struct model_token *t = &m->token[id];
			const uint8_t *p = model_bytes(m, t->text);
			unsigned n;

			if (t->type == TOKEN_RESERVED || t->text.len == 0)
				continue;
			if (m->kind == MODEL_BYTES) {
				if (t->text.len == 1)
					k->unit[*p] = id;
			} else if (t->text.len == model_char_len(*p)) {
				singles++;
				if (pass == 1)
					put_char(k, model_char(p, &n), id);
			}
		}
		if (pass == 0) {
			k->n_char = singles * 2 + 1;
			k->chars = tk_xcalloc(k->n_char, sizeof(*k->chars));
		}
	}
	if (all_known(k))
		k->head.flags |= MODEL_ALL_KNOWN;
}

static uint32_t
first_char(const struct model *m, uint32_t id)
{
	const uint8_t *p = model_bytes(m, m->token[id].text);
	unsigned n;

	return m->kind == MODEL_BYTES ? *p : model_char(p, &n);
}

static uint32_t
last_char(const struct model *m, uint32_t id)
{
	struct model_text t = m->token[id].text;
	const uint8_t *p = model_bytes(m, t) + t.len - 1;
	unsigned n;

	if (m->kind == MODEL_BYTES)
		return *p;
	while (*p >> 6 == 2)
		p--;
	return model_char(p, &n);
}

static void
put_join(struct maker *k, uint32_t a, uint32_t b)
{
	uint32_t at = k->m->kind == MODEL_BYTES ? 0 : image_low(a), low = at;
	uint64_t key = ((uint64_t)a << 21 | b) + 1;

	if (k->m->kind == MODEL_BYTES) {
		at = a << 8 | b;
		k->join_low[at / 8] |= (uint8_t)(1 << at % 8);
		return;
	}
	if (low < 256 && image_low(b) < 256) {
		at = low << 8 | image_low(b);
		k->join_low[at / 8] |= (uint8_t)(1 << at % 8);
		return;
	}
	at = image_home(key, k->n_join);
	while (k->join[at] != 0 && k->join[at] != key)
		at = at + 1 == k->n_join ? 0 : at + 1;
	k->join[at] = key;
}

/* Where symbols can ever come together: at the seam of a merge. */
static void
put_merges(struct maker *k)
{
	const struct model *m = k->m;

	k->n_merge = (uint32_t)(m->n_merge + m->n_merge / 2 + 1);
	k->merge = tk_xreallocarray(NULL, k->n_merge, sizeof(*k->merge));
	memset(k->merge, 0xff, k->n_merge * sizeof(*k->merge));
	k->n_join = (uint32_t)m->n_merge * 2 + 1;
	k->join = tk_xcalloc(k->n_join, sizeof(*k->join));
	for (size_t i = 0; i < m->n_merge; i++) {
		const struct model_merge *e = &m->merge[i];
		uint64_t key = (uint64_t)e->left << 32 | e->right;
		uint32_t at = image_home(key, k->n_merge);

		/* Of two for the same pair the last counts. */
		while (k->merge[at].to != MODEL_NONE &&
		    (k->merge[at].left != e->left ||
			k->merge[at].right != e->right))
			at = at + 1 == k->n_merge ? 0 : at + 1;
		k->merge[at] = *e;
		put_join(k, last_char(m, e->left), first_char(m, e->right));
	}
}

/* Where all pairs of characters of a token stand together. */
static void
put_unigram_joins(struct maker *k)
{
	const struct model *m = k->m;

	k->n_join = (uint32_t)m->text.len * 2 + 1;
	k->join = tk_xcalloc(k->n_join, sizeof(*k->join));
	for (uint32_t id = 0; id < m->n_id; id++) {
		struct model_text t = m->token[id].text;
		const uint8_t *p = model_bytes(m, t);
		uint32_t before = MODEL_NONE;
		unsigned n;

		if (m->token[id].type == TOKEN_RESERVED)
			continue;
		for (uint32_t at = 0; at < t.len; at += n) {
			uint32_t cp = model_char(p + at, &n);

			if (before != MODEL_NONE)
				put_join(k, before, cp);
			before = cp;
		}
	}
}

/* The set of pairs was given room for the worst case. */
static void
shrink_joins(struct maker *k)
{
	uint64_t *old = k->join;
	uint32_t n = k->n_join, used = 0;

	for (uint32_t i = 0; i < n; i++)
		used += old[i] != 0;
	k->n_join = 2 * used + 1;
	k->join = tk_xcalloc(k->n_join, sizeof(*k->join));
	for (uint32_t i = 0; i < n; i++)
		if (old[i] != 0)
			put_join(k, (uint32_t)((old[i] - 1) >> 21),
			    (uint32_t)(old[i] - 1) & 0x1fffff);
	free(old);
}

static void
write_out(struct maker *k, void **bytes, size_t *len)
{
	const struct model *m = k->m;
	const struct {
		const void *p;
		size_t len;
	} parts[IMAGE_SECTIONS] = {
		[IMAGE_TEXT] = { m->text.s, m->text.len },
		[IMAGE_TOKEN] = { k->token, m->n_token * sizeof(*k->token) },
		[IMAGE_SCORE] = { k->score,
		    m->kind == MODEL_UNIGRAM ? m->n_id * sizeof(double) : 0 },
		[IMAGE_STEP] = { m->step, m->n_step * sizeof(*m->step) },
		[IMAGE_ADDED] = { m->added, m->n_added * sizeof(*m->added) },
		[IMAGE_RAW_SLOT] = { k->raw.slot, k->raw.slots * 8ul },
		[IMAGE_RAW_VALUE] = { k->raw.value, k->raw.nodes * 4ul },
		[IMAGE_NORM_SLOT] = { k->norm.slot, k->norm.slots * 8ul },
		[IMAGE_NORM_VALUE] = { k->norm.value, k->norm.nodes * 4ul },
		[IMAGE_PIECE_SLOT] = { k->piece.slot, k->piece.slots * 8ul },
		[IMAGE_PIECE_VALUE] = { k->piece.value, k->piece.nodes * 4ul },
		[IMAGE_BYTE] = { m->byte_token, sizeof(m->byte_token) },
		[IMAGE_UNIT] = { k->unit, sizeof(k->unit) },
		[IMAGE_CHAR] = { k->chars, k->n_char * 8ul },
		[IMAGE_MERGE] = { k->merge, k->n_merge * sizeof(*k->merge) },
		[IMAGE_JOIN_LOW] = { k->join_low, sizeof(k->join_low) },
		[IMAGE_JOIN] = { k->join, k->n_join * 8ul },
	};
	uint64_t at = sizeof(k->head);

	for (int i = 0; i < IMAGE_SECTIONS; i++) {
		at = (at + 63) & ~UINT64_C(63);
		k->head.section[i].at = at;
		k->head.section[i].len = parts[i].len;
		at += parts[i].len;
	}
	k->head.size = *len = at;
	*bytes = tk_xcalloc(at, 1);
	memcpy(*bytes, &k->head, sizeof(k->head));
	for (int i = 0; i < IMAGE_SECTIONS; i++)
		if (parts[i].len > 0)
			memcpy((char *)*bytes + k->head.section[i].at,
			    parts[i].p, parts[i].len);
}

int
image_make(const struct model *m, const char *name, void **bytes, size_t *len,
    struct tk_err *err)
{
	struct maker *k = tk_xcalloc(1, sizeof(*k));
	int rc = -1;

	*bytes = NULL;
	k->m = m;
	memcpy(k->head.magic, IMAGE_MAGIC, sizeof(k->head.magic));
	strncpy(k->head.name, name, sizeof(k->head.name) - 1);
	k->head.kind = m->kind;
	k->head.flags = m->flags;
	k->head.n_id = m->n_id;
	k->head.unknown = m->unknown;
	if (put_added(k, err) < 0 || put_tokens(k, err) < 0)
		goto out;
	put_units(k);
	if (m->kind == MODEL_UNIGRAM)
		put_unigram_joins(k);
	else
		put_merges(k);
	shrink_joins(k);
	write_out(k, bytes, len);
	rc = 0;
out:
	trie_release(&k->raw);
	trie_release(&k->norm);
	trie_release(&k->piece);
	free(k->token);
	free(k->score);
	free(k->chars);
	free(k->merge);
	free(k->join);
	free(k);
	return rc;
}
