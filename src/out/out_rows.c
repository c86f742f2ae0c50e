/* Rows of machines' formats, many at once: see out_rows.h. */
#include "out/out_rows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out_digits.h"
#include "out/out_rows_int.h"

/* ROOM is for a column whose value is short, with what stands before it. */
enum { LONG = 64, ROOM = OUT_VALUE + LONG + 3 * OUT_COPY, WORDS = 16 };

struct column {
	enum out_field_kind kind;
	int from;
	size_t at;
	bool quoted; /* JSON: the value stands in quotes */
	const struct out_ready *before;
	const struct out_ready *word[WORDS];
};

struct out_rows {
	bool json, guard;
	const struct out_names *names;
	struct out_speller spell;
	struct tk_zone *zone; /* remembers what it was asked: one a thread */
	struct tk_buf scratch;
	const struct out_ready *null, *end;
	struct column *col;
	int cols;
	char *buf;
	size_t len, room, n;
};

bool
out_takes_rows(const struct out *o)
{
	int shown = 0;

	for (int i = 0; i < o->ncols; i++)
		shown += o->shown[i];
	/* CSV has rules of its own for a single column */
	return out_rows_format(o) != 0 && o->twin == NULL && !o->muted &&
	    !o->in_part && shown > 1 && o->shape == OUT_ROWS;
}

static struct out_ready *
make_ready(const char *s, size_t len)
{
	struct out_ready *w =
	    tk_xcalloc(1, sizeof(*w) + (len > OUT_COPY ? len : OUT_COPY));

	w->len = (uint32_t)len;
	memcpy(w->s, s, len);
	return w;
}

/* What stands before the value of a column: a comma, a key, what begins a row
 * of JSON; with the quote of the value. */
static const struct out_ready *
make_before(const struct out *o, int i, bool first, bool quoted)
{
	struct tk_buf b = TK_BUF_INIT;
	const struct out_ready *w;
	int format = out_rows_format(o);

	if (first && format == 'j')
		tk_buf_adds(&b, ",\n    {");
	else if (first && format == 'l')
		tk_buf_adds(&b, "{");
	if (format == 'c' && !first)
		tk_buf_adds(&b, ",");
	if (format != 'c') {
		const struct tk_buf *key = out_json_key(o, i);

		tk_buf_add(&b, key->s + first, key->len - first);
	}
	if (quoted)
		tk_buf_adds(&b, "\"");
	w = make_ready(b.s, b.len);
	tk_buf_release(&b);
	return w;
}

static void
make_words(const struct out_rows *r, struct column *c,
    const struct out_field *f, enum out_type type)
{
	struct tk_buf b = TK_BUF_INIT;

	for (int i = 0; i < WORDS; i++) {
		const struct tk_choice *w = f->words;
		const char *text = NULL;

		while (w != NULL && w->name != NULL && w->value != i)
			w++;
		if (w != NULL)
			text = w->name;
		tk_buf_reset(&b);
		if (type == OUT_BOOL)
			tk_buf_adds(&b, i > 0 ? "true" : "false");
		else
			out_add_text(&b, r->json, r->guard, text);
		c->word[i] = make_ready(b.s, b.len);
	}
	tk_buf_release(&b);
}

struct out_rows *
out_rows_new(const struct out *o, const struct out_names *names,
    const struct out_field *fields)
{
	struct out_rows *r = tk_xcalloc(1, sizeof(*r));
	int format = out_rows_format(o);

	r->json = format != 'c';
	r->guard = o->guard;
	r->names = names;
	if (o->style.zone != NULL)
		r->spell.zone = r->zone = tk_zone_twin(o->style.zone);
	r->spell.scratch = r->scratch = (struct tk_buf)TK_BUF_INIT;
	r->null = r->json ? make_ready("null", 4) : make_ready("", 0);
	r->end = format == 'l' ? make_ready("}\n", 2)
	    : format == 'j'    ? make_ready("}", 1)
			       : make_ready("\n", 1);
	r->col = tk_xcalloc((size_t)o->ncols, sizeof(*r->col));
	for (int i = 0; i < o->ncols; i++) {
		struct column *c = &r->col[r->cols];
		const struct out_field *f = &fields[i];

		if (!o->shown[i])
			continue;

		c->kind = f->kind;
		c->from = f->from;
		c->at = f->at;
		c->quoted = r->json && f->kind == OUT_FIELD_TIME;
		c->before = make_before(o, i, r->cols == 0, c->quoted);
		if (f->kind == OUT_FIELD_WORD)
			make_words(r, c, f, o->cols[i].type);
		r->cols++;
	}
	return r;
}

static void
free_ready(const struct out_ready *w)
{
	free((void *)(uintptr_t)w);
}

void
out_rows_free(struct out_rows *r)
{
	if (r == NULL)
		return;
	for (int i = 0; i < r->cols; i++) {
		free_ready(r->col[i].before);
		for (int k = 0; k < WORDS; k++)
			free_ready(r->col[i].word[k]);
	}
	free_ready(r->null);
	free_ready(r->end);
	tk_buf_release(&r->spell.scratch);
	tk_buf_release(&r->scratch);
	tk_zone_free(r->zone);
	free(r->col);
	free(r->buf);
	free(r);
}

void
out_rows_clear(struct out_rows *r)
{
	r->len = r->n = 0;
}

size_t
out_rows_count(const struct out_rows *r)
{
	return r->n;
}

/* Room for so many bytes, and for a row whose values are short, after p. */
static char *
make_room(struct out_rows *r, char *p, size_t n)
{
	size_t used = p == NULL ? 0 : (size_t)(p - r->buf);
	size_t need = used + n + ((size_t)r->cols + 1) * ROOM;

	if (need <= r->room)
		return p;
	r->room = need + need / 2 + (1 << 16);
	r->buf = tk_xreallocarray(r->buf, r->room, 1);
	return r->buf + used;
}

static inline char *
put_ready(struct out_rows *r, char *p, const struct out_ready *w)
{
	if (__builtin_expect(w->len > OUT_COPY, 0)) {
		p = make_room(r, p, w->len);
		memcpy(p, w->s, w->len);
		return p + w->len;
	}
	memcpy(p, w->s, OUT_COPY);
	return p + w->len;
}

static char *
put_odd(struct out_rows *r, char *p, const char *s, bool raw)
{
	tk_buf_reset(&r->scratch);
	if (!r->json)
		out_csv_add(&r->scratch, s, r->guard);
	else if (raw)
		out_json_add_raw(&r->scratch, s);
	else
		out_json_add(&r->scratch, s);
	p = make_room(r, p, r->scratch.len);
	memcpy(p, r->scratch.s, r->scratch.len);
	return p + r->scratch.len;
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline char *
put_text(struct out_rows *r, char *p, const char *s)
{
	size_t len = strlen(s);

	if (len > LONG)
		p = make_room(r, p, len);
	if (r->json) {
		*p = '"';
		if (!out_copy_plain(p + 1, s, len, "\\\\"))
			return put_odd(r, p, s, false);
		p[len + 1] = '"';
		return p + len + 2;
	}
	if ((len > 0 && (is_blank(s[0]) || is_blank(s[len - 1]))) ||
	    (r->guard && out_is_formula(s)) || !out_copy_plain(p, s, len, ",;"))
		return put_odd(r, p, s, false);
	return p + len;
}

/* What the quick ways do not know, and null. */
static char *
put_rest(struct out_rows *r, const struct column *c, char *p, enum out_type as,
    int64_t n)
{
	struct out_val v = { .n = n };

	if (n != OUT_NONE && (as != OUT_TIME || out_is_moment(n))) {
		p = out_spell(&r->spell, p, as, &v);
		if (c->quoted)
			*p++ = '"';
		return p;
	}
	return put_ready(r, p - c->quoted, r->null);
}

static inline char *
put_int(struct out_rows *r, const struct column *c, char *p, int64_t n)
{
	if ((uint64_t)n < 100000000)
		return out_put_small(p, (uint32_t)n);
	return put_rest(r, c, p, OUT_INT, n);
}

static inline char *
put_value(struct out_rows *r, const struct column *c, char *p,
    const void *const from[OUT_STRUCTS], uint32_t *missing)
{
	const void *at = (const char *)from[c->from] + c->at;
	const struct out_ready *w;
	const char *s;
	int64_t n;

	switch (c->kind) {
	case OUT_FIELD_INT:
		return put_int(r, c, p, *(const int64_t *)at);
	case OUT_FIELD_MONEY:
		return put_rest(r, c, p, OUT_MONEY, *(const int64_t *)at);
	case OUT_FIELD_TIME:
		return put_rest(r, c, p, OUT_TIME, *(const int64_t *)at);
	case OUT_FIELD_TEXT:
		s = *(const char *const *)at;
		return s != NULL ? put_text(r, p, s) : put_ready(r, p, r->null);
	case OUT_FIELD_JSON:
		s = *(const char *const *)at;
		return s != NULL ? put_odd(r, p, s, true)
				 : put_ready(r, p, r->null);
	case OUT_FIELD_NAME:
		if (*(const uint32_t *)at == 0)
			return put_ready(r, p, r->null);
		w = out_find_name(r->names, *(const uint32_t *)at);
		if (w != NULL)
			return put_ready(r, p, w);
		*missing = *(const uint32_t *)at;
		return p;
	case OUT_FIELD_WORD:
		n = *(const int64_t *)at;
		return put_ready(r, p,
		    n >= 0 && n < WORDS ? c->word[n] : r->null);
	case OUT_FIELD_NULL:
		break;
	}
	return put_ready(r, p, r->null);
}

uint32_t
out_rows_add(struct out_rows *r, const void *const from[OUT_STRUCTS])
{
	char *p = make_room(r, r->buf == NULL ? NULL : r->buf + r->len, 0);
	uint32_t missing = 0;

	for (int i = 0; i < r->cols; i++) {
		const struct column *c = &r->col[i];

		p = put_ready(r, p, c->before);
		p = put_value(r, c, p, from, &missing);
	}
	if (missing != 0)
		return missing;
	p = put_ready(r, p, r->end);
	r->len = (size_t)(p - r->buf);
	r->n++;
	return 0;
}

void
out_put_rows(struct out *o, struct out_rows *r)
{
	/* the comma between rows is not before the first */
	size_t skip = out_rows_format(o) == 'j' && o->rows == 0;

	assert(o->col == 0);
	if (r->n == 0)
		return;
	out_drain(o);
	errno = 0;
	if (o->error == 0 &&
	    fwrite(r->buf + skip, 1, r->len - skip, o->to) != r->len - skip)
		o->error = errno != 0 ? errno : EIO;
	o->rows += r->n;
	out_rows_clear(r);
}
