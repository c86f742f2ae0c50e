/*
 * The encodings that are built in: the vocabulary of each, which says by
 * which pattern text is cut and whether it is normalized, and its special
 * tokens.
 */
#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "count/count.h"
#include "count/count_int.h"

#define ONE(id, text) \
	{ \
		id, id, text, NULL, 0 \
	}
/* Texts with a number, which is "from" for the first id. */
#define MANY(first, last, text, tail, from) \
	{ \
		first, last, text, tail, from \
	}
#define END \
	{ \
		0, 0, NULL, NULL, 0 \
	}

static const struct special_row o200k_base[] = {
	ONE(199999, "<|endoftext|>"),
	ONE(200018, "<|endofprompt|>"),
	END,
};

/* What o200k_harmony and gptoss_hf begin with. */
#define HARMONY \
	ONE(199998, "<|startoftext|>"), ONE(199999, "<|endoftext|>"), \
	    MANY(200000, 200001, "<|reserved_", "|>", 200000), \
	    ONE(200002, "<|return|>"), ONE(200003, "<|constrain|>"), \
	    ONE(200004, "<|reserved_200004|>"), ONE(200005, "<|channel|>"), \
	    ONE(200006, "<|start|>"), ONE(200007, "<|end|>"), \
	    ONE(200008, "<|message|>"), \
	    MANY(200009, 200011, "<|reserved_", "|>", 200009), \
	    ONE(200012, "<|call|>")

/* The first spelling of an id is what it is decoded to. */
static const struct special_row o200k_harmony[] = {
	HARMONY,
	ONE(200018, "<|endofprompt|>"),
	MANY(200013, 201087, "<|reserved_", "|>", 200013),
	END,
};

/* As in the tokenizer.json of gpt-oss, which ends there. */
static const struct special_row gptoss_hf[] = {
	HARMONY,
	MANY(200013, 200017, "<|reserved_", "|>", 200013),
	ONE(200018, "<|endofprompt|>"),
	END,
};

static const struct special_row cl100k_base[] = {
	ONE(100257, "<|endoftext|>"),
	ONE(100258, "<|fim_prefix|>"),
	ONE(100259, "<|fim_middle|>"),
	ONE(100260, "<|fim_suffix|>"),
	ONE(100276, "<|endofprompt|>"),
	END,
};

static const struct special_row p50k_edit[] = {
	ONE(50256, "<|endoftext|>"),
	ONE(50281, "<|fim_prefix|>"),
	ONE(50282, "<|fim_middle|>"),
	ONE(50283, "<|fim_suffix|>"),
	END,
};

static const struct special_row gpt2[] = {
	ONE(50256, "<|endoftext|>"),
	END,
};

static const struct special_row claude_legacy[] = {
	ONE(0, "<EOT>"),
	ONE(1, "<META>"),
	ONE(2, "<META_START>"),
	ONE(3, "<META_END>"),
	ONE(4, "<SOS>"),
	END,
};

static const struct special_row qwen3[] = {
	ONE(151643, "<|endoftext|>"),
	ONE(151644, "<|im_start|>"),
	ONE(151645, "<|im_end|>"),
	ONE(151646, "<|object_ref_start|>"),
	ONE(151647, "<|object_ref_end|>"),
	ONE(151648, "<|box_start|>"),
	ONE(151649, "<|box_end|>"),
	ONE(151650, "<|quad_start|>"),
	ONE(151651, "<|quad_end|>"),
	ONE(151652, "<|vision_start|>"),
	ONE(151653, "<|vision_end|>"),
	ONE(151654, "<|vision_pad|>"),
	ONE(151655, "<|image_pad|>"),
	ONE(151656, "<|video_pad|>"),
	ONE(151657, "<tool_call>"),
	ONE(151658, "</tool_call>"),
	ONE(151659, "<|fim_prefix|>"),
	ONE(151660, "<|fim_middle|>"),
	ONE(151661, "<|fim_suffix|>"),
	ONE(151662, "<|fim_pad|>"),
	ONE(151663, "<|repo_name|>"),
	ONE(151664, "<|file_sep|>"),
	ONE(151665, "<tool_response>"),
	ONE(151666, "</tool_response>"),
	ONE(151667, "<think>"),
	ONE(151668, "</think>"),
	END,
};

/* The bars are U+FF5C, the blanks U+2581. */
#define BAR "\xef\xbd\x9c"
#define GAP "\xe2\x96\x81"
#define DEEPSEEK(text) "<" BAR text BAR ">"

static const struct special_row deepseek_v3[] = {
	ONE(0, DEEPSEEK("begin" GAP "of" GAP "sentence")),
	ONE(1, DEEPSEEK("end" GAP "of" GAP "sentence")),
	ONE(2, DEEPSEEK(GAP "pad" GAP)),
	MANY(128000, 128799, "<" BAR "place" GAP "holder" GAP "no" GAP, BAR ">",
	    0),
	ONE(128800, DEEPSEEK("fim" GAP "hole")),
	ONE(128801, DEEPSEEK("fim" GAP "begin")),
	ONE(128802, DEEPSEEK("fim" GAP "end")),
	ONE(128803, DEEPSEEK("User")),
	ONE(128804, DEEPSEEK("Assistant")),
	ONE(128805, "<|EOT|>"),
	ONE(128806, DEEPSEEK("tool" GAP "calls" GAP "begin")),
	ONE(128807, DEEPSEEK("tool" GAP "calls" GAP "end")),
	ONE(128808, DEEPSEEK("tool" GAP "call" GAP "begin")),
	ONE(128809, DEEPSEEK("tool" GAP "call" GAP "end")),
	ONE(128810, DEEPSEEK("tool" GAP "outputs" GAP "begin")),
	ONE(128811, DEEPSEEK("tool" GAP "outputs" GAP "end")),
	ONE(128812, DEEPSEEK("tool" GAP "output" GAP "begin")),
	ONE(128813, DEEPSEEK("tool" GAP "output" GAP "end")),
	ONE(128814, DEEPSEEK("tool" GAP "sep")),
	END,
};

/* Its ids here are ranks, below which a model has 1000 special tokens that
 * no text stands for. */
static const struct special_row mistral_tekken[] = {
	END,
};

static const struct count_builtin builtin[] = {
	{ "o200k_base", "o200k_base", o200k_base, false },
	{ "o200k_harmony", "o200k_base", o200k_harmony, false },
	{ "gptoss_hf", "o200k_base", gptoss_hf, true },
	{ "cl100k_base", "cl100k_base", cl100k_base, false },
	{ "p50k_base", "p50k_base", gpt2, false },
	{ "p50k_edit", "p50k_base", p50k_edit, false },
	{ "r50k_base", "r50k_base", gpt2, false },
	{ "claude_legacy", "claude_legacy", claude_legacy, false },
	{ "qwen3", "qwen3", qwen3, false },
	{ "deepseek_v3", "deepseek_v3", deepseek_v3, false },
	{ "mistral_tekken", "mistral_tekken", mistral_tekken, false },
};

/* Other spellings; '-', '.' and '_' are the same, and case does not matter. */
static const struct {
	const char *spelling;
	const char *name;
} aliases[] = {
	{ "o200k", "o200k_base" },
	{ "harmony", "o200k_harmony" },
	{ "gpt_oss", "o200k_harmony" },
	{ "cl100k", "cl100k_base" },
	{ "p50k", "p50k_base" },
	{ "r50k", "r50k_base" },
	{ "gpt2", "r50k_base" },
	{ "gpt_2", "r50k_base" },
	{ "claude_2", "claude_legacy" },
	{ "claude2", "claude_legacy" },
	{ "qwen2", "qwen3" },
	{ "qwen2_5", "qwen3" },
	{ "qwen_3", "qwen3" },
	{ "deepseek", "deepseek_v3" },
	{ "deepseek3", "deepseek_v3" },
	{ "tekken", "mistral_tekken" },
};

static bool
same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		char c = *a == '-' || *a == '.' ? '_' : *a;

		if (tolower((unsigned char)c) != *b)
			return false;
	}
	return *a == *b;
}

static bool
has_vocab(const char *name)
{
	const char *have;

	for (size_t i = 0; (have = vocab_name(i)) != NULL; i++)
		if (strcmp(have, name) == 0)
			return true;
	return false;
}

const char *
count_name(size_t n)
{
	for (size_t i = 0; i < TK_LEN(builtin); i++)
		if (has_vocab(builtin[i].vocab) && n-- == 0)
			return builtin[i].name;
	return NULL;
}

static int
unknown(const char *name, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest s;
	const char *have;

	tk_fail(err, TK_NOTFOUND, "no encoding '%s' in this program", name);
	tk_suggest_init(&s, name);
	for (size_t i = 0; (have = count_name(i)) != NULL; i++)
		tk_suggest_offer(&s, have);
	tk_suggest_add(&s, &hint);
	if (hint.len == 0) {
		tk_buf_adds(&hint, "there is");
		for (size_t i = 0; (have = count_name(i)) != NULL; i++)
			tk_buf_addf(&hint, "%s %s", i > 0 ? "," : "", have);
	}
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

const struct count_builtin *
builtin_find(const char *name, struct tk_err *err)
{
	const char *known = name;

	for (size_t i = 0; i < TK_LEN(aliases); i++)
		if (same_name(name, aliases[i].spelling))
			known = aliases[i].name;
	for (size_t i = 0; i < TK_LEN(builtin); i++) {
		const struct count_builtin *b = &builtin[i];

		if (!same_name(known, b->name))
			continue;
		if (has_vocab(b->vocab))
			return b;
		tk_fail(err, TK_NOTFOUND,
		    "encoding '%s' was left out of this program", b->name);
		tk_hint(err, "build it with VOCABS=\"... %s\"", b->vocab);
		return NULL;
	}
	unknown(name, err);
	return NULL;
}
