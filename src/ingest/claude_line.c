#include "ingest/claude_line.h"

static void
read_count(struct json_scan *s, const char *key, int64_t *to,
    struct claude_usage *u)
{
	int64_t n = 0;
	int got = json_scan_int(s, &n);

	if (got < 0 || n < 0)
		u->wrong = key;
	else
		*to = n;
}

static void
read_split(struct json_scan *s, struct claude_usage *u)
{
	struct json_text key;

	u->write_5m = u->write_1h = 0;
	u->split = json_scan_object(s) > 0;
	while (u->split && json_scan_key(s, &key)) {
		if (json_text_is(&key, "ephemeral_5m_input_tokens"))
			read_count(s, "ephemeral_5m_input_tokens", &u->write_5m,
			    u);
		else if (json_text_is(&key, "ephemeral_1h_input_tokens"))
			read_count(s, "ephemeral_1h_input_tokens", &u->write_1h,
			    u);
		else
			json_scan_skip(s);
	}
}

/* One count out of an object of many. */
static void
read_inner(struct json_scan *s, const char *name, int64_t *to,
    struct claude_usage *u)
{
	struct json_text key;

	*to = 0;
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, name))
			read_count(s, name, to, u);
		else
			json_scan_skip(s);
	}
}

static void
read_speed(struct json_scan *s, struct claude_usage *u)
{
	struct json_text speed;

	u->fast = json_scan_text(s, &speed) > 0 && json_text_is(&speed, "fast");
}

void
claude_usage_member(struct json_scan *s, const struct json_text *key,
    struct claude_usage *u)
{
	if (json_text_is(key, "input_tokens"))
		read_count(s, "input_tokens", &u->input, u);
	else if (json_text_is(key, "output_tokens"))
		read_count(s, "output_tokens", &u->output, u);
	else if (json_text_is(key, "cache_read_input_tokens"))
		read_count(s, "cache_read_input_tokens", &u->cache_read, u);
	else if (json_text_is(key, "cache_creation_input_tokens"))
		read_count(s, "cache_creation_input_tokens", &u->cache_write,
		    u);
	else if (json_text_is(key, "cache_creation"))
		read_split(s, u);
	else if (json_text_is(key, "output_tokens_details"))
		read_inner(s, "thinking_tokens", &u->thinking, u);
	else if (json_text_is(key, "server_tool_use"))
		read_inner(s, "web_search_requests", &u->web_searches, u);
	else if (json_text_is(key, "service_tier"))
		json_scan_text(s, &u->tier);
	else if (json_text_is(key, "speed"))
		read_speed(s, u);
	else if (json_text_is(key, "iterations"))
		json_scan_raw(s, &u->iterations);
	else
		json_scan_skip(s);
}

static bool
read_usage(struct json_scan *s, struct claude_usage *u)
{
	struct json_text key;

	*u = (struct claude_usage){ 0 };
	if (json_scan_object(s) <= 0)
		return false;
	while (json_scan_key(s, &key))
		claude_usage_member(s, &key, u);
	return true;
}

static void
read_message(struct json_scan *s, struct claude_line *l)
{
	struct json_text key;

	l->has_usage = false;
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "usage"))
			l->has_usage = read_usage(s, &l->usage);
		else if (json_text_is(&key, "id"))
			json_scan_text(s, &l->message);
		else if (json_text_is(&key, "model"))
			json_scan_text(s, &l->model);
		else
			json_scan_skip(s);
	}
}

static void
read_member(struct json_scan *s, const struct json_text *key,
    struct claude_line *l)
{
	if (json_text_is(key, "message"))
		read_message(s, l);
	else if (json_text_is(key, "type"))
		json_scan_text(s, &l->type);
	else if (json_text_is(key, "requestId"))
		json_scan_text(s, &l->request);
	else if (json_text_is(key, "sessionId"))
		json_scan_text(s, &l->session);
	else if (json_text_is(key, "cwd"))
		json_scan_text(s, &l->cwd);
	else if (json_text_is(key, "timestamp"))
		json_scan_text(s, &l->time);
	else if (json_text_is(key, "agentId"))
		json_scan_text(s, &l->agent);
	else if (json_text_is(key, "uuid"))
		json_scan_text(s, &l->uuid);
	else if (json_text_is(key, "costUSD"))
		json_scan_number(s, &l->cost);
	else if (json_text_is(key, "isSidechain"))
		json_scan_bool(s, &l->sidechain);
	else
		json_scan_skip(s);
}

bool
claude_line_read(struct claude_line *l, const char *text, size_t n,
    struct json_scan *s)
{
	struct json_text key;

	*l = (struct claude_line){ .time = { "", 0, false } };
	json_scan_init(s, text, n);
	if (json_scan_object(s) > 0)
		while (json_scan_key(s, &key))
			read_member(s, &key, l);
	return json_scan_end(s);
}
