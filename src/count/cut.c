#include "count/cut.h"

#include <stdint.h>

#include "base/attr.h"
#include "count/count_int.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

/* What holds for a pattern; those that are not named hold nothing. */
static const struct {
	bool spaces;   /* "x| y" */
	bool newlines; /* "\n|x" */
	bool slash;    /* but not "\n|/" */
} rules[VOCAB_PATTERNS] = {
	[VOCAB_O200K] = { .spaces = true, .newlines = true, .slash = true },
	[VOCAB_CL100K] = { .spaces = true, .newlines = true },
	[VOCAB_TEKKEN] = { .spaces = true, .newlines = true, .slash = true },
	[VOCAB_QWEN2] = { .spaces = true, .newlines = true },
	[VOCAB_GPT2] = { .spaces = true },
	[VOCAB_DEEPSEEK3] = { .spaces = true, .newlines = true },
};

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/*
 * The lead bytes of white space that is not ASCII (U+0085, U+00A0, U+1680,
 * U+2000 and on, U+3000) are refused, with their neighbours, all but those
 * of kana and hanzi.
 */
static bool
is_dark(const uint8_t *p, size_t n)
{
	if (*p < 0x80)
		return *p > ' ' && *p != 0x7f;
	if (*p == 0xe3)
		return n > 1 && p[1] > 0x80 && p[1] < 0xc0;
	return *p != 0xc2 && *p != 0xe1 && *p != 0xe2;
}

/* Whether there is a cut before p[i], with the n bytes at p around it. */
static bool
is_safe(uint32_t pattern, const uint8_t *p, size_t i, size_t n)
{
	if (p[i] == ' ')
		return rules[pattern].spaces && is_alnum(p[i - 1]);
	return p[i - 1] == '\n' && rules[pattern].newlines &&
	    is_dark(p + i, n - i) && !(rules[pattern].slash && p[i] == '/');
}

bool
count_can_cut(const struct count_encoding *e, enum count_flags flags)
{
	uint32_t pattern;
	const struct special *x;
	struct special_set *set;
	size_t n = 0;
	bool safe = true;

	/* Those of other modules keep what they know to themselves. */
	if (e->ops != NULL)
		return false;
	pattern = e->v->head->pattern;
	if (pattern >= TK_LEN(rules) || !rules[pattern].spaces)
		return false;
	if ((flags & COUNT_SPECIAL) == 0)
		return true;
	set = special_set_new(&e->special);
	while (safe && (x = special_at(set, n++)) != NULL)
		for (size_t k = 1; k < x->len; k++)
			if (is_safe(pattern, x->text, k, x->len))
				safe = false;
	special_set_free(set);
	return safe;
}

size_t
count_cut(const struct count_encoding *const *e, size_t encodings,
    const void *text, size_t n)
{
	const uint8_t *p = text;

	for (size_t i = n; i-- > 1;) {
		size_t k = 0;

		if (p[i] != ' ' && p[i - 1] != '\n')
			continue;
		while (
		    k < encodings && is_safe(e[k]->v->head->pattern, p, i, n))
			k++;
		if (k == encodings)
			return i;
	}
	return 0;
}
