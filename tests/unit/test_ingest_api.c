/* Answers of APIs: whose tokens are inside whose, and what is one call. */
#include <fcntl.h>

#include "mem_sink.h"
#include "tap.h"

static const char *path;

static void
import(struct world *w, const char *text)
{
	mem_cut(&w->mem, 0, 0);
	path = world_path(w, "answers");
	w->options.paths = &path;
	w->options.npaths = 1;
	world_write(w, "answers", "w", text, strlen(text));
	if (world_run(w) != 0)
		printf("# %s\n", w->err.msg);
}

/* The one call of a text, or a record with nothing. */
static struct usage_record
one(struct world *w, const char *text)
{
	struct usage_record none;

	import(w, text);
	CHECK(w->mem.n == 1);
	record_init(&none);
	return w->mem.n == 1 ? w->mem.v[0] : none;
}

#define CHAT(usage) \
	"{\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat." \
	"completion\"," \
	"\"created\":1794304800,\"model\":\"m\",\"usage\":{" usage "}}"

static void
openai_counts_the_cache_as_input(struct world *w)
{
	struct usage_record r = one(w,
	    CHAT("\"prompt_tokens\":100,\"completion_tokens\":30,"
		 "\"total_tokens\":130,\"prompt_tokens_details\":{"
		 "\"cached_tokens\":60,\"cache_write_tokens\":10},"
		 "\"completion_tokens_details\":{\"reasoning_tokens\":20}"));

	CHECK(r.input_tokens == 30 && r.cache_read_tokens == 60);
	CHECK(r.cache_write_other_tokens == 10);
	CHECK(r.output_tokens == 30 && r.reasoning_tokens == 20);
	CHECK_STR(r.request_id, "chatcmpl-0123456789abcdef");
	CHECK(r.time == INT64_C(1794304800000));
	/* where the total says that reasoning is beside the rest */
	r = one(w,
	    CHAT("\"prompt_tokens\":100,\"completion_tokens\":30,"
		 "\"total_tokens\":150,\"completion_tokens_details\":{"
		 "\"reasoning_tokens\":20}"));
	CHECK(r.output_tokens == 50 && r.reasoning_tokens == 20);
	/* others' names, and null */
	r = one(w,
	    CHAT("\"prompt_tokens\":100,\"completion_tokens\":1,"
		 "\"prompt_cache_hit_tokens\":40,"
		 "\"completion_tokens_details\":null"));
	CHECK(r.input_tokens == 60 && r.cache_read_tokens == 40);
	/* what cannot be inside is beside */
	r = one(w,
	    CHAT("\"prompt_tokens\":5,\"completion_tokens\":1,"
		 "\"cache_read_input_tokens\":40"));
	CHECK(r.input_tokens == 5 && r.cache_read_tokens == 40);
	r = one(w, CHAT("\"total_tokens\":7"));
	CHECK(r.unsplit_tokens == 7);
}

static void
anthropic_does_not(struct world *w)
{
	struct usage_record r = one(w,
	    "{\"id\":\"msg_0123456789abcdefgh\",\"type\":\"message\","
	    "\"model\":\"claude-opus-4-6\",\"usage\":{\"input_tokens\":3,"
	    "\"cache_creation_input_tokens\":1000,"
	    "\"cache_read_input_tokens\":5000,\"cache_creation\":{"
	    "\"ephemeral_5m_input_tokens\":100,"
	    "\"ephemeral_1h_input_tokens\":800},\"output_tokens\":427,"
	    "\"server_tool_use\":null,\"service_tier\":\"priority\","
	    "\"speed\":null}}");

	CHECK(r.input_tokens == 3 && r.cache_read_tokens == 5000);
	CHECK(r.cache_write_5m_tokens == 200); /* with the rest */
	CHECK(r.cache_write_1h_tokens == 800);
	CHECK(r.output_tokens == 427 && r.tier == TIER_PRIORITY);
	CHECK_STR(r.provider, "anthropic");
	/* Responses, of which a part is not told */
	r = one(w,
	    "{\"id\":\"resp_0123456789abcdefgh\",\"object\":\"response\","
	    "\"usage\":{\"input_tokens\":9,\"input_tokens_details\":null,"
	    "\"output_tokens\":5,\"output_tokens_details\":"
	    "{\"reasoning_tokens\":4},\"total_tokens\":14}}");
	CHECK(r.input_tokens == 9 && r.output_tokens == 5);
	CHECK(r.reasoning_tokens == 4);
}

static void
gemini_counts_thoughts_beside(struct world *w)
{
	struct usage_record r = one(w,
	    "{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{"
	    "\"promptTokenCount\":1200,\"cachedContentTokenCount\":900,"
	    "\"candidatesTokenCount\":80,\"thoughtsTokenCount\":40,"
	    "\"toolUsePromptTokenCount\":7,\"totalTokenCount\":1327},"
	    "\"modelVersion\":\"gemini-2.5-pro\",\"responseId\":\"abc\","
	    "\"createTime\":\"2026-11-10T10:00:00.5Z\"}");

	CHECK(r.input_tokens == 307 && r.cache_read_tokens == 900);
	CHECK(r.output_tokens == 120 && r.reasoning_tokens == 40);
	CHECK(r.time == INT64_C(1794304800500));
}

#define START \
	"event: message_start\r\n" \
	"data: {\"type\":\"message_start\",\"message\":{\"id\":" \
	"\"msg_0123456789abcdefgh\",\"type\":\"message\",\"model\":\"m\"," \
	"\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5," \
	"\"output_tokens\":1}}}\r\n\r\n"
#define DELTA(n) \
	"event: message_delta\ndata: {\"type\":\"message_delta\",\n" \
	"data: \"usage\":{\"output_tokens\":" #n "}}\n\n"

static void
the_parts_of_a_stream_are_one_call(struct world *w)
{
	struct usage_record r = one(w,
	    START DELTA(20) DELTA(90) "data: {\"type\":"
				      "\"message_stop\"}\n\n");

	CHECK(r.input_tokens == 10 && r.cache_read_tokens == 5);
	CHECK(r.output_tokens == 90);
	/* cut off in the middle, and then going on */
	r = one(w, START DELTA(20) "data: {\"type\":\"mess");
	CHECK(r.output_tokens == 20);
	import(w, START DELTA(20));
	world_add(w, "answers", DELTA(70));
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].output_tokens == 70);
	/* names whose values are cut off */
	import(w,
	    "{\"id\":\"x\",\"usage\":{\"prompt_tokens\":1},\"model\":\"m");
	CHECK(w->mem.n == 0 && world_tally(w, "api")->bad == 1);
	/* a delta of nobody knows what */
	import(w, DELTA(20));
	CHECK(w->mem.n == 0);
}

static void
the_last_part_of_a_stream_of_gemini_counts(struct world *w)
{
#define PART(n, more) \
	"data: {\"candidates\":[{" more "}],\"usageMetadata\":{" \
	"\"promptTokenCount\":10,\"candidatesTokenCount\":" #n "}," \
	"\"modelVersion\":\"g\"}\n\n"
	struct usage_record r = one(w,
	    PART(1, "") PART(5, "") PART(9, "\"finishReason\":\"STOP\""));

	CHECK(r.output_tokens == 9);
	import(w,
	    PART(1, "") PART(9, "\"finishReason\":\"STOP\"") PART(2, "")
		PART(3, "\"finishReason\":\"STOP\""));
	CHECK(w->mem.n == 2 && world_sum(w).output_tokens == 12);
	/* one that was cut */
	r = one(w, PART(1, "") PART(4, ""));
	CHECK(r.output_tokens == 4);
}

static void
answers_without_an_id_are_told_by_their_text(struct world *w)
{
#define BARE \
	"{\"object\":\"list\",\"model\":\"e\",\"usage\":{\"prompt_tokens\":8}" \
	"}"
	import(w, BARE "\n" BARE "\n");
	CHECK(w->mem.n == 2);
	import(w, BARE);
	world_add(w, "answers", "\n" BARE "\n");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	/* and not by how it is set */
	import(w, BARE);
	world_add(w, "b",
	    "{ \"object\": \"list\",\n \"model\": \"e\",\n \"usage\":\n"
	    "  {\"prompt_tokens\": 8} }\n");
	path = world_path(w, "b");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
}

static void
values_stand_in_a_file_as_they_like(struct world *w)
{
	static const char *const forms[] = {
		"%s\n%s\n",
		"%s%s",
		"[%s,\n%s]",
		"[\n  %s\n,\n  %s\n]\n",
		"\xef\xbb\xbf\n\n %s\r\n\r\n%s",
		"HTTP/2 200\ncontent-type: application/json\n\n%s\n%s",
		"{\"time\":1794304800,\"response\":%s}\n{\"body\":%s}\n",
		"%s\n{\"id\":\"x\n%s\n",
		"{}\n%s\n{\"a\":[1,\n%s\n",
		"{}\n%s\n{\"a\":[\n%s\n",
		"%s\n{\"a\":}\n%s\n",
	};
	const char *a = "{\"id\":\"aaaaaaaaaaaaaaaaaaaaaa\",\n\"object\":\"x\","
			"\"model\":\"m\",\"usage\":{\"prompt_tokens\":1}}";
	const char *b = "{\"id\":\"bbbbbbbbbbbbbbbbbbbbbb\",\"object\":\"x\","
			"\"model\":\"m\",\"usage\":{\"prompt_tokens\":2}}";

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), forms[i], a, b);
#pragma GCC diagnostic pop
		import(w, text);
		if (w->mem.n != 2)
			printf("# %s\n", text);
		CHECK(w->mem.n == 2 && world_sum(w).input_tokens == 3);
		CHECK(world_tally(w, "api")->bad == (i >= 7));
	}
}

static void
wrong_counts_are_bad(struct world *w)
{
	import(w, CHAT("\"prompt_tokens\":-1,\"completion_tokens\":1"));
	CHECK(w->mem.n == 0 && world_tally(w, "api")->bad == 1);
	import(w,
	    CHAT("\"prompt_tokens\":9223372036854775807,"
		 "\"completion_tokens\":9223372036854775807"));
	CHECK(w->mem.n == 0 && world_tally(w, "api")->bad == 1);
}

/* A copy of the answer, in a file of that time. */
static void
import_copy(struct world *w, const char *name, const char *text, time_t at)
{
	const struct timespec times[] = { { .tv_sec = at }, { .tv_sec = at } };

	path = world_path(w, name);
	world_write(w, name, "w", text, strlen(text));
	CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
	CHECK(world_run(w) == 0);
	CHECK(w->mem.n == 1);
}

static void
copies_of_an_answer_without_a_time_do_not_move_it(struct world *w)
{
	static const char text[] =
	    "{\"type\":\"message\",\"id\":\"msg_0123456789abcdef\","
	    "\"model\":\"claude-opus-4-6\",\"usage\":{\"input_tokens\":1,"
	    "\"output_tokens\":2}}";

	import(w, text);
	mem_cut(&w->mem, 0, 0);
	import_copy(w, "b", text, 1794304800);
	CHECK(w->mem.v[0].time == INT64_C(1794304800000));
	import_copy(w, "c", text, 1794404800);
	CHECK(w->mem.v[0].time == INT64_C(1794304800000));
	import_copy(w, "a", text, 1794204800);
	CHECK(w->mem.v[0].time == INT64_C(1794204800000));
}

int
main(void)
{
	static void (*const tests[])(struct world * w) = {
		openai_counts_the_cache_as_input,
		anthropic_does_not,
		gemini_counts_thoughts_beside,
		the_parts_of_a_stream_are_one_call,
		the_last_part_of_a_stream_of_gemini_counts,
		answers_without_an_id_are_told_by_their_text,
		values_stand_in_a_file_as_they_like,
		wrong_counts_are_bad,
		copies_of_an_answer_without_a_time_do_not_move_it,
	};
	const struct importer *from[] = { importer_find("api") };

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct world w;

		world_begin(&w);
		w.options.from = from;
		w.options.nfrom = 1;
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
