/*
 * The part of YAML that settings need: mappings of texts.  Lists, anchors,
 * aliases and further documents are refused.
 */
#include <string.h>
#include <yaml.h>

#include "config/config_int.h"

enum { MAX_DEPTH = 8 };

struct level {
	struct config_map map;
	struct config_mark key; /* of the key that the map stands behind */
	size_t path_len;        /* of the path of the map itself */
};

struct reading {
	const char *name;
	const struct tk_buf *text;
	const struct config_reader *to;
	yaml_parser_t parser;
	struct level level[MAX_DEPTH];
	int depth;
	int documents;
	bool have_key;
	struct config_mark key;
	struct tk_buf path;
	/* Where character number "character" of the text is. */
	size_t character, byte;
};

/* libyaml counts characters. */
static size_t
byte_of(struct reading *r, size_t character)
{
	if (character < r->character)
		r->character = r->byte = 0;
	while (r->character < character && r->byte < r->text->len) {
		r->byte++;
		while (r->byte < r->text->len &&
		    ((unsigned char)r->text->s[r->byte] & 0xc0) == 0x80)
			r->byte++;
		r->character++;
	}
	return r->byte;
}

static struct config_mark
mark_of(struct reading *r, const yaml_event_t *e)
{
	struct config_mark m = { .line = (int)e->start_mark.line + 1,
		.column = (int)e->start_mark.column };

	m.start = byte_of(r, e->start_mark.index);
	m.end = byte_of(r, e->end_mark.index);
	return m;
}

static int
refuse(const struct reading *r, int line, const char *why, struct tk_err *err)
{
	return tk_fail(err, TK_USAGE, "%s:%d: %s", r->name, line, why);
}

static int
refuse_syntax(const struct reading *r, struct tk_err *err)
{
	const yaml_parser_t *p = &r->parser;
	size_t line = p->problem_mark.line + 1;

	if (p->error == YAML_READER_ERROR) {
		line = 1;
		for (size_t i = 0; i < p->problem_offset && i < r->text->len;
		     i++)
			line += r->text->s[i] == '\n';
	}
	return refuse(r, (int)line,
	    p->problem == NULL ? "this is not YAML" : p->problem, err);
}

static int
read_key(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;

	r->key = mark_of(r, e);
	if (len == 0 || memchr(s, '\0', len) != NULL)
		return refuse(r, r->key.line, "this key is no word", err);
	if (r->path.len > 0)
		tk_buf_adds(&r->path, ".");
	tk_buf_add(&r->path, s, len);
	if (r->level[r->depth - 1].map.empty) {
		r->level[r->depth - 1].map.empty = false;
		r->level[r->depth - 1].map.first = r->key;
	}
	r->have_key = true;
	return 0;
}

/* Back to the path of the innermost map. */
static void
cut_path(struct reading *r)
{
	size_t len = r->level[r->depth - 1].path_len;

	if (r->path.cap > 0)
		r->path.s[r->path.len = len] = '\0';
	r->have_key = false;
}

static int
read_value(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	struct config_mark at = mark_of(r, e);
	int rc = 0;

	if (memchr(s, '\0', len) != NULL)
		return refuse(r, at.line, "this value has a NUL in it", err);
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (len == 0 || strcmp(s, "~") == 0 || strcmp(s, "null") == 0))
		s = NULL;
	if (r->to->value != NULL)
		rc = r->to->value(r->to->data, r->path.s, s, &r->key, &at, err);
	cut_path(r);
	return rc;
}

static int
read_scalar(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	if (e->data.scalar.anchor != NULL)
		return refuse(r, (int)e->start_mark.line + 1,
		    "anchors are not read here", err);
	if (r->depth == 0) {
		if (e->data.scalar.length == 0)
			return 0;
		return refuse(r, (int)e->start_mark.line + 1,
		    "this is no setting; write 'section:' and below it "
		    "'  key: value'",
		    err);
	}
	return r->have_key ? read_value(r, e, err) : read_key(r, e, err);
}

static int
start_map(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	struct level *l = &r->level[r->depth];
	int line = (int)e->start_mark.line + 1;

	if (e->data.mapping_start.anchor != NULL)
		return refuse(r, line, "anchors are not read here", err);
	if (r->depth > 0 && !r->have_key)
		return refuse(r, line, "this key is no word", err);
	if (r->depth == MAX_DEPTH)
		return refuse(r, line, "this is nested too deep", err);
	*l = (struct level){ .key = r->key, .path_len = r->path.len };
	l->map.at = mark_of(r, e);
	l->map.inside = l->map.at.end;
	l->map.empty = true;
	l->map.flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	r->depth++;
	r->have_key = false;
	return 0;
}

static int
end_map(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	struct level *l = &r->level[r->depth - 1];
	int rc = 0;

	l->map.at.end = byte_of(r, e->end_mark.index);
	if (r->to->map != NULL)
		rc = r->to->map(r->to->data, r->path.s, &l->key, &l->map, err);
	r->depth--;
	if (r->depth > 0)
		cut_path(r);
	return rc;
}

static int
read_event(struct reading *r, const yaml_event_t *e, struct tk_err *err)
{
	int line = (int)e->start_mark.line + 1;

	switch (e->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	case YAML_DOCUMENT_START_EVENT:
		if (r->documents++ > 0)
			return refuse(r, line, "a second document begins here",
			    err);
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(r, line, "aliases are not read here", err);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return refuse(r, line, "no setting is a list", err);
	case YAML_SCALAR_EVENT:
		return read_scalar(r, e, err);
	case YAML_MAPPING_START_EVENT:
		return start_map(r, e, err);
	case YAML_MAPPING_END_EVENT:
		return end_map(r, e, err);
	}
	return 0;
}

int
config_read_yaml(const char *name, const struct tk_buf *text,
    const struct config_reader *to, struct tk_err *err)
{
	struct reading r = { .name = name,
		.text = text,
		.to = to,
		.path = TK_BUF_INIT };
	bool more = true;
	int rc = 0;

	if (!yaml_parser_initialize(&r.parser))
		return tk_fail(err, TK_BUG, "out of memory");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text->s,
	    text->len);
	while (rc == 0 && more) {
		yaml_event_t e;

		if (!yaml_parser_parse(&r.parser, &e)) {
			rc = refuse_syntax(&r, err);
			break;
		}
		rc = read_event(&r, &e, err);
		more = e.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&r.parser);
	tk_buf_release(&r.path);
	return rc;
}
