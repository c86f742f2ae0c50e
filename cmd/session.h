#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd.h"

/*
 * The one run of this process: parse the options into the command's struct,
 * open what it says it needs (settings, zone, ledger, prices, writer, pager),
 * run it, and end it all: what it wrote is there whole, or not at all.  Memory
 * is left to the system.
 *
 * Returns what the command's run() returns.
 */
int session_run(const struct cmd *c, const char *name, int argc,
    const char **argv, struct tk_err *err);

/* One line on stderr; what names and words hold cannot act on a terminal. */
void say_line(const char *text);

#endif
