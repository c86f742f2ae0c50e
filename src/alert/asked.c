/*
 * Somebody asks for a larger quota, and somebody decides: both are alerts,
 * so that they are told as all others are.  limit/crossing.h.
 */
#include <inttypes.h>

#include "alert/alert_int.h"
#include "base/buf.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "limit/quota.h"
#include "limit/request.h"
#include "json/write.h"

static void
add_about(struct tk_buf *b, const struct request *r)
{
	tk_buf_addf(b, "request %" PRId64, r->id);
}

/* "daily 20,000, monthly 400,000" as JSON members. */
static void
write_request(struct tk_buf *b, const struct request *r, const char *state,
    const char *decider, const char *reason)
{
	struct json_write w = { .to = b };

	json_write_member_int(&w, "request_id", r->id);
	json_write_member_text(&w, "request_state", state);
	json_write_member_text(&w, "requester", r->actor);
	json_write_member_text(&w, "scope", limit_scope_name(r->of.scope));
	json_write_member_text(&w, "name",
	    r->of.scope == SCOPE_EVERYONE ? NULL : r->of.name);
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (r->limit[i] != QUOTA_ABSENT)
			json_write_member_int(&w, quota_limits[i].name,
			    r->limit[i]);
	json_write_member_text(&w, "justification", r->justification);
	json_write_member_text(&w, "decided_by", decider);
	json_write_member_text(&w, "reason", reason);
}

static void
add_wanted(struct tk_buf *b, const struct request *r)
{
	const char *before = "";

	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (r->limit[i] == QUOTA_ABSENT)
			continue;
		tk_buf_addf(b, "%s%s %" PRId64, before, quota_limits[i].name,
		    r->limit[i]);
		before = ", ";
	}
}

static int
tell(struct ledger *l, struct alert_condition *c, int64_t now,
    const struct tk_buf *message, const struct tk_buf *detail,
    struct tk_err *err)
{
	c->severity = SEVERITY_INFO;
	c->message = message->s;
	c->detail = detail->s;
	return alert_raise(l, c, now, err) < 0 ? -1 : 0;
}

int
alert_asked(struct ledger *l, const struct request *r,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf about = TK_BUF_INIT, message = TK_BUF_INIT,
		      detail = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_REQUEST };
	int rc;

	add_about(&about, r);
	c.about = about.s;
	tk_buf_addf(&message, "%s asks for a larger quota (request %" PRId64,
	    by->name, r->id);
	tk_buf_adds(&message, "): ");
	add_wanted(&message, r);
	tk_buf_adds(&message, " for ");
	limit_name_add(&message, &r->of);
	tk_buf_addf(&message, "; %s", r->justification);
	write_request(&detail, r, "open", NULL, NULL);
	rc = tell(l, &c, by->time, &message, &detail, err);
	tk_buf_release(&about);
	tk_buf_release(&message);
	tk_buf_release(&detail);
	return rc;
}

int
alert_decided(struct ledger *l, const struct request *r, bool approved,
    const char *reason, const struct ledger_actor *by, struct tk_err *err)
{
	const char *word = approved ? "approved" : "denied";
	struct tk_buf about = TK_BUF_INIT, message = TK_BUF_INIT,
		      detail = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_DECISION, .user = r->actor };
	int rc = -1;

	add_about(&about, r);
	c.about = about.s;
	tk_buf_addf(&message,
	    "Your request %" PRId64 " for a larger quota was %s by %s", r->id,
	    word, by->name);
	if (reason != NULL && *reason != '\0')
		tk_buf_addf(&message, ": %s", reason);
	write_request(&detail, r, word, by->name, reason);
	if (alert_clear(l, ALERT_REQUEST, about.s, word, by->time, err) >= 0)
		rc = tell(l, &c, by->time, &message, &detail, err);
	tk_buf_release(&about);
	tk_buf_release(&message);
	tk_buf_release(&detail);
	return rc;
}
