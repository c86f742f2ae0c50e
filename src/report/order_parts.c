/* Rows from files, and their order: see order_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/ledger.h"
#include "report/groups.h"
#include "report/keep.h"
#include "report/latency.h"
#include "report/order_int.h"
#include "report/rows_file.h"
#include "report/spill.h"
#include "report/stream.h"

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

/* Groups in their order, which no text decides, into a file. */
static int
put_sorted(const struct order *o, struct groups *g, struct rows_file *f,
    struct tk_err *err)
{
	struct order_place *place = tk_xcalloc(g->n + 1, sizeof(*place));
	struct order_entry *e;

	for (size_t i = 0; i < g->n; i++)
		order_find_place(o->q, &o->ranks,
		    order_group_amount(&g->group[i], o->q), g->group[i].key,
		    &place[i]);
	e = order_sort_places(o, place, g->n);
	for (size_t i = 0; i < g->n; i++)
		rows_file_put(f, &g->group[e[i].row]);
	free(e);
	return rows_file_turn(f, err);
}

/* The same where texts do: they come from the ledger. */
static int
put_named(struct gathering *all, struct groups *g, size_t part,
    struct tk_err *err)
{
	struct report rows = { .text = all->r->text, .texts = all->r->texts };
	struct rows_file *f;
	int rc = order_sort_rows(all->o, &rows, g, all->l, err);

	if (rc == 0)
		rc = stream_file(all->r->stream, part, &f, err);
	all->part[part].rows = rows.rows;
	for (size_t i = 0; i < rows.rows; i++) {
		struct group group;

		group_of_row(&group, &rows.row[i]);
		if (rc == 0)
			rows_file_put(f, &group);
		group_release(&group);
		latency_free(group.latency);
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

int
order_parts(struct order *o, struct report *r, struct groups *g,
    struct ledger *l, struct tk_err *err)
{
	static const struct spill_fns fn = { choose, gather };
	const struct report_query *q = o->q;
	struct gathering *all = tk_xcalloc(1, sizeof(*all));
	int rc = 0;

	all->o = o;
	all->r = r;
	all->l = l;
	all->stream = q->stream && q->top == 0;
	for (size_t i = 0; i < SPILL_PARTS; i++)
		all->part[i] =
		    (struct report){ .first = INT64_MAX, .last = INT64_MIN };
	if (all->stream) {
		rc = order_rank_names(o, spill_rows(g), ledger_names(l), err);
		r->stream = stream_new(r, q, &o->ranks, l);
	}
	if (rc == 0)
		rc = spill_each_part(g, &fn, all, err);
	for (size_t i = 0; i < SPILL_PARTS; i++)
		add_totals(r, &all->part[i]);
	if (rc == 0 && !all->stream) {
		rc = order_rank_names(o, all->kept.n, ledger_names(l), err);
		if (rc == 0)
			rc = order_sort_rows(o, r, &all->kept, l, err);
	}
	groups_release(&all->kept);
	free(all);
	return rc;
}
