/* The latest calls, as they land. */
#include <string.h>

#include "top/model_int.h"

static int64_t
all_input(const struct usage_record *r)
{
	return record_total(r) - r->output_tokens;
}

static int
fill(struct top_model *m, struct top_call *c, struct ledger *l,
    const struct packed_record *v, struct tk_err *err)
{
	struct top_names *n = &m->names;

	*c = (struct top_call){ .id = v->r.id,
		.time = v->r.time,
		.input = all_input(&v->r),
		.cached = v->r.cache_read_tokens,
		.output = v->r.output_tokens,
		.cost = v->r.cost };
	return top_name(n, l, v->name[NAME_USER], &c->user, err) < 0 ||
		top_name(n, l, v->name[NAME_APPLICATION], &c->application,
		    err) < 0 ||
		top_name(n, l, v->name[NAME_MODEL], &c->model, err) < 0 ||
		top_name(n, l, v->name[NAME_SESSION], &c->session, err) < 0
	    ? -1
	    : 0;
}

struct taking {
	struct top_model *m;
	struct ledger *l;
};

static int
take(struct packed_record *v, void *data, struct tk_err *err)
{
	struct taking *t = data;

	return fill(t->m, &t->m->call[t->m->calls++], t->l, v, err);
}

int
top_calls_read(struct top_model *m, struct ledger *l, const struct top_query *q,
    struct tk_err *err)
{
	struct ledger_filter all = q->filter;
	struct taking t = { m, l };

	all.since = INT64_MIN;
	all.until = INT64_MAX;
	m->calls = 0;
	return ledger_latest(l, &all, SCAN_STANDING, TOP_LATEST, take, &t, err);
}

/* Newest first by time, then by id: where ledger_latest() has it. */
int
top_calls_add(struct top_model *m, struct ledger *l, struct packed_record *v,
    struct tk_err *err)
{
	size_t at = 0;

	while (at < m->calls && m->call[at].time > v->r.time)
		at++;
	if (at == TOP_LATEST)
		return 0;
	if (m->calls < TOP_LATEST)
		m->calls++;
	memmove(&m->call[at + 1], &m->call[at],
	    (m->calls - at - 1) * sizeof(m->call[0]));
	return fill(m, &m->call[at], l, v, err);
}

bool
top_model_session(const struct top_model *m, struct top_session *s)
{
	const struct report *r = &m->table[TABLE_SESSIONS].report;
	const struct report_row *last = NULL;

	for (size_t i = 0; i < r->rows; i++)
		if (r->row[i].key[0] != 0 && r->row[i].first <= m->now &&
		    (last == NULL || r->row[i].last > last->last))
			last = &r->row[i];
	if (last == NULL)
		return false;
	*s = (struct top_session){ last->key[0], last->first, last->last, 0 };
	for (size_t i = 0; i < r->rows; i++)
		if (r->row[i].key[0] == s->name) {
			s->tokens += sums_total(&r->row[i].sums);
			if (r->row[i].first < s->since)
				s->since = r->row[i].first;
		}
	return true;
}
