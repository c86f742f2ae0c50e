/* tokenizer.json: the pre-tokenizer. */
#include <string.h>

#include "tokenizer/json_steps.h"

/* Where text is cut: text cut by text, or by one of our patterns. */
static int
read_behavior(const struct json_text *o, uint32_t *how, struct tk_err *err)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} names[] = {
		{ "Removed", STEP_REMOVED },
		{ "Isolated", STEP_ISOLATED },
		{ "MergedWithPrevious", STEP_WITH_PREVIOUS },
		{ "MergedWithNext", STEP_WITH_NEXT },
		{ "Contiguous", STEP_CONTIGUOUS },
	};
	struct tk_buf b = TK_BUF_INIT;
	bool invert = json_get_flag(o, "invert", false);

	*how = 0;
	if (json_get_text(o, "behavior", &b) > 0)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcmp(b.s, names[i].name) == 0)
				*how = names[i].flag;
	tk_buf_release(&b);
	if (*how == 0)
		return json_bad("the behavior of pre-tokenizer 'Split'", err);
	if (invert)
		*how |= STEP_INVERT;
	return 0;
}

static int
add_pattern(struct model *m, const char *name)
{
	struct model_step *s = model_add_step(m, STEP_PATTERN, 0);

	s->a = model_text(m, name, strlen(name));
	return 0;
}

static int
read_split(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc = -1, kind = json_get_pattern(o, &b, err);
	const char *name = kind == 2 ? known_pattern(b.s) : NULL;
	uint32_t how;

	if (kind < 0 || read_behavior(o, &how, err) < 0)
		goto out;
	/* The patterns match all of a text: each match is a piece. */
	if ((how & STEP_ISOLATED) == 0 && how != (STEP_REMOVED | STEP_INVERT))
		name = NULL;
	if (kind == 2 && name == NULL &&
	    json_check_regex("pre-tokenizer 'Split'", &b, err) < 0)
		goto out;
	if ((how & STEP_INVERT) != 0 &&
	    ((how & (STEP_WITH_PREVIOUS | STEP_WITH_NEXT)) != 0 ||
		((how & STEP_REMOVED) != 0 && kind == 1))) {
		tk_fail(err, TK_DATA,
		    "pre-tokenizer 'Split' with 'invert' is not supported");
		goto out;
	}
	rc = 0;
	if (name != NULL)
		add_pattern(m, name);
	else
		json_step_text(m,
		    &model_add_step(m, kind == 2 ? STEP_MATCHES : STEP_SPLIT,
			how)
			 ->a,
		    &b);
out:
	tk_buf_release(&b);
	return rc;
}

static void
add_matches(struct model *m, const char *regex, uint32_t how)
{
	struct model_step *s = model_add_step(m, STEP_MATCHES, how);

	s->a = model_text(m, regex, strlen(regex));
}

/*
 * Of ASCII all but letters and digits, and what else is punctuation: in the
 * tables of the reference, which have an older Unicode than ours.
 */
#define PUNCTUATION \
	"[$+<=>^`|~\\x{166D}\\x{111C9}\\p{P}&&[^" \
	"\\x{061D}\\x{09FD}\\x{0A76}\\x{0C77}\\x{0C84}" \
	"\\x{1B4E}-\\x{1B4F}\\x{1B7D}-\\x{1B7F}\\x{2E43}-\\x{2E4F}" \
	"\\x{2E52}-\\x{2E5D}\\x{10D6E}\\x{10EAD}\\x{10F55}-\\x{10F59}" \
	"\\x{10F86}-\\x{10F89}\\x{113D4}-\\x{113D5}" \
	"\\x{113D7}-\\x{113D8}\\x{1144B}-\\x{1144F}" \
	"\\x{1145A}-\\x{1145B}\\x{1145D}\\x{11660}-\\x{1166C}" \
	"\\x{116B9}\\x{1183B}\\x{11944}-\\x{11946}\\x{119E2}" \
	"\\x{11A3F}-\\x{11A46}\\x{11A9A}-\\x{11A9C}" \
	"\\x{11A9E}-\\x{11AA2}\\x{11B00}-\\x{11B09}\\x{11BE1}" \
	"\\x{11C41}-\\x{11C45}\\x{11C70}-\\x{11C71}" \
	"\\x{11EF7}-\\x{11EF8}\\x{11F43}-\\x{11F4F}\\x{11FFF}" \
	"\\x{12FF1}-\\x{12FF2}\\x{16D6D}-\\x{16D6F}" \
	"\\x{16E97}-\\x{16E9A}\\x{16FE2}\\x{1E5FF}" \
	"\\x{1E95E}-\\x{1E95F}" \
	"]]"

static int
read_punctuation(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct json_text none;
	uint32_t how = STEP_ISOLATED;

	if (json_get(o, "behavior", &none) && read_behavior(o, &how, err) < 0)
		return -1;
	add_matches(m, PUNCTUATION, how);
	return 0;
}

static int
read_byte_level(struct model *m, const struct json_text *o)
{
	m->kind = MODEL_BYTES;
	if (json_get_flag(o, "add_prefix_space", true)) {
		struct model_step *s =
		    model_add_step(m, STEP_PREPEND, STEP_UNLESS_THERE);

		s->a = model_text(m, " ", 1);
	}
	return json_get_flag(o, "use_regex", true) ? add_pattern(m, "gpt2") : 0;
}

static bool
is_one_char(const struct tk_buf *b)
{
	return b->len > 0 && b->len == model_char_len((uint8_t)b->s[0]);
}

/* Older files have add_prefix_space instead of prepend_scheme. */
static int
metaspace_scheme(const struct json_text *o, struct tk_buf *b,
    struct tk_err *err)
{
	int rc = json_get_text(o, "prepend_scheme", b);

	if (rc < 0)
		return json_bad("'prepend_scheme'", err);
	if (rc == 0)
		tk_buf_adds(b,
		    json_get_flag(o, "add_prefix_space", true) ? "always"
							       : "never");
	if (strcmp(b->s, "always") != 0 && strcmp(b->s, "first") != 0 &&
	    strcmp(b->s, "never") != 0)
		return tk_fail(err, TK_DATA,
		    "pre-tokenizer 'Metaspace' with prepend_scheme '%.40s' is "
		    "not supported",
		    b->s);
	if (strcmp(b->s, "never") != 0 &&
	    !json_get_flag(o, "add_prefix_space", true))
		return tk_fail(err, TK_DATA,
		    "pre-tokenizer 'Metaspace': 'add_prefix_space' and "
		    "'prepend_scheme' contradict each other");
	return 0;
}

/*
 * Whether the reference may take what a step leaves of the first text for
 * text that does not begin at its first byte, which has no prefix with
 * "first": what was there is gone, or was replaced as a whole.
 */
static bool
moves_start(const struct model *m, const struct model_step *s)
{
	if (s->kind == STEP_REPLACE)
		return s->b.len == 0 ||
		    s->a.len != model_char_len(*model_bytes(m, s->a));
	if (s->kind == STEP_SPLIT || s->kind == STEP_MATCHES)
		return (s->flags & STEP_REMOVED) != 0;
	return s->kind == STEP_STRIP || s->kind == STEP_REWRITE ||
	    s->kind == STEP_SPACES;
}

static const char *
step_name(const struct model_step *s)
{
	if (s->kind == STEP_STRIP)
		return "normalizer 'Strip'";
	if (s->kind == STEP_REPLACE || s->kind == STEP_REWRITE)
		return "normalizer 'Replace'";
	return "a pre-tokenizer that removes text";
}

static int
read_metaspace(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct tk_buf rep = TK_BUF_INIT, scheme = TK_BUF_INIT;
	struct model_step *s;
	int rc = -1, given;

	given = json_get_text(o, "replacement", &rep);
	if (given == 0)
		tk_buf_adds(&rep, "\xe2\x96\x81");
	if (given < 0 || !is_one_char(&rep)) {
		json_bad("the replacement of pre-tokenizer 'Metaspace'", err);
		goto out;
	}
	if (metaspace_scheme(o, &scheme, err) < 0)
		goto out;
	for (size_t i = 0; i < m->n_step; i++) {
		if (scheme.s[0] == 'f' && moves_start(m, &m->step[i])) {
			tk_fail(err, TK_DATA,
			    "pre-tokenizer 'Metaspace' with prepend_scheme "
			    "'first' after %s is not supported",
			    step_name(&m->step[i]));
			goto out;
		}
	}
	s = model_add_step(m, STEP_REPLACE, 0);
	s->a = model_text(m, " ", 1);
	json_step_text(m, &s->b, &rep);
	if (scheme.s[0] != 'n') {
		s = model_add_step(m, STEP_PREPEND,
		    STEP_UNLESS_THERE |
			(scheme.s[0] == 'f' ? STEP_ONLY_FIRST : 0));
		json_step_text(m, &s->a, &rep);
	}
	if (json_get_flag(o, "split", true))
		json_step_text(m,
		    &model_add_step(m, STEP_SPLIT, STEP_WITH_NEXT)->a, &rep);
	rc = 0;
out:
	tk_buf_release(&rep);
	tk_buf_release(&scheme);
	return rc;
}

static int
read_delimiter(struct model *m, const struct json_text *o, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;

	if (json_get_text(o, "delimiter", &b) <= 0 || !is_one_char(&b)) {
		tk_buf_release(&b);
		return json_bad("pre-tokenizer 'CharDelimiterSplit'", err);
	}
	json_step_text(m, &model_add_step(m, STEP_SPLIT, STEP_REMOVED)->a, &b);
	tk_buf_release(&b);
	return 0;
}

/* Whether an element is the i-th split of DeepSeek's pattern. */
static bool
is_deepseek(const struct json_text *o, int i)
{
	struct tk_buf b = TK_BUF_INIT;
	struct tk_err none = TK_ERR_INIT;
	uint32_t how;
	bool yes = json_get_text(o, "type", &b) > 0 &&
	    strcmp(b.s, "Split") == 0 && json_get_pattern(o, &b, &none) == 2 &&
	    known_deepseek(i, b.s) && read_behavior(o, &how, &none) == 0 &&
	    how == STEP_ISOLATED;

	tk_buf_release(&b);
	return yes;
}

static int pre_tokenizer(struct model *m, const struct json_text *o, int depth,
    struct tk_err *err);

static int
pre_sequence(struct model *m, const struct json_text *o, int depth,
    struct tk_err *err)
{
	struct json_text list, item, held[2];
	struct json_scan s;
	int deepseek = 0, rc = 0;

	if (!json_get(o, "pretokenizers", &list))
		return json_bad("the pre-tokenizer", err);
	json_scan_init(&s, list.p, list.n);
	if (json_scan_array(&s) <= 0)
		return json_bad("the pre-tokenizer", err);
	while (rc == 0 && json_next_item(&s, &item)) {
		if (is_deepseek(&item, deepseek)) {
			if (deepseek == 2)
				add_pattern(m, "deepseek3");
			else
				held[deepseek] = item;
			deepseek = (deepseek + 1) % 3;
			continue;
		}
		for (int i = 0; i < deepseek && rc == 0; i++)
			rc = pre_tokenizer(m, &held[i], depth + 1, err);
		deepseek = 0;
		if (rc == 0)
			rc = pre_tokenizer(m, &item, depth + 1, err);
	}
	for (int i = 0; i < deepseek && rc == 0; i++)
		rc = pre_tokenizer(m, &held[i], depth + 1, err);
	return rc;
}

static int
pre_tokenizer(struct model *m, const struct json_text *o, int depth,
    struct tk_err *err)
{
	struct tk_buf type = TK_BUF_INIT;
	int rc = -1;

	if (json_get_text(o, "type", &type) <= 0 || depth > JSON_DEEP) {
		json_bad("the pre-tokenizer", err);
	} else if (json_check_flags(o, err) < 0) {
		tk_wrap(err, "pre-tokenizer '%.60s'", type.s);
	} else if (m->kind == MODEL_BYTES) {
		tk_fail(err, TK_DATA,
		    "pre-tokenizer '%.60s' after 'ByteLevel' is not supported",
		    type.s);
	} else if (strcmp(type.s, "Sequence") == 0) {
		rc = pre_sequence(m, o, depth, err);
	} else if (strcmp(type.s, "ByteLevel") == 0) {
		rc = read_byte_level(m, o);
	} else if (strcmp(type.s, "Split") == 0) {
		rc = read_split(m, o, err);
	} else if (strcmp(type.s, "Metaspace") == 0) {
		rc = read_metaspace(m, o, err);
	} else if (strcmp(type.s, "Digits") == 0) {
		model_add_step(m, STEP_DIGITS,
		    json_get_flag(o, "individual_digits", false)
			? STEP_ISOLATED
			: STEP_CONTIGUOUS);
		rc = 0;
	} else if (strcmp(type.s, "WhitespaceSplit") == 0) {
		model_add_step(m, STEP_SPACES, 0);
		rc = 0;
	} else if (strcmp(type.s, "Whitespace") == 0) {
		add_matches(m, "\\w+|[^\\w\\s]+",
		    STEP_REMOVED | STEP_INVERT | STEP_UTS18);
		rc = 0;
	} else if (strcmp(type.s, "Punctuation") == 0) {
		rc = read_punctuation(m, o, err);
	} else if (strcmp(type.s, "BertPreTokenizer") == 0) {
		model_add_step(m, STEP_SPACES, 0);
		add_matches(m, PUNCTUATION, STEP_ISOLATED);
		rc = 0;
	} else if (strcmp(type.s, "CharDelimiterSplit") == 0) {
		rc = read_delimiter(m, o, err);
	} else {
		tk_fail(err, TK_DATA, "pre-tokenizer '%.60s' is not supported",
		    type.s);
	}
	tk_buf_release(&type);
	return rc;
}

int
json_read_pre_tokenizer(struct model *m, const struct json_text *raw,
    struct tk_err *err)
{
	return pre_tokenizer(m, raw, 0, err);
}
