#include "tokenizer/tokenizer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "tokenizer/fast.h"
#include "tokenizer/flow.h"
#include "tokenizer/kept.h"
#include "tokenizer/read.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

/* The largest that is known has 34 MB. */
enum { FILE_MAX = 1 << 29 };

struct tokenizer {
	struct image image;
	char *name;
	void *made;   /* by image_make() */
	void *mapped; /* or a file */
	size_t mapped_len;
};

static void
tokenizer_close(void *self)
{
	struct tokenizer *t = self;

	free(t->name);
	free(t->made);
	if (t->mapped != NULL)
		munmap(t->mapped, t->mapped_len);
	free(t);
}

static void *
stream_new(const void *self, enum count_flags flags)
{
	const struct tokenizer *t = self;
	struct flow *f = tk_xcalloc(1, sizeof(*f));
	struct tk_err none = TK_ERR_INIT;

	/* It was tried when the tokenizer was opened. */
	flow_init(f, &t->image, flags, &none);
	return f;
}

static void
stream_free(void *stream)
{
	flow_release(stream);
	free(stream);
}

static void
stream_on_ids(void *stream, count_ids_fn *fn, void *data)
{
	struct flow *f = stream;

	f->on_ids = fn;
	f->data = data;
}

static int
stream_add(void *stream, const void *bytes, size_t n, struct tk_err *err)
{
	return flow_add(stream, bytes, n, err);
}

static int
stream_end(void *stream, int64_t *tokens, struct tk_err *err)
{
	return flow_end(stream, tokens, err);
}

static void
stream_reset(void *stream)
{
	flow_reset(stream);
}

/* The text of a token, with spaces for U+2581 where that is meant. */
static void
add_text(const struct image *i, const uint8_t *p, size_t n, struct tk_buf *out)
{
	uint32_t flags = i->head->flags;
	int byte =
	    (flags & MODEL_BYTE_FALLBACK) != 0 ? model_byte_named(p, n) : -1;

	if (byte >= 0) {
		char c = (char)byte;

		tk_buf_add(out, &c, 1);
		return;
	}
	while (n > 0) {
		bool space = (flags & MODEL_SPACES) != 0 && n >= 3 &&
		    memcmp(p, "\xe2\x96\x81", 3) == 0;
		size_t k = space ? 3 : 1;

		tk_buf_add(out, space ? (const void *)" " : p, space ? 1 : k);
		p += k;
		n -= k;
	}
}

static int
tokenizer_decode(const void *self, const uint32_t *ids, size_t n, bool whole,
    struct tk_buf *out, struct tk_err *err)
{
	const struct image *i = &((const struct tokenizer *)self)->image;
	uint32_t flags = whole ? i->head->flags : 0;
	size_t start = out->len;

	for (size_t k = 0; k < n; k++) {
		size_t len = 0;
		const uint8_t *p = ids[k] < i->head->n_id
		    ? image_text(i, i->token[ids[k]], &len)
		    : NULL;

		if (p == NULL || len == 0)
			return tk_fail(err, TK_DATA, "no token '%u' in %s",
			    ids[k], i->head->name);
		add_text(i, p, len, out);
	}
	if ((flags & MODEL_DROP_FIRST) != 0 && out->len > start &&
	    out->s[start] == ' ') {
		memmove(out->s + start, out->s + start + 1, out->len - start);
		out->len--;
	}
	if ((flags & MODEL_DROP_LAST) != 0 && out->len > start &&
	    out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	return 0;
}

static const struct count_ops ops = {
	.close = tokenizer_close,
	.stream_new = stream_new,
	.stream_free = stream_free,
	.on_ids = stream_on_ids,
	.add = stream_add,
	.end = stream_end,
	.reset = stream_reset,
	.decode = tokenizer_decode,
};

/* A packed vocabulary is counted by src/count, which is faster. */
static int
open_vocab(struct count_encoding **e, struct tokenizer *t, const void *bytes,
    size_t n, struct tk_err *err)
{
	struct vocab *v;

	if (vocab_open_image(&v, bytes, n, err) < 0)
		return -1;
	count_open_packed(e, v, t->name, tokenizer_close, t);
	return 0;
}

/* Takes t, also when it fails. */
static int
open_image(struct count_encoding **e, struct tokenizer *t, const void *bytes,
    size_t n, struct tk_err *err)
{
	struct flow f = { 0 };
	bool fast = n >= 8 && memcmp(bytes, VOCAB_MAGIC, 8) == 0;
	int rc;

	*e = NULL;
	if (fast)
		rc = open_vocab(e, t, bytes, n, err);
	else
		rc = image_open(&t->image, bytes, n, err);
	if (rc == 0 && !fast) {
		rc = flow_init(&f, &t->image, 0, err);
		flow_release(&f);
	}
	if (rc < 0)
		tokenizer_close(t);
	else if (!fast)
		count_open_other(e, t->name, &ops, t);
	return rc;
}

static bool
looks_like_tiktoken(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] != '\n' &&
	    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789+/=",
		s[i]) != NULL &&
	    s[i] != '\0')
		i++;
	return i > 0 && i + 1 < n && s[i] == ' ' && s[i + 1] >= '0' &&
	    s[i + 1] <= '9';
}

enum read_kind
read_kind_of(const void *bytes, size_t n)
{
	const char *s = bytes;
	size_t i = n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (i < n &&
	    (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'))
		i++;
	/* A model begins with '\n' and the length of a piece. */
	if (i < n && s[i] == '{' && !(i == 1 && n > 2 && s[2] == '\n'))
		return READ_JSON;
	return looks_like_tiktoken(s, n) ? READ_TIKTOKEN : READ_SPM;
}

static int
read_model(struct model *m, const void *bytes, size_t n, const char *pattern,
    struct tk_err *err)
{
	enum read_kind kind = read_kind_of(bytes, n);

	if (pattern != NULL && kind != READ_TIKTOKEN)
		return tk_fail(err, TK_USAGE,
		    "--pattern is for .tiktoken files alone");
	switch (kind) {
	case READ_JSON:
		return read_json(m, bytes, n, err);
	case READ_TIKTOKEN:
		return read_tiktoken(m, bytes, n, pattern, err);
	case READ_SPM:
		return read_spm(m, bytes, n, err);
	}
	return -1;
}

int
kept_make(const char *name, const void *bytes, size_t n, const char *pattern,
    void **image, size_t *len, struct tk_err *err)
{
	struct model m;
	int rc;

	*image = NULL;
	model_init(&m);
	rc = read_model(&m, bytes, n, pattern, err);
	if (rc == 0 && !fast_make(&m, name, image, len))
		rc = image_make(&m, name, image, len, err);
	model_release(&m);
	return rc;
}

int
tokenizer_open_bytes(struct count_encoding **e, const char *name,
    const void *bytes, size_t n, const char *pattern, struct tk_err *err)
{
	struct tokenizer *t = tk_xcalloc(1, sizeof(*t));
	size_t len;

	*e = NULL;
	t->name = tk_xstrdup(name);
	if (kept_make(name, bytes, n, pattern, &t->made, &len, err) < 0) {
		tokenizer_close(t);
		return -1;
	}
	return open_image(e, t, t->made, len, err);
}

int
kept_map(struct count_encoding **e, const char *name, void *mapped, size_t len,
    struct tk_err *err)
{
	struct tokenizer *t = tk_xcalloc(1, sizeof(*t));

	t->name = tk_xstrdup(name);
	t->mapped = mapped;
	t->mapped_len = len;
	return open_image(e, t, mapped, len, err);
}

int
kept_read(const char *path, struct tk_buf *b, struct tk_err *err)
{
	return tk_read_file(path, FILE_MAX, b, err);
}

int
tokenizer_open_file(struct count_encoding **e, const char *path,
    const char *pattern, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc;

	*e = NULL;
	rc = kept_read(path, &b, err);
	if (rc == 0) {
		rc = tokenizer_open_bytes(e, path, b.s, b.len, pattern, err);
		if (rc < 0 && err->code != TK_USAGE)
			tk_wrap(err, "%s", path);
	}
	tk_buf_release(&b);
	return rc;
}
