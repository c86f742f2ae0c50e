#ifndef TUI_SCREEN_INT_H
#define TUI_SCREEN_INT_H

#include <stdbool.h>
#include <termios.h>

#include "base/err.h"

struct tk_buf;

/* To the terminal at once, past curses. */
void screen_say(const char *bytes);
/* What puts the terminal back has changed. */
void screen_changed(void);

/*
 * signals.c: what handlers have noted, and what a crash leaves behind.
 *
 * SIGTSTP is caught by signals_open(), the others by signals_catch(); what we
 * were told to ignore stays ignored.  Each signal wakes who polls
 * signals_fd().
 */
enum signals_kind {
	GOT_END, /* its number */
	GOT_SIZE,
	GOT_STOP,
	GOT_CONT,
	GOTS,
};
int signals_open(struct tk_err *err);
void signals_catch(void);
bool signals_close(void); /* true: there was a ^Z, not yet followed */
int signals_fd(void);
void signals_drain(void);
int signals_got(enum signals_kind kind);
bool signals_take(enum signals_kind kind); /* and it is noted no more */
bool signals_any(void);
/* Stop as if nobody had caught it; comes back when we are continued. */
void signals_stop(void);
/* What a crash writes, and the modes it sets; NULL: nothing. */
void signals_set_restore(const struct tk_buf *restore,
    const struct termios *before);

/*
 * mouse.c: what the terminal says of its buttons, after "ESC [ <" (sgr) or
 * "ESC [ M".  Not the library's way: that waits for another key after an event
 * that nobody has asked for, and takes several for one.
 */
int mouse_read(bool sgr); /* enum screen_key; 0: nothing of interest */

/*
 * window.c: the title of the terminal's window, whether it is looked at, and
 * the mouse in it.  What was asked for holds between enter and leave.
 */
void window_open(const char *term);
void window_close(void);
void window_enter(void);
void window_leave(void);
void window_add_restore(struct tk_buf *b);

#endif
