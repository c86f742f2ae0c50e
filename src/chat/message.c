/*
 * The messages of a request, and which of them belong together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "chat/chat_int.h"

struct chat_message *
chat_add_message(struct chat_request *r, struct json_text raw)
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

static const struct {
	const char *name;
	enum chat_role role;
} roles[] = {
	{ "system", CHAT_SYSTEM },
	{ "developer", CHAT_SYSTEM },
	{ "user", CHAT_USER },
	{ "assistant", CHAT_ASSISTANT },
	{ "model", CHAT_ASSISTANT },
	{ "tool", CHAT_TOOL },
	{ "function", CHAT_TOOL },
};

/* One that is not known is the user's, and makes the count an estimate. */
static enum chat_role
role_of(struct chat_request *r, const struct json_text *t)
{
	for (size_t i = 0; i < TK_LEN(roles); i++)
		if (json_text_is(t, roles[i].name))
			return roles[i].role;
	r->odd_role = true;
	return CHAT_USER;
}

/* The members of a message that are not its content. */
struct message_fields {
	struct json_text content, refusal, reasoning, audio, calls, call;
	struct json_text id, type;
};

static int
take_member(const struct chat_request *r, struct chat_message *m,
    struct message_fields *f, const struct json_text *key, struct json_text raw,
    struct tk_err *err)
{
	if (json_text_is(key, "role"))
		return chat_read_text(r, raw, "role", &m->role_text, err);
	if (json_text_is(key, "name"))
		return chat_read_text(r, raw, "name", &m->name, err);
	if (json_text_is(key, "content") || json_text_is(key, "parts"))
		f->content = raw;
	else if (json_text_is(key, "refusal"))
		f->refusal = raw;
	else if (json_text_is(key, "reasoning_content"))
		f->reasoning = raw;
	else if (json_text_is(key, "audio"))
		f->audio = raw;
	else if (json_text_is(key, "tool_calls"))
		f->calls = raw;
	else if (json_text_is(key, "function_call"))
		f->call = raw;
	else if (json_text_is(key, "tool_call_id"))
		chat_text_of(raw, &f->id);
	else if (json_text_is(key, "type"))
		chat_text_of(raw, &f->type);
	return 0;
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
add_fields(struct chat_request *r, const struct message_fields *f,
    struct tk_err *err)
{
	static const struct json_text none;
	struct json_text text;

	chat_add_content(r, f->content, 0);
	chat_add_content(r, f->refusal, 0);
	if (!chat_is_null(f->reasoning) && chat_text_of(f->reasoning, &text))
		chat_add_part(r, CHAT_OTHER, text, false);
	else if (!chat_is_null(f->reasoning))
		chat_add_part(r, CHAT_OTHER, f->reasoning, true);
	if (!chat_is_null(f->audio))
		chat_add_part(r, CHAT_OTHER, none, false);
	chat_add_content(r, f->calls, 0);
	/* OpenAI's first way to call one function. */
	if (chat_is_null(f->call))
		return 0;
	if (*f->call.p != '{')
		return tk_fail(err, TK_DATA,
		    "byte %td: 'function_call' is no object",
		    f->call.p - r->text);
	chat_add_call(r, f->call);
	return 0;
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
	m = chat_add_message(r, raw);
	json_scan_init(&s, raw.p, raw.n);
	json_scan_object(&s);
	while (json_scan_key(&s, &key))
		if (json_scan_raw(&s, &value) &&
		    take_member(r, m, &f, &key, value, err) < 0)
			return -1;
	if (m->role_text.p == NULL && is_item(&f)) {
		add_item(r, raw);
		return 0;
	}
	if (m->role_text.p == NULL && r->api != CHAT_GEMINI)
		return tk_fail(err, TK_DATA,
		    "byte %td: message %zu has no role", raw.p - r->text,
		    number);
	if (m->role_text.p != NULL)
		m->role = role_of(r, &m->role_text);
	if (m->role == CHAT_TOOL && r->api == CHAT_COMPLETIONS)
		chat_add_link(r, f.id, true);
	return add_fields(r, &f, err);
}

int
chat_read_messages(struct chat_request *r, struct json_text raw,
    const char *what, struct tk_err *err)
{
	struct json_scan s;
	struct json_text item;
	size_t n = 0;

	if (*raw.p == '"' &&
	    (r->api == CHAT_RESPONSES || r->api == CHAT_GEMINI)) {
		chat_add_message(r, raw)->outside = true;
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
		return tk_fail(err, TK_DATA, "byte %td: '%s' is no array",
		    raw.p - r->text, what);
	json_scan_init(&s, raw.p, raw.n);
	json_scan_array(&s);
	while (json_scan_item(&s))
		if (json_scan_raw(&s, &item) &&
		    parse_message(r, item, ++n, err) < 0)
			return -1;
	return 0;
}

/* For qsort(): by id, and those of one id in their order. */
static int
by_id(const void *a_, const void *b_)
{
	const struct chat_link *a = *(struct chat_link *const *)a_;
	const struct chat_link *b = *(struct chat_link *const *)b_;
	size_t n = a->id.n < b->id.n ? a->id.n : b->id.n;
	int d = memcmp(a->id.p, b->id.p, n);

	if (d != 0)
		return d;
	if (a->id.n != b->id.n)
		return a->id.n < b->id.n ? -1 : 1;
	return a < b ? -1 : a > b;
}

static bool
same_id(const struct chat_link *a, const struct chat_link *b)
{
	return a->id.n == b->id.n && memcmp(a->id.p, b->id.p, a->id.n) == 0;
}

/* A result belongs to the message with the last call of its id before it. */
static void
group_by_id(struct chat_request *r)
{
	struct chat_link **link, *call = NULL;

	link = tk_xcalloc(r->links, sizeof(*link));
	for (size_t i = 0; i < r->links; i++)
		link[i] = &r->link[i];
	qsort(link, r->links, sizeof(struct chat_link *), by_id);
	for (size_t i = 0; i < r->links; i++) {
		if (i > 0 && !same_id(link[i - 1], link[i]))
			call = NULL;
		if (link[i]->result)
			link[i]->call = call;
		else
			call = link[i];
	}
	free(link);
	for (size_t i = 0; i < r->links; i++)
		if (r->link[i].call != NULL)
			r->message[r->link[i].message].group =
			    r->message[r->link[i].call->message].group;
}

/* Where there are no ids, to the last message that calls. */
static void
group_in_order(struct chat_request *r)
{
	size_t call = SIZE_MAX;

	for (size_t i = 0; i < r->messages; i++) {
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

void
chat_find_groups(struct chat_request *r)
{
	if (r->links > 0)
		group_by_id(r);
	else
		group_in_order(r);
}
