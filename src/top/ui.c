/* Keys and what they change: see ui.h. */
#include "top/ui.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "top/ui_int.h"
#include "tui/screen.h"

void
top_ui_init(struct top_ui *ui)
{
	*ui = (struct top_ui){ .sort = SORT_TOKENS,
		.delay = 2000,
		.page = 10,
		.tabs_y = -1,
		.filter = TK_BUF_INIT,
		.find = TK_BUF_INIT,
		.input = TK_BUF_INIT,
		.selected = TK_BUF_INIT,
		.message = TK_BUF_INIT,
		.state = TK_BUF_INIT };
}

void
top_ui_release(struct top_ui *ui)
{
	tk_buf_release(&ui->filter);
	tk_buf_release(&ui->find);
	tk_buf_release(&ui->input);
	tk_buf_release(&ui->selected);
	tk_buf_release(&ui->message);
	tk_buf_release(&ui->state);
	free(ui->frozen.v);
	while (ui->depth > 0)
		free(ui->path[--ui->depth].name);
}

int64_t
top_ui_delay(const struct top_ui *ui)
{
	bool rests = ui->away || (ui->idle && ui->quiet);

	return rests && ui->delay < AWAY_DELAY_MS ? AWAY_DELAY_MS : ui->delay;
}

/* The selection follows the name: so that is what is kept. */
static void
select_item(struct top_ui *ui, const struct top_model *m, long by, bool end)
{
	const void **item;
	size_t n = top_list(ui, m, &item);
	long at = (long)top_list_selected(ui, m, item, n) + by;

	if (end)
		at = by > 0 ? (long)n - 1 : 0;
	if (at >= (long)n)
		at = (long)n - 1;
	if (at < 0)
		at = 0;
	if (n > 0)
		top_list_key(m, item[at], &ui->selected);
	if (by != 0)
		ui_freeze(ui, m, item, n);
	free(item);
}

/* What an action is about is what is shown as selected, also when nobody has
 * moved there. */
void
ui_settle(struct top_ui *ui, const struct top_model *m)
{
	select_item(ui, m, 0, false);
}

/* From the selected row on, in one direction and round. */
static void
find(struct top_ui *ui, const struct top_model *m, int step, size_t skip)
{
	const void **item;
	size_t n = top_list(ui, m, &item);
	size_t at = top_list_selected(ui, m, item, n);
	struct tk_buf key = TK_BUF_INIT;
	bool found = ui->find.len == 0;

	for (size_t i = skip; !found && i < n + skip; i++) {
		size_t k = step > 0 ? (at + i) % n : (at + n - i % n) % n;

		top_list_key(m, item[k], &key);
		found = strcasestr(key.s, ui->find.s) != NULL;
		if (found)
			ui_set(&ui->selected, key.s);
	}
	ui_freeze(ui, m, item, n);
	free(item);
	tk_buf_release(&key);
	if (!found) {
		tk_buf_reset(&ui->message);
		tk_buf_addf(&ui->message, "no name has '%s' in it", ui->find.s);
	}
}

static void
change_delay(struct top_ui *ui, bool slower)
{
	ui->delay = slower ? ui->delay * 2 : ui->delay / 2;
	if (ui->delay < MIN_DELAY_MS)
		ui->delay = MIN_DELAY_MS;
	if (ui->delay > MAX_DELAY_MS)
		ui->delay = MAX_DELAY_MS;
}

static enum top_todo
set_range(struct top_ui *ui, enum top_range range, int shift)
{
	ui_thaw(ui);
	ui->range = range;
	ui->shift = shift < 0 ? 0 : shift > 10000 ? 10000 : shift;
	return NEXT_READ;
}

static enum top_todo
start_input(struct top_ui *ui, enum top_mode mode, const char *text)
{
	ui->mode = mode;
	ui_set(&ui->input, text);
	return NEXT_DRAW;
}

static enum top_todo
act_move(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	long page = ui->page;

	if (what == ACT_FIRST || what == ACT_LAST)
		select_item(ui, m, what == ACT_FIRST ? -1 : 1, true);
	else
		select_item(ui, m,
		    what == ACT_UP            ? -1
			: what == ACT_DOWN    ? 1
			: what == ACT_PAGE_UP ? -page
					      : page,
		    false);
	return NEXT_DRAW;
}

static enum top_todo
act_look(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	if (what == ACT_OPEN)
		return ui_open(ui, m);
	if (what == ACT_BACK)
		return ui_back(ui);
	return ui_set_view(ui,
	    (int)ui->view + (what == ACT_NEXT_VIEW ? 1 : -1));
}

static enum top_todo
act_order(struct top_ui *ui, enum top_act what)
{
	int by = what == ACT_SORT_LEFT ? -1 : 1;

	ui_thaw(ui);
	if (what == ACT_SORT)
		ui->mode = MODE_SORT;
	else if (what == ACT_REVERSE)
		ui->reverse = !ui->reverse;
	else
		ui->sort =
		    (enum top_sort)(((int)ui->sort + SORTS + by) % SORTS);
	return NEXT_DRAW;
}

static enum top_todo
act_find(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	if (what == ACT_FIND)
		return start_input(ui, MODE_FIND, "");
	if (what == ACT_FILTER)
		return start_input(ui, MODE_FILTER, ui->filter.s);
	find(ui, m, what == ACT_FIND_NEXT ? 1 : -1, 1);
	return NEXT_DRAW;
}

static enum top_todo
act_time(struct top_ui *ui, enum top_act what)
{
	if (what == ACT_EARLIER || what == ACT_LATER)
		return set_range(ui, ui->range,
		    ui->shift + (what == ACT_EARLIER ? 1 : -1));
	return set_range(ui,
	    what == ACT_DAY        ? RANGE_DAY
		: what == ACT_WEEK ? RANGE_WEEK
				   : RANGE_MONTH,
	    0);
}

static enum top_todo
act_flow(struct top_ui *ui, enum top_act what)
{
	if (what == ACT_REFRESH)
		return NEXT_READ;
	if (what == ACT_REDRAW)
		return NEXT_REDRAW;
	if (what != ACT_PAUSE) {
		change_delay(ui, what == ACT_SLOWER);
		return NEXT_DRAW;
	}
	ui->paused = !ui->paused;
	return ui->paused ? NEXT_DRAW : NEXT_READ;
}

/* The one that is selected; on other views the newest that nobody has
 * acknowledged. */
static enum top_todo
choose_alert(struct top_ui *ui, const struct top_model *m)
{
	const void **item = NULL;
	size_t n = m->view == TOP_ALERTS ? top_list(ui, m, &item) : 0, i = 0;

	free(item);
	ui_set(&ui->input, ui->selected.s);
	if (n > 0)
		return NEXT_ACK;
	while (i < m->alerts && m->alert[i].state != ALERT_ACTIVE)
		i++;
	if (i == m->alerts || m->view == TOP_ALERTS) {
		ui_set(&ui->message, "there is no alert to acknowledge");
		return NEXT_DRAW;
	}
	tk_buf_reset(&ui->input);
	tk_buf_addf(&ui->input, "%" PRId64, m->alert[i].id);
	return NEXT_ACK;
}

/* What changes something, or leads out of the screen. */
static enum top_todo
act_act(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	ui_settle(ui, m);
	if (what == ACT_LIMIT)
		return start_input(ui, MODE_LIMIT, "");
	if (what == ACT_ALERT)
		return start_input(ui, MODE_ALERT, "80%");
	if (what == ACT_ACK)
		return choose_alert(ui, m);
	return what == ACT_REPORT ? NEXT_REPORT
	    : what == ACT_UNDO    ? NEXT_UNDO
	    : what == ACT_COPY    ? NEXT_COPY
				  : NEXT_EXPORT;
}

static enum top_todo
act_set(struct top_ui *ui, enum top_act what)
{
	if (what == ACT_THEME)
		ui->theme = (ui->theme + 1) % THEMES;
	else if (what == ACT_ASCII)
		ui->ascii = !ui->ascii;
	else
		ui->mouse = !ui->mouse;
	return NEXT_LOOK;
}

static enum top_todo
act_screen(struct top_ui *ui, enum top_act what)
{
	if (what == ACT_QUIT || what == ACT_SAVE)
		return what == ACT_QUIT ? NEXT_QUIT : NEXT_SAVE;
	ui->mode = what == ACT_HELP ? MODE_HELP : MODE_SETUP;
	return NEXT_DRAW;
}

static enum top_todo
act(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	switch (what) {
	case ACT_HELP:
	case ACT_SETUP:
	case ACT_SAVE:
	case ACT_QUIT:
		return act_screen(ui, what);
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_FIRST:
	case ACT_LAST:
		return act_move(ui, what, m);
	case ACT_NEXT_VIEW:
	case ACT_LAST_VIEW:
	case ACT_OPEN:
	case ACT_BACK:
		return act_look(ui, what, m);
	case ACT_FIND:
	case ACT_FIND_NEXT:
	case ACT_FIND_LAST:
	case ACT_FILTER:
		return act_find(ui, what, m);
	case ACT_SORT:
	case ACT_SORT_LEFT:
	case ACT_SORT_RIGHT:
	case ACT_REVERSE:
		return act_order(ui, what);
	case ACT_DAY:
	case ACT_WEEK:
	case ACT_MONTH:
	case ACT_EARLIER:
	case ACT_LATER:
		return act_time(ui, what);
	case ACT_PAUSE:
	case ACT_SLOWER:
	case ACT_FASTER:
	case ACT_REFRESH:
	case ACT_REDRAW:
		return act_flow(ui, what);
	case ACT_REPORT:
	case ACT_ALERT:
	case ACT_LIMIT:
	case ACT_ACK:
	case ACT_UNDO:
	case ACT_COPY:
	case ACT_EXPORT:
		return act_act(ui, what, m);
	case ACT_THEME:
	case ACT_ASCII:
	case ACT_MOUSE:
		return act_set(ui, what);
	case ACT_VIEW:
	case ACT_SORT_BY:
		break;
	}
	return NEXT_NOTHING;
}

static bool
sort_by(struct top_ui *ui, int key)
{
	for (int i = 0; i < SORTS; i++)
		if (key == top_sort_keys[i].letter) {
			ui->sort = (enum top_sort)i;
			ui->reverse = false;
			ui_thaw(ui);
			return true;
		}
	return false;
}

/* A character at the end of what is typed. */
static void
type(struct tk_buf *b, int key)
{
	if (key == KEYS_ERASE) {
		while (
		    b->len > 0 && ((unsigned char)b->s[b->len - 1] >> 6) == 2)
			b->s[--b->len] = '\0';
		if (b->len > 0)
			b->s[--b->len] = '\0';
	} else if (key == ('U' & 31)) {
		tk_buf_reset(b);
	} else if (key >= ' ' && key < KEYS_OTHER && key != 127 &&
	    b->len < TOP_INPUT) {
		tk_utf8_add_point(b, key);
	}
}

static enum top_todo
input_key(struct top_ui *ui, int key, const struct top_model *m)
{
	enum top_mode mode = ui->mode;

	if (key == KEYS_UP || key == KEYS_DOWN) {
		if (mode == MODE_FILTER || mode == MODE_FIND)
			select_item(ui, m, key == KEYS_UP ? -1 : 1, false);
		return NEXT_DRAW;
	}
	if (key == 27 || key == '\n')
		ui->mode = MODE_TABLE;
	if (key == 27) {
		if (mode == MODE_FILTER) {
			tk_buf_reset(&ui->filter);
			ui_thaw(ui);
		}
		return NEXT_DRAW;
	}
	if (key != '\n')
		type(&ui->input, key);
	if (mode == MODE_FILTER) {
		ui_set(&ui->filter, ui->input.s);
		ui->first = 0;
		ui_thaw(ui);
	} else if (mode == MODE_FIND) {
		ui_set(&ui->find, ui->input.s);
		find(ui, m, 1, 0);
	} else if (key == '\n' && ui->input.len > 0) {
		return mode == MODE_LIMIT ? NEXT_LIMIT : NEXT_ALERT;
	}
	return NEXT_DRAW;
}

/* A key of the screen itself, with nothing laid over it. */
static enum top_todo
screen_action(struct top_ui *ui, int key, const struct top_model *m)
{
	if (key == '0')
		return ui_set_view(ui, TOP_HOME);
	if (key >= '1' && key <= '8')
		return ui_set_view(ui, key - '1');
	if (sort_by(ui, key))
		return NEXT_DRAW;
	for (const struct top_key *k = top_keys; k->group != NULL; k++)
		for (size_t i = 0; i < TK_LEN(k->code) && k->code[i] != 0; i++)
			if (k->code[i] == key)
				return act(ui, k->act, m);
	return NEXT_NOTHING;
}

enum top_todo
top_ui_key(struct top_ui *ui, int key, const struct top_model *m)
{
	tk_buf_reset(&ui->message);
	switch (ui->mode) {
	case MODE_HELP:
		ui->mode = MODE_TABLE;
		return NEXT_DRAW;
	case MODE_SORT:
		ui->mode = MODE_TABLE;
		sort_by(ui, key >= 'a' && key <= 'z' ? toupper(key) : key);
		return NEXT_DRAW;
	case MODE_FILTER:
	case MODE_FIND:
	case MODE_LIMIT:
	case MODE_ALERT:
		return input_key(ui, key, m);
	case MODE_SETUP:
		return top_setup_key(ui, key);
	case MODE_TABLE:
	case MODES:
		break;
	}
	return screen_action(ui, key, m);
}

static enum top_todo
click_tab(struct top_ui *ui, int x, const struct top_model *m)
{
	struct tk_buf ignored = TK_BUF_INIT;
	enum top_todo todo = NEXT_NOTHING;
	int from = 1;

	for (int v = 0; v < TOP_HOME; v++) {
		int end = top_tab(v, from, m->active, &ignored);

		if (x >= from && x < end)
			todo = ui_set_view(ui, v);
		from = end + 2;
	}
	tk_buf_release(&ignored);
	return todo;
}

enum top_todo
top_ui_click(struct top_ui *ui, int y, int x, const struct top_model *m)
{
	const void **item;
	int at = y - ui->table_y;
	size_t n;

	if (ui->mode != MODE_TABLE) {
		ui->mode = MODE_TABLE;
		return NEXT_DRAW;
	}
	if (y == ui->tabs_y)
		return click_tab(ui, x, m);
	n = top_list(ui, m, &item);
	if (at >= 0 && (size_t)(ui->first + at) < n)
		top_list_key(m, item[ui->first + at], &ui->selected);
	ui_freeze(ui, m, item, n);
	free(item);
	return NEXT_DRAW;
}
