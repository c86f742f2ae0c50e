#include "provider/claude_status.h"

#include <string.h>

#include "provider/provider_int.h"

static void
read_model(struct json_scan *s, struct claude_status *c)
{
	struct json_text key;

	if (json_scan_peek(s) == JSON_IS_TEXT) {
		provider_read_text(s, c->model_id, sizeof(c->model_id));
		return;
	}
	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "id"))
			provider_read_text(s, c->model_id, sizeof(c->model_id));
		else if (json_text_is(&key, "display_name"))
			provider_read_text(s, c->model, sizeof(c->model));
		else
			json_scan_skip(s);
}

static void
read_workspace(struct json_scan *s, struct claude_status *c)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "project_dir"))
			provider_read_text(s, c->project, sizeof(c->project));
		else
			json_scan_skip(s);
}

static void
read_cost(struct json_scan *s, struct claude_status *c)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "total_cost_usd"))
			c->has_cost = provider_read_decimal(s, &c->cost);
		else
			json_scan_skip(s);
}

static void
read_count(struct json_scan *s, int64_t *n)
{
	int64_t read;

	if (json_scan_int(s, &read) > 0 && read >= 0)
		*n = read;
}

static void
read_context(struct json_scan *s, struct claude_status *c)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "used_percentage"))
			provider_read_percent(s, &c->context_used);
		else if (json_text_is(&key, "total_input_tokens"))
			read_count(s, &c->context_tokens);
		else if (json_text_is(&key, "context_window_size"))
			read_count(s, &c->context_size);
		else
			json_scan_skip(s);
}

static void
read_limit(struct json_scan *s, const struct json_text *name,
    struct claude_status *c, int64_t now)
{
	struct provider_limit one = { .used = -1, .seen_at = now };
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "used_percentage"))
			provider_read_percent(s, &one.used);
		else if (json_text_is(&key, "resets_at"))
			provider_read_time(s, &one.resets_at);
		else
			json_scan_skip(s);
	if (one.used < 0 || name->escaped || name->n >= sizeof(one.name))
		return;
	for (size_t i = 0; i < name->n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_",
			name->p[i]) == NULL ||
		    name->p[i] == '\0')
			return;
	memcpy(one.name, name->p, name->n);
	if (one.name[0] != '\0')
		provider_limits_put(&c->limits, &one);
}

static void
read_limits(struct json_scan *s, struct claude_status *c, int64_t now)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		read_limit(s, &key, c, now);
}

static void
read_member(struct json_scan *s, const struct json_text *key,
    struct claude_status *c, int64_t now)
{
	if (json_text_is(key, "session_id"))
		provider_read_text(s, c->session, sizeof(c->session));
	else if (json_text_is(key, "version"))
		provider_read_text(s, c->version, sizeof(c->version));
	else if (json_text_is(key, "model"))
		read_model(s, c);
	else if (json_text_is(key, "workspace"))
		read_workspace(s, c);
	else if (json_text_is(key, "cost"))
		read_cost(s, c);
	else if (json_text_is(key, "context_window"))
		read_context(s, c);
	else if (json_text_is(key, "rate_limits"))
		read_limits(s, c, now);
	else if (json_text_is(key, "cwd") && c->project[0] == '\0')
		provider_read_text(s, c->project, sizeof(c->project));
	else
		json_scan_skip(s);
}

int
claude_status_read(struct claude_status *c, const char *text, size_t len,
    int64_t now, struct tk_err *err)
{
	struct json_scan s;
	struct json_text key;

	*c = (struct claude_status){ .context_used = -1,
		.context_tokens = -1,
		.context_size = -1 };
	json_scan_init(&s, text, len);
	if (json_scan_object(&s) <= 0)
		return tk_fail(err, TK_DATA,
		    "standard input is no JSON object");
	while (json_scan_key(&s, &key))
		read_member(&s, &key, c, now);
	if (c->model[0] == '\0')
		memcpy(c->model, c->model_id, sizeof(c->model) - 1);
	if (c->context_used < 0 && c->context_size > 0 &&
	    c->context_tokens >= 0)
		c->context_used = (int64_t)((tk_int128)c->context_tokens *
		    1000000 / c->context_size);
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "standard input: %s at byte %zu",
		    s.wrong != NULL ? s.wrong : "more than one value",
		    (size_t)(s.at - s.start));
	return 0;
}
