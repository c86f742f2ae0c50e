/* What is laid over a frame: the keys, the menu of columns, the setup. */
#include <string.h>

#include "top/frame_int.h"

enum { HELP_W = 74, SORT_W = 28, SETUP_W = 46 };

/* The groups of keys in w columns, those that fit into so many rows; with 0
 * none is drawn.  How many rows all of them take. */
static int
draw_help(struct frame *f, int x, int y, int w, int max)
{
	struct tk_buf b = TK_BUF_INIT;
	const char *group = NULL;
	int at = 0, rows = 0;

	for (const struct top_key *k = top_keys; k->group != NULL; k++) {
		bool another = group == NULL || strcmp(k->group, group) != 0;
		int need;

		tk_buf_reset(&b);
		tk_buf_addf(&b, "%s ", k->keys);
		need = cells_width(b.s) + cells_width(k->what);
		if (another || at + need > w) {
			at = 7;
			if (rows++ < max && another)
				cells_put(f->g, y + rows - 1, x, ROLE_HEAD,
				    k->group);
		}
		if (rows <= max && at + need <= w) {
			int end = cells_put(f->g, y + rows - 1, x + at,
			    ROLE_KEY, b.s);

			cells_put(f->g, y + rows - 1, end, ROLE_PLAIN, k->what);
		}
		at += need + 3;
		group = k->group;
	}
	tk_buf_release(&b);
	return rows;
}

static void
overlay_help(struct frame *f)
{
	int w = f->g->w < HELP_W ? f->g->w : HELP_W;
	int rows = draw_help(f, 0, 0, w - 4, 0);
	bool all = rows + 2 <= f->g->h, note = rows + 4 <= f->g->h;
	int h = all ? rows + (note ? 4 : 2) : f->g->h;
	int x = (f->g->w - w) / 2, y = (f->g->h - h) / 2;

	cells_frame(f->g, y, x, h, w, "Keys", "any key closes");
	draw_help(f, x + 2, y + 1, w - 4, all ? rows : h - 3);
	if (!all)
		cells_put_name(f->g, y + h - 2, x + 2, w - 4, ROLE_DIM,
		    "and more: man tokctl-top");
	else if (note)
		cells_put_name(f->g, y + h - 2, x + 2, w - 4, ROLE_DIM,
		    "man tokctl-top has more; every action here is also a "
		    "tokctl command");
}

static void
overlay_sort(struct frame *f)
{
	int w = f->g->w < SORT_W ? f->g->w : SORT_W;
	int h = f->g->h < SORTS + 2 ? f->g->h : SORTS + 2;
	int x = (f->g->w - w) / 2, y = (f->g->h - h) / 2;

	cells_frame(f->g, y, x, h, w, "Sort by", "");
	for (int i = 0; i < h - 2; i++) {
		cells_putf(f->g, y + 1 + i, x + 2, ROLE_KEY, "%c",
		    top_sort_keys[i].letter);
		cells_put(f->g, y + 1 + i, x + 5, ROLE_PLAIN,
		    top_sort_keys[i].what);
		if (i == (int)f->ui->sort)
			cells_put(f->g, y + 1 + i, x + w - 6, ROLE_PLAIN,
			    f->ui->reverse ? "\u25b2 now" : "\u25bc now");
	}
}

static void
overlay_setup(struct frame *f)
{
	static const char *const notes[] = { "",
		"Up Down choose   Left Right change",
		"W save in the settings   Esc close" };
	int w = f->g->w < SETUP_W ? f->g->w : SETUP_W;
	int most = SETUP_ROWS + 2 + (int)TK_LEN(notes);
	int h = f->g->h < most ? f->g->h : most;
	int x = (f->g->w - w) / 2, y = (f->g->h - h) / 2;
	struct tk_buf value = TK_BUF_INIT;

	cells_frame(f->g, y, x, h, w, "Setup", "");
	for (int i = 0; i < h - 2; i++) {
		const char *what;

		if (i >= SETUP_ROWS) {
			cells_put_name(f->g, y + 1 + i, x + 2, w - 4, ROLE_DIM,
			    notes[i - SETUP_ROWS]);
			continue;
		}
		top_setup_line(f->ui, i, &what, &value);
		cells_put(f->g, y + 1 + i, x + 2, ROLE_PLAIN, what);
		cells_put(f->g, y + 1 + i, x + 14, ROLE_KEY, value.s);
		if (i == f->ui->setup_row)
			cells_paint(f->g, y + 1 + i, x + 1, w - 2,
			    ROLE_SELECTED);
	}
	tk_buf_release(&value);
}

void
frame_overlay(struct frame *f)
{
	if (f->ui->mode == MODE_HELP)
		overlay_help(f);
	else if (f->ui->mode == MODE_SORT)
		overlay_sort(f);
	else if (f->ui->mode == MODE_SETUP)
		overlay_setup(f);
}
