/* Rolling windows: window.h. */
#include "limit/window.h"

#include <stdlib.h>

#include "limit/recount.h"

static const char window_sql[] =
    "SELECT start, sums FROM counter"
    " WHERE tally = $1 AND name = $2 AND name2 = $3 AND session = ''"
    "   AND start >= $4 AND start < $5"
    " ORDER BY start";

/* Read rows of one tally; into all, if it is not NULL, and into sum. */
static int
read_rows(struct limits *L, const struct limit_part *p, enum limit_period level,
    int64_t from, int64_t to, struct tally_sums *sum, struct buckets *all,
    struct tk_err *err)
{
	const struct tally *t = limits_tally(L, p->of.scope, level, "");
	int more;

	if (from >= to)
		return 0;
	if (t == NULL)
		return part_not_counted(p, err);
	if (store_prepare_once(L->st, &L->window, window_sql, err) < 0)
		return -1;
	stmt_bind_int(L->window, 1, t->id);
	stmt_bind_text(L->window, 2, p->of.name);
	stmt_bind_text(L->window, 3, p->of.name2);
	stmt_bind_int(L->window, 4, from);
	stmt_bind_int(L->window, 5, to);
	while ((more = stmt_step(L->window, err)) > 0) {
		struct bucket b = { .start = stmt_int(L->window, 0) };
		size_t len;
		const void *bytes = stmt_blob(L->window, 1, &len);

		if (!counter_unpack(bytes, len, &b.sums)) {
			stmt_reset(L->window);
			return tk_fail(err, TK_DATA,
			    "the ledger is damaged: a counter of '%.64s'",
			    p->of.name);
		}
		if (sum != NULL)
			tally_sums_add(sum, &b.sums, 1);
		if (all == NULL || tally_sums_zero(&b.sums))
			continue;
		buckets_add(all, &b);
	}
	return more;
}

static int64_t
round_up(int64_t ms, int64_t unit)
{
	return (ms + unit - 1) / unit * unit;
}

/* The sum of the minutes from to, by whole hours and days where it can. */
static int
window_sum(struct limits *L, const struct limit_part *p, int64_t from,
    int64_t to, struct tally_sums *s, struct tk_err *err)
{
	int64_t h0 = round_up(from, HOUR_MS), h1 = to / HOUR_MS * HOUR_MS;
	int64_t d0 = round_up(h0, DAY_MS), d1 = h1 / DAY_MS * DAY_MS;

	if (h0 >= h1)
		return read_rows(L, p, PERIOD_MINUTES, from, to, s, NULL, err);
	if (read_rows(L, p, PERIOD_MINUTES, from, h0, s, NULL, err) < 0 ||
	    read_rows(L, p, PERIOD_MINUTES, h1, to, s, NULL, err) < 0)
		return -1;
	if (d0 >= d1)
		return read_rows(L, p, PERIOD_HOURS, h0, h1, s, NULL, err);
	return read_rows(L, p, PERIOD_HOURS, h0, d0, s, NULL, err) < 0 ||
		read_rows(L, p, PERIOD_HOURS, d1, h1, s, NULL, err) < 0
	    ? -1
	    : read_rows(L, p, PERIOD_DAYS, d0, d1, s, NULL, err);
}

/*
 * The clock was set back, or records are of the future: what is held now
 * counts in every window that ends within a window's length from now, so the
 * fullest of them decides.
 */
static void
fullest(const struct limits *L, const struct limit_part *p,
    const struct buckets *all, int64_t last, int64_t length,
    struct tally_sums *best)
{
	struct tally_sums sum = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct bucket *b = &all->v[i];

		tally_sums_add(&sum, &b->sums, 1);
		while (all->v[first].start < b->start - length)
			tally_sums_add(&sum, &all->v[first++].sums, -1);
		if (b->start > last &&
		    part_used(L, p, &sum) + part_held(p, &sum) >
			part_used(L, p, best) + part_held(p, best))
			*best = sum;
	}
}

/* When the first minute that has anything leaves the window. */
static int
first_leaves(struct limits *L, const struct limit_part *p, int64_t from,
    int64_t last, int64_t length, int64_t *at, struct tk_err *err)
{
	const struct tally *t =
	    limits_tally(L, p->of.scope, PERIOD_MINUTES, "");
	int more;

	stmt_bind_int(L->window, 1, t->id);
	stmt_bind_text(L->window, 2, p->of.name);
	stmt_bind_text(L->window, 3, p->of.name2);
	stmt_bind_int(L->window, 4, from);
	stmt_bind_int(L->window, 5, last + MINUTE_MS);
	while ((more = stmt_step(L->window, err)) > 0) {
		struct tally_sums sums;
		size_t len;
		const void *bytes = stmt_blob(L->window, 1, &len);

		if (!counter_unpack(bytes, len, &sums) ||
		    tally_sums_zero(&sums))
			continue;
		*at = stmt_int(L->window, 0) + length + MINUTE_MS;
		stmt_reset(L->window);
		return 0;
	}
	return more;
}

static int
by_start(const void *a, const void *b)
{
	int64_t x = ((const struct bucket *)a)->start;
	int64_t y = ((const struct bucket *)b)->start;

	return x < y ? -1 : x > y;
}

/* In order, each minute once. */
static void
put_in_order(struct buckets *all)
{
	size_t kept = 0;

	if (all->n == 0)
		return;
	qsort(all->v, all->n, sizeof(*all->v), by_start);
	for (size_t i = 1; i < all->n; i++) {
		if (all->v[i].start == all->v[kept].start)
			tally_sums_add(&all->v[kept].sums, &all->v[i].sums, 1);
		else
			all->v[++kept] = all->v[i];
	}
	all->n = kept + 1;
}

struct window {
	int64_t from, last, length; /* minutes from to last, by their start */
	bool counted;               /* else the clock is before the counters */
};

/* The minutes of all windows that now counts in; none if it is the last. */
static int
read_window(struct limits *L, const struct limit_part *p,
    const struct window *w, struct part_state *s, struct buckets *all,
    struct tk_err *err)
{
	int64_t end = w->last + MINUTE_MS, far = end + w->length;

	if (!w->counted) {
		struct tally_sums ignored;

		if (recount(L, &p->of, NULL, w->from, far, &ignored, all, err) <
		    0)
			return -1;
		put_in_order(all);
		for (size_t i = 0; i < all->n && all->v[i].start < end; i++)
			tally_sums_add(&s->sums, &all->v[i].sums, 1);
		if (all->n > 0 && all->v[0].start < end)
			s->resets_at = all->v[0].start + w->length + MINUTE_MS;
		return 0;
	}
	if (window_sum(L, p, w->from, end, &s->sums, err) < 0 ||
	    first_leaves(L, p, w->from, w->last, w->length, &s->resets_at,
		err) < 0 ||
	    read_rows(L, p, PERIOD_MINUTES, end, far, NULL, all, err) < 0)
		return -1;
	if (all->n == 0)
		return 0;
	all->n = 0;
	return read_rows(L, p, PERIOD_MINUTES, w->from, far, NULL, all, err);
}

int
window_state(struct limits *L, const struct limit_part *p, int64_t now,
    bool unswept, struct part_state *s, struct tk_err *err)
{
	const struct tally *t =
	    limits_tally(L, p->of.scope, PERIOD_MINUTES, "");
	struct window w = { .last = now / MINUTE_MS * MINUTE_MS,
		.length =
		    (p->period == PERIOD_DAY ? 1 : 30) * (int64_t)DAY_MS };
	struct tally_sums ignored = { 0 };
	struct buckets all = { 0 };
	int rc = -1;

	if (t == NULL)
		return part_not_counted(p, err);
	w.from = w.last - w.length;
	w.counted = w.from >= t->since;
	s->start = now / DAY_MS * DAY_MS;
	if (read_window(L, p, &w, s, &all, err) < 0)
		goto out;
	if (unswept &&
	    (recount_less_expired(L, p, NULL, now, w.from, w.last + MINUTE_MS,
		 &s->sums, NULL, err) < 0 ||
		(all.n > 0 &&
		    recount_less_expired(L, p, NULL, now, w.from,
			w.last + w.length + MINUTE_MS, &ignored, &all,
			err) < 0)))
		goto out;
	put_in_order(&all);
	fullest(L, p, &all, w.last, w.length, &s->sums);
	rc = 0;
out:
	free(all.v);
	return rc;
}
