/* Small objects, looked at a member at a time. */
#include "base/attr.h"
#include "tokenizer/read.h"

int
json_get(const struct json_text *object, const char *key, struct json_text *raw)
{
	struct json_scan s;
	struct json_text k, value;
	int found = 0;

	json_scan_init(&s, object->p, object->n);
	if (json_scan_object(&s) <= 0)
		return 0;
	while (json_scan_key(&s, &k)) {
		bool mine = json_text_is(&k, key);
		bool null = json_scan_peek(&s) == JSON_IS_NULL;

		if (!json_scan_raw(&s, &value))
			return 0;
		if (mine) {
			*raw = value;
			found = !null;
		}
	}
	return found;
}

int
json_get_text(const struct json_text *object, const char *key,
    struct tk_buf *to)
{
	struct json_text raw, text;
	struct json_scan s;

	tk_buf_reset(to);
	if (!json_get(object, key, &raw))
		return 0;
	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_text(&s, &text) <= 0)
		return -1;
	json_text_add(&text, to);
	return 1;
}

int
json_get_int(const struct json_text *object, const char *key, int64_t *to)
{
	struct json_text raw;
	struct json_scan s;

	if (!json_get(object, key, &raw))
		return 0;
	json_scan_init(&s, raw.p, raw.n);
	return json_scan_int(&s, to) > 0 ? 1 : -1;
}

bool
json_get_flag(const struct json_text *object, const char *key, bool otherwise)
{
	struct json_text raw;
	struct json_scan s;

	if (json_get(object, key, &raw)) {
		json_scan_init(&s, raw.p, raw.n);
		json_scan_bool(&s, &otherwise);
	}
	return otherwise;
}

int
json_check_flags(const struct json_text *object, struct tk_err *err)
{
	static const char *const flags[] = { "special", "normalized", "lstrip",
		"rstrip", "single_word", "strip_left", "strip_right", "invert",
		"add_prefix_space", "use_regex", "split", "individual_digits",
		"fuse_unk", "ignore_merges", "byte_fallback" };
	struct json_text raw;
	struct json_scan s;
	bool on;

	for (size_t i = 0; i < TK_LEN(flags); i++) {
		if (!json_get(object, flags[i], &raw))
			continue;
		json_scan_init(&s, raw.p, raw.n);
		if (json_scan_bool(&s, &on) <= 0)
			return tk_fail(err, TK_DATA,
			    "'%s' is neither true nor false: %.*s", flags[i],
			    raw.n < 40 ? (int)raw.n : 40, raw.p);
	}
	return 0;
}
