/*
 * Codex CLI: ~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl, and
 * archived_sessions, where files are moved to.
 *
 * Every line is {"timestamp", "type", "payload"}.  A token_count says what
 * the thread has used so far and what the last response used.  It is written
 * again, unchanged, whenever limits are refreshed: only a total that moved
 * is a call.  A forked or spawned session begins with a copy of its parent's
 * history under new timestamps, which is passed over: turns have ids
 * (UUIDv7) that hold their time, and copied turns are older than the session
 * they are in.  Where ids say nothing, the copy is what was written in one
 * go, with no pause of more than a second.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/codex_state.h"
#include "ingest/hash.h"
#include "ingest/run.h"

static const char fallback_model[] = "gpt-5";

/* Which model "codex-auto-review" was, from when on (UTC). */
static const struct {
	const char *since, *model;
} auto_review[] = {
	{ "2026-02-05T00:00:00Z", "gpt-5.3-codex" },
	{ "2026-03-05T00:00:00Z", "gpt-5.4" },
	{ "2026-04-23T00:00:00Z", "gpt-5.5" },
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The time in a UUID of version 7 (RFC 9562), or -1. */
static int64_t
uuid7_time(const struct json_text *t)
{
	int64_t ms = 0;

	if (t->n != 36 || t->p[14] != '7')
		return -1;
	for (int i = 0; i < 13; i++) {
		int d = hex_digit(t->p[i]);

		if (i == 8)
			continue;
		if (d < 0)
			return -1;
		ms = ms << 4 | d;
	}
	return ms;
}

/* What was used since: a counter that fell has begun anew. */
static struct codex_counts
difference(const struct codex_counts *now, const struct codex_counts *before)
{
	struct codex_counts d = *now;
	int64_t *to[] = { &d.input, &d.cached, &d.cache_write, &d.output,
		&d.reasoning, &d.total };
	const int64_t from[] = { before->input, before->cached,
		before->cache_write, before->output, before->reasoning,
		before->total };

	if (now->total < before->total)
		return d;
	for (size_t i = 0; i < TK_LEN(to); i++)
		*to[i] -= *to[i] < from[i] ? *to[i] : from[i];
	return d;
}

static bool
is_same(const struct codex_counts *a, const struct codex_counts *b)
{
	return a->input == b->input && a->cached == b->cached &&
	    a->cache_write == b->cache_write && a->output == b->output &&
	    a->reasoning == b->reasoning && a->total == b->total;
}

static const char *
model_at(const struct codex_state *st, int64_t time)
{
	const char *model = st->model != NULL ? st->model : fallback_model;

	if (strcmp(model, "codex-auto-review") != 0)
		return model;
	for (size_t i = 0; i < TK_LEN(auto_review); i++) {
		const char *since = auto_review[i].since;
		int64_t ms;

		if (tk_time_parse(since, strlen(since), NULL, &ms) &&
		    time >= ms)
			model = auto_review[i].model;
	}
	return model;
}

/* A rollout has no ids of calls, but no two calls agree in all of this. */
static const char *
identity(struct reader *rd, int64_t time, const char *model,
    const struct codex_counts *c)
{
	struct tk_buf *b = &rd->scratch;
	struct hash128 h;

	tk_buf_reset(b);
	tk_buf_addf(b,
	    "%" PRId64 " %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
	    " %" PRId64,
	    time, model, c->input, c->cached, c->output, c->reasoning,
	    c->total);
	h = hash_bytes(b->s, b->len);
	tk_buf_reset(b);
	tk_buf_adds(b, "codex:");
	hash_add(&h, b);
	return batch_text(rd->batch, b->s, b->len);
}

static const char *
kept(struct reader *rd, const char *text)
{
	struct json_text t = { text, text != NULL ? strlen(text) : 0, false };

	return reader_name(rd, &t);
}

static int64_t
at_most(int64_t n, int64_t most)
{
	return n < most ? n : most;
}

static void
give(struct reader *rd, int64_t time, const struct codex_counts *c)
{
	const struct codex_state *st = rd->state;
	const char *model = model_at(st, time);
	struct usage_record r;

	record_init(&r);
	r.time = time;
	r.application = "codex";
	r.model = kept(rd, model);
	r.provider = kept(rd, st->provider);
	r.session = kept(rd, st->session);
	r.project = kept(rd, st->cwd);
	/* input counts what came from the cache and what went into it */
	r.cache_read_tokens = at_most(c->cached, c->input);
	r.cache_write_other_tokens =
	    at_most(c->cache_write, c->input - r.cache_read_tokens);
	r.input_tokens =
	    c->input - r.cache_read_tokens - r.cache_write_other_tokens;
	r.output_tokens = c->output;
	r.reasoning_tokens = at_most(c->reasoning, c->output);
	if (st->tier != NULL &&
	    (strcmp(st->tier, "fast") == 0 ||
		strcmp(st->tier, "priority") == 0))
		r.tier = TIER_PRIORITY;
	else if (st->tier != NULL && strcmp(st->tier, "flex") == 0)
		r.tier = TIER_FLEX;
	r.request_id = identity(rd, time, model, c);
	reader_give(rd, &r);
}

/* {"total_token_usage", "last_token_usage", "model"}, or null. */
static void
read_info(struct reader *rd, struct json_scan *s, int64_t time)
{
	struct codex_state *st = rd->state;
	struct codex_counts total = { 0 }, last = { 0 };
	bool has_total = false, has_last = false;
	struct json_text key, model = { 0 };
	const char *wrong = NULL;

	if (json_scan_object(s) <= 0) {
		reader_skip(rd, SKIP_OTHER); /* limits only */
		return;
	}
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "total_token_usage"))
			has_total = codex_read_counts(s, &total, &wrong);
		else if (json_text_is(&key, "last_token_usage"))
			has_last = codex_read_counts(s, &last, &wrong);
		else if (json_text_is(&key, "model"))
			json_scan_text(s, &model);
		else
			json_scan_skip(s);
	}
	codex_set_text(&st->model, rd, &model);
	if (wrong != NULL) {
		reader_bad(rd, "%s is no count", wrong);
		return;
	}
	if (!has_total && !has_last) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (has_total && st->counted && is_same(&total, &st->before)) {
		reader_skip(rd, SKIP_REPEATED);
		return;
	}
	if (!has_last)
		last = difference(&total, &st->before);
	if (has_total) {
		st->before = total;
		st->counted = true;
	}
	if (st->copying)
		reader_skip(rd, SKIP_REPLAYED);
	else if (last.input == 0 && last.output == 0)
		reader_skip(rd, SKIP_OTHER); /* a full context, not a call */
	else
		give(rd, time, &last);
}

/* A turn that is not older than the session is its own. */
static void
read_turn(struct codex_state *st, const struct json_text *id)
{
	int64_t ms = uuid7_time(id);

	if (ms < 0)
		return;
	st->dated = true;
	if (ms >= st->born)
		st->copying = false;
}

static void
read_turn_context(struct reader *rd, struct json_scan *s)
{
	struct codex_state *st = rd->state;
	struct json_text key, model = { 0 }, cwd = { 0 }, turn = { 0 };

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "model"))
			json_scan_text(s, &model);
		else if (json_text_is(&key, "cwd"))
			json_scan_text(s, &cwd);
		else if (json_text_is(&key, "turn_id"))
			json_scan_text(s, &turn);
		else
			json_scan_skip(s);
	}
	codex_set_text(&st->model, rd, &model);
	codex_set_text(&st->cwd, rd, &cwd);
	read_turn(st, &turn);
}

/* "service_tier" of the settings that apply from now on. */
static void
read_settings(struct reader *rd, struct json_scan *s)
{
	struct codex_state *st = rd->state;
	struct json_text key, tier = { 0 };

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "service_tier"))
			json_scan_text(s, &tier);
		else
			json_scan_skip(s);
	}
	if (tier.n > 0) {
		codex_set_text(&st->tier, rd, &tier);
	} else {
		free(st->tier);
		st->tier = NULL;
	}
}

static void
read_event(struct reader *rd, const struct json_text *payload, int64_t time)
{
	struct codex_state *st = rd->state;
	struct json_text key, type = { 0 }, info = { 0 }, settings = { 0 };
	struct json_text turn = { 0 }, model = { 0 };
	struct json_scan s;

	json_scan_init(&s, payload->p, payload->n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key)) {
			if (json_text_is(&key, "type"))
				json_scan_text(&s, &type);
			else if (json_text_is(&key, "info"))
				json_scan_raw(&s, &info);
			else if (json_text_is(&key, "thread_settings"))
				json_scan_raw(&s, &settings);
			else if (json_text_is(&key, "turn_id"))
				json_scan_text(&s, &turn);
			else if (json_text_is(&key, "model"))
				json_scan_text(&s, &model);
			else
				json_scan_skip(&s);
		}
	if (json_text_is(&type, "token_count")) {
		codex_set_text(&st->model, rd, &model);
		json_scan_init(&s, info.p, info.n);
		read_info(rd, &s, time);
		return;
	}
	if (json_text_is(&type, "task_started"))
		read_turn(st, &turn);
	if (json_text_is(&type, "thread_settings_applied")) {
		json_scan_init(&s, settings.p, settings.n);
		read_settings(rd, &s);
	}
	reader_skip(rd, SKIP_OTHER);
}

/* source.subagent.thread_spawn is there. */
static bool
is_spawned(struct json_scan *s)
{
	static const char *const path[] = { "subagent", "thread_spawn" };
	struct json_text key;
	bool found = false;
	size_t depth = 0;

	while (json_scan_object(s) > 0) {
		bool in = false;

		while (!in && json_scan_key(s, &key)) {
			in = json_text_is(&key, path[depth]);
			if (!in)
				json_scan_skip(s);
		}
		if (!in)
			break;
		if (++depth == TK_LEN(path)) {
			found = json_scan_peek(s) == JSON_IS_OBJECT;
			break;
		}
	}
	return found;
}

/* The first one is the session's own; in a fork the parent's follows. */
static void
read_meta(struct reader *rd, const struct json_text *payload, int64_t time)
{
	struct codex_state *st = rd->state;
	struct json_text key, id = { 0 }, cwd = { 0 }, provider = { 0 };
	struct json_text forked = { 0 }, parent = { 0 }, source = { 0 };
	struct json_scan s;

	if (st->session != NULL)
		return;
	json_scan_init(&s, payload->p, payload->n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "id"))
			json_scan_text(&s, &id);
		else if (json_text_is(&key, "cwd"))
			json_scan_text(&s, &cwd);
		else if (json_text_is(&key, "model_provider"))
			json_scan_text(&s, &provider);
		else if (json_text_is(&key, "forked_from_id"))
			json_scan_text(&s, &forked);
		else if (json_text_is(&key, "parent_thread_id"))
			json_scan_text(&s, &parent);
		else if (json_text_is(&key, "source"))
			json_scan_raw(&s, &source);
		else
			json_scan_skip(&s);
	}
	codex_set_text(&st->session, rd, &id);
	codex_set_text(&st->cwd, rd, &cwd);
	codex_set_text(&st->provider, rd, &provider);
	st->born = uuid7_time(&id);
	if (st->born < 0)
		st->born = time;
	st->latest = time;
	json_scan_init(&s, source.p, source.n);
	st->copying = forked.n > 0 || parent.n > 0 || is_spawned(&s);
}

/* A pause ends a copy, where the ids of turns cannot tell. */
static void
watch_for_pause(struct codex_state *st, int64_t time)
{
	if (st->copying && !st->dated && time - st->latest > 1000)
		st->copying = false;
	if (time > st->latest)
		st->latest = time;
}

static void
codex_line(struct reader *rd, const char *text, size_t n)
{
	struct codex_state *st = rd->state;
	struct json_text key, time = { "", 0, false }, type = { 0 };
	struct json_text payload = { 0 };
	struct json_scan s;
	int64_t ms;

	json_scan_init(&s, text, n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key)) {
			if (json_text_is(&key, "timestamp"))
				json_scan_text(&s, &time);
			else if (json_text_is(&key, "type"))
				json_scan_text(&s, &type);
			else if (json_text_is(&key, "payload"))
				json_scan_raw(&s, &payload);
			else
				json_scan_skip(&s);
		}
	if (!json_scan_end(&s)) {
		reader_bad(rd, "JSON: byte %zu: %s", (size_t)(s.at - s.start),
		    s.wrong);
		return;
	}
	if (payload.n == 0) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!tk_time_parse(time.p, time.n, NULL, &ms)) {
		reader_bad(rd, "timestamp: '%.*s' is no time",
		    time.n > 40 ? 40 : (int)time.n, time.p);
		return;
	}
	watch_for_pause(st, ms);
	if (json_text_is(&type, "event_msg")) {
		read_event(rd, &payload, ms);
		return;
	}
	if (json_text_is(&type, "session_meta")) {
		read_meta(rd, &payload, ms);
	} else if (json_text_is(&type, "turn_context")) {
		json_scan_init(&s, payload.p, payload.n);
		read_turn_context(rd, &s);
	}
	reader_skip(rd, SKIP_OTHER);
}

static void
codex_places(struct walk *w)
{
	const char *set = walk_env("CODEX_HOME");
	const char *home = walk_home();

	if (set == NULL && home == NULL)
		return;
	walk_place(w, "%s%s/sessions", set != NULL ? set : home,
	    set != NULL ? "" : "/.codex");
	walk_place(w, "%s%s/archived_sessions", set != NULL ? set : home,
	    set != NULL ? "" : "/.codex");
}

static bool
codex_wants(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	size_t n = strlen(base);

	return n > 14 && strncmp(base, "rollout-", 8) == 0 &&
	    strcmp(base + n - 6, ".jsonl") == 0;
}

/* The first line that is there has the three members of all lines. */
static enum probe
codex_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	const char *end = memchr(head, '\n', n);
	size_t len = end != NULL ? (size_t)(end - head) : n;
	struct json_text key;
	struct json_scan s;
	int found = 0;

	(void)o, (void)path;
	head = trim_line(head, &len);
	json_scan_init(&s, head, len);
	if (json_scan_object(&s) <= 0)
		return PROBE_NO;
	while (json_scan_key(&s, &key)) {
		found += json_text_is(&key, "timestamp") ||
		    json_text_is(&key, "type") || json_text_is(&key, "payload");
		json_scan_skip(&s);
	}
	return found == 3 ? PROBE_LIKELY : PROBE_NO;
}

const struct importer importer_codex = {
	.name = "codex",
	.title = "Codex CLI",
	.version = 1,
	.state_size = sizeof(struct codex_state),
	.places = codex_places,
	.wants = codex_wants,
	.probe = codex_probe,
	.open = codex_open,
	.line = codex_line,
	.carry = codex_carry,
	.close = codex_close,
};
