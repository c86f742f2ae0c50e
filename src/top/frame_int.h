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
	int y;
	int bottom; /* the row after the last one to draw on */
};

enum { FRAME_WIDE = 80 };

extern const char *const frame_titles[TOP_VIEWS];

/* Numbers in at most so many columns: what is too long loses figures, or its
 * cents, never its size. */
void frame_tokens(const struct frame *f, struct tk_buf *b, tk_int128 n,
    size_t width);
void frame_cost(const struct frame *f, struct tk_buf *b, tk_int128 cost,
    tk_int128 unpriced, tk_int128 requests, size_t width);
void frame_sums_cost(const struct frame *f, struct tk_buf *b,
    const struct usage_sums *s, size_t width);
void frame_amount(const struct frame *f, struct tk_buf *b, enum limit_kind kind,
    tk_int128 n, size_t width);

/* Of limit_use_state(). */
enum cell_role frame_role(const char *state);
const char *frame_word(const char *state);
/* How much of the period has passed, in thousandths; -1: it has none. */
int frame_pace(const struct frame *f, const struct top_limit *l);
/* "[###|--]  46.3% ok" from column x on: w + 14 columns. */
void frame_bar(struct frame *f, int x, int w, const struct top_limit *l);

/* The parts, from f->y on, in so many rows. */
void frame_table(struct frame *f, int rows);
void frame_latest(struct frame *f, int rows);
void frame_live(struct frame *f, int rows);
void frame_limits(struct frame *f, int rows);
void frame_alerts(struct frame *f, int rows);
void frame_home(struct frame *f);
void frame_overlay(struct frame *f);

#endif
