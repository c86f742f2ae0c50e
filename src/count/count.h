#ifndef COUNT_COUNT_H
#define COUNT_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;

/*
 * Counting tokens, exactly as the reference tokenizer does.
 *
 *	struct count_encoding *e;
 *	struct count_stream *s;
 *
 *	count_open(&e, "o200k_base", err);
 *	s = count_stream_new(e, 0);
 *	while (...)
 *		count_stream_add(s, bytes, n, err);
 *	count_stream_end(s, &tokens, err);	and the next text may begin
 *	count_stream_free(s);
 *	count_close(e);
 *
 * Text is cut into pieces by the encoding's pattern; a piece that is a token
 * counts one; any other is merged from its bytes, lowest rank first.  How
 * the text is divided among the calls of count_stream_add() never matters,
 * and memory does not grow with it: only with the longest unbroken piece.
 *
 * Bytes that are not UTF-8 count as U+FFFD, one for each maximal subpart, as
 * the Unicode Standard recommends and the references do.  Some encodings then
 * bring the text into a normal form (norm.h); what is counted, and what its
 * ids decode to, is that form.
 *
 * An encoding is constant and may be shared by threads; a stream may not.
 */
struct count_encoding;
struct count_stream;

/*
 * A built-in name, or another spelling of one ("o200k", "gpt2", "qwen2.5").
 * TK_NOTFOUND: there is no such encoding, or "make VOCABS=..." left it out.
 */
int count_open(struct count_encoding **e, const char *name, struct tk_err *err);

/* A packed vocabulary of the caller's, which belongs to *e from now on;
 * release() is told when both are done with. */
struct vocab;
void count_open_packed(struct count_encoding **e, struct vocab *v,
    const char *name, void (*release)(void *self), void *self);

/*
 * An encoding that another module does, behind the same functions; self
 * belongs to *e from now on.  src/tokenizer has those of files.
 */
struct count_ops;
void count_open_other(struct count_encoding **e, const char *name,
    const struct count_ops *ops, void *self);
void count_close(struct count_encoding *e); /* NULL is fine */
const char *count_encoding_name(const struct count_encoding *e);

/* The name of the n-th encoding that count_open() takes, NULL at the end. */
const char *count_name(size_t n);

enum count_flags {
	/* The text of a special token ("<|endoftext|>") is that token. */
	COUNT_SPECIAL = 1 << 0,
};

struct count_stream *count_stream_new(const struct count_encoding *e,
    enum count_flags flags);
void count_stream_free(struct count_stream *s); /* NULL is fine */

/* Called with ids in order, as soon as they are certain. */
typedef void count_ids_fn(const uint32_t *ids, size_t n, void *data);
void count_stream_on_ids(struct count_stream *s, count_ids_fn *fn,
    void *data); /* NULL: count only, which is faster */

int count_stream_add(struct count_stream *s, const void *bytes, size_t n,
    struct tk_err *err);
int count_stream_end(struct count_stream *s, int64_t *tokens,
    struct tk_err *err);

/* Forget the text so far, as after a failure. */
void count_stream_reset(struct count_stream *s);

/* A whole text: add and end. */
int count_text(struct count_stream *s, const void *bytes, size_t n,
    int64_t *tokens, struct tk_err *err);

/* Append the bytes of the ids; an id that does not exist is TK_DATA. */
int count_decode(const struct count_encoding *e, const uint32_t *ids, size_t n,
    struct tk_buf *out, struct tk_err *err);

/* The same for all ids of a text: what the encoding puts in front of each
 * text is taken away again. */
int count_decode_text(const struct count_encoding *e, const uint32_t *ids,
    size_t n, struct tk_buf *out, struct tk_err *err);

/* What count_open_other() needs; each is as the function of that name. */
struct count_ops {
	void (*close)(void *self);
	void *(*stream_new)(const void *self, enum count_flags flags);
	void (*stream_free)(void *stream);
	void (*on_ids)(void *stream, count_ids_fn *fn, void *data);
	int (*add)(void *stream, const void *bytes, size_t n,
	    struct tk_err *err);
	int (*end)(void *stream, int64_t *tokens, struct tk_err *err);
	void (*reset)(void *stream);
	int (*decode)(const void *self, const uint32_t *ids, size_t n,
	    bool whole, struct tk_buf *out, struct tk_err *err);
};

/*
 * For tests and timings: use the engine of that name ("plain", "avx2", "neon")
 * from now on, if this processor can; NULL: the best one.
 */
bool count_use_engine(const char *name);

#endif
