#ifndef REPORT_ROWS_FILE_H
#define REPORT_ROWS_FILE_H

#include <stdio.h>

#include "base/err.h"
#include "report/groups.h"

/*
 * Groups that memory has no room for, in a file without a name: put all, turn,
 * get all in the same order.  They have no texts.
 *
 * A group is its numbers as they are in memory, without the bytes that are 0:
 * first how many bytes each has, half a byte each, then the bytes.  That is
 * some 40 bytes instead of 160, and no number waits for the one before.
 */
struct rows_file {
	FILE *f; /* NULL: not open */
	uint8_t *bytes;
	size_t at, len;
	bool failed;
};

int rows_file_open(struct rows_file *r); /* -1: there can be no such file */
void rows_file_put(struct rows_file *r, const struct group *g);
int rows_file_turn(struct rows_file *r, struct tk_err *err);

/* 1: the carry and the latency of *g are to be freed; 0: no more; -1. */
int rows_file_get(struct rows_file *r, struct group *g, struct tk_err *err);
void rows_file_close(struct rows_file *r);

#endif
