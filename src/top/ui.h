#ifndef TOP_UI_H
#define TOP_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "top/top.h"

/*
 * What the user has done to the screen: view, order, filter, selection, path
 * into the data, what is laid over it.
 *
 * Keys change it, and nothing else; it knows of no terminal, so keys are
 * tested by the frames that come of them.  Every key is one row of
 * top_keys[], from which the help, the foot line and the manual page are
 * made.
 */
enum top_act {
	ACT_HELP,
	ACT_QUIT,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_VIEW, /* by its digit */
	ACT_NEXT_VIEW,
	ACT_LAST_VIEW,
	ACT_OPEN,
	ACT_BACK,
	ACT_FIND,
	ACT_FIND_NEXT,
	ACT_FIND_LAST,
	ACT_FILTER,
	ACT_SORT,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_REVERSE,
	ACT_SORT_BY, /* by its letter */
	ACT_DAY,
	ACT_WEEK,
	ACT_MONTH,
	ACT_EARLIER,
	ACT_LATER,
	ACT_PAUSE,
	ACT_SLOWER,
	ACT_FASTER,
	ACT_REFRESH,
	ACT_REDRAW,
	ACT_REPORT,
	ACT_ALERT,
	ACT_LIMIT,
	ACT_ACK,
	ACT_UNDO,
	ACT_COPY,
	ACT_EXPORT,
	ACT_SETUP,
	ACT_THEME,
	ACT_ASCII,
	ACT_MOUSE,
	ACT_SAVE,
};

struct top_key {
	const char *group; /* "Move" */
	const char *keys;  /* "Up k": as they are shown */
	const char *what;  /* "row up" */
	int code[4];       /* enum screen_key; 0: no more */
	enum top_act act;
};
extern const struct top_key top_keys[]; /* ends with group NULL */

/*
 * The foot line: the keys that matter where the screen is, of which as many
 * are shown as there is room for.  Ends with text NULL.
 */
enum top_foot {
	FOOT_TABLE,
	FOOT_DRILLED,
	FOOT_HOME,
	FOOT_WIDE,
	FOOT_NARROW, /* no names of the views are shown */
	FOOT_LIMITS,
	FOOT_ALERTS,
	FOOT_LIVE,
	FOOT_EMPTY,
	FEET,
};
struct top_foot_key {
	enum top_act act;
	const char *text; /* begins with a key of that action */
};
extern const struct top_foot_key *const top_feet[FEET];

/* The keys, as a list of a manual page. */
void top_keys_man(struct tk_buf *b);

enum top_sort {
	SORT_NAME,
	SORT_REQUESTS,
	SORT_INPUT,
	SORT_OUTPUT,
	SORT_TOKENS,
	SORT_COST,
	SORT_LAST,
	SORT_LIMIT,
	SORTS,
};
extern const struct tk_choice top_sorts[]; /* "name", ... */
extern const struct top_sort_key {
	char letter;
	const char *what;
} top_sort_keys[SORTS];

enum top_range { RANGE_DAY, RANGE_WEEK, RANGE_MONTH };
extern const struct tk_choice top_ranges[];

enum top_mode {
	MODE_TABLE,
	MODE_HELP,
	MODE_SORT,
	MODE_FILTER, /* typing */
	MODE_FIND,
	MODE_LIMIT, /* tokens a day */
	MODE_ALERT, /* percent */
	MODE_SETUP,
	MODES,
};

enum {
	TOP_DEPTH = 5,
	TOP_INPUT = 60,
	MIN_DELAY_MS = 250,
	MAX_DELAY_MS = 60000,
	AWAY_DELAY_MS = 10000, /* at least, when nobody looks or is at work */
};

/* Where rows stood when the cursor was moved, by their ids. */
struct top_frozen {
	int64_t until; /* of top_ui.clock: they stay there */
	struct top_place {
		int64_t id;
		size_t place;
	} * v;
	size_t n;
};

struct top_ui {
	bool live;     /* on a terminal: there is a selection */
	int64_t clock; /* ms that never go back; of who draws, if live */
	enum top_view view;
	enum top_sort sort;
	bool reverse;
	enum top_range range;
	int shift; /* so many days, weeks, months ago */
	bool paused, mouse, ascii;
	int64_t delay; /* ms */
	bool away;     /* nobody looks at the window */
	bool idle;     /* nothing has happened for minutes */
	bool quiet;    /* and nothing was used for an hour */
	int theme;     /* enum screen_theme */
	enum top_mode mode;
	int setup_row; /* that is chosen on the setup screen */
	bool asks;     /* who is here may only ask for a quota */
	struct tk_buf filter, find, input, selected;
	struct top_frozen frozen;
	/* The first row that is shown, how many fit, and where they and the
	 * names of the views are; tabs_y < 0: nowhere. */
	int first, page, table_y, tabs_y;
	struct {
		enum top_view view;
		char *name;
	} path[TOP_DEPTH];
	int depth;
	struct tk_buf message; /* on the foot line until the next key */
	struct tk_buf state;   /* on the title: "LEDGER BUSY 6s" */
};

void top_ui_init(struct top_ui *ui);
void top_ui_release(struct top_ui *ui);

/* What has to be done because of a key. */
enum top_todo {
	NEXT_NOTHING,
	NEXT_DRAW,
	NEXT_READ, /* another question to the ledger */
	NEXT_REDRAW,
	NEXT_LOOK, /* theme, ASCII, mouse */
	NEXT_QUIT,
	NEXT_SAVE,
	NEXT_REPORT,
	NEXT_ALERT, /* the percentage is in ui->input */
	NEXT_LIMIT, /* the amount is in ui->input */
	NEXT_ACK,   /* the number of the alert is in ui->input */
	NEXT_UNDO,
	NEXT_COPY, /* what is in ui->selected */
	NEXT_EXPORT,
};
enum top_todo top_ui_key(struct top_ui *ui, int key, const struct top_model *m);

/* A click on that place of the screen. */
enum top_todo top_ui_click(struct top_ui *ui, int y, int x,
    const struct top_model *m);

/*
 * What the view lists, those that pass the filter, in order: rows of its
 * table, calls, limits or alerts, as the view is.  free() *item.
 */
size_t top_list(const struct top_ui *ui, const struct top_model *m,
    const void ***item);
/* Whether the order is not what it will be at frozen.until. */
bool top_ui_is_frozen(const struct top_ui *ui);
/* The rows of one table; of ui only order and filter matter.  free() *row. */
size_t top_list_table(const struct top_ui *ui, const struct top_model *m,
    enum top_tables table, const struct report_row ***row);
/* What an item is selected by.  The view is the model's: what is read may not
 * be there yet. */
void top_list_key(const struct top_model *m, const void *item,
    struct tk_buf *b);
/* The place of the selected item, 0 when it has gone. */
size_t top_list_selected(const struct top_ui *ui, const struct top_model *m,
    const void *const *item, size_t n);

/* The user that actions are about, or NULL. */
const char *top_ui_user(const struct top_ui *ui, const struct top_query *q,
    const struct top_model *m);

/* ms from one look at the ledger to the next. */
int64_t top_ui_delay(const struct top_ui *ui);

/* A query narrowed by the path; name has room for TOP_DEPTH pointers. */
void top_ui_narrow(const struct top_ui *ui, struct top_query *q,
    const char **name);

/* "all users > alice > gpt-4.1", after what the options chose. */
void top_ui_path(const struct top_ui *ui, const char *scope, struct tk_buf *b);

/* The setup screen: its lines, and what left and right do there. */
enum { SETUP_ROWS = 6 };
void top_setup_line(const struct top_ui *ui, int row, const char **what,
    struct tk_buf *value);
enum top_todo top_setup_key(struct top_ui *ui, int key);

/* Where a view is on the line of views that begins at column x; the column
 * after it.  Its title has what follows it in text. */
int top_tab(int view, int x, size_t active, struct tk_buf *text);

void top_draw(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui);
/* Only its title anew, where there is one to see. */
void top_draw_title(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui);

#endif
