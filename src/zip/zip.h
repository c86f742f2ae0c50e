#ifndef ZIP_ZIP_H
#define ZIP_ZIP_H

#include <stdio.h>

#include "base/err.h"

/*
 * Files that are compressed as they are written: gzip (RFC 1952) for names
 * that end in ".gz", Zstandard (RFC 8878) for ".zst".  Both are streams, of
 * constant memory, and the same bytes in are the same bytes out.
 */

/*
 * A stream that compresses into "to", or "to" itself when the name asks for
 * nothing.  fclose() it to write the end, and look whether that worked: it
 * and every write before fail when "to" does.  "to" stays open.
 */
int zip_open(FILE **zipped, FILE *to, const char *name, struct tk_err *err);

#endif
