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

int tk_when_read(const char *text, const struct tk_clock *clock,
    struct tk_when *w, struct tk_err *err);

#endif
