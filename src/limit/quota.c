/* Quotas: quota.h. */
#include "limit/quota.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/audit.h"
#include "limit/detail.h"
#include "limit/limit_int.h"
#include "store/rows.h"

#define QUOTA_COLUMNS \
	"id, version, scope, name, name2, daily, monthly, hard, session," \
	" warning, critical, rolling, zone, template, updated"

static const char get_sql[] =
    "SELECT " QUOTA_COLUMNS
    "  FROM quota WHERE scope = $1 AND name = $2 AND name2 = $3";
static const char each_sql[] =
    "SELECT " QUOTA_COLUMNS "  FROM quota ORDER BY scope, name, name2";
static const char put_sql[] =
    "INSERT INTO quota (scope, name, name2, daily, monthly, hard, session,"
    "                   warning, critical, rolling, zone, template, version,"
    "                   updated)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)"
    " ON CONFLICT (scope, name, name2) DO UPDATE SET daily = excluded.daily,"
    "  monthly = excluded.monthly, hard = excluded.hard,"
    "  session = excluded.session, warning = excluded.warning,"
    "  critical = excluded.critical, rolling = excluded.rolling,"
    "  zone = excluded.zone, template = excluded.template,"
    "  version = quota.version + 1, updated = excluded.updated";
static const char remove_sql[] =
    "DELETE FROM quota WHERE scope = $1 AND name = $2 AND name2 = $3";

enum { WARNING = 800000, CRITICAL = 950000 };

const struct tk_choice quota_limits[] = {
	{ "daily", QUOTA_DAILY },
	{ "monthly", QUOTA_MONTHLY },
	{ "hard", QUOTA_HARD },
	{ "session", QUOTA_SESSION },
	{ NULL, 0 },
};

static const enum limit_period periods[QUOTA_LIMITS] = {
	[QUOTA_DAILY] = PERIOD_DAY,
	[QUOTA_MONTHLY] = PERIOD_MONTH,
	[QUOTA_HARD] = PERIOD_HARD,
	[QUOTA_SESSION] = PERIOD_SESSION,
};

void
quota_init(struct quota *q, const struct limit_name *of, const char *zone)
{
	*q = (struct quota){ .of = *of,
		.warning = WARNING,
		.critical = CRITICAL,
		.zone = zone };
	for (int i = 0; i < QUOTA_LIMITS; i++)
		q->limit[i] = QUOTA_ABSENT;
}

static void
read_quota(const struct stmt *s, struct quota *q)
{
	*q = (struct quota){ .id = stmt_int(s, 0),
		.version = stmt_int(s, 1),
		.of = { (enum limit_scope)stmt_int(s, 2), stmt_text(s, 3),
		    stmt_text(s, 4) },
		.warning = stmt_int(s, 9),
		.critical = stmt_int(s, 10),
		.rolling = stmt_int(s, 11) != 0,
		.zone = stmt_text(s, 12),
		.template = stmt_is_null(s, 13) ? NULL : stmt_text(s, 13),
		.updated = stmt_int(s, 14) };
	for (int i = 0; i < QUOTA_LIMITS; i++)
		q->limit[i] =
		    stmt_is_null(s, 5 + i) ? QUOTA_ABSENT : stmt_int(s, 5 + i);
}

static void
bind_name(struct stmt *q, const struct limit_name *of)
{
	stmt_bind_int(q, 1, of->scope);
	stmt_bind_text(q, 2, of->name);
	stmt_bind_text(q, 3, of->name2);
}

int
quota_get(struct ledger *l, const struct limit_name *of, quota_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct stmt *s = NULL;
	struct quota q;
	int more;

	if (store_prepare(ledger_store(l), &s, get_sql, err) < 0)
		return -1;
	bind_name(s, of);
	more = stmt_step(s, err);
	if (more > 0) {
		read_quota(s, &q);
		if (fn != NULL && fn(&q, data, err) < 0)
			more = -1;
	}
	stmt_free(s);
	return more;
}

static void
read_row(const struct stmt *q, void *row)
{
	read_quota(q, row);
}

static const struct row_kind quotas = { sizeof(struct quota), read_row,
	{ offsetof(struct quota, of.name), offsetof(struct quota, of.name2),
	    offsetof(struct quota, zone), offsetof(struct quota, template),
	    ROW_END } };

int
quota_each(struct ledger *l, quota_visit_fn *fn, void *data, struct tk_err *err)
{
	struct rows rows;
	int rc = rows_read(&rows, &quotas, ledger_store(l), each_sql, err);

	for (size_t i = 0; rc == 0 && i < rows.n; i++)
		rc = fn(rows_at(&rows, i), data, err);
	rows_release(&rows);
	return rc;
}

static int
write_quota(struct limits *L, const struct quota *q, int64_t now,
    struct tk_err *err)
{
	struct stmt *s = NULL;
	int rc;

	if (store_prepare(L->st, &s, put_sql, err) < 0)
		return -1;
	bind_name(s, &q->of);
	for (int i = 0; i < QUOTA_LIMITS; i++) {
		if (q->limit[i] == QUOTA_ABSENT)
			stmt_bind_null(s, 4 + i);
		else
			stmt_bind_int(s, 4 + i, q->limit[i]);
	}
	stmt_bind_int(s, 8, q->warning);
	stmt_bind_int(s, 9, q->critical);
	stmt_bind_int(s, 10, q->rolling);
	stmt_bind_text(s, 11, q->zone);
	stmt_bind_text(s, 12, q->template);
	stmt_bind_int(s, 13, now);
	rc = stmt_step(s, err);
	stmt_free(s);
	limits_changed(L);
	return rc;
}

static int
audit(struct limits *L, const char *action, const struct quota *q,
    const struct limit_name *of, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	detail_begin(&detail);
	for (int i = 0; q != NULL && i < QUOTA_LIMITS; i++)
		if (q->limit[i] != QUOTA_ABSENT)
			detail_int(&detail, quota_limits[i].name, q->limit[i]);
	if (q != NULL) {
		detail_int(&detail, "warning_ppm", q->warning);
		detail_int(&detail, "critical_ppm", q->critical);
		detail_text(&detail, "window",
		    q->rolling ? "rolling" : "calendar");
		detail_text(&detail, "zone", q->zone);
		detail_text(&detail, "template", q->template);
	}
	detail_end(&detail);
	tk_buf_adds(&object, "quota of ");
	limit_name_add(&object, of);
	rc = audit_add(L->l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

/* What was there before; for what a change crosses. */
struct quota_before {
	int64_t limit[QUOTA_LIMITS];
	int64_t threshold[2];
};

static int
remember(const struct quota *q, void *data, struct tk_err *err)
{
	struct quota_before *b = data;

	(void)err;
	memcpy(b->limit, q->limit, sizeof(b->limit));
	b->threshold[0] = q->warning;
	b->threshold[1] = q->critical;
	return 0;
}

static bool
is_new(const struct quota_before *b, const struct limit_part *p)
{
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (periods[i] == p->period)
			return p->amount != b->limit[i];
	return true;
}

/* Another amount may be passed at once, so may another threshold. */
static int
tell(struct limits *L, const struct quota *q, const struct quota_before *b,
    int64_t now, struct tk_err *err)
{
	const struct part_list *list;

	if (limits_parts(L, &q->of, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct limit_part *p = &list->v[i];

		if (p->kind != LIMIT_QUOTA || p->period == PERIOD_SESSION)
			continue;
		if (crossing_set(L, p, now, b->threshold, is_new(b, p) ? -1 : 2,
			err) < 0)
			return -1;
	}
	return 0;
}

int
quota_put(struct ledger *l, const struct quota *q,
    const struct ledger_actor *by, const char *action, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct quota_before before = { .threshold = { 0 } };
	size_t first;

	for (int i = 0; i < QUOTA_LIMITS; i++)
		before.limit[i] = QUOTA_ABSENT;
	if (limits_load(L, err) < 0 ||
	    quota_get(l, &q->of, remember, &before, err) < 0 ||
	    write_quota(L, q, by->time, err) < 0 || limits_load(L, err) < 0)
		return -1;
	first = L->n;
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (q->limit[i] != QUOTA_ABSENT &&
		    tally_need(L, q->of.scope, periods[i], q->rolling, q->zone,
			by->time, err) < 0)
			return -1;
	if (tally_fill(L, first, err) < 0 || tally_drop_unused(L, err) < 0 ||
	    tell(L, q, &before, by->time, err) < 0)
		return -1;
	return audit(L, action, q, &q->of, by, err);
}

int
quota_remove(struct ledger *l, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct stmt *s = NULL;
	int rc;

	if (store_prepare(L->st, &s, remove_sql, err) < 0)
		return -1;
	bind_name(s, of);
	rc = stmt_step(s, err);
	stmt_free(s);
	if (rc < 0)
		return -1;
	if (store_changes(L->st) == 0)
		return 0;
	limits_changed(L);
	if (tally_drop_unused(L, err) < 0 ||
	    audit(L, "quota.unset", NULL, of, by, err) < 0)
		return -1;
	return 1;
}
