/* Every key of top, once. */
#include <string.h>

#include "top/ui.h"
#include "tui/screen.h"

const struct top_key top_keys[] = {
	{ "Help", "? h F1", "this help", { '?', 'h', KEYS_F1 }, ACT_HELP,
	    "? help" },
	{ "Move", "Up k", "row up", { KEYS_UP, 'k' }, ACT_UP, NULL },
	{ "Move", "Down j", "row down", { KEYS_DOWN, 'j' }, ACT_DOWN, NULL },
	{ "Move", "PgUp", "page up", { KEYS_PAGE_UP }, ACT_PAGE_UP, NULL },
	{ "Move", "PgDn", "page down", { KEYS_PAGE_DOWN }, ACT_PAGE_DOWN,
	    NULL },
	{ "Move", "Home g", "first row", { KEYS_HOME, 'g' }, ACT_FIRST, NULL },
	{ "Move", "End G", "last row", { KEYS_END, 'G' }, ACT_LAST, NULL },
	{ "Look", "0-8", "view by its number", { 0 }, ACT_VIEW, NULL },
	{ "Look", "Tab", "next view", { '\t', KEYS_RIGHT }, ACT_NEXT_VIEW,
	    "Tab next" },
	{ "Look", "S-Tab", "view before", { KEYS_BACK_TAB, KEYS_LEFT },
	    ACT_LAST_VIEW, NULL },
	{ "Look", "Enter", "open the row", { '\n' }, ACT_OPEN, "Enter open" },
	{ "Look", "Esc", "back, or clear the filter", { 27 }, ACT_BACK, NULL },
	{ "Find", "/", "find a name", { '/' }, ACT_FIND, "/ find" },
	{ "Find", "n", "find next", { 'n' }, ACT_FIND_NEXT, NULL },
	{ "Find", "N", "find the one before", { 'N' }, ACT_FIND_LAST, NULL },
	{ "Find", "\\ F4", "filter as you type", { '\\', KEYS_F1 + 3 },
	    ACT_FILTER, "\\ filter" },
	{ "Sort", "s F6", "menu of columns", { 's', KEYS_F1 + 5 }, ACT_SORT,
	    "s sort" },
	{ "Sort", "<", "column to the left", { '<' }, ACT_SORT_LEFT, NULL },
	{ "Sort", ">", "column to the right", { '>' }, ACT_SORT_RIGHT, NULL },
	{ "Sort", "R", "turn the order round", { 'R' }, ACT_REVERSE, NULL },
	{ "Sort", "A Q I O T C L %", "by that column", { 0 }, ACT_SORT_BY,
	    NULL },
	{ "Time", "d", "today", { 'd' }, ACT_DAY, NULL },
	{ "Time", "w", "this week", { 'w' }, ACT_WEEK, NULL },
	{ "Time", "m", "this month", { 'm' }, ACT_MONTH, NULL },
	{ "Time", "[", "earlier", { '[' }, ACT_EARLIER, NULL },
	{ "Time", "]", "later", { ']' }, ACT_LATER, NULL },
	{ "Flow", "p Z", "pause", { 'p', 'Z' }, ACT_PAUSE, "p pause" },
	{ "Flow", "+", "refresh less often", { '+', '=' }, ACT_SLOWER, NULL },
	{ "Flow", "-", "refresh more often", { '-' }, ACT_FASTER, NULL },
	{ "Flow", "r", "refresh now", { 'r', ' ' }, ACT_REFRESH, NULL },
	{ "Flow", "^L", "draw all anew", { 'L' & 31 }, ACT_REDRAW, NULL },
	{ "Act", "o", "detailed report", { 'o' }, ACT_REPORT, NULL },
	{ "Act", "a", "set an alert", { 'a' }, ACT_ALERT, NULL },
	{ "Act", "l", "adjust the daily quota", { 'l' }, ACT_LIMIT, NULL },
	{ "Set", "t", "colours", { 't' }, ACT_THEME, NULL },
	{ "Set", "i", "ASCII or blocks", { 'i' }, ACT_ASCII, NULL },
	{ "Set", "M", "mouse", { 'M' }, ACT_MOUSE, NULL },
	{ "Set", "W", "save the setup", { 'W' }, ACT_SAVE, "W save" },
	{ "Set", "q F10", "quit", { 'q', KEYS_F1 + 9 }, ACT_QUIT, "q quit" },
	{ NULL, NULL, NULL, { 0 }, ACT_QUIT, NULL },
};

const struct top_sort_key top_sort_keys[SORTS] = {
	[SORT_NAME] = { 'A', "name" },
	[SORT_REQUESTS] = { 'Q', "requests" },
	[SORT_INPUT] = { 'I', "input tokens" },
	[SORT_OUTPUT] = { 'O', "output tokens" },
	[SORT_TOKENS] = { 'T', "tokens" },
	[SORT_COST] = { 'C', "cost" },
	[SORT_LAST] = { 'L', "last request" },
	[SORT_LIMIT] = { '%', "limit used" },
};

const struct tk_choice top_sorts[] = {
	{ "name", SORT_NAME },
	{ "requests", SORT_REQUESTS },
	{ "input", SORT_INPUT },
	{ "output", SORT_OUTPUT },
	{ "tokens", SORT_TOKENS },
	{ "cost", SORT_COST },
	{ "last", SORT_LAST },
	{ "limit", SORT_LIMIT },
	{ NULL, 0 },
};

const struct tk_choice top_ranges[] = {
	{ "day", RANGE_DAY },
	{ "week", RANGE_WEEK },
	{ "month", RANGE_MONTH },
	{ NULL, 0 },
};

void
top_keys_man(struct tk_buf *b)
{
	for (const struct top_key *k = top_keys; k->group != NULL; k++) {
		/* Brackets alone would be taken for punctuation. */
		tk_buf_adds(b, k->keys[1] == '\0' ? ".It Sy \\&" : ".It Sy ");
		for (const char *p = k->keys; *p != '\0'; p++)
			tk_buf_adds(b,
			    *p == '\\' ? "\\e"
				: *p == '-' && p[1] == '\0'
				? "\\-"
				: (const char[2]){ *p, '\0' });
		tk_buf_addf(b, "\n%s: %s.\n", k->group, k->what);
	}
}
