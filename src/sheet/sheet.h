#ifndef SHEET_SHEET_H
#define SHEET_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One column of a CSV file (RFC 4180), row by row, in as much memory as the
 * longest field needs.
 *
 * The first row names the columns.  Fields are separated as
 * base/csv.h says.  A field may hold any bytes, line feeds in quotes too.
 */

/* row is 1 for the first one behind the names.  Return non-0 to stop. */
typedef int sheet_fn(const char *field, size_t n, int64_t row, void *data,
    struct tk_err *err);

/*
 * Read from where fd stands.  column is a name, or a number from 1 when no
 * column has that name; a name that several have is an error.  name is for
 * messages.  Returns 0, -1, or what fn
 * returned.
 */
int sheet_column(int fd, const char *name, const char *column, sheet_fn *fn,
    void *data, struct tk_err *err);

#endif
