/* Telling webhooks of each record that is booked: limit/crossing.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "alert/alert_int.h"
#include "alert/outbox.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "ledger/record.h"
#include "json/write.h"

static const char event[] = "usage_recorded";

/* Usage that is older is a log that somebody imports. */
enum { NEWS_MS = 86400000 };

static int
take(const struct target *t, void *data, struct tk_err *err)
{
	struct recipients *to = data;

	(void)err;
	if (t->kind != TARGET_WEBHOOK || t->state != TARGET_ON ||
	    !alert_has_word(t->events, event))
		return 0;
	to->v = tk_xreallocarray(to->v, to->n + 1, sizeof(*to->v));
	to->v[to->n++] = t->id;
	return 0;
}

int
alert_listening(struct ledger *l, struct tk_err *err)
{
	struct recipients to = { NULL, 0 };
	int rc = target_each(l, take, &to, err);

	free(to.v);
	return rc < 0 ? -1 : to.n > 0;
}

static void
write_body(const struct usage_record *r, const struct limit_subject *s,
    const char *message, struct tk_buf *b)
{
	struct json_write w = { .to = b };

	json_write_open(&w, '{');
	json_write_member_text(&w, "event", event);
	alert_write_time(&w, "timestamp", r->time);
	json_write_member_text(&w, "severity",
	    alert_severities[SEVERITY_INFO].name);
	json_write_member_text(&w, "message", message);
	json_write_member_text(&w, "user_id", s->user);
	json_write_member_text(&w, "application", s->application);
	json_write_member_text(&w, "model", s->model);
	json_write_member_text(&w, "session", s->session);
	json_write_member_int(&w, "tokens_used", record_total(r));
	json_write_member_int(&w, "input_tokens", r->input_tokens);
	json_write_member_int(&w, "output_tokens", r->output_tokens);
	if (r->cost != RECORD_UNKNOWN)
		json_write_member_money(&w, "cost_usd", r->cost);
	else
		json_write_member_raw(&w, "cost_usd", "null");
	json_write_member_int(&w, "record_id", r->id);
	json_write_close(&w, '}');
}

int
alert_recorded(struct ledger *l, const struct usage_record *r,
    const struct limit_subject *s, struct tk_err *err)
{
	struct tk_buf message = TK_BUF_INIT, body = TK_BUF_INIT;
	struct recipients to = { NULL, 0 };
	int64_t now = ledger_now(l), id;
	int rc;

	if (r->requests < 0 || now - r->time > NEWS_MS)
		return 0;
	rc = target_each(l, take, &to, err);
	tk_buf_addf(&message, "%s used ", s->user != NULL ? s->user : "-");
	tk_int128_add(&message, record_total(r));
	tk_buf_adds(&message, " tokens");
	write_body(r, s, message.s, &body);
	for (size_t i = 0; rc == 0 && i < to.n; i++)
		rc = outbox_add(l, to.v[i], event, message.s, body.s, now, &id,
		    err);
	if (rc == 0 && to.n > 0)
		rc = outbox_prune(l, now, err);
	free(to.v);
	tk_buf_release(&message);
	tk_buf_release(&body);
	return rc;
}
