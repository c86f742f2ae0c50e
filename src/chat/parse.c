#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
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

/* The members of a request that matter; raw, p NULL when not there. */
struct document {
	struct json_text model, messages, input, contents;
	struct json_text system, instructions, system_instruction;
	struct json_text tools, functions, tool_choice, generation;
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
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_text_is(key, members[i].key))
			*members[i].to = raw;
	d->version = d->version || json_text_is(key, "anthropic_version");
	d->max_tokens = d->max_tokens || json_text_is(key, "max_tokens");
}

/* What only Anthropic's messages and tools say. */
static bool
says(struct json_text raw, const char *word)
{
	return raw.p != NULL && memmem(raw.p, raw.n, word, strlen(word));
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
	    says(d->tools, "\"input_schema\"") ||
	    says(d->messages, "\"tool_use_id\"") ||
	    says(d->messages, "\"source\""))
		return CHAT_ANTHROPIC;
	/* Claude is also asked in the way of OpenAI. */
	if (begins(d->model, "claude") && d->max_tokens &&
	    !says(d->messages, "\"system\"") &&
	    !says(d->messages, "\"tool_calls\""))
		return CHAT_ANTHROPIC;
	return CHAT_COMPLETIONS;
}

static struct chat_message *
add_message(struct chat_request *r, struct json_text raw)
{
	struct chat_message *m;

	if (r->messages == r->message_cap) {
		r->message_cap = r->message_cap > 0 ? 2 * r->message_cap : 16;
		r->message = tk_xreallocarray(r->message, r->message_cap,
		    sizeof(*r->message));
	}
	m = &r->message[r->messages];
	*m = (struct chat_message){ .at = (size_t)(raw.p - r->text),
		.len = raw.n,
		.role = CHAT_USER,
		.group = r->messages,
		.part = r->parts };
	r->messages++;
	return m;
}

/* Instructions outside of the messages. */
static void
add_outside(struct chat_request *r, struct json_text raw)
{
	struct chat_message *m;

	if (raw.p == NULL || (raw.n == 4 && memcmp(raw.p, "null", 4) == 0))
		return;
	m = add_message(r, raw);
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

static enum chat_role
role_of(const struct json_text *t)
{
	if (json_text_is(t, "system") || json_text_is(t, "developer"))
		return CHAT_SYSTEM;
	if (json_text_is(t, "assistant") || json_text_is(t, "model"))
		return CHAT_ASSISTANT;
	if (json_text_is(t, "tool") || json_text_is(t, "function"))
		return CHAT_TOOL;
	return CHAT_USER;
}

/* The members of a message that are not its content. */
struct message_fields {
	struct json_text content, calls, call, id, type;
	bool whole; /* an item of Responses that is no message */
};

static void
take_message_member(struct chat_message *m, struct message_fields *f,
    const struct json_text *key, struct json_text raw)
{
	if (json_text_is(key, "role"))
		chat_text_of(raw, &m->role_text);
	else if (json_text_is(key, "name"))
		chat_text_of(raw, &m->name);
	else if (json_text_is(key, "content") || json_text_is(key, "parts"))
		f->content = raw;
	else if (json_text_is(key, "tool_calls"))
		f->calls = raw;
	else if (json_text_is(key, "function_call"))
		f->call = raw;
	else if (json_text_is(key, "tool_call_id"))
		chat_text_of(raw, &f->id);
	else if (json_text_is(key, "type"))
		chat_text_of(raw, &f->type);
}

/* OpenAI's first way to call one function. */
static void
add_function_call(struct chat_request *r, struct json_text raw)
{
	struct json_scan s;
	struct json_text key, text, none = { 0 };
	size_t at = r->parts;

	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_object(&s) <= 0)
		return;
	chat_add_part(r, CHAT_CALL, none, false);
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "name"))
			json_scan_text(&s, &r->part[at].text);
		else if (json_text_is(&key, "arguments") &&
		    json_scan_text(&s, &text) > 0)
			chat_add_part(r, CHAT_TEXT, text, false);
		else if (!json_text_is(&key, "arguments"))
			json_scan_skip(&s);
	}
}

/* An item of Responses may be a call or a result instead of a message. */
static bool
is_item(const struct message_fields *f)
{
	return f->type.p != NULL && !json_text_is(&f->type, "message");
}

static void
add_item(struct chat_request *r, struct json_text raw)
{
	struct chat_message *m = &r->message[r->messages - 1];
	size_t links = r->links;

	m->role = CHAT_ASSISTANT;
	m->name = (struct json_text){ 0 };
	chat_add_content(r, raw, 0);
	m = &r->message[r->messages - 1];
	if (r->links > links && r->link[links].result)
		m->role = CHAT_TOOL;
}

static int
parse_message(struct chat_request *r, struct json_text raw, size_t number,
    struct tk_err *err)
{
	struct message_fields f = { 0 };
	struct json_scan s;
	struct json_text key, value;
	struct chat_message *m;

	if (*raw.p != '{')
		return tk_fail(err, TK_DATA,
		    "byte %td: message %zu is no object", raw.p - r->text,
		    number);
	m = add_message(r, raw);
	json_scan_init(&s, raw.p, raw.n);
	json_scan_object(&s);
	while (json_scan_key(&s, &key))
		if (json_scan_raw(&s, &value))
			take_message_member(m, &f, &key, value);
	if (m->role_text.p == NULL && is_item(&f)) {
		add_item(r, raw);
		return 0;
	}
	if (m->role_text.p == NULL && r->api == CHAT_COMPLETIONS)
		return tk_fail(err, TK_DATA,
		    "byte %td: message %zu has no role", raw.p - r->text,
		    number);
	if (m->role_text.p != NULL)
		m->role = role_of(&m->role_text);
	if (m->role == CHAT_TOOL && r->api == CHAT_COMPLETIONS)
		chat_add_link(r, f.id, true);
	if (f.content.p != NULL)
		chat_add_content(r, f.content, 0);
	if (f.calls.p != NULL)
		chat_add_content(r, f.calls, 0);
	if (f.call.p != NULL)
		add_function_call(r, f.call);
	return 0;
}

/* An array of messages, or (Responses) the text of one. */
static int
parse_messages(struct chat_request *r, struct json_text raw, struct tk_err *err)
{
	struct json_scan s;
	struct json_text item;
	size_t n = 0;

	if (*raw.p == '"' && r->api != CHAT_COMPLETIONS) {
		add_message(r, raw)->outside = true;
		chat_add_content(r, raw, 0);
		return 0;
	}
	if (*raw.p == '{' && r->api == CHAT_GEMINI) {
		if (parse_message(r, raw, 1, err) < 0)
			return -1;
		r->message[r->messages - 1].outside = true;
		return 0;
	}
	if (*raw.p != '[')
		return tk_fail(err, TK_DATA,
		    "byte %td: the messages are no array", raw.p - r->text);
	json_scan_init(&s, raw.p, raw.n);
	json_scan_array(&s);
	while (json_scan_item(&s))
		if (json_scan_raw(&s, &item) &&
		    parse_message(r, item, ++n, err) < 0)
			return -1;
	return 0;
}

static struct chat_tool *
add_tool(struct chat_request *r)
{
	if (r->tools == r->tool_cap) {
		r->tool_cap = r->tool_cap > 0 ? 2 * r->tool_cap : 8;
		r->tool =
		    tk_xreallocarray(r->tool, r->tool_cap, sizeof(*r->tool));
	}
	r->tool[r->tools] = (struct chat_tool){ 0 };
	return &r->tool[r->tools++];
}

static void parse_tool(struct chat_request *r, struct json_text raw, int depth);

static void
parse_tool_array(struct chat_request *r, struct json_text raw, int depth)
{
	struct json_scan s;
	struct json_text item;

	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s))
		if (json_scan_raw(&s, &item))
			parse_tool(r, item, depth);
}

/* An array of objects, or nothing; what is the name of the member. */
static int
parse_tools(struct chat_request *r, struct json_text raw, const char *what,
    struct tk_err *err)
{
	struct json_scan s;
	struct json_text item;
	size_t n = 0;

	if (raw.p == NULL || (raw.n == 4 && memcmp(raw.p, "null", 4) == 0))
		return 0;
	if (*raw.p != '[')
		return tk_fail(err, TK_DATA, "byte %td: '%s' is no array",
		    raw.p - r->text, what);
	json_scan_init(&s, raw.p, raw.n);
	json_scan_array(&s);
	while (json_scan_item(&s) && json_scan_raw(&s, &item)) {
		n++;
		if (*item.p != '{')
			return tk_fail(err, TK_DATA,
			    "byte %td: item %zu of '%s' is no object",
			    item.p - r->text, n, what);
	}
	parse_tool_array(r, raw, 0);
	return 0;
}

static bool
is_schema(const struct json_text *key)
{
	return json_text_is(key, "parameters") ||
	    json_text_is(key, "input_schema") ||
	    json_text_is(key, "parametersJsonSchema");
}

/* {"name":...}, {"type":"function","function":{...}}, or Gemini's list. */
static void
parse_tool(struct chat_request *r, struct json_text raw, int depth)
{
	struct json_scan s;
	struct json_text key, value;
	struct chat_tool t = { 0 };
	bool inner = false;

	if (*raw.p != '{' || depth > 2)
		return;
	json_scan_init(&s, raw.p, raw.n);
	json_scan_object(&s);
	while (json_scan_key(&s, &key)) {
		if (!json_scan_raw(&s, &value))
			break;
		if (json_text_is(&key, "name")) {
			chat_text_of(value, &t.name);
		} else if (json_text_is(&key, "description")) {
			chat_text_of(value, &t.description);
		} else if (is_schema(&key)) {
			t.schema = value;
		} else if (json_text_is(&key, "function")) {
			parse_tool(r, value, depth + 1);
			inner = true;
		} else if (json_text_is(&key, "functionDeclarations") ||
		    json_text_is(&key, "function_declarations")) {
			parse_tool_array(r, value, depth + 1);
			inner = true;
		}
	}
	if (inner)
		return;
	if (t.schema.p == NULL && t.description.p == NULL) {
		t.other = raw;
		r->unknown = true;
	}
	*add_tool(r) = t;
}

static enum chat_detail
media_detail(struct json_text generation)
{
	if (says(generation, "MEDIA_RESOLUTION_LOW"))
		return CHAT_DETAIL_LOW;
	if (says(generation, "MEDIA_RESOLUTION_MEDIUM"))
		return CHAT_DETAIL_MEDIUM;
	if (says(generation, "MEDIA_RESOLUTION_ULTRA"))
		return CHAT_DETAIL_ULTRA;
	return CHAT_DETAIL_AUTO;
}

/* A result belongs to the message with its call; Gemini's, which have no
 * ids, to the last message that calls. */
static void
find_groups(struct chat_request *r)
{
	size_t call = SIZE_MAX;

	for (size_t i = 0; i < r->links; i++) {
		const struct chat_link *b = &r->link[i];

		for (size_t k = i; b->result && k-- > 0;) {
			const struct chat_link *a = &r->link[k];

			if (a->result || a->id.n != b->id.n ||
			    memcmp(a->id.p, b->id.p, a->id.n) != 0)
				continue;
			r->message[b->message].group =
			    r->message[a->message].group;
			break;
		}
	}
	for (size_t i = 0; i < r->messages && r->links == 0; i++) {
		struct chat_message *m = &r->message[i];

		for (size_t p = m->part; p < m->part + m->parts; p++) {
			if (r->part[p].kind == CHAT_CALL)
				call = i;
			if (r->part[p].kind == CHAT_RESULT && call != SIZE_MAX)
				m->group = r->message[call].group;
		}
		if (m->role == CHAT_TOOL && m->parts > 0 && call != SIZE_MAX)
			m->group = r->message[call].group;
	}
}

static int
parse_document(struct chat_request *r, const struct document *d,
    struct tk_err *err)
{
	struct json_text list = d->messages;

	r->api = guess_api(d);
	if (d->model.p != NULL)
		chat_text_of(d->model, &r->model);
	r->media_detail = media_detail(d->generation);
	r->tool_forced = says(d->tool_choice, "\"any\"") ||
	    says(d->tool_choice, "\"required\"") ||
	    says(d->tool_choice, "\"tool\"") ||
	    says(d->tool_choice, "\"function\"");
	if (r->api == CHAT_RESPONSES)
		list = d->input;
	else if (r->api == CHAT_GEMINI)
		list = d->contents;
	add_outside(r, d->system);
	add_outside(r, d->instructions);
	add_outside(r, d->system_instruction);
	if (list.p == NULL) {
		tk_fail(err, TK_DATA,
		    "no 'messages', 'input' or 'contents' in the request");
		return tk_hint(err,
		    "a request is what is sent to a chat API, as JSON");
	}
	if (parse_messages(r, list, err) < 0)
		return -1;
	if (parse_tools(r, d->tools, "tools", err) < 0 ||
	    parse_tools(r, d->functions, "functions", err) < 0)
		return -1;
	find_groups(r);
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
