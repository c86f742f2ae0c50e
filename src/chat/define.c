/*
 * What a request defines: tools, and the form of the answer.
 */
#include "base/attr.h"
#include "base/mem.h"
#include "chat/chat_int.h"

static void
add_tool(struct chat_request *r, const struct chat_tool *t)
{
	if (r->tools == r->tool_cap) {
		r->tool_cap = r->tool_cap > 0 ? 2 * r->tool_cap : 8;
		r->tool =
		    tk_xreallocarray(r->tool, r->tool_cap, sizeof(*r->tool));
	}
	r->tool[r->tools++] = *t;
}

static bool
is_schema(const struct json_text *key)
{
	return json_text_is(key, "parameters") ||
	    json_text_is(key, "input_schema") ||
	    json_text_is(key, "parametersJsonSchema");
}

/* What stands in one definition; raw, p NULL when not there. */
struct definition {
	struct json_text type, name, description, schema;
	struct json_text function;     /* {"type":"function","function":{}} */
	struct json_text declarations; /* Gemini's list */
};

static void
read_definition(struct json_text raw, struct definition *d)
{
	struct json_scan s;
	struct json_text key, value;

	*d = (struct definition){ 0 };
	json_scan_init(&s, raw.p, raw.n);
	json_scan_object(&s);
	while (json_scan_key(&s, &key)) {
		if (!json_scan_raw(&s, &value))
			break;
		if (json_text_is(&key, "type"))
			d->type = value;
		else if (json_text_is(&key, "name"))
			d->name = value;
		else if (json_text_is(&key, "description"))
			d->description = value;
		else if (is_schema(&key))
			d->schema = value;
		else if (json_text_is(&key, "function"))
			d->function = value;
		else if (json_text_is(&key, "functionDeclarations") ||
		    json_text_is(&key, "function_declarations"))
			d->declarations = value;
	}
}

/* Not one that the API has itself, of which there is a name at most. */
static bool
is_function(const struct definition *d)
{
	struct json_text type;

	if (!chat_is_null(d->schema) || !chat_is_null(d->description))
		return true;
	return !chat_is_null(d->name) &&
	    (chat_is_null(d->type) ||
		(chat_text_of(d->type, &type) &&
		    json_text_is(&type, "function")));
}

static int
take_tool(struct chat_request *r, struct json_text raw,
    const struct definition *d, struct tk_err *err)
{
	struct chat_tool t = { 0 };

	if (chat_read_text(r, d->name, "name", &t.name, err) < 0 ||
	    chat_read_text(r, d->description, "description", &t.description,
		err) < 0)
		return -1;
	if (!chat_is_null(d->schema) && *d->schema.p != '{')
		return tk_fail(err, TK_DATA,
		    "byte %td: the parameters of a tool are no object",
		    d->schema.p - r->text);
	if (!chat_is_null(d->schema))
		t.schema = d->schema;
	if (!is_function(d)) {
		t.other = raw;
		r->unknown = true;
	}
	add_tool(r, &t);
	return 0;
}

/* {"name":...}, {"type":"function","function":{...}}, or Gemini's list. */
static int
read_tool(struct chat_request *r, struct json_text raw, struct tk_err *err)
{
	struct definition d, inner;

	read_definition(raw, &d);
	if (!chat_is_null(d.declarations))
		return chat_read_tools(r, d.declarations,
		    "functionDeclarations", err);
	if (chat_is_null(d.function))
		return take_tool(r, raw, &d, err);
	if (*d.function.p != '{')
		return tk_fail(err, TK_DATA,
		    "byte %td: 'function' is no object",
		    d.function.p - r->text);
	read_definition(d.function, &inner);
	return take_tool(r, raw, &inner, err);
}

int
chat_read_tools(struct chat_request *r, struct json_text raw, const char *what,
    struct tk_err *err)
{
	struct json_scan s;
	struct json_text item;
	size_t n = 0;

	if (chat_is_null(raw))
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
		if (read_tool(r, item, err) < 0)
			return -1;
	}
	return 0;
}

static bool
is_answer(const struct json_text *key)
{
	static const char *const keys[] = { "json_schema", "schema",
		"responseSchema", "response_schema", "responseJsonSchema",
		"response_json_schema" };

	for (size_t i = 0; i < TK_LEN(keys); i++)
		if (json_text_is(key, keys[i]))
			return true;
	return false;
}

void
chat_read_answer(struct chat_request *r, struct json_text raw)
{
	struct json_scan s;
	struct json_text key, value;

	if (chat_is_null(raw) || *raw.p != '{')
		return;
	json_scan_init(&s, raw.p, raw.n);
	json_scan_object(&s);
	while (json_scan_key(&s, &key)) {
		if (!json_scan_raw(&s, &value))
			break;
		if (json_text_is(&key, "format"))
			chat_read_answer(r, value);
		else if (is_answer(&key) && *value.p == '{')
			r->answer = value;
	}
}
