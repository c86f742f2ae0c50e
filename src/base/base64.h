#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

struct tk_buf;

/* Base64 (RFC 4648) with padding, on one line. */
void tk_base64_add(struct tk_buf *b, const void *bytes, size_t n);

/* Append what the text stands for; false if it is no base64.  Padding may be
 * missing. */
bool tk_base64_decode(struct tk_buf *b, const char *text, size_t n);

#endif
