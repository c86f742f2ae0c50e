#ifndef CMD_USAGE_H
#define CMD_USAGE_H

#include "cmd.h"

struct ingest_report;

/* What the verbs of "usage" share. */
extern const struct cmd cmd_usage_record, cmd_usage_import;

/* Who runs this, as the system knows it; NULL if it does not. */
const char *usage_login(struct cmd_ctx *ctx);

/* Fill in *user if it is NULL: the setting user.name, or who is logged in. */
int usage_user(struct cmd_ctx *ctx, const char **user, struct tk_err *err);

/* The setting machine.name, or what this machine is called; NULL if nothing. */
int usage_machine(struct cmd_ctx *ctx, const char **name, struct tk_err *err);

/* What --cost and --at say; without them, the record is as it was. */
struct usage_record;
int usage_read_cost(const char *text, struct usage_record *r,
    struct tk_err *err);
int usage_read_time(const struct cmd_ctx *ctx, const char *text,
    struct usage_record *r, struct tk_err *err);

/* 4 when something could not be read, though all else was. */
int usage_import_status(const struct ingest_report *r);

#endif
