/* Where in the data the screen is, and what is kept of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "top/ui.h"
#include "tui/screen.h"

const char *
top_ui_user(const struct top_ui *ui, const struct top_query *q)
{
	for (int i = ui->depth; i > 0; i--)
		if (ui->path[i - 1].view == TOP_USER)
			return ui->path[i - 1].name;
	if (ui->view == TOP_USER && ui->selected.len > 0)
		return ui->selected.s;
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

void
top_ui_save(const struct top_ui *ui, struct tk_buf *b)
{
	tk_buf_addf(b,
	    "view %s\nsort %s\nreverse %d\nrange %s\ndelay %" PRId64
	    "\ntheme %s\nascii %d\nmouse %d\n",
	    top_views[ui->view].name, top_sorts[ui->sort].name, ui->reverse,
	    top_ranges[ui->range].name, ui->delay,
	    screen_themes[ui->theme].name, ui->ascii, ui->mouse);
}

static int
find_word(const struct tk_choice *words, const char *word, int otherwise)
{
	for (; words->name != NULL; words++)
		if (strcmp(words->name, word) == 0)
			return words->value;
	return otherwise;
}

static void
load_line(struct top_ui *ui, const char *key, const char *value)
{
	int64_t n = 0;
	bool number = tk_int_parse(value, strlen(value), &n);

	if (strcmp(key, "view") == 0)
		ui->view = (enum top_view)find_word(top_views, value, ui->view);
	else if (strcmp(key, "sort") == 0)
		ui->sort = (enum top_sort)find_word(top_sorts, value, ui->sort);
	else if (strcmp(key, "range") == 0)
		ui->range =
		    (enum top_range)find_word(top_ranges, value, ui->range);
	else if (strcmp(key, "theme") == 0)
		ui->theme = find_word(screen_themes, value, ui->theme);
	else if (!number)
		return;
	else if (strcmp(key, "reverse") == 0)
		ui->reverse = n != 0;
	else if (strcmp(key, "mouse") == 0)
		ui->mouse = n != 0;
	else if (strcmp(key, "ascii") == 0)
		ui->ascii = ui->ascii || n != 0;
	else if (strcmp(key, "delay") == 0 && n >= MIN_DELAY_MS &&
	    n <= MAX_DELAY_MS)
		ui->delay = n;
}

void
top_ui_load(struct top_ui *ui, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), n = strcspn(text, " \n");

		if (n < len && n < 16 && len - n < 32) {
			char key[16], value[32];

			snprintf(key, sizeof(key), "%.*s", (int)n, text);
			snprintf(value, sizeof(value), "%.*s",
			    (int)(len - n - 1), text + n + 1);
			load_line(ui, key, value);
		}
		text += len + (text[len] == '\n');
	}
}
