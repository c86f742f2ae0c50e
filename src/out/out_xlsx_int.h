#ifndef OUT_OUT_XLSX_INT_H
#define OUT_OUT_XLSX_INT_H

#include "out/out_int.h"

/*
 * A workbook (Office Open XML, ECMA-376) while it is written: a sheet for the
 * rows and one for each part; what many rows do not fit into goes on in
 * another.
 */
#define OUT_XML_START \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OUT_SHEETML "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

enum {
	XLSX_ROWS = 1048576, /* of a sheet, the heading's too */
	XLSX_COLS = 16384,
	XLSX_TEXT = 32767, /* of a cell, in units of UTF-16 */
	XLSX_NAME = 31,
};

/* The places in the list of looks that styles.xml has. */
enum out_xlsx_style {
	XLSX_GENERAL,
	XLSX_HEADING,
	XLSX_COUNT,  /* 1,234 */
	XLSX_PLAIN,  /* 1234 */
	XLSX_MONEY,  /* 0.00875 */
	XLSX_RATIO,  /* 36.00% */
	XLSX_NUMBER, /* ratios from 0 to 100 */
	XLSX_TIME,
	XLSX_DAY,
	XLSX_TEXT_ONLY, /* stays a text when somebody edits it */
	XLSX_RIGHT,     /* a heading above numbers */
	XLSX_TRUTH,     /* for LibreOffice, which shows 1 and 0 otherwise */
};

struct out_xlsx_sheet {
	char name[XLSX_NAME + 1];
	uint32_t rows;
	char last[4]; /* the letters of its last column; "" without any */
};

/* A cell up to its value: where it is, without the row, and what it is. */
struct out_xlsx_col {
	char place[16]; /* <c r="AB */
	char kind[32];  /* " s="2"><v> */
	size_t place_len, kind_len;
};

struct out_xlsx {
	struct archive *archive; /* NULL: it could not be opened */
	FILE *real;              /* where the archive goes */
	struct out_xlsx_sheet *sheet;
	size_t sheets;
	char key[XLSX_NAME + 1]; /* what the sheets of this part are called */
	struct out_xlsx_col *col;
	int shown; /* columns */
	char last[4];
	char row[16]; /* the number of this row */
	size_t row_len;
	bool in_row;
	struct tk_err refused;
};

/* A text within XML; returns its length in units of UTF-16. */
size_t out_xml_add(struct tk_buf *b, const char *s);

/* What stands before and after the sheets. */
void out_xlsx_head(struct out *o);
void out_xlsx_tail(struct out *o);

/* What is written from now on is this file of the archive. */
void out_xlsx_file(struct out *o, const char *name);

#endif
