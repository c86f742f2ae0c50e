/* tokenizer.json: the model, BPE or Unigram. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/json_file.h"
#include "tokenizer/read.h"

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

int
json_read_model(struct json_file *f, struct tk_err *err)
{
	const struct json_text *model = &f->part[JSON_MODEL];
	int rc = json_get_text(model, "type", &f->a);

	if (json_check_flags(model, err) < 0)
		return tk_wrap(err, "the model");
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
