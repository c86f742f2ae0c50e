#ifndef CMD_LEDGER_H
#define CMD_LEDGER_H

#include "cmd.h"

/* The verb "prune" of "ledger": ledger_prune.c. */
extern const struct cmd cmd_ledger_prune;

#endif
