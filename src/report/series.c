#include "report/series.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

const struct tk_choice series_metrics[] = {
	{ "tokens", SERIES_TOKENS },
	{ "cost", SERIES_COST },
	{ "requests", SERIES_REQUESTS },
	{ NULL, 0 },
};

const struct tk_choice series_steps[] = {
	{ "hour", DIM_HOUR },
	{ "day", DIM_DATE },
	{ "week", DIM_WEEK },
	{ "month", DIM_MONTH },
	{ NULL, 0 },
};

void
series_seasons(enum report_dim step, size_t season[2])
{
	season[0] = season[1] = 0;
	switch (step) {
	case DIM_HOUR:
		season[0] = 24;
		season[1] = 7 * 24;
		break;
	case DIM_DATE:
		season[0] = 7;
		break;
	case DIM_WEEK:
		season[0] = 1;
		season[1] = 52;
		break;
	default:
		season[0] = 12;
		break;
	}
}

/* The key after key; hours are instants, and those that a change of the
 * clock cuts short end there. */
static int64_t
key_after(const struct report_query *q, enum report_dim dim, int64_t key)
{
	int64_t end = report_key_end(q, dim, key);

	switch (dim) {
	case DIM_DATE:
	case DIM_MONTH:
		return key + 1;
	case DIM_WEEK:
		return key + 7;
	default:
		return report_time_key(q, DIM_HOUR, end);
	}
}

static void
append(struct series *s, size_t *room, int64_t start,
    const struct usage_sums *sums)
{
	if (s->n + 1 >= *room) {
		*room = *room ? *room * 2 : 64;
		s->start = tk_xreallocarray(s->start, *room, sizeof(*s->start));
		for (int m = 0; m < SERIES_METRICS; m++)
			s->value[m] = tk_xreallocarray(s->value[m], *room,
			    sizeof(*s->value[m]));
	}
	s->start[s->n] = start;
	s->value[SERIES_TOKENS][s->n] = sums_total(sums);
	s->value[SERIES_COST][s->n] = sums->v[SUM_COST];
	s->value[SERIES_REQUESTS][s->n] = sums->v[SUM_REQUESTS];
	sums_add(&s->total, sums);
	s->n++;
}

static int
too_many(struct tk_err *err)
{
	tk_fail(err, TK_USAGE, "the range has more than %d periods",
	    SERIES_MAX);
	return tk_hint(err, "use a larger --granularity or a later --since");
}

/* Fill the gaps between the rows, and up to the last whole period. */
static int
fill(struct series *s, const struct report *r, const struct report_query *q,
    int64_t until, struct tk_err *err)
{
	static const struct usage_sums nothing;
	enum report_dim dim = q->dim[0];
	size_t room = 0, i = 0;
	int64_t key, end;

	while (i < r->rows &&
	    report_key_start(q, dim, r->row[i].key[0]) < q->filter.since)
		i++;
	if (i == r->rows)
		return 0;
	for (key = r->row[i].key[0];; key = key_after(q, dim, key)) {
		const struct report_row *row = NULL;

		if (i < r->rows && r->row[i].key[0] <= key) {
			row = &r->row[i++];
			key = row->key[0];
		}
		end = report_key_end(q, dim, key);
		if (end > until)
			break;
		if (s->n == SERIES_MAX)
			return too_many(err);
		append(s, &room, report_key_start(q, dim, key),
		    row != NULL ? &row->sums : &nothing);
	}
	if (s->n > 0)
		s->start[s->n] = report_key_start(q, dim, key);
	return 0;
}

static struct report_query
query_of(const struct series_query *sq)
{
	return (struct report_query){ .filter = sq->filter,
		.zone = sq->zone,
		.now = sq->now,
		.week_start = sq->week_start,
		.dim = { sq->step },
		.dims = 1 };
}

int
series_run(struct series *s, struct ledger *l, const struct series_query *sq,
    struct tk_err *err)
{
	struct report_query q = query_of(sq);
	struct report r;
	int rc;

	*s = (struct series){ .step = sq->step };
	if (q.filter.until > sq->now)
		q.filter.until = sq->now;
	if (report_run(&r, l, &q, err) < 0)
		return -1;
	rc = fill(s, &r, &q, q.filter.until, err);
	report_release(&r);
	if (rc < 0)
		series_release(s);
	return rc;
}

void
series_release(struct series *s)
{
	free(s->start);
	for (int m = 0; m < SERIES_METRICS; m++)
		free(s->value[m]);
	*s = (struct series){ 0 };
}

double *
series_numbers(const struct series *s, enum series_metric metric)
{
	double *y = tk_xcalloc(s->n + 1, sizeof(*y));

	for (size_t i = 0; i < s->n; i++)
		y[i] = (double)s->value[metric][i];
	return y;
}

int64_t
series_after(const struct series_query *sq, const struct series *s, size_t n)
{
	struct report_query q = query_of(sq);
	int64_t key = report_time_key(&q, sq->step, s->start[s->n]);

	while (n-- > 0)
		key = key_after(&q, sq->step, key);
	return report_key_start(&q, sq->step, key);
}
