/* Rows, their names and their order: see order.h. */
#include "report/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "report/groups.h"
#include "report/keep.h"
#include "report/latency.h"
#include "report/order_int.h"

tk_int128
order_amount(const int64_t *key, const struct usage_sums *sums, int64_t last,
    const struct report_query *q)
{
	tk_int128 n = 0;

	switch (q->order) {
	case ORDER_KEYS:
		n = q->dims == 0 || report_dim_is_name(q->dim[0]) ? 0 : -key[0];
		break;
	case ORDER_TOKENS:
		n = sums_total(sums);
		break;
	case ORDER_COST:
		n = sums->v[SUM_COST];
		break;
	case ORDER_REQUESTS:
		n = sums->v[SUM_REQUESTS];
		break;
	case ORDER_LAST:
		n = last;
		break;
	}
	return q->reverse ? -n : n;
}

tk_int128
order_group_amount(const struct group *g, const struct report_query *q)
{
	struct usage_sums sums;

	group_sums(g, &sums);
	return order_amount(g->key, &sums, g->last, q);
}

static void
rank(const struct report_query *q, const struct order_ranks *ranks,
    struct order_place *at)
{
	for (size_t d = 0; d < q->dims; d++)
		if (ranks->of[d] != NULL)
			at->key[d] =
			    names_rank(ranks->of[d], (uint32_t)at->key[d]);
	at->late = false;
}

void
order_find_place(const struct report_query *q, const struct order_ranks *ranks,
    tk_int128 amount, const int64_t *key, struct order_place *at)
{
	at->amount = amount;
	memcpy(at->key, key, sizeof(at->key));
	at->late = true;
	if (!ranks->late)
		rank(q, ranks, at);
}

uint64_t
order_prefix(const struct report_query *q, const struct order_ranks *ranks,
    const struct order_place *at)
{
	int64_t n = at->amount > INT64_MAX ? INT64_MAX
	    : at->amount < INT64_MIN       ? INT64_MIN
					   : (int64_t)at->amount;
	uint64_t prefix;

	if (q->order != ORDER_KEYS || q->dims == 0 ||
	    !report_dim_is_name(q->dim[0]))
		return ~((uint64_t)n + (UINT64_C(1) << 63));
	if (ranks->of[0] == NULL)
		return 0;
	prefix = (uint64_t)at->key[0] << 32;
	if (q->dims > 1 && ranks->of[1] != NULL)
		prefix |= (uint64_t)at->key[1];
	return q->reverse ? ~prefix : prefix;
}

static int
compare_names(const struct report_row *a, const struct report_row *b, size_t d)
{
	return strcmp(a->name[d] ? a->name[d] : "",
	    b->name[d] ? b->name[d] : "");
}

int
order_compare(const struct report_query *q, const struct order_ranks *ranks,
    struct order_place *x, const struct report_row *a, struct order_place *y,
    const struct report_row *b)
{
	bool backwards = q->order == ORDER_KEYS && q->reverse;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	if (x->late)
		rank(q, ranks, x);
	if (y->late)
		rank(q, ranks, y);
	for (size_t d = 0; d < q->dims; d++) {
		int c = 0;

		if (x->key[d] == y->key[d])
			continue;
		if (ranks->of[d] == NULL && report_dim_is_name(q->dim[d]))
			c = compare_names(a, b, d);
		if (c == 0)
			c = x->key[d] < y->key[d] ? -1 : 1;
		return backwards ? -c : c;
	}
	return 0;
}

static int
compare_entries(const void *a, const void *b, void *data)
{
	size_t x = ((const struct order_entry *)a)->row;
	size_t y = ((const struct order_entry *)b)->row;
	struct order *o = data;

	return order_compare(o->q, &o->ranks, &o->place[x],
	    o->row != NULL ? &o->row[x] : NULL, &o->place[y],
	    o->row != NULL ? &o->row[y] : NULL);
}

struct order_entry *
order_sort_places(const struct order *given, struct order_place *place,
    size_t n)
{
	struct order_entry *e = tk_xcalloc(n + 1, sizeof(*e));
	struct order o = *given;

	o.place = place;
	for (size_t i = 0; i < n; i++)
		e[i] = (struct order_entry){
			order_prefix(o.q, &o.ranks, &place[i]), i
		};
	order_sort(e, n, compare_entries, &o);
	free(place);
	return e;
}

/* Each row to its place: along the circles that they make. */
static void
move_rows(struct report *r, struct order_entry *place)
{
	for (size_t i = 0; i < r->rows; i++) {
		struct report_row moved = r->row[i];
		size_t at = i;

		if (place[i].row == i)
			continue;
		while (place[at].row != i) {
			size_t from = place[at].row;

			r->row[at] = r->row[from];
			place[at].row = at;
			at = from;
		}
		r->row[at] = moved;
		place[at].row = at;
	}
}

static void
sort(struct report *r, struct order *o)
{
	struct order_place *place = tk_xcalloc(r->rows + 1, sizeof(*place));
	struct order_entry *e;

	for (size_t i = 0; i < r->rows; i++) {
		const struct report_row *row = &r->row[i];

		order_find_place(o->q, &o->ranks,
		    order_amount(row->key, &row->sums, row->last, o->q),
		    row->key, &place[i]);
	}
	o->row = r->row;
	e = order_sort_places(o, place, r->rows);
	move_rows(r, e);
	free(e);
}

void
report_sort(struct report *r, const struct report_query *q,
    enum report_order by, bool reverse)
{
	struct report_query sorted = *q;
	struct order o = { .q = &sorted };

	sorted.order = by;
	sorted.reverse = reverse;
	sort(r, &o);
}

/* Groups become rows, from the last to the first: so the memory of those
 * that did is given back meanwhile. */
static void
make_rows(struct report *r, struct groups *g)
{
	enum { STEP = 1 << 16 };

	r->rows = g->n;
	r->row = tk_xreallocarray(NULL, r->rows + 1, sizeof(*r->row));
	while (g->n > 0) {
		struct group *group = &g->group[--g->n];
		struct report_row *row = &r->row[g->n];

		group_row(group, row);
		group_release(group);
		if (g->n % STEP == 0 && g->n > 0) {
			g->room = g->n;
			g->group =
			    tk_xreallocarray(g->group, g->n, sizeof(*g->group));
		}
	}
}

int
order_rank_names(struct order *o, size_t rows, struct names *names,
    struct tk_err *err)
{
	for (size_t d = 0; d < o->q->dims; d++) {
		int many;

		if (o->q->dim[d] >= DIM_NAMES) {
			o->ranks.texts |= report_dim_is_name(o->q->dim[d]);
			continue;
		}
		many = names_are_few(names, (int64_t)rows * 4, err);
		if (many < 0 ||
		    (many &&
			names_load(names, (enum name_kind)o->q->dim[d], err) <
			    0))
			return -1;
		if (many)
			o->ranks.of[d] = names;
		else
			o->ranks.texts = true;
	}
	o->ranks.late = o->q->order != ORDER_KEYS;
	return 0;
}

int
order_name_row(const struct report *r, struct report_row *row,
    const struct report_query *q, struct names *names, struct tk_err *err)
{
	for (size_t d = 0; d < q->dims; d++)
		if (q->dim[d] >= DIM_NAMES && report_dim_is_name(q->dim[d]))
			row->name[d] =
			    row->key[d] > 0 ? r->text[row->key[d] - 1] : NULL;
		else if (q->dim[d] < DIM_NAMES &&
		    names_text(names, (uint32_t)row->key[d], &row->name[d],
			err) < 0)
			return -1;
	return 0;
}

int
order_sort_rows(struct order *o, struct report *r, struct groups *g,
    struct ledger *l, struct tk_err *err)
{
	const struct report_query *q = o->q;

	make_rows(r, g);
	for (size_t i = 0; i < r->rows; i++)
		if (order_name_row(r, &r->row[i], q, ledger_names(l), err) < 0)
			return -1;
	sort(r, o);
	return 0;
}

int
order_rows(struct report *r, struct groups *g, const struct report_query *q,
    struct ledger *l, struct tk_err *err)
{
	struct order o = { .q = q };

	if (g->spill != NULL) {
		if (order_parts(&o, r, g, l, err) < 0)
			return -1;
	} else {
		keep_used(g);
		keep_totals(r, g);
		keep_top(g, q);
		if (order_rank_names(&o, g->n, ledger_names(l), err) < 0 ||
		    order_sort_rows(&o, r, g, l, err) < 0)
			return -1;
	}
	while (q->top > 0 && r->rows > q->top)
		latency_free(r->row[--r->rows].latency);
	return 0;
}
