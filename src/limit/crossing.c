/* Thresholds that were crossed: crossing.h. */
#include "limit/crossing.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/sums.h"
#include "limit/budget.h"
#include "limit/limit_int.h"
#include "limit/prune.h"
#include "limit/quota.h"

static const char crossed_sql[] =
    "INSERT INTO crossed (kind, limit_id, version, period, start, session,"
    "                     threshold, event)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (kind, limit_id, version, period, start, session, threshold)"
    " DO NOTHING";
static const char next_sql[] = "SELECT max(event) FROM crossing";
static const char add_sql[] =
    "INSERT INTO crossing (event, time, kind, limit_id, version, scope, name,"
    "                      name2, period, rolling, start, session, numbers)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
static const char each_sql[] =
    "SELECT event, time, kind, limit_id, version, scope, name, name2, period,"
    "       rolling, start, session, numbers"
    "  FROM crossing"
    " WHERE event > $1"
    " ORDER BY event";

/* Did going from before to after reach that part of the limit? */
static bool
reached(tk_int128 amount, int64_t ppm, tk_int128 before, tk_int128 after)
{
	tk_int128 line = amount * ppm;

	if (amount == 0)
		return before <= 0 && after > 0;
	return before * CROSSING_FULL < line && after * CROSSING_FULL >= line;
}

static int
next_event(struct limits *L, int64_t *event, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(L->st, &q, next_sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	*event = more > 0 ? stmt_int(q, 0) + 1 : 1;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

/* 1: it did not cross before. */
static int
mark(struct limits *L, const struct limit_crossing *c, int64_t ppm,
    struct tk_err *err)
{
	struct stmt *q;

	if (store_prepare_once(L->st, &L->crossed_add, crossed_sql, err) < 0)
		return -1;
	q = L->crossed_add;
	stmt_bind_int(q, 1, c->kind);
	stmt_bind_int(q, 2, c->limit_id);
	stmt_bind_int(q, 3, c->version);
	stmt_bind_int(q, 4, c->period);
	stmt_bind_int(q, 5, c->start);
	stmt_bind_text(q, 6, c->session);
	stmt_bind_int(q, 7, ppm);
	stmt_bind_int(q, 8, c->event);
	return stmt_step(q, err) < 0 ? -1 : store_changes(L->st) > 0;
}

static int
write_down(struct limits *L, const struct limit_crossing *c, struct tk_err *err)
{
	struct tk_buf numbers = TK_BUF_INIT;
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(L->st, &q, add_sql, err) < 0)
		return -1;
	sums_add_wide(&numbers, c->amount);
	sums_add_wide(&numbers, c->before);
	sums_add_wide(&numbers, c->after);
	sums_add_wide(&numbers, c->critical);
	for (size_t i = 0; i < c->thresholds; i++)
		sums_add_wide(&numbers, c->threshold[i]);
	stmt_bind_int(q, 1, c->event);
	stmt_bind_int(q, 2, c->time);
	stmt_bind_int(q, 3, c->kind);
	stmt_bind_int(q, 4, c->limit_id);
	stmt_bind_int(q, 5, c->version);
	stmt_bind_int(q, 6, c->of.scope);
	stmt_bind_text(q, 7, c->of.name);
	stmt_bind_text(q, 8, c->of.name2);
	stmt_bind_int(q, 9, c->period);
	stmt_bind_int(q, 10, c->rolling);
	stmt_bind_int(q, 11, c->start);
	stmt_bind_text(q, 12, c->session);
	stmt_bind_blob(q, 13, numbers.s, numbers.len);
	rc = stmt_step(q, err);
	stmt_free(q);
	tk_buf_release(&numbers);
	return rc;
}

static int
compare(const void *a_, const void *b_)
{
	const int64_t *a = a_, *b = b_;

	return (*a > *b) - (*a < *b);
}

/* Those of the limit and those that others want to hear of, ascending; once,
 * for as long as the limit is kept. */
static int
find_lines(struct limits *L, struct limit_part *p,
    const struct limit_crossing *c, struct tk_err *err)
{
	size_t own = p->thresholds;
	int64_t *line = p->line;
	int more, n = 0;

	if (p->lines > 0)
		return 0;
	more = limit_listener.thresholds(L->l, c, line + own,
	    CROSSING_MAX - own, err);
	if (more < 0)
		return -1;
	memcpy(line, p->threshold, own * sizeof(*line));
	qsort(line, own + (size_t)more, sizeof(*line), compare);
	for (size_t i = 0; i < own + (size_t)more; i++)
		if (n == 0 || line[n - 1] != line[i])
			line[n++] = line[i];
	p->lines = n;
	return 0;
}

int
crossing_tell(struct limits *L, struct limit_part *p, int64_t start,
    const char *session, int64_t time, tk_int128 before, tk_int128 after,
    tk_int128 amount, struct tk_err *err)
{
	struct limit_crossing c = { .time = time,
		.kind = p->kind,
		.limit_id = p->id,
		.version = p->version,
		.of = p->of,
		.period = p->period,
		.rolling = p->rolling,
		.start = start,
		.session = session,
		.amount = amount,
		.before = before,
		.after = after,
		.critical = p->critical,
		.warning = p->threshold[0] };

	if (find_lines(L, p, &c, err) < 0)
		return -1;
	for (int i = 0; i < p->lines; i++) {
		int fresh;

		if (!reached(amount, p->line[i], before, after))
			continue;
		if (c.event == 0 && next_event(L, &c.event, err) < 0)
			return -1;
		fresh = mark(L, &c, p->line[i], err);
		if (fresh < 0)
			return -1;
		if (fresh > 0)
			c.threshold[c.thresholds++] = p->line[i];
	}
	if (c.thresholds == 0)
		return 0;
	return prune_crossed(L, &c, err) < 0 || write_down(L, &c, err) < 0
	    ? -1
	    : limit_listener.crossed(L->l, &c, err);
}

static bool
is_own(const struct limit_part *p, int64_t ppm)
{
	for (size_t i = 0; i < p->thresholds; i++)
		if (p->threshold[i] == ppm)
			return true;
	return false;
}

/* The highest of the lines that were there before and are passed; lines of
 * rules were. */
static tk_int128
told_to(const struct limit_part *p, const int64_t *ppm, int n,
    const struct part_state *s)
{
	int64_t told = 0;

	if (s->used >= s->amount)
		return s->used;
	for (int i = 0; i < n; i++)
		if (ppm[i] > told &&
		    s->used * CROSSING_FULL >= s->amount * ppm[i])
			told = ppm[i];
	for (int i = 0; i < p->lines; i++)
		if (p->line[i] > told && !is_own(p, p->line[i]) &&
		    s->used * CROSSING_FULL >= s->amount * p->line[i])
			told = p->line[i];
	return (s->amount * told + CROSSING_FULL - 1) / CROSSING_FULL;
}

int
crossing_set(struct limits *L, struct limit_part *p, int64_t now,
    const int64_t *ppm, int n, struct tk_err *err)
{
	struct limit_crossing c = { .kind = p->kind,
		.of = p->of,
		.period = p->period };
	struct part_state s;

	if (part_state(L, p, now, "", false, &s, err) < 0 ||
	    find_lines(L, p, &c, err) < 0)
		return -1;
	return crossing_tell(L, p, s.start, "", now,
	    n < 0 ? 0 : told_to(p, ppm, n, &s), s.used, s.amount, err);
}

struct line_added {
	struct limits *L;
	int64_t ppm, now;
	crossing_choose_fn *choose;
	const void *data;
};

static bool
passed_a_higher_one(const struct limit_part *p, int64_t ppm,
    const struct part_state *s)
{
	for (int i = 0; i < p->lines; i++)
		if (p->line[i] > ppm &&
		    s->used * CROSSING_FULL >= s->amount * p->line[i])
			return true;
	return false;
}

static int
tell_of_line(const struct line_added *a, struct limit_part *p,
    struct tk_err *err)
{
	struct limit_crossing c = { .kind = p->kind,
		.of = p->of,
		.period = p->period };
	struct part_state s;
	tk_int128 line;

	if (p->period == PERIOD_SESSION || !a->choose(&c, a->data))
		return 0;
	if (part_state(a->L, p, a->now, "", false, &s, err) < 0 ||
	    find_lines(a->L, p, &c, err) < 0)
		return -1;
	line = (s.amount * a->ppm + CROSSING_FULL - 1) / CROSSING_FULL;
	if (s.used < line || passed_a_higher_one(p, a->ppm, &s))
		return 0;
	return crossing_tell(a->L, p, s.start, "", a->now, line - 1, s.used,
	    s.amount, err);
}

/* The parts of that kind, and of a budget those of its period. */
static int
tell_parts(const struct line_added *a, const struct limit_name *of,
    enum limit_kind kind, int period, struct tk_err *err)
{
	const struct part_list *list;

	if (limits_parts(a->L, of, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct limit_part *p = &list->v[i];

		if (p->kind == kind &&
		    (period < 0 || (int)p->period == period) &&
		    tell_of_line(a, p, err) < 0)
			return -1;
	}
	return 0;
}

static int
tell_quota(const struct quota *q, void *data, struct tk_err *err)
{
	return tell_parts(data, &q->of, LIMIT_QUOTA, -1, err);
}

static int
tell_budget(const struct budget *b, void *data, struct tk_err *err)
{
	return tell_parts(data, &b->of, LIMIT_BUDGET, (int)b->period, err);
}

int
crossing_line_added(struct ledger *l, int64_t ppm, int64_t now,
    crossing_choose_fn *choose, const void *data, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct line_added a = { L, ppm, now, choose, data };

	limits_changed(L); /* lines are kept with the limits */
	return limits_load(L, err) < 0 ||
		quota_each(l, tell_quota, &a, err) < 0 ||
		budget_each(l, tell_budget, &a, err) < 0
	    ? -1
	    : 0;
}

static int
read_row(const struct stmt *q, struct limit_crossing *c, struct tk_err *err)
{
	const uint8_t *p, *end;
	tk_int128 n;
	size_t len;

	*c = (struct limit_crossing){ .event = stmt_int(q, 0),
		.time = stmt_int(q, 1),
		.kind = (enum limit_kind)stmt_int(q, 2),
		.limit_id = stmt_int(q, 3),
		.version = stmt_int(q, 4),
		.of = { (enum limit_scope)stmt_int(q, 5), stmt_text(q, 6),
		    stmt_text(q, 7) },
		.period = (enum limit_period)stmt_int(q, 8),
		.rolling = stmt_int(q, 9) != 0,
		.start = stmt_int(q, 10),
		.session = stmt_text(q, 11) };
	p = stmt_blob(q, 12, &len);
	end = p + len;
	if (!sums_read_wide(&p, end, &c->amount) ||
	    !sums_read_wide(&p, end, &c->before) ||
	    !sums_read_wide(&p, end, &c->after) || !sums_read_wide(&p, end, &n))
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: crossing %lld",
		    (long long)c->event);
	c->critical = (int64_t)n;
	while (c->thresholds < CROSSING_MAX && sums_read_wide(&p, end, &n))
		c->threshold[c->thresholds++] = (int64_t)n;
	return 0;
}

int
crossing_each(struct ledger *l, int64_t after, crossing_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct limit_crossing c;
	struct stmt *q = NULL;
	int more, rc = 0;

	if (store_prepare(ledger_store(l), &q, each_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, after);
	while (rc == 0 && (more = stmt_step(q, err)) > 0) {
		rc = read_row(q, &c, err);
		if (rc == 0)
			rc = fn(&c, data, err);
	}
	if (rc == 0)
		rc = more;
	stmt_free(q);
	return rc;
}
