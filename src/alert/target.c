/* Where messages go: outbox.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "alert/outbox.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "limit/detail.h"
#include "store/store.h"

const struct tk_choice target_kinds[] = {
	{ "command", TARGET_COMMAND },
	{ "shell", TARGET_SHELL },
	{ "email", TARGET_EMAIL },
	{ "webhook", TARGET_WEBHOOK },
	{ NULL, 0 },
};

#define COLUMNS \
	"SELECT t.id, t.name, t.kind, t.address, t.events, t.secret," \
	"       t.private, t.state, t.added, t.next" \
	"  FROM target t"

static const char each_sql[] = COLUMNS " WHERE t.state < 2 ORDER BY t.id";
static const char of_rule_sql[] =
    COLUMNS "  JOIN alert_target r ON r.target = t.id"
	    " WHERE r.rule = $1 AND t.state < 2"
	    " ORDER BY t.id";
static const char find_sql[] =
    COLUMNS " WHERE t.kind = 3 AND t.state < 2 AND t.name = $1";
/* A lease or a delay that lies too far ahead was given before the clock was
 * put back. */
static const char due_sql[] =
    COLUMNS " WHERE t.state = 0 AND t.id > $1"
	    "   AND (t.next <= $2 OR t.next > $2 + 172800000)"
	    "   AND (t.holder IS NULL OR t.lease <= $2 OR t.lease > $2 + $3)"
	    "   AND EXISTS (SELECT 1 FROM outbox o"
	    "                WHERE o.target = t.id AND o.state = 0)"
	    " ORDER BY t.id"
	    " LIMIT 1";
static const char claim_sql[] =
    "UPDATE target SET holder = $2, lease = $3 WHERE id = $1";
static const char let_go_sql[] = "UPDATE target SET holder = NULL, lease = 0"
				 " WHERE id = $1 AND holder = $2";
static const char known_sql[] =
    "SELECT id FROM target"
    " WHERE kind = $1 AND address = $2 AND name IS NULL AND state = 0";
static const char add_sql[] =
    "INSERT INTO target (name, kind, address, events, secret, private, state,"
    "                    added, next, lease)"
    " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, 0)"
    " RETURNING id";
static const char remove_sql[] =
    "UPDATE target SET state = 2, name = NULL WHERE id = $1";
static const char drop_sql[] =
    "UPDATE outbox SET state = 3, result = 'the target was removed'"
    " WHERE target = $1 AND state = 0";
static const char unlink_sql[] = "DELETE FROM alert_target WHERE target = $1";

static void
read_target(const struct stmt *q, struct target *t)
{
	*t = (struct target){ .id = stmt_int(q, 0),
		.name = stmt_text_or_null(q, 1),
		.kind = (enum target_kind)stmt_int(q, 2),
		.address = stmt_text(q, 3),
		.events = stmt_text(q, 4),
		.secret = stmt_text_or_null(q, 5),
		.private_ok = stmt_int(q, 6) != 0,
		.state = (enum target_state)stmt_int(q, 7),
		.added = stmt_int(q, 8),
		.next = stmt_int(q, 9) };
}

struct visit {
	target_visit_fn *fn;
	void *data;
};

static int
visit(const struct stmt *q, void *data, struct tk_err *err)
{
	const struct visit *v = data;
	struct target t;

	read_target(q, &t);
	return v->fn(&t, v->data, err);
}

int
target_each(struct ledger *l, target_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, each_sql, NULL, visit, &v, err);
}

int
target_each_of(struct ledger *l, int64_t rule, target_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct visit v = { fn, data };

	return alert_walk(l, of_rule_sql, &rule, visit, &v, err);
}

/* With texts of its own. */
static void
copy_target(const struct target *from, struct target *t)
{
	const char **const text[] = { &t->name, &t->address, &t->events,
		&t->secret };

	*t = *from;
	for (size_t i = 0; i < TK_LEN(text); i++)
		if (*text[i] != NULL)
			*text[i] = t->text[i] = tk_xstrdup(*text[i]);
}

void
target_release(struct target *t)
{
	for (size_t i = 0; i < TK_LEN(t->text); i++)
		free(t->text[i]);
	*t = (struct target){ 0 };
}

static int
read_one(struct stmt *q, struct target *t, struct tk_err *err)
{
	int more = stmt_step(q, err);

	if (more > 0) {
		struct target read;

		read_target(q, &read);
		copy_target(&read, t);
	}
	return more;
}

int
target_find(struct ledger *l, const char *name, struct target *t,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	*t = (struct target){ 0 };
	if (store_prepare(ledger_store(l), &q, find_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, name);
	more = read_one(q, t, err);
	stmt_free(q);
	return more;
}

static int
audit(struct ledger *l, const char *action, const struct target *t,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&object, "webhook %s", t->name);
	detail_begin(&detail);
	detail_text(&detail, "url", t->address);
	detail_text(&detail, "events", t->events);
	detail_end(&detail);
	rc = audit_add(l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

static int
insert(struct ledger *l, struct target *t, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, add_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, t->name);
	stmt_bind_int(q, 2, t->kind);
	stmt_bind_text(q, 3, t->address);
	stmt_bind_text(q, 4, t->events);
	stmt_bind_text(q, 5, t->secret);
	stmt_bind_int(q, 6, t->private_ok);
	stmt_bind_int(q, 7, t->added);
	rc = alert_exec_new(q, &t->id, err);
	stmt_free(q);
	return rc;
}

int
target_add(struct ledger *l, struct target *t, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct target known;
	int found = target_find(l, t->name, &known, err);

	target_release(&known);
	if (found < 0)
		return -1;
	if (found > 0) {
		tk_fail(err, TK_USAGE, "there is a webhook '%.200s' already",
		    t->name);
		return tk_hint(err, "remove it first, or give another --name");
	}
	t->added = by->time;
	return insert(l, t, err) < 0 ? -1 : audit(l, "webhook.add", t, by, err);
}

int
target_remove(struct ledger *l, const struct target *t,
    const struct ledger_actor *by, struct tk_err *err)
{
	return alert_exec_with(l, unlink_sql, t->id, err) < 0 ||
		alert_exec_with(l, drop_sql, t->id, err) < 0 ||
		alert_exec_with(l, remove_sql, t->id, err) < 0
	    ? -1
	    : audit(l, "webhook.remove", t, by, err);
}

int
target_need(struct ledger *l, enum target_kind kind, const char *address,
    int64_t now, int64_t *id, struct tk_err *err)
{
	struct target t = { .kind = kind,
		.address = address,
		.events = "",
		.added = now };
	struct stmt *q = NULL;
	int more;

	if (store_prepare(ledger_store(l), &q, known_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, kind);
	stmt_bind_text(q, 2, address);
	more = stmt_step(q, err);
	if (more > 0)
		*id = stmt_int(q, 0);
	stmt_free(q);
	if (more != 0)
		return more < 0 ? -1 : 0;
	if (insert(l, &t, err) < 0)
		return -1;
	*id = t.id;
	return 0;
}

int
outbox_claim(struct ledger *l, const char *holder, int64_t after, int64_t now,
    struct target *t, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	*t = (struct target){ 0 };
	if (store_prepare(ledger_store(l), &q, due_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, after);
	stmt_bind_int(q, 2, now);
	stmt_bind_int(q, 3, OUTBOX_LEASE_MS);
	more = read_one(q, t, err);
	stmt_free(q);
	q = NULL;
	if (more <= 0)
		return more;
	if (store_prepare(ledger_store(l), &q, claim_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, t->id);
	stmt_bind_text(q, 2, holder);
	stmt_bind_int(q, 3, now + OUTBOX_LEASE_MS);
	more = alert_exec(q, err);
	stmt_free(q);
	return more < 0 ? -1 : 1;
}

int
outbox_let_go(struct ledger *l, int64_t target, const char *holder,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, let_go_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, target);
	stmt_bind_text(q, 2, holder);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}
