/* Coding agents whose logs are JSON: a rule of each format, a test. */
#include <unistd.h>

#include "mem_sink.h"
#include "tap.h"

#define T "\"timestamp\":\"2026-11-10T10:00:00Z\","

static const struct importer *from[1];
static const char *path;

static void
use(struct world *w, const char *name)
{
	mem_cut(&w->mem, 0, 0);
	from[0] = importer_find(name);
	w->options.from = from;
	w->options.nfrom = 1;
	w->options.now = INT64_C(1794312000000);
}

/* A file in the usual place, or a named one when it has no folder. */
static void
import(struct world *w, const char *name, const char *text)
{
	path = world_path(w, name);
	w->options.paths = &path;
	w->options.npaths = strchr(name, '/') == NULL;
	world_write(w, name, "w", text, strlen(text));
	if (world_run(w) != 0)
		printf("# %s\n", w->err.msg);
}

#define GEMINI ".gemini/tmp/x/chats/session-1.jsonl"
#define TOKENS(in, cached, total) \
	"\"tokens\":{\"input\":" #in ",\"output\":80,\"cached\":" #cached \
	",\"thoughts\":40,\"tool\":5,\"total\":" #total "}"

static void
gemini_subtracts_only_where_the_total_says_so(struct world *w)
{
	use(w, "gemini");
	import(w, GEMINI,
	    "{\"sessionId\":\"s\",\"projectHash\":\"p\"}\n"
	    "{\"id\":\"a\",\"type\":\"gemini\"," T TOKENS(1200, 900,
		1325) "}\n"
		      "{\"id\":\"b\",\"type\":\"gemini\"," T TOKENS(300, 900,
			  1325) "}\n"
				"{\"id\":\"c\",\"type\":\"user\"," T TOKENS(1,
				    1, 1) "}\n");
	CHECK(w->mem.n == 2);
	for (size_t i = 0; i < w->mem.n; i++) {
		CHECK(w->mem.v[i].input_tokens == 305);
		CHECK(w->mem.v[i].cache_read_tokens == 900);
		CHECK(w->mem.v[i].output_tokens == 120);
		CHECK(w->mem.v[i].reasoning_tokens == 40);
		CHECK_STR(w->mem.v[i].session, "s");
	}
}

static void
gemini_counts_a_message_once_and_what_was_rewound(struct world *w)
{
	use(w, "gemini");
	import(w, GEMINI,
	    "{\"sessionId\":\"s\",\"projectHash\":\"p\"}\n"
	    "{\"id\":\"a\",\"type\":\"gemini\"," T TOKENS(10, 0, 135) "}\n");
	/* the session's name is known when the file is read on */
	world_add(w, GEMINI,
	    "{\"$rewindTo\":\"a\"}\n"
	    "{\"id\":\"a\",\"type\":\"gemini\"," T TOKENS(20, 0,
		145) "}\n"
		     "{\"$set\":{\"messages\":[{\"id\":\"a\",\"type\":"
		     "\"gemini\"," T TOKENS(20, 0, 145) "}]}}\n");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].input_tokens == 25);
	CHECK_STR(w->mem.v[0].request_id, "gemini:s:a");
}

static void
gemini_has_sums_without_a_screen(struct world *w)
{
	use(w, "gemini");
	import(w, "out",
	    "{\"response\":\"x\",\"stats\":{\"models\":{\"gemini-2.5-pro\":{"
	    "\"api\":{\"totalRequests\":2},\"tokens\":{\"prompt\":1200,"
	    "\"candidates\":80,\"total\":1320,\"cached\":900,\"thoughts\":40,"
	    "\"tool\":0}},\"gemini-2.5-flash\":{\"tokens\":{\"prompt\":5,"
	    "\"candidates\":1,\"total\":6}}},\"tools\":{}}}");
	CHECK(w->mem.n == 2 && world_sum(w).input_tokens == 305);
	CHECK(world_sum(w).output_tokens == 121);
}

#define QWEN ".qwen/projects/p/chats/a.jsonl"

static void
qwen_knows_copies_by_time_model_and_counts(struct world *w)
{
#define LINE(session, time) \
	"{\"type\":\"assistant\",\"sessionId\":\"" session \
	"\",\"timestamp\":\"2026-11-10T10:00:" time "Z\",\"model\":\"m\"," \
	"\"usageMetadata\":{\"promptTokenCount\":10," \
	"\"candidatesTokenCount\":2,\"thoughtsTokenCount\":3," \
	"\"cachedContentTokenCount\":4}}\n"
	use(w, "qwen");
	import(w, QWEN,
	    LINE("a", "00") LINE("b", "00")
		LINE("a", "01") "{\"type\":\"assistant\",\"usageMetadata\":{"
				"\"promptTokenCount\":1}}\n");
	CHECK(w->mem.n == 2);
	CHECK(w->mem.v[0].input_tokens == 6);
	CHECK(w->mem.v[0].output_tokens == 5);
	CHECK(world_tally(w, "qwen")->bad == 1);
}

static void
kimi_takes_the_last_status_and_no_sum(struct world *w)
{
#define STATUS(id, out) \
	"{\"timestamp\":1794304800.5,\"message\":{\"type\":\"StatusUpdate\"," \
	"\"payload\":{\"message_id\":\"" id "\",\"token_usage\":{" \
	"\"input_other\":10,\"output\":" #out ",\"input_cache_read\":100," \
	"\"input_cache_creation\":20}}}}\n"
	use(w, "kimi");
	import(w, ".kimi/sessions/g/s/wire.jsonl",
	    STATUS("a", 1) STATUS("a", 5) STATUS("b", 2));
	CHECK(w->mem.n == 2 && world_sum(w).output_tokens == 7);
	CHECK(world_sum(w).cache_write_other_tokens == 40);
	CHECK_STR(w->mem.v[0].model, "kimi-for-coding");
	CHECK_STR(w->mem.v[0].session, "s");
	CHECK(w->mem.v[0].time == INT64_C(1794304800500));
	import(w, ".kimi-code/sessions/w/s2/agents/main/wire.jsonl",
	    "{\"type\":\"usage.record\",\"usageScope\":\"session\",\"time\":"
	    "1794304800000,\"usage\":{\"inputOther\":1,\"output\":1}}\n");
	CHECK(w->mem.n == 2);
}

static void
amp_joins_the_cache_once(struct world *w)
{
	use(w, "amp");
	import(w, ".local/share/amp/threads/T-1.json",
	    "{\"id\":\"T-1\",\n\"messages\":[{\"role\":\"assistant\","
	    "\"messageId\":5,\"usage\":{\"inputTokens\":99,\"model\":\"m\","
	    "\"cacheCreationInputTokens\":7,\"cacheReadInputTokens\":8}}],\n"
	    "\"usageLedger\":{\"events\":[{\"id\":\"e\"," T
	    "\"model\":\"m\",\"tokens\":{\"input\":1,\"output\":2},"
	    "\"toMessageId\":5},{" T "\"model\":\"m\",\"tokens\":{"
	    "\"input\":3,\"output\":4},\"toMessageId\":5}]}}");
	CHECK(w->mem.n == 2 && world_sum(w).input_tokens == 4);
	CHECK(world_sum(w).cache_write_5m_tokens == 7);
	CHECK(world_sum(w).cache_read_tokens == 8);
	CHECK_STR(w->mem.v[0].request_id, "amp:T-1:e");
}

#define DROID ".factory/sessions/p/abc.settings.json"

static void
droid_replaces_a_sum_by_a_larger_one(struct world *w)
{
#define SETTINGS(in) \
	"{\"model\":\"m\",\"providerLockTimestamp\":" \
	"\"2026-11-10T10:00:00Z\",\"tokenUsage\":{\"inputTokens\":" #in \
	",\"outputTokens\":2,\"thinkingTokens\":3}}"
	use(w, "droid");
	import(w, DROID, SETTINGS(10));
	import(w, DROID, SETTINGS(10000));
	CHECK(w->mem.n == 1 && w->mem.v[0].input_tokens == 10000);
	CHECK(w->mem.v[0].output_tokens == 5);
	import(w, DROID, SETTINGS(5)); /* begun anew, or damaged */
	CHECK(w->mem.n == 1 && w->mem.v[0].input_tokens == 10000);
	CHECK_STR(w->mem.v[0].session, "abc");
}

#define MESSAGE(id, done) \
	"{\"id\":\"" id "\",\"sessionID\":\"s\",\"role\":\"assistant\"," \
	"\"modelID\":\"m\",\"providerID\":\"p\",\"cost\":0.25,\"tokens\":{" \
	"\"input\":1,\"output\":2,\"reasoning\":3,\"cache\":{\"read\":4," \
	"\"write\":5}},\"time\":{\"created\":1794311000000" done "}}"
#define STORAGE ".local/share/opencode/storage/message/s/"

static void
opencode_knows_a_fork_by_its_times(struct world *w)
{
	use(w, "opencode");
	import(w, STORAGE "a.json",
	    MESSAGE("a", ",\"completed\":1794311001000"));
	import(w, STORAGE "b.json",
	    MESSAGE("b", ",\"completed\":1794311001000"));
	import(w, STORAGE "c.json",
	    MESSAGE("c", ",\"completed\":1794311002000"));
	CHECK(w->mem.n == 2);
	CHECK(w->mem.v[0].output_tokens == 5);
	CHECK(w->mem.v[0].cache_write_other_tokens == 5);
	CHECK(w->mem.v[0].cost_origin == COST_GIVEN);
	/* one that is being written; and when nobody does so any more */
	import(w, STORAGE "d.json", MESSAGE("d", ""));
	CHECK(w->mem.n == 2);
	w->options.now += 2 * INT64_C(86400000);
	w->options.flags = INGEST_AGAIN;
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	w->options.flags = 0;
}

#define EVENTS ".copilot/session-state/s/events.jsonl"

static void
copilot_counts_what_each_leg_added(struct world *w)
{
#define SHUTDOWN(id, in) \
	"{\"type\":\"session.shutdown\",\"id\":\"" id "\"," T \
	"\"data\":{\"modelMetrics\":{\"m\":{\"usage\":{\"inputTokens\":" #in \
	",\"outputTokens\":1,\"cacheReadTokens\":5}}}}}\n"
	use(w, "copilot");
	import(w, EVENTS, SHUTDOWN("1", 100));
	world_add(w, EVENTS, SHUTDOWN("2", 100) SHUTDOWN("3", 150));
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 145);
	/* begun anew */
	world_add(w, EVENTS, SHUTDOWN("4", 20));
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_sum(w).input_tokens == 160);
}

static void
litellm_has_the_cache_in_its_metadata(struct world *w)
{
#define ROW(id, more) \
	"{\"request_id\":\"" id "\",\"startTime\":\"2026-11-10 10:00:00\"," \
	"\"model\":\"m\",\"prompt_tokens\":100,\"completion_tokens\":5," \
	"\"total_tokens\":105" more "}"
	use(w, "litellm");
	import(w, "rows",
	    "[" ROW("a",
		",\"spend\":0.5,\"metadata\":\"{\\\"usage_object\\\":"
		"{\\\"prompt_tokens_details\\\":"
		"{\\\"cached_tokens\\\":60}}}\"") "," ROW("b",
		",\"spend\":0,\"cache_hit\":\"True\"") "," ROW("b",
		",\"spend\":0,\"cache_hit\":\"True\"") "," ROW("c",
		",\"spend\":0,\"cache_hit\":\"False\",\"status\":"
		"\"failure\"") "]");
	CHECK(w->mem.n == 3);
	CHECK(w->mem.v[0].input_tokens == 40);
	CHECK(w->mem.v[0].cost_origin == COST_GIVEN);
	CHECK(w->mem.v[1].input_tokens == 100 && w->mem.v[1].cost == 0);
	CHECK(w->mem.v[1].cost_origin == COST_GIVEN);
	CHECK(w->mem.v[2].cost_origin != COST_GIVEN);
	CHECK_STR(w->mem.v[2].error, "failure");
	CHECK(w->mem.v[0].time == INT64_C(1794304800000));
}

static void
litellm_says_why_a_call_failed(struct world *w)
{
	use(w, "litellm");
	import(w, "rows",
	    "[" ROW("a",
		",\"status\":\"failure\",\"metadata\":"
		"{\"error_information\":{\"error_code\":\"429\","
		"\"error_class\":\"RateLimitError\"}}") "," ROW("b",
		",\"status\":\"failure\",\"error_information\":"
		"{\"error_code\":\"\",\"error_class\":\"Timeout\"}") "," ROW("c",
		",\"metadata\":\"{\\\"status\\\":\\\"failure\\\"}\"") "," ROW("d",
		",\"status\":\"success\",\"metadata\":"
		"{\"error_information\":{\"error_code\":\"500\"}}") "]");
	CHECK(w->mem.n == 4);
	CHECK_STR(w->mem.v[0].error, "429");
	CHECK_STR(w->mem.v[1].error, "Timeout");
	CHECK_STR(w->mem.v[2].error, "failure");
	CHECK(w->mem.v[3].error == NULL);
}

static void
litellm_csv_may_go_over_lines(struct world *w)
{
	use(w, "litellm");
	import(w, "t",
	    "\"request_id\",startTime,prompt_tokens,completion_tokens,model,"
	    "messages\r\n"
	    "r1,2026-11-10T10:00:00Z,10,1,m,\"a \"\"b\"\",\r\nc\"\r\n"
	    "r2,2026-11-10T10:00:00Z,10,1\r\n"
	    "r3,2026-11-10T10:00:00Z,30,1,m,\r\n");
	CHECK(w->mem.n == 2 && world_sum(w).input_tokens == 40);
	CHECK(world_tally(w, "litellm")->bad == 1);
	CHECK(strstr(w->report.notes[0].text, ":4: fewer fields") != NULL);
}

int
main(void)
{
	static void (*const tests[])(struct world * w) = {
		gemini_subtracts_only_where_the_total_says_so,
		gemini_counts_a_message_once_and_what_was_rewound,
		gemini_has_sums_without_a_screen,
		qwen_knows_copies_by_time_model_and_counts,
		kimi_takes_the_last_status_and_no_sum,
		amp_joins_the_cache_once,
		droid_replaces_a_sum_by_a_larger_one,
		opencode_knows_a_fork_by_its_times,
		copilot_counts_what_each_leg_added,
		litellm_has_the_cache_in_its_metadata,
		litellm_says_why_a_call_failed,
		litellm_csv_may_go_over_lines,
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
