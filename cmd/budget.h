#ifndef CMD_BUDGET_H
#define CMD_BUDGET_H

#include "cmd.h"

/* The verbs of "budget" that have a file of their own. */
extern const struct cmd cmd_budget_check, cmd_budget_fit;

#endif
