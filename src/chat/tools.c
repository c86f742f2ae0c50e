/*
 * Definitions of tools, which models see in a form of their own: the texts
 * in them, and so much for each kind of thing.  Schemas are walked whole, so
 * also what stands in arrays, alternatives and "$defs"; each is counted once,
 * where it is written, and a "$ref" as nothing.  A schema for the answer is
 * counted as the JSON that it is, and so is what is nested too deep.
 */
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "chat/chat_int.h"

enum { ONE = 1000000, DEPTH = 32 };

/* By OpenAI's published formula; see rules.h. */
enum {
	PROPERTIES_INIT = 3,
	PROPERTY_KEY = 3,
	ENUM_INIT = -3,
	ENUM_ITEM = 3,
	TOOLS_END = 12,
};

struct walk {
	const struct chat_rule *rule;
	const struct chat_options *o;
	int64_t tokens; /* millionths */
	struct tk_err *err;
	bool failed;
};

/* What a schema says of one property. */
struct property {
	struct json_text name, type, description, choices, properties;
	/* Other schemas, alone or in arrays, and by name. */
	struct json_text items, prefix, more, any, one, all, without;
	struct json_text patterns, defs;
};

static const struct {
	const char *key;
	size_t at;
} members[] = {
	{ "enum", offsetof(struct property, choices) },
	{ "properties", offsetof(struct property, properties) },
	{ "items", offsetof(struct property, items) },
	{ "prefixItems", offsetof(struct property, prefix) },
	{ "additionalProperties", offsetof(struct property, more) },
	{ "anyOf", offsetof(struct property, any) },
	{ "oneOf", offsetof(struct property, one) },
	{ "allOf", offsetof(struct property, all) },
	{ "not", offsetof(struct property, without) },
	{ "patternProperties", offsetof(struct property, patterns) },
	{ "$defs", offsetof(struct property, defs) },
	{ "definitions", offsetof(struct property, defs) },
};

static void
add_text(struct walk *w, const struct json_text *t)
{
	int64_t tokens;

	if (w->failed)
		return;
	w->failed = chat_text_tokens(w->o, t, false, &tokens, w->err) < 0;
	w->tokens += w->failed ? 0 : tokens;
}

static void
add_json(struct walk *w, const struct json_text *t)
{
	int64_t tokens;

	if (w->failed)
		return;
	w->failed = chat_text_tokens(w->o, t, true, &tokens, w->err) < 0;
	w->tokens += w->failed ? 0 : tokens;
}

static void
add_fixed(struct walk *w, int64_t tokens)
{
	w->tokens += tokens * ONE;
}

/* "a:b:c", as the formula counts it; a full stop at the end is left out. */
static void
add_line(struct walk *w, const struct json_text *const *t, size_t n)
{
	struct tk_buf b = TK_BUF_INIT;
	int64_t tokens;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			tk_buf_adds(&b, ":");
		if (t[i]->p != NULL)
			json_text_add(t[i], &b);
	}
	if (b.len > 0 && b.s[b.len - 1] == '.')
		b.len--;
	if (!w->failed)
		w->failed = w->o->tokens_of(b.s, b.len, &tokens, w->o->data,
				w->err) < 0;
	w->tokens += w->failed ? 0 : tokens;
	tk_buf_release(&b);
}

static void
read_property(struct json_text raw, struct property *p)
{
	struct json_scan s;
	struct json_text key, value;

	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		if (!json_scan_raw(&s, &value))
			break;
		if (json_text_is(&key, "type") &&
		    !chat_text_of(value, &p->type))
			p->type = value; /* several: as they stand */
		else if (json_text_is(&key, "description"))
			chat_text_of(value, &p->description);
		for (size_t i = 0; i < TK_LEN(members); i++)
			if (json_text_is(&key, members[i].key))
				*(struct json_text *)((char *)p +
				    members[i].at) = value;
	}
}

static void
add_choices(struct walk *w, struct json_text raw, bool formula)
{
	struct json_scan s;
	struct json_text item, text;

	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s)) {
		if (!json_scan_raw(&s, &item))
			break;
		if (!chat_text_of(item, &text))
			text = item;
		if (formula)
			add_fixed(w, ENUM_ITEM);
		add_text(w, &text);
	}
}

static void add_properties(struct walk *w, struct json_text raw, int depth);
static void add_inside(struct walk *w, const struct property *p, int depth);

/* A schema that has no name: an item of arrays, an alternative. */
static void
add_schema(struct walk *w, struct json_text raw, int depth)
{
	struct property p = { 0 };
	bool formula = w->rule->formula > 0;

	if (depth > DEPTH) {
		add_json(w, &raw);
		return;
	}
	read_property(raw, &p);
	add_text(w, &p.description);
	if (p.choices.p != NULL)
		add_choices(w, p.choices, formula);
	if (p.properties.p != NULL) {
		if (!formula)
			add_fixed(w, w->rule->array);
		add_properties(w, p.properties, depth + 1);
		p.properties.p = NULL;
	}
	add_inside(w, &p, depth);
}

/* A schema, or an array of them. */
static void
add_schemas(struct walk *w, struct json_text raw, int depth)
{
	struct json_scan s;
	struct json_text item;

	if (raw.p == NULL)
		return;
	if (*raw.p != '[') {
		add_schema(w, raw, depth);
		return;
	}
	json_scan_init(&s, raw.p, raw.n);
	json_scan_array(&s);
	while (json_scan_item(&s) && json_scan_raw(&s, &item) && !w->failed)
		add_schema(w, item, depth);
}

/* What is within a property: objects, arrays, alternatives. */
static void
add_inside(struct walk *w, const struct property *p, int depth)
{
	if (p->properties.p != NULL) {
		if (w->rule->formula == 0)
			add_fixed(w, w->rule->nested);
		add_properties(w, p->properties, depth + 1);
	}
	add_schemas(w, p->items, depth + 1);
	add_schemas(w, p->prefix, depth + 1);
	add_schemas(w, p->more, depth + 1);
	add_schemas(w, p->any, depth + 1);
	add_schemas(w, p->one, depth + 1);
	add_schemas(w, p->all, depth + 1);
	add_schemas(w, p->without, depth + 1);
	if (p->patterns.p != NULL)
		add_properties(w, p->patterns, depth + 1);
	if (p->defs.p != NULL)
		add_properties(w, p->defs, depth + 1);
}

static void
add_by_formula(struct walk *w, const struct property *p)
{
	const struct json_text *line[] = { &p->name, &p->type,
		&p->description };

	add_fixed(w, PROPERTY_KEY);
	if (p->choices.p != NULL) {
		add_fixed(w, ENUM_INIT);
		add_choices(w, p->choices, true);
	}
	add_line(w, line, 3);
}

static void
add_fitted(struct walk *w, const struct property *p, bool first)
{
	add_fixed(w, first ? w->rule->first : w->rule->next);
	add_text(w, &p->name);
	if (p->description.p != NULL) {
		add_fixed(w, w->rule->prop_desc);
		add_text(w, &p->description);
	}
	if (p->choices.p != NULL) {
		add_fixed(w, w->rule->choice);
		add_choices(w, p->choices, false);
	}
}

static void
add_properties(struct walk *w, struct json_text raw, int depth)
{
	struct json_scan s;
	struct json_text value;
	bool first = true;

	if (depth > DEPTH) {
		add_json(w, &raw);
		return;
	}
	json_scan_init(&s, raw.p, raw.n);
	if (json_scan_object(&s) <= 0)
		return;
	for (struct property p = { 0 }; json_scan_key(&s, &p.name);
	     p = (struct property){ 0 }) {
		if (!json_scan_raw(&s, &value) || w->failed)
			break;
		read_property(value, &p);
		if (w->rule->formula > 0) {
			if (first && depth == 0)
				add_fixed(w, PROPERTIES_INIT);
			add_by_formula(w, &p);
		} else {
			add_fitted(w, &p, first);
		}
		add_inside(w, &p, depth);
		first = false;
	}
}

static void
add_tool(struct walk *w, const struct chat_tool *t)
{
	const struct json_text *line[] = { &t->name, &t->description };
	struct property top = { 0 };

	if (t->other.p != NULL) {
		add_json(w, &t->other);
		return;
	}
	if (w->rule->formula > 0) {
		add_fixed(w, w->rule->formula);
		add_line(w, line, 2);
	} else {
		add_fixed(w, w->rule->tool);
		add_text(w, &t->name);
		if (t->description.p != NULL) {
			add_fixed(w, w->rule->desc);
			add_text(w, &t->description);
		}
	}
	if (t->schema.p != NULL)
		read_property(t->schema, &top);
	if (top.properties.p != NULL)
		add_properties(w, top.properties, 0);
	top.properties.p = NULL;
	add_inside(w, &top, 0);
}

int
chat_count_tools(const struct chat_request *r, const struct chat_rule *rule,
    const struct chat_options *o, int64_t *tokens, struct tk_err *err)
{
	struct walk w = { .rule = rule, .o = o, .err = err };

	for (size_t i = 0; i < r->tools; i++)
		add_tool(&w, &r->tool[i]);
	if (r->tools > 0 && rule->formula > 0)
		add_fixed(&w, TOOLS_END);
	else if (r->tools > 0)
		add_fixed(&w, r->tool_forced ? rule->forced : rule->tools);
	add_json(&w, &r->answer);
	*tokens = w.tokens;
	return w.failed ? -1 : 0;
}
