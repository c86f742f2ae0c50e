#ifndef OUT_OUT_CHART_H
#define OUT_OUT_CHART_H

#include "out/out_int.h"

/*
 * The data behind a picture of a grid, and the pictures: bars that stand on
 * an axis of time, bars that lie beside names, a calendar.  Private to the
 * writer.
 *
 * Along the axis are places, one for each different value of the first
 * column; days that have no row have a place, too.  A place is made of parts
 * when the second column is a name.  Numbers below nothing count as nothing.
 */
enum { OUT_CHART_VALUES = 2, OUT_CHART_PARTS = 7 };

struct out_chart {
	const struct out *o;
	const struct out_layout *all;
	int key, parts_col, value; /* columns; parts_col may be -1 */
	int rank;                  /* the column that orders the parts */
	bool days;                 /* places are days, from first_day on */
	bool cut;                  /* more rows than a picture can hold */
	int32_t first_day;
	char **place, **part;
	size_t places, parts;
	tk_int128 *n; /* [place * parts + part] */
	bool *open;   /* by place: it is not over yet */
	bool *known;  /* by place: a number is there */
	tk_int128 most;
	size_t most_at;
	tk_int128 step; /* between two lines of the axis */
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
tk_int128 out_chart_sum(const struct out_chart *c, size_t place);

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

#endif
