#ifndef CMD_REPORT_MATRIX_H
#define CMD_REPORT_MATRIX_H

#include "cmd.h"
#include "report/series.h"

/*
 * A report with one dimension of time as a matrix: groups down, the largest
 * first, periods across, those without usage too, and their total and mean.
 * The first "top" groups, the last "last" periods.  The document is there.
 *
 * For people there are lines below: of money, what part of the budget of that
 * period each was, if whoever the filter names (or everyone) has one; the
 * tokens; and where the last period ends at the pace so far.
 */
int report_matrix_print(struct cmd_ctx *ctx, const struct report_query *q,
    struct report *r, enum series_metric metric, size_t top, size_t last,
    struct tk_err *err);

#endif
