#include "base/suggest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

enum { SWAP = 0, SUBSTITUTE = 2, INSERT = 1, DELETE = 3, NEAR = 7 };
enum { MAX_WORD = 63 };

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein over three rows; both words are at most MAX_WORD. */
static int
distance(const char *from, const char *to)
{
	int rows[3][MAX_WORD + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2];
	size_t n = strlen(from), m = strlen(to);

	for (size_t j = 0; j <= m; j++)
		above[j] = (int)j * INSERT;
	for (size_t i = 0; i < n; i++) {
		int *spare = before;

		row[0] = (int)(i + 1) * DELETE;
		for (size_t j = 0; j < m; j++) {
			row[j + 1] =
			    above[j] + (from[i] == to[j] ? 0 : SUBSTITUTE);
			if (i > 0 && j > 0 && from[i - 1] == to[j] &&
			    from[i] == to[j - 1])
				row[j + 1] =
				    least(row[j + 1], before[j - 1] + SWAP);
			row[j + 1] = least(row[j + 1], above[j + 1] + DELETE);
			row[j + 1] = least(row[j + 1], row[j] + INSERT);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[m];
}

/*
 * Is a word of that distance worth a guess?  Without what a longer word adds,
 * a letter replaced counts 2 and one left out 4: "x" is not a typo of "top",
 * nor "bad" of "poland", of which half is there.
 */
static bool
is_near(const char *typed, const char *word, int d)
{
	int n = (int)strlen(typed), longer = (int)strlen(word) - n;

	return n > 1 &&
	    (typed[0] == word[0] || typed[1] == word[0] ||
		(longer < n && d - longer * INSERT < n));
}

void
tk_suggest_init(struct tk_suggest *s, const char *typed)
{
	*s = (struct tk_suggest){ .typed = typed, .best = NEAR };
}

void
tk_suggest_offer(struct tk_suggest *s, const char *word)
{
	int d = 0;

	if (strlen(s->typed) > MAX_WORD || strlen(word) > MAX_WORD ||
	    s->typed[0] == '\0')
		return;
	if (strncmp(word, s->typed, strlen(s->typed)) != 0) {
		d = distance(s->typed, word);
		if (!is_near(s->typed, word, d))
			return;
		d++;
	}
	if (d >= NEAR || d > s->best)
		return;
	for (size_t i = 0; d == s->best && i < s->n; i++)
		if (strcmp(s->word[i], word) == 0)
			return;
	if (d < s->best)
		s->n = 0;
	s->best = d;
	if (s->n < TK_LEN(s->word))
		snprintf(s->word[s->n++], sizeof(s->word[0]), "%s", word);
}

void
tk_suggest_add(const struct tk_suggest *s, struct tk_buf *b)
{
	for (size_t i = 0; i < s->n; i++)
		tk_buf_addf(b, "%s'%s'", i == 0 ? "did you mean " : " or ",
		    s->word[i]);
	if (s->n > 0)
		tk_buf_adds(b, "?");
}

int
tk_suggest_hint(const struct tk_suggest *s, const char *otherwise,
    struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;

	tk_suggest_add(s, &hint);
	if (hint.len > 0)
		tk_hint(err, "%s", hint.s);
	else if (otherwise != NULL)
		tk_hint(err, "%s", otherwise);
	tk_buf_release(&hint);
	return -1;
}
