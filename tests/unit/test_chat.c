#include "chat/chat.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

/* One token a word: every text is as many as it has letters "w". */
static int
words(const char *text, size_t n, int64_t *millionths, void *data,
    struct tk_err *err)
{
	int64_t w = 0;

	(void)data, (void)err;
	for (size_t i = 0; i < n; i++)
		w += text[i] == 'w';
	*millionths = w * 1000000;
	return 0;
}

static const char request[] =
    "{\"model\": \"gpt-4o\", \"x\": [1, 2], \"messages\": [\n"
    "  {\"role\": \"system\", \"content\": \"w w\"},\n"
    "  {\"role\": \"user\", \"content\": \"w\"},\n"
    "  {\"role\": \"assistant\", \"content\": null, \"tool_calls\": "
    "[{\"id\": \"c1\", \"type\": \"function\", \"function\": "
    "{\"name\": \"w\", \"arguments\": \"{\\\"w\\\":1}\"}}]},\n"
    "  {\"role\": \"tool\", \"tool_call_id\": \"c1\", \"content\": \"w w "
    "w\"}\n"
    "], \"temperature\": 1}";

static void
messages_are_found_with_their_place(void)
{
	struct chat_request r;
	struct tk_err err = TK_ERR_INIT;

	CHECK(chat_parse(&r, request, strlen(request), &err) == 0);
	CHECK(r.api == CHAT_COMPLETIONS);
	CHECK(r.messages == 4);
	CHECK(r.message[0].role == CHAT_SYSTEM);
	CHECK(r.message[3].role == CHAT_TOOL);
	CHECK(request[r.message[1].at] == '{');
	CHECK(request[r.message[1].at + r.message[1].len - 1] == '}');
	/* The result belongs to the call. */
	CHECK(r.message[2].group == 2);
	CHECK(r.message[3].group == 2);
	CHECK(r.message[1].group == 1);
	chat_release(&r);
}

static void
each_message_has_its_tokens(void)
{
	struct chat_request r;
	struct chat_counts c;
	struct tk_err err = TK_ERR_INIT;
	struct chat_options o = { .model = "gpt-4o",
		.exact = true,
		.tokens_of = words };

	CHECK(chat_parse(&r, request, strlen(request), &err) == 0);
	CHECK(chat_count(&r, &o, &c, &err) == 0);
	CHECK(c.system == 2);
	CHECK(c.messages == 1 + 2 + 3);
	CHECK(c.tools == 0);
	/* 6, three for each message but the first, three for the call. */
	CHECK(c.overhead == 6 + 3 * 3 + 3);
	CHECK(c.total == c.system + c.messages + c.overhead);
	CHECK(c.estimated);
	CHECK(r.message[0].tokens == 2);
	CHECK(r.message[1].tokens == 1 + 3);
	CHECK(r.message[3].tokens == 3 + 3);
	chat_release(&r);
}

static void
write_is(const char *text, const bool *keep, const char *want)
{
	struct chat_request r;
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf b = TK_BUF_INIT;

	CHECK(chat_parse(&r, text, strlen(text), &err) == 0);
	chat_write(&r, keep, &b);
	CHECK_STR(b.s, want);
	tk_buf_release(&b);
	chat_release(&r);
}

static void
a_request_is_written_back_as_it_was(void)
{
	static const char text[] = "{\"a\":1, \"messages\": [ {\"role\":\"u\"} "
				   ", {\"role\":\"v\"},\n{\"role\":\"x\"} ],"
				   "\"z\":2} ";

	write_is(text, (bool[]){ true, true, true }, text);
	write_is(text, (bool[]){ false, true, true },
	    "{\"a\":1, \"messages\": [ {\"role\":\"v\"},\n{\"role\":\"x\"} "
	    "],\"z\":2} ");
	write_is(text, (bool[]){ true, false, true },
	    "{\"a\":1, \"messages\": [ {\"role\":\"u\"},\n{\"role\":\"x\"} "
	    "],\"z\":2} ");
	write_is(text, (bool[]){ true, true, false },
	    "{\"a\":1, \"messages\": [ {\"role\":\"u\"} , {\"role\":\"v\"} "
	    "],\"z\":2} ");
	write_is(text, (bool[]){ false, false, true },
	    "{\"a\":1, \"messages\": [ {\"role\":\"x\"} ],\"z\":2} ");
	write_is(text, (bool[]){ false, false, false },
	    "{\"a\":1, \"messages\": [  ],\"z\":2} ");
	write_is("{\"input\":\"w\"}", (bool[]){ false }, "{\"input\":\"w\"}");
}

static void
what_is_wrong_is_said(void)
{
	static const char *const texts[] = { "", "1", "{}", "{\"messages\":1}",
		"{\"messages\":[{}]}", "{\"messages\":[[]]}",
		"{\"messages\":[]}x", "[1]", "{\"contents\":1}",
		"{\"input\":1}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct chat_request r;
		struct tk_err err = TK_ERR_INIT;

		CHECK(chat_parse(&r, texts[i], strlen(texts[i]), &err) < 0);
		CHECK(err.code == TK_DATA && err.msg[0] != '\0');
	}
}

/* Headers of files that hold nothing else. */
static const struct {
	const char *bytes;
	size_t n;
	uint32_t w, h;
} images[] = {
	{ "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x20\0\0\2\x58", 24, 800, 600 },
	{ "GIF89a\x20\3\x58\2", 10, 800, 600 },
	{ "\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08\2\x58\3\x20", 17, 800,
	    600 },
	{ "\xff\xd8\xff\xff\xe1\0\3a\xff\xc4\0\2\xff\xc2\0\x11\x08\2\x58\3\x20",
	    21, 800, 600 },
	{ "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\3\x58\2", 30, 800,
	    600 },
	{ "RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x1f\xc3\x95\0\0\0\0\0\0", 30, 800,
	    600 },
	{ "RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\3\0\x57\2\0", 30, 800,
	    600 },
	{ "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\2\x58", 24, 0, 0 },
	{ "\xff\xd8\xff\xda\0\2", 6, 0, 0 },
	{ "BM", 2, 0, 0 },
};

static void
sizes_are_read_and_never_beyond_the_end(void)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		uint32_t w = 0, h = 0;
		bool found = image_size((const uint8_t *)images[i].bytes,
		    images[i].n, &w, &h);

		CHECK(found == (images[i].w > 0));
		CHECK(w == images[i].w && h == images[i].h);
		for (size_t n = 0; n < images[i].n; n++) {
			uint8_t *part = malloc(n + 1);

			memcpy(part, images[i].bytes, n);
			image_size(part, n, &w, &h);
			free(part);
		}
	}
}

static void
large_images_cost_no_more_than_the_limit(void)
{
	struct chat_image i = { .width = UINT32_MAX, .height = 1 };
	bool known;

	CHECK(image_tokens("claude-sonnet-4-5", &i, &known) <= 1568);
	CHECK(image_tokens("claude-opus-4-7", &i, &known) <= 4784);
	i.height = UINT32_MAX;
	CHECK(image_tokens("claude-sonnet-4-5", &i, &known) <= 1568);
	CHECK(image_tokens("claude-sonnet-4-5", &i, &known) > 1400);
	CHECK(image_tokens("gpt-4.1-mini", &i, &known) <= 1536 * 162 / 100 + 1);
	CHECK(image_tokens("gpt-4o", &i, &known) == 765);
	CHECK(known);
	i = (struct chat_image){ .width = 1800, .height = 2400 };
	CHECK(image_tokens("gpt-4.1-mini", &i, &known) ==
	    (1452 * 162 + 99) / 100);
	CHECK(!known); /* the factor is reported by others */
	i = (struct chat_image){ .width = 2400, .height = 1800 };
	CHECK(image_tokens("o4-mini", &i, &known) == (1452 * 172 + 99) / 100);
	CHECK(!known);
	i = (struct chat_image){ .width = UINT32_MAX, .height = 1 };
	CHECK(image_tokens("gpt-4.1-nano", &i, &known) <= 1536 * 246 / 100 + 1);
	i = (struct chat_image){ .width = 1024, .height = 1024 };
	CHECK(image_tokens("gpt-4o-mini", &i, &known) == 25501 && known);
	CHECK(known);
	image_tokens("unheard-of", &i, &known);
	CHECK(!known);
}

int
main(void)
{
	messages_are_found_with_their_place();
	each_message_has_its_tokens();
	a_request_is_written_back_as_it_was();
	what_is_wrong_is_said();
	sizes_are_read_and_never_beyond_the_end();
	large_images_cost_no_more_than_the_limit();
	return tap_done();
}
