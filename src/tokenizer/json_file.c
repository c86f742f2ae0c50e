/*
 * tokenizer.json of Hugging Face's tokenizers: its parts, and what is added.
 *
 * The post-processor, truncation and padding are for those who run a model,
 * and change nothing about which tokens a text has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "tokenizer/flow.h"
#include "tokenizer/json_file.h"
#include "tokenizer/read.h"

static const char *const parts[] = { "model", "normalizer", "pre_tokenizer",
	"added_tokens", "decoder" };

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
	f->part[JSON_MODEL] =
	    (struct json_text){ .p = f->rest.s, .n = f->rest.len };
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
		for (int i = 0; i < JSON_PARTS; i++)
			if (json_text_is(&key, parts[i]))
				f->part[i] =
				    null ? (struct json_text){ 0 } : raw;
	}
	if (!json_scan_end(&s))
		return bad_json(&s, err);
	if (f->part[JSON_MODEL].p == NULL)
		return tk_fail(err, TK_DATA, "there is no 'model' in it");
	return 0;
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
	if (json_check_flags(o, err) < 0)
		return tk_wrap(err, "added token '%.60s'", f->a.s);
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

/* Special ones first. */
static int
read_added(struct json_file *f, size_t normalizers, struct tk_err *err)
{
	struct json_scan s;
	struct json_text o;

	for (int special = 1; f->part[JSON_ADDED].p != NULL && special >= 0;
	     special--) {
		json_scan_init(&s, f->part[JSON_ADDED].p,
		    f->part[JSON_ADDED].n);
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
	if (f->part[JSON_NORMALIZER].p != NULL &&
	    json_read_normalizer(m, &f->part[JSON_NORMALIZER], err) < 0)
		return -1;
	normalizers = m->n_step;
	model_add_step(m, STEP_ADDED, 0);
	if (f->part[JSON_PRE_TOKENIZER].p != NULL &&
	    json_read_pre_tokenizer(m, &f->part[JSON_PRE_TOKENIZER], err) < 0)
		return -1;
	if (f->part[JSON_DECODER].p != NULL)
		json_read_decoder(m, &f->part[JSON_DECODER]);
	if (json_read_model(f, err) < 0)
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
