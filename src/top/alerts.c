/* What crossed a line and is open, for the model of top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "top/model_int.h"
#include "json/json.h"

/* Of a model with a filter: those about whom it is. */
static bool
is_wanted(const struct top_model *m, const struct alert *a)
{
	if (!m->filtered)
		return true;
	return m->name != NULL && a->scope == m->scope &&
	    strcmp(a->name, m->name) == 0;
}

/* A list of percentages: the largest. */
static void
read_thresholds(struct json_scan *s, struct top_alert *to)
{
	int64_t n;

	if (json_scan_array(s) <= 0)
		return;
	while (json_scan_item(s))
		if (json_scan_int(s, &n) > 0 && n > to->percent)
			to->percent = n;
}

static void
read_amount(struct json_scan *s, struct top_alert *to, enum limit_kind kind)
{
	struct json_text text;

	if (json_scan_number(s, &text) <= 0 ||
	    !tk_money_parse(text.p, text.n, &to->amount))
		return;
	to->of = kind;
	if (kind == LIMIT_QUOTA)
		to->amount /= TK_PICO_PER_USD;
	to->has_limit = true;
}

/* What its sentence says, for where there is no room for one. */
static void
read_body(struct top_alert *to, const char *body)
{
	struct json_text key, text;
	struct json_scan s;

	json_scan_init(&s, body, strlen(body));
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "limit"))
			read_amount(&s, to, LIMIT_QUOTA);
		else if (json_text_is(&key, "limit_usd"))
			read_amount(&s, to, LIMIT_BUDGET);
		else if (json_text_is(&key, "thresholds"))
			read_thresholds(&s, to);
		else if (json_text_is(&key, "period") &&
		    json_scan_text(&s, &text) > 0)
			snprintf(to->period, sizeof(to->period), "%.*s",
			    (int)text.n, text.p);
		else
			json_scan_skip(&s);
	}
}

/* Room for one in front; beyond so many the oldest goes. */
static struct top_alert *
put_in_front(struct top_model *m)
{
	if (m->alerts == TOP_ALERT_MAX) {
		free(m->alert[m->alerts - 1].name);
		free(m->alert[--m->alerts].message);
	} else if (m->alerts == m->alert_room) {
		m->alert_room = m->alert_room ? 2 * m->alert_room : 4;
		m->alert = tk_xreallocarray(m->alert, m->alert_room,
		    sizeof(*m->alert));
	}
	memmove(m->alert + 1, m->alert, m->alerts * sizeof(*m->alert));
	return m->alert;
}

/* They come oldest first; the newest are kept. */
static int
add_alert(const struct alert *a, void *data, struct tk_err *err)
{
	struct top_model *m = data;
	struct top_alert *first;

	(void)err;
	if (!is_wanted(m, a))
		return 0;
	first = put_in_front(m);
	m->alerts++;
	m->active += a->state == ALERT_ACTIVE;
	*first = (struct top_alert){ .id = a->id,
		.time = a->time,
		.kind = a->kind,
		.severity = a->severity,
		.state = a->state,
		.is_user = a->scope == SCOPE_USER,
		.name = tk_xstrdup(a->name),
		.message = tk_xstrdup(a->message) };
	read_body(first, a->body);
	return 0;
}

int
top_alerts_read(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	top_alerts_release(m);
	return alert_each_now(l, ALERTS_OPEN, m->now, add_alert, m, err);
}

void
top_alerts_release(struct top_model *m)
{
	for (size_t i = 0; i < m->alerts; i++) {
		free(m->alert[i].name);
		free(m->alert[i].message);
	}
	free(m->alert);
	m->alert = NULL;
	m->alert_room = m->alerts = m->active = 0;
}
