#ifndef TOKENIZER_KEPT_H
#define TOKENIZER_KEPT_H

#include <stddef.h>

#include "base/err.h"

struct count_encoding;
struct tk_buf;

/* What kept.c, which has the folder, needs of tokenizer.c. */

/* From the bytes of a file to a packed image; free() it. */
int kept_make(const char *name, const void *bytes, size_t n,
    const char *pattern, void **image, size_t *len, struct tk_err *err);

/* A packed file, mapped; it is unmapped with *e, or when this fails. */
int kept_map(struct count_encoding **e, const char *name, void *mapped,
    size_t len, struct tk_err *err);

int kept_read(const char *path, struct tk_buf *b, struct tk_err *err);

#endif
