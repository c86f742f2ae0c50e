/* Where in the data the screen is. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "top/ui_int.h"

void
ui_set(struct tk_buf *b, const char *text)
{
	tk_buf_reset(b);
	tk_buf_adds(b, text);
}

enum top_todo
ui_set_view(struct top_ui *ui, int view)
{
	ui->view = (enum top_view)((view + TOP_VIEWS) % TOP_VIEWS);
	ui->first = 0;
	tk_buf_reset(&ui->selected);
	ui_thaw(ui);
	return NEXT_READ;
}

/* Into the row that is selected; what is in it is shown by what it has not
 * been narrowed by yet. */
enum top_todo
ui_open(struct top_ui *ui, const struct top_model *m)
{
	static const enum top_view next[] = { [TOP_USER] = TOP_MODEL,
		[TOP_APPLICATION] = TOP_USER,
		[TOP_MODEL] = TOP_APPLICATION,
		[TOP_SESSION] = TOP_MODEL,
		[TOP_PROJECT] = TOP_USER };
	char *name;
	int view;

	if (ui->view >= TOP_LIVE || ui->view != m->view ||
	    ui->depth == TOP_DEPTH || m->table[TABLE_VIEW].report.rows == 0)
		return NEXT_NOTHING;
	ui_settle(ui, m);
	if (ui->selected.len == 0) {
		ui_set(&ui->message, "this row has no name to open");
		return NEXT_DRAW;
	}
	name = tk_xstrdup(ui->selected.s);
	ui->path[ui->depth].view = ui->view;
	ui->path[ui->depth++].name = name;
	tk_buf_reset(&ui->filter);
	view = (int)next[ui->view];
	for (int i = 0; i < ui->depth; i++)
		if ((int)ui->path[i].view == view) {
			view = (view + 1) % TOP_LIVE;
			i = -1;
		}
	return ui_set_view(ui, ui->depth == TOP_DEPTH ? TOP_LIVE : view);
}

enum top_todo
ui_back(struct top_ui *ui)
{
	enum top_todo todo;

	if (ui->filter.len > 0) {
		tk_buf_reset(&ui->filter);
		ui_thaw(ui);
		return NEXT_DRAW;
	}
	if (ui->depth == 0)
		return NEXT_DRAW;
	ui->depth--;
	todo = ui_set_view(ui, (int)ui->path[ui->depth].view);
	ui_set(&ui->selected, ui->path[ui->depth].name);
	free(ui->path[ui->depth].name);
	return todo;
}

/* The user that the selected limit or alert is of. */
static const char *
selected_user(const struct top_ui *ui, const struct top_model *m)
{
	const char *user = NULL;
	const void **item;
	size_t n;

	if (m->view == TOP_USER)
		return ui->selected.len > 0 ? ui->selected.s : NULL;
	if (m->view != TOP_LIMITS && m->view != TOP_ALERTS &&
	    m->view != TOP_LIVE)
		return NULL;
	n = top_list(ui, m, &item);
	if (n > 0) {
		size_t at = top_list_selected(ui, m, item, n);
		const struct top_limit *l = item[at];
		const struct top_alert *a = item[at];
		const struct top_call *c = item[at];

		if (m->view == TOP_LIMITS)
			user = l->scope == SCOPE_USER ? l->name : NULL;
		else if (m->view == TOP_ALERTS)
			user = a->is_user ? a->name : NULL;
		else
			user = c->user;
	}
	free(item);
	return user;
}

const char *
top_ui_user(const struct top_ui *ui, const struct top_query *q,
    const struct top_model *m)
{
	const char *user;

	for (int i = ui->depth; i > 0; i--)
		if (ui->path[i - 1].view == TOP_USER)
			return ui->path[i - 1].name;
	user = selected_user(ui, m);
	if (user != NULL)
		return user;
	return q->filter.names[NAME_USER] == 1 ? q->filter.name[NAME_USER][0]
					       : NULL;
}

void
top_ui_narrow(const struct top_ui *ui, struct top_query *q, const char **name)
{
	for (int i = 0; i < ui->depth; i++) {
		enum name_kind kind = top_view_kind(ui->path[i].view);

		name[i] = ui->path[i].name;
		q->filter.name[kind] = &name[i];
		q->filter.names[kind] = 1;
	}
	q->view = ui->view;
	q->drilled = ui->depth > 0;
	q->range = (int)ui->range;
	q->shift = ui->shift;
}

void
top_ui_path(const struct top_ui *ui, const char *scope, struct tk_buf *b)
{
	tk_buf_adds(b, scope);
	for (int i = 0; i < ui->depth; i++)
		tk_buf_addf(b, " > %s", ui->path[i].name);
	if (ui->range != RANGE_DAY || ui->shift > 0)
		tk_buf_addf(b, " (%s%s%.0d)", top_ranges[ui->range].name,
		    ui->shift > 0 ? " -" : "", ui->shift);
	if (ui->filter.len > 0)
		tk_buf_addf(b, " \\%s", ui->filter.s);
}
