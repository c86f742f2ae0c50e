/* Rows, their names and their order: see order.h. */
#include "report/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "report/groups.h"
#include "report/keep.h"
#include "report/latency.h"
#include "report/rows_file.h"
#include "report/spill.h"
#include "report/stream.h"

struct place {
	struct order_place at;
	size_t row;
};

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

struct order {
	const struct report *r;
	const struct report_query *q;
	struct order_ranks ranks;
};

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
    const struct report_row *row, struct order_place *at)
{
	at->amount = order_amount(row->key, &row->sums, row->last, q);
	memcpy(at->key, row->key, sizeof(at->key));
	at->late = true;
	if (!ranks->late)
		rank(q, ranks, at);
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
compare_places(const void *a, const void *b, void *data)
{
	struct place *x = (void *)(uintptr_t)a, *y = (void *)(uintptr_t)b;
	const struct order *o = data;

	return order_compare(o->q, &o->ranks, &x->at, &o->r->row[x->row],
	    &y->at, &o->r->row[y->row]);
}

/* Each row to its place: along the circles that they make. */
static void
move_rows(struct report *r, struct place *place)
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
	struct place *place = tk_xcalloc(r->rows + 1, sizeof(*place));

	for (size_t i = 0; i < r->rows; i++) {
		order_find_place(o->q, &o->ranks, &r->row[i], &place[i].at);
		place[i].row = i;
	}
	if (r->rows > 1)
		qsort_r(place, r->rows, sizeof(*place), compare_places, o);
	move_rows(r, place);
	free(place);
}

void
report_sort(struct report *r, const struct report_query *q,
    enum report_order by, bool reverse)
{
	struct report_query sorted = *q;
	struct order o = { .r = r, .q = &sorted };

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

		*row = (struct report_row){ .first = group->first,
			.last = group->last,
			.latency = group->latency };
		memcpy(row->key, group->key, sizeof(row->key));
		group_sums(group, &row->sums);
		group_release(group);
		if (g->n % STEP == 0 && g->n > 0) {
			g->room = g->n;
			g->group =
			    tk_xreallocarray(g->group, g->n, sizeof(*g->group));
		}
	}
}

/* All names of a kind are read at once, which also says how they are ordered,
 * where the rows may well have most of the names that there are. */
static int
rank_names(struct order *o, size_t rows, struct names *names,
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

/* Groups become rows with names, in their order. */
static int
sort_rows(struct order *o, struct report *r, struct groups *g, struct ledger *l,
    struct tk_err *err)
{
	const struct report_query *q = o->q;

	make_rows(r, g);
	o->r = r;
	for (size_t i = 0; i < r->rows; i++)
		if (order_name_row(r, &r->row[i], q, ledger_names(l), err) < 0)
			return -1;
	sort(r, o);
	return 0;
}

/* Groups that stay, of all parts so far. */
static void
move_groups(struct groups *to, struct groups *from)
{
	if (from->n == 0)
		return;
	if (to->n + from->n > to->room) {
		to->room = (to->n + from->n) * 3 / 2;
		to->group =
		    tk_xreallocarray(to->group, to->room, sizeof(*to->group));
	}
	memcpy(to->group + to->n, from->group, from->n * sizeof(*from->group));
	to->n += from->n;
	from->n = 0;
}

static void
add_totals(struct report *r, const struct report *part)
{
	sums_add(&r->total, &part->total);
	r->rows += part->rows;
	r->first = part->first < r->first ? part->first : r->first;
	r->last = part->last > r->last ? part->last : r->last;
}

/* What is in files, on its way to rows. */
struct gathering {
	struct order *o;
	struct report *r;
	struct ledger *l;
	bool stream;
	struct groups kept;              /* when the rows are not a stream */
	struct report part[SPILL_PARTS]; /* of which only the totals are set */
};

static int
compare_by_place(const void *a, const void *b, void *data)
{
	struct place *x = (void *)(uintptr_t)a, *y = (void *)(uintptr_t)b;
	const struct order *o = data;

	return order_compare(o->q, &o->ranks, &x->at, NULL, &y->at, NULL);
}

/* Groups in their order, which no text decides, into a file. */
static int
put_sorted(const struct order *o, struct groups *g, struct rows_file *f,
    struct tk_err *err)
{
	struct place *place = tk_xcalloc(g->n + 1, sizeof(*place));
	struct report_row row = { .latency = NULL };

	for (size_t i = 0; i < g->n; i++) {
		memcpy(row.key, g->group[i].key, sizeof(row.key));
		row.last = g->group[i].last;
		group_sums(&g->group[i], &row.sums);
		order_find_place(o->q, &o->ranks, &row, &place[i].at);
		place[i].row = i;
	}
	if (g->n > 1)
		qsort_r(place, g->n, sizeof(*place), compare_by_place,
		    (void *)(uintptr_t)o);
	for (size_t i = 0; i < g->n; i++) {
		group_row(&g->group[place[i].row], &row);
		rows_file_put(f, &row);
	}
	free(place);
	return rows_file_turn(f, err);
}

/* The same where texts do: they come from the ledger. */
static int
put_named(struct gathering *all, struct groups *g, size_t part,
    struct tk_err *err)
{
	struct report rows = { .text = all->r->text, .texts = all->r->texts };
	struct rows_file *f;
	int rc = sort_rows(all->o, &rows, g, all->l, err);

	if (rc == 0)
		rc = stream_file(all->r->stream, part, &f, err);
	all->part[part].rows = rows.rows;
	for (size_t i = 0; i < rows.rows; i++) {
		if (rc == 0)
			rows_file_put(f, &rows.row[i]);
		latency_free(rows.row[i].latency);
	}
	if (rc == 0)
		rc = rows_file_turn(f, err);
	free(rows.row);
	return rc;
}

static int
choose(struct groups *g, size_t part, void *data, struct tk_err *err)
{
	struct gathering *all = data;
	struct rows_file *f;

	keep_used(g);
	keep_totals(&all->part[part], g);
	if (!all->stream)
		keep_top(g, all->o->q);
	for (size_t i = 0; i < g->n; i++)
		if (g->group[i].latency != NULL)
			latency_sort(g->group[i].latency);
	if (!all->stream || all->o->ranks.texts)
		return 0;
	all->part[part].rows = g->n;
	if (stream_file(all->r->stream, part, &f, err) < 0)
		return -1;
	return put_sorted(all->o, g, f, err);
}

static int
gather(struct groups *g, size_t part, void *data, struct tk_err *err)
{
	struct gathering *all = data;

	if (!all->stream) {
		move_groups(&all->kept, g);
		keep_top(&all->kept, all->o->q);
	} else if (all->o->ranks.texts) {
		return put_named(all, g, part, err);
	}
	return 0;
}

/*
 * What is in files, part by part: rows go to files again when the reader
 * takes them one by one; else the groups that stay are kept.
 */
static int
order_parts(struct order *o, struct report *r, struct groups *g,
    struct ledger *l, struct tk_err *err)
{
	static const struct spill_fns fn = { choose, gather };
	const struct report_query *q = o->q;
	struct gathering all = { .o = o,
		.r = r,
		.l = l,
		.stream = q->stream && q->top == 0 };
	int rc;

	for (size_t i = 0; i < SPILL_PARTS; i++)
		all.part[i] =
		    (struct report){ .first = INT64_MAX, .last = INT64_MIN };
	if (all.stream) {
		if (rank_names(o, spill_rows(g), ledger_names(l), err) < 0)
			return -1;
		r->stream = stream_new(r, q, &o->ranks, l);
	}
	rc = spill_each_part(g, &fn, &all, err);
	for (size_t i = 0; i < SPILL_PARTS; i++)
		add_totals(r, &all.part[i]);
	if (rc == 0 && !all.stream) {
		rc = rank_names(o, all.kept.n, ledger_names(l), err);
		if (rc == 0)
			rc = sort_rows(o, r, &all.kept, l, err);
	}
	groups_release(&all.kept);
	return rc;
}

int
order_rows(struct report *r, struct groups *g, const struct report_query *q,
    struct ledger *l, struct tk_err *err)
{
	struct order o = { .r = r, .q = q };

	if (g->spill != NULL) {
		if (order_parts(&o, r, g, l, err) < 0)
			return -1;
	} else {
		keep_used(g);
		keep_totals(r, g);
		keep_top(g, q);
		if (rank_names(&o, g->n, ledger_names(l), err) < 0 ||
		    sort_rows(&o, r, g, l, err) < 0)
			return -1;
	}
	while (q->top > 0 && r->rows > q->top)
		latency_free(r->row[--r->rows].latency);
	return 0;
}
