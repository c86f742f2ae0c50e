#define NCURSES_WIDECHAR 1
#include "tui/looks.h"

enum { GREY = 245 };

const struct tk_choice screen_themes[] = {
	{ "default", THEME_DEFAULT },
	{ "mono", THEME_MONO },
	{ "contrast", THEME_CONTRAST },
	{ "blue-orange", THEME_BLUE_ORANGE },
	{ NULL, 0 },
};

const struct look looks[THEMES][ROLES] = {
	[THEME_DEFAULT] = {
	    [ROLE_PLAIN] = { -1, A_NORMAL },
	    [ROLE_DIM] = { GREY, A_NORMAL },
	    [ROLE_HEAD] = { -1, A_BOLD },
	    [ROLE_SELECTED] = { -1, A_REVERSE },
	    [ROLE_OK] = { COLOR_GREEN, A_NORMAL },
	    [ROLE_WARN] = { COLOR_YELLOW, A_BOLD },
	    [ROLE_OVER] = { COLOR_RED, A_BOLD },
	    [ROLE_KEY] = { COLOR_CYAN, A_NORMAL },
	    [ROLE_TITLE] = { -1, A_BOLD },
	    [ROLE_STATE] = { COLOR_RED, A_BOLD | A_REVERSE },
	},
	[THEME_MONO] = {
	    [ROLE_PLAIN] = { -1, A_NORMAL },
	    [ROLE_DIM] = { -1, A_NORMAL },
	    [ROLE_HEAD] = { -1, A_BOLD },
	    [ROLE_SELECTED] = { -1, A_REVERSE },
	    [ROLE_OK] = { -1, A_NORMAL },
	    [ROLE_WARN] = { -1, A_BOLD },
	    [ROLE_OVER] = { -1, A_BOLD | A_REVERSE },
	    [ROLE_KEY] = { -1, A_NORMAL },
	    [ROLE_TITLE] = { -1, A_BOLD },
	    [ROLE_STATE] = { -1, A_BOLD | A_REVERSE },
	},
	[THEME_CONTRAST] = {
	    [ROLE_PLAIN] = { -1, A_BOLD },
	    [ROLE_DIM] = { -1, A_NORMAL },
	    [ROLE_HEAD] = { -1, A_BOLD | A_UNDERLINE },
	    [ROLE_SELECTED] = { -1, A_BOLD | A_REVERSE },
	    [ROLE_OK] = { COLOR_GREEN, A_BOLD },
	    [ROLE_WARN] = { COLOR_YELLOW, A_BOLD | A_REVERSE },
	    [ROLE_OVER] = { COLOR_RED, A_BOLD | A_REVERSE },
	    [ROLE_KEY] = { -1, A_BOLD },
	    [ROLE_TITLE] = { -1, A_BOLD },
	    [ROLE_STATE] = { COLOR_RED, A_BOLD | A_REVERSE },
	},
	/* For eyes that do not tell red from green. */
	[THEME_BLUE_ORANGE] = {
	    [ROLE_PLAIN] = { -1, A_NORMAL },
	    [ROLE_DIM] = { GREY, A_NORMAL },
	    [ROLE_HEAD] = { -1, A_BOLD },
	    [ROLE_SELECTED] = { -1, A_REVERSE },
	    [ROLE_OK] = { COLOR_BLUE, A_BOLD },
	    [ROLE_WARN] = { COLOR_YELLOW, A_NORMAL },
	    [ROLE_OVER] = { COLOR_YELLOW, A_BOLD | A_REVERSE },
	    [ROLE_KEY] = { COLOR_CYAN, A_NORMAL },
	    [ROLE_TITLE] = { -1, A_BOLD },
	    [ROLE_STATE] = { COLOR_YELLOW, A_BOLD | A_REVERSE },
	},
};
