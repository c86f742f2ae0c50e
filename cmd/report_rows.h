#ifndef CMD_REPORT_ROWS_H
#define CMD_REPORT_ROWS_H

#include "report_int.h"

/*
 * Rows by names, of formats that machines read, many at once: out_rows.h.
 * The same bytes as cell by cell.
 */
struct report_rows;

/* After out_begin(); *rows is NULL where there is nothing to win, else rows of
 * p->r need no names. */
int report_rows_open(struct report_rows **rows, struct printing *p,
    struct tk_err *err);
void report_rows_close(struct report_rows *rows); /* NULL is fine */

/* 0: it must be written cell by cell, behind those before. */
int report_rows_add(struct report_rows *rows, const struct report_row *row,
    struct tk_err *err);

/* What was added goes to the writer. */
int report_rows_flush(struct report_rows *rows, struct tk_err *err);

#endif
