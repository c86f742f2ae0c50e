#ifndef CMD_COUNT_WINDOW_H
#define CMD_COUNT_WINDOW_H

#include "count.h"
#include "fit/fit.h"

/*
 * What --fit and --split share: a window over an input, which is read as far
 * as is needed, and what is cut from it.
 *
 *	count_window.c  what is read and what is forgotten
 *	count_cut.c     the part that fits
 */
struct count_window {
	struct count_job *j;
	const struct count_input *in;
	struct fit *f;
	struct tk_buf text;
	int64_t before; /* bytes of the input in front of it */
	bool ended;     /* the input ends with it */
};

/* A part of the window's text. */
struct count_part {
	size_t at, len;
	struct count_figure figure;
};

/* For the first target of the job. */
void count_window_init(struct count_window *w, struct count_job *j,
    const struct count_input *in);
void count_window_release(struct count_window *w);

/* Have at least n bytes, if there are so many. */
int count_window_fill(struct count_window *w, size_t n, struct tk_err *err);

/* Forget the first n bytes. */
void count_window_drop(struct count_window *w, size_t n);

/*
 * Have the end of the input, and in front of it all that its last max tokens
 * can be found by: little more than these, whatever goes by, and of a file
 * only its end is read.  For that the text must have places where it is cut
 * in any case (count/cut.h); where it has none in a megabyte, what is in
 * front of the last megabyte is taken for a text of its own.
 */
int count_window_end(struct count_window *w, int64_t max, struct tk_err *err);

/* The longest part with at most max tokens: the text's beginning, or its
 * end. */
int count_cut_part(struct count_window *w, int64_t max, enum fit_at at,
    bool tail, struct count_part *c, struct tk_err *err);

/* Two cells: the text if it is one, or its bytes in base64. */
void count_put_bytes(struct out *o, const char *s, size_t n);

#endif
