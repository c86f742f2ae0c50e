/* Rows by model put together as other programs do: report_compat_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/report.h"
#include "report_compat_int.h"

static struct part *
part_of(struct unit *u, const char *model)
{
	if (model == NULL)
		model = "unknown";
	for (size_t i = 0; i < u->parts; i++)
		if (strcmp(u->part[i].model, model) == 0)
			return &u->part[i];
	u->part = tk_xreallocarray(u->part, u->parts + 1, sizeof(*u->part));
	u->part[u->parts] = (struct part){ .model = model, .first = INT64_MAX };
	return &u->part[u->parts++];
}

static void
add_row(struct unit *u, const struct report_row *row)
{
	struct part *p = part_of(u, row->name[BY_MODEL]);

	u->rows++;
	sums_add(&u->sums, &row->sums);
	sums_add(&p->sums, &row->sums);
	if (row->first < p->first)
		p->first = row->first;
	if (row->first < u->first)
		u->first = row->first;
	if (row->last > u->last)
		u->last = row->last;
}

static int
dearest_first(const void *a_, const void *b_)
{
	const struct part *a = a_, *b = b_;

	if (a->sums.v[SUM_COST] != b->sums.v[SUM_COST])
		return a->sums.v[SUM_COST] > b->sums.v[SUM_COST] ? -1 : 1;
	return strcmp(a->model, b->model);
}

static int
dearest_unit_first(const void *a_, const void *b_)
{
	const struct unit *a = a_, *b = b_;

	if (a->sums.v[SUM_COST] != b->sums.v[SUM_COST])
		return a->sums.v[SUM_COST] > b->sums.v[SUM_COST] ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* "ccusage codex" sees the logs of Codex CLI alone. */
static bool
is_seen(const struct report_row *row, enum report_compat compat)
{
	const char *source = row->name[BY_SOURCE];

	return compat != COMPAT_CCUSAGE_CODEX ||
	    (source != NULL && strcmp(source, "codex") == 0);
}

void
compat_units_init(struct units *all, const struct report *r,
    enum report_compat compat, bool sessions)
{
	struct unit *u = NULL;

	all->v = tk_xcalloc(r->rows + 1, sizeof(*all->v));
	for (size_t i = 0; i < r->rows; i++) {
		const struct report_row *row = &r->row[i];

		if (!is_seen(row, compat))
			continue;
		if (u == NULL || u->row->key[BY_UNIT] != row->key[BY_UNIT]) {
			u = &all->v[all->n++];
			u->row = row;
			u->first = INT64_MAX;
			u->last = INT64_MIN;
		}
		add_row(u, row);
		sums_add(&all->total, &row->sums);
	}
	for (size_t i = 0; i < all->n; i++)
		qsort(all->v[i].part, all->v[i].parts, sizeof(struct part),
		    dearest_first);
	if (sessions && all->n > 1)
		qsort(all->v, all->n, sizeof(*all->v),
		    compat == COMPAT_CCUSAGE_CODEX ? compat_latest_last
						   : dearest_unit_first);
}

void
compat_units_release(struct units *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i].part);
	free(all->v);
}
