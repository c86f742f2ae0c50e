/* A list, of which as much is shown as there is room for. */
#include "top/frame_int.h"

/* So that item at is among the rows that are shown, of n. */
static void
scroll(struct frame *f, size_t at, size_t n, int rows)
{
	struct top_ui *ui = f->ui;

	ui->page = rows > 1 ? rows - 1 : 1;
	ui->table_y = f->y;
	if ((int)at < ui->first)
		ui->first = (int)at;
	if ((int)at >= ui->first + rows)
		ui->first = (int)at - rows + 1;
	if (ui->first > (int)n - rows)
		ui->first = (int)n - rows;
	if (ui->first < 0)
		ui->first = 0;
}

void
frame_items(struct frame *f, const void *const *item, size_t n, int rows,
    frame_item_fn *draw, const void *data)
{
	size_t at = top_list_selected(f->ui, f->m, item, n);

	scroll(f, f->ui->live ? at : 0, n, rows);
	for (size_t i = (size_t)f->ui->first; i < n && rows-- > 0; i++) {
		draw(f, item[i], data);
		if (f->ui->live && i == at)
			cells_paint(f->g, f->y - 1, 0, f->w, ROLE_SELECTED);
	}
}
