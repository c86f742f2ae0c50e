#ifndef REPORT_BLOCK_H
#define REPORT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "ledger/scan.h"
#include "ledger/sums.h"

/*
 * Usage cut into windows of some hours, as providers' limits are: a window
 * opens at the full hour (UTC) of its first call, takes the calls up to and
 * with its end, and the next call after that opens another one.  This is how
 * ccusage has its "blocks".
 *
 * A window is the same whatever range is asked for: the calls before the
 * range decide where it begins.  Its sums are those of the range alone, as
 * in every report.
 *
 * The time between two windows is a gap when no call was made for longer
 * than a window lasts; it is from then on until the next call.
 */
enum { BLOCK_MAX_DAYS = 31 };

struct block_query {
	struct ledger_filter filter;
	int64_t now;
	int64_t window; /* ms; block_check_window() takes it */
	/* Only windows that begin at this time or later, and the one that is
	 * open now; INT64_MIN: all of them. */
	int64_t from;
	bool most; /* wanted: blocks.most, for which all records are read */
	/* In and out, or NULL: spares reading old records; see below. */
	struct block_anchor *anchor;
};

struct block {
	int64_t start, end;
	int64_t first, last; /* the times of its calls */
	struct usage_sums sums;
	const char **model; /* in the order of their first calls */
	size_t models;
	bool active; /* it has not ended, and was used within its length */
	/* Since when nobody had made a call for longer than a window, until
	 * its first one; INT64_MIN when there is no such gap. */
	int64_t gap;
};

struct blocks {
	struct block *block; /* in the order of time */
	size_t n;
	tk_int128 most; /* tokens of the largest one that is over */
};

/*
 * Where each window begins follows from the one before, so the last one may
 * need calls from long ago.  An anchor spares that: the last window begins
 * with the call at "first" as long as nobody wrote a record of before then.
 */
struct block_anchor {
	char ledger[33]; /* its uuid; "" for no anchor */
	int64_t epoch;   /* of store_epoch() */
	int64_t last_id; /* records up to it were seen */
	int64_t window;
	int64_t first; /* ms; 0: there is none */
};

int block_check_window(int64_t window, struct tk_err *err);

int block_run(struct blocks *b, struct ledger *l, const struct block_query *q,
    struct tk_err *err);
void block_release(struct blocks *b);

/* The one that is open now, or NULL. */
const struct block *block_active(const struct blocks *b);

/* Windows and the gaps between them, as they are listed. */
struct block_line {
	const struct block *block; /* NULL: a gap */
	int64_t start, end;
};

/* n of them, which the caller frees. */
struct block_line *block_lines(const struct blocks *b,
    const struct block_query *q, size_t *n);

/*
 * Tokens a minute and pico-dollars an hour, from the first to the last call;
 * false while that is no time.
 */
struct block_rate {
	tk_int128 tokens_per_minute;
	tk_int128 cost_per_hour;
};
bool block_rate(const struct block *b, struct block_rate *rate);

/*
 * What the window will hold at its end, at the pace it has kept until now
 * (from its first call until now, never faster than block_rate()).  False
 * before there were 3 calls within 5 minutes of it: too early to say.
 */
struct block_ahead {
	tk_int128 tokens;
	tk_int128 cost;
	int64_t left; /* ms until the end */
};
bool block_project(const struct block *b, int64_t now,
    struct block_ahead *ahead);

/* n * by / of, rounded half up; by and of are positive. */
tk_int128 block_scale(tk_int128 n, int64_t by, int64_t of);

#endif
