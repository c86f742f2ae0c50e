#ifndef REPORT_OUTLOOK_H
#define REPORT_OUTLOOK_H

#include "report/series.h"

/*
 * Where usage is heading, in the terms of the API: of the whole days of the
 * range, or of the OUTLOOK_DAYS before its end if the range is shorter.
 *
 * The growth is the median slope of tokens a day (stats/trend.h), as part of
 * what the middle day of that line has.  The cost trend is that of Mann and
 * Kendall: "steady" unless chance alone gives as clear a one in less than 1
 * of 20.  The prediction is the sum of the forecasts (stats/forecast.h) of
 * the seven days that follow the last whole one; the confidence is 1 less
 * half the sMAPE that such forecasts had on the days before, so 1 is always
 * right, and 0 is no better than nothing.
 */
enum { OUTLOOK_DAYS = 90, OUTLOOK_AHEAD = 7 };

struct outlook {
	size_t days;            /* that it is made of */
	bool grows;             /* the growth is known */
	double growth;          /* a day; 0.01 is one percent */
	const char *cost_trend; /* "increasing", "steady", "decreasing" or
				 * NULL: too few days */
	bool predicted;
	tk_int128 next_week_tokens;
	bool tested;
	double confidence; /* 0 to 1 */
};

int outlook_run(struct outlook *o, struct ledger *l,
    const struct report_query *q, struct tk_err *err);

#endif
