#ifndef TOP_FRAME_INT_H
#define TOP_FRAME_INT_H

#include "base/buf.h"
#include "top/ui.h"

/* What the parts of a frame share; one frame while it is drawn. */
struct frame {
	struct cells *g;
	const struct top_model *m;
	const struct top_style *s;
	struct top_ui *ui;
	int64_t now;
	int w; /* columns without panes on the right */
	int y;
	int bottom; /* the row after the last one to draw on */
	bool panes;
};

/* Columns; FRAME_ALL: with sessions, and the last hour of each row. */
enum { FRAME_ALL = 92, FRAME_WIDE = 80, FRAME_NARROW = 38 };

extern const char *const frame_titles[TOP_VIEWS];

/* Numbers in at most so many columns: what is too long loses figures, or its
 * cents, never its size. */
void frame_tokens(const struct frame *f, struct tk_buf *b, tk_int128 n,
    size_t width);
/* A number that ends before column end; 0: it is left out. */
void frame_number(struct frame *f, int end, tk_int128 n, size_t width);
void frame_cost(const struct frame *f, struct tk_buf *b, tk_int128 cost,
    tk_int128 unpriced, tk_int128 requests, size_t width);
void frame_sums_cost(const struct frame *f, struct tk_buf *b,
    const struct usage_sums *s, size_t width);
void frame_amount(const struct frame *f, struct tk_buf *b, enum limit_kind kind,
    tk_int128 n, size_t width);
/* "46.3%", ">999%": at most so many columns, 5 or more. */
void frame_percent(const struct frame *f, struct tk_buf *b, tk_int128 part,
    tk_int128 whole, int decimals, size_t width);
/* Appended: "9h 27m", "34 min", "12 days". */
void frame_span(struct tk_buf *b, int64_t ms);

/* Of limit_use_state(). */
enum cell_role frame_role(const char *state);
const char *frame_word(const char *state);
/* How much of the period has passed, in thousandths; -1: it has none. */
int frame_pace(const struct frame *f, const struct top_limit *l);
/* "[###|--]  46.3% ok" from column x on: w + gap + 13 columns. */
void frame_bar(struct frame *f, int x, int w, int gap,
    const struct top_limit *l);

/* The parts, from f->y on, in so many rows. */
void frame_header(struct frame *f);
void frame_short_header(struct frame *f);
void frame_narrow_header(struct frame *f);
void frame_answer(struct frame *f);
void frame_tabs(struct frame *f);
void frame_table(struct frame *f, int rows);
void frame_drilled(struct frame *f, int rows);
void frame_latest(struct frame *f, int rows);
void frame_live(struct frame *f, int rows);
void frame_limits(struct frame *f, int rows);
void frame_alerts(struct frame *f, int rows);
void frame_home(struct frame *f);
void frame_home_lines(struct frame *f, int rows); /* without its boxes */
void frame_panes(struct frame *f);
void frame_start(struct frame *f);
void frame_overlay(struct frame *f);

/* One line of an alert: "OVER 14:27 ci-bot: ...", from column x on. */
void frame_alert(struct frame *f, int x, int w, const struct top_alert *a);

/* Items of a list, from f->y on, in so many rows of one item each: those
 * around the one that is selected.  draw moves f->y to the next row. */
typedef void frame_item_fn(struct frame *f, const void *item, const void *data);
void frame_items(struct frame *f, const void *const *item, size_t n, int rows,
    frame_item_fn *draw, const void *data);

#endif
