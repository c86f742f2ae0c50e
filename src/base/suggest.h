#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

struct tk_buf;
struct tk_err;

/*
 * "Did you mean": the words that are nearest to one that is not known, by
 * git's weights (swap 0, substitute 2, insert 1, delete 3), prefixes first.
 * A word that begins with another letter must have most letters in common.
 *
 *	struct tk_suggest s;
 *
 *	tk_suggest_init(&s, "qouta");
 *	for each known word: tk_suggest_offer(&s, word);
 *	tk_suggest_add(&s, &buf);	"did you mean 'quota'?", or nothing
 */
struct tk_suggest {
	const char *typed; /* not copied */
	int best;
	size_t n;
	char word[3][64];
};

void tk_suggest_init(struct tk_suggest *s, const char *typed);
void tk_suggest_offer(struct tk_suggest *s, const char *word);
void tk_suggest_add(const struct tk_suggest *s, struct tk_buf *b);

/* The same as the hint of an error; `otherwise` is the hint when no word is
 * near, or NULL.  Always -1. */
int tk_suggest_hint(const struct tk_suggest *s, const char *otherwise,
    struct tk_err *err);

#endif
