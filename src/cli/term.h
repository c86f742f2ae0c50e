#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/choice.h"

/*
 * What the terminal can do, and what the user wants of it.
 *
 * $TOKCTL_FORCE_TTY makes pipes count as terminals, of that many columns if
 * it is a number: for tests and screenshots.  It never starts a pager.
 */

bool term_is_tty(int fd);

/* Columns to fit output into: $COLUMNS, or what the terminal says, or 80; 0
 * for what is not a terminal. */
int term_width(int fd);

enum term_when { TERM_AUTO, TERM_ALWAYS, TERM_NEVER };

/* "auto", "always", "never". */
extern const struct tk_choice term_whens[];

/*
 * Whether to use colour on fd.  The first that decides: --color, $NO_COLOR,
 * $CLICOLOR_FORCE, $FORCE_COLOR, the setting, no or a dumb $TERM,
 * $CLICOLOR=0, and whether fd is a terminal.
 */
bool term_color(int fd, enum term_when option, enum term_when setting);

/* Whether the locale is UTF-8 and the terminal's font is likely to have
 * block characters, which the Linux console's has not. */
bool term_utf8(void);

/*
 * A pager between this process and the terminal.  Zero-initialise; when
 * started, standard output goes to $TOKCTL_PAGER, the setting, $PAGER or less.
 * Not started (and no failure) when standard input or output is no terminal, or
 * the pager is "" or "cat".
 *
 * Who quits the pager early ends the program with status 0.
 */
struct term_pager {
	const char *setting; /* ui.pager, or NULL */
	pid_t pid;           /* 0: not started */
};

void term_pager_start(struct term_pager *p);

/* Close standard output and wait until the pager was left. */
void term_pager_wait(struct term_pager *p);

/*
 * One line that says how far long work has come, on a terminal: shown after
 * a second, rewritten at most ten times a second, wiped at the end.  Zero-
 * initialise; while "to" is NULL nothing is ever shown.
 */
struct term_progress {
	FILE *to;
	const char *what; /* "importing" */
	int64_t total;    /* 0: not known */
	bool bytes;       /* what is counted is bytes */
	int64_t started;  /* private: ms of the monotonic clock, as below */
	int64_t shown_at;
};

void term_progress_update(struct term_progress *p, int64_t done);
void term_progress_end(struct term_progress *p);

#endif
