#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "chat/chat_int.h"

const char *
chat_api_name(enum chat_api api)
{
	switch (api) {
	case CHAT_COMPLETIONS:
		return "openai";
	case CHAT_RESPONSES:
		return "openai-responses";
	case CHAT_ANTHROPIC:
		return "anthropic";
	case CHAT_GEMINI:
		return "gemini";
	}
	return "";
}

bool
chat_is_null(struct json_text raw)
{
	return raw.p == NULL || (raw.n == 4 && memcmp(raw.p, "null", 4) == 0);
}

int
chat_read_text(const struct chat_request *r, struct json_text raw,
    const char *what, struct json_text *to, struct tk_err *err)
{
	if (chat_is_null(raw) || chat_text_of(raw, to))
		return 0;
	return tk_fail(err, TK_DATA, "byte %td: '%s' is no text",
	    raw.p - r->text, what);
}

/* The members of a request that matter; raw, p NULL when not there. */
struct document {
	struct json_text model, messages, input, contents;
	struct json_text system, instructions, system_instruction;
	struct json_text tools, functions, tool_choice;
	/* Where the form of the answer may be. */
	struct json_text generation, format, text, output;
	bool max_tokens, version; /* as Anthropic has them */
};

static void
take_member(struct document *d, const struct json_text *key,
    struct json_text raw)
{
	const struct {
		const char *key;
		struct json_text *to;
	} members[] = {
		{ "model", &d->model },
		{ "messages", &d->messages },
		{ "input", &d->input },
		{ "contents", &d->contents },
		{ "system", &d->system },
		{ "instructions", &d->instructions },
		{ "systemInstruction", &d->system_instruction },
		{ "system_instruction", &d->system_instruction },
		{ "tools", &d->tools },
		{ "functions", &d->functions },
		{ "tool_choice", &d->tool_choice },
		{ "generationConfig", &d->generation },
		{ "generation_config", &d->generation },
		{ "response_format", &d->format },
		{ "text", &d->text },
		{ "output_format", &d->output },
		{ "output_config", &d->output },
	};

	for (size_t i = 0; i < TK_LEN(members); i++)
		if (json_text_is(key, members[i].key))
			*members[i].to = raw;
	d->version = d->version || json_text_is(key, "anthropic_version");
	d->max_tokens = d->max_tokens || json_text_is(key, "max_tokens");
}

static bool
says(struct json_text raw, const char *word)
{
	return raw.p != NULL && memmem(raw.p, raw.n, word, strlen(word));
}

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n", *at) != NULL)
		at++;
	return at;
}

/* Whether a member has that name and is not null, at any depth: quoted, before
 * a colon.  Within a text the quotes would have backslashes. */
static bool
has_key(struct json_text raw, const char *quoted)
{
	size_t n = strlen(quoted);
	const char *end, *at = raw.p;

	if (at == NULL)
		return false;
	end = at + raw.n;
	while ((at = memmem(at, (size_t)(end - at), quoted, n)) != NULL) {
		at = skip_space(at + n, end);
		if (at == end || *at != ':')
			continue;
		at = skip_space(at + 1, end);
		if (end - at < 4 || memcmp(at, "null", 4) != 0)
			return true;
	}
	return false;
}

static bool
begins(struct json_text raw, const char *word)
{
	return raw.n > strlen(word) &&
	    memcmp(raw.p + 1, word, strlen(word)) == 0;
}

static enum chat_api
guess_api(const struct document *d)
{
	if (d->contents.p != NULL)
		return CHAT_GEMINI;
	if (d->messages.p == NULL && d->input.p != NULL)
		return CHAT_RESPONSES;
	if (d->system.p != NULL || d->version ||
	    has_key(d->tools, "\"input_schema\"") ||
	    has_key(d->messages, "\"tool_use_id\"") ||
	    has_key(d->messages, "\"source\""))
		return CHAT_ANTHROPIC;
	/* Claude is also asked in the way of OpenAI. */
	if (begins(d->model, "claude") && d->max_tokens &&
	    !says(d->messages, "\"system\"") &&
	    !has_key(d->messages, "\"tool_calls\""))
		return CHAT_ANTHROPIC;
	return CHAT_COMPLETIONS;
}

/* Instructions outside of the messages. */
static void
add_outside(struct chat_request *r, struct json_text raw)
{
	struct chat_message *m;

	if (chat_is_null(raw))
		return;
	m = chat_add_message(r, raw);
	m->role = CHAT_SYSTEM;
	m->outside = true;
	/* Gemini's is {"parts": [...]}; the others' is a content. */
	if (r->api == CHAT_GEMINI && *raw.p == '{') {
		struct json_scan s;
		struct json_text key, value;

		json_scan_init(&s, raw.p, raw.n);
		if (json_scan_object(&s) <= 0)
			return;
		while (json_scan_key(&s, &key)) {
			if (!json_text_is(&key, "parts"))
				json_scan_skip(&s);
			else if (json_scan_raw(&s, &value))
				chat_add_content(r, value, 0);
		}
		return;
	}
	chat_add_content(r, raw, 0);
}

/* What the answer must be like, wherever the API has it. */
static void
read_answer(struct chat_request *r, const struct document *d)
{
	chat_read_answer(r, d->format);
	chat_read_answer(r, d->text);
	chat_read_answer(r, d->output);
	chat_read_answer(r, d->generation);
}

static int
read_list(struct chat_request *r, const struct document *d, struct tk_err *err)
{
	switch (r->api) {
	case CHAT_RESPONSES:
		return chat_read_messages(r, d->input, "input", err);
	case CHAT_GEMINI:
		return chat_read_messages(r, d->contents, "contents", err);
	case CHAT_COMPLETIONS:
	case CHAT_ANTHROPIC:
		break;
	}
	if (d->messages.p != NULL)
		return chat_read_messages(r, d->messages, "messages", err);
	tk_fail(err, TK_DATA,
	    "no 'messages', 'input' or 'contents' in the request");
	return tk_hint(err, "a request is what is sent to a chat API, as JSON");
}

static int
parse_document(struct chat_request *r, const struct document *d,
    struct tk_err *err)
{
	r->api = guess_api(d);
	if (chat_read_text(r, d->model, "model", &r->model, err) < 0)
		return -1;
	r->media_detail = chat_media_detail(d->generation);
	r->tool_forced = says(d->tool_choice, "\"any\"") ||
	    says(d->tool_choice, "\"required\"") ||
	    says(d->tool_choice, "\"tool\"") ||
	    says(d->tool_choice, "\"function\"");
	add_outside(r, d->system);
	add_outside(r, d->instructions);
	add_outside(r, d->system_instruction);
	if (read_list(r, d, err) < 0 ||
	    chat_read_tools(r, d->tools, "tools", err) < 0 ||
	    chat_read_tools(r, d->functions, "functions", err) < 0)
		return -1;
	read_answer(r, d);
	chat_find_groups(r);
	for (size_t i = 0; i < r->parts; i++)
		if (r->part[i].kind == CHAT_OTHER)
			r->unknown = true;
	return 0;
}

int
chat_parse(struct chat_request *r, const char *text, size_t len,
    struct tk_err *err)
{
	struct document d = { 0 };
	struct json_scan s;
	struct json_text key, value;
	int rc;

	*r = (struct chat_request){ .text = text, .len = len };
	json_scan_init(&s, text, len);
	if (json_scan_peek(&s) == JSON_IS_ARRAY) {
		json_scan_raw(&s, &d.messages);
	} else if (json_scan_object(&s) > 0) {
		while (json_scan_key(&s, &key))
			if (json_scan_raw(&s, &value))
				take_member(&d, &key, value);
	} else if (s.wrong == NULL) {
		return tk_fail(err, TK_DATA,
		    "a request is a JSON object, or an array of messages");
	}
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "byte %td: %s", s.at - s.start,
		    s.wrong != NULL ? s.wrong : "more than one value");
	rc = parse_document(r, &d, err);
	if (rc < 0)
		chat_release(r);
	return rc;
}

void
chat_release(struct chat_request *r)
{
	free(r->message);
	free(r->part);
	free(r->tool);
	free(r->link);
	*r = (struct chat_request){ 0 };
}
