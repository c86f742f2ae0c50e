/*
 * JSON, one envelope around the rows, and JSON Lines, the rows alone
 *
 * Every byte string becomes valid JSON: malformed UTF-8 turns into U+FFFD.
 * One row is one line in both, so that they stream and can be compared.
 */
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "out/out_int.h"

static void
add_escape(struct tk_buf *b, char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = memchr(from, c, sizeof(from) - 1);
	char s[6] = { '\\', 'u', '0', '0', hex[(unsigned char)c >> 4],
		hex[(unsigned char)c & 15] };

	if (known != NULL)
		s[1] = to[known - from];
	tk_buf_add(b, s, known != NULL ? 2 : 6);
}

/* Text within quotes; with escape false, text that is JSON already. */
static void
add_chars(struct tk_buf *b, const char *s, size_t len, bool escape)
{
	for (size_t i = 0, n; i < len; i += n) {
		int32_t cp;

		n = out_plain(s + i, len - i);
		tk_buf_add(b, s + i, n);
		i += n;
		if (i == len)
			break;
		n = tk_utf8_step(s + i, len - i, &cp);
		if (cp < 0)
			tk_buf_adds(b, "\xef\xbf\xbd");
		else if (n > 1)
			tk_buf_add(b, s + i, n);
		else if (escape)
			add_escape(b, s[i]);
		else /* a line break may only stand between its tokens */
			tk_buf_add(b, (unsigned char)s[i] < 0x20 ? " " : s + i,
			    1);
	}
}

void
out_json_add(struct tk_buf *b, const char *s)
{
	tk_buf_adds(b, "\"");
	add_chars(b, s, strlen(s), true);
	tk_buf_adds(b, "\"");
}

void
out_json_add_raw(struct tk_buf *b, const char *json)
{
	add_chars(b, json, strlen(json), false);
}

static void
put_string(struct out *o, const char *s)
{
	size_t len = strlen(s);

	if (len <= OUT_ROOM - 2) {
		char *p = out_room(o, len + 2);

		p[0] = '"';
		if (out_copy_plain(p + 1, s, len, "\\\\")) {
			p[len + 1] = '"';
			o->len += len + 2;
			return;
		}
	}
	tk_buf_reset(&o->scratch);
	out_json_add(&o->scratch, s);
	out_raw(o, o->scratch.s, o->scratch.len);
}

static void
put_json(struct out *o, const char *json)
{
	tk_buf_reset(&o->scratch);
	out_json_add_raw(&o->scratch, json);
	out_raw(o, o->scratch.s, o->scratch.len);
}

const struct tk_buf *
out_json_key(const struct out *o, int i)
{
	return &o->keys[i];
}

/* ,"key": of each column; the first of a row starts after the comma. */
static void
prepare_keys(struct out *o)
{
	size_t start;

	o->keys = tk_xcalloc((size_t)o->ncols, sizeof(*o->keys));
	for (int i = 0; i < o->ncols; i++) {
		o->keys[i] = (struct tk_buf)TK_BUF_INIT;
		start = o->len;
		out_raw(o, ",", 1);
		put_string(o, o->cols[i].key);
		out_raw(o, ":", 1);
		tk_buf_add(&o->keys[i], o->buf + start, o->len - start);
		o->len = start;
	}
}

static void
put_value(struct out *o, const struct out_col *c, const struct out_val *v)
{
	bool quoted = c->type == OUT_TIME || c->type == OUT_DAY;
	char *p;

	if (v->null) {
		out_raw(o, "null", 4);
	} else if (c->type == OUT_TEXT) {
		put_string(o, v->s);
	} else if (c->type == OUT_JSON) {
		put_json(o, v->s);
	} else {
		p = out_room(o, OUT_VALUE + 2);
		*p = '"';
		p = out_spell(&o->spell, p + quoted, c->type, v);
		*p = '"';
		o->len = (size_t)(p - o->buf) + quoted;
	}
}

static void
put_field(struct out *o, const struct out_col *c, const struct out_val *v)
{
	const struct tk_buf *key = &o->keys[c - o->cols];
	size_t len = key->len - o->first;

	memcpy(out_room(o, len), key->s + o->first, len);
	o->len += len;
	put_value(o, c, v);
}

static void
put_time(struct out *o, int64_t ms)
{
	if (ms == INT64_MIN || ms == INT64_MAX) {
		out_puts(o, "null");
		return;
	}
	tk_buf_reset(&o->spell.scratch);
	tk_time_add(&o->spell.scratch, o->style.zone, ms);
	put_string(o, o->spell.scratch.s);
}

static bool
has_range(const struct out_doc *doc)
{
	return doc != NULL && (doc->since != 0 || doc->until != 0);
}

static void
put_range(struct out *o)
{
	const struct out_doc *doc = o->doc;

	out_puts(o, "  \"range\": ");
	if (!has_range(doc)) {
		out_puts(o, "null,\n");
		return;
	}
	out_puts(o, "{\"since\": ");
	put_time(o, doc->since);
	out_puts(o, ", \"until\": ");
	put_time(o, doc->until);
	out_puts(o, "},\n");
}

/* A filter that was given twice becomes an array. */
static void
put_filters(struct out *o)
{
	const struct out_remark *f = o->filters.v;
	size_t n = o->filters.n;
	bool any = false;

	out_puts(o, "  \"filters\": {");
	for (size_t i = 0; i < n; i++) {
		size_t same = 0, before = 0;

		for (size_t j = 0; j < n; j++) {
			bool is = strcmp(f[j].code, f[i].code) == 0;

			same += is;
			before += is && j < i;
		}
		if (before > 0)
			continue;
		out_puts(o, any ? ", " : "");
		put_string(o, f[i].code);
		out_puts(o, same > 1 ? ": [" : ": ");
		put_string(o, f[i].text);
		for (size_t j = i + 1; j < n; j++) {
			if (strcmp(f[j].code, f[i].code) != 0)
				continue;
			out_puts(o, ", ");
			put_string(o, f[j].text);
		}
		out_puts(o, same > 1 ? "]" : "");
		any = true;
	}
	out_puts(o, "},\n");
}

static bool
is_one(const struct out *o)
{
	return o->shape == OUT_ONE && !o->in_part;
}

static void
json_begin(struct out *o)
{
	prepare_keys(o);
	out_puts(o, "{\n  \"schema\": ");
	if (o->doc != NULL && o->doc->schema != NULL)
		put_string(o, o->doc->schema);
	else
		out_puts(o, "null");
	out_puts(o, ",\n  \"generated\": ");
	put_time(o, o->style.now);
	out_puts(o, ",\n  \"timezone\": ");
	put_string(o, tk_zone_name(o->style.zone));
	out_puts(o, ",\n");
	if (!is_one(o) || has_range(o->doc)) {
		put_range(o);
		put_filters(o);
	}
	if (!is_one(o))
		out_puts(o, "  \"rows\": [");
}

static void
start_row(struct out *o)
{
	if (o->row == OUT_ROW_TOTAL) {
		out_puts(o, o->rows == 0 ? "]" : "\n  ]");
		out_puts(o, ",\n  \"total\": {");
		o->had_total = true;
	} else if (o->in_part && o->shape == OUT_ONE) {
		out_puts(o, "{");
	} else {
		out_puts(o, o->rows == 0 ? "\n    {" : ",\n    {");
	}
	o->in_row = true;
	o->first = true;
}

static void
json_cell(struct out *o, const struct out_col *c, const struct out_val *v)
{
	/* What has no total is not in it; what is not known is null. */
	bool summed = c->type == OUT_INT || c->type == OUT_MONEY ||
	    c->type == OUT_RATIO || c->type == OUT_BYTES;

	if (is_one(o)) {
		out_puts(o, "  ");
		put_string(o, c->key);
		out_puts(o, ": ");
		put_value(o, c, v);
		out_puts(o, ",\n");
		return;
	}
	if (o->in_part && o->row == OUT_ROW_TOTAL)
		return;
	if (!o->in_row)
		start_row(o);
	if (o->row == OUT_ROW_TOTAL && v->null && !summed)
		return;
	put_field(o, c, v);
	o->first = false;
}

static void
json_end_row(struct out *o)
{
	if (o->in_row)
		out_puts(o, "}");
	o->in_row = false;
}

static void
put_warnings(struct out *o)
{
	const struct out_remarks *w = &o->warnings;

	out_puts(o, "  \"warnings\": [");
	for (size_t i = 0; i < w->n; i++) {
		out_puts(o, i == 0 ? "\n    {" : ",\n    {");
		out_puts(o, "\"code\":");
		put_string(o, w->v[i].code);
		out_puts(o, ",\"message\":");
		put_string(o, w->v[i].text);
		out_puts(o, "}");
	}
	out_puts(o, w->n == 0 ? "]\n}\n" : "\n  ]\n}\n");
}

/* What stands in the envelope so far ends with a comma. */
static void
json_end_part(struct out *o)
{
	if (o->in_part && o->shape == OUT_ONE) {
		out_puts(o, o->rows == 0 ? "null,\n" : ",\n");
	} else if (o->in_part) {
		out_puts(o, o->rows == 0 ? "],\n" : "\n  ],\n");
	} else if (is_one(o)) {
		/* all its fields end with a comma */
	} else if (o->had_total) {
		out_puts(o, ",\n");
	} else {
		out_puts(o, o->rows == 0 ? "]" : "\n  ]");
		out_puts(o, ",\n  \"total\": null,\n");
	}
}

static void
json_begin_part(struct out *o, const struct out_part *part)
{
	prepare_keys(o);
	out_puts(o, "  ");
	put_string(o, part->key);
	out_puts(o, part->shape == OUT_ONE ? ": " : ": [");
}

static void
jsonl_cell(struct out *o, const struct out_col *c, const struct out_val *v)
{
	if (o->first)
		out_raw(o, "{", 1);
	put_field(o, c, v);
	o->first = false;
}

static void
jsonl_end_row(struct out *o)
{
	out_raw(o, "}\n", 2);
}

static void
nothing(struct out *o)
{
	(void)o;
}

const struct out_ops out_json = {
	.skip = OUT_PEOPLE,
	.rows = 1 << OUT_ROW_DATA | 1 << OUT_ROW_TOTAL,
	.begin = json_begin,
	.cell = json_cell,
	.end_row = json_end_row,
	.end_part = json_end_part,
	.begin_part = json_begin_part,
	.end = put_warnings,
};

const struct out_ops out_jsonl = {
	.skip = OUT_PEOPLE,
	.rows = 1 << OUT_ROW_DATA,
	.begin = prepare_keys,
	.cell = jsonl_cell,
	.end_row = jsonl_end_row,
	.end = nothing,
};
