#include "ingest/response.h"

#include <string.h>

#include "tap.h"

static struct response_usage u;

static int
reads(const char *text)
{
	response_usage_release(&u);
	return response_usage_read(text, strlen(text), &u);
}

static void
openai_counts_cached_input_as_input(void)
{
	CHECK(
	    reads("{\"model\":\"gpt-4.1\",\"usage\":{\"prompt_tokens\":100,"
		  "\"completion_tokens\":20,\"total_tokens\":120,"
		  "\"prompt_tokens_details\":{\"cached_tokens\":60},"
		  "\"completion_tokens_details\":{\"reasoning_tokens\":5}}}") ==
	    1);
	CHECK(u.input == 40 && u.cache_read == 60 && u.output == 20);
	CHECK(u.reasoning == 5);
	CHECK_STR(u.model.s, "gpt-4.1");
	CHECK(reads("{\"usage\":{\"input_tokens\":100,\"output_tokens\":7,"
		    "\"input_tokens_details\":{\"cached_tokens\":30}}}") == 1);
	CHECK(u.input == 70 && u.cache_read == 30 && u.output == 7);
}

static void
anthropic_counts_it_apart(void)
{
	CHECK(reads("{\"usage\":{\"input_tokens\":10,\"output_tokens\":7,"
		    "\"cache_read_input_tokens\":30,"
		    "\"cache_creation_input_tokens\":9,\"cache_creation\":"
		    "{\"ephemeral_5m_input_tokens\":4,"
		    "\"ephemeral_1h_input_tokens\":5}}}") == 1);
	CHECK(u.input == 10 && u.cache_read == 30 && u.output == 7);
	CHECK(u.cache_write_5m == 4 && u.cache_write_1h == 5);
	CHECK(u.cache_write == 0);
}

static void
gemini_counts_thoughts_apart(void)
{
	CHECK(reads("{\"modelVersion\":\"gemini-2.5-pro\",\"usageMetadata\":{"
		    "\"promptTokenCount\":50,\"cachedContentTokenCount\":20,"
		    "\"candidatesTokenCount\":5,\"thoughtsTokenCount\":8}}") ==
	    1);
	CHECK(u.input == 30 && u.cache_read == 20 && u.output == 13);
	CHECK(u.reasoning == 8);
}

static void
a_stream_repeats_and_lines_add_up(void)
{
	CHECK(reads("event: x\ndata: {\"message\":{\"model\":\"m\",\"usage\":"
		    "{\"input_tokens\":10,\"output_tokens\":1}}}\n\n"
		    "data: {\"usage\":{\"output_tokens\":15}}\n"
		    "data: [DONE]\n") == 1);
	CHECK(u.input == 10 && u.output == 15);
	CHECK_STR(u.model.s, "m");
	CHECK(
	    reads(
		"{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n"
		"some words\n"
		"{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}") ==
	    1);
	CHECK(u.input == 4 && u.output == 6);
}

static void
anything_else_says_nothing(void)
{
	static const char *const texts[] = { "", "words", "{", "[1]",
		"{\"usage\":5}", "{\"usage\":{}}",
		"{\"usage\":{\"prompt_tokens\":-1}}", "data:" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK(reads(texts[i]) == 0);
	CHECK(reads("{\"usage\":{\"prompt_tokens\":9223372036854775807,"
		    "\"input_tokens\":9223372036854775807}}") == 1);
	CHECK(u.input == INT64_MAX);
}

int
main(void)
{
	u.model = (struct tk_buf)TK_BUF_INIT;
	openai_counts_cached_input_as_input();
	anthropic_counts_it_apart();
	gemini_counts_thoughts_apart();
	a_stream_repeats_and_lines_add_up();
	anything_else_says_nothing();
	response_usage_release(&u);
	return tap_done();
}
