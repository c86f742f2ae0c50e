/* CSV as in RFC 4180, with line feeds: a heading, then the rows. */
#include <string.h>

#include "out/out_int.h"

/* Spreadsheets take a semicolon or a tab for the end of a field, too, if it is
 * not in quotes. */
static bool
needs_quotes(const char *s)
{
	return s[strcspn(s, "\",;\t\r\n")] != '\0';
}

bool
out_is_formula(const char *s)
{
	return s[0] != '\0' && strchr("=+-@\t\r\n", s[0]) != NULL;
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

void
out_csv_add(struct tk_buf *b, const char *s, bool guard)
{
	size_t len = strlen(s);
	const char *mark = guard && out_is_formula(s) ? "'" : "";
	const char *quote;
	bool blank =
	    mark[0] == '\0' ? is_blank_outside(s, len) : is_blank(s[len - 1]);

	if (!blank && !needs_quotes(s)) {
		tk_buf_adds(b, mark);
		tk_buf_add(b, s, len);
		return;
	}
	tk_buf_adds(b, "\"");
	tk_buf_adds(b, mark);
	while ((quote = memchr(s, '"', len)) != NULL) {
		size_t n = (size_t)(quote - s) + 1;

		tk_buf_add(b, s, n);
		tk_buf_adds(b, "\"");
		s += n;
		len -= n;
	}
	tk_buf_add(b, s, len);
	tk_buf_adds(b, "\"");
}

static void
put_text(struct out *o, const char *s, bool guard)
{
	size_t len = strlen(s);

	if (len <= OUT_ROOM && !is_blank_outside(s, len) &&
	    !(guard && out_is_formula(s)) &&
	    out_copy_plain(out_room(o, len), s, len, ",;")) {
		o->len += len;
		return;
	}
	tk_buf_reset(&o->scratch);
	out_csv_add(&o->scratch, s, guard);
	out_raw(o, o->scratch.s, o->scratch.len);
}

static void
csv_begin(struct out *o)
{
	bool any = false;

	if (o->guard) /* what says to spreadsheets that this is UTF-8 */
		out_puts(o, "\xef\xbb\xbf");
	for (int i = 0; i < o->ncols; i++) {
		if (!o->shown[i])
			continue;
		out_puts(o, any ? "," : "");
		put_text(o, o->cols[i].key, false);
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
		put_text(o, v->s, o->guard);
		return;
	}
	p = out_spell(&o->spell, p, c->type, v);
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
