#include "ingest/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ingest/hash.h"

enum { UNKNOWN_MOST = 8 };

void
table_init(struct table *t, const struct reader *rd)
{
	*t = (struct table){ .unknown = TK_BUF_INIT, .bad = TK_ERR_INIT };
	table_begin_row(t, rd);
}

void
table_release(struct table *t)
{
	ids_release(&t->seen);
	tk_buf_release(&t->unknown);
}

/* One pair of --map, "COLUMN=FIELD" or "FIELD=COLUMN". */
struct pair {
	const char *column;
	size_t n;
	struct field field;
	bool ignored;
};

/* Is each part between commas a pair?  Then it is a list; else the commas
 * are of a column's name. */
static bool
is_list(const char *map)
{
	for (;;) {
		size_t n = strcspn(map, ",");

		if (memchr(map, '=', n) == NULL)
			return false;
		if (map[n] == '\0')
			return true;
		map += n + 1;
	}
}

/* The pair in map[n].  A name that is no field is the column's. */
static bool
read_pair(const char *map, size_t n, struct pair *p)
{
	const char *eq = memrchr(map, '=', n);
	const char *right = eq != NULL ? eq + 1 : NULL;
	size_t len = eq != NULL ? n - (size_t)(right - map) : 0;

	if (eq == NULL || eq == map)
		return false;
	*p = (struct pair){ .column = map, .n = (size_t)(eq - map) };
	p->ignored = len == 0;
	if (p->ignored || field_find(&p->field, right, len))
		return true;
	p->column = right;
	p->n = len;
	return field_find(&p->field, map, (size_t)(eq - map));
}

/* The next pair; *at is 0 at first.  1, 0 after the last, -1: it is none. */
static int
next_pair(const struct ingest_options *o, size_t *i, size_t *at, struct pair *p)
{
	const char *map;
	size_t n;

	if (*i == o->nmap)
		return 0;
	map = o->map[*i] + *at;
	n = is_list(o->map[*i]) ? strcspn(map, ",") : strlen(map);
	if (!read_pair(map, n, p))
		return -1;
	*at += n + 1;
	if (map[n] == '\0') {
		++*i;
		*at = 0;
	}
	return 1;
}

/* What --map says about a column: 1: *f; 0: ignore it; -1: nothing. */
static int
mapped(const struct ingest_options *o, const char *name, size_t n,
    struct field *f)
{
	size_t i = 0, at = 0;
	struct pair p;

	while (next_pair(o, &i, &at, &p) > 0) {
		if (p.n != n || memcmp(p.column, name, n) != 0)
			continue;
		*f = p.field;
		return !p.ignored;
	}
	return -1;
}

int
table_check_map(const struct ingest_options *o, struct tk_err *err)
{
	size_t i = 0, at = 0;
	struct pair p;
	int more;

	while ((more = next_pair(o, &i, &at, &p)) > 0)
		continue;
	if (more == 0)
		return 0;
	if (strchr(o->map[i], '=') == NULL || o->map[i][0] == '=')
		return tk_fail(err, TK_USAGE, "--map: '%s' is not COLUMN=FIELD",
		    o->map[i]);
	return tk_fail(err, TK_USAGE, "--map: there is no field '%s'",
	    strrchr(o->map[i], '=') + 1);
}

bool
table_column(struct table *t, const struct reader *rd, const char *name,
    size_t n, struct field *f)
{
	int got = mapped(rd->options, name, n, f);

	if (got >= 0)
		return got > 0;
	if (field_find(f, name, n))
		return true;
	if (!field_is_derived(name, n) && n > 0 && t->nunknown++ < UNKNOWN_MOST)
		tk_buf_addf(&t->unknown, "%s'%.*s'",
		    t->unknown.len > 0 ? ", " : "", n > 40 ? 40 : (int)n, name);
	return false;
}

void
table_begin_row(struct table *t, const struct reader *rd)
{
	field_row_init(&t->row, rd->options->zone);
	t->wrong = false;
}

void
table_set(struct table *t, struct reader *rd, const struct field *f,
    const char *value, size_t n)
{
	if (t->wrong || n == 0)
		return;
	if (f->of != NULL &&
	    (f->of->type == RECORD_NAME || f->of->type == RECORD_TEXT ||
		f->of->type == RECORD_OBJECT))
		value = batch_text(rd->batch, value, n);
	t->wrong = field_set(&t->row, f, value, n, &t->bad) < 0;
}

void
table_fail(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (t->wrong)
		return;
	t->wrong = true;
	va_start(ap, fmt);
	vsnprintf(t->bad.msg, sizeof(t->bad.msg), fmt, ap);
	va_end(ap);
}

/* The bytes are the same on all machines. */
static void
add_number(struct tk_buf *b, int64_t n)
{
	uint64_t u = (uint64_t)n;
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(u >> (8 * i));
	tk_buf_add(b, bytes, sizeof(bytes));
}

/* All that the row said, in an order of our own. */
static struct hash128
content_hash(struct usage_record *r, struct tk_buf *b)
{
	struct usage_record blank;

	record_init(&blank);
	tk_buf_reset(b);
	for (const struct record_field *f = record_fields; f->key != NULL;
	     f++) {
		const char *text;

		switch (f->type) {
		case RECORD_NAME:
		case RECORD_TEXT:
		case RECORD_OBJECT:
			text = *record_text(r, f);
			if (text == NULL)
				continue;
			tk_buf_add(b, f->key, strlen(f->key) + 1);
			tk_buf_add(b, text, strlen(text) + 1);
			continue;
		case RECORD_TIME:
		case RECORD_COUNT:
		case RECORD_NUMBER:
		case RECORD_COST:
		case RECORD_CHOICE:
			if (*record_int(r, f) == *record_int(&blank, f))
				continue;
			tk_buf_add(b, f->key, strlen(f->key) + 1);
			add_number(b, *record_int(r, f));
			continue;
		}
	}
	return hash_bytes(b->s, b->len);
}

static void
derive_id(struct table *t, struct reader *rd)
{
	struct tk_buf *b = &rd->scratch;
	struct hash128 h = content_hash(&t->row.record, b);
	uint32_t before = ids_see(&t->seen, h.a);

	t->nameless = true;
	tk_buf_reset(b);
	tk_buf_adds(b, "row:");
	hash_add(&h, b);
	if (before > 0)
		tk_buf_addf(b, ":%" PRIu32, before + 1);
	t->row.record.request_id = batch_text(rd->batch, b->s, b->len);
}

/* What a record has to have at least. */
static void
check(struct table *t, const struct reader *rd)
{
	struct usage_record *r = &t->row.record;

	if (!t->wrong)
		t->wrong = field_finish(&t->row, &t->bad) < 0;
	if (r->model == NULL && r->application == NULL)
		table_fail(t, "neither model nor application");
	if (r->error == NULL && !field_has_tokens(&t->row))
		table_fail(t, "no token counts");
	if (r->time == RECORD_UNKNOWN && rd->stream != NULL)
		r->time = rd->options->now;
	if (r->time == RECORD_UNKNOWN)
		table_fail(t, "no time");
}

void
table_end_row(struct table *t, struct reader *rd)
{
	check(t, rd);
	if (t->wrong) {
		reader_bad(rd, "%s", t->bad.msg);
	} else {
		if (t->row.record.request_id == NULL && rd->stream == NULL)
			derive_id(t, rd);
		reader_give(rd, &t->row.record);
	}
	table_begin_row(t, rd);
}

void
table_note_unknown(struct table *t, struct reader *rd)
{
	if (t->unknown.len > 0)
		reader_note(rd, "ignored columns: %s%s", t->unknown.s,
		    t->nunknown > UNKNOWN_MOST ? ", ..." : "");
	tk_buf_reset(&t->unknown);
}
