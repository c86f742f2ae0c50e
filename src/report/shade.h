#ifndef REPORT_SHADE_H
#define REPORT_SHADE_H

#include <stddef.h>

#include "base/num.h"

/*
 * Levels for calendars and heat maps: 0 for nothing, else the quartile that
 * a value is in among all that are not nothing, 1 to 4.  With parts of the
 * largest value instead, one wild day would make all others look the same.
 */
struct shade {
	tk_int128 quartile[3]; /* the largest value of levels 1, 2 and 3 */
};

/* By nearest rank; the values are sorted by it. */
void shade_init(struct shade *s, tk_int128 *value, size_t n);
int shade_of(const struct shade *s, tk_int128 value);

#endif
