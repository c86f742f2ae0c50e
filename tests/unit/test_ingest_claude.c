#include <stdarg.h>

#include "mem_sink.h"
#include "tap.h"

#define P ".claude/projects/-home-d-api/"
#define A P "11111111-1111-4111-a111-111111111111.jsonl"
#define B P "22222222-2222-4222-a222-222222222222.jsonl"

/* What a line of usage says; the rest is always the same. */
struct said {
	const char *id, *request, *session, *time, *model;
	long in, out, write_5m, write_1h, read;
	const char *usage; /* more members of usage, with a comma before */
	const char *top;   /* more members of the line */
	const char *uuid;
};

static char *
line(const struct said *s)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "{\"parentUuid\":null,\"cwd\":\"/home/d/api\",");
	tk_buf_addf(&b, "\"sessionId\":\"%s\",\"message\":{\"model\":\"%s\",",
	    s->session ? s->session : "S1",
	    s->model ? s->model : "claude-opus-4-6");
	if (s->id != NULL)
		tk_buf_addf(&b, "\"id\":\"%s\",", s->id);
	tk_buf_addf(&b,
	    "\"content\":[{\"type\":\"text\",\"text\":\"a\\\"b\"}],"
	    "\"usage\":{\"input_tokens\":%ld,"
	    "\"cache_creation_input_tokens\":%ld,"
	    "\"cache_read_input_tokens\":%ld,\"cache_creation\":{"
	    "\"ephemeral_5m_input_tokens\":%ld,"
	    "\"ephemeral_1h_input_tokens\":%ld},\"output_tokens\":%ld%s}},",
	    s->in, s->write_5m + s->write_1h, s->read, s->write_5m, s->write_1h,
	    s->out, s->usage ? s->usage : "");
	if (s->request != NULL)
		tk_buf_addf(&b, "\"requestId\":\"%s\",", s->request);
	tk_buf_addf(&b, "\"type\":\"assistant\",\"uuid\":\"%s\",",
	    s->uuid ? s->uuid : "u");
	tk_buf_addf(&b, "\"timestamp\":\"2026-11-10T%s\"%s}\n",
	    s->time ? s->time : "10:00:00.000Z", s->top ? s->top : "");
	return tk_buf_detach(&b);
}

#define SAY(w, file, ...) say((w), (file), &(struct said){ __VA_ARGS__ })

static void
say(const struct world *w, const char *file, const struct said *s)
{
	char *text = line(s);

	world_add(w, file, text);
	free(text);
}

static void
the_largest_of_a_calls_lines_counts_once(struct world *w)
{
	SAY(w, A, .id = "m1", .request = "r1", .in = 3, .out = 1,
	    .write_1h = 1000, .read = 5000, .time = "23:59:58.000Z");
	SAY(w, A, .id = "m1", .request = "r1", .in = 3, .out = 427,
	    .write_1h = 1000, .read = 5000, .time = "23:59:59.500Z");
	SAY(w, A, .id = "m1", .request = "r1", .in = 3, .out = 8,
	    .write_1h = 1000, .read = 5000, .time = "23:59:59.100Z");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].output_tokens == 427);
	CHECK(w->mem.v[0].input_tokens == 3);
	CHECK(w->mem.v[0].cache_write_1h_tokens == 1000);
	CHECK(w->mem.v[0].cache_read_tokens == 5000);
	CHECK(w->mem.v[0].time % 1000 == 500); /* the latest line's */
	CHECK_STR(w->mem.v[0].request_id, "m1:r1");
	CHECK_STR(w->mem.v[0].user, "me");
	CHECK_STR(w->mem.v[0].application, "claude-code");
	CHECK_STR(w->mem.v[0].source, "claude-code");
	CHECK_STR(w->mem.v[0].provider, "anthropic");
	CHECK_STR(w->mem.v[0].session, "S1");
	CHECK_STR(w->mem.v[0].project, "/home/d/api");
	CHECK(w->mem.v[0].agent == NULL && w->mem.v[0].cost == RECORD_UNKNOWN);
	CHECK(world_tally(w, "claude-code")->sightings == 3);
	CHECK(world_tally(w, "claude-code")->calls == 1);
}

static void
copies_in_other_sessions_are_the_same_call(struct world *w)
{
	SAY(w, A, .id = "m1", .request = "r1", .in = 3, .out = 100);
	SAY(w, B, .id = "m1", .request = "r1", .in = 2, .session = "S2");
	SAY(w, B, .id = "m2", .request = "r2", .in = 4, .out = 200,
	    .session = "S2");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).output_tokens == 300);
	CHECK(world_sum(w).input_tokens == 7);
}

static void
without_request_ids_lines_of_a_call_fall_together(struct world *w)
{
	const char *const times[] = { "10:00:01.000Z", "10:00:02.000Z",
		"10:00:03.000Z" };

	for (int i = 0; i < 3; i++)
		SAY(w, A, .id = "const", .in = 900, .out = 100,
		    .time = times[i], .model = "acme-9");
	/* a gateway that gives all messages one id */
	SAY(w, A, .id = "const", .in = 950, .out = 10, .model = "acme-9",
	    .time = "10:05:00.000Z");
	/* the same call, copied; and another session's own */
	SAY(w, B, .id = "const", .in = 900, .out = 100, .session = "S2",
	    .time = times[0], .model = "acme-9");
	SAY(w, B, .id = "const", .in = 900, .out = 100, .session = "S2",
	    .time = times[1], .model = "acme-9");
	SAY(w, P "c.jsonl", .id = "const", .in = 900, .out = 100,
	    .session = "S3", .time = "11:00:00.000Z", .model = "acme-9");
	/* nothing is known yet of a call that says nothing */
	SAY(w, P "c.jsonl", .id = "x", .session = "S3", .model = "acme-9");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_sum(w).input_tokens == 900 + 950 + 900);
	CHECK(w->mem.v[0].provider == NULL);
}

static void
a_call_without_request_id_goes_on_in_another_run(struct world *w)
{
	SAY(w, A, .id = "m", .in = 900, .out = 1, .time = "10:00:01.000Z");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	SAY(w, A, .id = "m", .in = 900, .out = 50, .time = "10:00:02.000Z");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].output_tokens == 50);
	CHECK(world_tally(w, "claude-code")->updated == 1);
	CHECK(world_tally(w, "claude-code")->lines == 1);
}

static void
without_message_id_the_uuid_is_the_call(struct world *w)
{
	SAY(w, A, .in = 5, .uuid = "u-1");
	SAY(w, A, .in = 5, .uuid = "u-1");
	SAY(w, A, .in = 6, .uuid = "u-2");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 11);
}

static void
without_any_id_a_line_is_what_it_says(struct world *w)
{
	SAY(w, A, .in = 5, .uuid = "");
	SAY(w, A, .in = 5, .uuid = "");
	SAY(w, A, .in = 5, .uuid = "", .time = "10:00:01.000Z");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 10);
}

/* A crash cut a line; the session went on behind it. */
static void
a_line_behind_a_cut_one_counts(struct world *w)
{
	static const char *const cuts[] = {
		"{\"type\":\"assistant\",\"message\":{\"usage\":{\"input_tok",
		"{\"type\":\"user\",\"text\":\"hel",
		"{\"type\":\"user\",\"text\":\"hel\\",
		"{\"type\":\"user\",\"text\":\"hel\\u12",
		"{\"type\":\"user\",\"n\":12",
		"{\"type\":\"user\"",
		"{",
	};
	static const char nuls[100] = "";
	size_t n = TK_LEN(cuts);

	for (size_t i = 0; i < 2 * n; i++) {
		char id[16];

		snprintf(id, sizeof(id), "m%zu", i);
		world_add(w, A, cuts[i % n]);
		if (i >= n)
			world_write(w, A, "a", nuls, sizeof(nuls));
		SAY(w, A, .id = id, .request = "r", .in = 1);
	}
	CHECK(world_run(w) == 0 && w->mem.n == 2 * n);
	CHECK(world_tally(w, "claude-code")->bad == (int64_t)(2 * n));
	CHECK(world_tally(w, "claude-code")->lines == (int64_t)(2 * n));
}

/* One line has the prompt whole, another what of it came from the cache. */
static void
the_split_of_a_prompt_is_kept(struct world *w)
{
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			SAY(w, A, .id = "m", .request = "r", .in = 6003,
			    .out = 50);
		SAY(w, A, .id = "m", .request = "r", .in = 3, .read = 5000,
		    .write_1h = 1000, .out = 1);
		if (i == 1)
			SAY(w, A, .id = "m", .request = "r", .in = 6003,
			    .out = 50);
		CHECK(world_run(w) == 0 && w->mem.n == 1);
		CHECK(w->mem.v[0].input_tokens == 3);
		CHECK(w->mem.v[0].cache_write_1h_tokens == 1000);
		CHECK(w->mem.v[0].output_tokens == 50);
		remove(world_path(w, A));
		mem_cut(&w->mem, 0, 0);
	}
}

static void
old_versions_said_the_cost(struct world *w)
{
	SAY(w, A, .id = "m", .request = "r", .in = 3,
	    .top = ",\"costUSD\":0.012345678901234567");
	SAY(w, A, .id = "n", .request = "r", .in = 3, .top = ",\"costUSD\":0");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(w->mem.v[0].cost_origin == COST_GIVEN);
	CHECK(w->mem.v[0].cost == 12345678901);
	CHECK(w->mem.v[1].cost_origin == COST_UNKNOWN);
}

static void
what_is_no_call_is_skipped(struct world *w)
{
	SAY(w, A, .id = "e", .model = "<synthetic>", .in = 9);
	world_add(w, A,
	    "{\"type\":\"user\",\"toolUseResult\":{\"totalTokens\":99,"
	    "\"usage\":{\"input_tokens\":99}},\"message\":{\"usage\":"
	    "{\"input_tokens\":99}}}\n"
	    "{\"type\":\"progress\",\"data\":{\"message\":{\"type\":"
	    "\"assistant\",\"message\":{\"id\":\"m\",\"usage\":"
	    "{\"input_tokens\":99}}}}}\n"
	    "{\"type\":\"summary\",\"summary\":\"x\"}\n\n");
	world_add(w, P "S1/subagents/journal.jsonl", "not even JSON\n");
	CHECK(world_run(w) == 0 && w->mem.n == 0);
	CHECK(world_tally(w, "claude-code")->files == 1);
	CHECK(world_tally(w, "claude-code")->bad == 0);
	CHECK(world_tally(w, "claude-code")->skipped[SKIP_SYNTHETIC] == 1);
	CHECK(world_tally(w, "claude-code")->skipped[SKIP_OTHER] == 3);
	CHECK(world_tally(w, "claude-code")->skipped[SKIP_BLANK] == 1);
}

static void
odd_lines_count_too(struct world *w)
{
	static const char nuls[] = "\0\0\0\0\n";
	char *text;

	world_write(w, A, "a", nuls, sizeof(nuls) - 1);
	world_add(w, A,
	    "\xef\xbb\xbf{ \"type\" : \"assistant\" , \"message\" : { "
	    "\"id\":\"m1\",\"model\":\"claude-opus-4-6\",\"content\":"
	    "[{\"text\":\"\xe2\x80\xa8 \\ud83d \\u0000\",\"usage\":"
	    "{\"input_tokens\":999}}],\"\\u0075sage\":{\"input_tokens\":1e3,"
	    "\"output_tokens\":2.0,\"cache_creation\":null,"
	    "\"cache_read_input_tokens\":null,\"server_tool_use\":null,"
	    "\"service_tier\":null,\"speed\":null,\"iterations\":null}},"
	    "\"requestId\":\"r1\",\"timestamp\":\"2026-11-10T10:00:00Z\"}\r\n");
	/* crashes leave NULs before the next line */
	world_write(w, A, "a", nuls, 4);
	SAY(w, A, .id = "m2", .request = "r2", .in = 7);
	/* the last line has no end yet, but says all */
	text = line(&(struct said){ .id = "m3", .request = "r3", .in = 11 });
	world_write(w, A, "a", text, strlen(text) - 1);
	CHECK(world_run(w) == 0 && w->mem.n == 2); /* a BOM inside is wrong */
	CHECK(world_tally(w, "claude-code")->bad == 1);
	world_add(w, A, "\n");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_tally(w, "claude-code")->known == 1);
	free(text);
}

static void
bad_lines_are_named_and_the_rest_counts(struct world *w)
{
	world_add(w, A, "{\"type\":\"assistant\",\"mess\n");
	SAY(w, A, .id = "m1", .request = "r1", .in = 1);
	SAY(w, A, .id = "m2", .request = "r2", .in = -1);
	SAY(w, A, .id = "m3", .request = "r3", .in = 1,
	    .usage = ",\"output_tokens\":1e400");
	SAY(w, A, .id = "m4", .request = "r4", .time = "25:00", .in = 4);
	world_add(w, A, "{\"type\":\"assistant\",\"cut off");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(world_tally(w, "claude-code")->bad == 4);
	CHECK(w->report.nnotes == 4);
	CHECK(
	    strstr(w->report.notes[0].text,
		".jsonl:1: JSON: byte 25: the text ends in a string") != NULL);
	CHECK(strstr(w->report.notes[1].text,
		  ".jsonl:3: input_tokens is no count") != NULL);
	w->options.flags = INGEST_STRICT | INGEST_AGAIN;
	mem_cut(&w->mem, 0, 0);
	CHECK(world_run(w) == -1 && w->mem.n == 0);
	CHECK(w->err.code == TK_DATA);
	CHECK(strstr(w->err.msg, ".jsonl:1: JSON") != NULL);
}

static void
writes_without_a_split_are_for_five_minutes(struct world *w)
{
	SAY(w, A, .id = "m1", .request = "r1",
	    .usage = ",\"cache_creation\":null,"
		     "\"cache_creation_input_tokens\":40");
	SAY(w, A, .id = "m2", .request = "r2", .write_1h = 30,
	    .usage = ",\"cache_creation_input_tokens\":50");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).cache_write_5m_tokens == 40 + 20);
	CHECK(world_sum(w).cache_write_1h_tokens == 30);
}

static void
inner_calls_are_calls_of_their_own(struct world *w)
{
	SAY(w, A, .id = "m1", .request = "r1", .in = 3, .out = 100,
	    .usage = ",\"iterations\":[{\"type\":\"compaction\","
		     "\"input_tokens\":9000,\"output_tokens\":800},7,"
		     "{\"type\":\"message\",\"model\":null,"
		     "\"input_tokens\":3,\"output_tokens\":100},"
		     "{\"type\":\"advisor_message\",\"model\":\"big\","
		     "\"input_tokens\":20,\"output_tokens\":5}],"
		     "\"speed\":\"fast\",\"server_tool_use\":"
		     "{\"web_search_requests\":2}");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_sum(w).input_tokens == 9023);
	CHECK(world_sum(w).output_tokens == 905);
	CHECK(world_sum(w).web_searches == 2);
	CHECK(w->mem.v[0].tier == TIER_FAST);
	CHECK_STR(w->mem.v[1].request_id, "m1:r1:compaction:0");
	CHECK_STR(w->mem.v[2].request_id, "m1:r1:advisor:3");
	CHECK_STR(w->mem.v[2].model, "big");
}

static void
side_questions_replay_their_session(struct world *w)
{
	const char *file = P "S1/subagents/agent-aside_question-7.jsonl";

	SAY(w, P "S1.jsonl", .id = "m1", .request = "r1", .in = 3);
	SAY(w, file, .id = "m1", .request = "r9", .in = 3,
	    .top = ",\"isSidechain\":true");
	SAY(w, file, .id = "m2", .request = "r2", .in = 5,
	    .top = ",\"isSidechain\":true,\"agentId\":\"a7\"");
	SAY(w, P "S1/subagents/agent-b.jsonl", .id = "m3", .request = "r3",
	    .in = 7, .top = ",\"isSidechain\":true");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_sum(w).input_tokens == 15);
	CHECK(world_tally(w, "claude-code")->skipped[SKIP_REPLAYED] == 1);
	CHECK(w->mem.v[0].agent == NULL);
	CHECK_STR(w->mem.v[1].agent, "a7");
	CHECK_STR(w->mem.v[2].agent, "subagent");
}

#define SIDE ",\"isSidechain\":true,\"agentId\":"

/* Whatever the file is called, in old versions also the session's own. */
static void
any_helper_may_replay_its_session(struct world *w)
{
	const char *const files[] = { P "S1/subagents/agent-acompact-7.jsonl",
		P "agent-b.jsonl", P "S1.jsonl" };

	SAY(w, P "S1.jsonl", .id = "m1", .request = "r1", .in = 3, .out = 9);
	for (size_t i = 0; i < TK_LEN(files); i++) {
		SAY(w, files[i], .id = "m1", .request = "r9", .in = 3, .out = 9,
		    .top = SIDE "\"acompact-7\"");
		CHECK(world_run(w) == 0 && w->mem.n == i + 1);
		SAY(w, files[i], .id = files[i], .request = "r2", .in = 5,
		    .top = SIDE "\"acompact-7\"");
		CHECK(world_run(w) == 0 && w->mem.n == i + 2);
		CHECK_STR(w->mem.v[i + 1].agent, "acompact");
	}
	w->options.flags = INGEST_AGAIN;
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(world_tally(w, "claude-code")->skipped[SKIP_REPLAYED] == 3);
	w->options.flags = 0;
}

/* The helper's file was there first, or the session's came in parts. */
static void
a_replay_is_found_when_its_session_comes(struct world *w)
{
	const char *main = P "S1.jsonl";
	const char *side = P "S1/subagents/agent-aside_question-7.jsonl";

	for (int i = 0; i < 2; i++) {
		SAY(w, side, .id = "m1", .request = "r8", .in = 3,
		    .top = SIDE "7");
		SAY(w, side, .id = "m2", .request = "r9", .in = 4,
		    .top = SIDE "7");
		SAY(w, side, .id = "m3", .request = "r3", .in = 5,
		    .top = SIDE "7");
		if (i == 1)
			SAY(w, main, .id = "m1", .request = "r1", .in = 3);
		CHECK(world_run(w) == 0 && w->mem.n == 3);
		if (i == 0)
			SAY(w, main, .id = "m1", .request = "r1", .in = 3);
		CHECK(world_run(w) == 0 && w->mem.n == 3);
		SAY(w, main, .id = "m2", .request = "r2", .in = 4);
		if (i == 1) /* both have grown */
			SAY(w, side, .id = "m5", .request = "r5", .in = 0,
			    .top = SIDE "7");
		CHECK(world_run(w) == 0);
		CHECK(world_sum(w).input_tokens == 3 + 4 + 5);
		CHECK(w->mem.n == 3 + (size_t)i);
		CHECK(world_run(w) == 0);
		CHECK(world_tally(w, "claude-code")->unchanged == 2);
		remove(world_path(w, main));
		remove(world_path(w, side));
		mem_cut(&w->mem, 0, 0);
	}
}

/* Of a gateway's only id, the prompt tells messages from each other; and a
 * copy with both ids is the call itself. */
static void
helpers_of_a_gateway_are_counted(struct world *w)
{
	const char *file = P "S1/subagents/agent-b.jsonl";

	SAY(w, P "S1.jsonl", .id = "const", .request = "r1", .in = 3);
	SAY(w, file, .id = "const", .request = "r2", .in = 4, .top = SIDE "1");
	SAY(w, file, .id = "const", .request = "r1", .in = 3, .out = 7,
	    .top = SIDE "1");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 7);
	CHECK(world_sum(w).output_tokens == 7);
}

static void
helpers_are_of_a_kind(struct world *w)
{
	world_add(w, P "S1/subagents/agent-a1.meta.json",
	    "{\"x\":1,\"agentType\":\"Expl\\u006fre\"}");
	SAY(w, P "S1/subagents/agent-a1.jsonl", .id = "m", .request = "r",
	    .in = 1, .top = SIDE "\"a1\"");
	world_add(w, P "S1/subagents/agent-a2.meta.json", "{\"agentType\":");
	SAY(w, P "S1/subagents/agent-a2.jsonl", .id = "n", .request = "r",
	    .in = 1, .top = SIDE "\"a2\"");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK_STR(w->mem.v[0].agent, "Explore");
	CHECK_STR(w->mem.v[1].agent, "a2");
}

static void
places_follow_the_environment(struct world *w)
{
	char list[256];

	SAY(w, A, .id = "m1", .request = "r1", .in = 1);
	SAY(w, ".config/claude/projects/p/s.jsonl", .id = "m2", .request = "r2",
	    .in = 2);
	SAY(w, "one/projects/p/s.jsonl", .id = "m3", .request = "r3", .in = 4);
	SAY(w, "two/projects/p/s.jsonl", .id = "m4", .request = "r4", .in = 8);
	SAY(w, "xdg/claude/projects/p/s.jsonl", .id = "m5", .request = "r5",
	    .in = 16);
	CHECK(world_run(w) == 0 && world_sum(w).input_tokens == 1 + 2);
	mem_cut(&w->mem, 0, 0);
	setenv("XDG_CONFIG_HOME", world_path(w, "xdg"), 1);
	CHECK(world_run(w) == 0 && world_sum(w).input_tokens == 1 + 16);
	mem_cut(&w->mem, 0, 0);
	snprintf(list, sizeof(list), "%s/one, ,%s/two/projects/,%s/none",
	    w->home, w->home, w->home);
	setenv("CLAUDE_CONFIG_DIR", list, 1);
	CHECK(world_run(w) == 0 && world_sum(w).input_tokens == 4 + 8);
	mem_cut(&w->mem, 0, 0);
	SAY(w, "two/transcripts/t.jsonl", .id = "m6", .request = "r6",
	    .in = 32);
	SAY(w,
	    "xdg/Claude/local-agent-mode-sessions/a/b/.claude/projects/p/"
	    "s.jsonl",
	    .id = "m7", .request = "r7", .in = 64);
	SAY(w, "xdg/Claude/local-agent-mode-sessions/a/audit.jsonl", .id = "m8",
	    .request = "r8", .in = 128);
	setenv("CLAUDE_CONFIG_DIR", "~/two/", 1);
	CHECK(world_run(w) == 0 && world_sum(w).input_tokens == 8 + 32 + 64);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		the_largest_of_a_calls_lines_counts_once,
		copies_in_other_sessions_are_the_same_call,
		without_request_ids_lines_of_a_call_fall_together,
		a_call_without_request_id_goes_on_in_another_run,
		without_message_id_the_uuid_is_the_call,
		without_any_id_a_line_is_what_it_says,
		a_line_behind_a_cut_one_counts,
		the_split_of_a_prompt_is_kept,
		old_versions_said_the_cost,
		what_is_no_call_is_skipped,
		odd_lines_count_too,
		bad_lines_are_named_and_the_rest_counts,
		writes_without_a_split_are_for_five_minutes,
		inner_calls_are_calls_of_their_own,
		side_questions_replay_their_session,
		any_helper_may_replay_its_session,
		a_replay_is_found_when_its_session_comes,
		helpers_of_a_gateway_are_counted,
		helpers_are_of_a_kind,
		places_follow_the_environment,
	};

	for (size_t i = 0; i < TK_LEN(tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
