/*
 * tokenizer.json of Hugging Face's tokenizers: the model and what is added.
 *
 * The post-processor, truncation and padding are for those who run a model,
 * and change nothing about which tokens a text has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "tokenizer/flow.h"
#include "tokenizer/read.h"

static const char *const parts[] = { "model", "normalizer", "pre_tokenizer",
	"added_tokens", "decoder" };
enum { MODEL, NORMALIZER, PRE_TOKENIZER, ADDED, DECODER, PARTS };

struct json_file {
	struct model *m;
	struct json_text part[PARTS];   /* p is NULL: none */
	struct json_text vocab, merges; /* of the model, */
	struct tk_buf rest;             /* and the object without them */
	struct tk_buf a, b, c;
};

/* Where in the file something is wrong. */
static int
bad_json(const struct json_scan *s, struct tk_err *err)
{
	size_t line = 1;

	for (const char *p = s->start; p < s->at; p++)
		line += *p == '\n';
	return tk_fail(err, TK_DATA, "line %zu: %s", line, s->wrong);
}

/*
 * The model's members: the two large ones are put aside, so that the others
 * can be asked for one by one.
 */
static void
find_members(struct json_file *f, struct json_scan *s)
{
	struct json_text key, raw;

	tk_buf_reset(&f->rest);
	tk_buf_adds(&f->rest, "{");
	f->vocab = f->merges = (struct json_text){ 0 };
	while (json_scan_key(s, &key) && json_scan_raw(s, &raw)) {
		if (json_text_is(&key, "vocab")) {
			f->vocab = raw;
		} else if (json_text_is(&key, "merges")) {
			f->merges = raw;
		} else {
			if (f->rest.len > 1)
				tk_buf_adds(&f->rest, ",");
			tk_buf_adds(&f->rest, "\"");
			tk_buf_add(&f->rest, key.p, key.n);
			tk_buf_adds(&f->rest, "\":");
			tk_buf_add(&f->rest, raw.p, raw.n);
		}
	}
	tk_buf_adds(&f->rest, "}");
	f->part[MODEL] = (struct json_text){ .p = f->rest.s, .n = f->rest.len };
}

static int
find_parts(struct json_file *f, const char *text, size_t n, struct tk_err *err)
{
	struct json_scan s;
	struct json_text key, raw;

	json_scan_init(&s, text, n);
	if (json_scan_object(&s) <= 0)
		return s.wrong != NULL
		    ? bad_json(&s, err)
		    : tk_fail(err, TK_DATA, "not a JSON object");
	while (json_scan_key(&s, &key)) {
		enum json_kind kind = json_scan_peek(&s);
		bool null = kind == JSON_IS_NULL;

		if (json_text_is(&key, "model") && kind == JSON_IS_OBJECT) {
			json_scan_object(&s);
			find_members(f, &s);
			continue;
		}
		if (!json_scan_raw(&s, &raw))
			break;
		for (int i = 0; i < PARTS; i++)
			if (json_text_is(&key, parts[i]))
				f->part[i] =
				    null ? (struct json_text){ 0 } : raw;
	}
	if (!json_scan_end(&s))
		return bad_json(&s, err);
	if (f->part[MODEL].p == NULL)
		return tk_fail(err, TK_DATA, "there is no 'model' in it");
	return 0;
}

/* The bytes of a token as it is written, in f->b. */
static bool
token_bytes(struct json_file *f, const struct json_text *text)
{
	tk_buf_reset(&f->a);
	json_text_add(text, &f->a);
	if (f->m->kind == MODEL_BYTES)
		return byte_level_decode(f->a.s, f->a.len, &f->b);
	tk_buf_reset(&f->b);
	tk_buf_add(&f->b, f->a.s, f->a.len);
	return true;
}

static int
read_vocab(struct json_file *f, const struct json_text *raw, struct tk_err *err)
{
	struct json_scan s;
	struct json_text key;
	int64_t id = -1;

	json_scan_init(&s, raw->p, raw->n);
	if (json_scan_object(&s) <= 0)
		return tk_fail(err, TK_DATA, "'vocab' is not an object");
	while (json_scan_key(&s, &key)) {
		/* What no text can be is there to be decoded. */
		bool made = token_bytes(f, &key);
		struct tk_buf *b = made ? &f->b : &f->a;

		if (json_scan_int(&s, &id) <= 0 || id < 0 ||
		    id >= MODEL_IDS_MAX)
			return tk_fail(err, TK_DATA,
			    "token '%.60s' has no id that can be", f->a.s);
		if (model_add_token(f->m, (uint32_t)id, b->s, b->len,
			made ? TOKEN_NORMAL : TOKEN_RESERVED, 0, err) < 0)
			return -1;
	}
	return 0;
}

/* "a b" or ["a", "b"]: the two parts' tokens. */
static int
read_merge(struct json_file *f, struct json_scan *s, uint32_t id[2])
{
	struct json_text t;
	struct tk_buf *part = &f->c;

	tk_buf_reset(part);
	if (json_scan_peek(s) == JSON_IS_ARRAY) {
		int n = 0;

		if (json_scan_array(s) <= 0)
			return -1;
		while (json_scan_item(s)) {
			if (json_scan_text(s, &t) <= 0 || n == 2 ||
			    !token_bytes(f, &t))
				return -1;
			tk_buf_add(part, f->b.s, f->b.len);
			id[n++] = model_find(f->m, f->b.s, f->b.len);
		}
		return n == 2 ? 0 : -1;
	}
	if (json_scan_text(s, &t) <= 0)
		return -1;
	tk_buf_reset(&f->a);
	json_text_add(&t, &f->a);
	for (int n = 0; n < 2; n++) {
		char *space = memchr(f->a.s, ' ', f->a.len);
		size_t len =
		    space != NULL ? (size_t)(space - f->a.s) : f->a.len;

		if ((n == 0) != (space != NULL))
			return -1;
		tk_buf_reset(&f->b);
		if (f->m->kind != MODEL_BYTES)
			tk_buf_add(&f->b, f->a.s, len);
		else if (!byte_level_decode(f->a.s, len, &f->b))
			return -1;
		tk_buf_add(part, f->b.s, f->b.len);
		id[n] = model_find(f->m, f->b.s, f->b.len);
		if (n == 0)
			memmove(f->a.s, space + 1, f->a.len -= len + 1);
	}
	return 0;
}

static bool
is_byte_token(const struct model *m, uint32_t id)
{
	struct model_text t = m->token[id].text;

	return id == m->unknown ||
	    ((m->flags & MODEL_BYTE_FALLBACK) != 0 &&
		model_byte_named(model_bytes(m, t), t.len) >= 0);
}

static int
read_merges(struct json_file *f, const struct json_text *raw,
    struct tk_err *err)
{
	struct json_scan s;
	uint32_t rank = 0;

	json_scan_init(&s, raw->p, raw->n);
	if (json_scan_array(&s) <= 0)
		return tk_fail(err, TK_DATA, "'merges' is not a list");
	for (; json_scan_item(&s); rank++) {
		uint32_t id[2] = { MODEL_NONE, MODEL_NONE }, to;

		if (read_merge(f, &s, id) < 0)
			return tk_fail(err, TK_DATA, "merge %u cannot be read",
			    rank + 1);
		to = model_find(f->m, f->c.s, f->c.len);
		if (id[0] == MODEL_NONE || id[1] == MODEL_NONE ||
		    to == MODEL_NONE || f->m->token[id[0]].text.len == 0 ||
		    f->m->token[id[1]].text.len == 0)
			return tk_fail(err, TK_DATA,
			    "merge %u is of what is no token: '%.60s'",
			    rank + 1, f->c.s);
		if (is_byte_token(f->m, id[0]) || is_byte_token(f->m, id[1]))
			f->m->flags |= MODEL_ODD_MERGES;
		model_add_merge(f->m, id[0], id[1], rank, to);
	}
	return 0;
}

/* Tokens for the bytes of a character that is none: "<0xE2>" and so on. */
static int
find_byte_tokens(struct model *m, bool all, struct tk_err *err)
{
	char name[8];

	for (unsigned i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "<0x%02X>", i);
		m->byte_token[i] = model_find(m, name, 6);
		if (all && m->byte_token[i] == MODEL_NONE)
			return tk_fail(err, TK_DATA,
			    "'byte_fallback' without token '%s' is not "
			    "supported",
			    name);
	}
	m->flags |= MODEL_BYTE_FALLBACK;
	return 0;
}

/* What changes tokens, and is not done here. */
static int
refuse_options(struct json_file *f, const struct json_text *model,
    struct tk_err *err)
{
	static const char *const affixes[] = { "continuing_subword_prefix",
		"end_of_word_suffix" };
	struct json_text raw;

	for (int i = 0; i < 2; i++)
		if (json_get_text(model, affixes[i], &f->a) != 0 &&
		    f->a.len > 0)
			return tk_fail(err, TK_DATA, "'%s' is not supported",
			    affixes[i]);
	/* Zero is none, however it is written. */
	if (!json_get(model, "dropout", &raw))
		return 0;
	for (size_t i = 0; i < raw.n && raw.p[i] != 'e' && raw.p[i] != 'E'; i++)
		if (raw.p[i] >= '1' && raw.p[i] <= '9')
			return tk_fail(err, TK_DATA,
			    "'dropout' is not supported");
	return 0;
}

static int
read_unknown(struct json_file *f, const struct json_text *model,
    struct tk_err *err)
{
	int rc = json_get_text(model, "unk_token", &f->c);

	if (rc == 0)
		return 0;
	if (f->m->kind == MODEL_BYTES && rc > 0 &&
	    byte_level_decode(f->c.s, f->c.len, &f->b))
		f->m->unknown = model_find(f->m, f->b.s, f->b.len);
	else if (rc > 0)
		f->m->unknown = model_find(f->m, f->c.s, f->c.len);
	if (f->m->unknown == MODEL_NONE)
		return tk_fail(err, TK_DATA, "'unk_token' is no token");
	return 0;
}

static int
read_bpe(struct json_file *f, const struct json_text *model, struct tk_err *err)
{
	struct model *m = f->m;

	if (refuse_options(f, model, err) < 0)
		return -1;
	if (f->vocab.p == NULL || f->merges.p == NULL)
		return tk_fail(err, TK_DATA,
		    "the model has no 'vocab' and 'merges'");
	if (read_vocab(f, &f->vocab, err) < 0 ||
	    read_unknown(f, model, err) < 0)
		return -1;
	if (json_get_flag(model, "fuse_unk", false))
		m->flags |= MODEL_FUSE_UNKNOWN;
	if (json_get_flag(model, "ignore_merges", false))
		m->flags |= MODEL_WHOLE;
	if (json_get_flag(model, "byte_fallback", false)) {
		if (m->kind == MODEL_BYTES)
			return tk_fail(err, TK_DATA,
			    "'byte_fallback' with 'ByteLevel' is not "
			    "supported");
		find_byte_tokens(m, false, err);
	}
	return read_merges(f, &f->merges, err);
}

static int
read_piece(struct json_file *f, struct json_scan *s, uint32_t id,
    struct tk_err *err)
{
	struct json_text text, number = { 0 };
	char digits[64] = "", *end = digits;
	double score = 0;

	if (json_scan_array(s) <= 0 || !json_scan_item(s) ||
	    json_scan_text(s, &text) <= 0 || !json_scan_item(s) ||
	    json_scan_number(s, &number) <= 0 || json_scan_item(s) ||
	    number.n >= sizeof(digits))
		return tk_fail(err, TK_DATA, "token %u cannot be read", id);
	memcpy(digits, number.p, number.n);
	score = strtod(digits, &end);
	token_bytes(f, &text);
	return model_add_token(f->m, id, f->b.s, f->b.len, TOKEN_NORMAL, score,
	    err);
}

static int
read_unigram(struct json_file *f, const struct json_text *model,
    struct tk_err *err)
{
	struct json_scan s;
	int64_t unknown = -1;
	uint32_t id = 0;

	if (f->m->kind == MODEL_BYTES)
		return tk_fail(err, TK_DATA,
		    "model 'Unigram' with 'ByteLevel' is not supported");
	if (json_get_flag(model, "byte_fallback", false))
		return tk_fail(err, TK_DATA,
		    "model 'Unigram' with 'byte_fallback' is not supported");
	f->m->kind = MODEL_UNIGRAM;
	if (f->vocab.p == NULL)
		return tk_fail(err, TK_DATA, "the model has no 'vocab'");
	json_scan_init(&s, f->vocab.p, f->vocab.n);
	if (json_scan_array(&s) <= 0)
		return tk_fail(err, TK_DATA, "'vocab' is not a list");
	for (; json_scan_item(&s); id++)
		if (read_piece(f, &s, id, err) < 0)
			return -1;
	if (json_get_int(model, "unk_id", &unknown) <= 0 || unknown < 0 ||
	    unknown >= id)
		return tk_fail(err, TK_DATA,
		    "model 'Unigram' without 'unk_id' is not supported");
	f->m->unknown = (uint32_t)unknown;
	return 0;
}

static int
read_model(struct json_file *f, struct tk_err *err)
{
	const struct json_text *model = &f->part[MODEL];
	int rc = json_get_text(model, "type", &f->a);

	/* The oldest files do not say, and are BPE. */
	if (rc == 0 && f->merges.p != NULL)
		tk_buf_adds(&f->a, "BPE");
	if (strcmp(f->a.s, "BPE") == 0)
		return read_bpe(f, model, err);
	if (strcmp(f->a.s, "Unigram") == 0)
		return read_unigram(f, model, err);
	return tk_fail(err, TK_DATA, "model '%.60s' is not supported",
	    rc > 0 ? f->a.s : "?");
}

static uint32_t
added_flags(const struct json_text *o)
{
	bool special = json_get_flag(o, "special", false);

	return (special ? ADDED_SPECIAL : 0) |
	    (json_get_flag(o, "normalized", !special) ? ADDED_NORMALIZED : 0) |
	    (json_get_flag(o, "lstrip", false) ? ADDED_LSTRIP : 0) |
	    (json_get_flag(o, "rstrip", false) ? ADDED_RSTRIP : 0) |
	    (json_get_flag(o, "single_word", false) ? ADDED_SINGLE_WORD : 0);
}

/* An added token may be one of the vocabulary, too, of the same id. */
static int
add_to_vocab(struct json_file *f, uint32_t id, struct tk_err *err)
{
	struct model *m = f->m;
	const struct tk_buf *raw = &f->a;
	const struct model_token *t;

	if (id >= m->n_token || m->token[id].type == TOKEN_ABSENT)
		return model_add_token(m, id, raw->s, raw->len, TOKEN_RESERVED,
		    0, err);
	t = &m->token[id];
	if (t->text.len == raw->len &&
	    memcmp(model_bytes(m, t->text), raw->s, raw->len) == 0)
		return 0;
	if (m->kind == MODEL_BYTES &&
	    byte_level_decode(raw->s, raw->len, &f->b) &&
	    t->text.len == f->b.len &&
	    memcmp(model_bytes(m, t->text), f->b.s, f->b.len) == 0)
		return 0;
	return tk_fail(err, TK_DATA,
	    "added token '%.60s' has the id of another", raw->s);
}

static int
read_added_token(struct json_file *f, const struct json_text *o,
    size_t normalizers, struct tk_err *err)
{
	uint32_t flags = added_flags(o);
	int64_t id = -1;

	if (json_get_text(o, "content", &f->a) <= 0 ||
	    json_get_int(o, "id", &id) <= 0 || id < 0 || id >= MODEL_IDS_MAX)
		return tk_fail(err, TK_DATA, "an added token cannot be read");
	if (f->a.len == 0)
		return 0;
	if (add_to_vocab(f, (uint32_t)id, err) < 0)
		return -1;
	if ((flags & ADDED_NORMALIZED) != 0) {
		if (flow_normalize(f->m, normalizers, f->a.s, f->a.len, &f->c,
			err) < 0)
			return -1;
		if (f->c.len == 0)
			return tk_fail(err, TK_DATA,
			    "added token '%.60s', of which the normalizer "
			    "leaves nothing, is not supported",
			    f->a.s);
		return model_add_added(f->m, (uint32_t)id, f->c.s, f->c.len,
		    flags, err);
	}
	return model_add_added(f->m, (uint32_t)id, f->a.s, f->a.len, flags,
	    err);
}

/* Special ones first: of two of the same text the first is found. */
static int
read_added(struct json_file *f, size_t normalizers, struct tk_err *err)
{
	struct json_scan s;
	struct json_text o;

	for (int special = 1; f->part[ADDED].p != NULL && special >= 0;
	     special--) {
		json_scan_init(&s, f->part[ADDED].p, f->part[ADDED].n);
		if (json_scan_array(&s) <= 0)
			return tk_fail(err, TK_DATA,
			    "'added_tokens' is not a list");
		while (json_scan_item(&s) && json_scan_raw(&s, &o))
			if (json_get_flag(&o, "special", false) == special &&
			    read_added_token(f, &o, normalizers, err) < 0)
				return -1;
	}
	return 0;
}

static int
read_all(struct json_file *f, struct tk_err *err)
{
	struct model *m = f->m;
	size_t normalizers;

	m->kind = MODEL_CHARS;
	if (f->part[NORMALIZER].p != NULL &&
	    json_read_normalizer(m, &f->part[NORMALIZER], err) < 0)
		return -1;
	normalizers = m->n_step;
	model_add_step(m, STEP_ADDED, 0);
	if (f->part[PRE_TOKENIZER].p != NULL &&
	    json_read_pre_tokenizer(m, &f->part[PRE_TOKENIZER], err) < 0)
		return -1;
	if (f->part[DECODER].p != NULL)
		json_read_decoder(m, &f->part[DECODER]);
	if (read_model(f, err) < 0)
		return -1;
	return read_added(f, normalizers, err);
}

int
read_json(struct model *m, const char *text, size_t n, struct tk_err *err)
{
	struct json_file f = { .m = m };
	int rc = -1;

	f.rest = f.a = f.b = f.c = (struct tk_buf)TK_BUF_INIT;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (find_parts(&f, text, n, err) == 0)
		rc = read_all(&f, err);
	tk_buf_release(&f.rest);
	tk_buf_release(&f.a);
	tk_buf_release(&f.b);
	tk_buf_release(&f.c);
	return rc;
}
