/* Quotas and budgets, for the model of top. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/audit.h"
#include "ledger/names.h"
#include "limit/budget.h"
#include "limit/quota.h"
#include "limit/use.h"
#include "store/store.h"
#include "top/model_int.h"

/* As many owners are read at a time although nothing says that they changed. */
enum { IN_TURN = 128 };

static void
add_owner(struct top_model *m, const struct limit_name *of)
{
	m->owner = tk_xreallocarray(m->owner, m->owners + 1, sizeof(*m->owner));
	m->owner[m->owners++] = (struct top_owner){ .scope = of->scope,
		.name = tk_xstrdup(of->name),
		.name2 = tk_xstrdup(of->name2) };
}

int
top_owner_compare(const struct top_owner *a, const struct top_owner *b)
{
	int rc = strcmp(a->name, b->name);

	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return rc != 0 ? rc : strcmp(a->name2, b->name2);
}

static int
by_owner(const void *a, const void *b)
{
	return top_owner_compare(a, b);
}

/* Each once, who has a quota, or budgets, or both. */
static void
sort_owners(struct top_model *m)
{
	size_t n = 0;

	if (m->owners > 1)
		qsort(m->owner, m->owners, sizeof(*m->owner), by_owner);
	for (size_t i = 0; i < m->owners; i++) {
		struct top_owner *o = &m->owner[i];

		if (n > 0 && by_owner(&m->owner[n - 1], o) == 0) {
			free(o->name);
			free(o->name2);
		} else {
			m->owner[n++] = *o;
		}
	}
	m->owners = n;
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

	limit_name_add_short(&b, of);
	return tk_buf_detach(&b);
}

static char *
label_of(const struct limit_name *of)
{
	struct tk_buf b = TK_BUF_INIT;

	if (of->scope == SCOPE_EVERYONE)
		tk_buf_adds(&b, "everyone");
	else
		tk_buf_adds(&b, of->name);
	if (of->scope == SCOPE_USER_APPLICATION)
		tk_buf_addf(&b, "+%s", of->name2);
	return tk_buf_detach(&b);
}

/* The limits of one owner while they are read. */
struct reading {
	struct top_limit *v;
	size_t n;
};

static int
add_use(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct reading *r = data;

	(void)err;
	r->v = tk_xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct top_limit){ .kind = u->kind,
		.scope = u->of.scope,
		.period = u->period,
		.rolling = u->rolling,
		.name = name_of(&u->of),
		.label = label_of(&u->of),
		.amount = u->amount,
		.used = u->used,
		.held = u->held,
		.start = u->rolling ? 0 : u->start,
		.resets_at = u->resets_at,
		.state = limit_use_state(u) };
	return 0;
}

static void
release_limits(struct top_limit *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].label);
	}
	free(v);
}

static int
read_owner(const struct top_model *m, struct ledger *l,
    const struct top_owner *o, struct reading *r, struct tk_err *err)
{
	struct limit_name of = { o->scope, o->name, o->name2 };

	return limit_each_use(l, &of, NULL, m->now, add_use, r, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(const struct top_limit *const *)a)->name,
	    (*(const struct top_limit *const *)b)->name);
}

static void
index_daily(struct top_model *m)
{
	m->daily = tk_xcalloc(m->limits + 1, sizeof(*m->daily));
	for (size_t i = 0; i < m->limits; i++)
		if (m->limit[i].kind == LIMIT_QUOTA &&
		    m->limit[i].scope == SCOPE_USER &&
		    m->limit[i].period == PERIOD_DAY)
			m->daily[m->dailies++] = &m->limit[i];
	qsort(m->daily, m->dailies, sizeof(*m->daily), by_name);
}

/* Limits change only together with an entry of the audit chain. */
static int
read_head(struct ledger *l, uint8_t head[HEAD_SIZE], struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc = audit_head(ledger_store(l), &q, head, err);

	stmt_free(q);
	return rc;
}

int
top_limits_read(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	top_limits_release(m);
	limit_reread(l);
	if (read_head(l, m->audit, err) < 0 ||
	    quota_each(l, add_quota, m, err) < 0 ||
	    budget_each(l, add_budget, m, err) < 0)
		return -1;
	sort_owners(m);
	for (size_t i = 0; i < m->owners; i++) {
		struct top_owner *o = &m->owner[i];
		struct reading r = { m->limit, m->limits };
		int rc;

		o->first = m->limits;
		rc = read_owner(m, l, o, &r, err);
		m->limit = r.v;
		m->limits = r.n;
		if (rc < 0)
			return -1;
		o->n = m->limits - o->first;
	}
	index_daily(m);
	return m->owners > IN_TURN ? top_holds_read(m, l, err) : 0;
}

void
top_limits_release(struct top_model *m)
{
	for (size_t i = 0; i < m->owners; i++) {
		free(m->owner[i].name);
		free(m->owner[i].name2);
	}
	free(m->owner);
	release_limits(m->limit, m->limits);
	free(m->daily);
	free(m->hold);
	m->hold = NULL;
	m->holds = 0;
	m->owner = NULL;
	m->limit = NULL;
	m->daily = NULL;
	m->owners = m->limits = m->dailies = m->next_owner = 0;
}

void
top_limits_touch(struct top_model *m, const struct packed_record *v)
{
	static const enum name_kind kinds[] = { NAME_USER, NAME_APPLICATION,
		NAME_MODEL, NAME_KEY };

	if (m->owners == 0)
		return;
	for (size_t i = 0; i < TK_LEN(kinds); i++) {
		uint32_t name = v->name[kinds[i]];

		if (name >= m->touched_room) {
			size_t room = ((size_t)name + 1024) * 2;

			m->touched = tk_xreallocarray(m->touched, room, 1);
			memset(m->touched + m->touched_room, 0,
			    room - m->touched_room);
			m->touched_room = room;
		}
		m->touched[name] = 1;
	}
}

/* Whether a call was booked on it; what is not a name may have been. */
static int
is_touched(const struct top_model *m, struct ledger *l,
    const struct top_owner *o, struct tk_err *err)
{
	static const enum name_kind kinds[SCOPES] = {
		[SCOPE_USER] = NAME_USER,
		[SCOPE_APPLICATION] = NAME_APPLICATION,
		[SCOPE_MODEL] = NAME_MODEL,
		[SCOPE_KEY] = NAME_KEY,
		[SCOPE_USER_APPLICATION] = NAME_USER,
	};
	uint32_t id;
	int found;

	if (o->scope == SCOPE_EVERYONE || o->scope == SCOPE_DEPARTMENT)
		return 1;
	found = names_find(ledger_names(l), kinds[o->scope], o->name, &id, err);
	if (found <= 0)
		return found;
	return id < m->touched_room && m->touched[id];
}

/* Whether a period of it has ended since it was read. */
static bool
is_over(const struct top_model *m, const struct top_owner *o)
{
	for (size_t i = o->first; i < o->first + o->n; i++)
		if (m->limit[i].resets_at > 0 &&
		    m->limit[i].resets_at <= m->now)
			return true;
	return false;
}

/* 1: there are more or fewer of them than there were. */
static int
renew(struct top_model *m, struct ledger *l, const struct top_owner *o,
    struct tk_err *err)
{
	struct reading r = { NULL, 0 };
	int rc = read_owner(m, l, o, &r, err);

	if (rc == 0 && r.n != o->n)
		rc = 1;
	for (size_t i = 0; rc == 0 && i < r.n; i++) {
		struct top_limit old = m->limit[o->first + i];

		m->limit[o->first + i] = r.v[i];
		r.v[i] = old;
	}
	release_limits(r.v, r.n);
	return rc;
}

int
top_limits_follow(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	size_t turn = m->next_owner;
	uint8_t head[HEAD_SIZE];

	if (read_head(l, head, err) < 0)
		return -1;
	if (memcmp(head, m->audit, HEAD_SIZE) != 0)
		return top_limits_read(m, l, err);
	limit_reread(l);
	if (m->owners > IN_TURN && top_holds_read(m, l, err) < 0)
		return -1;
	for (size_t i = 0; i < m->owners; i++) {
		bool due = m->owners <= IN_TURN || m->owner[i].due ||
		    is_over(m, &m->owner[i]) ||
		    (i + m->owners - turn) % m->owners < IN_TURN;
		int touched = due ? 1 : is_touched(m, l, &m->owner[i], err);
		int rc = touched > 0 ? renew(m, l, &m->owner[i], err) : touched;

		if (rc < 0)
			return -1;
		if (rc > 0)
			return top_limits_read(m, l, err);
		m->owner[i].due = false;
	}
	if (m->owners > 0)
		m->next_owner = (turn + IN_TURN) % m->owners;
	if (m->touched_room > 0)
		memset(m->touched, 0, m->touched_room);
	return 0;
}

const struct top_limit *
top_model_limit(const struct top_model *m, const char *user)
{
	size_t low = 0, high = m->dailies;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int rc = strcmp(m->daily[mid]->name, user);

		if (rc == 0)
			return m->daily[mid];
		if (rc < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Whether it is of the scope that the header is of. */
static bool
is_of_header(const struct top_model *m, const struct top_limit *l)
{
	struct tk_buf b = TK_BUF_INIT;
	bool is;

	if (m->scope != (int)l->scope)
		return false;
	if (l->scope == SCOPE_EVERYONE)
		return true;
	if (l->scope != SCOPE_USER)
		tk_buf_addf(&b, "%s ", limit_scope_name(l->scope));
	tk_buf_adds(&b, m->name);
	is = strcmp(b.s, l->name) == 0;
	tk_buf_release(&b);
	return is;
}

const struct top_limit *
top_model_main(const struct top_model *m, enum limit_period period)
{
	const struct top_limit *best = NULL;

	for (size_t i = 0; i < m->limits; i++) {
		const struct top_limit *l = &m->limit[i];

		if (l->period != period || !is_of_header(m, l))
			continue;
		/* The day is shown in tokens, the month in money. */
		if (best == NULL ||
		    (l->kind == LIMIT_BUDGET) == (period == PERIOD_MONTH))
			best = l;
	}
	return best;
}

const struct top_limit *
top_model_quota(const struct top_model *m, enum limit_period period)
{
	for (size_t i = 0; i < m->limits; i++)
		if (m->limit[i].period == period &&
		    m->limit[i].kind == LIMIT_QUOTA &&
		    is_of_header(m, &m->limit[i]))
			return &m->limit[i];
	return NULL;
}
