/* Messages that are to be sent: outbox.h. */
#include "alert/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "alert/rule.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
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
static const char recent_sql[] =
    "SELECT count(*)"
    "  FROM outbox o"
    "  JOIN alert a ON a.id = o.alert"
    " WHERE o.rule = $1 AND o.time > $2 AND o.time <= $3"
    "   AND a.scope = $4 AND a.name = $5 AND a.name2 = $6"
    "   AND a.severity >= $7 AND a.id <> $8";
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
		.result = stmt_is_null(q, 10) ? NULL : stmt_text(q, 10),
		.target_name = stmt_text(q, stmt_is_null(q, 11) ? 12 : 11) };
}

static int
walk(struct ledger *l, const char *sql, int64_t target, outbox_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more = 0, rc = 0;

	if (store_prepare(ledger_store(l), &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, target);
	while (rc == 0 && (more = stmt_step(q, err)) > 0) {
		struct outbox_message m;

		read_message(q, &m);
		rc = fn(&m, data, err);
	}
	stmt_free(q);
	return rc == 0 ? more : rc;
}

int
outbox_each(struct ledger *l, int64_t target, outbox_visit_fn *fn, void *data,
    struct tk_err *err)
{
	return walk(l, each_sql, target, fn, data, err);
}

/* Gives it on, and says that there was one. */
struct giving {
	outbox_visit_fn *fn;
	void *data;
};

static int
give(const struct outbox_message *m, void *data, struct tk_err *err)
{
	const struct giving *g = data;

	return g->fn(m, g->data, err) < 0 ? -1 : 1;
}

int
outbox_next(struct ledger *l, int64_t target, outbox_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct giving g = { fn, data };

	return walk(l, next_sql, target, give, &g, err);
}

static void
bind_or_null(struct stmt *q, int param, int64_t n)
{
	if (n != 0)
		stmt_bind_int(q, param, n);
	else
		stmt_bind_null(q, param);
}

static int
add(struct ledger *l, const struct outbox_message *m, int64_t rule, int64_t *id,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(ledger_store(l), &q, add_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, m->target);
	bind_or_null(q, 2, m->alert);
	bind_or_null(q, 3, rule);
	stmt_bind_int(q, 4, m->time);
	stmt_bind_text(q, 5, m->event);
	stmt_bind_text(q, 6, m->message);
	stmt_bind_text(q, 7, m->body);
	more = stmt_step(q, err);
	if (more > 0) {
		*id = stmt_int(q, 0);
		more = alert_exec(q, err);
	}
	stmt_free(q);
	return more;
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

	return add(l, &m, 0, id, err);
}

/* What is to be told: rules that match first, then their targets. */
struct telling {
	const struct alert *a;
	const struct limit_crossing *c;
	const char *event;
	struct {
		int64_t id, cool_down;
	} * rule;
	size_t rules;
	int64_t *target;
	size_t targets;
};

static int
take_rule(const struct alert_rule *r, void *data, struct tk_err *err)
{
	struct telling *t = data;

	(void)err;
	if (!rule_matches(r, t->c, t->a->kind, t->a->severity))
		return 0;
	t->rule = tk_xreallocarray(t->rule, t->rules + 1, sizeof(*t->rule));
	t->rule[t->rules].id = r->id;
	t->rule[t->rules++].cool_down = r->cool_down;
	return 0;
}

/* Who cannot be reached is not told of that. */
static bool
is_subject(const struct telling *t, int64_t target)
{
	struct tk_buf about = TK_BUF_INIT;
	bool same;

	tk_buf_addf(&about, "target %" PRId64, target);
	same =
	    t->a->kind == ALERT_DELIVERY && strcmp(t->a->about, about.s) == 0;
	tk_buf_release(&about);
	return same;
}

static void
add_target(struct telling *t, int64_t id)
{
	t->target =
	    tk_xreallocarray(t->target, t->targets + 1, sizeof(*t->target));
	t->target[t->targets++] = id;
}

static int
take_target(const struct target *target, void *data, struct tk_err *err)
{
	struct telling *t = data;

	(void)err;
	if (!is_subject(t, target->id))
		add_target(t, target->id);
	return 0;
}

bool
alert_has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

static int
take_webhook(const struct target *target, void *data, struct tk_err *err)
{
	const struct telling *t = data;

	if (target->kind != TARGET_WEBHOOK || target->state != TARGET_ON ||
	    (strcmp(target->events, "*") != 0 &&
		!alert_has_word(target->events, t->event)))
		return 0;
	return take_target(target, data, err);
}

/* 1: that rule told of the same name, and nothing less, a moment ago. */
static int
is_cooling(struct ledger *l, const struct alert *a, int64_t rule,
    int64_t cool_down, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (cool_down == 0)
		return 0;
	if (store_prepare(ledger_store(l), &q, recent_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, rule);
	stmt_bind_int(q, 2, a->time - cool_down);
	stmt_bind_int(q, 3, a->time);
	stmt_bind_int(q, 4, a->scope);
	stmt_bind_text(q, 5, a->name);
	stmt_bind_text(q, 6, a->name2);
	stmt_bind_int(q, 7, a->severity);
	stmt_bind_int(q, 8, a->id);
	more = stmt_step(q, err);
	if (more > 0)
		more = stmt_int(q, 0) > 0;
	stmt_free(q);
	return more;
}

static int
send_to_all(struct ledger *l, struct telling *t, int64_t rule,
    struct tk_err *err)
{
	for (size_t i = 0; i < t->targets; i++) {
		struct outbox_message m = { .target = t->target[i],
			.alert = t->a->id,
			.time = t->a->time,
			.event = t->event,
			.message = t->a->message,
			.body = t->a->body };
		int64_t id;

		if (add(l, &m, rule, &id, err) < 0)
			return -1;
	}
	t->targets = 0;
	return 0;
}

int
outbox_tell(struct ledger *l, const struct alert *a,
    const struct limit_crossing *c, struct tk_err *err)
{
	struct telling t = { .a = a,
		.c = c,
		.event = alert_event(a->kind, a->severity) };
	struct recipients to = { NULL, 0 };
	int rc = -1;

	if (rule_each(l, take_rule, &t, err) < 0)
		goto out;
	for (size_t i = 0; i < t.rules; i++) {
		int cooling =
		    is_cooling(l, a, t.rule[i].id, t.rule[i].cool_down, err);

		if (cooling < 0 ||
		    (cooling == 0 &&
			(target_each_of(l, t.rule[i].id, take_target, &t, err) <
				0 ||
			    send_to_all(l, &t, t.rule[i].id, err) < 0)))
			goto out;
	}
	if (recipients_of(l, a, &to, err) < 0)
		goto out;
	for (size_t i = 0; i < to.n; i++)
		if (!is_subject(&t, to.v[i]))
			add_target(&t, to.v[i]);
	if (target_each(l, take_webhook, &t, err) == 0)
		rc = send_to_all(l, &t, 0, err);
out:
	free(t.rule);
	free(t.target);
	free(to.v);
	return rc;
}

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
