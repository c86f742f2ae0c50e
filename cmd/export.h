#ifndef CMD_EXPORT_H
#define CMD_EXPORT_H

#include "anonymize.h"
#include "cmd.h"
#include "filter.h"

/* What "tokctl export" was asked for; export.c, export_roll_up.c. */
struct export_args {
	struct cmd_common common;
	struct cmd_filter filter;
	struct opt_list by;
	const char *columns, *key_file;
	int roll_up; /* enum report_dim, or ROLL_UP_NONE */
	bool all, anonymize, spreadsheet;
};

enum { ROLL_UP_NONE = -1 };

/* hide NULL: names as they are. */
int export_roll_up(struct cmd_ctx *ctx, const struct export_args *args,
    const struct ledger_filter *filter, const struct anonymizer *hide,
    struct tk_err *err);

/* Whether --by can be read. */
int export_roll_up_check(const struct export_args *args, struct tk_err *err);

#endif
