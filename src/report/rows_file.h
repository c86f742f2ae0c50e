#ifndef REPORT_ROWS_FILE_H
#define REPORT_ROWS_FILE_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/report.h"

/*
 * Rows that memory has no room for, in a file without a name: put all, turn,
 * get all in the same order.  It has keys, sums, times and the latency, no
 * texts; a row is some 50 bytes.
 */
struct rows_file {
	FILE *f;           /* NULL: not open */
	struct tk_buf row; /* the latest */
};

int rows_file_open(struct rows_file *r); /* -1: there can be no such file */
void rows_file_put(struct rows_file *r, const struct report_row *row);
int rows_file_turn(struct rows_file *r, struct tk_err *err);

/* 1: the latency of *row is to be freed; 0: no more; -1. */
int rows_file_get(struct rows_file *r, struct report_row *row,
    struct tk_err *err);
void rows_file_close(struct rows_file *r);

#endif
