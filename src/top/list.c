/* What a view lists: its rows, calls, limits or alerts, filtered and in order.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "top/ui_int.h"

/* A row with what it is ordered by, worked out once. */
struct ranked {
	tk_int128 by;
	const char *name;
	const struct report_row *row;
};

static const char *
row_name(const struct report_row *row)
{
	return row->name[0] != NULL ? row->name[0] : "";
}

/* Parts per million of the day's limit; -1 without one. */
static tk_int128
limit_part(const struct top_model *m, const char *user)
{
	const struct top_limit *l = top_model_limit(m, user);

	if (l == NULL)
		return -1;
	return l->amount > 0 ? l->used * 1000000 / l->amount : 0;
}

static tk_int128
measure(const struct top_ui *ui, const struct top_model *m,
    const struct report_row *row)
{
	const struct usage_sums *s = &row->sums;

	switch (ui->sort) {
	case SORT_NAME:
	case SORTS:
		break;
	case SORT_REQUESTS:
		return s->v[SUM_REQUESTS];
	case SORT_INPUT:
		return sums_total(s) - s->v[SUM_OUTPUT];
	case SORT_OUTPUT:
		return s->v[SUM_OUTPUT];
	case SORT_TOKENS:
		return sums_total(s);
	case SORT_COST:
		return s->v[SUM_COST];
	case SORT_LAST:
		return row->last;
	case SORT_LIMIT:
		return limit_part(m, row_name(row));
	}
	return 0;
}

/* The larger one first; ties by name, so that rows do not swap. */
static int
by_measure(const void *a_, const void *b_)
{
	const struct ranked *a = a_, *b = b_;

	if (a->by != b->by)
		return a->by < b->by ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int
by_name(const void *a_, const void *b_)
{
	const struct ranked *a = a_, *b = b_;
	int rc = strcasecmp(a->name, b->name);

	return rc != 0 ? rc : strcmp(a->name, b->name);
}

static bool
passes(const struct top_ui *ui, const char *text)
{
	return ui->filter.len == 0 ||
	    (text != NULL && strcasestr(text, ui->filter.s) != NULL);
}

static bool
row_is_in(const struct top_ui *ui, const struct report_row *row, bool filter)
{
	static const struct usage_sums none;

	/* Everything in it was taken back. */
	if (sums_equal(&row->sums, &none))
		return false;
	return !filter || passes(ui, row_name(row));
}

static size_t
list_rows(const struct top_ui *ui, const struct top_model *m,
    const struct report *r, bool filter, const void ***item)
{
	struct ranked *v = tk_xcalloc(r->rows + 1, sizeof(*v));
	bool names = ui->sort == SORT_NAME;
	size_t n = 0;

	for (size_t i = 0; i < r->rows; i++) {
		const struct report_row *row = &r->row[i];

		if (!row_is_in(ui, row, filter))
			continue;
		v[n].by = measure(ui, m, row);
		if (ui->reverse)
			v[n].by = -v[n].by;
		v[n].name = row_name(row);
		v[n++].row = row;
	}
	qsort(v, n, sizeof(*v), names ? by_name : by_measure);
	*item = tk_xcalloc(n + 1, sizeof(**item));
	for (size_t i = 0; i < n; i++)
		(*item)[i] = v[names && ui->reverse ? n - 1 - i : i].row;
	free(v);
	return n;
}

size_t
top_list_table(const struct top_ui *ui, const struct top_model *m,
    enum top_tables table, const struct report_row ***row)
{
	const void **item;
	size_t n = list_rows(ui, m, &m->table[table].report, true, &item);

	*row = (const struct report_row **)item;
	return n;
}

static size_t
list_calls(const struct top_ui *ui, const struct top_model *m,
    const void ***item)
{
	size_t n = 0;

	*item = tk_xcalloc(m->calls + 1, sizeof(**item));
	for (size_t i = 0; i < m->calls; i++) {
		const struct top_call *c = &m->call[i];

		if (passes(ui, c->user) || passes(ui, c->application) ||
		    passes(ui, c->model) || passes(ui, c->session))
			(*item)[n++] = c;
	}
	return n;
}

static size_t
list_limits(const struct top_ui *ui, const struct top_model *m,
    const void ***item)
{
	size_t n = 0;

	*item = tk_xcalloc(m->limits + 1, sizeof(**item));
	for (size_t i = 0; i < m->limits; i++)
		if (passes(ui, m->limit[i].name))
			(*item)[n++] = &m->limit[i];
	return n;
}

static size_t
list_alerts(const struct top_ui *ui, const struct top_model *m,
    const void ***item)
{
	size_t n = 0;

	*item = tk_xcalloc(m->alerts + 1, sizeof(**item));
	for (size_t i = 0; i < m->alerts; i++)
		if (passes(ui, m->alert[i].name) ||
		    passes(ui, m->alert[i].message))
			(*item)[n++] = &m->alert[i];
	return n;
}

/* What the view lists, in its order. */
static size_t
list_view(const struct top_ui *ui, const struct top_model *m,
    const void ***item)
{
	switch (m->view) {
	case TOP_LIVE:
		return list_calls(ui, m, item);
	case TOP_LIMITS:
		return list_limits(ui, m, item);
	case TOP_ALERTS:
		return list_alerts(ui, m, item);
	case TOP_USER:
	case TOP_APPLICATION:
	case TOP_MODEL:
	case TOP_SESSION:
	case TOP_PROJECT:
	case TOP_HOME:
	case TOP_VIEWS:
		break;
	}
	return list_rows(ui, m, &m->table[TABLE_VIEW].report, true, item);
}

size_t
top_list(const struct top_ui *ui, const struct top_model *m, const void ***item)
{
	size_t n = list_view(ui, m, item);

	ui_keep_places(ui, m, *item, n);
	return n;
}

void
top_list_key(const struct top_model *m, const void *item, struct tk_buf *b)
{
	const struct top_limit *l = item;

	tk_buf_reset(b);
	if (m->view == TOP_LIVE)
		tk_buf_addf(b, "%" PRId64, ((const struct top_call *)item)->id);
	else if (m->view == TOP_ALERTS)
		tk_buf_addf(b, "%" PRId64,
		    ((const struct top_alert *)item)->id);
	else if (m->view == TOP_LIMITS)
		tk_buf_addf(b, "%s %s %d", l->name,
		    limit_period_name(l->period), (int)l->kind);
	else
		tk_buf_adds(b, row_name(item));
}

size_t
top_list_selected(const struct top_ui *ui, const struct top_model *m,
    const void *const *item, size_t n)
{
	struct tk_buf key = TK_BUF_INIT;
	size_t at = 0;

	for (; ui->selected.len > 0 && at < n; at++) {
		top_list_key(m, item[at], &key);
		if (strcmp(key.s, ui->selected.s) == 0)
			break;
	}
	tk_buf_release(&key);
	return ui->selected.len > 0 && at < n ? at : 0;
}
