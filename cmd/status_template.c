#include "status_template.h"

#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"

/* One step through a template. */
enum piece { END, TEXT, WORD, OPEN, CLOSE, WRONG };

struct place {
	const char *p; /* the piece; a word without its braces */
	size_t n;
	const char *next;
};

static enum piece
step(struct place *at)
{
	const char *s = at->next;

	at->p = s;
	at->n = 1;
	at->next = s + 1;
	switch (*s) {
	case '\0':
		at->next = s;
		return END;
	case '{':
	case '}':
	case '[':
	case ']':
		if (s[1] == *s) {
			at->next = s + 2;
			return TEXT;
		}
		break;
	default:
		at->n = strcspn(s, "{}[]");
		at->next = s + at->n;
		return TEXT;
	}
	if (*s == '[' || *s == ']')
		return *s == '[' ? OPEN : CLOSE;
	at->p = s + 1;
	at->n = strcspn(s + 1, "{}[]");
	if (*s == '}' || s[1 + at->n] != '}')
		return WRONG;
	at->next = s + 2 + at->n;
	return WORD;
}

static const struct template_word *
find(const struct template_word *words, const char *p, size_t n)
{
	for (; words->name != NULL; words++)
		if (strlen(words->name) == n && memcmp(words->name, p, n) == 0)
			return words;
	return NULL;
}

static int
unknown(const struct template_word *words, const struct place *at,
    struct tk_err *err)
{
	struct tk_buf word = TK_BUF_INIT;
	struct tk_suggest near;

	tk_buf_add(&word, at->p, at->n < 64 ? at->n : 64);
	tk_suggest_init(&near, word.s);
	for (const struct template_word *w = words; w->name != NULL; w++)
		tk_suggest_offer(&near, w->name);
	tk_fail(err, TK_USAGE, "--template: '{%s}' is no value", word.s);
	tk_suggest_hint(&near, "'tokctl status --list' lists them", err);
	tk_buf_release(&word);
	return -1;
}

int
template_check(const char *text, const struct template_word *words, int *needs,
    struct tk_err *err)
{
	struct place at = { .next = text };
	const struct template_word *w;
	bool inside = false;
	enum piece piece;

	*needs = 0;
	while ((piece = step(&at)) != END) {
		if (piece == WORD) {
			w = find(words, at.p, at.n);
			if (w == NULL)
				return unknown(words, &at, err);
			*needs |= w->needs;
		} else if (piece == WRONG) {
			tk_fail(err, TK_USAGE,
			    "--template: a brace without its other one");
			return tk_hint(err, "'{{' and '}}' are the characters");
		} else if (piece != TEXT && inside == (piece == OPEN)) {
			tk_fail(err, TK_USAGE, "--template: '%c' %s",
			    piece == OPEN ? '[' : ']',
			    inside ? "inside '['" : "without '['");
			return tk_hint(err, "'[[' and ']]' are the characters");
		} else if (piece != TEXT) {
			inside = !inside;
		}
	}
	if (inside)
		return tk_fail(err, TK_USAGE, "--template: '[' without ']'");
	return 0;
}

void
template_add(struct tk_buf *b, const char *text,
    const struct template_word *words, const void *data)
{
	struct place at = { .next = text };
	struct tk_buf group = TK_BUF_INIT;
	struct tk_buf *to = b;
	bool known = true;
	enum piece piece;

	while ((piece = step(&at)) != END) {
		if (piece == TEXT) {
			tk_buf_add(to, at.p, at.n);
		} else if (piece == WORD) {
			if (find(words, at.p, at.n)->add(to, data))
				continue;
			known = false;
			tk_buf_adds(to, "-");
		} else if (piece == OPEN) {
			tk_buf_reset(&group);
			to = &group;
			known = true;
		} else {
			to = b;
			if (known)
				tk_buf_add(b, group.s, group.len);
		}
	}
	tk_buf_release(&group);
}
