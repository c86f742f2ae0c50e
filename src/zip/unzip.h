#ifndef ZIP_UNZIP_H
#define ZIP_UNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Reading gzip and Zstandard, known by how they begin and not by their names:
 * streams of constant memory, of one member or frame or several.
 */
enum { UNZIP_MAGIC = 4, UNZIP_ROOM = 1 << 16 };
bool unzip_begins(const void *bytes, size_t n);

/* n bytes, at most UNZIP_ROOM, were read from fd already; none: it stands at
 * the beginning, which magic is of. */
struct unzip;
struct unzip *unzip_new(int fd, const void *magic, size_t n);
void unzip_free(struct unzip *z); /* NULL is fine */

/* As read(2), of what was compressed; damaged or cut short is TK_DATA. */
ssize_t unzip_read(struct unzip *z, void *to, size_t n, struct tk_err *err);

#endif
