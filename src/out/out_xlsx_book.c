/* What a workbook has besides its sheets: see out_xlsx.c. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"
#include "out/out_xlsx_int.h"
#include "zip/archive.h"

#define OPC "http://schemas.openxmlformats.org/package/2006/"
#define OFFICE \
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* "_x0041_", which readers take for an "A". */
static bool
is_code(const char *s)
{
	return s[0] == '_' && s[1] == 'x' && is_hex(s[2]) && is_hex(s[3]) &&
	    is_hex(s[4]) && is_hex(s[5]) && s[6] == '_';
}

size_t
out_xml_add(struct tk_buf *b, const char *s)
{
	size_t len = strlen(s), units = 0;

	for (size_t i = 0, n; i < len; i += n) {
		int32_t cp;

		n = tk_utf8_step(s + i, len - i, &cp);
		units += cp > 0xffff ? 2 : 1;
		if (cp < 0)
			tk_buf_adds(b, "\xef\xbf\xbd");
		else if (cp == '<' || cp == '>' || cp == '&')
			tk_buf_adds(b,
			    cp == '<'       ? "&lt;"
				: cp == '>' ? "&gt;"
					    : "&amp;");
		else if ((cp < 0x20 && cp != '\t' && cp != '\n') ||
		    cp == 0xfffe || cp == 0xffff)
			tk_buf_addf(b, "_x%04X_", (unsigned)cp);
		else if (is_code(s + i))
			tk_buf_adds(b, "_x005F_");
		else
			tk_buf_add(b, s + i, n);
	}
	return units;
}

void
out_xlsx_file(struct out *o, const char *name)
{
	out_drain(o);
	if (o->xlsx->archive != NULL)
		archive_member(o->xlsx->archive, name);
}

void
out_xlsx_head(struct out *o)
{
	struct tk_buf title = TK_BUF_INIT;

	out_xlsx_file(o, "_rels/.rels");
	out_puts(o,
	    OUT_XML_START "<Relationships xmlns=\"" OPC "relationships\">"
			  "<Relationship Id=\"rId1\" Type=\"" OFFICE
			  "/officeDocument\""
			  " Target=\"xl/workbook.xml\"/>"
			  "<Relationship Id=\"rId2\" Type=\"" OPC
			  "relationships/metadata/core-properties\""
			  " Target=\"docProps/core.xml\"/></Relationships>");
	out_xlsx_file(o, "docProps/core.xml");
	if (o->title != NULL)
		out_heading(o, &title);
	tk_buf_reset(&o->scratch);
	out_xml_add(&o->scratch, title.s);
	out_puts(o,
	    OUT_XML_START
	    "<cp:coreProperties xmlns:cp=\"" OPC "metadata/core-properties\""
	    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>");
	out_puts(o, o->scratch.s);
	out_puts(o, "</dc:title></cp:coreProperties>");
	tk_buf_release(&title);
}

static void TK_PRINTF(2, 3) putf(struct out *o, const char *fmt, ...)
{
	va_list ap;

	tk_buf_reset(&o->scratch);
	va_start(ap, fmt);
	tk_buf_addv(&o->scratch, fmt, ap);
	va_end(ap);
	out_raw(o, o->scratch.s, o->scratch.len);
}

/* In the order of enum out_xlsx_style; formats from OURS on are those below,
 * the others are built in. */
enum { OURS = 164 };

static const struct {
	int format, font;
} looks[] = {
	[XLSX_GENERAL] = { 0, 0 },
	[XLSX_HEADING] = { 0, 1 },
	[XLSX_COUNT] = { 3, 0 },
	[XLSX_PLAIN] = { 1, 0 },
	[XLSX_RATIO] = { 10, 0 },
	[XLSX_TEXT_ONLY] = { 49, 0 },
	[XLSX_MONEY] = { OURS, 0 },
	[XLSX_TIME] = { OURS + 1, 0 },
	[XLSX_DAY] = { OURS + 2, 0 },
	[XLSX_RIGHT] = { 0, 1 },
	[XLSX_TRUTH] = { OURS + 3, 0 },
};

static const char *const formats[] = {
	"0.00##########",
	"yyyy\\-mm\\-dd\\ hh:mm:ss.000",
	"yyyy\\-mm\\-dd",
	"&quot;TRUE&quot;;&quot;TRUE&quot;;&quot;FALSE&quot;",
};

static void
put_styles(struct out *o)
{
	out_xlsx_file(o, "xl/styles.xml");
	putf(o,
	    OUT_XML_START "<styleSheet xmlns=\"" OUT_SHEETML
			  "\"><numFmts count=\"%zu\">",
	    TK_LEN(formats));
	for (size_t i = 0; i < TK_LEN(formats); i++)
		putf(o, "<numFmt numFmtId=\"%zu\" formatCode=\"%s\"/>",
		    OURS + i, formats[i]);
	out_puts(o,
	    "</numFmts><fonts count=\"2\">"
	    "<font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
	    "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
	    "<fills count=\"2\"><fill><patternFill "
	    "patternType=\"none\"/></fill>"
	    "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
	    "<borders count=\"1\"><border><left/><right/><top/><bottom/>"
	    "<diagonal/></border></borders><cellStyleXfs count=\"1\">"
	    "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
	    "</cellStyleXfs>");
	putf(o, "<cellXfs count=\"%zu\">", TK_LEN(looks));
	for (size_t i = 0; i < TK_LEN(looks); i++)
		putf(o,
		    "<xf numFmtId=\"%d\" fontId=\"%d\" fillId=\"0\" "
		    "borderId=\"0\" xfId=\"0\"%s%s%s",
		    looks[i].format, looks[i].font,
		    looks[i].format > 0 ? " applyNumberFormat=\"1\"" : "",
		    looks[i].font > 0 ? " applyFont=\"1\"" : "",
		    i == XLSX_RIGHT ? " applyAlignment=\"1\"><alignment "
				      "horizontal=\"right\"/></xf>"
				    : "/>");
	out_puts(o,
	    "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\""
	    " xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>");
}

static void
put_book(struct out *o)
{
	const struct out_xlsx *x = o->xlsx;

	out_xlsx_file(o, "xl/workbook.xml");
	out_puts(o,
	    OUT_XML_START "<workbook xmlns=\"" OUT_SHEETML
			  "\" xmlns:r=\"" OFFICE "\">"
			  "<sheets>");
	for (size_t i = 0; i < x->sheets; i++)
		putf(o, "<sheet name=\"%s\" sheetId=\"%zu\" r:id=\"rId%zu\"/>",
		    x->sheet[i].name, i + 1, i + 2);
	out_puts(o, "</sheets><definedNames>");
	/* what the arrows in the heading choose from */
	for (size_t i = 0; i < x->sheets; i++)
		if (x->sheet[i].last[0] != '\0')
			putf(o,
			    "<definedName name=\"_xlnm._FilterDatabase\" "
			    "localSheetId=\"%zu\" hidden=\"1\">"
			    "'%s'!$A$1:$%s$%" PRIu32 "</definedName>",
			    i, x->sheet[i].name, x->sheet[i].last,
			    x->sheet[i].rows);
	out_puts(o, "</definedNames></workbook>");
	out_xlsx_file(o, "xl/_rels/workbook.xml.rels");
	out_puts(o,
	    OUT_XML_START "<Relationships xmlns=\"" OPC "relationships\">");
	out_puts(o,
	    "<Relationship Id=\"rId1\" Type=\"" OFFICE "/styles\""
	    " Target=\"styles.xml\"/>");
	for (size_t i = 0; i < x->sheets; i++)
		putf(o,
		    "<Relationship Id=\"rId%zu\" Type=\"" OFFICE "/worksheet\""
		    " Target=\"worksheets/sheet%zu.xml\"/>",
		    i + 2, i + 1);
	out_puts(o, "</Relationships>");
}

void
out_xlsx_tail(struct out *o)
{
	put_styles(o);
	put_book(o);
	out_xlsx_file(o, "[Content_Types].xml");
	out_puts(o,
	    OUT_XML_START
	    "<Types xmlns=\"" OPC "content-types\">"
	    "<Default Extension=\"rels\" ContentType=\"application/"
	    "vnd.openxmlformats-package.relationships+xml\"/>"
	    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
	    "<Override PartName=\"/docProps/core.xml\" ContentType=\""
	    "application/vnd.openxmlformats-package.core-properties+xml\"/>"
	    "<Override PartName=\"/xl/workbook.xml\""
	    " ContentType=\"" TYPE "sheet.main+xml\"/>"
	    "<Override PartName=\"/xl/styles.xml\""
	    " ContentType=\"" TYPE "styles+xml\"/>");
	for (size_t i = 0; i < o->xlsx->sheets; i++)
		putf(o,
		    "<Override PartName=\"/xl/worksheets/sheet%zu.xml\""
		    " ContentType=\"" TYPE "worksheet+xml\"/>",
		    i + 1);
	out_puts(o, "</Types>");
	out_drain(o);
}
