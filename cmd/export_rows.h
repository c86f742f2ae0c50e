#ifndef CMD_EXPORT_ROWS_H
#define CMD_EXPORT_ROWS_H

#include "export.h"

struct out;

/*
 * Records into documents: cell by cell for formats that people read, else
 * whole pieces of rows, which two threads spell.
 *
 *	export_rows_open()	model: a writer that has begun
 *	export_rows_write()	for each range, all with such writers
 *	export_rows_close()
 */
struct export_rows;

/* What is exported, and how. */
struct export_what {
	struct cmd_ctx *ctx;
	bool all;                /* also what was taken back, and what did it */
	const int *col;          /* of enum record_out_col, then -1 */
	struct anonymizer *hide; /* NULL: names as they are */
	const char *uuid;        /* of the ledger */
};

int export_rows_open(struct export_rows **x, const struct export_what *what,
    const struct out *model, struct tk_err *err);
void export_rows_close(struct export_rows *x); /* NULL is fine */

/* The records that pass the filter go to *out, for which start() is called
 * before the first of them if it is NULL. */
typedef int export_start_fn(void *data, struct out **out, struct tk_err *err);
int export_rows_write(struct export_rows *x, const struct ledger_filter *f,
    struct out **out, export_start_fn *start, void *data, struct tk_err *err);

#endif
