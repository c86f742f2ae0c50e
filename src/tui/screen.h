#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>

#include "base/choice.h"
#include "base/err.h"

struct cells;

/*
 * The terminal, as a place for cells and a source of keys.
 *
 * There is one at a time.  Between screen_open() and screen_close() the
 * terminal is in our modes, and nothing else may write to it.  However the
 * process ends, short of SIGKILL, the terminal gets back what it had: signals
 * that end a program make screen_wait() say so, crashes put it back
 * themselves and go on crashing.
 */
enum screen_theme {
	THEME_DEFAULT,
	THEME_MONO,
	THEME_CONTRAST,
	THEME_BLUE_ORANGE,
	THEMES,
};
extern const struct tk_choice screen_themes[]; /* "default", ... */

/* Keys are code points, but for these. */
enum screen_key {
	KEYS_OTHER = 0x110000,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_BACK_TAB,
	KEYS_ERASE,
	KEYS_CLICK,         /* where: screen_click() */
	KEYS_FOCUS_IN,      /* the window is looked at */
	KEYS_FOCUS_OUT,     /* and not any longer */
	KEYS_F1 = 0x110100, /* F12 is KEYS_F1 + 11 */
};

/* TK_USAGE when the terminal cannot show a screen.  colors: whether it may
 * be in colour at all. */
int screen_open(bool ascii, bool colors, enum screen_theme theme,
    struct tk_err *err);
void screen_close(void); /* not open is fine */

void screen_size(int *w, int *h);
void screen_set_theme(enum screen_theme theme);
void screen_set_mouse(bool on);

/*
 * Whether the terminal says when it is looked at (KEYS_FOCUS_IN); auto: where
 * it is of a kind that is known to.
 */
enum screen_focus { FOCUS_AUTO, FOCUS_YES, FOCUS_NO };
void screen_set_focus(enum screen_focus when);

/* The title of its window, of characters that may be shown; where there is
 * no such thing, nothing happens.  screen_close() gives back the one before. */
void screen_set_title(const char *text);
void screen_show(const struct cells *g);
void screen_redraw(void);

/* Into the clipboard, where the terminal allows it (OSC 52); what must not
 * reach a terminal is never in it. */
void screen_copy(const char *text); /* all of it, at the next screen_show() */

/* What ended the wait. */
enum screen_event {
	SCREEN_NOTHING, /* so many ms have passed */
	SCREEN_KEY,     /* screen_key() has some */
	SCREEN_RESIZED,
	SCREEN_SIGNAL, /* screen_end_by_signal() when all is freed */
	SCREEN_LOST,   /* the terminal has gone */
	SCREEN_FD,     /* fd can be read */
};

/* fd -1: none.  ^Z is dealt with inside. */
enum screen_event screen_wait(int ms, int fd);
bool screen_is_waiting(void); /* a key, or a signal, is there already */
int screen_key(void);         /* -1: no more */
void screen_click(int *y, int *x);

/* Closes the screen and, if a signal has come that ends us, ends the process
 * as that would have. */
void screen_end_by_signal(void);

#endif
