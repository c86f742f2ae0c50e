#include <inttypes.h>

#include "mem_sink.h"
#include "tap.h"

#define DAY ".codex/sessions/2026/11/10/"
#define ONE "019a6d4e-7500-7000-8000-000000000001" /* 1762764485888 ms */
#define TWO "019a6d8e-7500-7000-8000-000000000002" /* about 70 min later */
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
		moved_and_copied_files_are_the_same_calls,
		state_is_carried_from_run_to_run,
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
