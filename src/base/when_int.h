#ifndef BASE_WHEN_INT_H
#define BASE_WHEN_INT_H

#include "base/time.h"

/* What kind of thing was written decides where --until ends. */
enum tk_when_kind {
	TK_WHEN_MOMENT,
	TK_WHEN_DATE, /* a day, month, week or year by its number */
	TK_WHEN_WORD, /* the same by a word */
	TK_WHEN_AGO,  /* so many whole days */
};

struct tk_when {
	enum tk_when_kind kind;
	struct tk_range range;
};

/* What was typed, while it is read. */
enum { TK_WHEN_TEXT = 64 };
struct tk_when_text {
	const char *typed;        /* as it was */
	char s[TK_WHEN_TEXT + 1]; /* lower case, single spaces, none outside */
	const struct tk_clock *clock;
};

int32_t tk_when_today(const struct tk_when_text *t);
void tk_when_days(struct tk_when *w, const struct tk_when_text *t,
    enum tk_when_kind kind, int32_t first, int32_t next);
void tk_when_months(struct tk_when *w, const struct tk_when_text *t,
    enum tk_when_kind kind, int32_t month, int n);
void tk_when_moment(struct tk_when *w, int64_t ms);

/* when_word.c: 1 if it is a word that stands for a time, else 0; and which
 * words it may have been meant to be. */
struct tk_buf;
int tk_when_word(const struct tk_when_text *t, struct tk_when *w,
    struct tk_err *err);
void tk_when_suggest(const char *typed, struct tk_buf *guess);

int tk_when_read(const char *text, const struct tk_clock *clock,
    struct tk_when *w, struct tk_err *err);

#endif
