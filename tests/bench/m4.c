/*
 * Score forecasts on the M4 competition's series.
 *
 *	m4 TRAIN.csv TEST.csv HORIZON SEASON [LONG-SEASON]
 *
 * Prints sMAPE and MASE, as M4 defines them, of the forecast and of the
 * seasonal naive method, and how many of the values to come were within the
 * interval of 95 %.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/forecast.h"

enum { LINE = 1 << 20, VALUES = 1 << 16 };

static size_t
read_values(const char *line, double *y)
{
	const char *p = strchr(line, ',');
	size_t n = 0;

	while (p != NULL && n < VALUES) {
		char *end;

		p += 1 + (p[1] == '"');
		y[n] = strtod(p, &end);
		if (end == p)
			break;
		n++;
		p = strchr(end, ',');
	}
	return n;
}

int
main(int argc, char **argv)
{
	FILE *train = argc > 4 ? fopen(argv[1], "r") : NULL;
	FILE *test = argc > 4 ? fopen(argv[2], "r") : NULL;
	char *line = tk_xcalloc(LINE, 1), *line2 = tk_xcalloc(LINE, 1);
	double *y = tk_xcalloc(VALUES, sizeof(*y));
	double *next = tk_xcalloc(VALUES, sizeof(*next));
	struct forecast_score sum = { 0 };
	struct forecast_series s = { .y = y };
	size_t h, series = 0;

	if (train == NULL || test == NULL) {
		fprintf(stderr, "usage: m4 TRAIN TEST HORIZON SEASON [LONG]\n");
		return 2;
	}
	h = (size_t)atoi(argv[3]);
	s.season[0] = (size_t)atoi(argv[4]);
	s.season[1] = argc > 5 ? (size_t)atoi(argv[5]) : 0;
	if (fgets(line, LINE, train) == NULL ||
	    fgets(line2, LINE, test) == NULL)
		return 1;
	while (fgets(line, LINE, train) && fgets(line2, LINE, test)) {
		struct forecast_score one;

		s.n = read_values(line, y);
		if (read_values(line2, next) < h)
			continue;
		memcpy(y + s.n, next, h * sizeof(*y));
		s.n += h;
		forecast_backtest(&one, &s, h, 0.95, 1);
		if (one.origins == 0)
			continue;
		sum.smape += one.smape;
		sum.mase += one.mase;
		sum.naive_smape += one.naive_smape;
		sum.naive_mase += one.naive_mase;
		sum.coverage += one.coverage;
		series++;
	}
	printf("%zu series: sMAPE %.3f MASE %.3f, seasonal naive %.3f %.3f, "
	       "within 95 %%: %.1f %%\n",
	    series, sum.smape / (double)series, sum.mase / (double)series,
	    sum.naive_smape / (double)series, sum.naive_mase / (double)series,
	    100 * sum.coverage / (double)series);
	return 0;
}
