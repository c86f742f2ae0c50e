/* Names of encodings and of special tokens, and single texts with their ids. */
#include "count/count.h"

#include "base/buf.h"
#include "tap.h"

static void
add_ids(const uint32_t *ids, size_t n, void *data)
{
	tk_buf_add(data, ids, n * sizeof(*ids));
}

struct one_id {
	uint32_t id;
	size_t n;
};

static void
keep_id(const uint32_t *ids, size_t n, void *data)
{
	struct one_id *to = data;

	to->id = ids[0];
	to->n += n;
}

static const struct {
	const char *encoding, *text;
	uint32_t id;
} specials[] = {
	{ "o200k_base", "<|endoftext|>", 199999 },
	{ "o200k_base", "<|endofprompt|>", 200018 },
	{ "o200k_harmony", "<|startoftext|>", 199998 },
	{ "o200k_harmony", "<|endoftext|>", 199999 },
	{ "o200k_harmony", "<|reserved_200000|>", 200000 },
	{ "o200k_harmony", "<|return|>", 200002 },
	{ "o200k_harmony", "<|reserved_200011|>", 200011 },
	{ "o200k_harmony", "<|call|>", 200012 },
	{ "o200k_harmony", "<|endofprompt|>", 200018 },
	{ "o200k_harmony", "<|reserved_201087|>", 201087 },
	{ "cl100k_base", "<|endofprompt|>", 100276 },
	{ "p50k_base", "<|endoftext|>", 50256 },
	{ "p50k_edit", "<|fim_prefix|>", 50281 },
	{ "p50k_edit", "<|fim_middle|>", 50282 },
	{ "p50k_edit", "<|fim_suffix|>", 50283 },
	{ "gpt2", "<|endoftext|>", 50256 },
	{ "claude_legacy", "<META_START>", 2 },
	{ "qwen3", "<|vision_pad|>", 151654 },
	{ "qwen3", "</think>", 151668 },
	{ "deepseek_v3",
	    "<\xef\xbd\x9c"
	    "begin\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>",
	    0 },
	{ "deepseek_v3",
	    "<\xef\xbd\x9c"
	    "place\xe2\x96\x81holder\xe2\x96\x81no\xe2\x96\x81"
	    "799\xef\xbd\x9c>",
	    128799 },
	{ "deepseek_v3", "<|EOT|>", 128805 },
	{ "deepseek_v3", "<\xef\xbd\x9ctool\xe2\x96\x81sep\xef\xbd\x9c>",
	    128814 },
};

/* One id when they are asked for, several when not, and back. */
static void
special_tokens(void)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_buf out = TK_BUF_INIT;
		struct count_encoding *e;
		struct one_id got = { 0, 0 };
		const char *text = specials[i].text;
		int64_t n, plain;

		if (count_open(&e, specials[i].encoding, &err) < 0)
			continue;
		for (int flags = 0; flags <= COUNT_SPECIAL; flags++) {
			struct count_stream *s =
			    count_stream_new(e, (enum count_flags)flags);

			got.n = 0;
			count_stream_on_ids(s, keep_id, &got);
			count_text(s, text, strlen(text), &n, &err);
			plain = flags == 0 ? n : plain;
			count_stream_free(s);
		}
		CHECK(plain > 1 && n == 1);
		CHECK(got.n == 1 && got.id == specials[i].id);
		CHECK(count_decode(e, &got.id, 1, &out, &err) == 0);
		CHECK_STR(out.s, text);
		tk_buf_release(&out);
		count_close(e);
	}
}

/* What random texts showed and the golden cases do not. */
static void
found_by_comparing(void)
{
	static const char text[] = "\xe3\x83\xbb\n \n8";
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf ids = TK_BUF_INIT;
	struct count_encoding *e;
	struct count_stream *s;
	int64_t n;

	if (count_open(&e, "deepseek_v3", &err) < 0)
		return;
	s = count_stream_new(e, 0);
	count_stream_on_ids(s, add_ids, &ids);
	/* The dot is among the Katakana, and newlines are not. */
	CHECK(count_text(s, text, strlen(text), &n, &err) == 0 && n == 3);
	CHECK(ids.len == 12 &&
	    memcmp(ids.s, (uint32_t[]){ 4825, 77968, 26 }, 12) == 0);
	tk_buf_release(&ids);
	count_stream_free(s);
	count_close(e);
}

/* Both spellings of one id are that id. */
static void
spellings_of_an_id(void)
{
	static const char text[] = "<|reserved_200018|><|endofprompt|>";
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf ids = TK_BUF_INIT;
	struct count_encoding *e;
	struct count_stream *s;
	int64_t n;

	if (count_open(&e, "o200k_harmony", &err) < 0)
		return;
	s = count_stream_new(e, COUNT_SPECIAL);
	count_stream_on_ids(s, add_ids, &ids);
	CHECK(count_text(s, text, strlen(text), &n, &err) == 0 && n == 2);
	CHECK(ids.len == 8 &&
	    memcmp(ids.s, (uint32_t[]){ 200018, 200018 }, 8) == 0);
	tk_buf_release(&ids);
	count_stream_free(s);
	count_close(e);
}

static const char *
named(const char *spelling)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;
	const char *name;

	if (count_open(&e, spelling, &err) < 0)
		return strstr(err.msg, "left out") != NULL ? "left out" : "?";
	name = count_encoding_name(e);
	count_close(e);
	return name;
}

/* As the price book, the references and people write them. */
static void
other_spellings(void)
{
	static const char *const pairs[][2] = {
		{ "o200k", "o200k_base" },
		{ "O200K_BASE", "o200k_base" },
		{ "o200k-harmony", "o200k_harmony" },
		{ "gpt-2", "r50k_base" },
		{ "gpt2", "r50k_base" },
		{ "p50k-edit", "p50k_edit" },
		{ "claude-2", "claude_legacy" },
		{ "qwen2", "qwen3" },
		{ "Qwen2.5", "qwen3" },
		{ "deepseek-v3", "deepseek_v3" },
		{ "mistral-tekken", "mistral_tekken" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *name = named(pairs[i][0]);

		CHECK(strcmp(name, pairs[i][1]) == 0 ||
		    strcmp(name, "left out") == 0);
	}
}

static void
names_are_checked(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;

	CHECK(count_open(&e, "o200k_bsae", &err) < 0 && e == NULL);
	CHECK(err.code == TK_NOTFOUND);
	CHECK_STR(err.msg, "no encoding 'o200k_bsae' in this program");
	CHECK(err.hint[0] != '\0');
	CHECK(!count_use_engine("abacus"));
	count_close(NULL);
	count_stream_free(NULL);
}

int
main(void)
{
	names_are_checked();
	other_spellings();
	special_tokens();
	spellings_of_an_id();
	found_by_comparing();
	return tap_done();
}
