#ifndef CMD_REPORT_INT_H
#define CMD_REPORT_INT_H

#include "filter.h"
#include "report.h"
#include "report/compare.h"
#include "report/report.h"

/*
 * What the files of "report daily, weekly, monthly, session, by" share: what
 * was asked for (report_args.c), and a report while it is printed
 * (report_print.c).  The options and the verbs are in report.c.
 */
enum { ORDER_UNSAID = -1, UNSAID = -1 };

struct report_args {
	struct cmd_common common;
	struct cmd_filter filter;
	struct opt_list by;
	int sort;
	bool reverse;
	int64_t top, last;
	bool complete;
	bool full;
	bool success, latency, errors;
	int compare;
	bool matrix;
	int step, metric;
	int compat;
};

/* One report while it is printed. */
struct printing {
	struct cmd_ctx *ctx;
	const struct report_args *args;
	struct report_query q;
	struct report r;
	struct ledger_filter read; /* what r is of: perhaps less than q's */
	const char *schema, *title;
	bool sorted;     /* the rows are in the order asked for */
	bool period;     /* the first dimension is a day, week or month */
	bool session;    /* show when each row began and ended */
	bool unfinished; /* a row that was printed is not over yet */
	int extra;       /* enum report_extra */
	struct comparison c;
};

/* "user,model": add the dimensions to the query. */
int report_args_dims(struct report_query *q, const char *list,
    struct tk_err *err);

/* --granularity: a dimension of time after the others. */
int report_args_step(struct report_query *q, int step, struct tk_err *err);

/* The check of these commands. */
int report_args_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err);

/* Print p->r, as rows or as a matrix. */
int report_print_rows(struct printing *p, struct tk_err *err);
int report_print_matrix(struct printing *p, struct tk_err *err);

#endif
