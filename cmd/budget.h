#ifndef CMD_BUDGET_H
#define CMD_BUDGET_H

#include "cmd.h"

/* The verbs of "budget" that have a file of their own. */
extern const struct cmd cmd_budget_status, cmd_budget_check, cmd_budget_fit;

/* The table of budgets, of one name or all (NULL); is one of them used up? */
struct limit_name;
int budget_show(struct cmd_ctx *ctx, const struct limit_name *of,
    bool *exceeded, struct tk_err *err);

#endif
