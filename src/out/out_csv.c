/* CSV as in RFC 4180, with line feeds: a heading, then the rows. */
#include <string.h>

#include "out/out_int.h"

static bool
needs_quotes(const char *s)
{
	return s[strcspn(s, "\",\r\n")] != '\0';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Readers that take off what is blank around a text leave it in quotes. */
static bool
is_blank_outside(const char *s, size_t len)
{
	return len > 0 && (is_blank(s[0]) || is_blank(s[len - 1]));
}

static void
put_text(struct out *o, const char *s)
{
	size_t len = strlen(s);
	bool blank = is_blank_outside(s, len);
	const char *quote;

	if (len <= OUT_ROOM && !blank &&
	    out_copy_plain(out_room(o, len), s, len, ',')) {
		o->len += len;
		return;
	}
	if (!blank && !needs_quotes(s)) {
		out_raw(o, s, len);
		return;
	}
	out_raw(o, "\"", 1);
	while ((quote = memchr(s, '"', len)) != NULL) {
		size_t n = (size_t)(quote - s) + 1;

		out_raw(o, s, n);
		out_raw(o, "\"", 1);
		s += n;
		len -= n;
	}
	out_raw(o, s, len);
	out_raw(o, "\"", 1);
}

/* Seldom, so it may be slow. */
static void
put_guarded(struct out *o, const char *s)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "'%s", s);
	put_text(o, b.s);
	tk_buf_release(&b);
}

static void
csv_begin(struct out *o)
{
	bool any = false;

	for (int i = 0; i < o->ncols; i++) {
		if (!o->shown[i])
			continue;
		out_puts(o, any ? "," : "");
		put_text(o, o->cols[i].key);
		any = true;
	}
	out_puts(o, "\n");
}

static bool
is_only_cell(const struct out *o)
{
	int shown = 0;

	for (int i = 0; i < o->ncols; i++)
		shown += o->shown[i];
	return shown == 1;
}

/* A line without anything is no row to most readers, and "\." ends the rows
 * for PostgreSQL. */
static bool
is_no_line(const struct out_col *c, const struct out_val *v)
{
	return v->null ||
	    (c->type == OUT_TEXT &&
		(v->s[0] == '\0' || strcmp(v->s, "\\.") == 0));
}

static void
csv_cell(struct out *o, const struct out_col *c, const struct out_val *v)
{
	char *p = out_room(o, OUT_VALUE + 1);

	if (!o->first) {
		*p++ = ',';
		o->len++;
	} else if (is_no_line(c, v) && is_only_cell(o)) {
		out_raw(o, "\"", 1);
		out_puts(o, v->null ? "" : v->s);
		out_raw(o, "\"", 1);
		o->first = false;
		return;
	}
	o->first = false;
	if (v->null)
		return;
	if (c->type == OUT_TEXT || c->type == OUT_JSON) {
		if (o->guard && v->s[0] != '\0' &&
		    strchr("=+-@\t\r\n", v->s[0]) != NULL) {
			put_guarded(o, v->s);
			return;
		}
		put_text(o, v->s);
		return;
	}
	p = out_spell(o, p, c->type, v);
	o->len = (size_t)(p - o->buf);
}

static void
csv_end_row(struct out *o)
{
	out_raw(o, "\n", 1);
}

static void
csv_end(struct out *o)
{
	(void)o;
}

const struct out_ops out_csv = {
	.skip = OUT_PEOPLE,
	.rows = 1 << OUT_ROW_DATA,
	.begin = csv_begin,
	.cell = csv_cell,
	.end_row = csv_end_row,
	.end = csv_end,
};
