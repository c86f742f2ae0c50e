/* Every key of top, once. */
#include <string.h>

#include "top/ui.h"
#include "tui/screen.h"

const struct top_key top_keys[] = {
	{ "Help", "? h F1", "this help", { '?', 'h', KEYS_F1 }, ACT_HELP },
	{ "Move", "Up k", "row up", { KEYS_UP, 'k' }, ACT_UP },
	{ "Move", "Down j", "row down", { KEYS_DOWN, 'j' }, ACT_DOWN },
	{ "Move", "PgUp", "page up", { KEYS_PAGE_UP }, ACT_PAGE_UP },
	{ "Move", "PgDn", "page down", { KEYS_PAGE_DOWN }, ACT_PAGE_DOWN },
	{ "Move", "Home g", "first row", { KEYS_HOME, 'g' }, ACT_FIRST },
	{ "Move", "End G", "last row", { KEYS_END, 'G' }, ACT_LAST },
	{ "Look", "0-8", "view by its number", { 0 }, ACT_VIEW },
	{ "Look", "Tab", "next view", { '\t', KEYS_RIGHT }, ACT_NEXT_VIEW },
	{ "Look", "S-Tab", "view before", { KEYS_BACK_TAB, KEYS_LEFT },
	    ACT_LAST_VIEW },
	{ "Look", "Enter", "open the row", { '\n' }, ACT_OPEN },
	{ "Look", "Esc", "back, or clear the filter", { 27 }, ACT_BACK },
	{ "Find", "/", "find a name", { '/' }, ACT_FIND },
	{ "Find", "n", "find next", { 'n' }, ACT_FIND_NEXT },
	{ "Find", "N", "find the one before", { 'N' }, ACT_FIND_LAST },
	{ "Find", "\\ F4", "filter as you type", { '\\', KEYS_F1 + 3 },
	    ACT_FILTER },
	{ "Sort", "s F6", "menu of columns", { 's', KEYS_F1 + 5 }, ACT_SORT },
	{ "Sort", "<", "column to the left", { '<' }, ACT_SORT_LEFT },
	{ "Sort", ">", "column to the right", { '>' }, ACT_SORT_RIGHT },
	{ "Sort", "R", "turn the order round", { 'R' }, ACT_REVERSE },
	{ "Sort", "A Q I O T C L %", "by that column", { 0 }, ACT_SORT_BY },
	{ "Time", "d", "today", { 'd' }, ACT_DAY },
	{ "Time", "w", "this week", { 'w' }, ACT_WEEK },
	{ "Time", "m", "this month", { 'm' }, ACT_MONTH },
	{ "Time", "[", "earlier", { '[' }, ACT_EARLIER },
	{ "Time", "]", "later", { ']' }, ACT_LATER },
	{ "Flow", "p Z", "pause", { 'p', 'Z' }, ACT_PAUSE },
	{ "Flow", "+", "refresh less often", { '+', '=' }, ACT_SLOWER },
	{ "Flow", "-", "refresh more often", { '-' }, ACT_FASTER },
	{ "Flow", "r", "refresh now", { 'r', ' ' }, ACT_REFRESH },
	{ "Flow", "^L", "draw all anew", { 'L' & 31 }, ACT_REDRAW },
	{ "Act", "o", "detailed report", { 'o' }, ACT_REPORT },
	{ "Act", "a", "set an alert", { 'a' }, ACT_ALERT },
	{ "Act", "l", "adjust the daily quota", { 'l' }, ACT_LIMIT },
	{ "Act", "x", "acknowledge the alert", { 'x' }, ACT_ACK },
	{ "Act", "u", "undo what was done", { 'u' }, ACT_UNDO },
	{ "Act", "y", "copy the name", { 'y' }, ACT_COPY },
	{ "Act", "e", "export the view as CSV", { 'e' }, ACT_EXPORT },
	{ "Set", "F2 S", "setup", { KEYS_F1 + 1, 'S' }, ACT_SETUP },
	{ "Set", "t", "colours", { 't' }, ACT_THEME },
	{ "Set", "i", "ASCII or blocks", { 'i' }, ACT_ASCII },
	{ "Set", "M", "mouse", { 'M' }, ACT_MOUSE },
	{ "Set", "W", "save the setup", { 'W' }, ACT_SAVE },
	{ "Set", "q F10", "quit", { 'q', KEYS_F1 + 9 }, ACT_QUIT },
	{ NULL, NULL, NULL, { 0 }, ACT_QUIT },
};

/* In the order in which room is found for them; the way out always is. */
static const struct top_foot_key foot_table[] = {
	{ ACT_HELP, "? help" },
	{ ACT_FIND, "/ find" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_SORT, "s sort" },
	{ ACT_OPEN, "Enter open" },
	{ ACT_NEXT_VIEW, "Tab next" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_SAVE, "W save" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_drilled[] = {
	{ ACT_BACK, "Esc back" },
	{ ACT_OPEN, "Enter open" },
	{ ACT_FIND, "/ find" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_SORT, "s sort" },
	{ ACT_COPY, "y copy name" },
	{ ACT_REPORT, "o report" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_home[] = {
	{ ACT_HELP, "? help" },
	{ ACT_REPORT, "o report" },
	{ ACT_ALERT, "a alert" },
	{ ACT_LIMIT, "l limits" },
	{ ACT_NEXT_VIEW, "Tab tables" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_SLOWER, "+- rate" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_wide[] = {
	{ ACT_HELP, "? help" },
	{ ACT_FIND, "/ find" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_SORT, "s sort" },
	{ ACT_OPEN, "Enter open" },
	{ ACT_NEXT_VIEW, "1-8 Tab view" },
	{ ACT_DAY, "d w m range" },
	{ ACT_EARLIER, "[ ] shift" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_SLOWER, "+- rate" },
	{ ACT_COPY, "y copy" },
	{ ACT_EXPORT, "e export" },
	{ ACT_SAVE, "W save" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_narrow[] = {
	{ ACT_HELP, "? help" },
	{ ACT_NEXT_VIEW, "Tab view" },
	{ ACT_FIND, "/ find" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_SORT, "s sort" },
	{ ACT_OPEN, "Enter open" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_limits[] = {
	{ ACT_HELP, "? help" },
	{ ACT_LIMIT, "l set limit" },
	{ ACT_ALERT, "a alert" },
	{ ACT_UNDO, "u undo" },
	{ ACT_FIND, "/ find" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_NEXT_VIEW, "Tab next" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_alerts[] = {
	{ ACT_HELP, "? help" },
	{ ACT_ACK, "x acknowledge" },
	{ ACT_UNDO, "u undo" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_NEXT_VIEW, "Tab next" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_live[] = {
	{ ACT_HELP, "? help" },
	{ ACT_FILTER, "\\ filter" },
	{ ACT_NEXT_VIEW, "Tab next" },
	{ ACT_PAUSE, "p pause" },
	{ ACT_SLOWER, "+- rate" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};
static const struct top_foot_key foot_empty[] = {
	{ ACT_HELP, "? help" },
	{ ACT_SETUP, "F2 setup" },
	{ ACT_QUIT, "q quit" },
	{ ACT_QUIT, NULL },
};

const struct top_foot_key *const top_feet[FEET] = {
	[FOOT_TABLE] = foot_table,
	[FOOT_DRILLED] = foot_drilled,
	[FOOT_HOME] = foot_home,
	[FOOT_WIDE] = foot_wide,
	[FOOT_NARROW] = foot_narrow,
	[FOOT_LIMITS] = foot_limits,
	[FOOT_ALERTS] = foot_alerts,
	[FOOT_LIVE] = foot_live,
	[FOOT_EMPTY] = foot_empty,
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
