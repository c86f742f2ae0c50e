#include "base/suggest.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

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

void
tk_suggest_init(struct tk_suggest *s, const char *typed)
{
	*s = (struct tk_suggest){ .typed = typed, .best = NEAR };
}

void
tk_suggest_offer(struct tk_suggest *s, const char *word)
{
	int d;

	if (strlen(s->typed) > MAX_WORD || strlen(word) > MAX_WORD ||
	    s->typed[0] == '\0')
		return;
	if (strncmp(word, s->typed, strlen(s->typed)) == 0)
		d = 0;
	else
		d = distance(s->typed, word) + 1;
	if (d >= NEAR || d > s->best)
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
