/* Who is told of which alerts: rule.h. */
#include "alert/rule.h"

#include <inttypes.h>
#include <string.h>

#include "alert/alert_int.h"
#include "alert/outbox.h"
#include "base/buf.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "limit/crossing.h"
#include "limit/detail.h"
#include "store/store.h"

static const char each_sql[] =
    "SELECT id, name, kind, scope, who, who2, period, threshold, severity,"
    "       cool_down, message, added"
    "  FROM alert_rule"
    " ORDER BY id";
static const char find_sql[] = "SELECT id FROM alert_rule WHERE name = $1";
/* Numbers are not given twice: cool-downs know rules by them. */
static const char next_sql[] =
    "SELECT max(n)"
    "  FROM (SELECT max(id) AS n FROM alert_rule"
    "        UNION ALL SELECT max(rule) FROM outbox) AS used";
static const char add_sql[] =
    "INSERT INTO alert_rule (id, name, kind, scope, who, who2, period,"
    "                        threshold, severity, cool_down, message, added)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
static const char add_target_sql[] = "INSERT INTO alert_target (rule, target)"
				     " VALUES ($1, $2)"
				     " ON CONFLICT (rule, target) DO NOTHING";
static const char remove_sql[] = "DELETE FROM alert_rule WHERE id = $1";
static const char remove_targets_sql[] =
    "DELETE FROM alert_target WHERE rule = $1";

struct visit {
	rule_visit_fn *fn;
	void *data;
};

static int
visit(const struct stmt *q, void *data, struct tk_err *err)
{
	const struct visit *v = data;
	struct alert_rule r = { .id = stmt_int(q, 0),
		.name = stmt_text(q, 1),
		.kind = (int)stmt_int(q, 2),
		.scope = (int)stmt_int(q, 3),
		.who = stmt_text(q, 4),
		.who2 = stmt_text(q, 5),
		.period = (int)stmt_int(q, 6),
		.threshold = stmt_int(q, 7),
		.severity = (enum alert_severity)stmt_int(q, 8),
		.cool_down = stmt_int(q, 9),
		.message = stmt_text_or_null(q, 10),
		.added = stmt_int(q, 11) };

	return v->fn(&r, v->data, err);
}

int
rule_each(struct ledger *l, rule_visit_fn *fn, void *data, struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, each_sql, NULL, visit, &v, err);
}

/* Is a limit one of those that the rule is about? */
static bool
is_about(const struct alert_rule *r, const struct limit_crossing *c,
    enum alert_kind kind)
{
	if (r->kind >= 0 && r->kind != (int)kind)
		return false;
	if (c == NULL)
		return r->scope < 0 && r->period < 0;
	if (r->period >= 0 && r->period != (int)c->period)
		return false;
	return r->scope < 0 ||
	    (r->scope == (int)c->of.scope && strcmp(r->who, c->of.name) == 0 &&
		strcmp(r->who2, c->of.name2) == 0);
}

bool
rule_matches(const struct alert_rule *r, const struct limit_crossing *c,
    enum alert_kind kind, enum alert_severity severity)
{
	if (!is_about(r, c, kind))
		return false;
	if (r->threshold == 0)
		return severity >= r->severity;
	for (size_t i = 0; c != NULL && i < c->thresholds; i++)
		if (c->threshold[i] == r->threshold)
			return true;
	return false;
}

struct gathering {
	const struct limit_crossing *c;
	enum alert_severity severity;
	int64_t *ppm;
	size_t n, max;
	struct tk_buf *message;
};

static int
gather_threshold(const struct alert_rule *r, void *data, struct tk_err *err)
{
	struct gathering *g = data;

	(void)err;
	if (r->threshold > 0 && g->n < g->max &&
	    is_about(r, g->c, alert_kind_of(g->c)))
		g->ppm[g->n++] = r->threshold;
	return 0;
}

int
rule_thresholds(struct ledger *l, const struct limit_crossing *c, int64_t *ppm,
    size_t max, struct tk_err *err)
{
	struct gathering g = { .c = c, .ppm = ppm, .max = max };

	return rule_each(l, gather_threshold, &g, err) < 0 ? -1 : (int)g.n;
}

static int
take_message(const struct alert_rule *r, void *data, struct tk_err *err)
{
	struct gathering *g = data;

	(void)err;
	if (r->message == NULL ||
	    !rule_matches(r, g->c, alert_kind_of(g->c), g->severity))
		return 0;
	tk_buf_adds(g->message, r->message);
	return 1;
}

int
rule_message(struct ledger *l, const struct limit_crossing *c,
    enum alert_severity severity, struct tk_buf *b, struct tk_err *err)
{
	struct gathering g = { .c = c, .severity = severity, .message = b };

	return rule_each(l, take_message, &g, err);
}

/* The first column of the first row, 0 if there is none. */
static int
ask(struct ledger *l, const char *sql, const char *text, int64_t *n,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	*n = 0;
	if (store_prepare(ledger_store(l), &q, sql, err) < 0)
		return -1;
	if (text != NULL)
		stmt_bind_text(q, 1, text);
	more = stmt_step(q, err);
	if (more > 0)
		*n = stmt_int(q, 0);
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

static int
audit(struct ledger *l, const char *action, const struct alert_rule *r,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&object, "alert rule %s", r->name);
	detail_begin(&detail);
	if (r->kind >= 0)
		detail_text(&detail, "on", alert_kinds[r->kind].name);
	if (r->scope >= 0) {
		detail_text(&detail, "scope",
		    limit_scope_name((enum limit_scope)r->scope));
		detail_text(&detail, "who", r->who);
		if (*r->who2 != '\0')
			detail_text(&detail, "application", r->who2);
	}
	if (r->threshold > 0)
		detail_int(&detail, "threshold_ppm", r->threshold);
	detail_end(&detail);
	rc = audit_add(l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

static int
add_row(struct ledger *l, const struct alert_rule *r, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, add_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, r->id);
	stmt_bind_text(q, 2, r->name);
	stmt_bind_int(q, 3, r->kind);
	stmt_bind_int(q, 4, r->scope);
	stmt_bind_text(q, 5, r->who);
	stmt_bind_text(q, 6, r->who2);
	stmt_bind_int(q, 7, r->period);
	stmt_bind_int(q, 8, r->threshold);
	stmt_bind_int(q, 9, r->severity);
	stmt_bind_int(q, 10, r->cool_down);
	stmt_bind_text(q, 11, r->message);
	stmt_bind_int(q, 12, r->added);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

static int
add_targets(struct ledger *l, int64_t rule, const int64_t *target, size_t n,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc = 0;

	if (store_prepare(ledger_store(l), &q, add_target_sql, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		stmt_bind_int(q, 1, rule);
		stmt_bind_int(q, 2, target[i]);
		rc = alert_exec(q, err);
	}
	stmt_free(q);
	return rc;
}

static bool
is_chosen(const struct limit_crossing *c, const void *rule)
{
	return is_about(rule, c, alert_kind_of(c));
}

/* What is passed already is told at once. */
static int
tell_what_is_passed(struct ledger *l, const struct alert_rule *r,
    struct tk_err *err)
{
	return r->threshold == 0
	    ? 0
	    : crossing_line_added(l, r->threshold, r->added, is_chosen, r, err);
}

int
rule_add(struct ledger *l, const struct alert_rule *r_, const int64_t *target,
    size_t targets, const struct ledger_actor *by, int64_t *id,
    struct tk_err *err)
{
	struct tk_buf name = TK_BUF_INIT;
	struct alert_rule r = *r_;
	int64_t known;
	int rc = -1;

	if (ask(l, next_sql, NULL, &r.id, err) < 0)
		return -1;
	r.id++;
	tk_buf_adds(&name, r.name);
	if (name.len == 0)
		tk_buf_addf(&name, "rule-%" PRId64, r.id);
	r.name = name.s;
	r.added = by->time;
	if (ask(l, find_sql, r.name, &known, err) < 0)
		goto out;
	if (known != 0) {
		tk_fail(err, TK_USAGE, "there is a rule '%.200s' already",
		    r.name);
		tk_hint(err, "remove it first, or give another --name");
		goto out;
	}
	if (add_row(l, &r, err) == 0 &&
	    add_targets(l, r.id, target, targets, err) == 0 &&
	    audit(l, "alert.add", &r, by, err) == 0)
		rc = tell_what_is_passed(l, &r, err);
	*id = r.id;
out:
	tk_buf_release(&name);
	return rc;
}

int
rule_remove(struct ledger *l, const char *name, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct alert_rule r = { .name = name, .kind = -1, .scope = -1 };
	int64_t id;

	if (ask(l, find_sql, name, &id, err) < 0)
		return -1;
	if (id == 0)
		return 0;
	return alert_exec_with(l, remove_targets_sql, id, err) < 0 ||
		alert_exec_with(l, remove_sql, id, err) < 0 ||
		audit(l, "alert.remove", &r, by, err) < 0
	    ? -1
	    : 1;
}
