/* OpenTelemetry: which spans are calls. */
#include "mem_sink.h"
#include "tap.h"

#define USAGE(in, out) \
	"\"gen_ai.usage.input_tokens\":" #in \
	",\"gen_ai.usage.output_tokens\":" #out
#define MODEL "\"gen_ai.request.model\":\"gpt-5\","
#define TIMES "\"startTime\":[1794304800,0],\"endTime\":[1794304802,5000000]"
#define SPAN(id, parent, attributes) \
	"{\"traceId\":\"t\",\"spanId\":\"" id "\",\"parentSpanId\":\"" parent \
	"\"," TIMES ",\"attributes\":{" attributes "}}\n"
#define OP(name) "\"gen_ai.operation.name\":\"" name "\","

static const char *path;

static void
import(struct world *w, const char *text)
{
	mem_cut(&w->mem, 0, 0);
	path = world_path(w, "spans");
	w->options.paths = &path;
	w->options.npaths = 1;
	world_write(w, "spans", "w", text, strlen(text));
	CHECK(world_run(w) == 0);
}

static void
what_an_agent_used_is_the_sum_of_its_calls(struct world *w)
{
	import(w,
	    SPAN("c", "b", OP("chat") MODEL USAGE(10, 1))
		SPAN("b", "a", OP("execute_tool") "\"x\":1")
		    SPAN("a", "", OP("invoke_agent") MODEL USAGE(10, 1)));
	CHECK(w->mem.n == 1 && world_sum(w).input_tokens == 10);
	CHECK_STR(w->mem.v[0].request_id, "otel:t:c");
	CHECK(w->mem.v[0].latency_ms == 2005);
	/* and alone it is all there is */
	import(w, SPAN("a", "", OP("invoke_agent") MODEL USAGE(10, 1)));
	CHECK(w->mem.n == 1);
}

static void
a_call_below_a_call_counts_unless_it_says_the_same(struct world *w)
{
	import(w,
	    SPAN("b", "a", OP("chat") MODEL USAGE(10, 1))
		SPAN("a", "", OP("chat") MODEL USAGE(10, 1)));
	CHECK(w->mem.n == 1);
	CHECK_STR(w->mem.v[0].request_id, "otel:t:b");
	import(w,
	    SPAN("b", "a", OP("chat") MODEL USAGE(7, 1))
		SPAN("a", "", OP("chat") MODEL USAGE(10, 1)));
	CHECK(w->mem.n == 2);
}

static void
a_file_that_grows_is_understood_with_what_was_before(struct world *w)
{
	import(w, "");
	world_add(w, "spans", SPAN("b", "a", OP("chat") MODEL USAGE(10, 1)));
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	world_add(w, "spans", SPAN("a", "", OP("chat") MODEL USAGE(10, 1)));
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(world_tally(w, "otel")->skipped[SKIP_REPEATED] == 1);
}

static void
classes_are_disjoint(struct world *w)
{
	import(w,
	    SPAN("a", "",
		OP("chat") MODEL USAGE(100,
		    20) ",\"gen_ai.usage.cache_read.input_tokens\":60,"
			"\"gen_ai.usage.cache_creation.input_tokens\":\"30\","
			"\"gen_ai.usage.reasoning.output_tokens\":5"));
	CHECK(w->mem.n == 1);
	CHECK(w->mem.v[0].input_tokens == 10);
	CHECK(w->mem.v[0].cache_read_tokens == 60);
	CHECK(w->mem.v[0].cache_write_other_tokens == 30);
	CHECK(w->mem.v[0].output_tokens == 20);
	CHECK(w->mem.v[0].reasoning_tokens == 5);
	/* what is larger than the whole cannot be inside */
	import(w,
	    SPAN("a", "",
		OP("chat") MODEL USAGE(3,
		    20) ",\"gen_ai.usage.cache_read_input_tokens\":5000"));
	CHECK(w->mem.n == 1 && w->mem.v[0].input_tokens == 3);
}

static void
the_id_of_the_response_is_the_calls(struct world *w)
{
	import(w,
	    SPAN("a", "",
		OP("chat") MODEL USAGE(3,
		    20) ",\"gen_ai.response.id\":\"chatcmpl-0123456789abcdef\","
			"\"error.type\":\"timeout\",\"gen_ai.system\":\"az.ai."
			"openai\""));
	CHECK(w->mem.n == 1);
	CHECK_STR(w->mem.v[0].request_id, "chatcmpl-0123456789abcdef");
	CHECK_STR(w->mem.v[0].provider, "azure");
	CHECK_STR(w->mem.v[0].error, "timeout");
}

static void
wrong_counts_are_bad(struct world *w)
{
	import(w,
	    SPAN("a", "", OP("chat") MODEL USAGE(-1, 2))
		SPAN("b", "", OP("chat") MODEL USAGE(1.5, 2))
		    SPAN("c", "", OP("chat") MODEL USAGE(1, 2)));
	CHECK(w->mem.n == 1 && world_tally(w, "otel")->bad == 2);
}

/* Either spelling of OTLP, and what the SDK for Python prints. */
static void
spans_are_known_however_they_are_spelled(struct world *w)
{
	import(w,
	    "{\"resource_spans\":[{\"resource\":{\"attributes\":[{\"key\":"
	    "\"service.name\",\"value\":{\"string_value\":\"svc\"}}]},"
	    "\"scope_spans\":[{\"spans\":[{\"trace_id\":\"t\","
	    "\"span_id\":\"b\",\"parent_span_id\":\"a\","
	    "\"start_time_unix_nano\":1790000000000000000,"
	    "\"end_time_unix_nano\":\"1790000002500000000\","
	    "\"attributes\":[{\"key\":\"gen_ai.system\","
	    "\"value\":{\"string_value\":\"openai\"}},"
	    "{\"key\":\"gen_ai.usage.prompt_tokens\","
	    "\"value\":{\"int_value\":\"50\"}},"
	    "{\"key\":\"gen_ai.usage.completion_tokens\","
	    "\"value\":{\"double_value\":7}}]}]}]}]}");
	CHECK(w->mem.n == 1 && w->mem.v[0].input_tokens == 50);
	CHECK(w->mem.v[0].output_tokens == 7);
	CHECK(w->mem.v[0].latency_ms == 2500);
	CHECK_STR(w->mem.v[0].application, "svc");
	CHECK_STR(w->mem.v[0].provider, "openai");
	CHECK_STR(w->mem.v[0].request_id, "otel:t:b");
	w->options.nfrom = 0; /* by what it is */
	import(w,
	    "{\n \"name\": \"chat\",\n \"context\": {\n"
	    "  \"trace_id\": \"0x5b\",\n  \"span_id\": \"0x05\"\n },\n"
	    " \"parent_id\": null,\n"
	    " \"start_time\": \"2026-11-10T10:00:00.114492Z\",\n"
	    " \"end_time\": \"2026-11-10T10:00:01.114561Z\",\n"
	    " \"attributes\": {" USAGE(12, 3) "}\n}\n");
	CHECK(w->mem.n == 1 && world_sum(w).input_tokens == 12);
	CHECK_STR(w->mem.v[0].request_id, "otel:0x5b:0x05");
	CHECK(w->mem.v[0].latency_ms == 1000);
}

int
main(void)
{
	static void (*const tests[])(struct world * w) = {
		what_an_agent_used_is_the_sum_of_its_calls,
		a_call_below_a_call_counts_unless_it_says_the_same,
		a_file_that_grows_is_understood_with_what_was_before,
		classes_are_disjoint,
		the_id_of_the_response_is_the_calls,
		wrong_counts_are_bad,
		spans_are_known_however_they_are_spelled,
	};
	const struct importer *from[] = { importer_find("otel") };

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
