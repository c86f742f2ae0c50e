/* Cutting messages that are too large: shorten.h. */
#include "chat/shorten.h"

#include <string.h>

#include "base/buf.h"

enum {
	MILLION = 1000000,
	ESCAPE = 6,      /* \u1234 */
	MOST_CUTS = 1024 /* of one request */
};

/* The part of a message with the most text; NULL: it has none to cut. */
static const struct chat_part *
longest_text(const struct chat_request *r, size_t message)
{
	const struct chat_message *m = &r->message[message];
	const struct chat_part *best = NULL;

	for (size_t i = m->part; i < m->part + m->parts; i++) {
		const struct chat_part *p = &r->part[i];

		if (p->kind == CHAT_TEXT && !p->is_json && p->text.n > 0 &&
		    (best == NULL || p->text.n > best->text.n))
			best = p;
	}
	return best;
}

static bool
is_high_surrogate(const char *p)
{
	return p[0] == '\\' && p[1] == 'u' && (p[2] == 'd' || p[2] == 'D') &&
	    strchr("89abAB", p[3]) != NULL;
}

/* The end of the character that begins at p, before end: an escape or a pair
 * of them is one, and so are the bytes of UTF-8. */
static const char *
next_character(const char *p, const char *end)
{
	if (*p == '\\' && end - p >= 2) {
		bool pair = end - p >= 2 * ESCAPE && is_high_surrogate(p);

		p += p[1] != 'u' ? 2 : pair ? 2 * ESCAPE : ESCAPE;
		return p < end ? p : end;
	}
	for (p++; p < end && ((unsigned char)*p & 0xc0) == 0x80;)
		p++;
	return p;
}

/* The last place between characters that is no farther than n bytes. */
static size_t
safe_length(const struct json_text *t, size_t n)
{
	const char *p = t->p, *end = t->p + t->n;

	while (p < end) {
		const char *next = next_character(p, end);

		if ((size_t)(next - t->p) > n)
			break;
		p = next;
	}
	return (size_t)(p - t->p);
}

static int
tokens_of(const struct json_text *t, size_t n, const struct chat_options *o,
    int64_t *tokens, struct tk_err *err)
{
	struct json_text part = { t->p, n, t->escaped };
	struct tk_buf plain = TK_BUF_INIT;
	int rc;

	json_text_add(&part, &plain);
	rc = o->tokens_of(plain.s, plain.len, tokens, o->data, err);
	tk_buf_release(&plain);
	*tokens = (*tokens + MILLION - 1) / MILLION;
	return rc;
}

/* How much of a text has at most so many tokens. */
static int
length_for(const struct json_text *t, int64_t max, const struct chat_options *o,
    size_t *length, struct tk_err *err)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;
		int64_t tokens;

		if (tokens_of(t, safe_length(t, middle), o, &tokens, err) < 0)
			return -1;
		if (tokens <= max)
			low = middle;
		else
			high = middle - 1;
	}
	*length = safe_length(t, low);
	return 0;
}

/* Cut the text of a message by that many tokens, or all of it; *to is the
 * request without them.  0: there was nothing to cut. */
static int
cut_message(const struct chat_request *r, size_t message, int64_t less,
    const struct chat_options *o, struct tk_buf *to, struct tk_err *err)
{
	const struct chat_part *p = longest_text(r, message);
	int64_t tokens;
	size_t length;

	if (p == NULL)
		return 0;
	if (tokens_of(&p->text, p->text.n, o, &tokens, err) < 0 ||
	    length_for(&p->text, tokens > less ? tokens - less : 0, o, &length,
		err) < 0)
		return -1;
	if (length == p->text.n)
		length = safe_length(&p->text, length - 1);
	tk_buf_reset(to);
	tk_buf_add(to, r->text, (size_t)(p->text.p - r->text) + length);
	tk_buf_add(to, p->text.p + p->text.n,
	    r->len - (size_t)(p->text.p - r->text) - p->text.n);
	return 1;
}

/* By how many tokens the largest message is to be cut; 0: by none. */
static int64_t
excess(const struct chat_size *s, const struct chat_limits *limits, bool rest)
{
	const int64_t over[] = { s->message - limits->message,
		rest ? s->conversation - limits->conversation : 0,
		rest ? s->counts.total - limits->request : 0 };
	int64_t most = 0;

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		most = over[i] > most ? over[i] : most;
	return most;
}

/* One cut; 1: done, 0: nothing is over any more, or (*stuck) can be cut. */
static int
step(struct tk_buf *now, const struct chat_options *o,
    const struct chat_limits *limits, bool rest, bool *stuck,
    struct tk_err *err)
{
	struct tk_buf next = TK_BUF_INIT;
	struct chat_request r;
	struct chat_size s;
	int64_t less = 0;
	int rc;

	if (chat_parse(&r, now->s, now->len, err) < 0)
		return -1;
	rc = chat_measure(&r, o, &s, err);
	if (rc == 0)
		less = excess(&s, limits, rest);
	if (less > 0)
		rc = s.largest == SIZE_MAX
		    ? 0
		    : cut_message(&r, s.largest, less, o, &next, err);
	*stuck = rc == 0 && less > 0;
	chat_release(&r);
	if (rc > 0) {
		tk_buf_reset(now);
		tk_buf_add(now, next.s, next.len);
	}
	tk_buf_release(&next);
	return rc;
}

int
chat_shorten(const char *text, size_t len, const struct chat_options *o,
    const struct chat_limits *limits, bool rest, struct tk_buf *to,
    size_t *shortened, struct tk_err *err)
{
	bool stuck = false;
	int rc = 1;

	*shortened = 0;
	tk_buf_reset(to);
	tk_buf_add(to, text, len);
	for (int i = 0; rc > 0 && i < MOST_CUTS; i++) {
		rc = step(to, o, limits, rest, &stuck, err);
		*shortened += rc > 0;
	}
	if (rc < 0)
		return tk_wrap(err, "what was cut");
	return !stuck && rc == 0;
}
