/*
 * What a message holds.
 *
 * The parts of all APIs have fields of their own, so one reader takes them
 * all: {"type":"text","text":...}, {"image_url":{"url":...}}, {"source":
 * {"data":...}}, {"inlineData":{"data":...}}, {"functionCall":{...}} and so
 * on.
 */
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "chat/chat_int.h"

bool
chat_text_of(struct json_text raw, struct json_text *text)
{
	struct json_scan s;

	json_scan_init(&s, raw.p, raw.n);
	return json_scan_text(&s, text) > 0;
}

void
chat_add_part(struct chat_request *r, enum chat_part_kind kind,
    struct json_text text, bool is_json)
{
	struct chat_part *p;

	if (r->parts == r->part_cap) {
		r->part_cap = r->part_cap > 0 ? 2 * r->part_cap : 32;
		r->part =
		    tk_xreallocarray(r->part, r->part_cap, sizeof(*r->part));
	}
	p = &r->part[r->parts++];
	*p = (struct chat_part){ .kind = kind,
		.text = text,
		.is_json = is_json };
	r->message[r->messages - 1].parts++;
}

void
chat_add_link(struct chat_request *r, struct json_text id, bool result)
{
	if (id.p == NULL)
		return;
	if (r->links == r->link_cap) {
		r->link_cap = r->link_cap > 0 ? 2 * r->link_cap : 16;
		r->link =
		    tk_xreallocarray(r->link, r->link_cap, sizeof(*r->link));
	}
	r->link[r->links++] = (struct chat_link){ .id = id,
		.message = r->messages - 1,
		.result = result };
}

static const struct json_text none;

/* What an object of a content may have; raw values, p NULL if not there. */
struct fields {
	struct json_text type, text, url, detail, media, data, mime;
	struct json_text title, context; /* of a document */
	struct json_text name, arguments, content, id;
	struct json_text call, response; /* Gemini's functionCall, ... */
	bool image;                      /* it has an "image_url" */
};

static const struct {
	const char *key;
	size_t at;
} keys[] = {
	{ "type", offsetof(struct fields, type) },
	{ "text", offsetof(struct fields, text) },
	{ "thinking", offsetof(struct fields, text) },
	{ "refusal", offsetof(struct fields, text) },
	{ "url", offsetof(struct fields, url) },
	{ "fileUri", offsetof(struct fields, url) },
	{ "file_uri", offsetof(struct fields, url) },
	{ "detail", offsetof(struct fields, detail) },
	{ "mediaResolution", offsetof(struct fields, media) },
	{ "media_resolution", offsetof(struct fields, media) },
	{ "title", offsetof(struct fields, title) },
	{ "context", offsetof(struct fields, context) },
	{ "data", offsetof(struct fields, data) },
	{ "result", offsetof(struct fields, data) },
	{ "media_type", offsetof(struct fields, mime) },
	{ "mimeType", offsetof(struct fields, mime) },
	{ "mime_type", offsetof(struct fields, mime) },
	{ "name", offsetof(struct fields, name) },
	{ "input", offsetof(struct fields, arguments) },
	{ "arguments", offsetof(struct fields, arguments) },
	{ "args", offsetof(struct fields, arguments) },
	{ "content", offsetof(struct fields, content) },
	{ "output", offsetof(struct fields, content) },
	{ "summary", offsetof(struct fields, content) },
	{ "parts", offsetof(struct fields, content) },
	{ "id", offsetof(struct fields, id) },
	{ "call_id", offsetof(struct fields, id) },
	{ "tool_use_id", offsetof(struct fields, id) },
	{ "tool_call_id", offsetof(struct fields, id) },
	{ "functionCall", offsetof(struct fields, call) },
	{ "function_call", offsetof(struct fields, call) },
	{ "functionResponse", offsetof(struct fields, response) },
	{ "function_response", offsetof(struct fields, response) },
};

/* Objects that are only a wrapper: their fields count as the part's own. */
static const char *const wrappers[] = { "image_url", "source", "inlineData",
	"inline_data", "fileData", "file_data", "image", "input_audio", "file",
	"function", "custom" };

enum { WRAPPERS = TK_LEN(wrappers) };

static void read_fields(struct json_text raw, struct fields *f, int depth);

/* Whether the key is that of a wrapper; then this is the last one so far. */
static bool
take_wrapper(const struct json_text *key, struct json_text raw,
    struct json_text wrapped[WRAPPERS])
{
	for (size_t i = 0; i < WRAPPERS; i++) {
		if (json_text_is(key, wrappers[i])) {
			wrapped[i] = raw;
			return true;
		}
	}
	return false;
}

static void
take_field(const struct json_text *key, struct json_text raw, struct fields *f,
    int depth)
{
	for (size_t i = 0; i < TK_LEN(keys); i++) {
		struct json_text *to =
		    (struct json_text *)((char *)f + keys[i].at);

		if (!json_text_is(key, keys[i].key))
			continue;
		/* The "type" of a source is not the part's; an item of
		 * Responses has an id of its own besides the call's. */
		if ((depth > 0 && to == &f->type) ||
		    (to->p != NULL && json_text_is(key, "id")))
			return;
		*to = raw;
		return;
	}
}

/* What is in a wrapper is taken where the object has it not itself. */
static void
unwrap(struct json_text raw, struct fields *f, int depth)
{
	struct fields inner = { 0 };

	read_fields(raw, &inner, depth + 1);
	for (size_t i = 0; i < TK_LEN(keys); i++) {
		struct json_text *to =
		    (struct json_text *)((char *)f + keys[i].at);

		if (to->p == NULL)
			*to =
			    *(struct json_text *)((char *)&inner + keys[i].at);
	}
	f->image = f->image || inner.image;
}

static void
read_wrapped(const char *key, struct json_text raw, struct fields *f, int depth)
{
	bool image = strcmp(key, "image_url") == 0;

	if (raw.p == NULL)
		return;
	if (*raw.p == '{' && depth < CHAT_DEPTH)
		unwrap(raw, f, depth);
	else if (*raw.p == '"' && (image || strcmp(key, "file_data") == 0))
		f->url = raw;
	f->image = f->image || image;
}

/* What is null is not there; of two with the same name the last one counts. */
static void
read_fields(struct json_text raw, struct fields *f, int depth)
{
	struct json_text wrapped[WRAPPERS] = { 0 };
	struct json_text key, value;
	struct json_scan s;

	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key))
		if (json_scan_raw(&s, &value) && !chat_is_null(value) &&
		    !take_wrapper(&key, value, wrapped))
			take_field(&key, value, f, depth);
	for (size_t i = 0; i < WRAPPERS; i++)
		read_wrapped(wrappers[i], wrapped[i], f, depth);
}

static bool
raw_is(struct json_text raw, const char *word)
{
	struct json_text t;

	return raw.p != NULL && chat_text_of(raw, &t) && json_text_is(&t, word);
}

enum chat_detail
chat_media_detail(struct json_text raw)
{
	static const struct {
		const char *name;
		enum chat_detail detail;
	} details[] = {
		{ "MEDIA_RESOLUTION_LOW", CHAT_DETAIL_LOW },
		{ "MEDIA_RESOLUTION_MEDIUM", CHAT_DETAIL_MEDIUM },
		{ "MEDIA_RESOLUTION_HIGH", CHAT_DETAIL_HIGH },
		{ "MEDIA_RESOLUTION_ULTRA", CHAT_DETAIL_ULTRA },
	};

	for (size_t i = 0; raw.p != NULL && i < TK_LEN(details); i++)
		if (memmem(raw.p, raw.n, details[i].name,
			strlen(details[i].name)) != NULL)
			return details[i].detail;
	return CHAT_DETAIL_AUTO;
}

static bool
raw_begins(struct json_text raw, const char *word)
{
	struct json_text t;
	size_t n = strlen(word);

	return raw.p != NULL && chat_text_of(raw, &t) && t.n >= n &&
	    memcmp(t.p, word, n) == 0;
}

static enum chat_detail
detail_of(struct json_text raw, enum chat_detail usual)
{
	if (raw_is(raw, "low"))
		return CHAT_DETAIL_LOW;
	if (raw_is(raw, "high"))
		return CHAT_DETAIL_HIGH;
	return usual;
}

/* "data:image/png;base64,...": the base64 in it. */
static bool
data_of_url(struct json_text raw, struct json_text *data)
{
	struct json_text t;
	const char *comma;

	if (!raw_begins(raw, "data:") || !chat_text_of(raw, &t))
		return false;
	comma = memchr(t.p, ',', t.n);
	if (comma == NULL)
		return false;
	data->p = comma + 1;
	data->n = (size_t)(t.p + t.n - data->p);
	return true;
}

static void
add_image(struct chat_request *r, const struct fields *f)
{
	struct json_text data;
	struct chat_image *i;

	chat_add_part(r, CHAT_IMAGE, none, false);
	i = &r->part[r->parts - 1].image;
	i->detail = detail_of(f->detail,
	    f->media.p != NULL ? chat_media_detail(f->media) : r->media_detail);
	if ((f->data.p != NULL && chat_text_of(f->data, &data)) ||
	    (f->url.p != NULL && data_of_url(f->url, &data)))
		image_size_base64(data.p, data.n, &i->width, &i->height);
}

static void
add_value(struct chat_request *r, struct json_text raw)
{
	struct json_text text;

	if (raw.p == NULL)
		return;
	if (chat_text_of(raw, &text))
		chat_add_part(r, CHAT_TEXT, text, false);
	else if (!chat_is_null(raw))
		chat_add_part(r, CHAT_TEXT, raw, true);
}

static void
add_call(struct chat_request *r, const struct fields *f)
{
	struct json_text name = none, id = none;

	if (f->name.p != NULL)
		chat_text_of(f->name, &name);
	if (f->id.p != NULL)
		chat_text_of(f->id, &id);
	chat_add_part(r, CHAT_CALL, name, false);
	add_value(r, f->arguments);
	chat_add_link(r, id, false);
}

static void
add_result(struct chat_request *r, const struct fields *f, int depth)
{
	struct json_text id = none;

	if (f->id.p != NULL)
		chat_text_of(f->id, &id);
	chat_add_part(r, CHAT_RESULT, none, false);
	if (f->content.p != NULL)
		chat_add_content(r, f->content, depth + 1);
	chat_add_link(r, id, true);
}

void
chat_add_call(struct chat_request *r, struct json_text raw)
{
	struct fields f = { 0 };

	read_fields(raw, &f, 0);
	add_call(r, &f);
}

static void
add_gemini_response(struct chat_request *r, struct json_text raw)
{
	struct json_scan s;
	struct json_text key, value, text;

	chat_add_part(r, CHAT_RESULT, none, false);
	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "name") && json_scan_text(&s, &text) > 0)
			chat_add_part(r, CHAT_TEXT, text, false);
		else if (!json_text_is(&key, "response"))
			json_scan_skip(&s);
		else if (json_scan_raw(&s, &value))
			chat_add_part(r, CHAT_TEXT, value, true);
	}
}

/* The list ends with NULL. */
static bool
type_in(const struct fields *f, const char *const *types)
{
	while (*types != NULL && !raw_is(f->type, *types))
		types++;
	return *types != NULL;
}

static bool
is_image(const struct fields *f)
{
	static const char *const types[] = { "image", "image_url",
		"input_image", "image_generation_call", NULL };

	return f->image || raw_begins(f->mime, "image/") || type_in(f, types);
}

/* What is quoted from: its title, what is said of it, and its text. */
static void
add_document(struct chat_request *r, const struct fields *f, int depth)
{
	add_value(r, f->title);
	add_value(r, f->context);
	if (f->content.p != NULL)
		chat_add_content(r, f->content, depth + 1);
	else if (raw_is(f->mime, "text/plain"))
		add_value(r, f->data);
	else
		chat_add_part(r, CHAT_OTHER, none, false);
}

static bool
is_call(const struct fields *f)
{
	static const char *const types[] = { "tool_use", "server_tool_use",
		"mcp_tool_use", "function", "function_call", "custom",
		"custom_tool_call", NULL };

	return type_in(f, types);
}

static bool
is_result(const struct fields *f)
{
	static const char *const types[] = { "tool_result", "mcp_tool_result",
		"function_call_output", "custom_tool_call_output",
		"computer_call_output", NULL };

	return type_in(f, types);
}

/* Text, even if it is missing, or not in a string. */
static bool
is_text(const struct fields *f)
{
	static const char *const types[] = { "text", "input_text",
		"output_text", "refusal", "thinking", NULL };

	return type_in(f, types);
}

/* What stands beside it is not known. */
static void
add_text(struct chat_request *r, const struct fields *f)
{
	if (f->text.p != NULL && *f->text.p != '"')
		chat_add_part(r, CHAT_OTHER, f->text, true);
	else
		add_value(r, f->text);
	if (f->data.p != NULL && !is_text(f))
		chat_add_part(r, CHAT_OTHER, none, false);
}

static void
add_object(struct chat_request *r, struct json_text raw, int depth)
{
	struct fields f = { 0 };

	read_fields(raw, &f, 0);
	if (f.call.p != NULL)
		chat_add_call(r, f.call);
	else if (f.response.p != NULL)
		add_gemini_response(r, f.response);
	else if (is_image(&f))
		add_image(r, &f);
	else if (is_call(&f))
		add_call(r, &f);
	else if (is_result(&f))
		add_result(r, &f, depth);
	else if (raw_is(f.type, "document") || raw_is(f.type, "search_result"))
		add_document(r, &f, depth);
	else if (f.text.p != NULL || is_text(&f))
		add_text(r, &f);
	else if (f.data.p != NULL && raw_begins(f.mime, "text/"))
		add_value(r, f.data);
	else if (raw_is(f.type, "reasoning") && f.content.p != NULL)
		chat_add_content(r, f.content, depth + 1);
	else if (f.data.p != NULL || f.url.p != NULL)
		chat_add_part(r, CHAT_OTHER, none, false);
	else
		chat_add_part(r, CHAT_OTHER, raw, true);
}

void
chat_add_content(struct chat_request *r, struct json_text raw, int depth)
{
	struct json_scan s;
	struct json_text item;

	if (chat_is_null(raw))
		return;
	if (*raw.p == '"') {
		add_value(r, raw);
		return;
	}
	if (depth > CHAT_DEPTH || (*raw.p != '[' && *raw.p != '{')) {
		chat_add_part(r, CHAT_OTHER, raw, true);
		return;
	}
	if (*raw.p == '{') {
		add_object(r, raw, depth);
		return;
	}
	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s))
		if (json_scan_raw(&s, &item))
			chat_add_content(r, item, depth + 1);
}
