/* YAML text as a tree of nodes that know their lines. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/mem.h"
#include "price/price_int.h"

enum { DEPTH_MAX = 16, KEYS_MAX = 1000 };

struct reader {
	yaml_parser_t yaml;
	const char *name;
	struct tk_err *err;
};

int
price_node_fail(struct tk_err *err, const char *name, uint32_t line,
    const char *fmt, ...)
{
	char what[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return tk_fail(err, TK_DATA, "%s:%u: %s", name, line, what);
}

static uint32_t
line_of(const yaml_mark_t *mark)
{
	return (uint32_t)mark->line + 1;
}

/* libyaml's own words for what its scanner or parser did not like. */
static int
fail_yaml(struct reader *r)
{
	const yaml_parser_t *y = &r->yaml;

	if (y->error == YAML_READER_ERROR)
		return tk_fail(r->err, TK_DATA, "%s: byte %zu: %s", r->name,
		    y->problem_offset, y->problem);
	return price_node_fail(r->err, r->name, line_of(&y->problem_mark), "%s",
	    y->problem != NULL ? y->problem : "this is not YAML");
}

static int
next(struct reader *r, yaml_event_t *e)
{
	return yaml_parser_parse(&r->yaml, e) ? 0 : fail_yaml(r);
}

static struct price_node *
add_child(struct price_node *to)
{
	if (to->n == to->cap) {
		to->cap = to->cap ? to->cap * 2 : 4;
		to->child =
		    tk_xreallocarray(to->child, to->cap, sizeof(*to->child));
	}
	to->child[to->n] = (struct price_node){ .kind = NODE_SCALAR };
	return &to->child[to->n++];
}

const struct price_node *
price_node_get(const struct price_node *map, const char *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->child[i].key, key) == 0)
			return &map->child[i];
	return NULL;
}

static char *
copy_text(const yaml_event_t *e, size_t *len)
{
	char *s;

	*len = e->data.scalar.length;
	s = tk_xreallocarray(NULL, *len + 1, 1);
	memcpy(s, e->data.scalar.value, *len);
	s[*len] = '\0';
	return s;
}

/* The key that e is; NULL, with the error set, when it cannot be one. */
static char *
read_key(struct reader *r, const struct price_node *map, const yaml_event_t *e)
{
	uint32_t line = line_of(&e->start_mark);
	size_t len;
	char *key;

	if (e->type != YAML_SCALAR_EVENT) {
		price_node_fail(r->err, r->name, line,
		    "the key of a map has to be plain text");
		return NULL;
	}
	key = copy_text(e, &len);
	if (strlen(key) != len)
		price_node_fail(r->err, r->name, line, "a key holds a NUL");
	else if (price_node_get(map, key) != NULL)
		price_node_fail(r->err, r->name, line,
		    "'%s' is there a second time", key);
	else if (map->n == KEYS_MAX)
		price_node_fail(r->err, r->name, line, "too many keys");
	else
		return key;
	free(key);
	return NULL;
}

static int read_node(struct reader *r, struct price_node *to, yaml_event_t *e,
    int depth);

static int
read_children(struct reader *r, struct price_node *to, int depth)
{
	yaml_event_type_t end = to->kind == NODE_MAP ? YAML_MAPPING_END_EVENT
						     : YAML_SEQUENCE_END_EVENT;

	for (;;) {
		struct price_node *child;
		char *key = NULL;
		uint32_t key_line;
		yaml_event_t e;
		bool done;
		int rc;

		if (next(r, &e) < 0)
			return -1;
		done = e.type == end;
		if (!done && to->kind == NODE_MAP) {
			key = read_key(r, to, &e);
			key_line = line_of(&e.start_mark);
			yaml_event_delete(&e);
			if (key == NULL)
				return -1;
			child = add_child(to);
			child->key = key;
			child->key_line = key_line;
			if (next(r, &e) < 0)
				return -1;
		} else if (!done) {
			child = add_child(to);
		}
		rc = done ? 0 : read_node(r, child, &e, depth);
		yaml_event_delete(&e);
		if (done || rc < 0)
			return rc;
	}
}

static int
read_node(struct reader *r, struct price_node *to, yaml_event_t *e, int depth)
{
	to->line = line_of(&e->start_mark);
	if (depth == DEPTH_MAX)
		return price_node_fail(r->err, r->name, to->line,
		    "nested too deeply");
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		to->kind = NODE_SCALAR;
		to->text = copy_text(e, &to->len);
		if (strlen(to->text) != to->len)
			return price_node_fail(r->err, r->name, to->line,
			    "the text holds a NUL");
		return 0;
	case YAML_SEQUENCE_START_EVENT:
		to->kind = NODE_LIST;
		return read_children(r, to, depth + 1);
	case YAML_MAPPING_START_EVENT:
		to->kind = NODE_MAP;
		return read_children(r, to, depth + 1);
	default:
		return price_node_fail(r->err, r->name, to->line,
		    "aliases ('*name') are not supported here");
	}
}

/* Past what opens the stream and the document, to the first node. */
static int
read_document(struct reader *r, struct price_node *root)
{
	yaml_event_t e;
	int rc;

	do {
		if (next(r, &e) < 0)
			return -1;
		if (e.type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&e);
			return tk_fail(r->err, TK_DATA,
			    "%s: there is nothing in it", r->name);
		}
		if (e.type != YAML_STREAM_START_EVENT &&
		    e.type != YAML_DOCUMENT_START_EVENT)
			break;
		yaml_event_delete(&e);
	} while (true);
	rc = read_node(r, root, &e, 0);
	yaml_event_delete(&e);
	if (rc < 0 || next(r, &e) < 0) /* the end of the document */
		return -1;
	yaml_event_delete(&e);
	if (next(r, &e) < 0)
		return -1;
	rc = e.type == YAML_STREAM_END_EVENT
	    ? 0
	    : price_node_fail(r->err, r->name, line_of(&e.start_mark),
		  "a second document");
	yaml_event_delete(&e);
	return rc;
}

int
price_node_read(const char *text, size_t len, const char *name,
    struct price_node *root, struct tk_err *err)
{
	struct reader r = { .name = name, .err = err };
	int rc;

	*root = (struct price_node){ .kind = NODE_SCALAR };
	if (!yaml_parser_initialize(&r.yaml))
		return tk_fail(err, TK_BUG, "the YAML parser did not start");
	yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
	rc = read_document(&r, root);
	yaml_parser_delete(&r.yaml);
	return rc;
}

void
price_node_release(struct price_node *n)
{
	for (size_t i = 0; i < n->n; i++)
		price_node_release(&n->child[i]);
	free(n->child);
	free(n->text);
	free(n->key);
	*n = (struct price_node){ .kind = NODE_SCALAR };
}
