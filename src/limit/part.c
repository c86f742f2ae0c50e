/* The limits of a name, and how much of each is used: limit_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "ledger/names.h"
#include "ledger/scan.h"
#include "limit/limit_int.h"

static const char quota_sql[] =
    "SELECT id, version, daily, monthly, hard, session, warning, critical,"
    "       rolling, zone"
    "  FROM quota"
    " WHERE scope = $1 AND name = $2 AND name2 = $3";
static const char budget_sql[] =
    "SELECT id, version, period, usd, pico, thresholds, block, carry, zone,"
    "       added"
    "  FROM budget"
    " WHERE scope = $1 AND name = $2 AND name2 = $3"
    " ORDER BY period";

static struct limit_part *
add_part(struct part_list *list, const struct limit_name *n)
{
	struct limit_part *p;

	list->v = tk_xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	p = &list->v[list->n++];
	*p = (struct limit_part){ .of = { n->scope, list->name, list->name2 },
		.block = true };
	return p;
}

static const char *
keep_zone(struct part_list *list, const char *zone)
{
	list->zones = tk_xreallocarray(list->zones, list->nzones + 1,
	    sizeof(*list->zones));
	return list->zones[list->nzones++] = tk_xstrdup(zone);
}

static void
add_threshold(struct limit_part *p, int64_t ppm)
{
	if (ppm > 0 && ppm < CROSSING_FULL && p->thresholds < CROSSING_MAX - 1)
		p->threshold[p->thresholds++] = ppm;
}

static int
load_quota(struct limits *L, struct part_list *list, const struct limit_name *n,
    struct tk_err *err)
{
	static const enum limit_period periods[] = { PERIOD_DAY, PERIOD_MONTH,
		PERIOD_HARD, PERIOD_SESSION };
	struct stmt *q;
	const char *zone;
	int more;

	if (store_prepare_once(L->st, &L->quota, quota_sql, err) < 0)
		return -1;
	q = L->quota;
	stmt_bind_int(q, 1, n->scope);
	stmt_bind_text(q, 2, n->name);
	stmt_bind_text(q, 3, n->name2);
	more = stmt_step(q, err);
	if (more <= 0)
		return more;
	zone = keep_zone(list, stmt_text(q, 9));
	for (int i = 0; i < (int)TK_LEN(periods); i++) {
		struct limit_part *p;

		if (stmt_is_null(q, 2 + i))
			continue;
		p = add_part(list, n);
		p->kind = LIMIT_QUOTA;
		p->id = stmt_int(q, 0);
		p->version = stmt_int(q, 1);
		p->period = periods[i];
		p->rolling = stmt_int(q, 8) != 0 && periods[i] < PERIOD_HARD;
		p->zone = p->rolling || periods[i] >= PERIOD_HARD ? "" : zone;
		p->amount = stmt_int(q, 2 + i);
		p->critical = stmt_int(q, 7);
		add_threshold(p, stmt_int(q, 6));
		if (p->critical != stmt_int(q, 6))
			add_threshold(p, p->critical);
		p->threshold[p->thresholds++] = CROSSING_FULL;
	}
	stmt_reset(q);
	return 0;
}

/* "500000 750000 900000" */
static void
read_thresholds(struct limit_part *p, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		int64_t ppm;

		if (tk_int_parse(text, len, &ppm))
			add_threshold(p, ppm);
		text += len + (text[len] == ' ');
	}
	p->critical =
	    p->thresholds > 0 ? p->threshold[p->thresholds - 1] : CROSSING_FULL;
	p->threshold[p->thresholds++] = CROSSING_FULL;
}

static int
load_budgets(struct limits *L, struct part_list *list,
    const struct limit_name *n, struct tk_err *err)
{
	struct stmt *q;
	int more;

	if (store_prepare_once(L->st, &L->budget, budget_sql, err) < 0)
		return -1;
	q = L->budget;
	stmt_bind_int(q, 1, n->scope);
	stmt_bind_text(q, 2, n->name);
	stmt_bind_text(q, 3, n->name2);
	while ((more = stmt_step(q, err)) > 0) {
		struct limit_part *p = add_part(list, n);

		p->kind = LIMIT_BUDGET;
		p->id = stmt_int(q, 0);
		p->version = stmt_int(q, 1);
		p->period = (enum limit_period)stmt_int(q, 2);
		p->amount = limit_wide(q, 3);
		read_thresholds(p, stmt_text(q, 5));
		p->block = stmt_int(q, 6) != 0;
		p->carry = stmt_int(q, 7) != 0;
		p->zone = keep_zone(list, stmt_text(q, 8));
		p->added = stmt_int(q, 9);
	}
	return more;
}

int
limits_parts(struct limits *L, const struct limit_name *n,
    const struct part_list **list, struct tk_err *err)
{
	struct tk_buf key = TK_BUF_INIT;
	struct part_list *fresh;
	bool is_new;
	void **at;

	tk_buf_addf(&key, "%d", (int)n->scope);
	tk_buf_add(&key, n->name, strlen(n->name) + 1);
	tk_buf_adds(&key, n->name2);
	at = limit_map_at(&L->parts, key.s, key.len, &is_new);
	tk_buf_release(&key);
	*list = *at;
	if (!is_new && *at != NULL)
		return 0;
	*at = fresh = tk_xcalloc(1, sizeof(*fresh));
	fresh->name = tk_xstrdup(n->name);
	fresh->name2 = tk_xstrdup(n->name2);
	*list = fresh;
	return load_quota(L, fresh, n, err) < 0 ||
		load_budgets(L, fresh, n, err) < 0
	    ? -1
	    : 0;
}

tk_int128
part_used(const struct limits *L, const struct limit_part *p,
    const struct tally_sums *s)
{
	const struct limit_prices *c = &L->prices;

	if (p->kind == LIMIT_QUOTA)
		return s->v[TALLY_TOKENS];
	if (!c->known || c->unknown == UNKNOWN_ALLOW)
		return s->v[TALLY_COST];
	return s->v[TALLY_COST] + s->v[TALLY_BLIND_INPUT] * c->input +
	    s->v[TALLY_BLIND_OUTPUT] *
	    (c->output > c->input ? c->output : c->input);
}

static tk_int128
part_held(const struct limit_part *p, const struct tally_sums *s)
{
	return s
	    ->v[p->kind == LIMIT_QUOTA ? TALLY_HELD_TOKENS : TALLY_HELD_COST];
}

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

/* A row of a window. */
struct bucket {
	int64_t start;
	struct tally_sums sums;
};

struct buckets {
	struct bucket *v;
	size_t n, room;
};

static void
add_bucket(struct buckets *all, const struct bucket *b)
{
	if (all->n == all->room) {
		all->room = all->room ? 2 * all->room : 64;
		all->v = tk_xreallocarray(all->v, all->room, sizeof(*all->v));
	}
	all->v[all->n++] = *b;
}

/* What one name used in a range, from the records and holds themselves. */
struct one {
	struct limits *L;
	const struct limit_name *n;
	const char *session; /* NULL: any */
	int64_t since, until;
	struct tally_sums *sums;
	int sign;
	struct buckets *all; /* or NULL: by minutes, too, in any order */
};

static void
add_sums(struct one *c, int64_t time, const struct tally_sums *sums)
{
	struct bucket b = { .start = time / MINUTE_MS * MINUTE_MS };

	tally_sums_add(c->sums, sums, c->sign);
	tally_sums_add(&b.sums, sums, c->sign);
	if (c->all != NULL)
		add_bucket(c->all, &b);
}

static int
is_of(const struct one *c, const struct limit_subject *s, int64_t time,
    struct tk_err *err)
{
	const char *department = NULL, *name, *name2;

	if (time < c->since || time >= c->until ||
	    (c->session != NULL &&
		(s->session == NULL || strcmp(s->session, c->session) != 0)))
		return 0;
	if (c->n->scope == SCOPE_DEPARTMENT && s->user != NULL &&
	    limits_department(c->L, s->user, time, &department, err) < 0)
		return -1;
	return limit_subject_name(s, department, c->n->scope, &name, &name2) &&
	    strcmp(name, c->n->name) == 0 && strcmp(name2, c->n->name2) == 0;
}

static int
add_hold(const struct limit_hold *h, void *data, struct tk_err *err)
{
	struct one *c = data;
	struct tally_sums sums;
	int mine = is_of(c, &h->who, h->created, err);

	if (mine <= 0)
		return mine;
	tally_sums_of_hold(&sums, h, 1);
	add_sums(c, h->created, &sums);
	return 0;
}

static int
count_one(struct limits *L, const struct limit_name *n, const char *session,
    int64_t since, int64_t until, struct tally_sums *s, struct buckets *all,
    struct tk_err *err)
{
	struct one c = { L, n, session, since, until, s, 1, all };
	struct ledger_scan *scan = NULL;
	struct packed_record *v;
	struct ledger_filter f;
	int more;

	*s = (struct tally_sums){ 0 };
	ledger_filter_init(&f);
	f.since = since;
	f.until = until;
	if (ledger_scan_open(&scan, L->l, &f, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		struct limit_subject who;
		struct tally_sums sums;
		int mine;

		if (limits_subject(L, v->name, &who, err) < 0 ||
		    (mine = is_of(&c, &who, v->r.time, err)) < 0) {
			more = -1;
			break;
		}
		if (mine == 0)
			continue;
		tally_sums_of_record(&sums, &v->r);
		add_sums(&c, v->r.time, &sums);
	}
	ledger_scan_close(scan);
	return more < 0 ? -1
			: holds_each_active(L, INT64_MAX, add_hold, &c, err);
}

int
limits_count_one(struct limits *L, const struct limit_name *n,
    const char *session, int64_t since, int64_t until, struct tally_sums *s,
    struct tk_err *err)
{
	return count_one(L, n, session, since, until, s, NULL, err);
}

/* Take out holds whose time is over but that nobody has freed yet. */
static int
leave_out_expired(struct limits *L, const struct limit_part *p,
    const char *session, int64_t now, int64_t since, int64_t until,
    struct tally_sums *s, struct buckets *all, struct tk_err *err)
{
	struct one c = { L, &p->of,
		p->period == PERIOD_SESSION ? session : NULL, since, until, s,
		-1, all };

	return holds_each_active(L, now, add_hold, &c, err);
}

static int
no_tally(const struct limit_part *p, struct tk_err *err)
{
	return tk_fail(err, TK_DATA,
	    "the ledger is damaged: the %s limit of '%.64s' is not counted",
	    limit_period_name(p->period), p->of.name);
}

/* The sums of the period of a tally that holds the instant. */
static int
period_sums(struct limits *L, const struct limit_part *p, struct tally *t,
    int64_t at, const char *session, struct tally_sums *s, struct tk_err *err)
{
	struct tk_range span = *tally_span(t, at);
	struct tally_key k = { (size_t)(t - L->tally), p->of.name, p->of.name2,
		p->period == PERIOD_SESSION ? session : "", span.since };

	if (span.since < t->since)
		return limits_count_one(L, &p->of, NULL, span.since, span.until,
		    s, err);
	return counter_read(L, &k, s, err) < 0 ? -1 : 0;
}

static int
calendar_state(struct limits *L, const struct limit_part *p, int64_t now,
    const char *session, bool unswept, struct part_state *s, struct tk_err *err)
{
	struct tally *t = limits_tally(L, p->of.scope, p->period, p->zone);
	struct tk_range span;

	if (t == NULL)
		return no_tally(p, err);
	span = *tally_span(t, now);
	s->start = span.since;
	s->resets_at = span.until == INT64_MAX ? 0 : span.until;
	if (period_sums(L, p, t, now, session, &s->sums, err) < 0)
		return -1;
	if (p->carry && p->added < span.since) {
		struct tally_sums before;
		tk_int128 left;

		if (period_sums(L, p, t, span.since - 1, session, &before,
			err) < 0)
			return -1;
		left = p->amount - part_used(L, p, &before);
		s->amount += left > 0 ? left : 0;
	}
	return !unswept ? 0
			: leave_out_expired(L, p, session, now, span.since,
			      span.until, &s->sums, NULL, err);
}

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
		return no_tally(p, err);
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
		add_bucket(all, &b);
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

		if (count_one(L, &p->of, NULL, w->from, far, &ignored, all,
			err) < 0)
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

static int
rolling_state(struct limits *L, const struct limit_part *p, int64_t now,
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
		return no_tally(p, err);
	w.from = w.last - w.length;
	w.counted = w.from >= t->since;
	s->start = now / DAY_MS * DAY_MS;
	if (read_window(L, p, &w, s, &all, err) < 0)
		goto out;
	if (unswept &&
	    (leave_out_expired(L, p, NULL, now, w.from, w.last + MINUTE_MS,
		 &s->sums, NULL, err) < 0 ||
		(all.n > 0 &&
		    leave_out_expired(L, p, NULL, now, w.from,
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

int
part_state(struct limits *L, const struct limit_part *p, int64_t now,
    const char *session, bool unswept, struct part_state *s, struct tk_err *err)
{
	int rc;

	*s = (struct part_state){ .amount = p->amount };
	rc = p->rolling ? rolling_state(L, p, now, unswept, s, err)
			: calendar_state(L, p, now, session, unswept, s, err);
	if (rc < 0)
		return -1;
	s->used = part_used(L, p, &s->sums);
	s->held = part_held(p, &s->sums);
	return 0;
}
