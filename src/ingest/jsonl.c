/*
 * JSON Lines: an object a line, with the names of the fields, or aliases, or
 * what --map says.  "tools" may be an array of names and "metadata" is an
 * object.  And the document of "export --format json", whose "rows" are the
 * same objects.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "ingest/docs.h"
#include "ingest/run.h"
#include "ingest/table.h"

/* Lines have mostly the same keys in the same order. */
struct key {
	char *text;
	size_t n;
	struct field field;
	bool wanted;
};

enum { KEYS_MOST = 256 };

/* What "export --format json" begins with, whole records or sums. */
#define SCHEMA "\"schema\": \"tokctl.export/"

enum jsonl_part { LINES, DOCUMENT, HEAD, ROWS, TAIL };

struct jsonl_state {
	enum jsonl_part part; /* where in a document, if it is one */
	struct docs docs;     /* its rows */
	struct table table;
	struct key *keys;
	size_t nkeys, cap, next;
	struct key spare; /* for what does not fit any more; without text */
};

static struct key *
add_key(struct jsonl_state *st, const struct json_text *t)
{
	struct key *k;

	if (st->nkeys == st->cap) {
		st->cap = st->cap > 0 ? 2 * st->cap : 32;
		st->keys =
		    tk_xreallocarray(st->keys, st->cap, sizeof(*st->keys));
	}
	k = &st->keys[st->nkeys++];
	k->n = t->n;
	k->text = tk_xcalloc(t->n + 1, 1);
	memcpy(k->text, t->p, t->n);
	return k;
}

static const struct key *
find_key(struct jsonl_state *st, struct reader *rd, const struct json_text *t)
{
	struct key *k;

	for (size_t i = 0; i < st->nkeys; i++) {
		size_t at = (st->next + i) % st->nkeys;

		k = &st->keys[at];
		if (k->n == t->n && memcmp(k->text, t->p, t->n) == 0) {
			st->next = at + 1 < st->nkeys ? at + 1 : 0;
			return k;
		}
	}
	k = st->nkeys < KEYS_MOST ? add_key(st, t) : &st->spare;
	tk_buf_reset(&rd->scratch);
	json_text_add(t, &rd->scratch);
	k->wanted = table_column(&st->table, rd, rd->scratch.s, rd->scratch.len,
	    &k->field);
	return k;
}

/* ["a","b"] as "a,b". */
static void
join(struct json_scan *s, struct tk_buf *b)
{
	struct json_text t;

	if (json_scan_array(s) <= 0)
		return;
	while (json_scan_item(s)) {
		if (json_scan_text(s, &t) <= 0)
			continue;
		if (b->len > 0)
			tk_buf_adds(b, ",");
		json_text_add(&t, b);
	}
}

/* The value as the text that field_set() takes; "" for null. */
static void
read_value(struct jsonl_state *st, struct json_scan *s, const struct field *f,
    struct tk_buf *b)
{
	struct json_text t = { 0 };
	bool object = f->of != NULL && f->of->type == RECORD_OBJECT;

	tk_buf_reset(b);
	switch (json_scan_peek(s)) {
	case JSON_IS_TEXT:
		if (json_scan_text(s, &t) > 0)
			json_text_add(&t, b);
		return;
	case JSON_IS_NUMBER:
	case JSON_IS_TRUE:
	case JSON_IS_FALSE:
		if (json_scan_raw(s, &t))
			tk_buf_add(b, t.p, t.n);
		return;
	case JSON_IS_ARRAY:
		if (!object) {
			join(s, b);
			return;
		}
		break;
	case JSON_IS_OBJECT:
		break;
	case JSON_IS_NULL:
	case JSON_IS_WRONG:
		json_scan_skip(s);
		return;
	}
	if (json_scan_raw(s, &t)) {
		tk_buf_add(b, t.p, t.n);
		if (!object)
			table_fail(&st->table, "%s: it is an object", f->key);
	}
}

static void
read_row(struct reader *rd, const char *line, size_t n)
{
	struct jsonl_state *st = rd->state;
	struct tk_buf value = TK_BUF_INIT;
	struct json_text name;
	struct json_scan s;

	json_scan_init(&s, line, n);
	table_begin_row(&st->table, rd);
	if (json_scan_peek(&s) != JSON_IS_OBJECT) {
		reader_bad(rd, "this is no JSON object");
		return;
	}
	json_scan_object(&s);
	while (json_scan_key(&s, &name)) {
		const struct key *k = find_key(st, rd, &name);

		if (!k->wanted) {
			json_scan_skip(&s);
			continue;
		}
		read_value(st, &s, &k->field, &value);
		if (value.len > 0 && field_is_given(&st->table.row, &k->field))
			table_fail(&st->table,
			    "%s: it is there twice, the second time as '%.*s'",
			    k->field.key, (int)(name.n < 40 ? name.n : 40),
			    name.p);
		table_set(&st->table, rd, &k->field, value.s, value.len);
	}
	if (!json_scan_end(&s))
		reader_bad(rd, "JSON: byte %zu: %s", (size_t)(s.at - s.start),
		    s.wrong);
	else
		table_end_row(&st->table, rd);
	tk_buf_release(&value);
}

/* Does the line begin with this text, and end with that byte? */
static bool
is_line(const char *line, size_t n, const char *begin, char end)
{
	size_t len = strlen(begin);

	return n > len && memcmp(line, begin, len) == 0 && line[n - 1] == end;
}

/* A line around the rows of a document. */
static void
read_around(struct jsonl_state *st, struct reader *rd, const char *line,
    size_t n)
{
	switch (st->part) {
	case DOCUMENT:
		st->part = is_line(line, n, SCHEMA, ',') ? HEAD : LINES;
		if (st->part == LINES)
			reader_bad(rd, "this is no JSON object");
		break;
	case HEAD:
		if (is_line(line, n, "\"rows\": ", '[')) {
			st->part = ROWS;
			st->docs.array = true;
		} else if (is_line(line, n, "\"rows\": [", ',')) {
			st->part = TAIL;
		}
		break;
	case LINES:
	case ROWS:
	case TAIL:
		break;
	}
}

static void
jsonl_line(struct reader *rd, const char *line, size_t n)
{
	struct jsonl_state *st = rd->state;

	if (rd->line == 1 && n == 1 && *line == '{' && rd->stream == NULL) {
		st->part = DOCUMENT;
	} else if (st->part == LINES) {
		read_row(rd, line, n);
	} else if (st->part != ROWS) {
		read_around(st, rd, line, n);
	} else if (st->docs.depth == 0 && n > 0 && *line == ']') {
		st->part = TAIL;
		st->docs.array = false;
	} else {
		docs_line(&st->docs, rd, line, n, read_row);
	}
}

/* Between rows, too: much is put before the end is seen. */
static bool
jsonl_is_whole(const struct reader *rd)
{
	const struct jsonl_state *st = rd->state;

	return st->part == LINES || st->part == TAIL ||
	    (st->part == ROWS && st->docs.depth == 0);
}

static void
jsonl_end(struct reader *rd)
{
	struct jsonl_state *st = rd->state;

	if (st->part == ROWS)
		docs_end(&st->docs, rd, read_row);
}

static bool
jsonl_open(struct reader *rd, const char *carry)
{
	struct jsonl_state *st = rd->state;

	docs_init(&st->docs);
	table_init(&st->table, rd);
	return carry == NULL || carry[0] == 'i';
}

static void
jsonl_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct jsonl_state *st = rd->state;

	tk_buf_adds(b, st->part != LINES || st->table.nameless ? "r" : "i");
}

static void
jsonl_close(struct reader *rd)
{
	struct jsonl_state *st = rd->state;

	table_note_unknown(&st->table, rd);
	for (size_t i = 0; i < st->nkeys; i++)
		free(st->keys[i].text);
	free(st->keys);
	docs_release(&st->docs);
	table_release(&st->table);
}

static bool
jsonl_wants(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL &&
	    (strcasecmp(dot, ".jsonl") == 0 || strcasecmp(dot, ".ndjson") == 0);
}

/* "{" and a line with the name of the document. */
static bool
is_document(const char *head, size_t n)
{
	size_t space;

	if (n == 0 || *head != '{')
		return false;
	head++;
	n--;
	for (space = 0; space < n && strchr(" \t\r\n", head[space]) != NULL;)
		space++;
	return n - space >= strlen(SCHEMA) &&
	    memcmp(head + space, SCHEMA, strlen(SCHEMA)) == 0 &&
	    memchr(head, '\n', space) != NULL;
}

/* The first line is an object with a field that is known. */
static enum probe
jsonl_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	const char *end = memchr(head, '\n', n);
	size_t len = end != NULL ? (size_t)(end - head) : n;
	struct json_scan s;
	struct json_text key;
	struct field f;
	bool known = false;

	if (is_document(head, n))
		return PROBE_TABLE;
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		head += 3, len -= 3;
	head = trim_line(head, &len);
	json_scan_init(&s, head, len);
	if (json_scan_object(&s) <= 0)
		return PROBE_NO;
	while (json_scan_key(&s, &key)) {
		known = known || field_find(&f, key.p, key.n);
		json_scan_skip(&s);
	}
	if (!json_scan_end(&s))
		return PROBE_NO;
	if (o->nmap > 0 && jsonl_wants(path))
		return PROBE_SURE;
	return known ? PROBE_TABLE : PROBE_NO;
}

const struct importer importer_jsonl = {
	.name = "jsonl",
	.title = "JSON Lines",
	.version = 1,
	.state_size = sizeof(struct jsonl_state),
	.wants = jsonl_wants,
	.probe = jsonl_probe,
	.open = jsonl_open,
	.line = jsonl_line,
	.whole = jsonl_is_whole,
	.carry = jsonl_carry,
	.end = jsonl_end,
	.close = jsonl_close,
};
