#ifndef OUT_OUT_INT_H
#define OUT_OUT_INT_H

#include "base/buf.h"
#include "base/num.h"
#include "out/out.h"

/* One cell on its way to a format. */
struct out_val {
	bool null;
	bool percent; /* a ratio that machines read as 0 to 100 */
	tk_int128 n;  /* count, pico-dollars, ms, day, part, bool */
	tk_int128 of;
	const char *s; /* of null: what people see instead, or NULL */
};

enum out_row { OUT_ROW_DATA, OUT_ROW_TOTAL, OUT_ROW_SUMMARY };

/* What one format has to know.  Columns that it skips never reach cell(). */
struct out_ops {
	int skip;   /* columns with any of these flags */
	bool bars;  /* or of type OUT_BAR, unless this is set */
	bool draws; /* enum out_picture */
	int rows;   /* 1 << enum out_row: the kinds of row it shows */
	void (*begin)(struct out *o);
	void (*cell)(struct out *o, const struct out_col *c,
	    const struct out_val *v);
	void (*mark)(struct out *o, char mark); /* of the last cell, or NULL */
	void (*end_row)(struct out *o);
	/* The rows of a part, the first one too, are over; NULL: the format
	 * has no parts but the first. */
	void (*end_part)(struct out *o);
	void (*begin_part)(struct out *o, const struct out_part *part);
	void (*end)(struct out *o);
};

/* A local day of 24 hours with one offset: its stamps differ in the clock
 * time alone. */
struct out_day_cache {
	int64_t from, to; /* ms; empty at first */
	char date[16];    /* "2026-11-21T" */
	char offset[8];   /* "+01:00" */
	size_t date_len, offset_len;
};

/* What spelling values takes. */
struct out_speller {
	const struct tk_zone *zone;
	struct out_day_cache day;
	struct tk_buf scratch;
};

/* One filter, warning or note. */
struct out_remark {
	char *code; /* NULL in a note */
	char *text;
};

struct out_remarks {
	struct out_remark *v;
	size_t n;
};

void out_free_remarks(struct out_remarks *all);

struct out {
	const struct out_ops *ops;
	FILE *to;
	struct out_style style;
	const struct out_doc *doc; /* &copy, or NULL */
	struct out_doc copy;
	char *title;
	struct out_col *cols; /* owns their titles */
	bool *shown;          /* by column: whether the format shows it */
	struct tk_buf *keys;  /* by column: what JSON puts before the value */
	int ncols;
	int col;     /* next cell of this row */
	bool first;  /* the format has put no cell of this row yet */
	bool guard;  /* out_guard() */
	bool in_row; /* JSON: the row's bracket is open */
	enum out_row row;
	bool word;   /* of a summary row: a text in a column of another type */
	size_t rows; /* data rows finished */
	bool had_total;
	bool muted;           /* the format does not show this part */
	bool in_part;         /* not the first one */
	bool any;             /* the first one had rows */
	char *part_title;     /* of it; NULL: none */
	enum out_shape shape; /* of this part */
	enum out_picture picture;
	int error; /* errno of the first write that failed */
	char *buf; /* what is not written yet */
	size_t len;
	struct out_speller spell;
	struct out_remarks filters, warnings, notes;
	char *empty;
	struct tk_buf scratch;
	struct tk_buf label;   /* of a summary row */
	struct out_grid *grid; /* formats that must see all rows */
	struct out_xlsx *xlsx; /* the workbook, once it has begun */
	struct out *twin;      /* gets the same; see out_also() */
};

extern const struct out_ops out_table, out_json, out_jsonl, out_csv, out_md,
    out_html, out_svg, out_xlsx;

/* A workbook that did not end is not ended. */
void out_xlsx_free(struct out *o);
/* Why it cannot be: what does not fit into any; NULL. */
const struct tk_err *out_xlsx_refusal(const struct out *o);

/* At least n free bytes after o->buf + o->len; n <= OUT_ROOM.  There are
 * OUT_SLACK more, for who writes whole words. */
enum { OUT_BUFFER = 1 << 16, OUT_ROOM = 1 << 12, OUT_SLACK = 16 };

void out_drain(struct out *o);

static inline char *
out_room(struct out *o, size_t n)
{
	if (OUT_BUFFER - o->len < n)
		out_drain(o);
	return o->buf + o->len;
}

void out_raw(struct out *o, const char *s, size_t len);
void out_puts(struct out *o, const char *s);

/* Machines' spelling of a value that is not text and not null.  OUT_VALUE
 * bytes are enough for any; returns the end. */
enum { OUT_VALUE = 72 };
char *out_spell(struct out_speller *o, char *p, enum out_type type,
    const struct out_val *v);

/* A text as CSV has it, guarded against formulas if need be, and as JSON has
 * it, with its quotes; or JSON itself, made one line of valid UTF-8. */
void out_csv_add(struct tk_buf *b, const char *s, bool guard);
bool out_is_formula(const char *s); /* what is guarded */
void out_json_add(struct tk_buf *b, const char *s);
void out_json_add_raw(struct tk_buf *b, const char *json);

/* What stands before the value of the i-th column, if that is not the first. */
const struct tk_buf *out_json_key(const struct out *o, int i);

/* RFC 3339 has years 0 to 9999, in any zone; what is beyond is not known. */
bool out_is_moment(int64_t ms);

/*
 * Copy a text, and say whether it is plain: neither quotes, controls, the
 * two other bytes, nor anything outside ASCII.  Writes up to 8 bytes behind it.
 */
bool out_copy_plain(char *to, const char *s, size_t len, const char other[2]);

/* How many of the first bytes are neither quotes, controls, backslashes nor
 * outside ASCII. */
size_t out_plain(const char *s, size_t len);

/* What a status word (OUT_STATE) says, whatever its case. */
enum out_state {
	OUT_STATE_NONE,
	OUT_STATE_OK,
	OUT_STATE_WARN,
	OUT_STATE_OVER,
};

enum out_state out_state_of(const char *word);

/* Whole rows, kept for the formats that people read; see out_grid.c. */
struct out_layout {
	bool show;
	bool right;     /* aligned */
	size_t width;   /* columns on the terminal, without the mark */
	size_t mark;    /* 1 if there is any mark, to be kept free */
	int decimals;   /* of money: the same in all rows */
	tk_int128 most; /* the largest value, without its sign */
	size_t limit;   /* of texts and counts, 0 for none */
	bool brief;     /* days, times and ratios in their short form */
	bool one_day;   /* all times are on one day */
};

void out_grid_begin(struct out *o);
void out_grid_cell(struct out *o, const struct out_col *c,
    const struct out_val *v);
void out_grid_mark(struct out *o, char mark);
void out_grid_end_row(struct out *o);
void out_grid_free(struct out_grid *g);
void out_grid_part(struct out *o, const struct out_part *part);

/* The errno of what went wrong with keeping the rows; 0. */
int out_grid_error(const struct out_grid *g); /* NULL is fine */

size_t out_grid_rows(const struct out *o);
enum out_row out_grid_kind(const struct out *o, size_t row);

/* One layout a column, as wide as need be. */
void out_grid_measure(const struct out *o, struct out_layout *all);

/* The text of a cell for people; the mark (0 if none) comes back. */
char out_grid_text(const struct out *o, const struct out_layout *l, size_t row,
    int col, struct tk_buf *b);
/* The columns that the labels of totals take, which stand in this one. */
size_t out_grid_label_width(const struct out *o, int col);
tk_int128 out_grid_number(const struct out *o, size_t row, int col);
bool out_grid_null(const struct out *o, size_t row, int col);

/* A column of a matrix that is a day, a week, a month. */
bool out_is_period_across(const struct out *o, int col);
/* Make it fit into that many columns: out_fit.c. */
void out_fit(const struct out *o, struct out_layout *all, size_t width);
size_t out_fit_width(const struct out *o, const struct out_layout *all);

/* "2026-11-15 to 2026-11-21 14:32, Europe/Berlin"; brief: with years only if
 * there are two. */
void out_range(const struct out *o, bool brief, struct tk_buf *b);

#endif
