#ifndef CMD_REPORT_USER_INT_H
#define CMD_REPORT_USER_INT_H

#include "filter.h"
#include "report/outlook.h"
#include "report/report.h"

/* What the files of "report user" and "report system" share: the figures, and
 * how they are written. */
struct user_args {
	struct cmd_common common;
	struct cmd_filter filter;
	int step; /* enum report_dim */
	int64_t top;
};

/* One report while it is printed. */
struct analytics {
	struct cmd_ctx *ctx;
	const struct user_args *args;
	const char *user; /* NULL: all */
	struct report_query q;
	struct report r;
	struct report by_user, by_application, by_model, by_department;
	struct outlook outlook;
	int64_t since, until; /* what is reported */
	size_t users, active;
};

/* The rows by time; REPORT_SUM_COLS and two columns more. */
void report_user_cols(const struct analytics *a, struct out_col *cols);
void report_user_rows(const struct analytics *a);

/* What follows them, under the names of the API. */
void report_user_parts(struct analytics *a);
void report_system_parts(struct analytics *a);

/* Rows that are of somebody. */
size_t report_user_named(const struct report *r);

#endif
