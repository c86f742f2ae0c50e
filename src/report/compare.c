/* What was before: see compare.h. */
#include "report/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"

enum { DAY_MS = 86400000 };

static const struct usage_sums nothing;

/* The clock time of an instant: ms since its midnight, as clocks show it. */
static int64_t
clock_time(const struct tk_zone *z, int64_t ms)
{
	int64_t local = ms + (int64_t)tk_zone_offset(z, ms) * 1000;

	return local - (int64_t)tk_zone_day(z, ms) * DAY_MS;
}

static bool
starts_day(const struct tk_zone *z, int64_t ms)
{
	return tk_zone_day_start(z, tk_zone_day(z, ms)) == ms;
}

static bool
starts_month(const struct tk_zone *z, int64_t ms)
{
	int32_t day = tk_zone_day(z, ms);

	return starts_day(z, ms) &&
	    tk_month_first_day(tk_day_month(day)) == day;
}

static int64_t
month_start(const struct tk_zone *z, int32_t month)
{
	return tk_zone_day_start(z, tk_month_first_day(month));
}

/* The range before [since, until). */
static void
range_before(const struct report_query *q, int64_t now, int64_t *since,
    int64_t *until)
{
	const struct tk_zone *z = q->zone;
	int64_t from = *since, to = *until < now ? *until : now;
	int32_t first = tk_zone_day(z, from), last = tk_zone_day(z, to);
	int32_t month = tk_day_month(first), n, shift;

	if (to < from)
		to = from;
	if (starts_month(z, from) && starts_month(z, to)) {
		n = tk_day_month(last) - month;
		*since = month_start(z, month - n);
		*until = from;
	} else if (starts_month(z, from) && !starts_day(z, to)) {
		n = tk_day_month(last) - month + 1;
		*since = month_start(z, month - n);
		last = last - tk_month_first_day(tk_day_month(last)) +
		    tk_month_first_day(tk_day_month(last) - n);
		*until = tk_zone_instant(z, last, clock_time(z, to));
		if (*until > from)
			*until = from;
	} else if (starts_day(z, from)) {
		shift = last - first + !starts_day(z, to);
		*since = tk_zone_day_start(z, first - shift);
		*until = starts_day(z, to)
		    ? from
		    : tk_zone_instant(z, last - shift, clock_time(z, to));
	} else {
		*since = from - (to - from);
		*until = from;
	}
}

static int64_t
key_before(const struct report_query *q, int64_t key)
{
	switch (q->dim[0]) {
	case DIM_WEEK:
		return key - 7;
	case DIM_HOUR:
		return report_time_key(q, DIM_HOUR, key - 1);
	default:
		return key - 1;
	}
}

/* As rows are ordered; names are compared as texts, since two reports number
 * departments differently.  The first key of b is taken for what follows it
 * when each row is compared with the one before. */
static int
order(const struct report_query *q, const struct report_row *a,
    const struct report_row *b, size_t from)
{
	for (size_t d = from; d < q->dims; d++) {
		int c = 0;

		if (report_dim_is_name(q->dim[d]))
			c = strcmp(a->name[d] ? a->name[d] : "",
			    b->name[d] ? b->name[d] : "");
		else if (a->key[d] != b->key[d])
			c = a->key[d] < b->key[d] ? -1 : 1;
		if (c != 0)
			return c;
	}
	return 0;
}

/* The row with this first key and otherwise the keys of like; rows are in
 * the order of their keys. */
static const struct report_row *
find(const struct report *r, const struct report_query *q, int64_t key,
    const struct report_row *like)
{
	struct report_row wanted = *like;
	size_t low = 0, high = r->rows;

	wanted.key[0] = key;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(q, &r->row[middle], &wanted, 0) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->rows && order(q, &r->row[low], &wanted, 0) == 0
	    ? &r->row[low]
	    : NULL;
}

static int
compare_rows(struct comparison *c, struct report *r, struct ledger *l,
    const struct report_query *q, struct tk_err *err)
{
	struct report_query wider = *q;

	c->by_row = true;
	if (r->rows == 0)
		return 0;
	wider.filter.since =
	    report_key_start(q, q->dim[0], key_before(q, r->row[0].key[0]));
	if (report_run(&c->before, l, &wider, err) < 0)
		return -1;
	c->since = wider.filter.since;
	c->until = q->filter.until;
	for (size_t i = 0; i < r->rows; i++) {
		struct report_row *row = &r->row[i];
		int64_t key = row->key[0];
		const struct report_row *old;

		if (report_key_start(q, q->dim[0], key) < q->filter.since ||
		    report_key_end(q, q->dim[0], key) > q->filter.until ||
		    report_key_end(q, q->dim[0], key) > q->now)
			continue;
		old = find(&c->before, q, key_before(q, key), row);
		row->before = old != NULL ? &old->sums : &nothing;
	}
	return 0;
}

/* Both are in the order of their keys: merge them. */
static void
join(struct report *r, const struct report *before,
    const struct report_query *q)
{
	struct report_row *all =
	    tk_xcalloc(r->rows + before->rows + 1, sizeof(*all));
	size_t i = 0, k = 0, n = 0;

	while (i < r->rows || k < before->rows) {
		int c = i == r->rows ? 1
		    : k == before->rows
		    ? -1
		    : order(q, &r->row[i], &before->row[k], 0);

		all[n] = c <= 0 ? r->row[i] : before->row[k];
		if (c > 0) {
			all[n].sums = nothing;
			all[n].latency = NULL;
		}
		all[n].before = c < 0 ? &nothing : &before->row[k].sums;
		i += c <= 0;
		k += c >= 0;
		n++;
	}
	free(r->row);
	r->row = all;
	r->rows = n;
}

int
report_compare(struct comparison *c, struct report *r, struct ledger *l,
    const struct report_query *q, struct tk_err *err)
{
	struct report_query older = *q;

	*c = (struct comparison){ .since = q->filter.since,
		.until = q->filter.until };
	if (q->dim[0] >= DIM_HOUR && q->dim[0] <= DIM_MONTH)
		return compare_rows(c, r, l, q, err);
	if (q->filter.since <= TK_TIME_MIN) {
		tk_fail(err, TK_USAGE, "there is nothing before all times");
		return tk_hint(err, "give a range, as '--period this-month'");
	}
	range_before(q, q->now, &c->since, &c->until);
	older.filter.since = c->since;
	older.filter.until = c->until;
	if (report_run(&c->before, l, &older, err) < 0)
		return -1;
	join(r, &c->before, q);
	return 0;
}

void
comparison_release(struct comparison *c)
{
	report_release(&c->before);
}
