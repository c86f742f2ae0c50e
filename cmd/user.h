#ifndef CMD_USER_H
#define CMD_USER_H

#include "cmd.h"

struct tk_buf;

/*
 * "email,webhook:ops,command" as the ledger keeps it: words with commas
 * between; webhooks must be there, and "command" becomes "command:PATH", of
 * the setting alert.command.  "none" is "in_app", "" takes the choice back.
 */
int user_read_notify(struct cmd_ctx *ctx, const char *list, struct tk_buf *to,
    struct tk_err *err);

#endif
