/* Messages that are to be sent: outbox.h. */
#include "alert/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "ledger/ledger.h"
#include "store/store.h"

const struct tk_choice outbox_states[] = {
	{ "waiting", OUTBOX_WAITING },
	{ "sent", OUTBOX_SENT },
	{ "dead", OUTBOX_DEAD },
	{ "dropped", OUTBOX_DROPPED },
	{ NULL, 0 },
};

#define COLUMNS \
	"SELECT o.id, o.target, o.alert, o.time, o.event, o.message, o.body," \
	"       o.state, o.tries, o.tried, o.result, t.name, t.address" \
	"  FROM outbox o" \
	"  JOIN target t ON t.id = o.target"

static const char each_sql[] =
    COLUMNS " WHERE $1 = 0 OR o.target = $1 ORDER BY o.id";
static const char next_sql[] =
    COLUMNS " WHERE o.target = $1 AND o.state = 0 ORDER BY o.id LIMIT 1";
static const char add_sql[] =
    "INSERT INTO outbox (target, alert, rule, time, event, message, body,"
    "                    state, tries)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)"
    " ON CONFLICT (target, alert) DO NOTHING"
    " RETURNING id";

static void
read_message(const struct stmt *q, struct outbox_message *m)
{
	*m = (struct outbox_message){ .id = stmt_int(q, 0),
		.target = stmt_int(q, 1),
		.alert = stmt_int(q, 2),
		.time = stmt_int(q, 3),
		.event = stmt_text(q, 4),
		.message = stmt_text(q, 5),
		.body = stmt_text(q, 6),
		.state = (enum outbox_state)stmt_int(q, 7),
		.tries = stmt_int(q, 8),
		.tried = stmt_int(q, 9),
		.result = stmt_text_or_null(q, 10),
		.target_name = stmt_text(q, stmt_is_null(q, 11) ? 12 : 11) };
}

struct visit {
	outbox_visit_fn *fn;
	void *data;
};

static int
visit(const struct stmt *q, void *data, struct tk_err *err)
{
	const struct visit *v = data;
	struct outbox_message m;

	read_message(q, &m);
	return v->fn(&m, v->data, err);
}

int
outbox_each(struct ledger *l, int64_t target, outbox_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, each_sql, &target, visit, &v, err);
}

/* And say that there was one. */
static int
visit_one(const struct stmt *q, void *data, struct tk_err *err)
{
	return visit(q, data, err) < 0 ? -1 : 1;
}

int
outbox_next(struct ledger *l, int64_t target, outbox_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, next_sql, &target, visit_one, &v, err);
}

static void
bind_or_null(struct stmt *q, int param, int64_t n)
{
	if (n != 0)
		stmt_bind_int(q, param, n);
	else
		stmt_bind_null(q, param);
}

int
outbox_put(struct ledger *l, const struct outbox_message *m, int64_t rule,
    int64_t *id, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, add_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, m->target);
	bind_or_null(q, 2, m->alert);
	bind_or_null(q, 3, rule);
	stmt_bind_int(q, 4, m->time);
	stmt_bind_text(q, 5, m->event);
	stmt_bind_text(q, 6, m->message);
	stmt_bind_text(q, 7, m->body);
	rc = alert_exec_new(q, id, err);
	stmt_free(q);
	return rc;
}

/* The newest stays, since numbers are not given twice. */
int
outbox_prune(struct ledger *l, int64_t now, struct tk_err *err)
{
	static const char sql[] =
	    "DELETE FROM outbox WHERE time < $1 AND id IN"
	    " (SELECT id FROM outbox ORDER BY id LIMIT 32)"
	    " AND id < (SELECT max(id) FROM outbox)";

	return limit_keep(l) == 0
	    ? 0
	    : alert_exec_with(l, sql, now - limit_keep(l), err);
}

int
outbox_add(struct ledger *l, int64_t target, const char *event,
    const char *message, const char *body, int64_t now, int64_t *id,
    struct tk_err *err)
{
	struct outbox_message m = { .target = target,
		.time = now,
		.event = event,
		.message = message,
		.body = body };

	return outbox_put(l, &m, 0, id, err);
}
