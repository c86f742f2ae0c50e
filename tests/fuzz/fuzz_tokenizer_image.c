/*
 * A packed tokenizer with any damage is refused, or counts something: no
 * read is out of bounds and nothing goes on for ever.  The input is a list of
 * places and what to write there, two bytes and one each, then a text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "count/count.h"
#include "tokenizer/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char file[] =
    "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":["
    "{\"type\":\"Prepend\",\"prepend\":\"_\"},{\"type\":\"Replace\","
    "\"pattern\":{\"String\":\" \"},\"content\":\"_\"}]},"
    "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"String\":\"x\"},"
    "\"behavior\":\"Isolated\"},\"added_tokens\":[{\"id\":9,\"content\":"
    "\"<s>\",\"special\":true},{\"id\":10,\"content\":\"ab \","
    "\"lstrip\":true,\"rstrip\":true,\"normalized\":false}],"
    "\"model\":{\"type\":\"BPE\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,"
    "\"_\":1,\"a\":2,\"b\":3,\"_a\":4,\"ab\":5,\"\xc3\xa9\":6,"
    "\"a\xc3\xa9\":7,\"abab\":8},\"merges\":[\"_ a\",\"a b\",\"ab ab\","
    "\"a \xc3\xa9\"]}}";

static const char unigram[] =
    "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":["
    "{\"type\":\"Metaspace\"},{\"type\":\"Split\",\"pattern\":"
    "{\"Regex\":\"[^b\\\\p{L}]+|(?:ab)+|b(?!\\\\S)\"},"
    "\"behavior\":\"Isolated\"}]},\"added_tokens\":[],"
    "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"?\",0],"
    "[\"a\",-1.5],[\"b\",-2],[\"ab\",-2.5],[\"\xe2\x96\x81\xe2\x96\x81\","
    "-3]]}}";

static void
count(const struct count_encoding *e, const uint8_t *p, size_t n)
{
	struct count_stream *s = count_stream_new(e, COUNT_SPECIAL);
	struct tk_err err = TK_ERR_INIT;
	int64_t tokens;
	struct tk_buf text = TK_BUF_INIT;
	const uint32_t ids[] = { 0, 1, 2, 8, 9 };

	count_text(s, p, n, &tokens, &err);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		count_decode(e, &ids[i], 1, &text, &err);
	tk_buf_release(&text);
	count_stream_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct count_encoding *e;
	struct tk_err err = TK_ERR_INIT;
	const char *from;
	void *image, *mapped;
	size_t len, at = 1;

	if (size < 1)
		return 0;
	from = (*data & 1) != 0 ? unigram : file;
	if (kept_make("fuzz", from, strlen(from), NULL, &image, &len, &err) < 0)
		abort();
	mapped = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		abort();
	memcpy(mapped, image, len);
	free(image);
	for (unsigned n = *data >> 1 & 15; n > 0 && at + 3 <= size; n--) {
		size_t place = (size_t)data[at] << 8 | data[at + 1];

		((uint8_t *)mapped)[place % len] = data[at + 2];
		at += 3;
	}
	if (kept_map(&e, "fuzz", mapped, len, &err) < 0)
		return 0;
	count(e, data + at, size - at);
	count(e, (const uint8_t *)" ab a\xc3\xa9x<s>  bab\xe2\x96\x81", 18);
	count_close(e);
	return 0;
}
