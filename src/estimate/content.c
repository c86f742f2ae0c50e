#include "estimate/content.h"

#include <string.h>

const struct tk_choice content_classes[] = {
	{ "prose", CONTENT_PROSE },
	{ "code", CONTENT_CODE },
	{ "cjk", CONTENT_CJK },
	{ "other", CONTENT_OTHER },
	{ NULL, 0 },
};

const char *
content_class_name(enum content_class c)
{
	return content_classes[c].name;
}

/* Which sum a byte goes to. */
enum kind {
	KIND_NONE, /* continues a character */
	KIND_LETTER,
	KIND_DIGIT,
	KIND_SPACE,
	KIND_MARK,
	KIND_PLAIN,
	KIND_CJK,
	KIND_OTHER,
	KINDS,
};

static enum kind
kind_of(unsigned c)
{
	static const char marks[] = "{}()[]<>=;_/\\*&|+#$@^~%`\"";

	if (c >= 0x80 && c < 0xc0)
		return KIND_NONE;
	if (c >= 0x80)
		return c >= 0xe3 && c <= 0xed ? KIND_CJK : KIND_OTHER;
	if ((c | 32) >= 'a' && (c | 32) <= 'z')
		return KIND_LETTER;
	if (c >= '0' && c <= '9')
		return KIND_DIGIT;
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return KIND_SPACE;
	return c != 0 && strchr(marks, (int)c) != NULL ? KIND_MARK : KIND_PLAIN;
}

void
content_add(struct content *c, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	int64_t hist[4][256] = { { 0 } }, sum[KINDS] = { 0 };
	size_t i = 0;

	/* Four tables, so that equal neighbours do not wait for each other. */
	for (; i + 4 <= n; i += 4) {
		hist[0][p[i]]++;
		hist[1][p[i + 1]]++;
		hist[2][p[i + 2]]++;
		hist[3][p[i + 3]]++;
	}
	for (; i < n; i++)
		hist[0][p[i]]++;
	for (unsigned b = 0; b < 256; b++)
		sum[kind_of(b)] +=
		    hist[0][b] + hist[1][b] + hist[2][b] + hist[3][b];
	c->bytes += (int64_t)n;
	c->chars += (int64_t)n - sum[KIND_NONE];
	c->letters += sum[KIND_LETTER];
	c->digits += sum[KIND_DIGIT];
	c->space += sum[KIND_SPACE];
	c->marks += sum[KIND_MARK];
	c->cjk += sum[KIND_CJK];
	c->other += sum[KIND_OTHER];
}

void
content_sum(struct content *to, const struct content *more)
{
	to->bytes += more->bytes;
	to->chars += more->chars;
	to->letters += more->letters;
	to->digits += more->digits;
	to->space += more->space;
	to->marks += more->marks;
	to->cjk += more->cjk;
	to->other += more->other;
}

enum content_class
content_class(const struct content *c)
{
	if (c->cjk > c->chars / 8)
		return CONTENT_CJK;
	if (c->other > c->chars / 6)
		return CONTENT_OTHER;
	/* 3 in 50 of all, rounded down, without a product that is too large. */
	if (c->marks > c->chars / 50 * 3 + c->chars % 50 * 3 / 50)
		return CONTENT_CODE;
	return CONTENT_PROSE;
}
