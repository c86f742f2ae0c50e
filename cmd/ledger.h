#ifndef CMD_LEDGER_H
#define CMD_LEDGER_H

#include "cmd.h"

/* The verbs of "ledger" that have files of their own. */
extern const struct cmd cmd_ledger_prune, cmd_ledger_restore;

/* Where to keep what is at path: "before-restore" gives the suffix
 * ".before-restore-1700000000", or with "-2" and so on if that is taken.
 * Another process may take it first: so many times it is tried. */
struct tk_buf;
void ledger_aside(struct tk_buf *suffix, const char *path, const char *what,
    int64_t now);
enum { LEDGER_ASIDE_TRIES = 100 };

#endif
