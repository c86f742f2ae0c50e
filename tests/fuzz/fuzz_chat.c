/*
 * Requests: any bytes are one, or a reason why not; its parts add up, and
 * what is written back with some of its messages is a request again, with as
 * many messages.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "chat/chat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static int
letters(const char *text, size_t n, int64_t *millionths, void *data,
    struct tk_err *err)
{
	(void)text, (void)data, (void)err;
	*millionths = (int64_t)n * 300000;
	return 0;
}

static void
write_back(const struct chat_request *r, uint8_t pattern)
{
	bool *keep = tk_xcalloc(r->messages + 1, sizeof(*keep));
	struct tk_buf b = TK_BUF_INIT;
	struct chat_request again;
	struct tk_err err = TK_ERR_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < r->messages; i++) {
		keep[i] = pattern >> (i & 7) & 1;
		kept += keep[i] || r->message[i].outside;
	}
	chat_write(r, keep, &b);
	if (chat_parse(&again, b.s, b.len, &err) == 0) {
		/* What was left out may have told which API it is. */
		must(again.api != r->api || again.messages == kept);
		chat_release(&again);
	}
	tk_buf_release(&b);
	free(keep);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const models[] = { "gpt-4o", "gpt-5",
		"claude-opus-4-7", "gemini-2.5-pro", NULL };
	struct chat_options o = { .tokens_of = letters };
	struct chat_request r;
	struct chat_counts c;
	struct content like;
	struct tk_err err = TK_ERR_INIT;

	if (size < 1)
		return 0;
	o.model = models[data[0] % 5];
	if (chat_parse(&r, (const char *)data + 1, size - 1, &err) < 0) {
		must(err.msg[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < r.messages; i++) {
		must(r.message[i].at + r.message[i].len <= r.len);
		must(r.message[i].group <= i);
		must(r.message[i].part + r.message[i].parts <= r.parts);
	}
	must(chat_count(&r, &o, &c, &err) == 0);
	must(
	    c.total == c.system + c.messages + c.tools + c.images + c.overhead);
	chat_sample(&r, &like);
	write_back(&r, data[0]);
	chat_release(&r);
	return 0;
}
