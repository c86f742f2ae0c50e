/*
 * While the cursor moves, rows stay where they are
 *
 * For two seconds after a key that moved it: else the row that was aimed at
 * would be another one.  What comes meanwhile stands behind them.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "top/ui_int.h"

enum { STILL_MS = 2000 };

struct placed {
	int64_t place;
	const void *item;
};

/* What an item is known by as long as the ledger is the same. */
static int64_t
id_of(const struct top_model *m, const void *item)
{
	if (m->view == TOP_LIVE)
		return ((const struct top_call *)item)->id;
	if (m->view == TOP_ALERTS)
		return ((const struct top_alert *)item)->id;
	return ((const struct report_row *)item)->key[0];
}

static int
by_id(const void *a_, const void *b_)
{
	const struct top_place *a = a_, *b = b_;

	return a->id < b->id ? -1 : a->id > b->id;
}

static int
by_place(const void *a_, const void *b_)
{
	const struct placed *a = a_, *b = b_;

	return a->place < b->place ? -1 : a->place > b->place;
}

void
ui_freeze(struct top_ui *ui, const struct top_model *m, const void *const *item,
    size_t n)
{
	struct top_frozen *f = &ui->frozen;

	/* Limits are in an order of their own, which use does not change. */
	if (!ui->live || m->view == TOP_LIMITS)
		return;
	f->v = tk_xreallocarray(f->v, n + 1, sizeof(*f->v));
	for (size_t i = 0; i < n; i++)
		f->v[i] = (struct top_place){ id_of(m, item[i]), i };
	f->n = n;
	qsort(f->v, n, sizeof(*f->v), by_id);
	f->until = ui->clock + STILL_MS;
}

void
ui_thaw(struct top_ui *ui)
{
	ui->frozen.until = 0;
}

bool
top_ui_is_frozen(const struct top_ui *ui)
{
	return ui->clock < ui->frozen.until;
}

void
ui_keep_places(const struct top_ui *ui, const struct top_model *m,
    const void **item, size_t n)
{
	const struct top_frozen *f = &ui->frozen;
	struct placed *v;

	if (!top_ui_is_frozen(ui) || m->view == TOP_LIMITS || n == 0)
		return;
	v = tk_xcalloc(n, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		struct top_place key = { id_of(m, item[i]), 0 }, *at;

		at = bsearch(&key, f->v, f->n, sizeof(*f->v), by_id);
		v[i].place = (int64_t)(at != NULL ? at->place : f->n + i);
		v[i].item = item[i];
	}
	qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 0; i < n; i++)
		item[i] = v[i].item;
	free(v);
}
