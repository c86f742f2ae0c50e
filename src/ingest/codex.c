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
 * they are in.  Where ids say nothing, the copy is what the parent's file has
 * too, or else what was written in one go, with no pause of more than a
 * second.
 *
 * The compaction of a conversation by the server is the one call that is in
 * no token_count.  Every response may have a token_usage_record; the line
 * "compacted" names the one that was the compaction.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "ingest/codex_state.h"
#include "ingest/run.h"

/* A turn that is not older than the session is its own. */
static void
read_turn(struct codex_state *st, const struct json_text *id)
{
	int64_t ms = codex_uuid7_time(id->p, id->n);

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
		codex_token_count(rd, &s, time);
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

/*
 * "source" of a helper: {"subagent": NAME} or {"subagent": {"thread_spawn":
 * {"parent_thread_id", "agent_role"}}}.
 */
struct codex_source {
	struct json_text parent, agent;
	bool spawned;
};

static void
read_source(struct json_scan *s, struct codex_source *from)
{
	struct json_text key;

	if (json_scan_peek(s) == JSON_IS_TEXT) {
		json_scan_skip(s);
		return;
	}
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		bool spawn = json_text_is(&key, "thread_spawn");
		bool known = spawn || json_text_is(&key, "subagent");

		from->spawned |= spawn && json_scan_peek(s) == JSON_IS_OBJECT;
		if (json_text_is(&key, "parent_thread_id"))
			json_scan_text(s, &from->parent);
		else if (json_text_is(&key, "agent_role"))
			json_scan_text(s, &from->agent);
		else if (!known)
			json_scan_skip(s);
		else if (json_scan_peek(s) == JSON_IS_TEXT)
			json_scan_text(s, &from->agent);
		else
			read_source(s, from);
	}
}

/* The first one is the session's own; in a fork the parent's follows. */
static void
read_meta(struct reader *rd, const struct json_text *payload, int64_t time)
{
	struct codex_state *st = rd->state;
	struct json_text key, id = { 0 }, cwd = { 0 }, provider = { 0 };
	struct json_text forked = { 0 };
	struct codex_source from = { .spawned = false };
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
			json_scan_text(&s, &from.parent);
		else if (json_text_is(&key, "source"))
			read_source(&s, &from);
		else
			json_scan_skip(&s);
	}
	codex_set_text(&st->session, rd, &id);
	codex_set_text(&st->cwd, rd, &cwd);
	codex_set_text(&st->provider, rd, &provider);
	st->born = codex_uuid7_time(id.p, id.n);
	if (st->born < 0)
		st->born = time;
	st->forked = time;
	st->latest = time;
	codex_set_text(&st->parent, rd, &from.parent);
	codex_set_text(&st->parent, rd, &forked);
	codex_set_text(&st->agent, rd, &from.agent);
	st->copying = st->parent != NULL || from.spawned;
	if ((from.spawned || from.parent.n > 0) && st->agent == NULL)
		st->agent = tk_xstrdup("subagent");
}

/* Does a pause end a copy?  The next token_count will tell. */
static void
watch_for_pause(struct codex_state *st, int64_t time)
{
	if (st->copying && time - st->latest > 1000)
		st->paused = true;
	if (time > st->latest)
		st->latest = time;
}

struct codex_line {
	struct json_text time, type, payload;
};

static bool
read_line(struct codex_line *l, const char *text, size_t n, struct json_scan *s)
{
	struct json_text key;

	*l = (struct codex_line){ .time = { "", 0, false } };
	json_scan_init(s, text, n);
	if (json_scan_object(s) > 0)
		while (json_scan_key(s, &key)) {
			if (json_text_is(&key, "timestamp"))
				json_scan_text(s, &l->time);
			else if (json_text_is(&key, "type"))
				json_scan_text(s, &l->type);
			else if (json_text_is(&key, "payload"))
				json_scan_raw(s, &l->payload);
			else
				json_scan_skip(s);
		}
	return json_scan_end(s);
}

static void
read_payload(struct reader *rd, const struct codex_line *l, int64_t ms)
{
	struct json_scan s;

	watch_for_pause(rd->state, ms);
	if (json_text_is(&l->type, "event_msg")) {
		read_event(rd, &l->payload, ms);
		return;
	}
	if (json_text_is(&l->type, "token_usage_record")) {
		codex_response(rd, &l->payload, ms);
		return;
	}
	if (json_text_is(&l->type, "compacted")) {
		codex_compacted(rd, &l->payload);
		return;
	}
	if (json_text_is(&l->type, "session_meta")) {
		read_meta(rd, &l->payload, ms);
	} else if (json_text_is(&l->type, "turn_context")) {
		json_scan_init(&s, l->payload.p, l->payload.n);
		read_turn_context(rd, &s);
	}
	reader_skip(rd, SKIP_OTHER);
}

static void
codex_line(struct reader *rd, const char *text, size_t n)
{
	struct codex_line l;
	struct json_scan s;
	int64_t ms;

	while (!read_line(&l, text, n, &s)) {
		reader_bad(rd, "JSON: byte %zu: %s", (size_t)(s.at - s.start),
		    s.wrong);
		if (!reader_rest(&s, &text, &n))
			return;
	}
	if (l.payload.n == 0) {
		if (!codex_capture_line(rd, text, n, &l.type))
			reader_skip(rd, SKIP_OTHER);
	} else if (!tk_time_parse(l.time.p, l.time.n, NULL, &ms)) {
		reader_bad(rd, "timestamp: '%.*s' is no time",
		    l.time.n > 40 ? 40 : (int)l.time.n, l.time.p);
	} else {
		read_payload(rd, &l, ms);
	}
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

/* The first line that is there has the three members of all lines; or it is
 * one of a capture. */
static enum probe
codex_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	const char *end = memchr(head, '\n', n);
	size_t len = end != NULL ? (size_t)(end - head) : n;
	struct json_text key, type = { 0 };
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
		if (json_text_is(&key, "type"))
			json_scan_text(&s, &type);
		else
			json_scan_skip(&s);
	}
	return found == 3 || codex_is_capture(&type) ? PROBE_LIKELY : PROBE_NO;
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
