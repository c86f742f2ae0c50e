/*
 * Any bytes as a tokenizer file: an error, or a tokenizer that counts any
 * text, as many tokens as it has ids, however the text is divided, and
 * decodes them.  The first byte says where the file ends and the text
 * begins.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tokenizer/read.h"
#include "tokenizer/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
add_ids(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

static void
count(const struct count_encoding *e, enum count_flags flags, const uint8_t *p,
    size_t n)
{
	struct count_stream *s = count_stream_new(e, flags);
	struct tk_buf ids = TK_BUF_INIT, text = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t whole, parts, listed;

	if (count_text(s, p, n, &whole, &err) < 0) {
		/* A regular expression that does not end. */
		must(err.code == TK_DATA);
		count_stream_free(s);
		return;
	}
	for (size_t at = 0; at < n; at += 3)
		must(count_stream_add(s, p + at, n - at < 3 ? n - at : 3,
			 &err) == 0);
	must(count_stream_end(s, &parts, &err) == 0);
	count_stream_on_ids(s, add_ids, &ids);
	must(count_text(s, p, n, &listed, &err) == 0);
	must(whole == parts && whole == listed);
	must(ids.len == (size_t)listed * sizeof(uint32_t));
	must(count_decode(e, (const uint32_t *)(const void *)ids.s,
		 (size_t)listed, &text, &err) == 0);
	tk_buf_release(&ids);
	tk_buf_release(&text);
	count_stream_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct count_encoding *e;
	struct tk_err err = TK_ERR_INIT;
	size_t file;

	if (size < 1)
		return 0;
	file = (size - 1) * (256 - *data) / 256;
	data++;
	size--;
	if (tokenizer_open_bytes(&e, "fuzz", data, file,
		read_kind_of(data, file) == READ_TIKTOKEN ? "cl100k" : NULL,
		&err) < 0) {
		must(err.msg[0] != '\0');
		return 0;
	}
	count(e, 0, data + file, size - file);
	count(e, COUNT_SPECIAL, data, size);
	count_close(e);
	return 0;
}
