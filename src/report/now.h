#ifndef REPORT_NOW_H
#define REPORT_NOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/sums.h"
#include "report/block.h"

struct tk_zone;

/*
 * What is asked for again and again: today, this month, the window that is
 * open, the last hour.
 *
 * Records are only ever appended, so the answer of the last time and the
 * records since are enough.  It is kept in a file; when that is of another
 * ledger, day or window, damaged or gone, the ledger says it all anew.  The
 * figures are those of every report, to the last token.
 */
enum { NOW_MINUTES = 64 };

struct now_query {
	int64_t now;
	const struct tk_zone *zone;
	int64_t window;     /* of the block, ms */
	const char *folder; /* for the file, with a '/' at its end; NULL: no
			     * file */
};

struct now_figures {
	int64_t day, month; /* when they began */
	struct usage_sums today, this_month;
	struct block block; /* the latest window; without models */
	bool open;          /* it is open now */
	/* By minute, the last 60 at least: minute m is in [m % NOW_MINUTES]
	 * when .minute is m; others are of another time. */
	struct now_minute {
		int64_t minute; /* since 1970 */
		tk_int128 tokens, cost;
		tk_int128 unpriced;
	} minute[NOW_MINUTES];
};

int now_read(struct now_figures *f, struct ledger *l, const struct now_query *q,
    struct tk_err *err);

/*
 * Tokens a minute and pico-dollars an hour over the minute that runs and the
 * ones before it, as many as are said (1 to 60).
 */
struct now_rate {
	tk_int128 tokens_per_minute;
	tk_int128 cost_per_hour;
	bool partial; /* some of it has no price */
};
void now_rate(const struct now_figures *f, int64_t now, int minutes,
    struct now_rate *rate);

#endif
