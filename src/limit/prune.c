/* Dropping what is over for long: prune.h. */
#include "limit/prune.h"

#include "base/buf.h"
#include "ledger/audit.h"
#include "limit/detail.h"

#define DAY INT64_C(86400000)

/* Since is raised when that much can be dropped; longer than any rolling
 * window. */
enum { STEP_DAYS = 31, ROLLING_DAYS = 62, SLACK_DAYS = 62 };

static const char counters_sql[] =
    "DELETE FROM counter WHERE tally = $1 AND name = $2 AND name2 = $3"
    "   AND session = '' AND start < $4";
static const char crossed_sql[] =
    "DELETE FROM crossed WHERE kind = $1 AND limit_id = $2 AND version = $3"
    "   AND period = $4 AND start < $5";
static const char raise_sql[] = "UPDATE tally SET since = $2 WHERE id = $1";

/* Before when nothing is kept of that kind of period. */
static int64_t
bound_of(const struct limits *L, enum limit_period period)
{
	int64_t days = period >= PERIOD_MINUTES ? ROLLING_DAYS * DAY : L->keep;

	return ledger_now(L->l) - days;
}

static bool
is_due(const struct limits *L, const struct tally *t)
{
	return L->keep > 0 && t->since != INT64_MIN &&
	    t->since < bound_of(L, t->period) - STEP_DAYS * DAY;
}

static int
raise_since(struct limits *L, const struct tally *t, int64_t since,
    struct tk_err *err)
{
	struct ledger_actor by = { .name = "tokctl", .time = ledger_now(L->l) };
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	struct stmt *q = NULL;
	int rc = store_prepare(L->st, &q, raise_sql, err);

	if (rc == 0) {
		stmt_bind_int(q, 1, t->id);
		stmt_bind_int(q, 2, since);
		rc = stmt_step(q, err);
	}
	stmt_free(q);
	tk_buf_addf(&object, "counters by %s of each %s",
	    limit_period_name(t->period), limit_scope_name(t->scope));
	detail_begin(&detail);
	detail_int(&detail, "kept_since_ms", since);
	detail_end(&detail);
	if (rc == 0)
		rc = audit_add(L->l, &by, "limits.prune", object.s, detail.s,
		    err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

int
prune_tallies(struct limits *L, struct tk_err *err)
{
	bool changed = false;

	for (size_t i = 0; i < L->n; i++) {
		struct tally *t = &L->tally[i];
		struct tk_range span;

		if (!is_due(L, t))
			continue;
		limit_period_span(t->period, t->zone, bound_of(L, t->period),
		    &span);
		if (raise_since(L, t, span.since, err) < 0)
			return -1;
		changed = true;
	}
	if (changed)
		limits_changed(L);
	return 0;
}

int
prune_counters(struct limits *L, const struct tally_key *k, struct tk_err *err)
{
	const struct tally *t = &L->tally[k->tally];
	struct stmt *q;

	if (t->since == INT64_MIN || L->keep == 0)
		return 0;
	if (store_prepare_once(L->st, &L->prune, counters_sql, err) < 0)
		return -1;
	q = L->prune;
	stmt_bind_int(q, 1, t->id);
	stmt_bind_text(q, 2, k->name);
	stmt_bind_text(q, 3, k->name2);
	stmt_bind_int(q, 4, t->since);
	return stmt_step(q, err);
}

int
prune_crossed(struct limits *L, const struct limit_crossing *c,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (L->keep == 0 || c->period >= PERIOD_HARD)
		return 0;
	if (store_prepare(L->st, &q, crossed_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, c->kind);
	stmt_bind_int(q, 2, c->limit_id);
	stmt_bind_int(q, 3, c->version);
	stmt_bind_int(q, 4, c->period);
	stmt_bind_int(q, 5,
	    bound_of(L, c->period) - (STEP_DAYS + SLACK_DAYS) * DAY);
	rc = stmt_step(q, err);
	stmt_free(q);
	return rc;
}
