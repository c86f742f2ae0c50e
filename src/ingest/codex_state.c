/* What a Codex importer knows between lines, and from run to run. */
#include "ingest/codex_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
codex_set_text(char **to, struct reader *rd, const struct json_text *t)
{
	if (t->n == 0)
		return;
	tk_buf_reset(&rd->scratch);
	json_text_add(t, &rd->scratch);
	free(*to);
	*to = tk_xstrdup(rd->scratch.s);
}

bool
codex_read_counts(struct json_scan *s, struct codex_counts *c,
    const char **wrong)
{
	const struct {
		const char *key;
		int64_t *to;
	} members[] = {
		{ "input_tokens", &c->input },
		{ "cached_input_tokens", &c->cached },
		{ "cache_write_input_tokens", &c->cache_write },
		{ "output_tokens", &c->output },
		{ "reasoning_output_tokens", &c->reasoning },
		{ "total_tokens", &c->total },
	};
	struct json_text key;
	bool total = false;

	*c = (struct codex_counts){ 0 };
	if (json_scan_object(s) <= 0)
		return false;
	while (json_scan_key(s, &key)) {
		size_t i = 0;
		int64_t n = 0;

		while (
		    i < TK_LEN(members) && !json_text_is(&key, members[i].key))
			i++;
		if (i == TK_LEN(members)) {
			json_scan_skip(s);
			continue;
		}
		if (json_scan_int(s, &n) < 0 || n < 0)
			*wrong = members[i].key;
		*members[i].to = n;
		total = total || members[i].to == &c->total;
	}
	if (!total && __builtin_add_overflow(c->input, c->output, &c->total))
		*wrong = "total_tokens";
	return true;
}

bool
codex_read_info(struct json_scan *s, struct codex_info *info)
{
	struct json_text key;

	*info = (struct codex_info){ .wrong = NULL };
	if (json_scan_object(s) <= 0)
		return false;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "total_token_usage"))
			info->has_total =
			    codex_read_counts(s, &info->total, &info->wrong);
		else if (json_text_is(&key, "last_token_usage"))
			info->has_last =
			    codex_read_counts(s, &info->last, &info->wrong);
		else if (json_text_is(&key, "model"))
			json_scan_text(s, &info->model);
		else
			json_scan_skip(s);
	}
	return true;
}

static void
add_counts(struct tk_buf *b, const struct codex_counts *c)
{
	tk_buf_addf(b,
	    "{\"input_tokens\":%" PRId64 ",\"cached_input_tokens\":%" PRId64
	    ",\"cache_write_input_tokens\":%" PRId64
	    ",\"output_tokens\":%" PRId64
	    ",\"reasoning_output_tokens\":%" PRId64 ",\"total_tokens\":%" PRId64
	    "}",
	    c->input, c->cached, c->cache_write, c->output, c->reasoning,
	    c->total);
}

/* The oldest first. */
static void
carry_responses(const struct codex_state *st, struct tk_buf *b)
{
	const char *comma = "";

	tk_buf_adds(b, ",\"responses\":[");
	for (int i = 0; i < RESPONSES; i++) {
		const struct codex_response *r =
		    &st->responses[(st->next + i) % RESPONSES];

		if (r->id == NULL)
			continue;
		tk_buf_addf(b, "%s{\"id\":", comma);
		carry_add_text(b, r->id);
		tk_buf_addf(b, ",\"time\":%" PRId64 ",\"used\":", r->time);
		add_counts(b, &r->used);
		tk_buf_adds(b, "}");
		comma = ",";
	}
	tk_buf_adds(b, "]");
}

void
codex_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct codex_state *st = rd->state;
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "session", st->session },
		{ "cwd", st->cwd },
		{ "model", st->model },
		{ "provider", st->provider },
		{ "tier", st->tier },
		{ "agent", st->agent },
		{ "parent", st->parent },
	};
	const struct {
		const char *key;
		bool value;
	} flags[] = {
		{ "counted", st->counted },
		{ "copying", st->copying },
		{ "paused", st->paused },
		{ "dated", st->dated },
		{ "capture", st->capture },
	};

	tk_buf_addf(b,
	    "{\"born\":%" PRId64 ",\"forked\":%" PRId64 ",\"latest\":%" PRId64
	    ",\"matched\":%" PRId64,
	    st->born, st->forked, st->latest, st->matched);
	for (size_t i = 0; i < TK_LEN(flags); i++)
		if (flags[i].value)
			tk_buf_addf(b, ",\"%s\":true", flags[i].key);
	tk_buf_adds(b, ",\"before\":");
	add_counts(b, &st->before);
	carry_responses(st, b);
	for (size_t i = 0; i < TK_LEN(texts); i++) {
		if (texts[i].value == NULL)
			continue;
		tk_buf_addf(b, ",\"%s\":", texts[i].key);
		carry_add_text(b, texts[i].value);
	}
	tk_buf_adds(b, "}");
}

static void
read_response(struct reader *rd, struct json_scan *s)
{
	struct codex_state *st = rd->state;
	struct codex_response *r = &st->responses[st->next];
	struct json_text key, id = { 0 };
	const char *wrong = NULL;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "id"))
			json_scan_text(s, &id);
		else if (json_text_is(&key, "time"))
			json_scan_int(s, &r->time);
		else if (json_text_is(&key, "used"))
			codex_read_counts(s, &r->used, &wrong);
		else
			json_scan_skip(s);
	}
	codex_set_text(&r->id, rd, &id);
	st->next = (st->next + 1) % RESPONSES;
}

static void
read_responses(struct reader *rd, struct json_scan *s)
{
	if (json_scan_array(s) > 0)
		while (json_scan_item(s))
			read_response(rd, s);
}

static bool
read_flag(struct codex_state *st, struct json_scan *s,
    const struct json_text *key)
{
	const struct {
		const char *key;
		bool *to;
	} flags[] = {
		{ "counted", &st->counted },
		{ "copying", &st->copying },
		{ "paused", &st->paused },
		{ "dated", &st->dated },
		{ "capture", &st->capture },
	};

	for (size_t i = 0; i < TK_LEN(flags); i++) {
		if (!json_text_is(key, flags[i].key))
			continue;
		json_scan_bool(s, flags[i].to);
		return true;
	}
	return false;
}

static void
read_carried(struct reader *rd, struct json_scan *s,
    const struct json_text *key)
{
	struct codex_state *st = rd->state;
	const struct {
		const char *key;
		char **to;
	} texts[] = {
		{ "session", &st->session },
		{ "cwd", &st->cwd },
		{ "model", &st->model },
		{ "provider", &st->provider },
		{ "tier", &st->tier },
		{ "agent", &st->agent },
		{ "parent", &st->parent },
	};
	struct json_text value;
	const char *wrong = NULL;

	for (size_t i = 0; i < TK_LEN(texts); i++) {
		if (!json_text_is(key, texts[i].key))
			continue;
		if (json_scan_text(s, &value) > 0)
			codex_set_text(texts[i].to, rd, &value);
		return;
	}
	if (read_flag(st, s, key))
		return;
	if (json_text_is(key, "born"))
		json_scan_int(s, &st->born);
	else if (json_text_is(key, "forked"))
		json_scan_int(s, &st->forked);
	else if (json_text_is(key, "latest"))
		json_scan_int(s, &st->latest);
	else if (json_text_is(key, "before"))
		codex_read_counts(s, &st->before, &wrong);
	else if (json_text_is(key, "matched"))
		json_scan_int(s, &st->matched);
	else if (json_text_is(key, "responses"))
		read_responses(rd, s);
	else
		json_scan_skip(s);
}

void
codex_close(struct reader *rd)
{
	struct codex_state *st = rd->state;

	free(st->session);
	free(st->cwd);
	free(st->model);
	free(st->provider);
	free(st->tier);
	free(st->agent);
	free(st->parent);
	for (int i = 0; i < RESPONSES; i++)
		free(st->responses[i].id);
	free(st->history);
	ids_release(&st->captured);
	*st = (struct codex_state){ 0 };
}

bool
codex_open(struct reader *rd, const char *carry)
{
	const struct codex_state *st = rd->state;
	struct json_text key;
	struct json_scan s;

	if (carry == NULL)
		return true;
	json_scan_init(&s, carry, strlen(carry));
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key))
			read_carried(rd, &s, &key);
	/* what a capture has given is known by reading it */
	if (json_scan_end(&s) && !st->capture)
		return true;
	codex_close(rd); /* read it all again, for its state */
	return false;
}
