/* Wishes for a larger quota: request.h. */
#include "limit/request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/audit.h"
#include "limit/crossing.h"
#include "limit/detail.h"
#include "limit/limit_int.h"
#include "limit/people.h"
#include "limit/use.h"

const struct tk_choice request_states[] = {
	{ "open", REQUEST_OPEN },
	{ "approved", REQUEST_APPROVED },
	{ "denied", REQUEST_DENIED },
	{ NULL, 0 },
};

static const char each_sql[] =
    "SELECT id, state, time, actor, scope, name, name2, daily, monthly, hard,"
    "       session, justification, projected, snapshot, decided, decider,"
    "       reason"
    "  FROM request"
    " WHERE $1 = 0 OR id = $1"
    " ORDER BY id";
static const char add_sql[] =
    "INSERT INTO request (state, time, actor, scope, name, name2, daily,"
    "                     monthly, hard, session, justification, projected,"
    "                     snapshot)"
    " VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    " RETURNING id";
static const char decide_sql[] =
    "UPDATE request SET state = $2, decided = $3, decider = $4, reason = $5"
    " WHERE id = $1";

static void
read_request(const struct stmt *q, struct request *r)
{
	*r = (struct request){ .id = stmt_int(q, 0),
		.state = (enum request_state)stmt_int(q, 1),
		.time = stmt_int(q, 2),
		.actor = stmt_text(q, 3),
		.of = { (enum limit_scope)stmt_int(q, 4), stmt_text(q, 5),
		    stmt_text(q, 6) },
		.justification = stmt_text(q, 11),
		.projected = stmt_text_or_null(q, 12),
		.snapshot = stmt_text(q, 13),
		.decided = stmt_int(q, 14),
		.decider = stmt_text_or_null(q, 15),
		.reason = stmt_text_or_null(q, 16) };
	for (int i = 0; i < QUOTA_LIMITS; i++)
		r->limit[i] =
		    stmt_is_null(q, 7 + i) ? QUOTA_ABSENT : stmt_int(q, 7 + i);
}

/* Where a request has its texts. */
enum { TEXTS = 8 };

static void
texts_of(struct request *r, const char **text[TEXTS])
{
	const char **all[TEXTS] = { &r->actor, &r->of.name, &r->of.name2,
		&r->justification, &r->projected, &r->snapshot, &r->decider,
		&r->reason };

	memcpy(text, all, sizeof(all));
}

static void
keep_request(struct request *r)
{
	const char **text[TEXTS];

	texts_of(r, text);
	for (int i = 0; i < TEXTS; i++)
		*text[i] = *text[i] == NULL ? NULL : tk_xstrdup(*text[i]);
}

static void
free_request(struct request *r)
{
	const char **text[TEXTS];

	texts_of(r, text);
	for (int i = 0; i < TEXTS; i++)
		free((char *)(uintptr_t)*text[i]);
}

/* All are read before fn is called: it may write. */
int
request_each(struct ledger *l, int64_t id, request_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct request *v = NULL;
	size_t n = 0, room = 0;
	struct stmt *q = NULL;
	int more, rc;

	if (store_prepare(ledger_store(l), &q, each_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, id);
	while ((more = stmt_step(q, err)) > 0) {
		if (n == room) {
			room = room ? 2 * room : 16;
			v = tk_xreallocarray(v, room, sizeof(*v));
		}
		read_request(q, &v[n]);
		keep_request(&v[n++]);
	}
	stmt_free(q);
	rc = more;
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = fn(&v[i], data, err);
		free_request(&v[i]);
	}
	free(v);
	return rc;
}

static int
audit(struct ledger *l, const char *action, const struct request *r,
    const char *reason, const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	detail_begin(&detail);
	detail_int(&detail, "request", r->id);
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (r->limit[i] != QUOTA_ABSENT)
			detail_int(&detail, quota_limits[i].name, r->limit[i]);
	detail_text(&detail, "reason", reason);
	detail_end(&detail);
	tk_buf_adds(&object, "quota of ");
	limit_name_add(&object, &r->of);
	rc = audit_add(l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

static int
snapshot(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct tk_buf *b = data, key = TK_BUF_INIT;

	(void)err;
	if (u->kind == LIMIT_QUOTA && u->period != PERIOD_SESSION) {
		tk_buf_addf(&key, "%s_used", limit_period_name(u->period));
		detail_int(b, key.s, u->used);
		tk_buf_reset(&key);
		tk_buf_addf(&key, "%s_limit", limit_period_name(u->period));
		detail_int(b, key.s, u->amount);
	}
	tk_buf_release(&key);
	return 0;
}

int
request_add(struct ledger *l, struct request *r, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct tk_buf use = TK_BUF_INIT;
	struct stmt *q = NULL;
	int more = -1;

	detail_begin(&use);
	if (limit_each_use(l, &r->of, NULL, by->time, snapshot, &use, err) <
		0 ||
	    store_prepare(ledger_store(l), &q, add_sql, err) < 0)
		goto out;
	detail_end(&use);
	stmt_bind_int(q, 1, by->time);
	stmt_bind_text(q, 2, by->name);
	stmt_bind_int(q, 3, r->of.scope);
	stmt_bind_text(q, 4, r->of.name);
	stmt_bind_text(q, 5, r->of.name2);
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (r->limit[i] == QUOTA_ABSENT)
			stmt_bind_null(q, 6 + i);
		else
			stmt_bind_int(q, 6 + i, r->limit[i]);
	}
	stmt_bind_text(q, 10, r->justification);
	stmt_bind_text(q, 11, r->projected);
	stmt_bind_text(q, 12, use.s);
	more = stmt_step(q, err);
	if (more > 0)
		r->id = stmt_int(q, 0);
	while (more > 0)
		more = stmt_step(q, err);
	r->actor = by->name;
	if (more == 0 &&
	    (audit(l, "quota.request", r, r->justification, by, err) < 0 ||
		limit_listener.asked(l, r, by, err) < 0))
		more = -1;
out:
	stmt_free(q);
	tk_buf_release(&use);
	return more;
}

int
request_decide(struct ledger *l, const struct request *r, bool approve,
    const char *reason, const struct quota *quota,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (r->state != REQUEST_OPEN)
		return tk_fail(err, TK_CONFLICT,
		    "request %" PRId64 " was %s before", r->id,
		    request_states[r->state].name);
	if (person_may_decide(l, r->actor, by, err) < 0 ||
	    store_prepare(ledger_store(l), &q, decide_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, r->id);
	stmt_bind_int(q, 2, approve ? REQUEST_APPROVED : REQUEST_DENIED);
	stmt_bind_int(q, 3, by->time);
	stmt_bind_text(q, 4, by->name);
	stmt_bind_text(q, 5, reason);
	rc = stmt_step(q, err);
	stmt_free(q);
	if (rc < 0 ||
	    audit(l, approve ? "quota.approve" : "quota.deny", r, reason, by,
		err) < 0 ||
	    limit_listener.decided(l, r, approve, reason, by, err) < 0)
		return -1;
	return quota == NULL ? 0 : quota_put(l, quota, by, "quota.set", err);
}
