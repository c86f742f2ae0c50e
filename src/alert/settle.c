/* Alerts that end by themselves: alert.h. */
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "limit/crossing.h"
#include "limit/use.h"

enum { DAY = 86400000, WEEK = 7 * DAY };

/* Looks for the limit of an alert among those of its name. */
struct looking {
	const struct alert *a;
	const struct limit_crossing *c;
	bool found;
	const char *why;
};

static int
look_at(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct looking *s = data;
	const struct limit_crossing *c = s->c;

	(void)err;
	if (u->kind != c->kind || u->id != c->limit_id ||
	    u->period != c->period || u->rolling != c->rolling)
		return 0;
	s->found = true;
	if (!c->rolling && c->period < PERIOD_HARD && u->start != c->start)
		s->why = "the period is over";
	else if (u->used * CROSSING_FULL < u->amount * s->a->line)
		s->why = "the use is below it again";
	return 0;
}

static int
limit_over(struct ledger *l, const struct alert *a,
    const struct limit_crossing *c, int64_t now, const char **why,
    struct tk_err *err)
{
	struct looking s = { .a = a, .c = c };

	if (limit_each_use(l, &c->of,
		c->period == PERIOD_SESSION ? c->session : NULL, now, look_at,
		&s, err) < 0)
		return -1;
	if (!s.found)
		s.why = "there is no such limit any more";
	else if (s.why == NULL && c->period == PERIOD_SESSION &&
	    now - a->time > DAY)
		s.why = "the session is over";
	*why = s.why;
	return s.why != NULL;
}

/* A crossing with texts of its own: others are asked while it is needed. */
struct copy {
	struct limit_crossing c;
	char *text[3];
};

static int
copy_crossing(const struct limit_crossing *c, void *data, struct tk_err *err)
{
	struct copy *to = data;

	(void)err;
	to->c = *c;
	to->c.of.name = to->text[0] = tk_xstrdup(c->of.name);
	to->c.of.name2 = to->text[1] = tk_xstrdup(c->of.name2);
	to->c.session = to->text[2] = tk_xstrdup(c->session);
	return 1;
}

/* Has what it is about ended?  1, and *why says how; 0: it stands. */
static int
alert_over(struct ledger *l, const struct alert *a, int64_t now,
    const char **why, struct tk_err *err)
{
	struct copy copy = { .text = { NULL } };
	int rc;

	*why = NULL;
	if (a->kind == ALERT_DECISION && now - a->time > WEEK)
		*why = "it was long ago";
	if (a->event == 0 || a->state == ALERT_RESOLVED)
		return *why != NULL;
	rc = crossing_each(l, a->event - 1, copy_crossing, &copy, err);
	if (rc > 0)
		rc = limit_over(l, a, &copy.c, now, why, err);
	for (size_t i = 0; i < TK_LEN(copy.text); i++)
		free(copy.text[i]);
	return rc;
}

/* Open alerts, and how each of them is over; NULL: it is not. */
struct open_alerts {
	struct {
		struct alert a;
		const char *why;
	} * v;
	size_t n;
};

/* Only what alert_over() asks for. */
static int
keep_open(const struct alert *a, void *data, struct tk_err *err)
{
	struct open_alerts *o = data;

	(void)err;
	if (a->event == 0 && a->kind != ALERT_DECISION)
		return 0;
	o->v = tk_xreallocarray(o->v, o->n + 1, sizeof(*o->v));
	o->v[o->n].why = NULL;
	o->v[o->n++].a = (struct alert){ .id = a->id,
		.kind = a->kind,
		.about = tk_xstrdup(a->about),
		.state = a->state,
		.time = a->time,
		.event = a->event,
		.line = a->line };
	return 0;
}

static int
look_up(struct ledger *l, int64_t now, struct open_alerts *o,
    struct tk_err *err)
{
	if (alert_each(l, ALERTS_OPEN, keep_open, o, err) < 0)
		return -1;
	for (size_t i = 0; i < o->n; i++)
		if (alert_over(l, &o->v[i].a, now, &o->v[i].why, err) < 0)
			return -1;
	return 0;
}

static void
release(struct open_alerts *o)
{
	for (size_t i = 0; i < o->n; i++)
		free((char *)(uintptr_t)o->v[i].a.about);
	free(o->v);
}

int
alert_settle(struct ledger *l, int64_t now, struct tk_err *err)
{
	struct open_alerts o = { NULL, 0 };
	int n = look_up(l, now, &o, err);

	for (size_t i = 0; n >= 0 && i < o.n; i++) {
		int done = 0;

		if (o.v[i].why != NULL)
			done = alert_resolve_all(l, o.v[i].a.kind,
			    o.v[i].a.about, 0, o.v[i].why, now, err);
		n = done < 0 ? -1 : n + done;
	}
	release(&o);
	return n;
}

struct showing {
	const struct open_alerts *open;
	enum alert_which which;
	int64_t now;
	alert_visit_fn *fn;
	void *data;
};

static int
show_now(const struct alert *a, void *data, struct tk_err *err)
{
	const struct showing *s = data;
	struct alert now = *a;

	for (size_t i = 0; i < s->open->n; i++) {
		if (s->open->v[i].a.id != a->id || s->open->v[i].why == NULL)
			continue;
		if (s->which != ALERTS_ALL)
			return 0;
		now.state = ALERT_RESOLVED;
		now.changed = s->now;
		now.actor = NULL;
		now.reason = s->open->v[i].why;
	}
	return s->fn(&now, s->data, err);
}

int
alert_each_now(struct ledger *l, enum alert_which which, int64_t now,
    alert_visit_fn *fn, void *data, struct tk_err *err)
{
	struct open_alerts o = { NULL, 0 };
	struct showing s = { &o, which, now, fn, data };
	int rc = ledger_begin_read(l, err);

	if (rc < 0)
		return -1;
	rc = look_up(l, now, &o, err);
	if (rc == 0)
		rc = alert_each(l, which, show_now, &s, err);
	ledger_end_read(l);
	release(&o);
	return rc;
}
