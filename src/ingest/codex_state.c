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

void
codex_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct codex_state *st = rd->state;
	const struct codex_counts *c = &st->before;
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "session", st->session },
		{ "cwd", st->cwd },
		{ "model", st->model },
		{ "provider", st->provider },
		{ "tier", st->tier },
	};

	tk_buf_addf(b,
	    "{\"counted\":%s,\"copying\":%s,\"dated\":%s,"
	    "\"born\":%" PRId64 ",\"latest\":%" PRId64,
	    st->counted ? "true" : "false", st->copying ? "true" : "false",
	    st->dated ? "true" : "false", st->born, st->latest);
	tk_buf_addf(b,
	    ",\"before\":{\"input_tokens\":%" PRId64
	    ",\"cached_input_tokens\":%" PRId64
	    ",\"cache_write_input_tokens\":%" PRId64
	    ",\"output_tokens\":%" PRId64
	    ",\"reasoning_output_tokens\":%" PRId64 ",\"total_tokens\":%" PRId64
	    "}",
	    c->input, c->cached, c->cache_write, c->output, c->reasoning,
	    c->total);
	for (size_t i = 0; i < TK_LEN(texts); i++) {
		if (texts[i].value == NULL)
			continue;
		tk_buf_addf(b, ",\"%s\":", texts[i].key);
		carry_add_text(b, texts[i].value);
	}
	tk_buf_adds(b, "}");
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
	if (json_text_is(key, "counted"))
		json_scan_bool(s, &st->counted);
	else if (json_text_is(key, "copying"))
		json_scan_bool(s, &st->copying);
	else if (json_text_is(key, "dated"))
		json_scan_bool(s, &st->dated);
	else if (json_text_is(key, "born"))
		json_scan_int(s, &st->born);
	else if (json_text_is(key, "latest"))
		json_scan_int(s, &st->latest);
	else if (json_text_is(key, "before"))
		codex_read_counts(s, &st->before, &wrong);
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
	*st = (struct codex_state){ 0 };
}

bool
codex_open(struct reader *rd, const char *carry)
{
	struct json_text key;
	struct json_scan s;

	if (carry == NULL)
		return true;
	json_scan_init(&s, carry, strlen(carry));
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key))
			read_carried(rd, &s, &key);
	if (json_scan_end(&s))
		return true;
	codex_close(rd); /* read it all again, for its state */
	return false;
}
