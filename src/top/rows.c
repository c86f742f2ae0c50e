/* A table: rows by one kind of name, which grow with the records. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "top/model_int.h"

static uint32_t *
find_slot(const struct top_table *t, const int64_t key[2])
{
	uint64_t hash = ((uint64_t)key[0] << 32 ^ (uint64_t)key[1]) *
	    UINT64_C(0x9e3779b97f4a7c15);

	hash ^= hash >> 32;
	for (size_t i = hash & (t->slots - 1);; i = (i + 1) & (t->slots - 1)) {
		uint32_t row = t->slot[i];

		if (row == 0 ||
		    (t->report.row[row - 1].key[0] == key[0] &&
			t->report.row[row - 1].key[1] == key[1]))
			return &t->slot[i];
	}
}

/* Room for more rows than there are. */
static void
grow(struct top_table *t)
{
	struct report *r = &t->report;

	t->room = r->rows < 32 ? 64 : r->rows * 2;
	r->row = tk_xreallocarray(r->row, t->room, sizeof(*r->row));
	for (t->slots = 64; t->slots < t->room * 2; t->slots *= 2)
		;
	free(t->slot);
	t->slot = tk_xcalloc(t->slots, sizeof(*t->slot));
	for (size_t i = 0; i < r->rows; i++)
		*find_slot(t, r->row[i].key) = (uint32_t)i + 1;
}

static int
take_names(struct top_model *m, struct ledger *l, struct report_row *row,
    size_t dims, struct tk_err *err)
{
	for (size_t d = 0; d < dims; d++)
		if (top_name(&m->names, l, (uint32_t)row->key[d], &row->name[d],
			err) < 0)
			return -1;
	return 0;
}

int
top_table_read(struct top_model *m, enum top_tables table, struct ledger *l,
    const struct top_query *q, enum name_kind kind, const struct tk_range *r,
    struct tk_err *err)
{
	struct top_table *t = &m->table[table];

	t->query = (struct report_query){ .filter = q->filter,
		.zone = q->zone,
		.now = q->now,
		.dim = { (enum report_dim)kind,
		    (enum report_dim)NAME_APPLICATION },
		.dims = kind == NAME_SESSION && t->split ? 2 : 1 };
	t->query.filter.since = r->since;
	t->query.filter.until = r->until;
	if (report_run(&t->report, l, &t->query, err) < 0)
		return -1;
	t->on = true;
	grow(t);
	for (size_t i = 0; i < t->report.rows; i++)
		if (take_names(m, l, &t->report.row[i], t->query.dims, err) < 0)
			return -1;
	return 0;
}

int
top_table_add(struct top_model *m, struct top_table *t, struct ledger *l,
    const struct packed_record *v, struct tk_err *err)
{
	const struct report_query *q = &t->query;
	int64_t key[2] = { v->name[q->dim[0]], 0 };
	bool failed = v->name[NAME_ERROR] != 0;
	struct report *r = &t->report;
	struct report_row *row;
	uint32_t *slot;

	if (!t->on || v->r.time < q->filter.since ||
	    v->r.time >= q->filter.until)
		return 0;
	if (q->dims == 2)
		key[1] = v->name[q->dim[1]];
	if (r->rows == t->room)
		grow(t);
	slot = find_slot(t, key);
	if (*slot == 0) {
		row = &r->row[r->rows];
		*row = (struct report_row){ .first = v->r.time,
			.last = v->r.time };
		for (size_t d = 0; d < q->dims; d++)
			row->key[d] = key[d];
		if (take_names(m, l, row, q->dims, err) < 0)
			return -1;
		*slot = (uint32_t)++r->rows;
	}
	row = &r->row[*slot - 1];
	sums_add_record(&row->sums, &v->r, failed);
	sums_add_record(&r->total, &v->r, failed);
	if (v->r.time < row->first)
		row->first = v->r.time;
	if (v->r.time > row->last)
		row->last = v->r.time;
	return 0;
}

void
top_table_release(struct top_table *t)
{
	report_release(&t->report);
	free(t->slot);
	*t = (struct top_table){ .on = false };
}

static int
by_tokens(const void *a_, const void *b_)
{
	const struct report_row *a = *(const struct report_row *const *)a_;
	const struct report_row *b = *(const struct report_row *const *)b_;
	tk_int128 x = sums_total(&a->sums), y = sums_total(&b->sums);

	return x != y ? (x < y ? 1 : -1) : a < b ? -1 : a > b;
}

size_t
top_applications(const struct top_model *m, const struct report_row ***row,
    size_t *dim, tk_int128 *whole)
{
	const struct report *r = &m->table[TABLE_APPS].report;
	struct top_session s;
	bool any = top_model_session(m, &s);
	size_t n = 0;

	*dim = any ? 1 : 0;
	*whole = any ? s.tokens : sums_total(&r->total);
	if (any)
		r = &m->table[TABLE_SESSIONS].report;
	*row = tk_xcalloc(r->rows + 1, sizeof(**row));
	for (size_t i = 0; i < r->rows; i++)
		if (!any || r->row[i].key[0] == s.name)
			(*row)[n++] = &r->row[i];
	qsort(*row, n, sizeof(**row), by_tokens);
	return n;
}
