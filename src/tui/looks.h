#ifndef TUI_LOOKS_H
#define TUI_LOOKS_H

#include <curses.h>

#include "tui/cells.h"
#include "tui/screen.h"

/*
 * What the roles of cells look like in each theme.
 *
 * Colours are of the terminal's own palette, over its own background; black
 * and bright black are nowhere, because in some palettes they are invisible.
 * A state is a word as well, so that no colour is the only sign of it.
 */
struct look {
	short fg; /* -1: the terminal's own */
	attr_t attr;
};

extern const struct look looks[THEMES][ROLES];

#endif
