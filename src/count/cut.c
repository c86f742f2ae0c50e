#include "count/cut.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "count/count_int.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

/* What holds for a pattern, by its name. */
static const struct rule {
	const char *pattern;
	bool newlines; /* "\n|x" */
	bool slash;    /* but not "\n|/" */
} rules[] = {
	{ "o200k", .newlines = true, .slash = true },
	{ "cl100k", .newlines = true },
	{ "tekken", .newlines = true, .slash = true },
	{ "qwen2", .newlines = true },
	{ "deepseek3", .newlines = true },
	{ "gpt2", .newlines = false },
};

static const struct rule *
rule_of(const struct count_encoding *e)
{
	const char *name;

	/* Those of other modules keep what they know to themselves. */
	if (e->ops != NULL || e->v == NULL ||
	    e->v->head->pattern >= VOCAB_PATTERNS)
		return NULL;
	name = vocab_patterns[e->v->head->pattern];
	for (size_t i = 0; i < TK_LEN(rules); i++)
		if (strcmp(rules[i].pattern, name) == 0)
			return &rules[i];
	return NULL;
}

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
is_safe(const struct rule *r, const uint8_t *p, size_t i, size_t n)
{
	if (p[i] == ' ')
		return is_alnum(p[i - 1]);
	return p[i - 1] == '\n' && r->newlines && is_dark(p + i, n - i) &&
	    !(r->slash && p[i] == '/');
}

bool
count_can_cut(const struct count_encoding *e, enum count_flags flags)
{
	const struct rule *r = rule_of(e);
	const struct special *x;
	struct special_set *set;
	size_t n = 0;
	bool safe = true;

	if (r == NULL)
		return false;
	set = special_set_new(&e->special, (flags & COUNT_SPECIAL) != 0);
	while (safe && (x = special_at(set, n++)) != NULL)
		for (size_t k = 1; k < x->len; k++)
			if (is_safe(r, x->text, k, x->len))
				safe = false;
	special_set_free(set);
	return safe;
}

/* One rule that is as strict as those of all encodings. */
static bool
strictest(const struct count_encoding *const *e, size_t encodings,
    struct rule *all)
{
	*all = (struct rule){ .newlines = true };
	for (size_t i = 0; i < encodings; i++) {
		const struct rule *r = rule_of(e[i]);

		if (r == NULL)
			return false;
		all->newlines = all->newlines && r->newlines;
		all->slash = all->slash || r->slash;
	}
	return true;
}

size_t
count_cut(const struct count_encoding *const *e, size_t encodings,
    const void *text, size_t n)
{
	const uint8_t *p = text;
	struct rule r;

	if (!strictest(e, encodings, &r))
		return 0;
	for (size_t i = n; i-- > 1;)
		if ((p[i] == ' ' || p[i - 1] == '\n') && is_safe(&r, p, i, n))
			return i;
	return 0;
}
