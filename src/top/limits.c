/* Quotas, budgets and what crossed them, for the model of top. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "limit/budget.h"
#include "top/model_int.h"

/* Whose limits there are, each once. */
struct owners {
	struct owner {
		enum limit_scope scope;
		char *name, *name2;
	} * of;
	size_t n;
};

static void
add_owner(struct owners *o, const struct limit_name *of)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->of[i].scope == of->scope &&
		    strcmp(o->of[i].name, of->name) == 0 &&
		    strcmp(o->of[i].name2, of->name2) == 0)
			return;
	o->of = tk_xreallocarray(o->of, o->n + 1, sizeof(*o->of));
	o->of[o->n++] = (struct owner){ of->scope, tk_xstrdup(of->name),
		tk_xstrdup(of->name2) };
}

static int
add_quota(const struct quota *q, void *data, struct tk_err *err)
{
	(void)err;
	add_owner(data, &q->of);
	return 0;
}

static int
add_budget(const struct budget *b, void *data, struct tk_err *err)
{
	(void)err;
	add_owner(data, &b->of);
	return 0;
}

static char *
name_of(const struct limit_name *of)
{
	struct tk_buf b = TK_BUF_INIT;

	if (of->scope == SCOPE_USER)
		tk_buf_adds(&b, of->name);
	else
		limit_name_add(&b, of);
	return tk_buf_detach(&b);
}

static int
add_use(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct top_model *m = data;

	(void)err;
	m->limit = tk_xreallocarray(m->limit, m->limits + 1, sizeof(*m->limit));
	m->limit[m->limits++] = (struct top_limit){ .kind = u->kind,
		.scope = u->of.scope,
		.period = u->period,
		.name = name_of(&u->of),
		.amount = u->amount,
		.used = u->used,
		.held = u->held,
		.start = u->rolling ? 0 : u->start,
		.resets_at = u->resets_at,
		.state = limit_use_state(u) };
	return 0;
}

int
top_model_limits(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	struct owners o = { 0 };
	int rc = -1;

	limit_reread(l);
	if (quota_each(l, add_quota, &o, err) < 0 ||
	    budget_each(l, add_budget, &o, err) < 0)
		goto out;
	for (size_t i = 0; i < o.n; i++) {
		struct limit_name of = { o.of[i].scope, o.of[i].name,
			o.of[i].name2 };

		if (limit_each_use(l, &of, NULL, m->now, add_use, m, err) < 0)
			goto out;
	}
	rc = 0;
out:
	for (size_t i = 0; i < o.n; i++) {
		free(o.of[i].name);
		free(o.of[i].name2);
	}
	free(o.of);
	return rc;
}

/* They come oldest first; the newest are kept. */
static int
add_event(const struct limit_crossing *c, void *data, struct tk_err *err)
{
	struct top_model *m = data;
	struct top_event *e = m->event;

	(void)err;
	if (m->events == TOP_EVENTS)
		free(e[--m->events].name);
	memmove(e + 1, e, m->events * sizeof(*e));
	m->events++;
	if (c->time >= m->figures.day)
		m->crossed++;
	e[0] = (struct top_event){ .time = c->time,
		.kind = c->kind,
		.period = c->period,
		.name = name_of(&c->of),
		.amount = c->amount,
		.threshold =
		    c->thresholds > 0 ? c->threshold[c->thresholds - 1] : 0,
		.critical = c->critical };
	return 0;
}

int
top_model_events(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	return crossing_each(l, 0, add_event, m, err);
}

const struct top_limit *
top_model_limit(const struct top_model *m, const char *user)
{
	for (size_t i = 0; i < m->limits; i++) {
		const struct top_limit *l = &m->limit[i];

		if (l->kind == LIMIT_QUOTA && l->scope == SCOPE_USER &&
		    l->period == PERIOD_DAY && strcmp(l->name, user) == 0)
			return l;
	}
	return NULL;
}

const struct top_limit *
top_model_main(const struct top_model *m, enum limit_period period)
{
	const struct top_limit *best = NULL;

	if (m->narrowed)
		return NULL;
	for (size_t i = 0; i < m->limits; i++) {
		const struct top_limit *l = &m->limit[i];

		if (l->period != period)
			continue;
		if (m->user != NULL ? l->scope != SCOPE_USER ||
			    strcmp(l->name, m->user) != 0
				    : l->scope != SCOPE_EVERYONE)
			continue;
		/* The day is shown in tokens, the month in money. */
		if (best == NULL ||
		    (l->kind == LIMIT_BUDGET) == (period == PERIOD_MONTH))
			best = l;
	}
	return best;
}
