/* Published patterns and files, known by what is in them. */
#include <string.h>

#include "base/attr.h"
#include "base/sha256.h"
#include "tokenizer/read.h"

#define WORDS_CL100K \
	"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
#define TAIL "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define PUNCT "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define BEFORE "[^\\r\\n\\p{L}\\p{N}]?"
#define SUFFIX "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

/* The names are those of vocab_patterns[]. */
static const struct {
	const char *name, *regex;
} patterns[] = {
	{ "gpt2",
	    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
	    "|\\s+(?!\\S)|\\s+" },
	{ "gpt2",
	    "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
	    "|\\s+(?!\\S)|\\s+" },
	{ "cl100k", WORDS_CL100K "\\p{N}{1,3}" PUNCT TAIL },
	{ "qwen2", WORDS_CL100K "\\p{N}" PUNCT TAIL },
	{ "o200k",
	    BEFORE UPPER "*" LOWER "+" SUFFIX "|" BEFORE UPPER "+" LOWER
			 "*" SUFFIX
			 "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" TAIL },
	{ "tekken",
	    BEFORE UPPER "*" LOWER "+|" BEFORE UPPER "+" LOWER
			 "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" TAIL },
};

/* Line ends stand in these as themselves and as escapes. */
static const char *const deepseek[][2] = {
	{ "\\p{N}{1,3}", "\\p{N}{1,3}" },
	{ "[\xe4\xb8\x80-\xe9\xbe\xa5\xe3\x81\x80-\xe3\x82\x9f"
	  "\xe3\x82\xa0-\xe3\x83\xbf]+",
	    "[\xe4\xb8\x80-\xe9\xbe\xa5\xe3\x81\x80-\xe3\x82\x9f"
	    "\xe3\x82\xa0-\xe3\x83\xbf]+" },
	{ "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|"
	  "[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
	  "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
	    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|"
	    "[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+"
	    "[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
};

/* The published .tiktoken files, by SHA-256. */
static const struct {
	const char *digest, *pattern;
} files[] = {
	/* o200k_base */
	{ "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
	    "o200k" },
	/* cl100k_base */
	{ "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
	    "cl100k" },
	/* p50k_base */
	{ "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
	    "gpt2" },
	/* r50k_base */
	{ "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
	    "gpt2" },
	/* Llama 3's tokenizer.model */
	{ "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
	    "cl100k" },
	/* Qwen's qwen.tiktoken and what Qwen 2, 2.5 and 3 have */
	{ "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
	    "qwen2" },
};

const char *
known_pattern(const char *regex)
{
	for (size_t i = 0; i < TK_LEN(patterns); i++)
		if (strcmp(patterns[i].regex, regex) == 0)
			return patterns[i].name;
	return NULL;
}

bool
known_deepseek(int i, const char *regex)
{
	return strcmp(deepseek[i][0], regex) == 0 ||
	    strcmp(deepseek[i][1], regex) == 0;
}

const char *
known_file(const void *bytes, size_t n)
{
	uint8_t sum[TK_SHA256_LEN];
	char hex[65];

	tk_sha256(bytes, n, sum);
	tk_sha256_hex(sum, hex);
	for (size_t i = 0; i < TK_LEN(files); i++)
		if (strcmp(files[i].digest, hex) == 0)
			return files[i].pattern;
	return NULL;
}
