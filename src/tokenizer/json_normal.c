/* tokenizer.json: the normalizer and the decoder, and what steps share. */
#include <string.h>

#include "tokenizer/json_steps.h"
#include "tokenizer/regex.h"

int
json_bad(const char *what, struct tk_err *err)
{
	return tk_fail(err, TK_DATA, "%s cannot be read", what);
}

bool
json_next_item(struct json_scan *s, struct json_text *item)
{
	return json_scan_item(s) && json_scan_raw(s, item);
}

void
json_step_text(struct model *m, struct model_text *to, const struct tk_buf *b)
{
	*to = model_text(m, b->s, b->len);
}

/* A regular expression that is plain text. */
static bool
is_plain(const struct tk_buf *b)
{
	return b->len > 0 && strlen(b->s) == b->len &&
	    strpbrk(b->s, ".^$*+?()[]{}|\\") == NULL;
}

int
json_get_pattern(const struct json_text *o, struct tk_buf *b,
    struct tk_err *err)
{
	struct json_text pattern;

	if (json_get(o, "pattern", &pattern)) {
		if (json_get_text(&pattern, "String", b) > 0 && b->len > 0)
			return 1;
		if (json_get_text(&pattern, "Regex", b) > 0)
			return is_plain(b) ? 1 : 2;
	}
	return tk_fail(err, TK_DATA, "a pattern cannot be read");
}

int
json_check_regex(const char *who, const struct tk_buf *b, struct tk_err *err)
{
	struct regex *r;

	if (regex_new(&r, b->s, b->len, 0, err) < 0)
		return tk_wrap(err, "%s", who);
	regex_free(r);
	return 0;
}

static int
read_replace(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct tk_buf from = TK_BUF_INIT, to = TK_BUF_INIT;
	struct model_step *s;
	int rc = -1, kind = json_get_pattern(o, &from, err);

	if (kind < 0)
		goto out;
	if (kind == 2 &&
	    json_check_regex("normalizer 'Replace'", &from, err) < 0)
		goto out;
	if (json_get_text(o, "content", &to) <= 0) {
		json_bad("normalizer 'Replace'", err);
		goto out;
	}
	s = model_add_step(m, kind == 2 ? STEP_REWRITE : STEP_REPLACE, 0);
	json_step_text(m, &s->a, &from);
	json_step_text(m, &s->b, &to);
	rc = 0;
out:
	tk_buf_release(&from);
	tk_buf_release(&to);
	return rc;
}

static int
read_prepend(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc = json_get_text(o, "prepend", &b);

	if (rc <= 0)
		return json_bad("normalizer 'Prepend'", err);
	json_step_text(m, &model_add_step(m, STEP_PREPEND, 0)->a, &b);
	tk_buf_release(&b);
	return 0;
}

static int
normalizer(struct model *m, const struct json_text *o, int depth,
    struct tk_err *err)
{
	struct tk_buf type = TK_BUF_INIT;
	struct json_text list, item;
	struct json_scan s;
	int rc = -1;

	if (json_get_text(o, "type", &type) <= 0 || depth > JSON_DEEP) {
		json_bad("the normalizer", err);
	} else if (json_check_flags(o, err) < 0) {
		tk_wrap(err, "normalizer '%.60s'", type.s);
	} else if (strcmp(type.s, "Sequence") == 0) {
		if (!json_get(o, "normalizers", &list)) {
			json_bad("the normalizer", err);
			goto out;
		}
		json_scan_init(&s, list.p, list.n);
		rc = json_scan_array(&s) > 0 ? 0
					     : json_bad("the normalizer", err);
		while (rc == 0 && json_next_item(&s, &item))
			rc = normalizer(m, &item, depth + 1, err);
	} else if (strcmp(type.s, "Prepend") == 0) {
		rc = read_prepend(m, o, err);
	} else if (strcmp(type.s, "Replace") == 0) {
		rc = read_replace(m, o, err);
	} else if (strcmp(type.s, "NFC") == 0 || strcmp(type.s, "NFKC") == 0) {
		json_step_text(m, &model_add_step(m, STEP_NORMALIZE, 0)->a,
		    &type);
		rc = 0;
	} else if (strcmp(type.s, "Strip") == 0) {
		uint32_t how =
		    (json_get_flag(o, "strip_left", true) ? STEP_LEFT : 0) |
		    (json_get_flag(o, "strip_right", true) ? STEP_RIGHT : 0);

		model_add_step(m, STEP_STRIP, how);
		rc = 0;
	} else {
		tk_fail(err, TK_DATA, "normalizer '%.60s' is not supported",
		    type.s);
	}
out:
	tk_buf_release(&type);
	return rc;
}

int
json_read_normalizer(struct model *m, const struct json_text *raw,
    struct tk_err *err)
{
	return normalizer(m, raw, 0, err);
}

static void
decoder(struct model *m, const struct json_text *o, int depth)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_text list, item;
	struct json_scan s;
	int64_t start = 0;

	if (json_get_text(o, "type", &b) <= 0 || depth > JSON_DEEP) {
		;
	} else if (strcmp(b.s, "Sequence") == 0) {
		if (json_get(o, "decoders", &list)) {
			json_scan_init(&s, list.p, list.n);
			if (json_scan_array(&s) > 0)
				while (json_next_item(&s, &item))
					decoder(m, &item, depth + 1);
		}
	} else if (strcmp(b.s, "Replace") == 0) {
		m->flags |= MODEL_SPACES;
	} else if (strcmp(b.s, "Strip") == 0) {
		if (json_get_int(o, "start", &start) > 0 && start > 0)
			m->flags |= MODEL_DROP_FIRST;
	} else if (strcmp(b.s, "Metaspace") == 0) {
		m->flags |= MODEL_SPACES;
		tk_buf_reset(&b);
		if (json_get_text(o, "prepend_scheme", &b) <= 0 ||
		    strcmp(b.s, "never") != 0)
			m->flags |= MODEL_DROP_FIRST;
	}
	tk_buf_release(&b);
}

void
json_read_decoder(struct model *m, const struct json_text *raw)
{
	decoder(m, raw, 0);
}
