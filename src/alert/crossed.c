/*
 * A limit passed thresholds: the alert and its messages, in the transaction
 * that booked the usage.  limit/crossing.h.
 */
#include "limit/crossing.h"

#include <inttypes.h>

#include "alert/alert_int.h"
#include "alert/rule.h"
#include "base/buf.h"
#include "ledger/ledger.h"

/*
 * Who imports old logs passes limits of periods that are long over: that is
 * written down, but nobody is woken up for it.
 */
static bool
is_past(const struct limit_crossing *c, int64_t now)
{
	static const int64_t days[] = {
		[PERIOD_DAY] = 1,
		[PERIOD_WEEK] = 7,
		[PERIOD_MONTH] = 31,
		[PERIOD_QUARTER] = 92,
		[PERIOD_YEAR] = 366,
		[PERIOD_HARD] = 366,
		[PERIOD_SESSION] = 1,
	};

	return now - c->time > days[c->period] * INT64_C(86400000);
}

static enum alert_severity
severity_of(const struct limit_crossing *c)
{
	int64_t top = c->threshold[c->thresholds - 1];

	if (top >= c->critical || top >= CROSSING_FULL)
		return SEVERITY_CRITICAL;
	return top >= c->warning ? SEVERITY_WARNING : SEVERITY_INFO;
}

static int
tell(struct ledger *l, const struct limit_crossing *c, struct alert *a,
    struct tk_err *err)
{
	struct tk_buf body = TK_BUF_INIT;
	int rc;

	alert_crossing_body(c, a, &body);
	a->body = body.s;
	rc = alert_set_body(l, a, err);
	if (rc == 0 && a->state == ALERT_ACTIVE &&
	    (alert_resolve_all(l, a->kind, a->about, a->id, "superseded",
		 a->time, err) < 0 ||
		outbox_tell(l, a, c, err) < 0))
		rc = -1;
	tk_buf_release(&body);
	return rc;
}

static int
crossed(struct ledger *l, const struct limit_crossing *c, struct tk_err *err)
{
	struct tk_buf about = TK_BUF_INIT, message = TK_BUF_INIT;
	int64_t now = ledger_now(l) != 0 ? ledger_now(l) : c->time;
	bool past = is_past(c, now);
	struct alert a = { .kind = alert_kind_of(c),
		.severity = severity_of(c),
		.state = past ? ALERT_RESOLVED : ALERT_ACTIVE,
		.time = now,
		.scope = c->of.scope,
		.name = c->of.name,
		.name2 = c->of.name2,
		.event = c->event,
		.line = c->threshold[0],
		.changed = past ? now : 0,
		.reason = past ? "it was long ago" : NULL };
	int rc;

	tk_buf_addf(&about, "%d:%" PRId64 ":%d:%" PRId64 ":%s", (int)c->kind,
	    c->limit_id, (int)c->period, c->start, c->session);
	a.about = about.s;
	rc = rule_message(l, c, a.severity, &message, err);
	if (rc == 0)
		alert_crossing_message(c, a.severity, &message);
	a.message = message.s;
	if (rc >= 0)
		rc = alert_put(l, &a, err);
	if (rc >= 0)
		rc = tell(l, c, &a, err);
	tk_buf_release(&about);
	tk_buf_release(&message);
	return rc;
}

const struct limit_listener limit_listener = {
	.thresholds = rule_thresholds,
	.crossed = crossed,
	.asked = alert_asked,
	.decided = alert_decided,
	.listening = alert_listening,
	.recorded = alert_recorded,
};
