/*
 * Workbooks for spreadsheets (Office Open XML): rows as they come, in constant
 * memory, into an archive that is written as a stream
 *
 * Numbers are numbers with all their digits, times are cells of dates, and
 * every text is a text, whatever it begins with.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out_digits.h"
#include "out/out_xlsx_int.h"
#include "zip/archive.h"

#define LARGE (ARCHIVE_MOST - (UINT64_C(64) << 20)) /* a sheet ends there */

/* The first failure that is not one of writing; the rest is thrown away. */
static void TK_PRINTF(2, 3) refuse(struct out *o, const char *fmt, ...)
{
	struct tk_buf b = TK_BUF_INIT;
	va_list ap;

	if (o->error != 0)
		return;
	va_start(ap, fmt);
	tk_buf_addv(&b, fmt, ap);
	va_end(ap);
	tk_fail(&o->xlsx->refused, TK_DATA, "%s", b.s);
	tk_hint(&o->xlsx->refused, "csv, json and jsonl take it");
	tk_buf_release(&b);
	o->error = EFBIG;
}

/* "A" to "XFD" */
static void
column_letters(int i, char letters[4])
{
	char all[4] = "";
	int n = 3;

	for (i++; i > 0; i = (i - 1) / 26)
		all[--n] = (char)('A' + (i - 1) % 26);
	memmove(letters, all + n, (size_t)(3 - n));
	letters[3 - n] = '\0';
}

static enum out_xlsx_style
style_of(const struct out_col *c)
{
	switch (c->type) {
	case OUT_INT:
		return c->flags & OUT_PLAIN ? XLSX_PLAIN : XLSX_COUNT;
	case OUT_BYTES:
		return XLSX_COUNT;
	case OUT_MONEY:
		return XLSX_MONEY;
	case OUT_TIME:
		return XLSX_TIME;
	case OUT_DAY:
		return XLSX_DAY;
	case OUT_RATIO:
		return c->flags & OUT_PERCENT ? XLSX_NUMBER : XLSX_RATIO;
	case OUT_BOOL:
		return XLSX_TRUTH;
	case OUT_TEXT:
	case OUT_BAR:
	case OUT_JSON:
	case OUT_SHADES:
		break;
	}
	return XLSX_GENERAL;
}

/* In characters; what is longer can be seen by widening the column. */
static size_t
width_of(const struct out_col *c)
{
	size_t heading = strlen(c->key) + 4, width = 14;

	if (c->type == OUT_TIME)
		width = 24;
	else if (c->type == OUT_TEXT || c->type == OUT_JSON)
		width = 20;
	return heading > width ? heading : width;
}

static void
prepare_cols(struct out *o)
{
	struct out_xlsx *x = o->xlsx;

	free(x->col);
	x->col = tk_xcalloc((size_t)o->ncols + 1, sizeof(*x->col));
	x->shown = 0;
	x->last[0] = '\0';
	for (int i = 0; i < o->ncols; i++) {
		struct out_xlsx_col *c = &x->col[i];

		if (!o->shown[i])
			continue;
		if (x->shown == XLSX_COLS) {
			refuse(o, "a sheet has at most %d columns", XLSX_COLS);
			return;
		}
		column_letters(x->shown++, x->last);
		c->place_len = (size_t)snprintf(c->place, sizeof(c->place),
		    "<c r=\"%s", x->last);
		snprintf(c->kind, sizeof(c->kind), "\" s=\"%d\"%s><v>",
		    style_of(&o->cols[i]),
		    o->cols[i].type == OUT_BOOL ? " t=\"b\"" : "");
		c->kind_len = strlen(c->kind);
	}
}

/* The name of the part; "name 2" where there is one already. */
static void
name_sheet(const struct out_xlsx *x, char name[XLSX_NAME + 1])
{
	size_t n = 1, i = 0;

	snprintf(name, XLSX_NAME + 1, "%s", x->key);
	while (i < x->sheets) {
		if (strcasecmp(x->sheet[i++].name, name) != 0)
			continue;
		snprintf(name, XLSX_NAME + 1, "%.20s %zu", x->key, ++n);
		i = 0;
	}
}

static void
put_widths(struct out *o)
{
	char width[128];
	int n = 0;

	out_puts(o, o->xlsx->shown > 0 ? "<cols>" : "");
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i]) {
			snprintf(width, sizeof(width),
			    "<col min=\"%d\" max=\"%d\" width=\"%zu\" "
			    "customWidth=\"1\"/>",
			    n + 1, n + 1, width_of(&o->cols[i]));
			out_puts(o, width);
			n++;
		}
	out_puts(o, o->xlsx->shown > 0 ? "</cols>" : "");
}

static void
begin_row(struct out *o, uint32_t row)
{
	struct out_xlsx *x = o->xlsx;

	x->row_len = (size_t)(out_put_digits(x->row, row) - x->row);
	out_raw(o, "<row r=\"", 8);
	out_raw(o, x->row, x->row_len);
	out_raw(o, "\">", 2);
	x->in_row = true;
}

static inline char *
add(char *p, const char *s, size_t len)
{
	memcpy(p, s, len);
	return p + len;
}

/* What stands before the value of the i-th column. */
static char *
begin_cell(struct out *o, int i, const char *kind, size_t len)
{
	const struct out_xlsx *x = o->xlsx;
	const struct out_xlsx_col *c = &x->col[i];
	char *p = out_room(o, 128 + OUT_VALUE);

	memcpy(p, c->place, sizeof(c->place));
	p += c->place_len;
	memcpy(p, x->row, sizeof(x->row));
	return add(p + x->row_len, kind, len);
}

/* Texts as they are nearly always: nothing to escape, nothing to keep. */
static bool
put_plain(struct out *o, int i, const char *s, size_t len)
{
	static const char kind[] = "\" t=\"inlineStr\"><is><t>";
	static const char end[] = "</t></is></c>";
	size_t before = o->len;
	char *p;

	if (len == 0 || len > 1024 || s[0] == ' ' || s[len - 1] == ' ' ||
	    out_is_formula(s) || memchr(s, '>', len) != NULL ||
	    strstr(s, "_x") != NULL)
		return false;
	if (OUT_BUFFER - before < 128 + OUT_VALUE + len + sizeof(end))
		out_drain(o);
	p = begin_cell(o, i, kind, sizeof(kind) - 1);
	if (!out_copy_plain(p, s, len, "<&"))
		return false;
	p = add(p + len, end, sizeof(end) - 1);
	o->len = (size_t)(p - o->buf);
	return true;
}

static void
put_any(struct out *o, int i, const char *s, enum out_xlsx_style style)
{
	char kind[32], *p;
	size_t units;

	snprintf(kind, sizeof(kind), "\" s=\"%d\" t=\"inlineStr\">", style);
	p = begin_cell(o, i, kind, strlen(kind));
	o->len = (size_t)(p - o->buf);
	out_puts(o, "<is><t xml:space=\"preserve\">");
	tk_buf_reset(&o->scratch);
	units = out_xml_add(&o->scratch, s);
	if (units > XLSX_TEXT)
		refuse(o,
		    "'%s' in row %.*s has %zu characters; a cell of a "
		    "spreadsheet holds %d",
		    o->cols[i].key, (int)o->xlsx->row_len, o->xlsx->row, units,
		    XLSX_TEXT);
	out_raw(o, o->scratch.s, o->scratch.len);
	out_puts(o, "</t></is></c>");
}

/* No text can be a formula here; but who edits one that looks like it would
 * make it one, if the cell were not for texts only. */
static void
put_text(struct out *o, int i, const char *s)
{
	if (!put_plain(o, i, s, strlen(s)))
		put_any(o, i, s,
		    out_is_formula(s) ? XLSX_TEXT_ONLY : XLSX_GENERAL);
}

static void
begin_sheet(struct out *o)
{
	struct out_xlsx *x = o->xlsx;
	struct out_xlsx_sheet *sheet;
	struct tk_buf b = TK_BUF_INIT;

	x->sheet = tk_xreallocarray(x->sheet, x->sheets + 1, sizeof(*sheet));
	sheet = &x->sheet[x->sheets];
	name_sheet(x, sheet->name);
	strcpy(sheet->last, x->last);
	sheet->rows = 1;
	x->sheets++;
	tk_buf_addf(&b, "xl/worksheets/sheet%zu.xml", x->sheets);
	out_xlsx_file(o, b.s);
	tk_buf_release(&b);
	out_puts(o,
	    OUT_XML_START "<worksheet xmlns=\"" OUT_SHEETML "\"><sheetViews>"
			  "<sheetView workbookViewId=\"0\"><pane ySplit=\"1\" "
			  "topLeftCell=\"A2\" activePane=\"bottomLeft\" "
			  "state=\"frozen\"/></sheetView></sheetViews>");
	put_widths(o);
	out_puts(o, "<sheetData>");
	begin_row(o, 1);
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i])
			put_any(o, i, o->cols[i].key,
			    style_of(&o->cols[i]) == XLSX_GENERAL ? XLSX_HEADING
								  : XLSX_RIGHT);
	out_puts(o, "</row>");
	x->in_row = false;
}

static void
end_sheet(struct out *o)
{
	const struct out_xlsx_sheet *sheet =
	    &o->xlsx->sheet[o->xlsx->sheets - 1];
	char range[64];

	out_puts(o, "</sheetData>");
	snprintf(range, sizeof(range), "<autoFilter ref=\"A1:%s%" PRIu32 "\"/>",
	    sheet->last, sheet->rows);
	out_puts(o, sheet->last[0] != '\0' ? range : "");
	out_puts(o, "</worksheet>");
}

/* The next row of data: in another sheet, if this one is full. */
static void
next_row(struct out *o)
{
	struct out_xlsx *x = o->xlsx;

	if (x->sheet[x->sheets - 1].rows == XLSX_ROWS ||
	    (x->archive != NULL && archive_size(x->archive) > LARGE)) {
		end_sheet(o);
		begin_sheet(o);
	}
	begin_row(o, ++x->sheet[x->sheets - 1].rows);
}

static void
begin_part(struct out *o, const char *name, size_t len)
{
	snprintf(o->xlsx->key, sizeof(o->xlsx->key), "%.*s", (int)len, name);
	prepare_cols(o);
	begin_sheet(o);
}

/* The last word of "tokctl.report.daily/1". */
static void
xlsx_begin(struct out *o)
{
	struct out_xlsx *x = o->xlsx = tk_xcalloc(1, sizeof(*x));
	const char *schema = o->doc != NULL ? o->doc->schema : NULL;
	const char *name = schema != NULL ? strrchr(schema, '.') : NULL;
	FILE *in;

	x->real = o->to;
	if (archive_open(&x->archive, &in, o->to, &x->refused) < 0)
		o->error = ENOMEM;
	else
		o->to = in;
	out_xlsx_head(o);
	name = name != NULL ? name + 1 : "rows";
	begin_part(o, name, strcspn(name, "/"));
}

static void
xlsx_begin_part(struct out *o, const struct out_part *part)
{
	begin_part(o, part->key, strlen(part->key));
}

/*
 * Days since the 30th of December 1899, which is right from March 1900 on:
 * spreadsheets know a 29th of February in that year.  The eleven decimals are
 * fine enough for milliseconds.
 */
enum { EPOCH = 25569, FIRST_DAY = 61, LAST_DAY = 2958465 };
enum { MS_PER_DAY = 86400000 };

static bool
is_date(int64_t serial)
{
	return serial >= FIRST_DAY && serial <= LAST_DAY;
}

static char *
put_time(const struct out *o, char *p, int64_t ms)
{
	int64_t local = ms + (int64_t)tk_zone_offset(o->style.zone, ms) * 1000;
	int64_t day = (local - (local < 0 ? MS_PER_DAY - 1 : 0)) / MS_PER_DAY;
	uint64_t of_day = (uint64_t)(local - day * MS_PER_DAY);
	uint64_t rest =
	    (of_day * UINT64_C(100000000000) + MS_PER_DAY / 2) / MS_PER_DAY;

	if (!is_date(day + EPOCH))
		return NULL;
	p = out_put_digits(p, (uint64_t)(day + EPOCH));
	if (rest > 0) {
		*p++ = '.';
		p = out_put_twelve(p, rest * 10);
	}
	return p;
}

/* NULL: no spreadsheet has such a date. */
static char *
put_number(struct out *o, char *p, const struct out_col *c,
    const struct out_val *v)
{
	switch (c->type) {
	case OUT_TIME:
		return put_time(o, p, (int64_t)v->n);
	case OUT_DAY:
		return is_date((int64_t)v->n + EPOCH)
		    ? out_put_digits(p, (uint64_t)v->n + EPOCH)
		    : NULL;
	case OUT_BOOL:
		*p = v->n ? '1' : '0';
		return p + 1;
	case OUT_INT:
		if (v->n >= 0 && v->n < 100000000)
			return out_put_small(p, (uint32_t)v->n);
		break;
	case OUT_TEXT:
	case OUT_JSON:
	case OUT_SHADES:
	case OUT_BAR:
	case OUT_BYTES:
	case OUT_MONEY:
	case OUT_RATIO:
		break;
	}
	return out_spell(&o->spell, p, c->type, v);
}

static void
xlsx_cell(struct out *o, const struct out_col *c, const struct out_val *v)
{
	const struct out_xlsx_col *col = &o->xlsx->col[o->col];
	char *p;

	if (!o->xlsx->in_row)
		next_row(o);
	if (v->null)
		return;
	if (c->type == OUT_TEXT || c->type == OUT_JSON) {
		put_text(o, o->col, v->s);
		return;
	}
	p = begin_cell(o, o->col, col->kind, col->kind_len);
	p = put_number(o, p, c, v);
	if (p == NULL) {
		char text[OUT_VALUE + 1];

		*out_spell(&o->spell, text, c->type, v) = '\0';
		put_text(o, o->col, text);
		return;
	}
	p = add(p, "</v></c>", 8);
	o->len = (size_t)(p - o->buf);
}

static void
xlsx_end_row(struct out *o)
{
	if (!o->xlsx->in_row)
		next_row(o);
	out_raw(o, "</row>", 6);
	o->xlsx->in_row = false;
}

static int
close_archive(struct out *o)
{
	FILE *in = o->to;

	o->to = o->xlsx->real;
	o->xlsx->archive = NULL;
	return fclose(in);
}

static void
xlsx_end(struct out *o)
{
	out_xlsx_tail(o);
	errno = 0;
	if (o->error == 0 && close_archive(o) < 0)
		o->error = errno != 0 ? errno : EIO;
}

void
out_xlsx_free(struct out *o)
{
	struct out_xlsx *x = o->xlsx;

	if (x == NULL)
		return;
	if (x->archive != NULL) {
		archive_abandon(x->archive);
		close_archive(o);
	}
	free(x->sheet);
	free(x->col);
	free(x);
}

const struct tk_err *
out_xlsx_refusal(const struct out *o)
{
	return o->xlsx != NULL && o->xlsx->refused.code != TK_OK
	    ? &o->xlsx->refused
	    : NULL;
}

const struct out_ops out_xlsx = {
	.skip = OUT_PEOPLE,
	.rows = 1 << OUT_ROW_DATA,
	.begin = xlsx_begin,
	.cell = xlsx_cell,
	.end_row = xlsx_end_row,
	.end_part = end_sheet,
	.begin_part = xlsx_begin_part,
	.end = xlsx_end,
};
