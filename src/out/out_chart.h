#ifndef OUT_OUT_CHART_H
#define OUT_OUT_CHART_H

#include "out/out_int.h"

/*
 * The data behind a picture of a grid, and the pictures: bars that stand on
 * an axis of time, bars that lie beside names, a calendar.  Private to the
 * writer.
 *
 * Along the axis are places, one for each different value of the first
 * column; periods that have no row have a place, too: out_place.c.  A place
 * is made of parts when the second column is a name.  Numbers below nothing
 * count as nothing.
 */
enum { OUT_CHART_VALUES = 2, OUT_CHART_PARTS = 7, OUT_LEVELS = 5 };

/* What the places are, one after the other: periods, or names. */
enum out_step {
	OUT_STEP_NONE,
	OUT_STEP_HOUR,
	OUT_STEP_DAY,
	OUT_STEP_WEEK,
	OUT_STEP_MONTH,
};

struct out_chart {
	const struct out *o;
	const struct out_layout *all;
	int key, parts_col, value; /* columns; parts_col may be -1 */
	int rank;                  /* the column that orders the parts */
	enum out_step steps;
	int64_t first; /* place: ms, a day, a week's first, 12 * year + month */
	bool cut;      /* more rows than a picture can hold */
	char **place, **part;
	size_t places, parts;
	tk_int128 *n; /* [place * parts + part] */
	bool *open;   /* by place: it is not over yet */
	bool *known;  /* by place: a number is there */
	tk_int128 most;
	size_t most_at;
	tk_int128 step; /* between two lines of the axis */
	int left;       /* where the axis begins, right of its amounts */
};

/*
 * Which columns a picture is drawn of, the answer first: money, then what
 * the bars of the table show.  Without bars there is none, unless any number
 * will do.  Returns how many.
 */
int out_chart_values(const struct out *o, bool any, int col[OUT_CHART_VALUES]);
bool out_chart_over_time(const struct out *o);

/* A picture of column value; two that have the same column rank have the
 * same colours for the same parts. */
void out_chart_init(struct out_chart *c, const struct out *o,
    const struct out_layout *all, int value, int rank);
void out_chart_release(struct out_chart *c);
/* What a cell adds to the picture: nothing is below nothing. */
tk_int128 out_chart_value(const struct out_chart *c, size_t row, int col);
tk_int128 out_chart_sum(const struct out_chart *c, size_t place);

/* Fill in the places, and at: by row, its place or SIZE_MAX. */
void out_chart_places(struct out_chart *c, size_t *at);
int64_t out_chart_key(const struct out_chart *c, size_t place);

/* What the picture is of. */
const char *out_chart_title(const struct out_chart *c);

/* OUT_MATRIX: its first period, or -1; and all of the picture. */
int out_matrix_value(const struct out *o);
void out_matrix_init(struct out_chart *c);

/* Which of the names it is, added if need be. */
size_t out_chart_name(char ***names, size_t *n, const char *name);

/*
 * How dark places are: 0 for nothing, else the quartile that a place is in
 * among those that are not nothing, 1 to 4.  With parts of the largest value
 * instead, one wild day would make all others look the same.
 */
struct out_levels {
	tk_int128 above[3]; /* what levels 2, 3 and 4 must be above */
};

void out_levels_init(struct out_levels *l, const struct out_chart *c,
    size_t from);
int out_level_of(const struct out_levels *l, tk_int128 n);

/* A number as people read it; brief on an axis. */
void out_chart_amount(const struct out_chart *c, tk_int128 n, bool brief,
    struct tk_buf *b);

/* Append a text so that it is only that in HTML, XML and their attributes. */
void out_html_text(struct tk_buf *b, const char *s);

/*
 * Append an <svg> of a chart, y is where it stands in another one.  It has
 * its colours as attributes, which the classes of out_svg_css turn round
 * for dark screens.
 */
enum { OUT_SVG_WIDTH = 720 };
extern const char out_svg_css[];
extern const char *const out_svg_colors[OUT_CHART_PARTS];
int out_svg_columns(struct out_chart *c, int y, struct tk_buf *b);
int out_svg_bars(struct out_chart *c, int y, struct tk_buf *b);
int out_svg_calendar(struct out_chart *c, int y, struct tk_buf *b);
int out_svg_heat(struct out_chart *c, int y, struct tk_buf *b);

/* The picture that the part of the document asks for. */
int out_svg_picture(struct out_chart *c, int y, struct tk_buf *b);

/* Where an axis of time runs, in pixels, and the line of its names. */
struct out_axis {
	int left, right, names;
};

/* Where a place begins, in tenths of a pixel. */
int64_t out_axis_x(const struct out_chart *c, const struct out_axis *axis,
    size_t place);
void out_svg_names(const struct out_chart *c, const struct out_axis *axis,
    struct tk_buf *b);

/* In tenths of a pixel; class "t" is text, "d" is dim; anchor is start,
 * middle or end. */
void out_svg_text(struct tk_buf *b, const char *class, int64_t x, int64_t y,
    const char *anchor, const char *text);

/* What is around every picture. */
void out_svg_open(struct tk_buf *b, int y, int height, const char *name,
    const char *desc);
void out_svg_close(struct tk_buf *b);

/* The cells of a heat map that have most, the first of them first: "Tue
 * 10:00 (3.4%)"; false if there is nothing. */
bool out_heat_busiest(struct out_chart *c, struct tk_buf *b);

#endif
