/* The alerts themselves: alert.h. */
#include "alert/alert.h"

#include <inttypes.h>
#include <string.h>

#include "alert/alert_int.h"
#include "base/buf.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "limit/detail.h"
#include "store/store.h"

const struct tk_choice alert_kinds[] = {
	{ "quota", ALERT_QUOTA },
	{ "budget", ALERT_BUDGET },
	{ "session", ALERT_SESSION },
	{ "price_unknown", ALERT_PRICE },
	{ "ledger_unhealthy", ALERT_LEDGER },
	{ "delivery_failed", ALERT_DELIVERY },
	{ "quota_request", ALERT_REQUEST },
	{ "quota_decision", ALERT_DECISION },
	{ "import_failing", ALERT_IMPORT },
	{ "capacity", ALERT_CAPACITY },
	{ "anomaly", ALERT_ANOMALY },
	{ NULL, 0 },
};

const struct tk_choice alert_severities[] = {
	{ "info", SEVERITY_INFO },
	{ "warning", SEVERITY_WARNING },
	{ "critical", SEVERITY_CRITICAL },
	{ NULL, 0 },
};

const struct tk_choice alert_states[] = {
	{ "active", ALERT_ACTIVE },
	{ "acknowledged", ALERT_ACKNOWLEDGED },
	{ "resolved", ALERT_RESOLVED },
	{ NULL, 0 },
};

#define COLUMNS \
	"SELECT id, kind, about, severity, state, time, scope, name, name2," \
	"       event, line, message, body, told, changed, actor, reason" \
	"  FROM alert"

static const char all_sql[] = COLUMNS " ORDER BY id";
static const char open_sql[] = COLUMNS " WHERE state < 2 ORDER BY id";
static const char unseen_sql[] = COLUMNS " WHERE state = 0 ORDER BY id";
static const char untold_sql[] =
    COLUMNS " WHERE told = 0 AND state < 2 ORDER BY id";
static const char get_sql[] = COLUMNS " WHERE id = $1";
static const char put_sql[] =
    "INSERT INTO alert (kind, about, severity, state, time, scope, name,"
    "                   name2, event, line, message, body, told, changed,"
    "                   reason)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, $12, $13)"
    " RETURNING id";
static const char body_sql[] = "UPDATE alert SET body = $2 WHERE id = $1";
static const char state_sql[] =
    "UPDATE alert SET state = $2, changed = $3, actor = $4, reason = $5"
    " WHERE id = $1 AND state < $2";
static const char reopen_sql[] =
    "UPDATE alert SET state = 0, changed = $2, actor = $3, reason = $4"
    " WHERE id = $1 AND state = 1";
static const char told_sql[] = "UPDATE alert SET told = 1 WHERE id = $1";
static const char resolve_sql[] =
    "UPDATE alert SET state = 2, changed = $3, actor = NULL, reason = $4"
    " WHERE state < 2 AND kind = $1 AND about = $2 AND id <> $5";
static const char resolve_kind_sql[] =
    "UPDATE alert SET state = 2, changed = $3, actor = NULL, reason = $4"
    " WHERE state < 2 AND kind = $1 AND $2 = '' AND id <> $5";
static const char standing_sql[] =
    "SELECT count(*)"
    "  FROM alert"
    " WHERE state < 2 AND kind = $1 AND about = $2";

static void
read_alert(const struct stmt *q, struct alert *a)
{
	*a = (struct alert){ .id = stmt_int(q, 0),
		.kind = (enum alert_kind)stmt_int(q, 1),
		.about = stmt_text(q, 2),
		.severity = (enum alert_severity)stmt_int(q, 3),
		.state = (enum alert_state)stmt_int(q, 4),
		.time = stmt_int(q, 5),
		.scope = (int)stmt_int(q, 6),
		.name = stmt_text(q, 7),
		.name2 = stmt_text(q, 8),
		.event = stmt_int(q, 9),
		.line = stmt_int(q, 10),
		.message = stmt_text(q, 11),
		.body = stmt_text(q, 12),
		.told = stmt_int(q, 13) != 0,
		.changed = stmt_int(q, 14),
		.actor = stmt_text_or_null(q, 15),
		.reason = stmt_text_or_null(q, 16) };
}

struct visit {
	alert_visit_fn *fn;
	void *data;
};

static int
visit(const struct stmt *q, void *data, struct tk_err *err)
{
	const struct visit *v = data;
	struct alert a;

	read_alert(q, &a);
	return v->fn(&a, v->data, err);
}

int
alert_each(struct ledger *l, enum alert_which which, alert_visit_fn *fn,
    void *data, struct tk_err *err)
{
	static const char *const sql[] = {
		[ALERTS_ALL] = all_sql,
		[ALERTS_OPEN] = open_sql,
		[ALERTS_UNSEEN] = unseen_sql,
		[ALERTS_UNTOLD] = untold_sql,
	};
	struct visit v = { fn, data };

	return alert_walk(l, sql[which], NULL, visit, &v, err);
}

static int
visit_one(const struct stmt *q, void *data, struct tk_err *err)
{
	int rc = visit(q, data, err);

	return rc == 0 ? 1 : rc;
}

int
alert_get(struct ledger *l, int64_t id, alert_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, get_sql, &id, visit_one, &v, err);
}

/*
 * A little of what is over for long goes with each new alert: alerts,
 * messages, and events.  The newest of each stays, since numbers are not
 * given twice; so do alerts that may stand yet: not those of days and months,
 * which are over although nobody has written that down.
 */
static int
prune(struct ledger *l, int64_t now, struct tk_err *err)
{
	static const char *const sql[] = {
		"DELETE FROM alert WHERE time < $1 AND id IN"
		" (SELECT id FROM alert ORDER BY id LIMIT 32)"
		" AND id < (SELECT max(id) FROM alert)"
		" AND (state = 2 OR EXISTS (SELECT 1 FROM crossing c"
		"  WHERE c.event = alert.event AND c.period <> 5))",
		"DELETE FROM crossing WHERE time < $1 AND event IN"
		" (SELECT event FROM crossing ORDER BY event LIMIT 32)"
		" AND event < (SELECT max(event) FROM crossing)"
		" AND NOT EXISTS (SELECT 1 FROM alert"
		"  WHERE alert.state < 2 AND alert.event = crossing.event)",
	};
	int rc = 0;

	_Static_assert(PERIOD_HARD == 5, "the number in the statement");
	if (limit_keep(l) == 0)
		return 0;
	rc = outbox_prune(l, now, err);
	for (size_t i = 0; rc == 0 && i < TK_LEN(sql); i++)
		rc = alert_exec_with(l, sql[i], now - limit_keep(l), err);
	return rc;
}

int
alert_put(struct ledger *l, struct alert *a, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (prune(l, a->time, err) < 0 ||
	    store_prepare(ledger_store(l), &q, put_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, a->kind);
	stmt_bind_text(q, 2, a->about);
	stmt_bind_int(q, 3, a->severity);
	stmt_bind_int(q, 4, a->state);
	stmt_bind_int(q, 5, a->time);
	stmt_bind_int(q, 6, a->scope);
	stmt_bind_text(q, 7, a->name);
	stmt_bind_text(q, 8, a->name2);
	if (a->event != 0)
		stmt_bind_int(q, 9, a->event);
	else
		stmt_bind_null(q, 9);
	stmt_bind_int(q, 10, a->line);
	stmt_bind_text(q, 11, a->message);
	if (a->changed != 0)
		stmt_bind_int(q, 12, a->changed);
	else
		stmt_bind_null(q, 12);
	stmt_bind_text(q, 13, a->reason);
	rc = alert_exec_new(q, &a->id, err);
	stmt_free(q);
	return rc;
}

int
alert_set_body(struct ledger *l, const struct alert *a, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, body_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, a->id);
	stmt_bind_text(q, 2, a->body);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

static int
audit(struct ledger *l, int64_t id, enum alert_state state, const char *reason,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&object, "alert %" PRId64, id);
	detail_begin(&detail);
	detail_text(&detail, "reason", reason);
	detail_end(&detail);
	rc = audit_add(l, by,
	    state == ALERT_RESOLVED     ? "alert.resolve"
		: state == ALERT_ACTIVE ? "alert.reopen"
					: "alert.ack",
	    object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

int
alert_set_state(struct ledger *l, int64_t id, enum alert_state state,
    const char *reason, const struct ledger_actor *by, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, state_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, id);
	stmt_bind_int(q, 2, state);
	stmt_bind_int(q, 3, by->time);
	stmt_bind_text(q, 4, by->name);
	stmt_bind_text(q, 5, reason);
	rc = alert_exec(q, err);
	stmt_free(q);
	if (rc < 0 || store_changes(ledger_store(l)) == 0)
		return rc;
	return audit(l, id, state, reason, by, err) < 0 ? -1 : 1;
}

int
alert_reopen(struct ledger *l, int64_t id, const char *reason,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, reopen_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, id);
	stmt_bind_int(q, 2, by->time);
	stmt_bind_text(q, 3, by->name);
	stmt_bind_text(q, 4, reason);
	rc = alert_exec(q, err);
	stmt_free(q);
	if (rc < 0 || store_changes(ledger_store(l)) == 0)
		return rc;
	return audit(l, id, ALERT_ACTIVE, reason, by, err) < 0 ? -1 : 1;
}

int
alert_set_told(struct ledger *l, const int64_t *id, size_t n,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc = 0;

	if (store_prepare(ledger_store(l), &q, told_sql, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		stmt_bind_int(q, 1, id[i]);
		rc = alert_exec(q, err);
	}
	stmt_free(q);
	return rc;
}

int
alert_resolve_all(struct ledger *l, enum alert_kind kind, const char *about,
    int64_t but, const char *reason, int64_t now, struct tk_err *err)
{
	struct store *st = ledger_store(l);
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(st, &q,
		about != NULL ? resolve_sql : resolve_kind_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, kind);
	stmt_bind_text(q, 2, about != NULL ? about : "");
	stmt_bind_int(q, 3, now);
	stmt_bind_text(q, 4, reason);
	stmt_bind_int(q, 5, but);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc < 0 ? -1 : (int)store_changes(st);
}

int
alert_clear(struct ledger *l, enum alert_kind kind, const char *about,
    const char *reason, int64_t now, struct tk_err *err)
{
	return alert_resolve_all(l, kind, about, 0, reason, now, err);
}

static int
stands(struct ledger *l, const struct alert_condition *c, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(ledger_store(l), &q, standing_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, c->kind);
	stmt_bind_text(q, 2, c->about);
	more = stmt_step(q, err);
	if (more > 0)
		more = stmt_int(q, 0) > 0;
	stmt_free(q);
	return more;
}

int
alert_raise(struct ledger *l, const struct alert_condition *c, int64_t now,
    struct tk_err *err)
{
	struct tk_buf body = TK_BUF_INIT;
	struct alert a = { .kind = c->kind,
		.about = c->about,
		.severity = c->severity,
		.time = now,
		.scope = c->user != NULL ? (int)SCOPE_USER : ALERT_NO_SCOPE,
		.name = c->user != NULL ? c->user : "",
		.name2 = "",
		.message = c->message };
	int rc = stands(l, c, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = -1;
	if (alert_put(l, &a, err) < 0)
		return -1;
	alert_body(&a, c->detail, &body);
	a.body = body.s;
	if (alert_set_body(l, &a, err) == 0 &&
	    outbox_tell(l, &a, NULL, err) == 0)
		rc = 1;
	tk_buf_release(&body);
	return rc;
}
