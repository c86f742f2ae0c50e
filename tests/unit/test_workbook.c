/* Workbooks: what a sheet can hold, and the archive around them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "out/out.h"
#include "tap.h"
#include "zip/archive.h"

static struct tk_zone *berlin;
static char *zip; /* what was written last */
static size_t zip_len;

static unsigned
number(size_t at, int bytes)
{
	unsigned n = 0;

	while (bytes-- > 0)
		n = n << 8 | (unsigned char)zip[at + (size_t)bytes];
	return n;
}

/* A member, found in the list at the end, and what the list says of it; NULL
 * when there is none.  Freed by the caller. */
static char *
member(const char *name, size_t *len)
{
	size_t end = zip_len - 22, at = number(end + 16, 4);

	for (unsigned i = number(end + 10, 2); i > 0; i--) {
		size_t n = number(at + 28, 2), from = number(at + 42, 4);
		z_stream z = { 0 };
		char *s;

		if (strlen(name) != n || memcmp(zip + at + 46, name, n) != 0) {
			at += 46 + n;
			continue;
		}
		*len = number(at + 24, 4);
		s = tk_xcalloc(*len + 1, 1);
		z.next_in = (unsigned char *)zip + from + 30 + n;
		z.avail_in = number(at + 20, 4);
		z.next_out = (unsigned char *)s;
		z.avail_out = (unsigned)*len;
		CHECK(inflateInit2(&z, -15) == Z_OK);
		CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
		CHECK(z.avail_out == 0 && z.avail_in == 0);
		inflateEnd(&z);
		CHECK(crc32(0, (unsigned char *)s, (unsigned)*len) ==
		    number(at + 16, 4));
		return s;
	}
	return NULL;
}

static bool
has(const char *name, const char *text)
{
	size_t len;
	char *s = member(name, &len);
	bool yes = s != NULL && strstr(s, text) != NULL;

	free(s);
	return yes;
}

/* What fn writes; 0, or -1 and *err. */
typedef void write_fn(struct out *o);

static int
write_book(write_fn *fn, struct tk_err *err)
{
	struct out_style style = { .format = out_format_named("xlsx"),
		.zone = berlin };
	FILE *to;
	struct out *o;
	int rc;

	free(zip);
	to = open_memstream(&zip, &zip_len);
	o = out_new(to, &style);
	fn(o);
	rc = out_close(o, err);
	fclose(to);
	return rc;
}

static const struct out_col one_col[] = {
	{ "n", "N", OUT_INT, 0 },
	OUT_COL_END,
};

static void
many_rows(struct out *o)
{
	static const struct out_doc doc = { .schema = "tokctl.many/1" };
	static const struct out_part part = { .key = "many", .title = "" };

	out_document(o, &doc);
	out_begin(o, one_col);
	for (int i = 1; i <= 1048576; i++) {
		out_int(o, i);
		out_end_row(o);
	}
	out_part(o, &part, one_col);
}

static void
a_full_sheet_goes_on_in_another(void)
{
	struct tk_err err = TK_ERR_INIT;

	CHECK(write_book(many_rows, &err) == 0);
	CHECK(has("xl/worksheets/sheet1.xml",
	    "<row r=\"1048576\"><c r=\"A1048576\" s=\"2\"><v>1048575</v></c>"
	    "</row></sheetData><autoFilter ref=\"A1:A1048576\"/>"));
	CHECK(has("xl/worksheets/sheet2.xml",
	    "<row r=\"2\"><c r=\"A2\" s=\"2\"><v>1048576</v></c></row>"
	    "</sheetData><autoFilter ref=\"A1:A2\"/>"));
	CHECK(has("xl/worksheets/sheet3.xml", "<autoFilter ref=\"A1:A1\"/>"));
	CHECK(has("xl/workbook.xml",
	    "<sheet name=\"many\" sheetId=\"1\" r:id=\"rId2\"/>"
	    "<sheet name=\"many 2\" sheetId=\"2\" r:id=\"rId3\"/>"
	    "<sheet name=\"many 3\" sheetId=\"3\" r:id=\"rId4\"/>"));
}

static int wide;

static void
many_cols(struct out *o)
{
	struct out_col *cols = tk_xcalloc((size_t)wide + 1, sizeof(*cols));

	for (int i = 0; i < wide; i++)
		cols[i] = one_col[0];
	out_begin(o, cols);
	for (int i = 0; i < wide; i++)
		out_int(o, i);
	out_end_row(o);
	free(cols);
}

static void
columns_go_to_xfd(void)
{
	struct tk_err err = TK_ERR_INIT;

	wide = 16384;
	CHECK(write_book(many_cols, &err) == 0);
	CHECK(has("xl/worksheets/sheet1.xml",
	    "<c r=\"Z2\" s=\"2\"><v>25</v></c>"
	    "<c r=\"AA2\" s=\"2\"><v>26</v></c>"));
	CHECK(has("xl/worksheets/sheet1.xml",
	    "<c r=\"ZZ2\" s=\"2\"><v>701</v></c>"
	    "<c r=\"AAA2\" s=\"2\"><v>702</v></c>"));
	CHECK(has("xl/worksheets/sheet1.xml", "<autoFilter ref=\"A1:XFD2\"/>"));
	wide++;
	CHECK(write_book(many_cols, &err) < 0 && err.code == TK_DATA);
	CHECK_STR(err.msg, "a sheet has at most 16384 columns");
}

static const struct out_col all_cols[] = {
	{ "text", "", OUT_TEXT, 0 },
	{ "time", "", OUT_TIME, 0 },
	{ "day", "", OUT_DAY, 0 },
	{ "money", "", OUT_MONEY, 0 },
	{ "ratio", "", OUT_RATIO, 0 },
	{ "percent", "", OUT_RATIO, OUT_PERCENT },
	{ "yes", "", OUT_BOOL, 0 },
	{ "people", "", OUT_INT, OUT_PEOPLE },
	{ "plain", "", OUT_INT, OUT_PLAIN },
	OUT_COL_END,
};

static void
put_row(struct out *o, const char *text, int64_t ms, int32_t day, tk_int128 n)
{
	out_text(o, text);
	out_time(o, ms);
	out_day(o, day);
	out_money(o, n);
	out_ratio(o, 1, 3);
	out_ratio(o, 1, 3);
	out_bool(o, n > 0);
	out_int(o, 1);
	out_int(o, n);
	out_end_row(o);
}

static void
all_kinds(struct out *o)
{
	static const struct out_doc doc = { .schema = "tokctl.x.kinds/1",
		.title = "A <title>" };

	out_document(o, &doc);
	out_begin(o, all_cols);
	/* both hours between two and three of that night */
	put_row(o, "a", INT64_C(1792888200000), 1, 1);
	put_row(o, "", INT64_C(1792891800001), 1, ((tk_int128)1 << 100));
	/* the first of March 1900, the day before, and far away */
	put_row(o, "=x", INT64_C(-2203891200000), -25508, -1);
	put_row(o, "_x0000_", INT64_C(-2203977600000), -25509, 0);
	put_row(o, "\x01\xff]]>", INT64_C(253402214400000), 2932896, 0);
	for (int i = 0; i < 9; i++)
		out_null(o);
	out_end_row(o);
	out_total(o);
	put_row(o, NULL, 0, 0, 5);
}

static void
each_kind_has_its_cell(void)
{
	static const char sheet[] = "xl/worksheets/sheet1.xml";
	struct tk_err err = TK_ERR_INIT;

	CHECK(write_book(all_kinds, &err) == 0);
	CHECK(has("xl/workbook.xml", "<sheet name=\"kinds\""));
	CHECK(has("docProps/core.xml", "<dc:title>A &lt;title&gt;</dc:title>"));
	CHECK(has(sheet,
	    "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>a</t></is></c>"
	    "<c r=\"B2\" s=\"7\"><v>46320.10416666667</v></c>"
	    "<c r=\"C2\" s=\"8\"><v>25570</v></c>"
	    "<c r=\"D2\" s=\"4\"><v>0.000000000001</v></c>"
	    "<c r=\"E2\" s=\"5\"><v>0.333333</v></c>"
	    "<c r=\"F2\" s=\"6\"><v>33.333333</v></c>"
	    "<c r=\"G2\" s=\"11\" t=\"b\"><v>1</v></c>"
	    "<c r=\"H2\" s=\"3\"><v>1</v></c></row>"));
	CHECK(has(sheet,
	    "<row r=\"3\"><c r=\"A3\" s=\"0\" t=\"inlineStr\"><is>"
	    "<t xml:space=\"preserve\"></t></is></c>"
	    "<c r=\"B3\" s=\"7\"><v>46320.10416667824</v></c>"));
	CHECK(has(sheet, "<v>1267650600228229401.496703205376</v>"));
	CHECK(has(sheet, "<v>1267650600228229401496703205376</v>"));
	CHECK(has(sheet,
	    "<row r=\"4\"><c r=\"A4\" s=\"9\" t=\"inlineStr\"><is>"
	    "<t xml:space=\"preserve\">=x</t></is></c>"));
	CHECK(has(sheet, "<c r=\"C4\" s=\"8\"><v>61</v></c>"));
	CHECK(has(sheet, ">_x005F_x0000_<"));
	/* no spreadsheet has these days */
	CHECK(has(sheet, "><is><t>1900-02-28</t></is></c>"));
	CHECK(has(sheet, ">_x0001_\xef\xbf\xbd]]&gt;<"));
	CHECK(has(sheet, "<row r=\"7\"></row></sheetData>"));
}

static size_t units;

static void
long_text(struct out *o)
{
	char *s = tk_xcalloc(units * 2 + 1, 1);

	/* four bytes, two units; the last is one */
	for (size_t i = 0; i + 1 < units; i += 2)
		memcpy(s + 2 * i, "\xf0\x9f\x98\x80", 4);
	memcpy(s + units / 2 * 4, "x", 1);
	out_begin(o, all_cols);
	put_row(o, "short", 0, 0, 0);
	put_row(o, s, 0, 0, 0);
	free(s);
}

static void
a_cell_holds_32767_units(void)
{
	struct tk_err err = TK_ERR_INIT;

	units = 32767;
	CHECK(write_book(long_text, &err) == 0);
	units = 32769;
	CHECK(write_book(long_text, &err) < 0 && err.code == TK_DATA);
	CHECK_STR(err.msg,
	    "'text' in row 3 has 32769 characters; a cell of a spreadsheet "
	    "holds 32767");
}

static void
nothing(struct out *o)
{
	(void)o;
}

static void
nothing_begun_is_nothing(void)
{
	struct tk_err err = TK_ERR_INIT;

	CHECK(write_book(nothing, &err) == 0 && zip_len == 0);
}

static void
an_archive_is_a_stream(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct archive *a;
	size_t len;
	char *s;
	FILE *in, *to;

	free(zip);
	to = open_memstream(&zip, &zip_len);
	CHECK(archive_open(&a, &in, to, &err) == 0);
	archive_member(a, "empty");
	archive_member(a, "large");
	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t x = i * UINT64_C(0x9e3779b97f4a7c15) >> 7;

		fwrite(&x, sizeof(x), 1, in);
	}
	CHECK(archive_size(a) == 1600000);
	CHECK(fclose(in) == 0);
	fclose(to);
	s = member("empty", &len);
	CHECK(s != NULL && len == 0);
	free(s);
	s = member("large", &len);
	CHECK(s != NULL && len == 1600000);
	free(s);
	CHECK(member("none", &len) == NULL);
	free(zip);
	zip = NULL;
	to = open_memstream(&zip, &zip_len);
	CHECK(archive_open(&a, &in, to, &err) == 0);
	archive_member(a, "x");
	fputs("x", in);
	archive_abandon(a);
	CHECK(fclose(in) != 0);
	fclose(to);
	CHECK(zip_len == 0);
}

static ssize_t
fail(void *cookie, const char *s, size_t n)
{
	(void)cookie, (void)s, (void)n;
	errno = ENOSPC;
	return 0;
}

static void
what_cannot_be_written_is_said(void)
{
	static const cookie_io_functions_t fns = { .write = fail };
	struct out_style style = { .format = out_format_named("xlsx"),
		.zone = berlin };
	struct tk_err err = TK_ERR_INIT;
	FILE *to = fopencookie(NULL, "w", fns);
	struct out *o;

	setvbuf(to, NULL, _IONBF, 0);
	o = out_new(to, &style);
	many_rows(o);
	CHECK(out_failed(o));
	CHECK(out_close(o, &err) < 0 && err.code == TK_IO);
	CHECK(strstr(err.msg, "No space left") != NULL);
	o = out_new(to, &style);
	all_kinds(o);
	CHECK(!out_failed(o));
	CHECK(out_close(o, &err) < 0);
	o = out_new(to, &style);
	all_kinds(o);
	out_discard(o);
	fclose(to);
}

int
main(void)
{
	struct tk_err err;

	CHECK(tk_zone_open(&berlin, "Europe/Berlin", &err) == 0);
	a_full_sheet_goes_on_in_another();
	columns_go_to_xfd();
	each_kind_has_its_cell();
	a_cell_holds_32767_units();
	nothing_begun_is_nothing();
	an_archive_is_a_stream();
	what_cannot_be_written_is_said();
	free(zip);
	tk_zone_free(berlin);
	return tap_done();
}
