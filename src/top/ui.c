/* Keys and what they change: see ui.h. */
#include "top/ui.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/screen.h"

void
top_ui_init(struct top_ui *ui)
{
	*ui = (struct top_ui){ .sort = SORT_TOKENS,
		.delay = 2000,
		.page = 10,
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
	while (ui->depth > 0)
		free(ui->path[--ui->depth].name);
}

static void
set_text(struct tk_buf *b, const char *text)
{
	tk_buf_reset(b);
	tk_buf_adds(b, text);
}

static const char *
row_name(const struct report_row *row)
{
	return row->name[0] != NULL ? row->name[0] : "";
}

/* For one comparison of qsort(): there is one screen. */
static const struct top_ui *sorting;
static const struct top_model *sorting_of;

static int
compare(tk_int128 a, tk_int128 b)
{
	return a < b ? 1 : a > b ? -1 : 0; /* the larger one first */
}

static tk_int128
all_input(const struct usage_sums *s)
{
	return s->v[SUM_INPUT] + s->v[SUM_CACHE_READ] + sums_cache_write(s) +
	    s->v[SUM_UNSPLIT];
}

/* Parts per million of the day's limit; -1 without one. */
static tk_int128
limit_part(const struct report_row *row)
{
	const struct top_limit *l = top_model_limit(sorting_of, row_name(row));

	if (l == NULL)
		return -1;
	return l->amount > 0 ? l->used * 1000000 / l->amount : 0;
}

static int
by_column(const struct report_row *a, const struct report_row *b)
{
	const struct usage_sums *s = &a->sums, *t = &b->sums;

	switch (sorting->sort) {
	case SORT_NAME:
	case SORTS:
		return strcasecmp(row_name(a), row_name(b));
	case SORT_REQUESTS:
		return compare(s->v[SUM_REQUESTS], t->v[SUM_REQUESTS]);
	case SORT_INPUT:
		return compare(all_input(s), all_input(t));
	case SORT_OUTPUT:
		return compare(s->v[SUM_OUTPUT], t->v[SUM_OUTPUT]);
	case SORT_TOKENS:
		return compare(sums_total(s), sums_total(t));
	case SORT_COST:
		return compare(s->v[SUM_COST], t->v[SUM_COST]);
	case SORT_LAST:
		return compare(a->last, b->last);
	case SORT_LIMIT:
		return compare(limit_part(a), limit_part(b));
	}
	return 0;
}

static int
by_order(const void *a_, const void *b_)
{
	const struct report_row *const *a = a_, *const *b = b_;
	int rc = by_column(*a, *b);

	if (sorting->reverse)
		rc = -rc;
	return rc != 0 ? rc : strcmp(row_name(*a), row_name(*b));
}

size_t
top_ui_rows(const struct top_ui *ui, const struct top_model *m,
    const struct report_row ***row)
{
	size_t n = 0;

	*row = tk_xcalloc(m->table.rows + 1, sizeof(**row));
	for (size_t i = 0; i < m->table.rows; i++)
		if (ui->filter.len == 0 ||
		    strcasestr(row_name(&m->table.row[i]), ui->filter.s) !=
			NULL)
			(*row)[n++] = &m->table.row[i];
	sorting = ui;
	sorting_of = m;
	qsort(*row, n, sizeof(**row), by_order);
	return n;
}

size_t
top_ui_selected(const struct top_ui *ui, const struct report_row *const *row,
    size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		if (strcmp(row_name(row[i]), ui->selected.s) == 0)
			return i;
	return 0;
}

/* The selection follows the name: so that is what is kept. */
static void
select_row(struct top_ui *ui, const struct top_model *m, long by, bool end)
{
	const struct report_row **row;
	size_t n = top_ui_rows(ui, m, &row);
	long at = (long)top_ui_selected(ui, row, n) + by;

	if (end)
		at = by > 0 ? (long)n - 1 : 0;
	if (at >= (long)n)
		at = (long)n - 1;
	if (at < 0)
		at = 0;
	if (n > 0)
		set_text(&ui->selected, row_name(row[at]));
	free(row);
}

/* From the selected row on, in one direction and round. */
static void
find(struct top_ui *ui, const struct top_model *m, int step, size_t skip)
{
	const struct report_row **row;
	size_t n = top_ui_rows(ui, m, &row);
	size_t at = top_ui_selected(ui, row, n);

	for (size_t i = skip; ui->find.len > 0 && i < n + skip; i++) {
		size_t k = step > 0 ? (at + i) % n : (at + n - i % n) % n;

		if (strcasestr(row_name(row[k]), ui->find.s) != NULL) {
			set_text(&ui->selected, row_name(row[k]));
			free(row);
			return;
		}
	}
	free(row);
	if (ui->find.len > 0) {
		tk_buf_reset(&ui->message);
		tk_buf_addf(&ui->message, "no name has '%s' in it", ui->find.s);
	}
}

static enum top_todo
set_view(struct top_ui *ui, int view)
{
	ui->view = (enum top_view)((view + TOP_VIEWS) % TOP_VIEWS);
	ui->first = 0;
	tk_buf_reset(&ui->selected);
	return NEXT_READ;
}

static bool
has_table(enum top_view view)
{
	return view < TOP_LIVE;
}

static enum top_todo
open_row(struct top_ui *ui, const struct top_model *m)
{
	static const enum top_view next[] = { [TOP_USER] = TOP_MODEL,
		[TOP_APPLICATION] = TOP_USER,
		[TOP_MODEL] = TOP_APPLICATION,
		[TOP_SESSION] = TOP_MODEL,
		[TOP_PROJECT] = TOP_USER };
	const struct report_row **row;
	enum top_todo todo = NEXT_DRAW;
	size_t n;

	if (!has_table(ui->view) || ui->depth == TOP_DEPTH)
		return NEXT_NOTHING;
	n = top_ui_rows(ui, m, &row);
	if (n > 0) {
		const char *name = row_name(row[top_ui_selected(ui, row, n)]);

		if (*name == '\0') {
			set_text(&ui->message, "this row has no name to open");
		} else {
			ui->path[ui->depth].view = ui->view;
			ui->path[ui->depth++].name = tk_xstrdup(name);
			tk_buf_reset(&ui->filter);
			todo = set_view(ui, (int)next[ui->view]);
		}
	}
	free(row);
	return todo;
}

static enum top_todo
go_back(struct top_ui *ui)
{
	enum top_todo todo;

	if (ui->filter.len > 0) {
		tk_buf_reset(&ui->filter);
		return NEXT_DRAW;
	}
	if (ui->depth == 0)
		return NEXT_DRAW;
	ui->depth--;
	todo = set_view(ui, (int)ui->path[ui->depth].view);
	set_text(&ui->selected, ui->path[ui->depth].name);
	free(ui->path[ui->depth].name);
	return todo;
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
	ui->range = range;
	ui->shift = shift < 0 ? 0 : shift > 10000 ? 10000 : shift;
	return NEXT_READ;
}

static enum top_todo
start_input(struct top_ui *ui, enum top_mode mode)
{
	ui->mode = mode;
	tk_buf_reset(&ui->input);
	if (mode == MODE_FILTER)
		tk_buf_adds(&ui->input, ui->filter.s);
	return NEXT_DRAW;
}

/* What an action is about is the row that is shown as selected, also when
 * nobody has moved there. */
static void
settle_row(struct top_ui *ui, const struct top_model *m)
{
	if (ui->view == TOP_USER)
		select_row(ui, m, 0, false);
}

static enum top_todo
act(struct top_ui *ui, enum top_act what, const struct top_model *m)
{
	switch (what) {
	case ACT_HELP:
		ui->mode = MODE_HELP;
		return NEXT_DRAW;
	case ACT_QUIT:
		return NEXT_QUIT;
	case ACT_UP:
	case ACT_DOWN:
		select_row(ui, m, what == ACT_UP ? -1 : 1, false);
		return NEXT_DRAW;
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
		select_row(ui, m, what == ACT_PAGE_UP ? -ui->page : ui->page,
		    false);
		return NEXT_DRAW;
	case ACT_FIRST:
	case ACT_LAST:
		select_row(ui, m, what == ACT_FIRST ? -1 : 1, true);
		return NEXT_DRAW;
	case ACT_NEXT_VIEW:
	case ACT_LAST_VIEW:
		return set_view(ui,
		    (int)ui->view + (what == ACT_NEXT_VIEW ? 1 : -1));
	case ACT_OPEN:
		return open_row(ui, m);
	case ACT_BACK:
		return go_back(ui);
	case ACT_FIND:
		return start_input(ui, MODE_FIND);
	case ACT_FIND_NEXT:
	case ACT_FIND_LAST:
		find(ui, m, what == ACT_FIND_NEXT ? 1 : -1, 1);
		return NEXT_DRAW;
	case ACT_FILTER:
		return start_input(ui, MODE_FILTER);
	case ACT_SORT:
		ui->mode = MODE_SORT;
		return NEXT_DRAW;
	case ACT_SORT_LEFT:
	case ACT_SORT_RIGHT:
		ui->sort = (enum top_sort)(
		    ((int)ui->sort + SORTS + (what == ACT_SORT_LEFT ? -1 : 1)) %
		    SORTS);
		return NEXT_DRAW;
	case ACT_REVERSE:
		ui->reverse = !ui->reverse;
		return NEXT_DRAW;
	case ACT_DAY:
		return set_range(ui, RANGE_DAY, 0);
	case ACT_WEEK:
		return set_range(ui, RANGE_WEEK, 0);
	case ACT_MONTH:
		return set_range(ui, RANGE_MONTH, 0);
	case ACT_EARLIER:
	case ACT_LATER:
		return set_range(ui, ui->range,
		    ui->shift + (what == ACT_EARLIER ? 1 : -1));
	case ACT_PAUSE:
		ui->paused = !ui->paused;
		return ui->paused ? NEXT_DRAW : NEXT_READ;
	case ACT_SLOWER:
	case ACT_FASTER:
		change_delay(ui, what == ACT_SLOWER);
		return NEXT_DRAW;
	case ACT_REFRESH:
		return NEXT_READ;
	case ACT_REDRAW:
		return NEXT_REDRAW;
	case ACT_REPORT:
		settle_row(ui, m);
		return NEXT_REPORT;
	case ACT_ALERT:
		settle_row(ui, m);
		return NEXT_ALERT;
	case ACT_LIMIT:
		settle_row(ui, m);
		return start_input(ui, MODE_LIMIT);
	case ACT_THEME:
		ui->theme = (ui->theme + 1) % THEMES;
		return NEXT_LOOK;
	case ACT_ASCII:
		ui->ascii = !ui->ascii;
		return NEXT_LOOK;
	case ACT_MOUSE:
		ui->mouse = !ui->mouse;
		return NEXT_LOOK;
	case ACT_SAVE:
		return NEXT_SAVE;
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
		select_row(ui, m, key == KEYS_UP ? -1 : 1, false);
		return NEXT_DRAW;
	}
	if (key == 27 || key == '\n')
		ui->mode = MODE_TABLE;
	if (key == 27) {
		if (mode == MODE_FILTER)
			tk_buf_reset(&ui->filter);
		return NEXT_DRAW;
	}
	if (key != '\n')
		type(&ui->input, key);
	if (mode == MODE_FILTER) {
		set_text(&ui->filter, ui->input.s);
		ui->first = 0;
	} else if (mode == MODE_FIND) {
		set_text(&ui->find, ui->input.s);
		find(ui, m, 1, 0);
	} else if (key == '\n' && ui->input.len > 0) {
		return NEXT_LIMIT;
	}
	return NEXT_DRAW;
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
		return input_key(ui, key, m);
	case MODE_TABLE:
		break;
	}
	if (key == '0')
		return set_view(ui, TOP_HOME);
	if (key >= '1' && key <= '8')
		return set_view(ui, key - '1');
	if (sort_by(ui, key))
		return NEXT_DRAW;
	for (const struct top_key *k = top_keys; k->group != NULL; k++)
		for (size_t i = 0; i < TK_LEN(k->code) && k->code[i] != 0; i++)
			if (k->code[i] == key)
				return act(ui, k->act, m);
	return NEXT_NOTHING;
}

enum top_todo
top_ui_click(struct top_ui *ui, int y, const struct top_model *m)
{
	const struct report_row **row;
	size_t n = top_ui_rows(ui, m, &row);
	int at = y - ui->table_y;

	if (at >= 0 && (size_t)(ui->first + at) < n)
		set_text(&ui->selected, row_name(row[ui->first + at]));
	free(row);
	return NEXT_DRAW;
}
