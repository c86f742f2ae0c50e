#ifndef OUT_OUT_H
#define OUT_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/choice.h"
#include "base/err.h"
#include "base/num.h"

struct tk_buf;
struct tk_zone;

/*
 * One writer for every format.
 *
 * A command names its columns once and then gives values, cell by cell, in
 * column order.  How that looks - table, JSON, JSON Lines, CSV, Markdown,
 * HTML, a workbook - is decided by the format and by nothing else; no command
 * tests it.
 *
 *	out_document(o, &doc);
 *	out_filter(o, "user", "alice");
 *	out_begin(o, cols);
 *	while (...) {
 *		out_text(o, q.name);
 *		out_int(o, q.used);
 *		out_end_row(o);
 *	}
 *	out_total(o);		the next row is the total
 *	...cells...
 *	out_end_row(o);
 *	out_warning(o, "unpriced", "3 requests have no price");
 *	if (out_close(o, err) < 0)
 *
 * JSON is one envelope: schema, generated, timezone, range, filters, rows,
 * total, warnings.  JSON Lines and CSV are the rows alone.  Only the table,
 * Markdown and HTML show the title, the total under a rule, and notes; they
 * keep all rows until the end.
 *
 * HTML draws pictures of rows that are periods (OUT_PERIOD, OUT_DAY, OUT_TIME
 * in the first column) and have a bar: of their money and of what the bar
 * shows, in the colours of the second column if that is a name.
 *
 * A workbook (xlsx) has the rows and each part on sheets of their own.
 *
 * Nothing is printed before the first row, so a command that fails early
 * leaves stdout empty.  JSON, JSON Lines, CSV and workbooks stream in constant
 * memory.
 * Write errors are reported once, by out_close(); what runs for long may ask
 * out_failed() in between.
 */
enum out_type {
	OUT_TEXT,
	OUT_INT,
	OUT_MONEY, /* pico-dollars; exact in machine formats */
	OUT_TIME,  /* ms; RFC 3339 in machine formats */
	OUT_RATIO, /* part of whole: 0..1 with six decimals, or a percentage */
	OUT_BOOL,
	OUT_BAR,   /* tables only: a bar on a scale that the column shares */
	OUT_JSON,  /* a JSON text, put as it is into JSON, as text elsewhere */
	OUT_DAY,   /* a civil day: "2026-11-21", "2026-11-21 Sat" for people */
	OUT_BYTES, /* given with out_int(): "3.2 GiB" for people */
	/* People only: text in which the bytes 1 to 5 are shades, from none to
	 * the darkest, and OUT_HEIGHT + 0 to 8 heights, from nothing to full,
	 * one column wide each; never shortened. */
	OUT_SHADES,
};

enum { OUT_HEIGHT = 16, OUT_HEIGHT_MAX = 8 };

enum out_col_flags {
	OUT_WIDE = 1 << 0,    /* the second to go when a table is too wide */
	OUT_MEDIUM = 1 << 1,  /* the third to go (under 60 columns) */
	OUT_MACHINE = 1 << 2, /* not shown to people at all */
	OUT_PEOPLE = 1 << 3,  /* not given to machines */
	OUT_PARTIAL = 1 << 4, /* money that may be marked with out_partial() */
	OUT_WHOLE = 1 << 5,   /* ratios without decimals: 36% */
	OUT_SECONDS = 1 << 6, /* times with seconds */
	OUT_PLAIN = 1 << 7,   /* digits of ids and years are not grouped */
	OUT_STATE = 1 << 8,   /* a status word, coloured by what it says */
	OUT_PERCENT = 1 << 9, /* ratios: 0 to 100 for machines, too */
	OUT_SIGNED = 1 << 10, /* ratios: people see "+6.0%" */
	OUT_PERIOD = 1 << 11, /* a text that names an hour, a week, a month */
	OUT_TWIN = 1 << 12,   /* a part that HTML draws from another's rows */
	OUT_EXTRA = 1 << 13,  /* the first to go, also for a bar of some size */
	OUT_SCREEN = 1 << 14, /* tables only, and where their width matters */
	OUT_SENTENCE = 1 << 15, /* a text: shortened after OUT_WIDE went */
	OUT_EXACT = 1 << 16,    /* money with all its decimals: $0.125 */
};

struct out_col {
	const char *key;    /* JSON key and CSV heading; part of the contract */
	const char *title;  /* heading for people */
	enum out_type type; /* also decides the alignment */
	int flags;          /* enum out_col_flags */
};

#define OUT_COL_END \
	{ \
		.key = NULL \
	}

enum out_shape {
	OUT_ROWS,
	/* One row: its fields stand in the envelope itself in place of rows
	 * and total, and of range and filters when the document has no range;
	 * people see one field a line. */
	OUT_ONE,
};

/*
 * What HTML and --plot draw of the rows.  A calendar and a heat map stand for
 * the rows: people see only the picture then, even if the rows are for
 * machines.
 */
enum out_picture {
	OUT_BARS,     /* over time, or of each name */
	OUT_CALENDAR, /* of days, darker where there is more */
	OUT_HEAT,     /* of "Mon" and "00" to "23": days down, hours across */
	/* Beside the rows: over the periods that columns are (OUT_PERIOD), in
	 * the colours of the rows. */
	OUT_MATRIX,
};

/* What stands around the rows. */
struct out_doc {
	const char *schema; /* "tokctl.report.daily/1" */
	const char *title;  /* for people: "Usage by day, all users" */
	/* ms, half-open; both 0 when there is no range; INT64_MIN and
	 * INT64_MAX for ends that are open; the same twice is a moment. */
	int64_t since, until;
	enum out_shape shape;
	enum out_picture picture;
	int flags;      /* OUT_MACHINE: people do not see the rows */
	int week_start; /* of calendars; 0 is Monday */
};

/*
 * More of the same document, after the rows and the total: in JSON a field of
 * the envelope, an array of rows or (OUT_ONE) the one row as an object; in
 * tables, Markdown and HTML another table.  JSON Lines and CSV leave it out.
 */
struct out_part {
	const char *key;   /* in JSON */
	const char *title; /* for people */
	enum out_shape shape;
	int flags; /* OUT_MACHINE, OUT_PEOPLE: only for those; OUT_TWIN */
	enum out_picture picture;
};

/* How to write; filled in once, by cmd/session.c. */
struct out_style {
	int format; /* from out_formats[] */
	bool color; /* ANSI colours */
	bool utf8;  /* blocks and box characters; else their ASCII twins */
	int width;  /* columns to fit tables into; 0: do not fit */
	int64_t now;
	const struct tk_zone *zone;
	const struct tk_digits *digits;
};

struct out;

/* The names that --format takes; value 0 is the table. */
extern const struct tk_choice out_formats[];
int out_format_named(const char *name); /* it is one of them */

/*
 * The format that the name of a file asks for, "may.csv" or "may.json.zst":
 * 0 and above as above, or out_format_svg; -1 when it says nothing, as
 * "may.txt" and "-".
 */
int out_format_of_file(const char *file);

/* What cannot be shown on a terminal. */
bool out_format_is_text(int format);

/* The style is copied; what it points to is not. */
struct out *out_new(FILE *to, const struct out_style *style);

/* Before anything else: another format than the style says. */
void out_set_format(struct out *o, int format);

/* Before anything else: all that is given to o goes to this stream as well,
 * in another format, until o is closed.  May be used more than once. */
void out_also(struct out *o, FILE *to, const struct out_style *style);

/* The format of one picture alone, for out_also(); no command prints it. */
extern const int out_format_svg;

/* The title and the range in one line: for the subject of a mail. */
void out_heading(const struct out *o, struct tk_buf *b);

/* Before out_begin(), for CSV alone, as spreadsheets want it: a byte order mark
 * first, and texts that could be formulas get a "'" in front of them. */
void out_guard(struct out *o);

/* Whether there are rows, or at least their columns: without, nothing is
 * written. */
bool out_begun(const struct out *o);

/* Whether the document, its parts aside, has rows so far. */
bool out_any(const struct out *o);

/* The document, the columns and every text are copied, but for the keys of
 * columns. */
void out_document(struct out *o, const struct out_doc *doc);
void out_filter(struct out *o, const char *key, const char *value);
void out_begin(struct out *o, const struct out_col *cols);

/* What is written from now on belongs to this part, which has no total. */
void out_part(struct out *o, const struct out_part *part,
    const struct out_col *cols);

/* NULL text, and out_null() for any type, mean "not known": null in JSON,
 * empty in CSV, "n/a" for money and "-" for the rest in tables. */
void out_text(struct out *o, const char *s);
void out_int(struct out *o, tk_int128 n);
void out_money(struct out *o, tk_int128 pico);
void out_time(struct out *o, int64_t ms);
void out_moment(struct out *o, int64_t ms); /* 0: there was none, null */
void out_day(struct out *o, int32_t day);
void out_ratio(struct out *o, tk_int128 part, tk_int128 whole);
void out_bool(struct out *o, bool yes);
void out_bar(struct out *o, tk_int128 value);
void out_json_text(struct out *o, const char *json);
void out_shades(struct out *o, const char *s);
void out_null(struct out *o);
/* The same, but people see this word instead of "-". */
void out_unknown(struct out *o, const char *word);

/* The money just written leaves something out: people see "$9.17+". */
void out_partial(struct out *o);

/* The day just written is not over: people see "2026-11-21 Sat*". */
void out_unfinished(struct out *o);

void out_end_row(struct out *o);

/*
 * The next row is the total.  Its fields of text, time and day that are
 * null are left out of JSON; people see "Total" in the first column if that
 * is null.
 */
void out_total(struct out *o);

/* The next row is for people alone, under the total: "Mean day".  Its cells
 * may be texts, too, whatever the type of the column is. */
void out_summary(struct out *o, const char *label);

/* For the "warnings" of JSON; people see the text under the table. */
void out_warning(struct out *o, const char *code, const char *fmt, ...)
    TK_PRINTF(3, 4);

/* For people alone, under the table. */
void out_note(struct out *o, const char *fmt, ...) TK_PRINTF(2, 3);

/* What a table says instead of nothing, as "no usage in this range". */
void out_empty(struct out *o, const char *text);

/* How many columns of text there are for people; 0: any number. */
int out_width(const struct out *o);

/* Whether writing has failed already, so that going on is useless. */
bool out_failed(const struct out *o);

/* Write what is buffered: for what follows a ledger as it grows. */
void out_flush(struct out *o);

/* Finish, flush and free. */
int out_close(struct out *o, struct tk_err *err);

/* Free without finishing, after an error; NULL is fine. */
void out_discard(struct out *o);

#endif
