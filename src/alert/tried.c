/* What became of a message, and when it is tried again: outbox.h. */
#include "alert/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "ledger/ledger.h"
#include "store/store.h"

static const char ours_sql[] =
    "SELECT t.id, o.tries, t.name, t.address"
    "  FROM target t"
    "  JOIN outbox o ON o.target = t.id"
    " WHERE t.id = $1 AND t.holder = $2 AND o.id = $3 AND o.state = 0";
static const char tried_sql[] =
    "UPDATE outbox SET state = $2, tries = tries + 1, tried = $3, result = $4"
    " WHERE id = $1";
static const char target_sql[] =
    "UPDATE target SET next = $2, lease = $3, state = $4 WHERE id = $1";
static const char replay_sql[] =
    "UPDATE outbox SET state = 0, tries = 0"
    " WHERE state = 2 AND (id = $1 OR ($1 = 0 AND target = $2))";
static const char wake_sql[] =
    "UPDATE target SET next = 0, state = 0"
    " WHERE state < 2 AND (id = $2"
    "   OR id = (SELECT target FROM outbox WHERE id = $1))";

/* How long to wait after so many tries: from half of it to all of it, so
 * that many who failed together do not come back together. */
static int64_t
delay_after(int64_t message, int64_t tries, int64_t now)
{
	static const int64_t seconds[] = { 5, 30, 120, 600, 1800, 3600, 7200,
		14400, 28800, 43200 };
	size_t n = tries < (int64_t)TK_LEN(seconds) ? (size_t)tries
						    : TK_LEN(seconds) - 1;
	int64_t half = seconds[n] * 500, seed[] = { message, tries, now };
	uint8_t digest[TK_SHA256_LEN];
	uint32_t chance;

	tk_sha256(seed, sizeof(seed), digest);
	memcpy(&chance, digest, sizeof(chance));
	return half + (int64_t)chance % (half + 1);
}

struct facts {
	int64_t tries;
	char *name; /* of the target */
};

/* 1: the lease is still ours. */
static int
look_up(struct ledger *l, int64_t message, int64_t target, const char *holder,
    struct facts *f, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(ledger_store(l), &q, ours_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, target);
	stmt_bind_text(q, 2, holder);
	stmt_bind_int(q, 3, message);
	more = stmt_step(q, err);
	if (more > 0) {
		f->tries = stmt_int(q, 1);
		f->name = tk_xstrdup(stmt_text(q, stmt_is_null(q, 2) ? 3 : 2));
	}
	stmt_free(q);
	return more;
}

static int
write_try(struct ledger *l, int64_t message, enum outbox_state state,
    const char *result, int64_t now, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, tried_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, message);
	stmt_bind_int(q, 2, state);
	stmt_bind_int(q, 3, now);
	stmt_bind_text(q, 4, result);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

static int
write_target(struct ledger *l, int64_t target, int64_t next, int64_t now,
    enum target_state state, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, target_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, target);
	stmt_bind_int(q, 2, next);
	stmt_bind_int(q, 3, now + OUTBOX_LEASE_MS);
	stmt_bind_int(q, 4, state);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

static int
tell_dead(struct ledger *l, int64_t target, const char *name,
    const char *result, int64_t now, struct tk_err *err)
{
	struct tk_buf about = TK_BUF_INIT, text = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_DELIVERY,
		.severity = SEVERITY_WARNING,
		.detail = "" };
	int rc;

	tk_buf_addf(&about, "target %" PRId64, target);
	tk_buf_addf(&text, "A message to %s could not be delivered: %s", name,
	    result);
	c.about = about.s;
	c.message = text.s;
	rc = alert_raise(l, &c, now, err);
	tk_buf_release(&about);
	tk_buf_release(&text);
	return rc;
}

static int
tell_alive(struct ledger *l, int64_t target, int64_t now, struct tk_err *err)
{
	struct tk_buf about = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&about, "target %" PRId64, target);
	rc = alert_clear(l, ALERT_DELIVERY, about.s, "it can be reached again",
	    now, err);
	tk_buf_release(&about);
	return rc;
}

int
outbox_record(struct ledger *l, int64_t message, int64_t target,
    const char *holder, const struct outbox_attempt *a, int64_t now,
    struct tk_err *err)
{
	struct facts f = { 0, NULL };
	enum outbox_state state = OUTBOX_SENT;
	int64_t next = 0;
	int rc = look_up(l, message, target, holder, &f, err);

	if (rc <= 0)
		return rc;
	rc = -1;
	if (a->outcome == OUTCOME_GONE ||
	    (a->outcome == OUTCOME_FAILED && f.tries + 1 >= a->max_tries)) {
		state = OUTBOX_DEAD;
	} else if (a->outcome == OUTCOME_FAILED) {
		int64_t wait = delay_after(message, f.tries, now);

		state = OUTBOX_WAITING;
		next = now + (a->retry_after > wait ? a->retry_after : wait);
	}
	if (write_try(l, message, state, a->result, now, err) < 0 ||
	    write_target(l, target, next, now,
		a->outcome == OUTCOME_GONE ? TARGET_OFF : TARGET_ON, err) < 0)
		goto out;
	if (state == OUTBOX_DEAD &&
	    tell_dead(l, target, f.name, a->result, now, err) < 0)
		goto out;
	if (state == OUTBOX_SENT && tell_alive(l, target, now, err) < 0)
		goto out;
	rc = 1;
out:
	free(f.name);
	return rc;
}

static int
run_for(struct ledger *l, const char *sql, int64_t message, int64_t target,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, message);
	stmt_bind_int(q, 2, target);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

int
outbox_wake(struct ledger *l, int64_t target, struct tk_err *err)
{
	return run_for(l, wake_sql, 0, target, err);
}

int
outbox_replay(struct ledger *l, int64_t message, int64_t target,
    struct tk_err *err)
{
	return run_for(l, wake_sql, message, target, err) < 0 ||
		run_for(l, replay_sql, message, target, err) < 0
	    ? -1
	    : (int)store_changes(ledger_store(l));
}
