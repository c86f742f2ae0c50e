/* The setup screen: what W keeps. */
#include <string.h>

#include "top/ui_int.h"
#include "tui/screen.h"

static const char *
name_of(const struct tk_choice *words, int value)
{
	while (words->name != NULL && words->value != value)
		words++;
	return words->name != NULL ? words->name : "";
}

void
top_setup_line(const struct top_ui *ui, int row, const char **what,
    struct tk_buf *value)
{
	static const char *const names[SETUP_ROWS] = { "Refresh", "Colours",
		"ASCII only", "Mouse", "View", "Order" };

	*what = names[row];
	tk_buf_reset(value);
	if (row == 0)
		tk_buf_addf(value, "%d.%02ds", (int)(ui->delay / 1000),
		    (int)(ui->delay % 1000 / 10));
	else if (row == 1)
		tk_buf_adds(value, name_of(screen_themes, ui->theme));
	else if (row == 2)
		tk_buf_adds(value, ui->ascii ? "yes" : "no");
	else if (row == 3)
		tk_buf_adds(value, ui->mouse ? "on" : "off");
	else if (row == 4)
		tk_buf_adds(value, name_of(top_views, (int)ui->view));
	else
		tk_buf_adds(value, name_of(top_sorts, (int)ui->sort));
}

static int
turn(int value, int by, int of)
{
	return (value + by + of) % of;
}

static enum top_todo
change(struct top_ui *ui, int by)
{
	switch (ui->setup_row) {
	case 0:
		ui->delay = by > 0 ? ui->delay * 2 : ui->delay / 2;
		if (ui->delay < MIN_DELAY_MS)
			ui->delay = MIN_DELAY_MS;
		if (ui->delay > MAX_DELAY_MS)
			ui->delay = MAX_DELAY_MS;
		return NEXT_DRAW;
	case 1:
		ui->theme = turn(ui->theme, by, THEMES);
		return NEXT_LOOK;
	case 2:
		ui->ascii = !ui->ascii;
		return NEXT_LOOK;
	case 3:
		ui->mouse = !ui->mouse;
		return NEXT_LOOK;
	case 4:
		return ui_set_view(ui, (int)ui->view + by);
	default:
		ui->sort = (enum top_sort)turn((int)ui->sort, by, SORTS);
		ui_thaw(ui);
		return NEXT_DRAW;
	}
}

enum top_todo
top_setup_key(struct top_ui *ui, int key)
{
	switch (key) {
	case KEYS_UP:
	case 'k':
		ui->setup_row = turn(ui->setup_row, -1, SETUP_ROWS);
		return NEXT_DRAW;
	case KEYS_DOWN:
	case 'j':
	case '\t':
		ui->setup_row = turn(ui->setup_row, 1, SETUP_ROWS);
		return NEXT_DRAW;
	case KEYS_LEFT:
	case '-':
		return change(ui, -1);
	case KEYS_RIGHT:
	case '+':
	case ' ':
	case '\n':
		return change(ui, 1);
	case 'W':
		return NEXT_SAVE;
	default:
		ui->mode = MODE_TABLE;
		return NEXT_DRAW;
	}
}
