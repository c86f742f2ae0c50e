/* Who is told of an alert: outbox.h. */
#include "alert/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "alert/rule.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "store/store.h"

static const char recent_sql[] =
    "SELECT count(*)"
    "  FROM outbox o"
    "  JOIN alert a ON a.id = o.alert"
    " WHERE o.rule = $1 AND o.time > $2 AND o.time <= $3"
    "   AND a.scope = $4 AND a.name = $5 AND a.name2 = $6"
    "   AND a.severity >= $7 AND a.id <> $8";

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

		if (outbox_put(l, &m, rule, &id, err) < 0)
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
