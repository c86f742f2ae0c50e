/* What is counted, and counting it from the records: limit_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/audit.h"
#include "ledger/names.h"
#include "ledger/scan.h"
#include "limit/limit_int.h"

/* Longer than any rolling window, so that one fits wherever it ends. */
#define ROLLING_KEPT (INT64_C(62) * 24 * 60 * 60 * 1000)

static const char tallies_sql[] =
    "SELECT id, scope, period, zone, since FROM tally ORDER BY id";
static const char add_sql[] =
    "INSERT INTO tally (scope, period, zone, since) VALUES ($1, $2, $3, $4)";
static const char drop_sql[] = "DELETE FROM tally WHERE id = $1";
static const char clear_sql[] = "DELETE FROM counter WHERE tally = $1";

const struct tk_range *
tally_span(struct tally *t, int64_t ms)
{
	if (ms < t->span.since || ms >= t->span.until)
		limit_period_span(t->period, t->zone, ms, &t->span);
	return &t->span;
}

static void
cut(struct limits *L, size_t n)
{
	while (L->n > n) {
		struct tally *t = &L->tally[--L->n];

		free(t->zone_name);
		tk_zone_free(t->zone);
	}
}

static int
read_tally(struct limits *L, const struct stmt *q, struct tk_err *err)
{
	struct tally t = { .id = stmt_int(q, 0),
		.scope = (enum limit_scope)stmt_int(q, 1),
		.period = (enum limit_period)stmt_int(q, 2),
		.since = stmt_int(q, 4),
		.span = { INT64_MAX, INT64_MIN } };

	if (stmt_int(q, 1) < 0 || stmt_int(q, 1) >= SCOPES ||
	    stmt_int(q, 2) < 0 || stmt_int(q, 2) > PERIOD_DAYS)
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: a tally of nothing");
	if (*stmt_text(q, 3) != '\0' &&
	    limit_zone_open(&t.zone, stmt_text(q, 3), err) < 0)
		return -1;
	t.zone_name = tk_xstrdup(stmt_text(q, 3));
	L->tally = tk_xreallocarray(L->tally, L->n + 1, sizeof(*L->tally));
	L->tally[L->n++] = t;
	return 0;
}

static int
load_tallies(struct limits *L, struct tk_err *err)
{
	size_t i = 0;
	int more;

	if (store_prepare_once(L->st, &L->tallies, tallies_sql, err) < 0)
		return -1;
	while ((more = stmt_step(L->tallies, err)) > 0) {
		if (i < L->n && L->tally[i].id == stmt_int(L->tallies, 0) &&
		    L->tally[i].since == stmt_int(L->tallies, 4)) {
			i++;
			continue;
		}
		cut(L, i);
		if (read_tally(L, L->tallies, err) < 0) {
			stmt_reset(L->tallies);
			return -1;
		}
		i++;
	}
	if (more < 0)
		return -1;
	cut(L, i);
	L->mask = 0;
	for (i = 0; i < L->n; i++)
		L->mask |= 1u << L->tally[i].scope;
	return 0;
}

int
limits_load(struct limits *L, struct tk_err *err)
{
	uint8_t head[HEAD_SIZE] = { 0 };

	if (L->loaded)
		return 0;
	/* The first time nothing is kept that could be out of date; most
	 * processes look no second time. */
	if (L->again && audit_head(L->st, &L->chain, head, err) < 0)
		return -1;
	if (!L->kept || memcmp(head, L->head, HEAD_SIZE) != 0) {
		bool changed = L->changed;

		limits_changed(L);
		L->changed = changed;
		if (load_tallies(L, err) < 0)
			return -1;
		memcpy(L->head, head, HEAD_SIZE);
		L->kept = L->again;
	}
	L->loaded = L->again = true;
	return 0;
}

struct tally *
limits_tally(struct limits *L, enum limit_scope scope, enum limit_period period,
    const char *zone)
{
	if (period >= PERIOD_HARD)
		zone = "";
	for (size_t i = 0; i < L->n; i++) {
		struct tally *t = &L->tally[i];

		if (t->scope == scope && t->period == period &&
		    strcmp(t->zone_name, zone) == 0)
			return t;
	}
	return NULL;
}

/* From when on a new tally counts: what may be asked for at once. */
static int
first_time(enum limit_period period, const char *zone, int64_t now,
    int64_t *since, struct tk_err *err)
{
	struct tk_zone *z;
	struct tk_range r;

	*since = INT64_MIN;
	if (period == PERIOD_HARD || period == PERIOD_SESSION)
		return 0;
	if (period >= PERIOD_MINUTES) {
		limit_period_span(PERIOD_DAYS, NULL, now - ROLLING_KEPT, &r);
		*since = r.since;
		return 0;
	}
	if (limit_zone_open(&z, zone, err) < 0)
		return -1;
	limit_period_span(period, z, now, &r);
	limit_period_span(period, z, r.since - 1, &r);
	tk_zone_free(z);
	*since = r.since;
	return 0;
}

static int
add_tally(struct limits *L, enum limit_scope scope, enum limit_period period,
    const char *zone, int64_t now, struct tk_err *err)
{
	struct stmt *q = NULL;
	int64_t since;
	int rc;

	if (limits_load(L, err) < 0)
		return -1;
	if (limits_tally(L, scope, period, zone) != NULL)
		return 0;
	if (first_time(period, zone, now, &since, err) < 0 ||
	    store_prepare(L->st, &q, add_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, scope);
	stmt_bind_int(q, 2, period);
	stmt_bind_text(q, 3, period >= PERIOD_HARD ? "" : zone);
	stmt_bind_int(q, 4, since);
	rc = stmt_step(q, err);
	stmt_free(q);
	limits_changed(L);
	return rc < 0 ? -1 : limits_load(L, err);
}

int
tally_need(struct limits *L, enum limit_scope scope, enum limit_period period,
    bool rolling, const char *zone, int64_t now, struct tk_err *err)
{
	if (!rolling || period >= PERIOD_HARD)
		return add_tally(L, scope, period, zone, now, err);
	for (int p = PERIOD_MINUTES; p <= PERIOD_DAYS; p++)
		if (add_tally(L, scope, (enum limit_period)p, "", now, err) < 0)
			return -1;
	return 0;
}

struct counting {
	struct limits *L;
	struct book *b;
	size_t from;
};

static int
count_hold(const struct limit_hold *h, void *data, struct tk_err *err)
{
	struct counting *c = data;
	struct tally_sums sums;

	tally_sums_of_hold(&sums, h, 1);
	return book_add(c->L, c->b, &h->who, h->created, &sums, true, c->from,
	    err);
}

static int
count_records(struct counting *c, int64_t since, struct tk_err *err)
{
	struct ledger_scan *scan = NULL;
	struct packed_record *v;
	struct ledger_filter f;
	int more;

	ledger_filter_init(&f);
	f.since = since;
	if (ledger_scan_open(&scan, c->L->l, &f, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		struct limit_subject s;
		struct tally_sums sums;

		tally_sums_of_record(&sums, &v->r);
		if (limits_subject(c->L, v->name, &s, err) < 0 ||
		    book_add(c->L, c->b, &s, v->r.time, &sums, false, c->from,
			err) < 0) {
			more = -1;
			break;
		}
	}
	ledger_scan_close(scan);
	return more;
}

int
limits_count(struct limits *L, struct book *b, size_t from, struct tk_err *err)
{
	struct counting c = { L, b, from };
	int64_t since = INT64_MAX;

	for (size_t i = from; i < L->n; i++)
		if (L->tally[i].since < since)
			since = L->tally[i].since;
	if (from >= L->n)
		return 0;
	if (count_records(&c, since, err) < 0)
		return -1;
	return holds_each_active(L, INT64_MAX, count_hold, &c, err);
}

int
tally_fill(struct limits *L, size_t from, struct tk_err *err)
{
	struct book b = { 0 };
	int rc = limits_count(L, &b, from, err);

	if (rc == 0)
		rc = book_write(L, &b, err);
	book_release(&b);
	return rc;
}

static int
run_with(struct limits *L, const char *sql, int64_t id, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(L->st, &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, id);
	rc = stmt_step(q, err);
	stmt_free(q);
	return rc;
}

int
tally_refill(struct limits *L, enum limit_scope scope, struct tk_err *err)
{
	struct book all = { 0 }, b = { 0 };
	int rc = -1;

	if (limits_load(L, err) < 0)
		return -1;
	if (!(L->mask & 1u << scope))
		return 0;
	for (size_t i = 0; i < L->n; i++)
		if (L->tally[i].scope == scope &&
		    run_with(L, clear_sql, L->tally[i].id, err) < 0)
			return -1;
	if (limits_count(L, &all, 0, err) < 0)
		goto out;
	/* Only this scope is written: the others are as they were. */
	for (size_t i = 0; i < all.n; i++) {
		if (L->tally[all.v[i].key.tally].scope != scope)
			continue;
		b.v = tk_xreallocarray(b.v, b.n + 1, sizeof(*b.v));
		b.v[b.n++] = all.v[i];
	}
	rc = book_write(L, &b, err);
out:
	free(b.v);
	book_release(&all);
	return rc;
}

/* Whether any limit looks at it. */
static int
is_used(struct limits *L, const struct tally *t, struct tk_err *err)
{
	static const char sql[] =
	    "SELECT 1 FROM quota WHERE scope = $1 AND"
	    " ((hard IS NOT NULL AND $2 = 5) OR"
	    "  (session IS NOT NULL AND $2 = 6) OR"
	    "  (rolling = 1 AND $2 >= 7 AND"
	    "   (daily IS NOT NULL OR monthly IS NOT NULL)) OR"
	    "  (rolling = 0 AND zone = $3 AND"
	    "   ((daily IS NOT NULL AND $2 = 0) OR"
	    "    (monthly IS NOT NULL AND $2 = 2))))"
	    " UNION ALL "
	    "SELECT 1 FROM budget WHERE scope = $1 AND period = $2"
	    "   AND zone = $3"
	    " LIMIT 1";
	struct stmt *q = NULL;
	int more;

	_Static_assert(PERIOD_DAY == 0 && PERIOD_MONTH == 2 &&
		PERIOD_HARD == 5 && PERIOD_SESSION == 6 && PERIOD_MINUTES == 7,
	    "the numbers in the statement");
	if (store_prepare(L->st, &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, t->scope);
	stmt_bind_int(q, 2, t->period);
	stmt_bind_text(q, 3, t->zone_name);
	more = stmt_step(q, err);
	stmt_free(q);
	return more;
}

int
tally_drop_unused(struct limits *L, struct tk_err *err)
{
	if (limits_load(L, err) < 0)
		return -1;
	for (size_t i = 0; i < L->n; i++) {
		int used = is_used(L, &L->tally[i], err);

		if (used < 0 ||
		    (used == 0 &&
			(run_with(L, drop_sql, L->tally[i].id, err) < 0 ||
			    run_with(L, clear_sql, L->tally[i].id, err) < 0)))
			return -1;
	}
	limits_changed(L);
	return limits_load(L, err);
}
