#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

struct tk_buf;

/* Base64 (RFC 4648) with padding, on one line. */
void tk_base64_add(struct tk_buf *b, const void *bytes, size_t n);

/* Put what the text stands for, from that byte on to the end, in its place;
 * false if it is no base64.  Padding may be missing. */
bool tk_base64_decode(struct tk_buf *b, size_t from);

/* 0 to 63, or -1; '-' and '_' are '+' and '/' in file names and URLs. */
int tk_base64_digit(unsigned char c);

#endif
