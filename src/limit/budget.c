/* Budgets: budget.h. */
#include "limit/budget.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "ledger/audit.h"
#include "limit/detail.h"
#include "limit/limit_int.h"
#include "store/rows.h"

#define BUDGET_COLUMNS \
	"id, version, scope, name, name2, period, usd, pico, thresholds," \
	" block, carry, zone, added, updated"

static const char get_sql[] = "SELECT " BUDGET_COLUMNS "  FROM budget"
			      " WHERE scope = $1 AND name = $2 AND name2 = $3"
			      "   AND period = $4";
static const char each_sql[] = "SELECT " BUDGET_COLUMNS "  FROM budget"
			       " ORDER BY scope, name, name2, period";
static const char put_sql[] =
    "INSERT INTO budget (scope, name, name2, period, usd, pico, thresholds,"
    "                    block, carry, zone, version, added, updated)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11)"
    " ON CONFLICT (scope, name, name2, period) DO UPDATE SET"
    "  usd = excluded.usd, pico = excluded.pico,"
    "  thresholds = excluded.thresholds, block = excluded.block,"
    "  carry = excluded.carry, zone = excluded.zone,"
    "  version = budget.version + 1, updated = excluded.updated";
static const char remove_sql[] =
    "DELETE FROM budget"
    " WHERE scope = $1 AND name = $2 AND name2 = $3 AND period = $4";

void
budget_init(struct budget *b, const struct limit_name *of, const char *zone)
{
	*b = (struct budget){ .of = *of,
		.period = PERIOD_MONTH,
		.threshold = { 500000, 750000, 900000 },
		.thresholds = 3,
		.block = true,
		.zone = zone };
}

static void
read_budget(const struct stmt *q, struct budget *b)
{
	const char *text = stmt_text(q, 8);

	*b = (struct budget){ .id = stmt_int(q, 0),
		.version = stmt_int(q, 1),
		.of = { (enum limit_scope)stmt_int(q, 2), stmt_text(q, 3),
		    stmt_text(q, 4) },
		.period = (enum limit_period)stmt_int(q, 5),
		.amount = limit_wide(q, 6),
		.block = stmt_int(q, 9) != 0,
		.carry = stmt_int(q, 10) != 0,
		.zone = stmt_text(q, 11),
		.added = stmt_int(q, 12),
		.updated = stmt_int(q, 13) };
	while (*text != '\0' && b->thresholds < BUDGET_THRESHOLDS) {
		size_t len = strcspn(text, " ");

		if (tk_int_parse(text, len, &b->threshold[b->thresholds]))
			b->thresholds++;
		text += len + (text[len] == ' ');
	}
}

static void
bind_name(struct stmt *q, const struct limit_name *of, enum limit_period period)
{
	stmt_bind_int(q, 1, of->scope);
	stmt_bind_text(q, 2, of->name);
	stmt_bind_text(q, 3, of->name2);
	stmt_bind_int(q, 4, period);
}

int
budget_get(struct ledger *l, const struct limit_name *of,
    enum limit_period period, budget_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	struct budget b;
	int more;

	if (store_prepare(ledger_store(l), &q, get_sql, err) < 0)
		return -1;
	bind_name(q, of, period);
	more = stmt_step(q, err);
	if (more > 0) {
		read_budget(q, &b);
		if (fn != NULL && fn(&b, data, err) < 0)
			more = -1;
	}
	stmt_free(q);
	return more;
}

static void
read_row(const struct stmt *q, void *row)
{
	read_budget(q, row);
}

static const struct row_kind budgets = { sizeof(struct budget), read_row,
	{ offsetof(struct budget, of.name), offsetof(struct budget, of.name2),
	    offsetof(struct budget, zone), ROW_END } };

int
budget_each(struct ledger *l, budget_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct rows rows;
	int rc = rows_read(&rows, &budgets, ledger_store(l), each_sql, err);

	for (size_t i = 0; rc == 0 && i < rows.n; i++)
		rc = fn(rows_at(&rows, i), data, err);
	rows_release(&rows);
	return rc;
}

/* "500000 750000 900000" */
static void
add_thresholds(struct tk_buf *to, const struct budget *b)
{
	for (size_t i = 0; i < b->thresholds; i++)
		tk_buf_addf(to, "%s%" PRId64, i > 0 ? " " : "",
		    b->threshold[i]);
}

static int
write_budget(struct limits *L, const struct budget *b, int64_t now,
    struct tk_err *err)
{
	struct tk_buf list = TK_BUF_INIT;
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(L->st, &q, put_sql, err) < 0)
		return -1;
	add_thresholds(&list, b);
	bind_name(q, &b->of, b->period);
	limit_bind_wide(q, 5, b->amount);
	stmt_bind_text(q, 7, list.s);
	stmt_bind_int(q, 8, b->block);
	stmt_bind_int(q, 9, b->carry);
	stmt_bind_text(q, 10, b->zone);
	stmt_bind_int(q, 11, now);
	rc = stmt_step(q, err);
	stmt_free(q);
	tk_buf_release(&list);
	limits_changed(L);
	return rc;
}

static int
audit(struct limits *L, const char *action, const struct budget *b,
    const struct limit_name *of, enum limit_period period,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	detail_begin(&detail);
	detail_text(&detail, "period", limit_period_name(period));
	if (b != NULL) {
		struct tk_buf list = TK_BUF_INIT;

		add_thresholds(&list, b);
		detail_money(&detail, "limit_usd", b->amount);
		detail_text(&detail, "thresholds_ppm", list.s);
		detail_text(&detail, "action", b->block ? "block" : "warn");
		detail_text(&detail, "carry_over", b->carry ? "yes" : NULL);
		detail_text(&detail, "zone", b->zone);
		tk_buf_release(&list);
	}
	detail_end(&detail);
	tk_buf_adds(&object, "budget of ");
	limit_name_add(&object, of);
	rc = audit_add(L->l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

/* What was there before; for what a change crosses. */
struct budget_before {
	tk_int128 amount; /* -1: nothing */
	int64_t threshold[BUDGET_THRESHOLDS];
	size_t thresholds;
};

static int
remember(const struct budget *b, void *data, struct tk_err *err)
{
	struct budget_before *before = data;

	(void)err;
	before->amount = b->amount;
	memcpy(before->threshold, b->threshold, sizeof(b->threshold));
	before->thresholds = b->thresholds;
	return 0;
}

/* Another amount may be passed at once, so may another threshold. */
static int
tell(struct limits *L, const struct budget *b,
    const struct budget_before *before, int64_t now, struct tk_err *err)
{
	const struct part_list *list;

	if (limits_parts(L, &b->of, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct limit_part *p = &list->v[i];

		if (p->kind != LIMIT_BUDGET || p->period != b->period)
			continue;
		if (crossing_set(L, p, now, before->threshold,
			b->amount != before->amount ? -1
						    : (int)before->thresholds,
			err) < 0)
			return -1;
	}
	return 0;
}

int
budget_put(struct ledger *l, const struct budget *b,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct budget_before before = { .amount = -1 };
	size_t first;

	if (limits_load(L, err) < 0 ||
	    budget_get(l, &b->of, b->period, remember, &before, err) < 0 ||
	    write_budget(L, b, by->time, err) < 0 || limits_load(L, err) < 0)
		return -1;
	first = L->n;
	if (tally_need(L, b->of.scope, b->period, false, b->zone, by->time,
		err) < 0 ||
	    tally_fill(L, first, err) < 0 || tally_drop_unused(L, err) < 0)
		return -1;
	if (tell(L, b, &before, by->time, err) < 0)
		return -1;
	return audit(L, "budget.set", b, &b->of, b->period, by, err);
}

int
budget_remove(struct ledger *l, const struct limit_name *of,
    enum limit_period period, const struct ledger_actor *by, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(L->st, &q, remove_sql, err) < 0)
		return -1;
	bind_name(q, of, period);
	rc = stmt_step(q, err);
	stmt_free(q);
	if (rc < 0)
		return -1;
	if (store_changes(L->st) == 0)
		return 0;
	limits_changed(L);
	if (tally_drop_unused(L, err) < 0 ||
	    audit(L, "budget.unset", NULL, of, period, by, err) < 0)
		return -1;
	return 1;
}
