/*
 * .tiktoken files: a line for each token, "<base64> <rank>".  Two symbols
 * merge when what they are together is a token, the lowest rank first; a
 * piece that is a token is that token.  How text is cut into pieces is not
 * in the file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "tokenizer/flow.h"
#include "tokenizer/read.h"

static int
read_line(struct model *m, const char *s, const char *end, struct tk_buf *b,
    struct tk_err *err)
{
	const char *blank = memchr(s, ' ', (size_t)(end - s));
	uint32_t rank = 0;

	tk_buf_reset(b);
	if (blank != NULL)
		tk_buf_add(b, s, (size_t)(blank - s));
	if (b->len == 0 || !tk_base64_decode(b, 0) || blank + 1 == end)
		return tk_fail(err, TK_DATA, "not '<base64> <rank>'");
	for (s = blank + 1; s < end; s++) {
		if (*s < '0' || *s > '9' || rank >= MODEL_IDS_MAX)
			return tk_fail(err, TK_DATA, "not '<base64> <rank>'");
		rank = rank * 10 + (uint32_t)(*s - '0');
	}
	if (b->len > UINT16_MAX)
		return tk_fail(err, TK_DATA, "a token of %zu bytes", b->len);
	return model_add_token(m, rank, b->s, b->len, TOKEN_NORMAL, 0, err);
}

static int
read_lines(struct model *m, const char *text, size_t n, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	const char *end = text + n;
	size_t line = 0;
	int rc = 0;

	while (rc == 0 && text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const char *last = stop = stop != NULL ? stop : end;

		line++;
		if (last > text && last[-1] == '\r')
			last--;
		if (last > text && read_line(m, text, last, &b, err) < 0)
			rc = tk_wrap(err, "line %zu", line);
		text = stop < end ? stop + 1 : end;
	}
	tk_buf_release(&b);
	return rc;
}

int
read_tiktoken(struct model *m, const char *text, size_t n, const char *pattern,
    struct tk_err *err)
{
	uint32_t *rank, which;
	struct model_step *s;

	m->kind = MODEL_BYTES;
	m->flags = MODEL_WHOLE;
	if (read_lines(m, text, n, err) < 0)
		return -1;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		if (model_find(m, &byte, 1) == MODEL_NONE)
			return tk_fail(err, TK_DATA,
			    "there is no token for byte %u", i);
	}
	if (pattern == NULL && (pattern = known_file(text, n)) == NULL) {
		tk_fail(err, TK_DATA,
		    "the file does not say how it cuts text into pieces");
		return tk_hint(err,
		    "name the pattern: '--pattern cl100k', or another of "
		    "tokctl-count(1)");
	}
	if (pattern_find(pattern, strlen(pattern), &which, err) < 0)
		return -1;
	s = model_add_step(m, STEP_PATTERN, 0);
	s->a = model_text(m, pattern, strlen(pattern));
	rank = tk_xcalloc(m->n_token, sizeof(*rank));
	for (uint32_t i = 0; i < m->n_token; i++)
		rank[i] = i;
	model_add_all_merges(m, rank);
	free(rank);
	return 0;
}
