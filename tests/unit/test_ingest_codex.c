#include <inttypes.h>

#include "mem_sink.h"
#include "tap.h"

#define DAY ".codex/sessions/2026/11/10/"
#define ONE "01a1c4e6-7500-7000-8000-000000000001" /* 2026-11-10 10:00 */
#define TWO "01a1c525-a0e0-7000-8000-000000000002" /* 11:09 */
#define F1 DAY "rollout-2026-11-10T10-00-00-" ONE ".jsonl"
#define F2 DAY "rollout-2026-11-10T11-00-00-" TWO ".jsonl"

static void
put_line(const struct world *w, const char *file, const char *time,
    const char *type, const char *payload)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b,
	    "{\"timestamp\":\"2026-11-10T%s\",\"type\":\"%s\",\"payload\":%s}"
	    "\n",
	    time, type, payload);
	world_add(w, file, b.s);
	tk_buf_release(&b);
}

static void
meta(const struct world *w, const char *file, const char *time, const char *id,
    const char *more)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b,
	    "{\"id\":\"%s\",\"cwd\":\"/home/d/api\","
	    "\"model_provider\":\"openai\"%s}",
	    id, more);
	put_line(w, file, time, "session_meta", b.s);
	tk_buf_release(&b);
}

static void
turn(const struct world *w, const char *file, const char *time, const char *id,
    const char *model)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "{\"turn_id\":\"%s\",\"model\":\"%s\"}", id, model);
	put_line(w, file, time, "turn_context", b.s);
	tk_buf_release(&b);
}

struct count {
	long in, cached, out, reasoning;
	long total; /* 0: the sum */
};

static void
add_count(struct tk_buf *b, const char *name, const struct count *c)
{
	tk_buf_addf(b,
	    "\"%s\":{\"input_tokens\":%ld,\"cached_input_tokens\":%ld,"
	    "\"output_tokens\":%ld,\"reasoning_output_tokens\":%ld,"
	    "\"total_tokens\":%ld},",
	    name, c->in, c->cached, c->out, c->reasoning,
	    c->total != 0 ? c->total : c->in + c->out);
}

/* A token_count; either part may be left out. */
static void
count(const struct world *w, const char *file, const char *time,
    const struct count *total, const struct count *last)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, "{\"type\":\"token_count\",\"info\":{");
	if (total != NULL)
		add_count(&b, "total_token_usage", total);
	if (last != NULL)
		add_count(&b, "last_token_usage", last);
	tk_buf_adds(&b,
	    "\"model_context_window\":272000},"
	    "\"rate_limits\":null}");
	put_line(w, file, time, "event_msg", b.s);
	tk_buf_release(&b);
}

static const struct count t1 = { 1000, 100, 200, 20, 0 };
static const struct count t2 = { 2500, 1100, 500, 50, 0 };
static const struct count d2 = { 1500, 1000, 300, 30, 0 };

static void
plain(const struct world *w)
{
	meta(w, F1, "10:00:00.000Z", ONE, "");
	turn(w, F1, "10:00:00.001Z", ONE, "gpt-5.2-codex");
	put_line(w, F1, "10:00:01.000Z", "event_msg",
	    "{\"type\":\"token_count\",\"info\":null,\"rate_limits\":{}}");
	count(w, F1, "10:00:10.000Z", &t1, &t1);
	count(w, F1, "10:01:10.000Z", &t2, &d2);
}

static void
calls_are_what_moves_the_total(struct world *w)
{
	const struct usage_record *r;

	plain(w);
	count(w, F1, "10:01:20.000Z", &t2, &d2); /* limits were refreshed */
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	r = &w->mem.v[1];
	CHECK(r->input_tokens == 500 && r->cache_read_tokens == 1000);
	CHECK(r->output_tokens == 300 && r->reasoning_tokens == 30);
	CHECK_STR(r->model, "gpt-5.2-codex");
	CHECK_STR(r->provider, "openai");
	CHECK_STR(r->application, "codex");
	CHECK_STR(r->session, ONE);
	CHECK_STR(r->project, "/home/d/api");
	CHECK(strncmp(r->request_id, "codex:", 6) == 0);
	CHECK(strlen(r->request_id) == 22);
	CHECK(world_tally(w, "codex")->skipped[SKIP_REPEATED] == 1);
}

static void
a_total_alone_is_a_difference(struct world *w)
{
	const struct count fell = { 700, 0, 30, 0, 0 };

	meta(w, F1, "10:00:00.000Z", ONE, "");
	count(w, F1, "10:00:10.000Z", &t1, NULL);
	count(w, F1, "10:01:10.000Z", &t2, NULL);
	count(w, F1, "10:02:10.000Z", &fell, NULL);
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(w->mem.v[1].output_tokens == 300);
	CHECK(w->mem.v[2].input_tokens == 700); /* it began anew */
	CHECK_STR(w->mem.v[0].model, "gpt-5");
}

static void
a_full_context_is_no_call(struct world *w)
{
	const struct count full = { 0, 0, 0, 0, 272000 };
	const struct count rest = { 0, 0, 0, 0, 270800 };
	const struct count after = { 1500, 1000, 300, 30, 273800 };

	meta(w, F1, "10:00:00.000Z", ONE, "");
	turn(w, F1, "10:00:00.001Z", ONE, "gpt-5.4");
	count(w, F1, "10:00:10.000Z", &t1, &t1);
	count(w, F1, "10:00:20.000Z", &full, &rest);
	count(w, F1, "10:01:10.000Z", &after, &d2);
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).output_tokens == 500);
}

static void
model_and_tier_change_on_the_way(struct world *w)
{
	const struct count t3 = { 2600, 1100, 510, 50, 0 };
	const struct count d3 = { 100, 0, 10, 0, 0 };

	plain(w);
	turn(w, F1, "10:02:00.000Z", ONE, "codex-auto-review");
	put_line(w, F1, "10:02:00.000Z", "event_msg",
	    "{\"type\":\"thread_settings_applied\",\"thread_settings\":"
	    "{\"service_tier\":\"fast\"}}");
	count(w, F1, "10:02:10.000Z", &t3, &d3);
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK_STR(w->mem.v[2].model, "gpt-5.5");
	CHECK(w->mem.v[2].tier == TIER_PRIORITY);
	CHECK(w->mem.v[1].tier == TIER_STANDARD);
}

/* A fork begins with its parent's history, all of it stamped anew. */
static void
fork_of_plain(const struct world *w, const char *more, const char *turn_id)
{
	const struct count t3 = { 4500, 2600, 900, 90, 0 };
	const struct count d3 = { 2000, 1500, 400, 40, 0 };

	meta(w, F2, "11:09:00.100Z", TWO, more);
	meta(w, F2, "11:09:00.101Z", ONE, "");
	turn(w, F2, "11:09:00.101Z", turn_id, "gpt-5.2-codex");
	count(w, F2, "11:09:00.998Z", &t1, &t1);
	count(w, F2, "11:09:01.009Z", &t2, &d2);
	turn(w, F2, "11:09:20.000Z", *turn_id ? TWO : "", "gpt-5.4");
	count(w, F2, "11:09:30.000Z", &t3, &d3);
}

static void
history_in_forks_is_not_used_again(struct world *w)
{
	static const char *const kinds[] = {
		",\"forked_from_id\":\"" ONE "\"",
		",\"parent_thread_id\":\"" ONE "\"",
		",\"source\":{\"x\":1,\"subagent\":{\"thread_spawn\":{}}}",
	};

	for (size_t i = 0; i < TK_LEN(kinds); i++) {
		remove(world_path(w, F2));
		mem_cut(&w->mem, 0, 0);
		plain(w);
		fork_of_plain(w, kinds[i], ONE);
		CHECK(world_run(w) == 0 && w->mem.n == 3);
		CHECK(world_sum(w).output_tokens == 900);
		CHECK(world_tally(w, "codex")->skipped[SKIP_REPLAYED] == 2);
		CHECK_STR(w->mem.v[2].session, TWO);
		CHECK_STR(w->mem.v[2].model, "gpt-5.4");
		remove(world_path(w, F1));
	}
}

static void
without_turn_ids_a_pause_ends_the_history(struct world *w)
{
	fork_of_plain(w, ",\"forked_from_id\":\"" ONE "\"", "");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(world_sum(w).output_tokens == 400);
}

/* The copy was slow, and what is new came at once: the parent's file knows
 * where the one ends. */
static void
without_turn_ids_the_parents_file_tells(struct world *w)
{
	const struct count t3 = { 4500, 2600, 900, 90, 0 };
	const struct count d3 = { 2000, 1500, 400, 40, 0 };

	for (int run = 0; run < 2; run++) {
		plain(w);
		count(w, F1, "10:01:20.000Z", &t2, &d2);
		meta(w, F2, "11:09:00.100Z", TWO,
		    ",\"forked_from_id\":\"" ONE "\"");
		meta(w, F2, "11:09:00.101Z", ONE, "");
		count(w, F2, "11:09:00.998Z", &t1, &t1);
		if (run == 1)
			CHECK(world_run(w) == 0 && w->mem.n == 2);
		count(w, F2, "11:09:03.009Z", &t2, &d2);
		count(w, F2, "11:09:03.400Z", &t2, &d2);
		count(w, F2, "11:09:03.900Z", &t3, &d3);
		CHECK(world_run(w) == 0 && w->mem.n == 3);
		CHECK(world_sum(w).output_tokens == 900);
		CHECK(
		    world_tally(w, "codex")->skipped[SKIP_REPLAYED] == 2 - run);
		remove(world_path(w, F1));
		remove(world_path(w, F2));
		mem_cut(&w->mem, 0, 0);
	}
}

/* What is new continues the parent's counter, but is not in its file. */
static void
a_parent_that_went_on_takes_nothing(struct world *w)
{
	const struct count t3 = { 4500, 2600, 900, 90, 0 };
	const struct count d3 = { 2000, 1500, 400, 40, 0 };

	plain(w);
	count(w, F1, "12:00:00.000Z", &t3, &d3); /* after the fork */
	fork_of_plain(w, ",\"forked_from_id\":\"" ONE "\"", "");
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(world_sum(w).output_tokens == 1300);
}

static void
response(const struct world *w, const char *file, const char *time,
    const char *id, const struct count *c)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "{\"response_id\":\"%s\",", id);
	add_count(&b, "usage", c);
	add_count(&b, "thread_token_usage", &t2);
	tk_buf_adds(&b, "\"turn_id\":null}");
	put_line(w, file, time, "token_usage_record", b.s);
	tk_buf_release(&b);
}

static void
compacted(const struct world *w, const char *file, const char *time,
    const char *id)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "{\"message\":\"\",\"compaction_response_id\":\"%s\"}",
	    id);
	put_line(w, file, time, "compacted", b.s);
	tk_buf_release(&b);
}

static void
a_compaction_by_the_server_is_a_call(struct world *w)
{
	const struct count big = { 90000, 80000, 700, 0, 0 };

	plain(w);
	response(w, F1, "10:01:09.000Z", "r1", &d2); /* is counted anyhow */
	response(w, F1, "10:02:00.000Z", "r2", &big);
	compacted(w, F1, "10:02:01.000Z", "r2");
	compacted(w, F1, "10:02:02.000Z", "r2");
	compacted(w, F1, "10:02:03.000Z", "nothing is known of it");
	put_line(w, F1, "10:02:04.000Z", "compacted", "{\"message\":\"\"}");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(w->mem.v[2].input_tokens == 10000);
	CHECK(w->mem.v[2].cache_read_tokens == 80000);
	CHECK(w->mem.v[2].output_tokens == 700);
	CHECK_STR(w->mem.v[2].model, "gpt-5.2-codex");
	/* a copy of the file has the same response */
	turn(w, F2, "10:00:00.001Z", ONE, "gpt-5.2-codex");
	response(w, F2, "10:02:00.000Z", "r2", &big);
	CHECK(world_run(w) == 0);
	compacted(w, F2, "10:02:01.000Z", "r2");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_tally(w, "codex")->known == 1);
}

static void
a_compaction_that_the_counter_knows_is_none(struct world *w)
{
	const struct count d3 = { 9000, 8000, 700, 0, 0 };
	const struct count t3 = { 11500, 9100, 1200, 50, 0 };

	plain(w);
	response(w, F1, "10:02:00.000Z", "r2", &d3);
	count(w, F1, "10:02:00.500Z", &t3, &d3);
	compacted(w, F1, "10:02:01.000Z", "r2");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_sum(w).output_tokens == 1200);
}

static void
without_a_model_it_is_said(struct world *w)
{
	meta(w, F1, "10:00:00.000Z", ONE, "");
	count(w, F1, "10:00:10.000Z", &t1, &t1);
	turn(w, F1, "10:00:20.000Z", ONE, "codex-auto-review");
	count(w, F1, "10:01:10.000Z", &t2, &d2);
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK_STR(w->mem.v[0].metadata, "{\"model_fallback\":true}");
	CHECK_STR(w->mem.v[1].metadata,
	    "{\"logged_model\":\"codex-auto-review\"}");
}

/* A text that was decoded once is not decoded again. */
static void
folders_of_other_systems_are_kept(struct world *w)
{
	put_line(w, F1, "10:00:00.000Z", "session_meta",
	    "{\"id\":\"" ONE "\",\"cwd\":\"C:\\\\src\\\\u12\"}");
	count(w, F1, "10:00:10.000Z", &t1, &t1);
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK_STR(w->mem.v[0].project, "C:\\src\\u12");
}

static void
helpers_have_a_name(struct world *w)
{
	static const char *const kinds[][2] = {
		{ ",\"source\":{\"subagent\":\"review\"}", "review" },
		{ ",\"source\":{\"subagent\":{\"thread_spawn\":"
		  "{\"agent_role\":\"explorer\"}}}",
		    "explorer" },
		{ ",\"source\":{\"subagent\":{\"thread_spawn\":{}}}",
		    "subagent" },
	};

	for (size_t i = 0; i < TK_LEN(kinds); i++) {
		meta(w, F1, "10:00:00.000Z", ONE, kinds[i][0]);
		count(w, F1, "10:00:10.000Z", &t1, &t1);
		CHECK(world_run(w) == 0 && w->mem.n == 1);
		CHECK_STR(w->mem.v[0].agent, kinds[i][1]);
		remove(world_path(w, F1));
		mem_cut(&w->mem, 0, 0);
	}
}

static void
a_session_is_named_by_its_file_too(struct world *w)
{
	count(w, F1, "10:00:10.000Z", &t1, &t1);
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK_STR(w->mem.v[0].session, ONE);
}

#define TURN(in, out) \
	"{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":" #in \
	",\"cached_input_tokens\":100,\"output_tokens\":" #out "}}\n"

static void
captures_are_counted_by_run(struct world *w)
{
	const char *paths[1];
	char path[512];

	world_add(w, "run.jsonl",
	    "{\"type\":\"turn.started\"}\n" TURN(1000, 50) TURN(1000, 50));
	snprintf(path, sizeof(path), "%s", world_path(w, "run.jsonl"));
	paths[0] = path;
	w->options.paths = paths;
	w->options.npaths = 1;
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 1800);
	CHECK(world_sum(w).output_tokens == 100);
	CHECK_STR(w->mem.v[0].metadata, "{\"model_fallback\":true}");
	CHECK(w->mem.v[0].time > 0);
	world_add(w, "run.jsonl", TURN(1000, 50) TURN(7, 8));
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(world_sum(w).output_tokens == 158);
	w->options.npaths = 0;
}

/* In a thread the usage is a counter, in whatever file it goes on. */
static void
captured_threads_are_counters(struct world *w)
{
	const char *paths[2];
	char one[512], two[512];

	world_add(w, "1.jsonl",
	    "{\"type\":\"thread.started\",\"thread_id\":\"" ONE
	    "\"}\n" TURN(1000, 50) TURN(3000, 70));
	world_add(w, "2.jsonl",
	    "{\"type\":\"thread.started\",\"thread_id\":\"" ONE
	    "\"}\n" TURN(4000, 90));
	snprintf(one, sizeof(one), "%s", world_path(w, "1.jsonl"));
	snprintf(two, sizeof(two), "%s", world_path(w, "2.jsonl"));
	paths[0] = two;
	paths[1] = one;
	w->options.paths = paths;
	w->options.npaths = 2;
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].input_tokens == 3900);
	CHECK(w->mem.v[0].output_tokens == 90);
	CHECK_STR(w->mem.v[0].session, ONE);
	/* one that has a rollout is counted there */
	mem_cut(&w->mem, 0, 0);
	plain(w);
	CHECK(world_run(w) == 0 && w->mem.n == 0);
	CHECK(world_tally(w, "codex")->skipped[SKIP_REPLAYED] == 3);
	w->options.npaths = 0;
	CHECK(world_run(w) == 0 && w->mem.n == 2);
}

static void
moved_and_copied_files_are_the_same_calls(struct world *w)
{
	static const char to[] =
	    ".codex/archived_sessions/rollout-x-" ONE ".jsonl";
	char from[600];

	plain(w);
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	snprintf(from, sizeof(from), "%s", world_path(w, F1));
	world_add(w, to, "");
	CHECK(rename(from, world_path(w, to)) == 0);
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_tally(w, "codex")->known == 2);
}

/* Read in as many runs as there are lines, it comes to the same. */
static void
state_is_carried_from_run_to_run(struct world *w)
{
	const struct count t3 = { 4600, 2600, 910, 90, 0 };
	const struct count d3 = { 100, 0, 10, 0, 0 };
	char whole[8192], *at = whole, *end;
	size_t n;
	FILE *f;

	plain(w);
	fork_of_plain(w, ",\"forked_from_id\":\"" ONE "\"", ONE);
	count(w, F2, "11:10:00.000Z", &t3, &d3);
	f = fopen(world_path(w, F2), "r");
	n = fread(whole, 1, sizeof(whole) - 1, f);
	fclose(f);
	whole[n] = '\0';
	remove(world_path(w, F2));
	while ((end = strchr(at, '\n')) != NULL) {
		/* the first half of a line is not understood yet */
		world_write(w, F2, "a", at, (size_t)(end - at) / 2);
		CHECK(world_run(w) == 0);
		at += (end - at) / 2;
		world_write(w, F2, "a", at, (size_t)(end + 1 - at));
		CHECK(world_run(w) == 0);
		CHECK(world_tally(w, "codex")->bad == 0);
		at = end + 1;
	}
	CHECK(w->mem.n == 4);
	CHECK(world_sum(w).output_tokens == 910);
	CHECK_STR(w->mem.v[3].session, TWO);
	CHECK_STR(w->mem.v[3].provider, "openai");
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "codex")->unchanged == 2);
}

static void
a_counter_behind_a_cut_line_counts(struct world *w)
{
	plain(w);
	world_add(w, F1, "{\"timestamp\":\"2026-11-10T10:01:20.000Z\",\"ty");
	count(w, F1, "10:03:10.000Z", &t1, &t1);
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	CHECK(world_tally(w, "codex")->bad == 1);
}

static void
odd_counts_do_no_harm(struct world *w)
{
	const struct count odd = { 10, 50, 5, 90, 0 };

	meta(w, F1, "10:00:00.000Z", ONE, "");
	count(w, F1, "10:00:10.000Z", NULL, &odd);
	put_line(w, F1, "10:00:11.000Z", "event_msg",
	    "{\"type\":\"token_count\",\"info\":{\"last_token_usage\":"
	    "{\"input_tokens\":-4}}}");
	put_line(w, F1, "10:00:12.000Z", "event_msg", "null");
	put_line(w, F1, "10:00:13.000Z", "session_meta", "[]");
	put_line(w, F1, "noon", "turn_context", "{}");
	world_add(w, F1, "{}\n[]\n7\n");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].input_tokens == 0);
	CHECK(w->mem.v[0].cache_read_tokens == 10);
	CHECK(w->mem.v[0].reasoning_tokens == 5);
	CHECK(world_tally(w, "codex")->bad == 2);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		calls_are_what_moves_the_total,
		a_total_alone_is_a_difference,
		a_full_context_is_no_call,
		model_and_tier_change_on_the_way,
		history_in_forks_is_not_used_again,
		without_turn_ids_a_pause_ends_the_history,
		without_turn_ids_the_parents_file_tells,
		a_parent_that_went_on_takes_nothing,
		a_compaction_by_the_server_is_a_call,
		a_compaction_that_the_counter_knows_is_none,
		without_a_model_it_is_said,
		folders_of_other_systems_are_kept,
		helpers_have_a_name,
		a_session_is_named_by_its_file_too,
		captures_are_counted_by_run,
		captured_threads_are_counters,
		moved_and_copied_files_are_the_same_calls,
		state_is_carried_from_run_to_run,
		a_counter_behind_a_cut_line_counts,
		odd_counts_do_no_harm,
	};

	for (size_t i = 0; i < TK_LEN(tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
