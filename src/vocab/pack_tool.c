/*
 * pack_tool LIST NAME OUT - pack one published vocabulary (table.h)
 *
 * A build tool.  Reads the vocabulary's lines in LIST, checks the digest of
 * its file, and writes the tables that the encoders use as they are.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "vocab/pack.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

struct list {
	char name[32], file[64], digest[65];
	enum vocab_pattern pattern;
	uint32_t flags;
	struct vocab_special *specials;
	size_t n_specials;
	struct vocab_source_token *tokens;
	size_t n;
};

static TK_NORETURN void TK_PRINTF(1, 2) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("pack_tool: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 1 << 16, n;
	char *s = tk_xreallocarray(NULL, cap, 1);

	if (f == NULL)
		die("cannot open '%s'", path);
	*len = 0;
	while ((n = fread(s + *len, 1, cap - *len - 1, f)) > 0) {
		*len += n;
		if (cap - *len == 1)
			s = tk_xreallocarray(s, cap *= 2, 1);
	}
	if (ferror(f))
		die("cannot read '%s'", path);
	fclose(f);
	s[*len] = '\0';
	return s;
}

/* One more special token: "ID TEXT". */
static void
add_special(struct list *k, char *line)
{
	char *text;
	uint32_t id = (uint32_t)strtoul(line, &text, 10);

	k->specials = tk_xreallocarray(k->specials, k->n_specials + 1,
	    sizeof(*k->specials));
	k->specials[k->n_specials++] = (struct vocab_special){ id,
		(const uint8_t *)tk_xstrdup(text + 1), strlen(text + 1) };
}

/* What the encoding does besides: "nfkc special-late". */
static void
add_flags(struct list *k, const char *line)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "nfc", VOCAB_NFC },
		{ "nfkc", VOCAB_NFKC },
		{ "special-late", VOCAB_SPECIAL_LATE },
	};
	size_t n, i;

	for (; *line != '\0'; line += n + strspn(line + n, " ")) {
		n = strcspn(line, " ");
		for (i = 0; i < TK_LEN(flags); i++)
			if (strlen(flags[i].name) == n &&
			    memcmp(flags[i].name, line, n) == 0)
				break;
		if (i == TK_LEN(flags))
			die("no flag '%.*s'", (int)n, line);
		k->flags |= flags[i].flag;
	}
}

static enum vocab_pattern
pattern_named(const char *name)
{
	for (int i = 0; i < VOCAB_PATTERNS; i++)
		if (strcmp(vocab_patterns[i], name) == 0)
			return (enum vocab_pattern)i;
	die("no pattern '%s'", name);
}

/* Find NAME in LIST. */
static void
read_list(struct list *k, const char *list, const char *name)
{
	size_t len;
	char *text = read_file(list, &len), *save = NULL;
	char word[32], pattern[32];
	int mine = 0, found = 0;

	for (char *s = strtok_r(text, "\n", &save); s != NULL;
	     s = strtok_r(NULL, "\n", &save)) {
		if (strncmp(s, "special ", 8) == 0 && mine)
			add_special(k, s + 8);
		if (strncmp(s, "flags ", 6) == 0 && mine)
			add_flags(k, s + 6);
		if (strncmp(s, "vocab ", 6) != 0)
			continue;
		if (sscanf(s, "vocab %31s", word) != 1)
			die("%s: cannot read '%s'", list, s);
		mine = strcmp(word, name) == 0;
		if (!mine)
			continue;
		found = 1;
		if (sscanf(s, "vocab %31s %63s %64s %31s", k->name, k->file,
			k->digest, pattern) != 4)
			die("%s: cannot read '%s'", list, s);
		k->pattern = pattern_named(pattern);
	}
	if (!found)
		die("%s: no vocabulary '%s'", list, name);
	free(text);
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

/* Decode in place; *end is left after the digits and padding. */
static uint32_t
decode_base64(char *s, char **end)
{
	uint8_t *to = (uint8_t *)s;
	uint32_t bits = 0, len = 0;
	int n = 0, value;

	for (; (value = base64_value(*s)) >= 0; s++) {
		bits = bits << 6 | (uint32_t)value;
		if ((n += 6) >= 8)
			to[len++] = (uint8_t)(bits >> (n -= 8));
	}
	*end = s + strspn(s, "=");
	return len;
}

static void
read_tokens(struct list *k, const char *path)
{
	size_t len, cap = 0;
	char *text = read_file(path, &len), *save = NULL, hex[65], *end;
	uint8_t sum[TK_SHA256_LEN];

	tk_sha256(text, len, sum);
	tk_sha256_hex(sum, hex);
	if (strcmp(hex, k->digest) != 0)
		die("%s: SHA-256 is %s, expected %s", path, hex, k->digest);
	for (char *s = strtok_r(text, "\n", &save); s != NULL;
	     s = strtok_r(NULL, "\n", &save)) {
		struct vocab_source_token *t;

		if (k->n == cap) {
			cap = cap > 0 ? 2 * cap : 1024;
			k->tokens = tk_xreallocarray(k->tokens, cap,
			    sizeof(*k->tokens));
		}
		t = &k->tokens[k->n++];
		memset(t, 0, sizeof(*t));
		t->bytes = (const uint8_t *)s;
		t->len = decode_base64(s, &end);
		t->id = t->rank = (uint32_t)strtoul(end, NULL, 10);
		if (*end != ' ' || t->len == 0)
			die("%s: cannot read line %zu", path, k->n);
	}
}

/*
 * Whether merging these bytes, lowest rank first, makes one token, and no
 * merge before has a higher rank than one after it.
 */
static bool
merges(const struct vocab *v, const uint8_t *p, uint32_t n)
{
	uint32_t start[UINT16_MAX + 1], rank[UINT16_MAX + 1], last = 0;

	for (uint32_t i = 0; i <= n; i++)
		start[i] = i;
	for (uint32_t i = 0; i + 1 < n; i++)
		rank[i] = vocab_rank(v, p + i, 2);
	while (n > 1) {
		uint32_t at = 0;

		for (uint32_t i = 1; i + 1 < n; i++)
			if (rank[i] < rank[at])
				at = i;
		if (rank[at] == VOCAB_NONE || rank[at] < last)
			return false;
		last = rank[at];
		memmove(start + at + 1, start + at + 2,
		    (n - at - 1) * sizeof(*start));
		memmove(rank + at, rank + at + 1, (n - at - 2) * sizeof(*rank));
		n--;
		if (at > 0)
			rank[at - 1] = vocab_rank(v, p + start[at - 1],
			    start[at + 1] - start[at - 1]);
		if (at + 1 < n)
			rank[at] = vocab_rank(v, p + start[at],
			    start[at + 2] - start[at]);
	}
	return true;
}

static bool
all_merge(const void *image, size_t len, const struct list *k)
{
	struct tk_err err = TK_ERR_INIT;
	struct vocab *v;

	if (vocab_open_mem(&v, image, len, &err) < 0)
		die("%s: %s", k->name, err.msg);
	for (size_t i = 0; i < k->n; i++)
		if (!merges(v, k->tokens[i].bytes, k->tokens[i].len))
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct tk_err err = TK_ERR_INIT;
	struct list k = { 0 };
	struct vocab_source src;
	const char *slash;
	char path[1024];
	void *image;
	size_t len;
	FILE *f;

	if (argc != 4)
		die("usage: pack_tool LIST NAME OUT");
	read_list(&k, argv[1], argv[2]);
	slash = strrchr(argv[1], '/');
	snprintf(path, sizeof(path), "%.*s%s",
	    slash != NULL ? (int)(slash + 1 - argv[1]) : 0, argv[1], k.file);
	read_tokens(&k, path);
	src = (struct vocab_source){ k.name, k.pattern, k.tokens, k.n,
		k.specials, k.n_specials, 0, k.flags };
	if (vocab_pack(&src, &image, &len, &err) < 0)
		die("%s: %s", path, err.msg);
	src.flags |= all_merge(image, len, &k) ? VOCAB_ALL_MERGE : 0;
	if (src.flags != k.flags && vocab_pack(&src, &image, &len, &err) < 0)
		die("%s: %s", path, err.msg);
	f = fopen(argv[3], "wb");
	if (f == NULL || fwrite(image, 1, len, f) != len || fclose(f) != 0) {
		remove(argv[3]);
		die("cannot write '%s'", argv[3]);
	}
	return 0;
}
